#include "sinks/standing.h"

#include <gtest/gtest.h>

#include "peers.h"

namespace patuh::sinks {
namespace {

using Elements = std::vector<std::string>;

class StandingTest : public testing::Test {
 protected:
  // Elements of the alerts, "-" before those that end, count behind groups.
  static Elements say(const std::vector<Alert>& alerts) {
    Elements out;
    for (const Alert& alert : alerts) {
      std::string text = alert.ends < kUntil ? "-" : "";
      text += alert.labels.at("element");
      if (alert.annotations.contains("count")) text += " x" + alert.annotations.at("count");
      out.push_back(text);
    }
    return out;
  }
  Elements tell(std::vector<alerts::Notice> notices) {
    Standing::Plan plan = standing_.plan(notices, kUntil);
    const Elements first = say(plan.alerts);
    // A run that could not be sent is planned again to the same effect.
    EXPECT_EQ(say(standing_.plan(std::move(notices), kUntil).alerts), first);
    standing_.commit(std::move(plan));
    return first;
  }
  Elements again() const { return say(standing_.alerts(kUntil)); }
  static std::vector<alerts::Notice> run(int from, int to, bool firing = true) {
    std::vector<alerts::Notice> out;
    for (int i = from; i <= to; ++i) out.push_back(make_notice(i, firing));
    return out;
  }

  static inline const base::Instant kUntil = *base::from_rfc3339("2030-01-01T00:00:00Z");
  AlertMaker maker_{"http://x"};
  Standing standing_{maker_, 3};
};

TEST_F(StandingTest, WhatFiresStandsUntilItResolves) {
  EXPECT_EQ(tell(run(1, 2)), (Elements{"aplikasi/app 1", "aplikasi/app 2"}));
  EXPECT_EQ(again(), (Elements{"aplikasi/app 1", "aplikasi/app 2"}));
  EXPECT_EQ(tell(run(1, 1, false)), Elements{"-aplikasi/app 1"});
  EXPECT_EQ(again(), Elements{"aplikasi/app 2"});
  EXPECT_EQ(standing_.size(), 1U);
}

TEST_F(StandingTest, OrderIsKept) {
  alerts::Notice next = make_notice(1);
  next.key += "-next";
  EXPECT_EQ(tell({make_notice(1), make_notice(1, false), next}),
            (Elements{"aplikasi/app 1", "-aplikasi/app 1", "aplikasi/app 1"}));
  EXPECT_EQ(again(), Elements{"aplikasi/app 1"});
}

TEST_F(StandingTest, AResolveOfWhatDoesNotStandIsToldAllTheSame) {
  EXPECT_EQ(tell(run(1, 1, false)), Elements{"-aplikasi/app 1"});
  EXPECT_TRUE(again().empty());
}

TEST_F(StandingTest, MoreThanTheLimitOfOneCauseAreOneUntilTheLastResolves) {
  EXPECT_EQ(tell(run(1, 4)), Elements{"* x4"});
  EXPECT_EQ(again(), Elements{"* x4"});
  EXPECT_EQ(tell(run(1, 2, false)), Elements{"* x2"}) << "two are left, and they stay one";
  EXPECT_EQ(again(), Elements{"* x2"});
  EXPECT_EQ(tell(run(3, 4, false)), Elements{"-* x0"});
  EXPECT_TRUE(again().empty());
  EXPECT_EQ(standing_.size(), 0U);
}

TEST_F(StandingTest, AtTheLimitEachIsTold) { EXPECT_EQ(tell(run(1, 3)).size(), 3U); }

TEST_F(StandingTest, LaterOnesOfTheCauseAreToldByThemselvesUnlessTheyAreManyToo) {
  tell(run(1, 4));
  EXPECT_EQ(tell(run(5, 6)), (Elements{"aplikasi/app 5", "aplikasi/app 6"}));
  EXPECT_EQ(tell(run(7, 10)), Elements{"* x8"});
  EXPECT_EQ(tell(run(1, 10, false)), (Elements{"-aplikasi/app 5", "-aplikasi/app 6", "-* x0"}));
  EXPECT_TRUE(again().empty());
}

TEST_F(StandingTest, OtherAgenciesRulesAndCausesAreOtherGroups) {
  std::vector<alerts::Notice> notices = run(1, 4);
  notices[0].agency = "DINKES";
  notices[1].rule = "APP-SEC-02";
  notices[2].cause = "time";
  EXPECT_EQ(tell(notices).size(), 4U);
}

TEST_F(StandingTest, OneThatFiresAgainInTheSameRunCountsOnce) {
  std::vector<alerts::Notice> notices = run(1, 4);
  notices.push_back(make_notice(2));
  EXPECT_EQ(tell(notices), Elements{"* x4"});
  notices = {make_notice(1, false), make_notice(1), make_notice(2, false)};
  EXPECT_EQ(tell(notices).back(), "* x2");
}

TEST_F(StandingTest, AGroupThatBeginsAndEndsInOneRunIsResolved) {
  std::vector<alerts::Notice> notices = run(1, 4);
  for (alerts::Notice& notice : run(1, 4, false)) notices.push_back(notice);
  EXPECT_EQ(tell(notices), Elements{"-* x0"});
  EXPECT_TRUE(again().empty());
}

}  // namespace
}  // namespace patuh::sinks
