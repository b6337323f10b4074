#include <gtest/gtest.h>

#include <algorithm>

#include "collectors/decode/decode.h"
#include "rulebook/rulebook.h"
#include "schema_of_roles.h"

namespace patuh::decode {
namespace {

class Interpret : public ::testing::Test {
 protected:
  void SetUp() override {
    const rulebook::PackFile file{"0:schema.toml", std::string(kSchema)};
    auto book = rulebook::load(std::span(&file, 1));
    ASSERT_TRUE(book) << book.error().render();
    schema_ = (*book)->schema;
  }

  model::Decoded<model::ChangeEvent> read(const std::string& type, const std::string& subject,
                                          const std::string& data) const {
    model::Envelope envelope;
    envelope.type = type;
    envelope.source = "//s";
    envelope.id = "e1";
    envelope.time = *base::from_rfc3339("2026-03-01T00:00:00Z");
    envelope.subject = subject;
    envelope.data = data;
    return interpret(envelope, *schema_);
  }
  std::string reason(const std::string& type, const std::string& subject,
                     const std::string& data) const {
    const auto event = read(type, subject, data);
    return event ? "taken" : std::string(model::name_of(event.error().reason));
  }
  const model::FieldChange* field(const model::ChangeEvent& event, const std::string& name) const {
    const auto id = schema_->kind(event.kind).field_of(name);
    for (const model::FieldChange& change : event.fields) {
      if (id && change.field == *id) return &change;
    }
    return nullptr;
  }
  std::string text(const model::ChangeEvent& event, const std::string& name) const {
    const model::FieldChange* const change = field(event, name);
    return change ? expr::to_text(change->value) : "absent";
  }

  std::shared_ptr<const model::Schema> schema_;
};

TEST_F(Interpret, ReadsEveryType) {
  const auto event = read("upsert", "app/x", R"({"name":"N","users":1.0,"share":2,"public":true,
      "begun":"2026-01-31","ends":"2026-01-31","saved":"2026-01-31T08:00:00+07:00","level":"a",
      "status":"new","docs":["u"],"goals":{"2026":3,"2027":null},"owner":"d1","uses":["y","z"],
      "about":["agency/d1"],"more":{"k":[1]}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->operation, model::Operation::kUpsert);
  EXPECT_EQ(event->element_id, "x");
  EXPECT_EQ(event->version, 1'772'323'200'000'000);
  EXPECT_EQ(text(*event, "users"), "1");
  EXPECT_EQ(field(*event, "share")->value.as_double(), 2.0);
  EXPECT_EQ(base::to_rfc3339(field(*event, "begun")->value.as_instant()), "2026-01-30T17:00:00Z");
  EXPECT_EQ(base::to_rfc3339(field(*event, "ends")->value.as_instant()),
            "2026-01-31T16:59:59.999999Z");
  EXPECT_EQ(base::to_rfc3339(field(*event, "saved")->value.as_instant()), "2026-01-31T01:00:00Z");
  EXPECT_EQ(field(*event, "goals")->value.as_map().size, 1u);
  EXPECT_EQ(field(*event, "uses")->ends.size(), 2u);
  EXPECT_EQ(field(*event, "about")->ends.front(), (model::NamedElement{"agency", "d1"}));
  ASSERT_EQ(event->unknown.size(), 1u);
  EXPECT_EQ(event->unknown[0].second, R"({"k":[1]})");
}

TEST_F(Interpret, SetsTheWholeEventAsideForOneWrongMember) {
  for (const char* data :
       {R"({"users":"5"})", R"({"users":1.5})", R"({"users":1e30})", R"({"public":1})",
        R"({"begun":"2026-02-30"})", R"({"begun":"2026-1-1"})", R"({"saved":"2026-01-31"})",
        R"({"level":"c"})", R"({"docs":"u"})", R"({"docs":[1]})", R"({"docs":[null]})",
        R"({"goals":[1]})", R"({"owner":5})", R"({"owner":["d1"]})", R"({"uses":[{}]})",
        R"({"about":["d1"]})", R"({"about":["nokind/x"]})", R"({"owner":""})"}) {
    EXPECT_EQ(reason("upsert", "app/x", data), "wrong_type") << data;
  }
}

TEST_F(Interpret, SetsATextBeyondItsMaxAsideAndCountsBytes) {
  EXPECT_EQ(reason("upsert", "app/x", R"({"short":"abcd","brief":"abcd"})"), "taken");
  EXPECT_EQ(reason("upsert", "app/x", R"({"short":"abcde"})"), "too_long");
  EXPECT_EQ(reason("patch", "app/x", R"({"brief":"abcde"})"), "too_long");
  EXPECT_EQ(reason("upsert", "app/x", R"({"short":"abc\u00e9"})"), "too_long") << "five bytes";
  EXPECT_EQ(read("patch", "app/x", R"({"name":"N","short":"abcde"})").error().message,
            "\"short\" has 5 bytes; at most 4 are taken");
  const std::string long_text(100'000, 'a');
  EXPECT_EQ(reason("upsert", "app/x", R"({"name":")" + long_text + R"("})"), "taken")
      << "no limit is declared";
}

TEST_F(Interpret, ADeploymentsOwnNumberIsHeldToItsMaxToo) {
  const std::string type = "id.patuh.deployment.v1";
  const std::string values = R"({"element":"app/x","values":{"env":"prod","number":")";
  EXPECT_EQ(reason(type, "", values + R"(123456789012"}})"), "taken");
  EXPECT_EQ(reason(type, "", values + R"(1234567890123"}})"), "too_long");
  EXPECT_EQ(reason(type, "", R"({"element":"app/x","values":{"env":"prod"}})"), "taken");
  model::Envelope envelope;
  envelope.type = type;
  envelope.source = "//s";
  envelope.id = "a number of thirty characters.";
  envelope.time = base::Instant{};
  envelope.data = R"({"element":"app/x","values":{"env":"prod"}})";
  const auto event = interpret(envelope, *schema_);
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().reason, model::FaultReason::kTooLong);
}

