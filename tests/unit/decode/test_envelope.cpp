#include <gtest/gtest.h>

#include "collectors/decode/decode.h"

namespace patuh::decode {
namespace {

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

const model::Position kHttp{"http", "", 0, 0};
const model::Position kKafka{"kafka", "patuh.changes", 3, 41};

std::string event(std::string_view more = "") {
  return R"({"specversion":"1.0","type":"id.patuh.element.upserted.v1","source":"//s","id":"1",)"
         R"("time":"2026-01-02T03:04:05Z","subject":"k/e","patuhversion":"7","data":{"a":1})" +
         std::string(more) + "}";
}

std::vector<Item> decode_body(std::string_view body, std::string_view type = "",
                              const Headers& headers = {}, const model::Position& at = kHttp) {
  return decode({body, type, headers, at});
}

model::Envelope taken(const Item& item) {
  const auto* const envelope = std::get_if<Event>(&item);
  EXPECT_NE(envelope, nullptr) << (envelope ? "" : std::get<Rejected>(item).fault.message);
  return envelope ? *envelope : Event{};
}

std::string reason_of(const Item& item) {
  const auto* const rejected = std::get_if<Rejected>(&item);
  return rejected ? std::string(model::name_of(rejected->fault.reason)) : "taken";
}

TEST(DecodeStructured, ReadsACloudEvent) {
  const model::Envelope e = taken(decode_body(event(), "application/cloudevents+json").at(0));
  EXPECT_EQ(e.type, "id.patuh.element.upserted.v1");
  EXPECT_EQ(e.source, "//s");
  EXPECT_EQ(e.id, "1");
  EXPECT_EQ(base::to_rfc3339(*e.time), "2026-01-02T03:04:05Z");
  EXPECT_EQ(e.version, 7);
  EXPECT_EQ(e.subject, "k/e");
  EXPECT_EQ(e.data, R"({"a":1})");
}

TEST(DecodeStructured, TakesTheContentTypesOfJsonAndNoOther) {
  for (const char* type : {"", "application/json", "application/cloudevents+json; charset=utf-8",
                           "Application/CloudEvents+JSON"}) {
    EXPECT_EQ(reason_of(decode_body(event(), type).at(0)), "taken") << type;
  }
  EXPECT_EQ(reason_of(decode_body(event(), "text/xml").at(0)), "unsupported");
}

// Files that were saved under Windows begin with it.
TEST(DecodeStructured, AByteOrderMarkIsNoPartOfAnEvent) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(taken(decode_body(mark + event()).at(0)).data, R"({"a":1})");
  EXPECT_EQ(reason_of(decode_body(mark + mark + event()).at(0)), "not_json");
  const auto batch = decode_body(mark + "[" + event() + "]", "application/cloudevents-batch+json");
  EXPECT_EQ(reason_of(batch.at(0)), "taken");
}

TEST(DecodeBinary, ReadsKafkasAndHttpsHeaders) {
  for (const char separator : {'_', '-'}) {
    std::vector<std::string> names;
    for (const char* name : {"specversion", "type", "source", "id", "subject", "time"}) {
      names.push_back(std::string("Ce") + separator + name);
    }
    const Headers headers = {{names[0], "1.0"}, {names[1], "t"},
                             {names[2], "//s"}, {names[3], "9"},
                             {names[4], "k/e"}, {names[5], "2026-01-02T03:04:05Z"}};
    const model::Envelope e = taken(decode_body(R"({"a":2})", "application/json", headers).at(0));
    EXPECT_EQ(e.id, "9");
    EXPECT_EQ(e.data, R"({"a":2})");
  }
}

TEST(DecodeBinary, TheMediaTypeSaysTheModeAndWhatIsJson) {
  const Headers headers = {
      {"ce-specversion", "1.0"}, {"ce-type", "t"}, {"ce-source", "s"}, {"ce-id", "h"}};
  for (const char* type : {"application/json", "application/vnd.x+json; v=1", "Text/JSON", ""}) {
    EXPECT_EQ(taken(decode_body("{}", type, headers).at(0)).id, "h") << type;
  }
  EXPECT_EQ(taken(decode_body(event(), "application/cloudevents+json", headers).at(0)).id, "1");
  EXPECT_EQ(decode_body("[1,2]", "application/cloudevents-batch+json", headers).size(), 2u);
  EXPECT_EQ(reason_of(decode_body("{}", "application/xml", headers).at(0)), "unsupported");
}

// It stands in JSON: an answer, a list, the log.
TEST(DecodeBinary, WhatIsSaidOfAWrongEventIsUtf8WhateverItHolds) {
  const auto refused = decode_body("{}", "application/\xFFxml", {});
  EXPECT_EQ(reason_of(refused.at(0)), "unsupported");
  EXPECT_TRUE(base::is_utf8(std::get<Rejected>(refused.at(0)).fault.message));
}

// The CloudEvents binding of HTTP encodes what a header cannot carry, that of Kafka does not.
TEST(DecodeBinary, HttpsHeadersArePercentDecodedAndKafkasAreNot) {
  const auto read = [](const char* prefix, const model::Position& at) {
    const std::string p = prefix;
    const std::vector<std::string> names = {p + "specversion", p + "type", p + "source", p + "id",
                                            p + "subject"};
    const Headers headers = {{names[0], "1.0"},
                             {names[1], "t"},
                             {names[2], "//s%20t"},
                             {names[3], "50%"},
                             {names[4], "k/%E6%BC%A2%2520"}};
    return taken(decode_body("{}", "application/json", headers, at).at(0));
  };
  const model::Envelope http = read("ce-", kHttp);
  EXPECT_EQ(http.source, "//s t");
  EXPECT_EQ(http.id, "50%") << "a lone percent sign stands for itself";
  EXPECT_EQ(http.subject, "k/漢%20") << "decoded once";
  EXPECT_EQ(read("ce_", kKafka).subject, "k/%E6%BC%A2%2520");
  const Headers bad = {
      {"ce-specversion", "1.0"}, {"ce-type", "t"}, {"ce-source", "s"}, {"ce-id", "%FF"}};
  EXPECT_EQ(reason_of(decode_body("{}", "application/json", bad).at(0)), "not_utf8");
  const Headers control = {
      {"ce-specversion", "1.0"}, {"ce-type", "t"}, {"ce-source", "s"}, {"ce-id", "a%0Ab"}};
  EXPECT_EQ(reason_of(decode_body("{}", "application/json", control).at(0)), "wrong_type");
}

TEST(DecodeBatched, GivesEachEventItsOwnFateOverHttpOnly) {
  const std::string body = "[" + event() + ",{\"specversion\":\"1.0\"},7," + event() + "]";
  const auto items = decode_body(body, "application/cloudevents-batch+json");
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(reason_of(items[0]), "taken");
  EXPECT_EQ(reason_of(items[1]), "missing_field");
  EXPECT_EQ(reason_of(items[2]), "not_json");
  EXPECT_EQ(reason_of(items[3]), "taken");
  EXPECT_EQ(std::get<Rejected>(items[1]).bytes, "{\"specversion\":\"1.0\"}");
  EXPECT_EQ(reason_of(decode_body(body, "application/cloudevents-batch+json", {}, kKafka).at(0)),
            "unsupported");
}

TEST(DecodeBatched, OneThatCannotBeReadTakesNoneOfTheOthersWithIt) {
  const std::string deep = std::string(80, '[') + std::string(80, ']');
  const std::vector<std::pair<std::string, std::string>> bad = {
      {event(R"(,"id":"again")"), "duplicate_key"},
      {event(R"(,"x":123456789012345678901)"), "number_range"},
      {event(R"(,"x":)" + deep), "too_deep"},
      {event(",\"x\":\"\xff\""), "not_utf8"},
      {event(R"(,"x":tru)"), "not_json"},
      {R"({"a" "b]}\"[{"})", "not_json"}};
  for (const auto& [one, reason] : bad) {
    const std::string body =
        " [" + event() + ", \n" + one + " ," + event(R"(,"x":"]},\"")") + "]\n";
    const auto items = decode_body(body, "application/cloudevents-batch+json");
    ASSERT_EQ(items.size(), 3u) << one;
    EXPECT_EQ(reason_of(items[0]), "taken") << one;
    EXPECT_EQ(reason_of(items[1]), reason) << one;
    EXPECT_EQ(std::get<Rejected>(items[1]).bytes, one);
    EXPECT_EQ(reason_of(items[2]), "taken") << one;
  }
}

