// What attributes were, and what is reached along relations.
#include "estate.h"

namespace patuh::engine::naive {
namespace {

TEST(Past, ThePreviousValueIsThatBeforeTheLastChange) {
  Estate estate(
      rule("R", "app",
           "require = \"previous(self.users) == null || self.users >= previous(self.users)\""));
  estate.upsert("app/a", R"({"users":5})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"users":3})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"users":3})");  // says the same: no change
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"users":4})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  EXPECT_EQ(estate.patch("app/a", R"({"note":"x"})").judged(), 0U);
}

TEST(Past, ChangesLeaveTheirSpanEachAtItsInstant) {
  Estate estate(rule("R", "app", "require = \"changes(self.status, days(1)) < 2\""));
  estate.upsert("app/a", R"({"status":"plan"})");
  estate.at("+1h").patch("app/a", R"({"status":"live"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.at("+1h").patch("app/a", R"({"status":"plan"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.at("+22h").pass();
  EXPECT_EQ(estate.judged(), 0U);
  // A day after the first of the two.
  estate.at("+1h").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Past, WhatCameBeforeTheRuleIsNotKnown) {
  const std::string past = rule("R", "app", "require = \"previous(self.users) == null\"");
  Estate estate(rule("S", "app", "require = \"self.public\""));
  estate.upsert("app/a", R"({"users":5})").patch("app/a", R"({"users":3})");
  estate.activate(past);
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"users":7})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  // It goes on under a book that still asks, and begins anew after one that did not.
  estate.activate(past + rule("A", "app", "require = \"self.public\""));
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.activate(rule("A", "app", "require = \"self.public\"")).activate(past);
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Past, SaysSinceWhenItIsKnownUntilTheSpanWasSeenWhole) {
  const std::string stable = rule("R", "app", "require = \"changes(self.users, hours(36)) < 2\"");
  const auto known_since = [](const Estate& estate) {
    std::string out;
    for (const model::Fact& fact : estate.explain("R", "app/a").facts) {
      if (fact.field == "changes of users known since") out = fact.value;
    }
    return out;
  };
  Estate ever(stable);
  ever.upsert("app/a", R"({"users":5})");
  EXPECT_EQ(known_since(ever), "");
  Estate estate(rule("S", "app", "require = \"self.public\""));
  estate.upsert("app/a", R"({"users":5})").at("+1d").activate(stable);
  EXPECT_EQ(known_since(estate), "\"2026-01-02T00:00:00Z\"");
  // It goes on under the next book, and is said no more once the span was seen.
  estate.at("+1d").activate(stable + rule("A", "app", "require = \"self.public\""));
  EXPECT_EQ(known_since(estate), "\"2026-01-02T00:00:00Z\"");
  estate.at("+1d").patch("app/a", R"({"users":6})");
  EXPECT_EQ(known_since(estate), "");
}

TEST(Past, OnlyTheNewestHundredChangesAreKnown) {
  Estate estate(rule("R", "app", "require = \"changes(self.users, days(30)) < 100\""));
  estate.upsert("app/a", R"({"users":0})");
  for (int i = 1; i < 100; ++i) {
    estate.patch("app/a", R"({"users":)" + std::to_string(i) + "}");
  }
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"users":100})").patch("app/a", R"({"users":101})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Reach, GoesAlongARelationNearestFirstAndEndsInACircle) {
  Estate estate(
      rule("R", "app", "require = \"size(reach(self, 'base')) == 3\"") +
      rule("S", "app", "require = \"reach(self, 'base').all(a, a.public)\"") +
      rule("T", "app", "require = \"reach(self, 'base').map(a, a.id) == ['b', 'c', 'd']\""));
  estate.upsert("app/d", R"({"public":true})").upsert("app/c", R"({"public":true,"base":"d"})");
  estate.upsert("app/b", R"({"public":true,"base":"c"})").upsert("app/a", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  EXPECT_EQ(estate.state("T", "app/a"), "compliant");
  // The circle does not hold the element itself.
  estate.patch("app/d", R"({"base":"a"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  EXPECT_EQ(estate.state("R", "app/d"), "compliant");
  EXPECT_EQ(estate.state("S", "app/a"), "compliant");
  estate.patch("app/d", R"({"public":false})");
  EXPECT_EQ(estate.state("S", "app/a"), "violating");
  // Once the way is cut, what lies beyond wakes nobody here.
  estate.patch("app/b", R"({"base":null})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.state("S", "app/a"), "compliant");
}

TEST(Reach, GoesBackwardOverWhoRefers) {
  Estate estate(rule("R", "app", "require = \"size(reach(self, '^app.base')) < 3\""));
  estate.upsert("app/a", "{}").upsert("app/b", R"({"base":"a"})");
  estate.upsert("app/c", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.upsert("app/d", R"({"base":"c"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.state("R", "app/b"), "compliant");
  estate.remove("app/d");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

}  // namespace
}  // namespace patuh::engine::naive
