// What holds for every state, every input and every instant: a table of all combinations.
#include <gtest/gtest.h>

#include <vector>

#include "alerts/alerts.h"

namespace patuh::alerts {
namespace {

using model::VerdictState;
using std::chrono::hours;

constexpr base::Instant kBegin{hours(1000)};

struct Case {
  State state;
  Input input;
  base::Instant now;
};

std::vector<Input> all_inputs() {
  std::vector<Input> inputs;
  for (const auto state :
       {VerdictState::kNotApplicable, VerdictState::kCompliant, VerdictState::kViolating,
        VerdictState::kUndetermined, VerdictState::kWaived}) {
    for (const int flags : {0, 1, 2, 3}) {
      for (const base::Duration grace : {base::Duration(0), base::Duration(hours(5))}) {
        for (const base::Duration ago : {base::Duration(0), base::Duration(hours(3))}) {
          Input input{.state = state,
                      .since = kBegin + hours(3) - ago,
                      .violating_since = kBegin,
                      .critical = (flags & 1) != 0,
                      .shadow = (flags & 2) != 0,
                      .grace = grace};
          const bool violates = state == VerdictState::kViolating || state == VerdictState::kWaived;
          inputs.push_back(input);
          input.violating_since = base::kNever;
          if (!violates) inputs.push_back(input);
        }
      }
    }
  }
  return inputs;
}

// All that can be reached: from nothing by any two inputs, at instants before, at and after due.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::vector<Input> inputs = all_inputs();
  for (const Input& before : inputs) {
    for (const base::Duration age : {hours(3), hours(4), hours(6)}) {
      const State state = advance({}, before, kBegin + age).state;
      for (const Input& input : inputs) {
        for (const base::Duration later : {hours(0), hours(2), hours(50)}) {
          cases.push_back({state, input, kBegin + age + later});
        }
      }
    }
  }
  return cases;
}

TEST(AdvanceTable, IsIdempotentAtEqualInputs) {
  for (const Case& one : all_cases()) {
    const State once = advance(one.state, one.input, one.now).state;
    const Outcome twice = advance(once, one.input, one.now);
    ASSERT_EQ(twice.change, Change::kNothing);
    ASSERT_EQ(twice.state.phase, once.phase);
    ASSERT_EQ(twice.state.started, once.started);
    ASSERT_EQ(twice.state.due, once.due);
  }
}

TEST(AdvanceTable, NothingHappensBeforeTheWakeUpAndSomethingAtIt) {
  std::size_t woken = 0;
  for (const Case& one : all_cases()) {
    const State state = advance(one.state, one.input, one.now).state;
    const base::Instant wake = wake_at(state, one.input);
    ASSERT_GT(wake, one.now);
    const base::Instant probe = wake == base::kNever ? one.now + hours(100'000) : wake;
    ASSERT_EQ(advance(state, one.input, probe - base::Duration(1)).change, Change::kNothing);
    if (wake == base::kNever) {
      ASSERT_EQ(advance(state, one.input, probe).change, Change::kNothing);
    } else {
      ASSERT_EQ(advance(state, one.input, probe).change, Change::kFired);
      ++woken;
    }
  }
  EXPECT_GT(woken, 0U);
}

TEST(AdvanceTable, OnlyTheThreeEdgesOfThePictureAreWalked) {
  for (const Case& one : all_cases()) {
    const Outcome outcome = advance(one.state, one.input, one.now);
    const Phase from = one.state.phase;
    const Phase to = outcome.state.phase;
    ASSERT_EQ(outcome.change == Change::kFired, from != Phase::kFiring && to == Phase::kFiring);
    ASSERT_EQ(outcome.change == Change::kResolved, from == Phase::kFiring && to != Phase::kFiring);
    ASSERT_EQ(outcome.change == Change::kBecamePending,
              from == Phase::kNone && to == Phase::kPending);
    if (from == Phase::kFiring) {
      ASSERT_NE(to, Phase::kPending);
    }
    if (one.input.shadow) {
      ASSERT_EQ(to, Phase::kNone);
    }
    if (to == Phase::kFiring && from != Phase::kFiring) {
      ASSERT_GE(one.now, outcome.state.due);
    }
  }
}

TEST(AdvanceTable, TheSplitOfTimeDoesNotMatter) {
  for (const Case& one : all_cases()) {
    const State at_once = advance(one.state, one.input, one.now + hours(20)).state;
    State step = advance(one.state, one.input, one.now).state;
    for (int i = 1; i <= 20; ++i) step = advance(step, one.input, one.now + hours(i)).state;
    ASSERT_EQ(step.phase, at_once.phase);
    ASSERT_EQ(step.started, at_once.started);
    ASSERT_EQ(step.due, at_once.due);
  }
}

}  // namespace
}  // namespace patuh::alerts