TEST(DecodeBatched, WhatCannotBeTakenApartIsSetAsideAsAWhole) {
  for (const std::string& body :
       {"[" + event(), "[" + event() + "] x", "[" + event() + ",]", std::string("[{\"a\":\"]"),
        std::string("[}]"), std::string("[,]"), std::string("[{]"), std::string("["),
        std::string("]"), std::string()}) {
    const auto items = decode_body(body, "application/cloudevents-batch+json");
    ASSERT_EQ(items.size(), 1u) << body;
    EXPECT_EQ(reason_of(items[0]), "not_json") << body;
    EXPECT_EQ(std::get<Rejected>(items[0]).bytes, body);
  }
}

TEST(DecodeBatched, MoreEventsThanAreTakenAtOnceAreSetAsideAsOne) {
  const Headers none;
  const auto decoded = [&](const std::string& body) {
    return decode({body, "application/cloudevents-batch+json", none, kHttp}, {.events_max = 3});
  };
  EXPECT_EQ(decoded("[1,1,1]").size(), 3u);
  ASSERT_EQ(decoded("[1,1,1,1]").size(), 1u);
  EXPECT_EQ(reason_of(decoded("[1,1,1,1]")[0]), "too_large");
}

TEST(DecodePlain, HasAnIdentityOfItsPlaceOrBytesWhenItNamesNone) {
  const std::string body = R"({"op":"patch","source":"s","subject":"k/e","data":{},"version":3})";
  EXPECT_EQ(taken(decode_body(body, "", {}, kKafka).at(0)).id, "patuh.changes/3/41");
  const model::Envelope first = taken(decode_body(body).at(0));
  EXPECT_TRUE(first.id.starts_with("sha256:"));
  EXPECT_EQ(first.id, taken(decode_body(body).at(0)).id);
  EXPECT_EQ(first.version, 3);
  EXPECT_FALSE(first.time);
}

