// What wakes what: by changes near and far, by time, and what does not.
#include "estate.h"

namespace patuh::engine::naive {
namespace {

TEST(Incremental, AnOptionalRelationsEndIsMovedAwayAndBack) {
  Estate estate(rule("R", "app", "require = \"!known(self.base) || self.base.public\""));
  estate.upsert("app/good", R"({"public":true})").upsert("app/bad", "{}");
  estate.upsert("app/a", R"({"base":"good"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"base":"bad"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  // The end it had before no longer matters; the one it has does.
  EXPECT_EQ(estate.patch("app/good", R"({"public":false})").judged(), 0U);
  estate.patch("app/a", R"({"base":null})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"base":"good"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/good", R"({"public":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Incremental, TheLastChildIsRemoved) {
  Estate estate(rule("R", "app", "require = \"count(referrers(self, 'part', 'app')) > 0\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.upsert("part/p", R"({"app":"a"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.remove("part/p");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Incremental, TheFirstMatchingChildComesUnderTwoNestedOptionalRelations) {
  Estate estate(rule("R", "app",
                     "require = \"known(self.base) && known(self.base.base) && "
                     "referrers(self.base.base, 'part', 'app').exists(p, p.open)\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"base":"b"})");  // a stub
  estate.upsert("app/b", "{}");
  estate.patch("app/b", R"({"base":"c"})");
  estate.upsert("app/c", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.upsert("part/p", R"({"app":"c","open":false})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("part/p", R"({"open":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.remove("app/b");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Incremental, APathBecomesCompleteOnlyLater) {
  Estate estate(rule("R", "part",
                     "require = \"!known(self.app) || !known(self.app.base) || "
                     "!known(self.app.base.base) || self.app.base.base.public\""));
  // From the far end to the near one, with stubs in between: at each step nothing may be missed.
  estate.upsert("part/p", R"({"app":"a"})");
  EXPECT_EQ(estate.state("R", "part/p"), "compliant");
  estate.upsert("app/c", R"({"public":false})");
  estate.upsert("app/b", R"({"base":"c"})");
  EXPECT_EQ(estate.state("R", "part/p"), "compliant");
  estate.patch("app/a", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "part/p"), "compliant");  // a is still a stub
  estate.upsert("app/a", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "part/p"), "violating");
  estate.patch("app/c", R"({"public":true})");
  EXPECT_EQ(estate.state("R", "part/p"), "compliant");
}

TEST(Incremental, AParentsOnlyRelationIsReplaced) {
  Estate estate(rule("R", "app", "require = \"related(self, 'uses').all(p, p.open)\""));
  estate.upsert("part/x", R"({"open":true})").upsert("part/y", R"({"open":false})");
  estate.upsert("app/a", R"({"uses":["x"]})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.upsert("app/a", R"({"uses":["y"]})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.patch("part/x", R"({"open":false})").judged(), 0U);
  estate.patch("part/y", R"({"open":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Incremental, AnEventOnAFieldThatNobodyReadsJudgesNothing) {
  Estate estate(rule("R", "app", "require = \"self.public || self.users > 3\""));
  estate.upsert("app/a", R"({"public":true,"users":1})");
  EXPECT_EQ(estate.patch("app/a", R"({"note":"x"})").judged(), 0U);
  // Read by the rule, yet not by this verdict: true || … reads no further.
  EXPECT_EQ(estate.patch("app/a", R"({"users":7})").judged(), 0U);
  EXPECT_EQ(estate.patch("app/a", R"({"public":false})").judged(), 1U);
  EXPECT_EQ(estate.patch("app/a", R"({"users":2})").judged(), 1U);
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Incremental, AnEmptySetIsReadToo) {
  Estate estate(rule("R", "app", "require = \"count(same(self, 'url')) == 0\"") +
                rule("S", "app", "require = \"count(where('app', 'url', 'z')) == 0\"") +
                rule("T", "app", "require = \"!known(lookup('part', 'p'))\""));
  estate.upsert("app/a", R"({"url":"x"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.upsert("app/b", R"({"url":"x"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/b", R"({"url":"z"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  EXPECT_EQ(estate.state("S", "app/a"), "violating");
  estate.upsert("part/p", "{}");
  EXPECT_EQ(estate.state("T", "app/a"), "violating");
  estate.remove("part/p");
  EXPECT_EQ(estate.state("T", "app/a"), "compliant");
}

TEST(Incremental, ADerivedAttributeBringsItsReadsToItsReader) {
  Estate estate(rule("R", "app", "require = \"self.parts_open == 0\""));
  estate.upsert("app/a", "{}").upsert("part/p", R"({"app":"a"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("part/p", R"({"open":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.patch("part/p", R"({"size":4})").judged(), 0U);
}

TEST(Incremental, WhatWasReadThroughARelationIsDroppedWithIt) {
  Estate estate(rule("R", "app", "require = \"!known(self.base) || self.base.users > 0\""));
  estate.upsert("app/hub", R"({"users":1})");
  for (int i = 0; i < 50; ++i) {
    estate.upsert("app/a" + std::to_string(i), R"({"base":"hub"})");
  }
  const std::uint64_t full = estate.engine().stats().reads;
  EXPECT_GE(full, 50U);
  for (int i = 0; i < 50; ++i) estate.patch("app/a" + std::to_string(i), R"({"base":null})");
  EXPECT_EQ(estate.engine().stats().reads, 0U);
  EXPECT_EQ(estate.patch("app/hub", R"({"users":0})").judged(), 0U);
}

// ── Time ──

constexpr const char* kExpiry = "require = \"self.until > now\"";

TEST(Incremental, AnExpiryTurnsExactlyAtItsInstant) {
  Estate estate(rule("R", "app", kExpiry));
  estate.upsert("app/a", R"({"until":"2026-01-05T00:00:00Z"})");
  estate.at("2026-01-04T23:59:59.999999Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  EXPECT_EQ(estate.judged(), 0U);
  estate.at("+1us").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.verdict("R", "app/a").since, estate.now());
}

TEST(Incremental, AnEventAtTheInstantOfAnExpiryComesAfterIt) {
  Estate estate(rule("R", "app", kExpiry));
  estate.upsert("app/a", R"({"until":"2026-01-05T00:00:00Z"})");
  estate.at("2026-01-05T00:00:00Z").patch("app/a", R"({"until":"2026-02-01T00:00:00Z"})");
  ASSERT_EQ(estate.result().transitions.size(), 2U);
  EXPECT_EQ(estate.result().transitions[0].to, model::VerdictState::kViolating);
  EXPECT_EQ(estate.result().transitions[0].cause_type, "time");
  EXPECT_EQ(estate.result().transitions[1].to, model::VerdictState::kCompliant);
  EXPECT_EQ(estate.result().transitions[1].cause_id, "event-2");
}

TEST(Incremental, WhatFellDueWhileTheDaemonWasDownIsToldInOrderAtItsOwnInstants) {
  Estate estate(rule("R", "app", kExpiry) +
                rule("S", "app", "require = \"now - self.checked < days(7)\""));
  estate.upsert("app/a", R"({"until":"2026-01-20T00:00:00Z","checked":"2026-01-01T00:00:00Z"})");
  estate.upsert("app/b", R"({"until":"2026-01-10T00:00:00Z","checked":"2026-01-13T00:00:00Z"})");
  estate.at("2026-03-01T00:00:00Z").upsert("part/p", "{}");
  std::vector<std::string> told;
  for (const model::Transition& one : estate.result().transitions) {
    told.push_back(base::to_rfc3339(one.since).substr(0, 10) + " " + one.rule + " " +
                   one.element.text());
    EXPECT_EQ(one.recorded, estate.now());
  }
  EXPECT_EQ(told, (std::vector<std::string>{"2026-01-08 S app/a", "2026-01-10 R app/b",
                                            "2026-01-20 R app/a", "2026-01-20 S app/b"}));
}

TEST(Incremental, ThirtyDaysWithNothingDueJudgeNothing) {
  Estate estate(rule("R", "app", kExpiry) +
                rule("S", "app", "require = \"now - self.checked < days(7)\"\ngrace = \"6h\"") +
                rule("T", "app", "require = \"self.users > 0\""));
  for (int i = 0; i < 20; ++i) {
    estate.upsert("app/a" + std::to_string(i),
                  R"({"until":"2026-06-01T00:00:00Z","checked":"2025-12-01T00:00:00Z"})");
  }
  estate.at("+1d").pass();
  for (int day = 0; day < 30; ++day) {
    estate.at("+1d").pass();
    ASSERT_EQ(estate.judged(), 0U);
    ASSERT_TRUE(estate.result().transitions.empty());
  }
  EXPECT_EQ(estate.engine().next_wake(), *base::from_rfc3339("2026-06-01T00:00:00Z"));
}

TEST(Incremental, ARuleComesIntoEffectAndGoesByItself) {
  Estate estate(rule("R", "app",
                     "require = \"self.public\"\n"
                     "effective = { from = 2026-01-10T00:00:00Z, until = 2026-01-20T00:00:00Z }"));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "-");
  estate.at("2026-01-10T00:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.at("2026-01-20T00:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "-");
  EXPECT_EQ(estate.engine().next_wake(), base::kNever);
}

}  // namespace
}  // namespace patuh::engine::naive
