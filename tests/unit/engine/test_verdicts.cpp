// What a verdict is: what missing things mean, first verdicts, since, removal, evidence, counts.
#include "estate.h"

namespace patuh::engine::naive {
namespace {

using model::VerdictState;

TEST(Verdicts, WhatTheElementItselfLacksItOwes) {
  Estate estate(rule("R", "app", "require = \"self.users > 3\"") +
                rule("S", "app", "require = \"self.base.public\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.explain("R", "app/a").reason, "missing: users");
  EXPECT_EQ(estate.state("S", "app/a"), "violating");
  EXPECT_EQ(estate.explain("S", "app/a").reason, "missing: base");
}

TEST(Verdicts, WhatAStubLacksItOwesToo) {
  Estate estate(rule("R", "app", "require = \"self.users > 3\""));
  estate.upsert("part/p", R"({"app":"ghost"})");
  EXPECT_EQ(estate.state("R", "app/ghost"), "violating");
  EXPECT_EQ(estate.explain("R", "app/ghost").reason, "missing: users");
}

TEST(Verdicts, WhatAnotherElementLacksLeavesThePairUndetermined) {
  Estate estate(rule("R", "app", "require = \"self.base.users > 3\""));
  estate.upsert("app/b", "{}").upsert("app/a", R"({"base":"b"})");
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  EXPECT_EQ(estate.explain("R", "app/a").reason, "missing: app/b.users");
  estate.patch("app/b", R"({"users":4})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

TEST(Verdicts, AConditionThatCannotBeDecidedNeverMeansNotApplicable) {
  Estate estate(rule("R", "app", "when = \"self.users > 3\"\nrequire = \"self.public\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  estate.patch("app/a", R"({"users":1})");
  EXPECT_EQ(estate.state("R", "app/a"), "-");
  estate.patch("app/a", R"({"users":5})");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Verdicts, AListBeyondItsMaxIsUndeterminedForLoopsAndCountedAllTheSame) {
  Estate estate(rule("R", "app", "require = \"related(self, 'uses').all(p, p.open)\"") +
                rule("S", "app", "require = \"count(related(self, 'uses')) == 3\""));
  estate.upsert("app/a", R"({"uses":["x","y","z"]})");
  EXPECT_EQ(estate.state("S", "app/a"), "compliant");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"uses":["x","y","z","w"]})");
  EXPECT_EQ(estate.state("S", "app/a"), "violating") << "four are kept and counted";
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  EXPECT_EQ(estate.explain("R", "app/a").reason, "the list is longer than the schema allows");
}

TEST(Verdicts, AnAttributeThatIsAListBeyondItsMaxIsUndeterminedForLoops) {
  std::string schema = common_schema();
  const std::string before = "parts_open = {";
  schema.replace(schema.find(before), before.size(),
                 "tags = { type = \"list\", of = \"string\", max = 2 }\n" + before);
  Estate estate(rule("R", "app", "require = \"self.tags.exists(t, t == 'x')\"") +
                    rule("I", "app", "require = \"'x' in self.tags\"") +
                    rule("S", "app", "require = \"size(self.tags) == 3\""),
                schema);
  estate.upsert("app/a", R"({"tags":["x","y"]})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.patch("app/a", R"({"tags":["x","y","z"]})");
  EXPECT_EQ(estate.state("R", "app/a"), "undetermined");
  EXPECT_EQ(estate.state("I", "app/a"), "undetermined");
  EXPECT_EQ(estate.state("S", "app/a"), "compliant");
}

TEST(Verdicts, ADerivedAttributeThatHasNothingToTellIsAbsent) {
  Estate estate(rule("R", "app", "require = \"self.last_check > now - days(7)\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  EXPECT_EQ(estate.explain("R", "app/a").reason, "missing: last_check");
  estate.upsert("part/p", R"({"app":"a","when":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  estate.at("+7d").pass();
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
}

TEST(Verdicts, AFirstVerdictOfCompliantIsNoTransition) {
  Estate estate(rule("R", "app", "when = \"self.status == 'live'\"\nrequire = \"self.public\""));
  EXPECT_TRUE(
      estate.upsert("app/a", R"({"status":"live","public":true})").result().transitions.empty());
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
  // Not applicable first: being compliant later is news.
  EXPECT_TRUE(estate.upsert("app/b", R"({"public":true})").result().transitions.empty());
  estate.patch("app/b", R"({"status":"live"})");
  ASSERT_EQ(estate.result().transitions.size(), 1U);
  EXPECT_EQ(estate.result().transitions[0].from, VerdictState::kNotApplicable);
  EXPECT_EQ(estate.result().transitions[0].to, VerdictState::kCompliant);
}

TEST(Verdicts, SinceStaysWhileTheVerdictStays) {
  Estate estate(rule("R", "app", "require = \"self.users > 3\""));
  estate.upsert("app/a", R"({"users":1})");
  const base::Instant began = estate.now();
  estate.at("+1d").patch("app/a", R"({"users":2})");
  EXPECT_TRUE(estate.result().transitions.empty());
  EXPECT_EQ(estate.verdict("R", "app/a").since, began);
}

TEST(Verdicts, ARemovedElementClosesItsPairsWithThatReason) {
  Estate estate(rule("R", "app", "require = \"self.public\"") +
                rule("S", "app", "require = \"self.users == null || self.users > 0\""));
  estate.upsert("app/a", "{}").remove("app/a");
  // The one that was compliant from its first day on needs no row: the element's life tells.
  ASSERT_EQ(estate.result().transitions.size(), 1U);
  EXPECT_EQ(estate.result().transitions[0].rule, "R");
  EXPECT_EQ(estate.result().transitions[0].closing, model::Closing::kElementRemoved);
  EXPECT_EQ(estate.engine().stats().pairs, 0U);
  ASSERT_EQ(estate.result().notices.size(), 1U);
  EXPECT_FALSE(estate.result().notices[0].firing);
}

TEST(Verdicts, ATransitionCarriesWhatWasRead) {
  Estate estate(rule(
      "R", "app", "require = \"self.users > 3 && referrers(self, 'part', 'app').all(p, p.open)\""));
  estate.upsert("dinas/d", R"({"code":"dinkes"})");
  estate.upsert("app/a", R"({"users":5,"owner":"d"})");
  estate.upsert("part/p", R"({"app":"a","open":false})");
  ASSERT_EQ(estate.result().transitions.size(), 1U);
  const model::Transition& told = estate.result().transitions[0];
  EXPECT_EQ(told.agency, "dinkes");
  EXPECT_EQ(told.cause_source, "s");
  EXPECT_EQ(told.cause_id, "event-3");
  EXPECT_EQ(told.cause_type, "upsert");
  std::vector<std::string> facts;
  for (const model::Fact& fact : told.evidence) {
    facts.push_back(fact.element + "." + fact.field + "=" + fact.value);
  }
  EXPECT_EQ(facts, (std::vector<std::string>{".users=5", ".^part.app=1", "part/p.open=false"}));
}

TEST(Verdicts, EvidenceIsBounded) {
  Estate estate(rule("R", "app", "require = \"referrers(self, 'part', 'app').exists(p, p.open)\""));
  estate.upsert("app/a", "{}");
  for (int i = 0; i < 40; ++i) estate.upsert("part/p" + std::to_string(i), R"({"app":"a"})");
  estate.remove("app/a").upsert("app/a", "{}");
  ASSERT_EQ(estate.result().transitions.size(), 1U);
  EXPECT_EQ(estate.result().transitions[0].evidence.size(), 16U);
}

TEST(Verdicts, AnExplanationTellsTheStepsFromTheOutermost) {
  Estate estate(rule("R", "app", "require = \"self.users > 3 && self.until > now\""));
  estate.upsert("app/a", R"({"users":5,"until":"2026-02-01T00:00:00Z"})");
  const Explanation told = estate.explain("R", "app/a");
  ASSERT_GE(told.steps.size(), 3U);
  EXPECT_LE(told.steps.size(), 10U);
  EXPECT_EQ(told.steps[0].text, "self.users > 3 && self.until > now");
  EXPECT_EQ(told.steps[0].value, "true");
  EXPECT_EQ(told.next_change, *base::from_rfc3339("2026-02-01T00:00:00Z"));
  EXPECT_EQ(told.message_id + told.message_en, "") << "nothing is wrong";
}

TEST(Verdicts, AMessagePrintsAMissingValueAsADash) {
  Estate estate(
      rule("R", "app",
           "require = \"self.public\"\n"
           "message.id = \"{self.name}: {self.users} pengguna, {self.until}, {self.base}\""));
  estate.upsert("app/a", "{}");
  EXPECT_EQ(estate.explain("R", "app/a").message_id, "–: – pengguna, –, –");
  estate.upsert("app/b", R"({"name":"Induk"})");
  estate.patch("app/a", R"({"name":"X","users":12345,"until":"2026-03-04T17:00:00Z","base":"b"})");
  EXPECT_EQ(estate.explain("R", "app/a").message_id, "X: 12.345 pengguna, 5 Maret 2026, Induk");
  // English stands in with the Indonesian words, and keeps its own numbers and dates.
  EXPECT_EQ(estate.explain("R", "app/a").message_en, "X: 12,345 pengguna, 5 March 2026, Induk");
}

// ── Agencies ──

TEST(Verdicts, CountsFollowTheElementToAnotherAgencyAndTheAgencyToAnotherCode) {
  Estate estate(rule("R", "app", "severity = \"high\"\nrequire = \"self.public\""));
  estate.upsert("dinas/d1", R"({"code":"one"})").upsert("dinas/d2", R"({"code":"two"})");
  estate.upsert("app/a", R"({"owner":"d1"})");
  const auto violating = [&](const std::string& agency) -> std::int64_t {
    const Tallies tallies = estate.engine().tallies();
    const auto found = tallies.agencies.find(agency);
    return found == tallies.agencies.end() ? 0 : model::total(found->second.at("apps").violating);
  };
  EXPECT_EQ(violating("one"), 1);
  EXPECT_EQ(estate.engine().owed_by("one").size(), 1U);
  estate.patch("app/a", R"({"owner":"d2"})");
  EXPECT_EQ(violating("one"), 0);
  EXPECT_EQ(violating("two"), 1);
  estate.patch("dinas/d2", R"({"code":"zwei"})");
  EXPECT_EQ(violating("two"), 0);
  EXPECT_EQ(violating("zwei"), 1);
  EXPECT_EQ(estate.engine().owed_by("zwei").size(), 1U);
}

// Of what moves to another agency that is said anew which its list must gain or the other one lose.
TEST(Verdicts, OnlyWhatIsOpenOrTurnedJustThenIsOwedAnew) {
  Estate estate(rule("OPEN", "app", "require = \"self.public\"") +
                rule("HEALED", "app", "require = \"self.users > 3\"") +
                rule("TURNS", "app", "require = \"self.status == 'live'\""));
  estate.upsert("dinas/d1", R"({"code":"one"})").upsert("dinas/d2", R"({"code":"two"})");
  estate.upsert("app/a", R"({"owner":"d1","users":1,"status":"plan"})");
  estate.at("+1d").patch("app/a", R"({"users":5})");
  ASSERT_EQ(estate.state("HEALED", "app/a"), "compliant");
  estate.at("+1d").patch("app/a", R"({"owner":"d2","status":"live"})");
  std::vector<std::string> anew;
  for (const Restated& one : estate.result().restated) {
    anew.push_back(one.rule + " " + one.before + " " + one.agency + " " +
                   std::string(model::name_of(one.state)));
  }
  EXPECT_EQ(anew, (std::vector<std::string>{"OPEN one two violating", "TURNS one two compliant"}));
}

TEST(Verdicts, WhatIsOwedComesMostSevereThenOldestFirst) {
  Estate estate(rule("A", "app", "severity = \"low\"\nrequire = \"self.public\"") +
                rule("B", "app", "severity = \"critical\"\nrequire = \"self.users > 3\""));
  estate.upsert("dinas/d", R"({"code":"d"})");
  estate.upsert("app/new", R"({"owner":"d","users":5})");
  estate.at("+1d").upsert("app/old", R"({"owner":"d"})");
  estate.at("+1d").patch("app/new", R"({"users":0})");
  std::vector<std::string> owed;
  for (const Verdict& one : estate.engine().owed_by("d")) {
    owed.push_back(estate.engine().book().rules[one.rule.value].id + " " +
                   estate.engine().registry().key_of(one.element).id);
  }
  EXPECT_EQ(owed, (std::vector<std::string>{"B old", "B new", "A new", "A old"}));
}

// ── Sources ──

TEST(Verdicts, ASourceIsHeardWithEachEventToTheMinute) {
  Estate estate(rule("R", "source", "require = \"now - self.heard < days(7)\""));
  estate.upsert("dinas/d", R"({"code":"d"})");
  estate.at("2026-01-01T10:20:30Z").from("net/a").upsert("app/a", R"({"owner":"d"})");
  const registry::Registry& registry = estate.engine().registry();
  const model::ElementRef source = estate.find("source/net/a");
  const model::KindId kind = registry.kind_of(source);
  const auto heard = [&] {
    return registry.value(source, *registry.schema().kind(kind).field_of("heard")).as_instant();
  };
  EXPECT_TRUE(registry.is_stub(source));
  EXPECT_EQ(registry.agency_code(source), "d");
  EXPECT_EQ(heard(), *base::from_rfc3339("2026-01-01T10:20:00Z"));
  estate.at("2026-01-01T10:20:59Z").patch("app/a", R"({"note":"x"})");
  EXPECT_EQ(heard(), *base::from_rfc3339("2026-01-01T10:20:00Z"));
  estate.at("2026-01-01T10:21:00Z").patch("app/a", R"({"note":"y"})");
  EXPECT_EQ(heard(), *base::from_rfc3339("2026-01-01T10:21:00Z"));
  EXPECT_EQ(estate.state("R", "source/net/a"), "compliant");
  estate.at("+7d").pass();
  EXPECT_EQ(estate.state("R", "source/net/a"), "violating");
  estate.from("s").remove("source/net/a");
  estate.from("net/a").patch("app/a", R"({"note":"z"})");
  EXPECT_EQ(estate.state("R", "source/net/a"), "compliant");
}

}  // namespace
}  // namespace patuh::engine::naive
