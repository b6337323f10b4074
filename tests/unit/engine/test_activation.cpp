// Another rulebook takes over at one instant.
#include "estate.h"

namespace patuh::engine::naive {
namespace {

const std::string kPublic = rule("A", "app", "require = \"self.public\"");
const std::string kUsers = rule("B", "app", "require = \"self.users > 3\"");

TEST(Activation, OnlyRulesOfAnotherVersionAreJudgedAgain) {
  Estate estate(kPublic + kUsers);
  for (int i = 0; i < 10; ++i) estate.upsert("app/a" + std::to_string(i), R"({"users":5})");
  estate.activate(kPublic + rule("B", "app", "require = \"self.users > 7\""));
  EXPECT_EQ(estate.judged(), 10U);
  EXPECT_EQ(estate.result().transitions.size(), 10U);
  EXPECT_EQ(estate.result().transitions[0].cause_type, "pack");
  estate.activate(kPublic + rule("B", "app", "require = \"self.users > 7\""));
  EXPECT_EQ(estate.judged(), 0U);
}

TEST(Activation, TheSameVerdictUnderANewVersionKeepsItsSince) {
  Estate estate(kUsers);
  estate.upsert("app/a", R"({"users":1})");
  const base::Instant began = estate.now();
  estate.at("+1d").activate(rule("B", "app", "require = \"self.users > 7\""));
  EXPECT_TRUE(estate.result().transitions.empty());
  EXPECT_EQ(estate.verdict("B", "app/a").since, began);
}

TEST(Activation, AWithdrawnRuleClosesItsPairsWithThatReason) {
  Estate estate(kPublic + kUsers);
  estate.upsert("app/a", R"({"users":1})");
  estate.at("+1d").activate(kUsers);
  ASSERT_EQ(estate.result().transitions.size(), 1U);
  EXPECT_EQ(estate.result().transitions[0].rule, "A");
  EXPECT_EQ(estate.result().transitions[0].closing, model::Closing::kRuleWithdrawn);
  ASSERT_EQ(estate.result().notices.size(), 1U);
  EXPECT_FALSE(estate.result().notices[0].firing);
}

TEST(Activation, WhatWasReadUnderTheOldNumbersStillWakesTheRightPair) {
  Estate estate(kPublic +
                rule("M", "app", "require = \"!known(self.base) || self.base.users > 3\"") +
                rule("Z", "app", "require = \"self.until > now\""));
  estate.upsert("app/b", R"({"users":5})");
  estate.upsert("app/a", R"({"base":"b","until":"2026-01-05T00:00:00Z"})");
  // Without the first rule every number moves; with a new one they move again.
  const std::string rest =
      rule("M", "app", "require = \"!known(self.base) || self.base.users > 3\"") +
      rule("Z", "app", "require = \"self.until > now\"");
  estate.activate(rest);
  EXPECT_EQ(estate.judged(), 0U);
  estate.patch("app/b", R"({"users":1})");
  EXPECT_EQ(estate.state("M", "app/a"), "violating");
  estate.activate(rest + rule("C", "app", "require = \"self.note == null\""));
  EXPECT_EQ(estate.judged(), 2U);
  estate.patch("app/b", R"({"users":7})");
  EXPECT_EQ(estate.state("M", "app/a"), "compliant");
  estate.patch("app/b", R"({"users":2})");
  estate.patch("app/a", R"({"note":"x","base":null})");
  EXPECT_EQ(estate.state("C", "app/a"), "violating");
  EXPECT_EQ(estate.state("M", "app/a"), "compliant");
  estate.activate(rest);
  EXPECT_EQ(estate.patch("app/a", R"({"base":"b"})").judged(), 1U);
  EXPECT_EQ(estate.state("M", "app/a"), "violating");
  estate.at("2026-01-05T00:00:00Z").pass();
  EXPECT_EQ(estate.state("Z", "app/a"), "violating");
}

TEST(Activation, AnotherGraceSeverityOrModeIsNoJudgement) {
  Estate estate(rule("A", "app", "grace = \"72h\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  estate.at("+36h").activate(rule("A", "app", "grace = \"24h\"\nrequire = \"self.public\""));
  EXPECT_EQ(estate.judged(), 0U);
  ASSERT_EQ(estate.result().notices.size(), 1U);
  EXPECT_TRUE(estate.result().notices[0].firing);
  EXPECT_EQ(estate.engine().tallies().rules.at("A").overdue[2], 1);
  estate.activate(
      rule("A", "app", "grace = \"24h\"\nseverity = \"low\"\nrequire = \"self.public\""));
  EXPECT_EQ(estate.engine().tallies().rules.at("A").overdue[0], 1);
  estate.activate(rule("A", "app",
                       "grace = \"24h\"\nmode = \"shadow\"\nseverity = \"low\"\n"
                       "require = \"self.public\""));
  EXPECT_EQ(estate.judged(), 0U);
  ASSERT_EQ(estate.result().notices.size(), 1U);
  EXPECT_FALSE(estate.result().notices[0].firing);
}

TEST(Activation, AnotherSchemaJudgesEverythingAndKeepsSince) {
  Estate estate(kPublic + kUsers);
  estate.upsert("app/a", R"({"users":5})");
  const base::Instant began = estate.now();
  std::string schema = common_schema();
  const std::string before = "public = { type = \"bool\" }";
  schema.replace(schema.find(before), before.size(),
                 "extra = { type = \"int\" }\npublic = { type = \"bool\", default = true }");
  estate.at("+1d").activate(kPublic + kUsers, schema);
  EXPECT_EQ(estate.judged(), 2U);
  EXPECT_EQ(estate.state("A", "app/a"), "compliant");
  EXPECT_EQ(estate.verdict("B", "app/a").since, began);
  estate.patch("app/a", R"({"users":0})");
  EXPECT_EQ(estate.state("B", "app/a"), "violating");
}

TEST(Activation, AKindThatIsGoneTakesItsPairsAlong) {
  const std::string parts = rule("P", "part", "require = \"self.open\"");
  std::string schema = common_schema();
  const std::size_t begin = schema.find("[kinds.source]");
  const std::size_t end = schema.find("[kinds.release]");
  schema.erase(begin, end - begin);
  const std::size_t role = schema.find("[roles.source]");
  schema.erase(role, schema.find("[roles.waiver]") - role);
  Estate estate(parts + rule("S", "source", "require = \"self.heard > now\""));
  estate.upsert("part/p", "{}");
  EXPECT_EQ(estate.state("S", "source/s"), "violating");
  estate.activate(parts, schema);
  EXPECT_EQ(estate.engine().stats().pairs, 1U);
  estate.patch("part/p", R"({"open":true})");
  EXPECT_EQ(estate.state("P", "part/p"), "compliant");
}

TEST(Activation, AParameterOfADerivedAttributeIsFollowed) {
  std::string schema = common_schema();
  const std::string before = "parts_open = {";
  schema.replace(
      schema.find(before), before.size(),
      "many = { type = \"bool\", derive = \"self.users > params.most\" }\nparts_open = {");
  const std::string rules = rule("A", "app", "require = \"!self.many\"");
  const auto most = [](const std::string& n) {
    return "[params]\nmost = { value = " + n + ", title.id = \"m\", title.en = \"m\" }\n";
  };
  Estate estate(most("10") + rules, schema);
  estate.upsert("app/a", R"({"users":5})");
  EXPECT_EQ(estate.state("A", "app/a"), "compliant");
  estate.activate(most("3") + rules, schema);
  EXPECT_EQ(estate.state("A", "app/a"), "violating");
}

TEST(Activation, AnotherMostReferrersIsFollowedThroughDerivedAttributes) {
  const std::string rules = rule("A", "app", "require = \"self.parts_open < 5\"");
  std::string schema = common_schema();
  const std::string before = "app = { to = \"app\" }\n\n[kinds.waiver]";
  schema.replace(schema.find(before), before.size(),
                 "app = { to = \"app\", max_referrers = 1 }\n\n[kinds.waiver]");
  Estate estate(rules);
  estate.upsert("app/a", "{}");
  estate.upsert("part/p", R"({"app":"a","open":true})");
  estate.upsert("part/q", R"({"app":"a","open":true})");
  EXPECT_EQ(estate.state("A", "app/a"), "compliant");
  estate.activate(rules, schema);
  EXPECT_EQ(estate.state("A", "app/a"), "undetermined");
  EXPECT_EQ(estate.explain("A", "app/a").reason, "the list is longer than the schema allows");
  estate.activate(rules);
  EXPECT_EQ(estate.state("A", "app/a"), "compliant");
}

}  // namespace
}  // namespace patuh::engine::naive