TEST_F(Interpret, KeepsListsAndRelationsBeyondTheirMax) {
  const auto event = read("upsert", "app/x", R"({"docs":["a","b","longer"],"uses":["a","b","c"]})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(field(*event, "docs")->value.as_list().size, 3u);
  EXPECT_EQ(field(*event, "uses")->ends.size(), 3u);
}

TEST_F(Interpret, RefusesIntegersThatADoubleCannotHoldWhereNothingIsDeclared) {
  EXPECT_EQ(reason("upsert", "app/x", R"({"more":9007199254740993})"), "number_range");
  EXPECT_EQ(reason("upsert", "app/x", R"({"more":{"deep":[9007199254740993]}})"), "number_range");
  EXPECT_EQ(reason("upsert", "app/x", R"({"users":9007199254740993})"), "taken");
}

TEST_F(Interpret, RefusesNumbersBeyondTheSchemasBounds) {
  const auto grade = [&](const std::string& number) {
    return reason("upsert", "app/x", R"({"grade":)" + number + "}");
  };
  EXPECT_EQ(grade("1"), "taken");
  EXPECT_EQ(grade("5.0"), "taken");
  EXPECT_EQ(grade("0"), "number_range");
  EXPECT_EQ(grade("6"), "number_range");
  EXPECT_EQ(grade("6.0"), "number_range");
  EXPECT_EQ(grade("null"), "taken");
  EXPECT_EQ(reason("patch", "app/x", R"({"part":-0.5})"), "number_range");
  EXPECT_EQ(reason("patch", "app/x", R"({"part":1e300})"), "taken");
  const auto event = read("upsert", "app/x", R"({"grade":6})");
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().message, "\"grade\" is 6; at most 5 is taken");
}

TEST_F(Interpret, KeepsADerivedAttributeAsUndeclared) {
  const auto event = read("upsert", "app/x", R"({"loud":"L"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(field(*event, "loud"), nullptr);
  EXPECT_EQ(event->unknown.at(0).first, "loud");
}

TEST_F(Interpret, NullRemovesInAPatch) {
  const auto event = read("patch", "app/x", R"({"name":null,"owner":null})");
  ASSERT_TRUE(event);
  EXPECT_TRUE(field(*event, "name")->value.is_null());
  EXPECT_TRUE(field(*event, "owner")->ends.empty());
}

TEST_F(Interpret, NamesWhatIsWrongWithTypeAndSubject) {
  EXPECT_EQ(reason("nothing.known", "app/x", "{}"), "unknown_type");
  EXPECT_EQ(reason("upsert", "", "{}"), "missing_field");
  EXPECT_EQ(reason("upsert", "app", "{}"), "bad_subject");
  EXPECT_EQ(reason("upsert", "app/" + std::string(201, 'x'), "{}"), "bad_subject");
  EXPECT_EQ(reason("upsert", "server/x", "{}"), "unknown_kind");
  std::string kind = "x";  // is cut within a letter
  for (int i = 0; i < 60; ++i) kind += "é";
  EXPECT_TRUE(base::is_utf8(read("upsert", kind + "/x", "{}").error().message));
  EXPECT_EQ(reason("upsert", "app/x", ""), "missing_field");
  EXPECT_EQ(reason("id.patuh.attestation.v1", "app/x", "{}"), "unsupported");
}

TEST_F(Interpret, ADeploymentNamesItsApplicationAndGetsItsIdFromItAndTheEnvironment) {
  const auto event =
      read("id.patuh.deployment.v1", "", R"({"element":"app/a/b","values":{"env":"prod"}})");
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->element_id, "a/b@prod");
  EXPECT_TRUE(event->through_deployment);
  EXPECT_EQ(field(*event, "of")->ends.front(), (model::NamedElement{"app", "a/b"}));
  EXPECT_EQ(field(*event, "number")->value.as_string(), "e1");
  EXPECT_EQ(base::to_rfc3339(field(*event, "done")->value.as_instant()), "2026-03-01T00:00:00Z");
  EXPECT_EQ(reason("id.patuh.deployment.v1", "app/a", R"({"values":{}})"), "missing_field");
  // The registry takes it for the schema's promise that a relation's ends are of its kinds.
  EXPECT_EQ(reason("id.patuh.deployment.v1", "source/x", R"({"values":{"env":"prod"}})"),
            "bad_subject");
}

