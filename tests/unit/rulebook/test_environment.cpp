// The names that rules may use, checked and called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Value;
using testing::ElementsAre;
using testing::HasSubstr;

// Answers with fixed values and notes what it was asked: "related system#0 services".
class ToldWorld final : public World {
 public:
  explicit ToldWorld(const model::Schema& schema) : schema_(schema) {}
  std::vector<std::string> calls;

  Value select(Context&, Value object, std::uint16_t field) override {
    if (field == model::kIdField.value) return Value::string("y0");
    if (field == model::kKindField.value) return Value::string(kind(object).name);
    const model::Field& of = kind(object).fields[field];
    if (of.is_relation()) return object_of(of.relation().to.at(0), 7);
    if (of.name == "code") return Value::null({object.object_kind(), object.object_index(), field});
    return Value::string(of.name);
  }
  bool has(Context&, const Value&, std::uint16_t) override { return true; }
  Value select_dynamic(Context&, const Value&, std::string_view field) override {
    return Value::string(field);
  }
  bool known(Context&, const Value& object) override {
    note("known", object, "");
    return true;
  }
  Value related(Context& context, const Value& object, FieldId relation) override {
    note("related", object, field(object, relation));
    return some(context);
  }
  Value referrers(Context& context, const Value& object, KindId from, FieldId relation) override {
    note("referrers", object, schema_.kind(from).name + "." + schema_.field(from, relation).name);
    return some(context);
  }
  Value referrers_any(Context& context, const Value& object, std::string_view relation) override {
    note("referrers_any", object, std::string(relation));
    return some(context);
  }
  Value reach(Context& context, const Value& object, std::string_view relation) override {
    note("reach", object, std::string(relation));
    return some(context);
  }
  Value reach_back(Context& context, const Value& object, KindId from, FieldId relation) override {
    note("reach_back", object, schema_.kind(from).name + "." + schema_.field(from, relation).name);
    return some(context);
  }
  Value previous(Context&, const Value& object, FieldId attribute) override {
    note("previous", object, field(object, attribute));
    return Value::string("before");
  }
  Value changes(Context&, const Value& object, FieldId attribute, base::Duration span) override {
    note("changes", object,
         field(object, attribute) + " " + std::to_string(span / std::chrono::hours(1)) + "h");
    return Value::integer(3);
  }
  Value same(Context& context, const Value& object, FieldId attribute) override {
    note("same", object, field(object, attribute));
    return some(context);
  }
  Value where(Context& context, KindId of, FieldId attribute, const Value& value) override {
    calls.push_back("where " + schema_.kind(of).name + "." + schema_.field(of, attribute).name +
                    " " + to_text(value));
    return some(context);
  }
  Value members(Context& context, const Value& agency, KindId of) override {
    note("members", agency, schema_.kind(of).name);
    return some(context);
  }
  Value lookup(Context&, KindId of, std::string_view id) override {
    calls.push_back("lookup " + schema_.kind(of).name + " " + std::string(id));
    return object_of(of, 3);
  }
  Value changed_at(Context&, const Value& object) override {
    note("changed_at", object, "");
    return Value::timestamp(base::Instant(std::chrono::seconds(5)));
  }

 private:
  const model::Kind& kind(const Value& object) const { return schema_.kinds[object.object_kind()]; }
  std::string field(const Value& object, FieldId id) const {
    return kind(object).fields[id.value].name;
  }
  static Value object_of(KindId of, std::uint32_t index) { return Value::object(of.value, index); }
  void note(std::string call, const Value& object, const std::string& more) {
    call += " " + kind(object).name + "#" + std::to_string(object.object_index());
    calls.push_back(more.empty() ? call : call + " " + more);
  }
  Value some(Context& context) const {
    const std::array items = {object_of(KindId(1), 1), object_of(KindId(1), 2)};
    return expr::make_list(*context.arena, items);
  }

  const model::Schema& schema_;
};

