#include <gtest/gtest.h>

#include <array>
#include <random>

#include "model/model.h"

namespace patuh::model {
namespace {

constexpr std::array kStates = {VerdictState::kNotApplicable, VerdictState::kCompliant,
                                VerdictState::kViolating, VerdictState::kUndetermined,
                                VerdictState::kWaived};

TEST(Score, IsAbsentWhenNothingIsJudged) {
  Tally tally;
  EXPECT_EQ(score(tally), std::nullopt);
  EXPECT_EQ(coverage(tally), std::nullopt);
  tally.add(VerdictState::kWaived, Severity::kHigh, 3);
  tally.add(VerdictState::kNotApplicable, Severity::kHigh, 3);
  EXPECT_EQ(score(tally), std::nullopt);
  EXPECT_EQ(coverage(tally), std::nullopt);
}

TEST(Score, UndeterminedAloneHasCoverageButNoScore) {
  Tally tally;
  tally.add(VerdictState::kUndetermined, Severity::kLow, 2);
  EXPECT_EQ(score(tally), std::nullopt);
  EXPECT_EQ(coverage(tally), 0.0);
}

TEST(Score, WeighsBySeverity) {
  Tally tally;
  tally.add(VerdictState::kCompliant, Severity::kLow, 5);
  tally.add(VerdictState::kViolating, Severity::kHigh, 1);
  EXPECT_EQ(score(tally), 50.0);
  tally.add(VerdictState::kCompliant, Severity::kCritical, 1);
  EXPECT_EQ(score(tally), 75.0);
  tally.add(VerdictState::kViolating, Severity::kMedium, 10);
  EXPECT_EQ(score(tally), 37.5);
}

TEST(Score, LeavesWaivedAndUndeterminedOut) {
  Tally tally;
  tally.add(VerdictState::kCompliant, Severity::kMedium, 1);
  tally.add(VerdictState::kViolating, Severity::kMedium, 1);
  tally.add(VerdictState::kWaived, Severity::kCritical, 100);
  tally.add(VerdictState::kUndetermined, Severity::kCritical, 2);
  EXPECT_EQ(score(tally), 50.0);
  EXPECT_EQ(coverage(tally), 50.0);
}

TEST(Score, ReachesItsEnds) {
  Tally good;
  good.add(VerdictState::kCompliant, Severity::kLow, 1);
  EXPECT_EQ(score(good), 100.0);
  Tally bad;
  bad.add(VerdictState::kViolating, Severity::kLow, 1);
  EXPECT_EQ(score(bad), 0.0);
}

TEST(Tally, WhatIsAddedCanBeTakenAway) {
  Tally tally;
  for (const VerdictState state : kStates) {
    for (const Severity severity : kSeverities) tally.add(state, severity, 2);
  }
  EXPECT_EQ(total(tally.compliant), 8);
  for (const VerdictState state : kStates) {
    for (const Severity severity : kSeverities) tally.add(state, severity, -2);
  }
  EXPECT_EQ(tally, Tally{});
}

TEST(Tally, TheSumOfManyIsTheSumOfTheirMembers) {
  std::mt19937_64 dice(11);
  Tally whole;
  Tally one;
  Tally other;
  for (int i = 0; i < 500; ++i) {
    const VerdictState state = kStates[dice() % kStates.size()];
    const Severity severity = kSeverities[dice() % kSeverities.size()];
    whole.add(state, severity, 1);
    (dice() % 2 == 0 ? one : other).add(state, severity, 1);
  }
  one.overdue[0] = 2;
  other.overdue[0] = 3;
  whole.overdue[0] = 5;
  one += other;
  EXPECT_EQ(one, whole);
}

}  // namespace
}  // namespace patuh::model