std::string service_event(const std::string& content, const std::string& id = "a/b") {
  return R"({"context":{"version":"0.5.0","type":"dev.cdevents.service.deployed.0.3.0"},)"
         R"("subject":{"id":")" +
         id + R"(","type":"service","content":)" + content + "}}";
}

TEST_F(Interpret, ACDEventOfAServiceIsADeployment) {
  const std::string content =
      R"({"environment":{"id":"production","source":"//k8s"},"artifactId":"pkg:oci/b@sha256%3A0b31"})";
  for (const char* type : {"deployed.0.1.1", "deployed.0.3.0", "upgraded.0.2.0", "rolledback"}) {
    const auto event =
        read("dev.cdevents.service." + std::string(type), "a/b", service_event(content));
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->operation, model::Operation::kUpsert) << type;
    EXPECT_EQ(event->element_id, "a/b@prod");
    EXPECT_TRUE(event->through_deployment);
    EXPECT_EQ(field(*event, "of")->ends.front(), (model::NamedElement{"app", "a/b"}));
    EXPECT_EQ(field(*event, "env")->value.as_string(), "prod");
    EXPECT_EQ(field(*event, "what")->value.as_string(), "pkg:oci/b@sha256%3A0b31");
    EXPECT_EQ(field(*event, "number")->value.as_string(), "e1");
    EXPECT_EQ(base::to_rfc3339(field(*event, "done")->value.as_instant()), "2026-03-01T00:00:00Z");
  }
  const auto named = read("dev.cdevents.service.deployed.0.3.0", "",
                          service_event(R"({"environment":{"id":"lab"}})", "app/x"));
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->element_id, "x@lab") << "an environment that the pack has no name for";
  EXPECT_EQ(field(*named, "what"), nullptr);
}

TEST_F(Interpret, ARemovedServiceIsARemovedDeploymentAndAPublishedOneAHeartbeat) {
  const auto gone = read("dev.cdevents.service.removed.0.3.0", "",
                         service_event(R"({"environment":{"id":"production"}})"));
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(gone->operation, model::Operation::kRemove);
  EXPECT_EQ(gone->element_id, "a/b@prod");
  EXPECT_TRUE(gone->fields.empty());
  const auto heard = read("dev.cdevents.service.published.0.3.0", "a/b", service_event("{}"));
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->element_id, "//s");
}

TEST_F(Interpret, ACDEventThatSaysTooLittleIsRefusedByThePath) {
  const auto refused = [&](const std::string& type, const std::string& data) {
    const auto event = read("dev.cdevents.service." + type, "", data);
    return event ? "taken" : event.error().message;
  };
  EXPECT_NE(refused("deployed.0.3.0", service_event("{}")).find("subject.content.environment.id"),
            std::string::npos);
  EXPECT_NE(refused("deployed.0.3.0", "").find("\"subject.id\" is missing"), std::string::npos);
  EXPECT_NE(refused("deployed", service_event(R"({"environment":{"id":7}})")).find("a string"),
            std::string::npos);
  EXPECT_NE(refused("deployed", service_event(R"({"environment":"production"})")).find("missing"),
            std::string::npos);
  EXPECT_NE(refused("exploded.0.3.0", service_event("{}")).find("not known"), std::string::npos);
  EXPECT_EQ(reason("dev.cdevents.taskrun.started.0.2.0", "a", "{}"), "unknown_type");
  const std::string long_artifact =
      R"({"environment":{"id":"production"},"artifactId":")" + std::string(41, 'x') + "\"}";
  EXPECT_EQ(reason("dev.cdevents.service.deployed.0.3.0", "a", service_event(long_artifact)),
            "too_long");
}

