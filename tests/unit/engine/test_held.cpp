// held_for(): what must have been true without a break.
#include "estate.h"

namespace patuh::engine::naive {
namespace {

std::string held(const std::string& condition, const std::string& span) {
  return "held_for(" + condition + ", " + span + ")";
}

std::string not_long_live() {
  return rule("R", "app", "require = \"!" + held("self.status == 'live'", "days(3)") + "\"");
}

TEST(Held, TurnsExactlyWhenTheSpanIsFull) {
  Estate estate(not_long_live());
  estate.upsert("app/a", R"({"status":"live"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  const base::Instant full = estate.now() + std::chrono::hours(72);
  EXPECT_EQ(estate.engine().next_wake(), full);
  estate.at("+71h").pass();
  EXPECT_EQ(estate.judged(), 0U);
  // Long after: the verdict turned at its instant all the same.
  estate.at("+240h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.verdict("R", "app/a").since, full);
}

TEST(Held, ABreakBeginsAnew) {
  Estate estate(not_long_live());
  estate.upsert("app/a", R"({"status":"live"})");
  estate.at("+48h").patch("app/a", R"({"status":"plan"})");
  EXPECT_EQ(estate.engine().next_wake(), base::kNever);
  estate.at("+1h").patch("app/a", R"({"status":"live"})");
  const base::Instant again = estate.now();
  estate.at("+71h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.at("+1h").pass();
  EXPECT_EQ(estate.verdict("R", "app/a").since, again + std::chrono::hours(72));
  // What says the same again is no break.
  estate.patch("app/a", R"({"status":"live"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"status":"plan"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Held, IsLookedAtWhetherOrNotTheWholeReachesIt) {
  Estate estate(rule(
      "R", "app",
      "when = \"self.public\"\nrequire = \"!" + held("self.status == 'live'", "days(1)") + "\""));
  estate.upsert("app/a", R"({"public":false,"status":"live"})");
  EXPECT_EQ(estate.state("R", "app/a"), "-");
  estate.at("+36h").patch("app/a", R"({"public":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"public":false,"status":"plan"})");
  estate.at("+1h").patch("app/a", R"({"status":"live"})");
  estate.at("+1h").patch("app/a", R"({"public":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Held, WhatCannotBeDecidedIsNotTrue) {
  Estate estate(rule("R", "app", "require = \"" + held("self.users > 0", "hours(6)") + "\""));
  estate.upsert("app/a", R"({"users":5})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.at("+7h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"users":null})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.explain("R", "app/a").reason, "");
  estate.patch("app/a", R"({"users":7})").at("+3h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Held, TimeAloneBeginsAndEndsARun) {
  const std::string recent = "self.until + days(1) < now && self.until + days(7) >= now";
  Estate estate(rule("R", "app", "require = \"!" + held(recent, "hours(36)") + "\""));
  estate.upsert("app/a", R"({"until":"2026-01-01T00:00:00Z"})");
  estate.at("2026-01-20T00:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.upsert("app/b", R"({"until":"2026-01-20T00:00:00Z"})");
  estate.at("2026-01-22T12:00:00.000001Z").pass();
  EXPECT_EQ(estate.state("R", "app/b"), "violating");
}

TEST(Held, ReadsOtherElementsAndItself) {
  Estate estate(rule("R", "app",
                     "require = \"!" + held("known(self.base) && self.base.public", "days(1)") +
                         " && !" + held(held("self.public", "days(1)"), "days(1)") + "\""));
  estate.upsert("app/hub", R"({"public":true})").upsert("app/a", R"({"base":"hub"})");
  estate.at("+1d").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.state("R", "app/hub"), "compliant");
  estate.patch("app/hub", R"({"public":false})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/hub", R"({"public":true})");
  estate.at("+2d").pass();
  // A day, and then a day of having been so for a day.
  EXPECT_EQ(estate.state("R", "app/hub"), "violating");
}

TEST(Held, AnElementThatComesBackBeginsAnew) {
  Estate estate(not_long_live());
  estate.upsert("app/a", R"({"status":"live"})").at("+48h").remove("app/a");
  estate.upsert("app/a", R"({"status":"live"})").at("+48h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Held, GoesOnUnderAnotherBookUnlessItsRuleWasRewritten) {
  const std::string other = rule("A", "app", "require = \"self.public\"");
  Estate estate(not_long_live());
  estate.upsert("app/a", R"({"status":"live"})").at("+48h").activate(other + not_long_live());
  estate.at("+24h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  const std::string rewritten = "held_for(self.status == 'live', days(7))";
  estate.activate(rule("R", "app", "require = \"!" + rewritten + "\"") + other);
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.at("+167h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.at("+1h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Held, SaysSinceWhenItHolds) {
  Estate estate(not_long_live());
  estate.upsert("app/a", R"({"status":"live"})");
  const Explanation explained = estate.explain("R", "app/a");
  ASSERT_FALSE(explained.facts.empty());
  EXPECT_EQ(explained.facts[0].field, "held since: self.status == 'live'");
  EXPECT_EQ(explained.facts[0].value, "\"2026-01-01T00:00:00Z\"");
  EXPECT_EQ(explained.next_change, estate.now() + std::chrono::hours(72));
}

}  // namespace
}  // namespace patuh::engine::naive