struct Bad {
  const char* name;
  std::string body;
  const char* reason;
};

TEST(DecodeBad, EachFaultHasItsReasonAndKeepsItsBytes) {
  const std::string deep = R"({"specversion":"1.0","type":"t","source":"s","id":"1","data":)" +
                           std::string(10'000, '[') + std::string(10'000, ']') + "}";
  const std::vector<Bad> cases = {
      {"not JSON", "hello", "not_json"},
      {"empty", "", "not_json"},
      {"an array", "[1]", "not_json"},
      {"bad UTF-8", "{\"op\":\"\xff\"}", "not_utf8"},
      {"nested", deep, "too_deep"},
      {"duplicate keys", R"({"op":"patch","op":"patch"})", "duplicate_key"},
      {"beyond 64 bits", event(R"(,"x":123456789012345678901)"), "number_range"},
      {"no id", R"({"specversion":"1.0","type":"t","source":"s"})", "missing_field"},
      {"no source", R"({"op":"patch","subject":"k/e","data":{}})", "missing_field"},
      {"empty source", R"({"op":"patch","source":"","subject":"k/e"})", "missing_field"},
      {"a control in the id", R"({"specversion":"1.0","type":"t","source":"s","id":"a\u0007"})",
       "wrong_type"},
      {"id is no string", R"({"specversion":"1.0","type":"t","source":"s","id":1})", "wrong_type"},
      {"data is no object", R"({"op":"patch","source":"s","data":[1]})", "wrong_type"},
      {"bad time", R"({"op":"patch","source":"s","time":"yesterday"})", "bad_time"},
      {"bad version", R"({"op":"patch","source":"s","version":"x"})", "wrong_type"},
      {"version too large", R"({"op":"patch","source":"s","version":"9223372036854775808"})",
       "number_range"},
      {"another specversion", R"({"specversion":"0.3","type":"t","source":"s","id":"1"})",
       "unsupported"},
      {"base64", R"({"specversion":"1.0","type":"t","source":"s","id":"1","data_base64":"AA=="})",
       "unsupported"},
  };
  for (const Bad& bad : cases) {
    const auto items = decode_body(bad.body);
    ASSERT_EQ(items.size(), 1u) << bad.name;
    EXPECT_EQ(reason_of(items[0]), bad.reason) << bad.name;
    EXPECT_EQ(std::get<Rejected>(items[0]).bytes, bad.body) << bad.name;
    EXPECT_EQ(std::get<Rejected>(items[0]).position.channel, "http") << bad.name;
  }
}

TEST(DecodeBad, AnEventOverTheMostIsRefusedBeforeItIsParsed) {
  const std::string large = event(",\"x\":\"" + std::string(kEventBytesMaxDefault, 'a') + "\"");
  EXPECT_EQ(reason_of(decode_body(large).at(0)), "too_large");
}

TEST(DecodeBad, NamesTheSenderWhereItIsKnown) {
  const auto items = decode_body(R"({"specversion":"1.0","source":"//s","id":"1"})");
  EXPECT_EQ(std::get<Rejected>(items.at(0)).source, "//s");
  EXPECT_EQ(std::get<Rejected>(items.at(0)).id, "1");
}

}  // namespace
}  // namespace patuh::decode