// Else a waiver has an id that nobody can name when it is to be revoked.
TEST_F(Interpret, ARoleEventMayNameItsOwnElementBesideTheOneItIsAbout) {
  const std::string about = R"({"element":"app/x","values":{"env":"prod"}})";
  const auto event = read("id.patuh.deployment.v1", "deploy/d7", about);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->element_id, "d7");
  EXPECT_EQ(field(*event, "of")->ends.front(), (model::NamedElement{"app", "x"}));
  for (const char* const subject : {"", "app/x", "no/such", "no id"}) {
    EXPECT_EQ(read("id.patuh.deployment.v1", subject, about)->element_id, "x@prod") << subject;
  }
  const std::string waiver = R"({"element":"app/x","values":{"rule":"R"}})";
  const auto granted = read("id.patuh.waiver.granted.v1", "waiver/w1", waiver);
  ASSERT_TRUE(granted) << granted.error().message;
  EXPECT_EQ(granted->element_id, "w1");
  EXPECT_EQ(field(*granted, "of")->ends.front(), (model::NamedElement{"app", "x"}));
  const auto revoked = read("id.patuh.waiver.revoked.v1", "waiver/w1", waiver);
  ASSERT_TRUE(revoked) << revoked.error().message;
  EXPECT_EQ(revoked->element_id, "w1");
  EXPECT_EQ(revoked->operation, model::Operation::kPatch);
  EXPECT_EQ(text(*revoked, "status"), "'over'");
  EXPECT_EQ(reason("id.patuh.waiver.revoked.v1", "app/x", waiver), "bad_subject");
}

TEST_F(Interpret, AHeartbeatIsAboutItsSource) {
  const auto event = read("id.patuh.heartbeat.v1", "", "");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->element_id, "//s");
  EXPECT_TRUE(event->fields.empty());
}

// Both steps at once say the same as one after the other; of a fault they say nothing.
TEST_F(Interpret, BothStepsAtOnceSayTheSame) {
  const std::string begin = R"({"specversion":"1.0","id":"e1","source":"//s","subject":"app/x",)"
                            R"("type":"id.patuh.element.upserted.v1")";
  const std::string time = R"(,"time":"2026-03-01T00:00:00Z")";
  const std::string good = R"(,"data":{"name":"N","uses":["y"],"more":{"k":[1]}}})";
  const auto both = [&](const std::string& body) {
    Message message;
    message.body = body;
    Delivery out;
    out.schema = schema_;
    decode_into(message, {}, out);
    return out;
  };
  const Delivery understood = both(begin + time + good);
  ASSERT_EQ(understood.items.size(), 1u);
  ASSERT_EQ(understood.changes.size(), 1u);
  ASSERT_TRUE(understood.changes[0]);
  const model::ChangeEvent& change = *understood.changes[0];
  const auto apart = interpret(std::get<Event>(understood.items[0]), *schema_);
  ASSERT_TRUE(apart) << apart.error().message;
  EXPECT_EQ(change.element_id, apart->element_id);
  EXPECT_EQ(change.version, apart->version);
  EXPECT_EQ(change.fields.size(), apart->fields.size());
  EXPECT_EQ(text(change, "name"), text(*apart, "name"));
  EXPECT_TRUE(std::ranges::equal(field(change, "uses")->ends, field(*apart, "uses")->ends));
  EXPECT_EQ(change.unknown, apart->unknown);

  EXPECT_FALSE(both(begin + good).changes.at(0)) << "without a time";
  EXPECT_FALSE(both(begin + time + R"(,"data":{"users":"5"}})").changes.at(0));
  EXPECT_FALSE(both(begin + time + "}").changes.at(0)) << "without data";
  EXPECT_FALSE(both("{").changes.at(0));
}

// By its place an input that was set aside is found again in its topic or file.
TEST_F(Interpret, WhateverIsRefusedKeepsItsPlace) {
  for (const std::string& body :
       {std::string("{"), std::string("7"), std::string("{}"), std::string(),
        std::string(R"({"op":"patch","source":7})"), std::string(kEventBytesMaxDefault + 1, ' ')}) {
    for (const bool interprets : {true, false}) {
      Message message;
      message.body = body;
      message.position = {"kafka", "patuh.changes", 3, 41};
      Delivery out;
      if (interprets) out.schema = schema_;
      decode_into(message, {}, out);
      ASSERT_EQ(out.items.size(), 1u);
      const model::Position& at = std::get<Rejected>(out.items[0]).position;
      EXPECT_EQ(at.topic, "patuh.changes") << body.substr(0, 40) << interprets;
      EXPECT_EQ(at.offset, 41) << body.substr(0, 40) << interprets;
    }
  }
}

}  // namespace
}  // namespace patuh::decode