class EnvironmentTest : public testing::Test {
 protected:
  std::shared_ptr<const RuleBook> book_ = fixtures::loaded(fixtures::base_pack());
  ToldWorld world_{*book_->schema};
  expr::Arena arena_;

  Value run(std::string_view text, std::string_view self_kind = "system") {
    const KindId kind = *book_->schema->kind_of(self_kind);
    const auto program =
        expr::compile(environment(*book_, kind), {.text = text, .place = {}}, expr::Type::dyn());
    if (!program) {
      ADD_FAILURE() << program.error().render();
      return {};
    }
    programs_.push_back(*program);
    Context context;
    context.arena = &arena_;
    context.host = &world_;
    const std::array self = {Value::object(kind.value, 0)};
    return expr::evaluate(programs_.back(), self, context);
  }

  std::vector<expr::Program> programs_;
};

TEST_F(EnvironmentTest, SelfIsAnElementWithItsFieldsAndItsIdentity) {
  EXPECT_EQ(run("self.name").as_string(), "name");
  EXPECT_EQ(run("self.id + '/' + self.kind").as_string(), "y0/system");
  EXPECT_EQ(run("self.agency.short").as_string(), "short");
}

TEST_F(EnvironmentTest, ParametersAreConstants) {
  EXPECT_EQ(run("params.count_max + 1").as_int(), 4);
  EXPECT_TRUE(run("'off' in params.states").is_true());
  EXPECT_EQ(run("params.weights.b + params.weights['a']").as_int(), 3);
}

TEST_F(EnvironmentTest, RelatedFollowsARelationOfTheElementsKind) {
  EXPECT_EQ(run("count(related(self, 'services'))").as_int(), 2);
  EXPECT_EQ(run("count(related(self, 'successor'))").as_int(), 2);
  EXPECT_THAT(world_.calls, ElementsAre("related system#0 services", "related system#0 successor"));
}

TEST_F(EnvironmentTest, RelatedFindsTheRelationByNameWhereTheKindIsNotKnown) {
  run("related(self, 'about').exists(x, count(related(x, 'services')) > 5)", "attestation");
  EXPECT_THAT(world_.calls, ElementsAre("related attestation#0 about", "related system#1 services",
                                        "related system#2 services"));
  const Value wrong =
      run("related(self, 'about').all(x, count(related(x, 'of')) > 5)", "attestation");
  ASSERT_TRUE(wrong.is_error());
  EXPECT_EQ(wrong.as_error().code, expr::ErrorCode::kNoSuchField);
  EXPECT_THAT(message_of(wrong.as_error()), HasSubstr("system has no relation 'of'"));
}

TEST_F(EnvironmentTest, ReferrersAreOfOneKindOrOfAll) {
  EXPECT_EQ(run("count(referrers(self, 'service', 'systems'))").as_int(), 2);
  EXPECT_EQ(run("count(referrers(self, '*', 'about'))").as_int(), 2);
  EXPECT_THAT(world_.calls,
              ElementsAre("referrers system#0 service.systems", "referrers_any system#0 about"));
}

TEST_F(EnvironmentTest, ReachGoesAlongARelationOrAgainstIt) {
  EXPECT_EQ(run("count(reach(self, 'successor'))").as_int(), 2);
  EXPECT_EQ(run("count(reach(self, '^service.systems'))").as_int(), 2);
  EXPECT_THAT(world_.calls,
              ElementsAre("reach system#0 successor", "reach_back system#0 service.systems"));
}

TEST_F(EnvironmentTest, ThePastIsAskedOfAnAttribute) {
  EXPECT_EQ(run("previous(self.plain_name)").as_string(), "before");
  EXPECT_EQ(run("changes(self.plain_name, days(2))").as_int(), 3);
  EXPECT_THAT(world_.calls,
              ElementsAre("previous system#0 plain_name", "changes system#0 plain_name 48h"));
}

