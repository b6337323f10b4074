// A change that very many pairs read is judged in slices: nothing is lost, the newest goes first,
// and at the end everything is as if it had been judged at once.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "collectors/decode/decode.h"
#include "estate.h"
#include "history.h"
#include "random_events.h"
#include "sliced.h"

namespace patuh::engine::naive {
namespace {

using model::VerdictState;

// An engine alone, fed by hand.
class Alone {
 public:
  Alone(const std::string& rules, std::size_t slice)
      : engine_(load_book(common_schema(), rules), options(slice)) {}

  StepResult send(const std::string& subject, const std::string& data, const char* operation) {
    const model::Envelope envelope{.type = operation,
                                   .source = "s",
                                   .id = "event-" + std::to_string(++sent_),
                                   .time = now_,
                                   .version = sent_,
                                   .subject = subject,
                                   .data = data,
                                   .position = {}};
    return engine_.apply(now_, *decode::interpret(envelope, *engine_.book().schema));
  }
  StepResult upsert(const std::string& subject, const std::string& data) {
    return send(subject, data, "upsert");
  }
  StepResult patch(const std::string& subject, const std::string& data) {
    return send(subject, data, "patch");
  }
  StepResult pass(base::Duration span) { return engine_.advance(now_ += span); }
  Engine& engine() { return engine_; }

