// Episodes: grace, alerts, occurrences, gaps, waivers.
#include <array>

#include "estate.h"

namespace patuh::engine::naive {
namespace {

std::vector<std::string> notices(const Estate& estate) {
  std::vector<std::string> out;
  for (const alerts::Notice& one : estate.result().notices) {
    out.push_back((one.firing ? "fires " : "resolved ") + one.rule + " " + one.element.text() +
                  (one.occurrence.empty() ? "" : " " + one.occurrence));
  }
  return out;
}
using Lines = std::vector<std::string>;

TEST(Episodes, AViolationIsPendingThenFiresThenIsResolved) {
  Estate estate(rule("R", "app", "grace = \"36h\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.verdict("R", "app/a").alert, alerts::Phase::kPending);
  EXPECT_EQ(notices(estate), Lines{});
  estate.at("+36h").pass();
  EXPECT_EQ(estate.judged(), 0U);  // an alert falls due without a judgement
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});
  EXPECT_EQ(estate.engine().tallies().rules.at("R").overdue[2], 1);
  estate.at("+1h").patch("app/a", R"({"public":true})");
  EXPECT_EQ(notices(estate), Lines{"resolved R app/a"});
  EXPECT_EQ(estate.engine().tallies().rules.at("R").overdue[2], 0);
}

TEST(Episodes, ANoticeSaysAllThatPeopleNeedAndIsRepeatedWhenResolved) {
  Estate estate(
      rule("R", "app",
           "severity = \"critical\"\nrequire = \"self.public\"\n"
           "message.id = \"{self.name} tertutup\"\nmessage.en = \"{self.name} is closed\""));
  estate.upsert("dinas/d", R"({"code":"dinkes"})");
  estate.upsert("app/a", R"({"owner":"d","name":"SIM"})");
  ASSERT_EQ(estate.result().notices.size(), 1U);
  const alerts::Notice fired = estate.result().notices[0];
  EXPECT_EQ(fired.key, "R|app/a||2026-01-01T00:00:00Z|event-2");
  EXPECT_EQ(fired.agency, "dinkes");
  EXPECT_EQ(fired.cause, "event-2");
  EXPECT_EQ(fired.severity, model::Severity::kCritical);
  EXPECT_EQ(fired.summary_id, "SIM tertutup");
  EXPECT_EQ(fired.summary_en, "SIM is closed");
  EXPECT_EQ(fired.remedy_en, "Mend it.");
  EXPECT_FALSE(fired.deployment);
  estate.at("+1h").patch("app/a", R"({"public":true,"name":"Lain"})");
  ASSERT_EQ(estate.result().notices.size(), 1U);
  const alerts::Notice resolved = estate.result().notices[0];
  EXPECT_FALSE(resolved.firing);
  EXPECT_EQ(resolved.key, fired.key);
  EXPECT_EQ(resolved.cause, "event-2");
  EXPECT_EQ(resolved.summary_id, "SIM tertutup");
  EXPECT_EQ(resolved.at, estate.now());
}

// A batch has one instant: what begins, ends and begins again within it are two episodes.
TEST(Episodes, TwoEpisodesOfOneInstantHaveTwoKeys) {
  Estate estate(rule("R", "app", "severity = \"critical\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  ASSERT_EQ(estate.result().notices.size(), 1U);
  const alerts::Notice first = estate.result().notices[0];
  estate.patch("app/a", R"({"public":true})").patch("app/a", R"({"public":false})");
  ASSERT_EQ(estate.result().notices.size(), 1U);
  const alerts::Notice second = estate.result().notices[0];
  EXPECT_TRUE(first.firing && second.firing);
  EXPECT_EQ(first.started, second.started);
  EXPECT_NE(first.key, second.key);
}

// ── Occurrences ──

constexpr const char* kRelease =
    "severity = \"critical\"\nwhen = \"self.place == 'produksi'\"\n"
    "require = \"known(self.app) && self.app.public\"\noccurrence = \"self.number\"";

TEST(Episodes, TwoBadDeploymentsInARowAreTwo) {
  Estate estate(rule("R", "release", kRelease));
  estate.upsert("app/a", "{}");
  estate.upsert("release/a@p", R"({"app":"a","place":"produksi","number":"d1"})");
  EXPECT_EQ(notices(estate), Lines{"fires R release/a@p d1"});
  EXPECT_TRUE(estate.result().notices[0].deployment);
  estate.at("+1h").patch("release/a@p", R"({"number":"d2"})");
  EXPECT_EQ(notices(estate), (Lines{"resolved R release/a@p d1", "fires R release/a@p d2"}));
  ASSERT_EQ(estate.result().transitions.size(), 2U);
  EXPECT_EQ(estate.result().transitions[0].closing, model::Closing::kNewOccurrence);
  EXPECT_EQ(estate.result().transitions[0].occurrence, "d1");
  EXPECT_EQ(estate.result().transitions[1].occurrence, "d2");
  EXPECT_EQ(estate.verdict("R", "release/a@p").since, estate.now());
}

TEST(Episodes, TheSameOccurrenceAgainIsNoNews) {
  Estate estate(rule("R", "release", kRelease));
  estate.upsert("release/a@p", R"({"app":"a","place":"produksi","number":"d1"})");
  estate.at("+1h").upsert("release/a@p", R"({"app":"a","place":"produksi","number":"d1"})");
  EXPECT_TRUE(estate.result().transitions.empty());
  EXPECT_TRUE(estate.result().notices.empty());
}

TEST(Episodes, ADeploymentOfAnUnknownApplicationReachesTheAgencyForTheWhole) {
  Estate estate(rule("R", "app", "require = \"self.public\""));
  estate.upsert("dinas/kominfo", R"({"code":"kominfo","whole":true})");
  // As the pipeline reads an event of the deployment role.
  model::ChangeEvent event;
  event.source = "ci";
  event.id = "1";
  event.version = 1;
  event.time = estate.now();
  const model::Schema& schema = *estate.engine().book().schema;
  event.kind = *schema.kind_of("release");
  event.element_id = "x@produksi";
  event.through_deployment = true;
  const std::array<model::NamedElement, 1> ends = {{{"app", "x"}}};
  event.fields.push_back(
      {.field = *schema.kind(event.kind).field_of("app"), .value = {}, .ends = ends});
  const StepResult result = estate.engine().apply(estate.now(), event);
  ASSERT_EQ(result.notices.size(), 1U);
  EXPECT_EQ(result.notices[0].element.text(), "app/x");
  EXPECT_EQ(result.notices[0].agency, "kominfo");
}

// ── Gaps ──

TEST(Episodes, AFiringAlertStaysFiringThroughAGapAndGraceKeepsCounting) {
  Estate estate(rule(
      "R", "app", "grace = \"24h\"\nwhen = \"has(self.base)\"\nrequire = \"self.base.users > 3\""));
  estate.upsert("app/b", R"({"users":1})").upsert("app/a", R"({"base":"b"})");
  estate.at("+6h").patch("app/b", R"({"users":null})");
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  estate.at("+24h").patch("app/b", R"({"users":1})");
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});  // since the first day
  estate.at("+1h").patch("app/b", R"({"users":null})");
  EXPECT_EQ(notices(estate), Lines{});
  EXPECT_EQ(estate.verdict("R", "app/a").alert, alerts::Phase::kFiring);
  estate.at("+1h").patch("app/b", R"({"users":5})");
  EXPECT_EQ(notices(estate), Lines{"resolved R app/a"});
}

TEST(Episodes, AGapOfACriticalRuleAlertsByItselfPastItsGrace) {
  Estate estate(rule("R", "app",
                     "severity = \"critical\"\ngrace = \"24h\"\nwhen = \"has(self.base)\"\nrequire "
                     "= \"self.base.users > 3\""));
  estate.upsert("app/b", "{}").upsert("app/a", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  estate.at("+24h").pass();
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});
}

TEST(Episodes, AShadowRuleIsJudgedAndCountedButNeverAlerts) {
  Estate estate(rule("R", "app", "mode = \"shadow\"\nrequire = \"self.public\""));
  estate.upsert("dinas/d", R"({"code":"d"})").upsert("app/a", R"({"owner":"d"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_TRUE(estate.result().notices.empty());
  EXPECT_EQ(estate.engine().tallies().rules.at("R").violating[2], 1);
  EXPECT_TRUE(estate.engine().tallies().agencies.empty());
  EXPECT_TRUE(estate.engine().owed_by("d").empty());
}

// ── Waivers ──

std::string waiver(const std::string& from, const std::string& until,
                   const std::string& more = "") {
  return R"({"rule":"R","about":["app/a"],"status":"granted","from":")" + from + R"(","until":")" +
         until + "\"" + more + "}";
}

TEST(Episodes, AWaiverCoversAViolationForItsTimeAndTheAlertFiresAtItsEnd) {
  Estate estate(rule("R", "app", "grace = \"24h\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  estate.at("+1h").upsert("waiver/w", waiver("2026-01-03T00:00:00Z", "2026-01-05"));
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.at("+24h").pass();
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});
  estate.at("2026-01-03T00:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  EXPECT_EQ(notices(estate), Lines{"resolved R app/a"});
  estate.at("2026-01-05T16:59:59.999999Z").pass();  // the deadline's last microsecond, in Jakarta
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.at("+1us").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});  // long past due
}