TEST_F(EnvironmentTest, SameAndWhereAskIndexes) {
  run("count(same(self, 'plain_name'))");
  run("count(same(self, 'reference'))", "service");
  run("count(where('system', 'code', 'x'))");
  run("count(where('service', 'reference', self))");
  EXPECT_THAT(world_.calls, ElementsAre("same system#0 plain_name", "same service#0 reference",
                                        "where system.code 'x'", "where service.reference 1#0"));
}

TEST_F(EnvironmentTest, MembersLookupKnownChangedAt) {
  EXPECT_EQ(run("count(members(self.agency, 'service'))").as_int(), 2);
  EXPECT_EQ(run("lookup('service', 's' + '1').name").as_string(), "name");
  EXPECT_TRUE(run("known(self.agency)").is_true());
  EXPECT_EQ(run("changed_at(self)").seconds(), 5);
  EXPECT_THAT(world_.calls, ElementsAre("members agency#7 service", "lookup service s1",
                                        "known agency#7", "changed_at system#0"));
}

TEST_F(EnvironmentTest, NullIsNotKnownAndAnErrorElsewhere) {
  EXPECT_TRUE(run("known(null)").is_false());
  const Value missing = run("count(where('system', 'code', self.code))");
  ASSERT_TRUE(missing.is_error());
  EXPECT_EQ(missing.as_error().code, expr::ErrorCode::kMissing);
  EXPECT_TRUE(missing.as_error().has_origin);
  EXPECT_TRUE(world_.calls.empty());
}

TEST_F(EnvironmentTest, ArgumentsOfUnknownTypeAreLookedAtWhenCalled) {
  for (const char* const text :
       {"known(dyn(1))", "count(related(dyn(1), 'services')) > 0", "changed_at(dyn('x'))",
        "count(members(dyn(self), 'system')) > 0", "lookup('system', dyn(1)) != null",
        "count(referrers(dyn(1), 'service', 'systems')) > 0"}) {
    const Value value = run(text);
    ASSERT_TRUE(value.is_error()) << text;
    EXPECT_EQ(value.as_error().code, expr::ErrorCode::kNoSuchOverload) << text;
  }
}

TEST_F(EnvironmentTest, FunctionsAnswerElementsOfTheRightKind) {
  const KindId kind = *book_->schema->kind_of("system");
  const auto compiled = [&](std::string_view text) {
    return expr::compile(environment(*book_, kind), {.text = text, .place = {}}, expr::Type::dyn());
  };
  EXPECT_TRUE(compiled("related(self, 'services').exists(s, s.active)"));
  EXPECT_FALSE(compiled("related(self, 'services').exists(s, s.status == 'x')"));
  EXPECT_TRUE(compiled("referrers(self, '*', 'about').exists(x, x.plain_name == 'x')"));
  EXPECT_FALSE(compiled("referrers(self, '*', 'about').exists(x, x.rule == 'x')"));
  EXPECT_TRUE(compiled("same(self, 'code').exists(s, s.status == 'x')"));
}

TEST_F(EnvironmentTest, SetsBoundTheCostOfWhatLoopsOverThem) {
  const KindId kind = *book_->schema->kind_of("system");
  const auto cost = [&](std::string_view text) {
    return expr::compile(environment(*book_, kind), {.text = text, .place = {}},
                         expr::Type::boolean())
        ->facts()
        .cost_max;
  };
  const std::uint64_t related = cost("related(self, 'services').exists(s, s.active)");  // 200
  const std::uint64_t all =
      cost("referrers(self, 'service', 'systems').exists(s, s.active)");  // 1000
  const std::uint64_t few =
      cost("referrers(self, 'service', 'seen_by').exists(s, s.active)");  // 10
  EXPECT_LT(few, related);
  EXPECT_LT(related, all);
  EXPECT_GT(all, 1000U);
  EXPECT_LT(few, 100U);
}

TEST_F(EnvironmentTest, CalendarsFollowThePacksZone) {
  EXPECT_EQ(run("timestamp('2026-01-31T20:00:00Z').getMonth()").as_int(), 1);  // February there
}

}  // namespace
}  // namespace patuh::rulebook
