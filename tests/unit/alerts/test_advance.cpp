// Every edge of the state machine, one by one.
#include <gtest/gtest.h>

#include "alerts/alerts.h"

namespace patuh::alerts {
namespace {

using model::VerdictState;
using std::chrono::hours;

constexpr base::Instant kStart{hours(1000)};
constexpr base::Duration kGrace = hours(72);
constexpr base::Instant kDue = kStart + kGrace;
constexpr base::Duration kTick(1);

Input violating(base::Instant since = kStart) {
  return {.state = VerdictState::kViolating,
          .since = since,
          .violating_since = since,
          .critical = false,
          .shadow = false,
          .grace = kGrace};
}

Input in_state(VerdictState state, base::Instant since) {
  Input input = violating();
  input.state = state;
  input.since = since;
  input.violating_since = base::kNever;
  return input;
}

// A gap after a violation: its start goes on counting.
Input gap(base::Instant since, bool critical) {
  Input input = violating();
  input.state = VerdictState::kUndetermined;
  input.since = since;
  input.critical = critical;
  return input;
}

State pending() { return advance({}, violating(), kStart).state; }
State firing() { return advance(pending(), violating(), kDue).state; }

TEST(Advance, AViolationIsPendingUntilItsGraceIsOver) {
  const Outcome began = advance({}, violating(), kStart);
  EXPECT_EQ(began.change, Change::kBecamePending);
  EXPECT_EQ(began.state.phase, Phase::kPending);
  EXPECT_EQ(began.state.started, kStart);
  EXPECT_EQ(began.state.due, kDue);
  EXPECT_EQ(wake_at(began.state, violating()), kDue);

  const Outcome waiting = advance(began.state, violating(), kDue - kTick);
  EXPECT_EQ(waiting.change, Change::kNothing);
  EXPECT_EQ(waiting.state.phase, Phase::kPending);
}

TEST(Advance, FiresAtTheDueInstantItself) {
  const Outcome due = advance(pending(), violating(), kDue);
  EXPECT_EQ(due.change, Change::kFired);
  EXPECT_EQ(due.state.phase, Phase::kFiring);
  EXPECT_EQ(due.state.started, kStart);
  EXPECT_EQ(wake_at(due.state, violating()), base::kNever);
}

TEST(Advance, WithoutGraceFiresAtOnce) {
  Input input = violating();
  input.grace = base::Duration::zero();
  const Outcome outcome = advance({}, input, kStart);
  EXPECT_EQ(outcome.change, Change::kFired);
  EXPECT_EQ(outcome.state.due, kStart);
}

TEST(Advance, WhatIsMendedWhilePendingTellsNobody) {
  for (const auto state :
       {VerdictState::kCompliant, VerdictState::kNotApplicable, VerdictState::kWaived}) {
    const Outcome outcome =
        advance(pending(), in_state(state, kStart + hours(1)), kStart + hours(1));
    EXPECT_EQ(outcome.change, Change::kNothing) << name_of(state);
    EXPECT_EQ(outcome.state.phase, Phase::kNone) << name_of(state);
    EXPECT_EQ(outcome.state.started, base::kNever) << name_of(state);
  }
}

TEST(Advance, WhatIsMendedWhileFiringIsResolved) {
  for (const auto state :
       {VerdictState::kCompliant, VerdictState::kNotApplicable, VerdictState::kWaived}) {
    const Outcome outcome = advance(firing(), in_state(state, kDue + hours(1)), kDue + hours(1));
    EXPECT_EQ(outcome.change, Change::kResolved) << name_of(state);
    EXPECT_EQ(outcome.state.phase, Phase::kNone) << name_of(state);
  }
}

TEST(Advance, AFiringAlertStaysFiringThroughAGap) {
  for (const bool critical : {false, true}) {
    const Outcome outcome = advance(firing(), gap(kDue + hours(1), critical), kDue + hours(2));
    EXPECT_EQ(outcome.change, Change::kNothing);
    EXPECT_EQ(outcome.state.phase, Phase::kFiring);
    EXPECT_EQ(outcome.state.started, kStart);
  }
}

TEST(Advance, InAGapGraceKeepsCountingButOnlyACriticalRuleFires) {
  const Input ordinary = gap(kStart + hours(1), false);
  EXPECT_EQ(wake_at(pending(), ordinary), base::kNever);
  const Outcome kept = advance(pending(), ordinary, kDue + hours(1));
  EXPECT_EQ(kept.change, Change::kNothing);
  EXPECT_EQ(kept.state.phase, Phase::kPending);
  // The violation shows again: its grace has been over since kDue.
  EXPECT_EQ(advance(kept.state, violating(), kDue + hours(1)).change, Change::kFired);

  const Input critical = gap(kStart + hours(1), true);
  EXPECT_EQ(wake_at(pending(), critical), kDue);
  EXPECT_EQ(advance(pending(), critical, kDue).change, Change::kFired);
}

TEST(Advance, AGapOfACriticalRuleFiresByItselfPastItsGrace) {
  Input input = in_state(VerdictState::kUndetermined, kStart);
  EXPECT_EQ(advance({}, input, kDue).state.phase, Phase::kNone);
  input.critical = true;
  const Outcome began = advance({}, input, kStart);
  EXPECT_EQ(began.change, Change::kBecamePending);
  EXPECT_EQ(began.state.due, kDue);
  EXPECT_EQ(advance(began.state, input, kDue - kTick).change, Change::kNothing);
  EXPECT_EQ(advance(began.state, input, kDue).change, Change::kFired);
}

TEST(Advance, AGapThatTurnsOutToBeAViolationBeginsNoNewGrace) {
  Input unknown = in_state(VerdictState::kUndetermined, kStart);
  unknown.critical = true;
  const State waiting = advance({}, unknown, kStart).state;
  Input known = violating(kStart + hours(70));
  known.critical = true;
  const Outcome outcome = advance(waiting, known, kStart + hours(70));
  EXPECT_EQ(outcome.state.phase, Phase::kPending);
  EXPECT_EQ(outcome.state.started, kStart);
  EXPECT_EQ(outcome.state.due, kDue);
}

TEST(Advance, WhenAWaiverEndsPastDueTheAlertFiresAtOnce) {
  Input waived = violating();
  waived.state = VerdictState::kWaived;
  const State covered = advance(firing(), waived, kDue + hours(1)).state;
  EXPECT_EQ(covered.phase, Phase::kNone);
  Input ended = violating();
  ended.since = kDue + hours(100);
  const Outcome outcome = advance(covered, ended, kDue + hours(100));
  EXPECT_EQ(outcome.change, Change::kFired);
  EXPECT_EQ(outcome.state.started, kStart);
}

TEST(Advance, WhenAWaiverEndsBeforeDueTheAlertIsPending) {
  Input ended = violating();
  ended.since = kStart + hours(10);
  const Outcome outcome = advance({}, ended, kStart + hours(10));
  EXPECT_EQ(outcome.change, Change::kBecamePending);
  EXPECT_EQ(outcome.state.due, kDue);
}

TEST(Advance, AShadowRuleNeverAlertsAndResolvesWhatFiredBefore) {
  Input input = violating();
  input.shadow = true;
  EXPECT_EQ(advance({}, input, kDue).state.phase, Phase::kNone);
  EXPECT_EQ(wake_at({}, input), base::kNever);
  EXPECT_EQ(advance(firing(), input, kDue + hours(1)).change, Change::kResolved);
  input.state = VerdictState::kUndetermined;
  EXPECT_EQ(advance(firing(), input, kDue + hours(1)).change, Change::kResolved);
}

TEST(Advance, AnotherGraceMovesThePendingAlertAndLeavesTheFiringOne) {
  Input longer = violating();
  longer.grace = kGrace * 2;
  EXPECT_EQ(advance(pending(), longer, kStart + hours(1)).state.due, kStart + kGrace * 2);
  EXPECT_EQ(advance(firing(), longer, kDue + hours(1)).change, Change::kNothing);
  Input shorter = violating();
  shorter.grace = hours(1);
  EXPECT_EQ(advance(pending(), shorter, kStart + hours(2)).change, Change::kFired);
}

TEST(Advance, AGraceWithoutEndIsNeverDue) {
  Input input = violating();
  input.grace = base::Duration::max();
  EXPECT_EQ(advance({}, input, kStart).state.due, base::kNever);
  EXPECT_EQ(advance({}, input, kStart + hours(24 * 365 * 100)).state.phase, Phase::kPending);
}

TEST(Advance, PhasesHaveStableNames) {
  EXPECT_EQ(name_of(Phase::kNone), "none");
  EXPECT_EQ(name_of(Phase::kPending), "pending");
  EXPECT_EQ(name_of(Phase::kFiring), "firing");
}

}  // namespace
}  // namespace patuh::alerts
