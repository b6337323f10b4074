#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "json/json.h"

namespace patuh::json {
namespace {

Fault fault_of(std::string_view text) {
  auto document = parse(text, {});
  EXPECT_FALSE(document) << text;
  return document ? Fault::kSyntax : document.error().fault;
}

TEST(JsonParse, KeepsNumbersAsWritten) {
  const auto document =
      parse(R"({"i":-9223372036854775808,"u":18446744073709551615,"d":1.0,"e":1e3})", {});
  ASSERT_TRUE(document);
  const Node& root = document->root();
  EXPECT_EQ(root.find("i")->integer(), INT64_MIN);
  EXPECT_TRUE(root.find("u")->is(Of::kUint));
  EXPECT_EQ(root.find("u")->unsigned_integer(), UINT64_MAX);
  EXPECT_TRUE(root.find("d")->is(Of::kDouble));
  EXPECT_EQ(root.find("e")->number(), 1000.0);
}

TEST(JsonParse, GivesStringsUnescapedAndRawTextOfNestedValues) {
  const auto document = parse(R"( {"a":"x\"\\{\u00e9", "b" : [1, {"c":"]}"}] , "d":{} } )", {});
  ASSERT_TRUE(document);
  const Node& root = document->root();
  EXPECT_EQ(root.find("a")->string(), "x\"\\{é");
  EXPECT_EQ(root.find("b")->raw(), R"([1, {"c":"]}"}])");
  EXPECT_EQ(root.find("b")->items()[1].raw(), R"({"c":"]}"})");
  EXPECT_EQ(root.find("d")->raw(), "{}");
  EXPECT_EQ(root.find("nope"), nullptr);
}

TEST(JsonParse, FindsAKeyThatWasWrittenWithEscapes) {
  const auto document = parse(R"({"\u0061":1})", {});
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find("a")->integer(), 1);
}

TEST(JsonParse, OutlivesTheInputText) {
  std::string text = R"({"k":"a value that is longer than a small string holds"})";
  const auto document = parse(text, {});
  std::fill(text.begin(), text.end(), '#');
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find("k")->string(),
            "a value that is longer than a small string holds");
}

TEST(JsonParse, RefusesWhatIsNotOneDocument) {
  EXPECT_EQ(fault_of(""), Fault::kSyntax);
  EXPECT_EQ(fault_of("   "), Fault::kSyntax);
  EXPECT_EQ(fault_of("{"), Fault::kSyntax);
  EXPECT_EQ(fault_of(R"({"a":1,"b":tru,,])"), Fault::kSyntax);
  EXPECT_EQ(fault_of("{} {}"), Fault::kSyntax);
  EXPECT_EQ(fault_of("{} x"), Fault::kSyntax);
  EXPECT_EQ(fault_of("not json"), Fault::kSyntax);
}

TEST(JsonParse, RefusesBadUtf8LoneSurrogatesAndDuplicateKeys) {
  EXPECT_EQ(fault_of("{\"a\":\"\xff\"}"), Fault::kNotUtf8);
  EXPECT_EQ(fault_of(R"({"a":"\ud800"})"), Fault::kSyntax);
  EXPECT_EQ(fault_of(R"({"a":1,"b":2,"a":3})"), Fault::kDuplicateKey);
  EXPECT_EQ(fault_of(R"({"a":1,"\u0061":3})"), Fault::kDuplicateKey);
  std::string wide = "{";
  for (int i = 0; i < 40; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(fault_of(wide + "\"k7\":1}"), Fault::kDuplicateKey);
}

TEST(JsonParse, RefusesAnObjectExactlyWhenAKeyStandsTwice) {
  std::mt19937 dice(1);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::set<std::string> keys;
    std::string text = "{";
    const std::size_t count = 1 + dice() % 48;
    for (std::size_t i = 0; i < count; ++i) {
      std::string key(dice() % 4, 'a');
      for (char& c : key) c = static_cast<char>('a' + dice() % 6);
      keys.insert(key);
      text += (i == 0 ? "\"" : ",\"") + key + "\":0";
    }
    const auto document = parse(text + "}", {});
    ASSERT_EQ(document.has_value(), keys.size() == count) << text;
    if (!document) {
      ++refused;
      ASSERT_EQ(document.error().fault, Fault::kDuplicateKey);
    }
  }
  EXPECT_GT(refused, 200);
  EXPECT_LT(refused, 1800);
}

TEST(JsonParse, RefusesNumbersBeyond64BitsAndInfinities) {
  EXPECT_EQ(fault_of(R"({"a":18446744073709551616})"), Fault::kNumberRange);
  EXPECT_EQ(fault_of(R"({"a":-9223372036854775809})"), Fault::kNumberRange);
  EXPECT_EQ(fault_of(R"({"a":1e400})"), Fault::kNumberRange);
  EXPECT_EQ(fault_of(R"({"a":123456789012345678901234567890})"), Fault::kNumberRange);
}

TEST(JsonParse, BoundsTheDepth) {
  const std::string deep(10'000, '[');
  EXPECT_EQ(fault_of(deep + std::string(10'000, ']')), Fault::kTooDeep);
  EXPECT_EQ(fault_of(std::string(65, '[') + std::string(65, ']')), Fault::kTooDeep);
  EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']'), {}));
}

TEST(JsonWriter, EscapesACharacterWhereverItStands) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(c);
        const bool plain = c >= 0x20 && c != '"' && c != '\\';
        const std::string written = quote(text);
        EXPECT_EQ(written == '"' + text + '"', plain) << size << " " << at << " " << c;
        if (c >= 0x80) continue;  // by itself no UTF-8
        EXPECT_EQ(parse(written, {})->root().string(), text);
      }
    }
  }
}

TEST(JsonWriter, WritesWhatTheParserReadsBack) {
  Writer out;
  out.begin_object()
      .member("text", "a\"\\\n\x01é")
      .member("count", std::int64_t{-3})
      .key("list")
      .begin_array()
      .number(0.1)
      .boolean(true)
      .null()
      .number(std::numeric_limits<double>::infinity())
      .end_array()
      .key("raw")
      .raw("{\"x\":1}")
      .end_object();
  EXPECT_EQ(out.text(),
            "{\"text\":\"a\\\"\\\\\\n\\u0001é\",\"count\":-3,"
            "\"list\":[0.1,true,null,null],\"raw\":{\"x\":1}}");
  const auto back = parse(out.text(), {});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->root().find("text")->string(), "a\"\\\n\x01é");
}

}  // namespace
}  // namespace patuh::json