TEST(Episodes, OverlappingWaiversEndWithTheLatest) {
  Estate estate(rule("R", "app", "require = \"self.public\""));
  estate.upsert("app/a", "{}");
  estate.upsert("waiver/v", waiver("2026-01-01T00:00:00Z", "2026-01-05"));
  estate.upsert("waiver/w", waiver("2026-01-03T00:00:00Z", "2026-01-09"));
  estate.at("2026-01-05T17:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.at("2026-01-09T17:00:00Z").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Episodes, AWaiverEndsWhenItIsRevokedRemovedOrItsConditionHolds) {
  Estate estate(rule("R", "app", "require = \"self.public\""));
  estate.upsert("app/a", R"({"users":1})");
  const std::string until = waiver("2026-01-01T00:00:00Z", "2026-02-01");
  estate.upsert("waiver/w", until);
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.patch("waiver/w", R"({"status":"revoked"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("waiver/w", R"({"status":"granted","unless":"self.users > 3"})");
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.patch("app/a", R"({"users":4})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"users":2})");
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.patch("app/a", R"({"users":null})");  // nobody hides behind a gap
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("waiver/w", R"({"unless":"self.no_such_thing"})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("waiver/w", R"({"unless":null})");
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.remove("waiver/w");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Episodes, AWaiverChangesOnlyAViolation) {
  Estate estate(rule("R", "app", "require = \"self.base.users > 3\""));
  estate.upsert("app/b", "{}").upsert("app/a", R"({"base":"b"})");
  estate.upsert("waiver/w", waiver("2026-01-01T00:00:00Z", "2026-02-01"));
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  estate.patch("app/b", R"({"users":1})");
  EXPECT_EQ(estate.state("R", "app/a"), "waived");
  estate.patch("app/b", R"({"users":4})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Episodes, RulesOnWaiversCannotBeWaived) {
  Estate estate(rule("R", "waiver", "require = \"self.rule == 'nothing'\""));
  estate.upsert("waiver/v", R"({"rule":"other"})");
  estate.upsert("waiver/w", R"({"rule":"R","about":["waiver/v","waiver/w"],"status":"granted"})");
  EXPECT_EQ(estate.state("R", "waiver/v"), "violating");
  EXPECT_EQ(estate.state("R", "waiver/w"), "violating");
}

TEST(Episodes, AWaiverThatCameLateDoesNotMoveTheStartOfTheViolation) {
  Estate estate(rule("R", "app", "grace = \"72h\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  const base::Instant due = estate.verdict("R", "app/a").due;
  estate.at("+1d").upsert("waiver/w", waiver("2026-01-01T00:00:00Z", "2026-01-03"));
  EXPECT_EQ(estate.verdict("R", "app/a").due, due);
  estate.at("+7d").pass();
  EXPECT_EQ(estate.verdict("R", "app/a").due, due);
  EXPECT_EQ(notices(estate), Lines{"fires R app/a"});
}

}  // namespace
}  // namespace patuh::engine::naive