 private:
  static Options options(std::size_t slice) {
    Options out;
    out.slice = slice;
    return out;
  }
  Engine engine_;
  base::Instant now_ = kBeginning;
  std::int64_t sent_ = 0;
};

void make_apps(Alone& alone, int count, const std::string& data) {
  for (int i = 0; i < count; ++i) alone.upsert("app/a" + std::to_string(i), data);
}

std::string readers_of_a_hub() {
  return rule("R", "app", "require = \"!known(self.base) || self.base.public\"") +
         rule("S", "part", "require = \"self.open\"");
}

void make_readers(Alone& alone, int count) {
  alone.upsert("app/hub", R"({"public":true})");
  for (int i = 0; i < count; ++i) {
    alone.upsert("app/a" + std::to_string(i), R"({"base":"hub"})");
  }
}

TEST(Backlog, AHundredThousandReadersOfOneElementAreJudgedInSlices) {
  constexpr int kReaders = 100'000;
  constexpr std::size_t kSlice = 1000;
  Alone alone(readers_of_a_hub(), kSlice);
  make_readers(alone, kReaders);
  ASSERT_EQ(alone.engine().stats().backlog, 0U);
  std::uint64_t judged = alone.engine().stats().judgements;
  const StepResult first = alone.patch("app/hub", R"({"public":false})");
  // A slice of its own, and a slice of what was put off just now.
  EXPECT_EQ(alone.engine().stats().judgements - judged, 2 * kSlice);
  EXPECT_EQ(alone.engine().stats().backlog, kReaders - 2 * kSlice);
  std::size_t turned = first.transitions.size();
  const std::string cause = first.transitions.front().cause_id;
  // What happens meanwhile does not wait behind them.
  const StepResult other = alone.upsert("part/p", R"({"open":false})");
  ASSERT_FALSE(other.transitions.empty());
  EXPECT_EQ(other.transitions.front().rule, "S");
  turned += other.transitions.size() - 1;
  int slices = 0;
  while (alone.engine().stats().backlog > 0) {
    ASSERT_EQ(alone.engine().next_wake(), alone.engine().now());
    judged = alone.engine().stats().judgements;
    const StepResult step = alone.pass(base::Duration(1));
    EXPECT_LE(alone.engine().stats().judgements - judged, kSlice);
    for (const model::Transition& one : step.transitions) ASSERT_EQ(one.cause_id, cause);
    for (const alerts::Notice& one : step.notices) ASSERT_EQ(one.cause, cause);
    turned += step.transitions.size();
    ++slices;
  }
  EXPECT_EQ(turned, static_cast<std::size_t>(kReaders));
  EXPECT_EQ(slices, kReaders / static_cast<int>(kSlice) - 3);
  EXPECT_EQ(alone.engine().next_wake(), base::kNever);
}

TEST(Backlog, APairThatWaitsKeepsItsVerdictAndSaysSo) {
  Alone alone(readers_of_a_hub(), 2);
  make_readers(alone, 10);
  alone.patch("app/hub", R"({"public":false})");
  std::map<std::pair<bool, VerdictState>, int> seen;
  alone.engine().for_each_verdict([&](const Verdict& one) { ++seen[{one.pending, one.state}]; });
  EXPECT_EQ((seen[{true, VerdictState::kCompliant}]), 6);
  EXPECT_EQ((seen[{false, VerdictState::kViolating}]), 4);
  EXPECT_EQ((seen[{true, VerdictState::kViolating}]), 0);
}

TEST(Backlog, ANewerChangeOfAPairThatWaitsIsJudgedAtOnce) {
  Alone alone(readers_of_a_hub(), 2);
  make_readers(alone, 20);
  alone.patch("app/hub", R"({"public":false})");
  const StepResult newer = alone.patch("app/a19", R"({"base":null})");
  for (const model::Transition& one : newer.transitions) EXPECT_NE(one.element.id, "a19");
  const auto a19 = alone.engine().registry().find(model::KindId{1}, "a19");
  const auto verdict = alone.engine().verdict(alone.engine().book().rule("R")->number, *a19);
  EXPECT_FALSE(verdict->pending);
  EXPECT_EQ(verdict->state, VerdictState::kCompliant);
}

TEST(Backlog, WhatWaitsGoesWithItsElement) {
  Alone alone(readers_of_a_hub(), 2);
  make_readers(alone, 20);
  alone.patch("app/hub", R"({"public":false})");
  const std::uint64_t before = alone.engine().stats().backlog;
  alone.send("app/a19", "", "remove");
  while (alone.engine().stats().backlog > 0) alone.pass(base::Duration(1));
  EXPECT_EQ(before, 16U);
  EXPECT_EQ(model::total(alone.engine().tallies().rules.at("R").violating), 19);
}

// Its pairs are no verdicts any more from the activation on; what they owe ends slice by slice.
TEST(Backlog, AWithdrawnRuleIsClosedInSlices) {
  constexpr int kPairs = 50;
  constexpr std::size_t kSlice = 8;
  const std::string rest = rule("S", "app", "require = \"self.users > 1\"");
  Alone alone(rule("R", "app", "require = \"self.public\"") + rest, kSlice);
  make_apps(alone, kPairs, R"({"public":false,"users":3})");
  Engine& engine = alone.engine();
  StepResult step = engine.activate(engine.now(), load_book(common_schema(), rest));
  EXPECT_EQ(step.transitions.size(), kSlice);
  EXPECT_EQ(engine.stats().backlog, kPairs - kSlice);
  int verdicts = 0;
  engine.for_each_verdict([&](const Verdict& one) { verdicts += one.pending ? 0 : 1; });
  EXPECT_EQ(verdicts, kPairs);
  // What happens meanwhile to what it read turns nothing; what is removed closes at once.
  EXPECT_EQ(alone.patch("app/a49", R"({"public":true})").transitions.size(), kSlice);
  const StepResult removed = alone.send("app/a48", "", "remove");
  EXPECT_EQ(removed.transitions.front().closing, model::Closing::kElementRemoved);
  std::size_t closed = 3 * kSlice + 1;
  while (engine.next_wake() == engine.now()) {
    step = alone.pass(base::Duration(1));
    EXPECT_LE(step.transitions.size(), kSlice);
    for (const model::Transition& one : step.transitions) {
      EXPECT_EQ(one.closing, model::Closing::kRuleWithdrawn);
      EXPECT_EQ(one.cause_type, "pack");
    }
    for (const alerts::Notice& one : step.notices) EXPECT_FALSE(one.firing);
    closed += step.transitions.size();
  }
  EXPECT_EQ(closed, static_cast<std::size_t>(kPairs));
  EXPECT_EQ(model::total(engine.tallies().agencies.at("").begin()->second.violating), 0);
}

TEST(Backlog, AnAddedRuleIsJudgedInSlices) {
  constexpr int kPairs = 50;
  constexpr std::size_t kSlice = 8;
  const std::string rest = rule("S", "app", "require = \"self.users > 1\"");
  Alone alone(rest, kSlice);
  make_apps(alone, kPairs, R"({"public":false,"users":3})");
  Engine& engine = alone.engine();
  const std::uint64_t judged = engine.stats().judgements;
  StepResult step = engine.activate(
      engine.now(),
      load_book(common_schema(), rule("R", "app", "require = \"self.public\"") + rest));
  EXPECT_EQ(engine.stats().judgements - judged, kSlice);
  EXPECT_EQ(engine.stats().backlog, kPairs - kSlice);
  const auto last = engine.registry().find(model::KindId{1}, "a49");
  EXPECT_TRUE(engine.is_pending(engine.book().rule("R")->number, *last));
  EXPECT_FALSE(engine.is_pending(engine.book().rule("S")->number, *last));
  // An event brings forward what waits of its element, and new elements do not wait.
  EXPECT_EQ(alone.patch("app/a49", R"({"note":"x"})").transitions.front().element.id, "a49");
  EXPECT_EQ(alone.upsert("app/new", "{}").transitions.front().element.id, "new");
  while (engine.stats().backlog > 0) alone.pass(base::Duration(1));
  EXPECT_EQ(model::total(engine.tallies().rules.at("R").violating), kPairs + 1);
  EXPECT_EQ(engine.stats().judgements - judged, kPairs + 2U);
}

// What it owed counts until it is closed: as inherited, too, when a baseline is drawn meanwhile.
TEST(Backlog, AWithdrawnRuleIsInheritedUntilItIsClosed) {
  constexpr int kPairs = 20;
  constexpr std::size_t kSlice = 4;
  const std::string rest = rule("S", "app", "require = \"self.users > 1\"");
  Alone alone(rule("R", "app", "require = \"self.public\"") + rest, kSlice);
  make_apps(alone, kPairs, R"({"public":false,"users":3})");
  Engine& engine = alone.engine();
  alone.pass(std::chrono::hours(1));
  engine.activate(engine.now(), load_book(common_schema(), rest));
  using Violating = std::pair<std::int64_t, std::int64_t>;  // all, and those inherited
  const auto counted = [&] {
    model::Tally all;
    for (const auto& [code, domains] : engine.tallies().agencies) {
      for (const auto& [domain, tally] : domains) all += tally;
    }
    return Violating(model::total(all.violating), model::total(all.inherited));
  };
  const int left = kPairs - static_cast<int>(kSlice);
  EXPECT_EQ(counted(), Violating(left, 0));
  engine.set_baseline(engine.now() + base::Duration(1), true);
  EXPECT_EQ(counted(), Violating(left, left));
  while (engine.stats().backlog > 0) alone.pass(base::Duration(1));
  EXPECT_EQ(counted(), Violating(0, 0));
}

TEST(Backlog, ARewrittenRuleIsJudgedInSlices) {
  constexpr int kPairs = 50;
  constexpr std::size_t kSlice = 8;
  const std::string other = rule("S", "app", "require = \"self.users > 1\"");
  Alone alone(rule("R", "app", "require = \"self.public\"") + other, kSlice);
  make_apps(alone, kPairs, R"({"public":true,"users":3})");
  Engine& engine = alone.engine();
  std::uint64_t judged = engine.stats().judgements;
  const StepResult step = engine.activate(
      engine.now(),
      load_book(common_schema(), rule("R", "app", "require = \"!self.public\"") + other));
  EXPECT_EQ(engine.stats().judgements - judged, kSlice);
  EXPECT_EQ(step.transitions.size(), kSlice);
  EXPECT_EQ(engine.stats().backlog, kPairs - kSlice);
  std::map<std::pair<bool, VerdictState>, int> seen;
  engine.for_each_verdict([&](const Verdict& one) { ++seen[{one.pending, one.state}]; });
  EXPECT_EQ((seen[{true, VerdictState::kCompliant}]), kPairs - static_cast<int>(kSlice));
  EXPECT_EQ((seen[{false, VerdictState::kViolating}]), static_cast<int>(kSlice));
  EXPECT_EQ((seen[{false, VerdictState::kCompliant}]), kPairs);  // of the other rule
  // What changes meanwhile goes first, and waits no more.
  EXPECT_EQ(alone.patch("app/a40", R"({"public":false})").transitions.size(), kSlice);
  std::size_t turned = 2 * kSlice;
  while (engine.next_wake() == engine.now()) {
    judged = engine.stats().judgements;
    const StepResult later = alone.pass(base::Duration(1));
    EXPECT_LE(engine.stats().judgements - judged, kSlice);
    for (const model::Transition& one : later.transitions) EXPECT_EQ(one.cause_type, "pack");
    turned += later.transitions.size();
  }
  EXPECT_EQ(turned, static_cast<std::size_t>(kPairs) - 1);
  EXPECT_EQ(model::total(engine.tallies().rules.at("R").violating), kPairs - 1);
  EXPECT_EQ(model::total(engine.tallies().rules.at("S").compliant), kPairs);
}

// Not next to the naive evaluator, whose walk knows no limit.
TEST(Backlog, ReachBeyondItsLimitIsUndetermined) {
  Alone alone(rule("R", "app", "require = \"size(reach(self, 'base')) < 5000\""), 1000);
  constexpr std::uint32_t kMost = rulebook::kReachMax;
  for (std::uint32_t i = kMost + 2; i-- > 0;) {
    alone.upsert("app/a" + std::to_string(i), R"({"base":"a)" + std::to_string(i + 1) + R"("})");
  }
  const auto state_of = [&](const std::string& id) {
    const auto found = alone.engine().registry().find(model::KindId{1}, id);
    return alone.engine().verdict(model::RuleId{0}, *found)->state;
  };
  EXPECT_EQ(state_of("a3"), VerdictState::kCompliant);
  EXPECT_EQ(state_of("a0"), VerdictState::kUndetermined);
}

// ── Random histories with slices of one or two ──

TEST(Backlog, EveryPairThatDoesNotWaitIsAsIfAllHadBeenJudgedAtOnce) {
  std::size_t waited = 0;
  const std::uint64_t runs = from_environment("PATUH_ENGINE_RUNS", 60);
  const std::uint64_t first = from_environment("PATUH_ENGINE_SEED", 1);
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    Dice dice(seed);
    const SlicedEnd end = run_sliced(dice, kHistorySteps);
    ASSERT_EQ(end.wrong, "") << "seed " << seed << ", step " << end.step;
    waited += end.waited;
  }
  EXPECT_GT(waited, runs * 10);
}

}  // namespace
}  // namespace patuh::engine::naive
