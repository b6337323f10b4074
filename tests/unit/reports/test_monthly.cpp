#include "history.h"

namespace patuh::reports {
namespace {

class MonthlyTest : public ::testing::Test {
 protected:
  // Steps into the month's JSON: "regency", "flow", "opened".
  template <class... Keys>
  const json::Node& at(const std::string& month, Keys... keys) {
    const json::Node* node = &document(month).root();
    for (const std::string_view key : {std::string_view(keys)...}) {
      const json::Node* const next = node->find(key);
      EXPECT_NE(next, nullptr) << key;
      if (next == nullptr) return *node;
      node = next;
    }
    return *node;
  }
  template <class... Keys>
  std::int64_t count(const std::string& month, Keys... keys) {
    return at(month, keys...).integer();
  }
  const json::Node& agency(const std::string& month, std::string_view code) {
    for (const json::Node& row : at(month, "agencies").items()) {
      if (row.find("agency")->string() == code) return row;
    }
    ADD_FAILURE() << "no agency " << code;
    return document(month).root();
  }
  const json::Document& document(const std::string& month) {
    const auto [found, is_new] = documents_.try_emplace(month);
    if (is_new) {
      const auto report = history_.report(month);
      EXPECT_TRUE(report) << (report ? "" : report.error().message);
      auto parsed = json::parse(report ? report->json : "{}", {});
      EXPECT_TRUE(parsed);
      found->second = std::make_unique<json::Document>(std::move(*parsed));
    }
    return *found->second;
  }

  History history_{"monthly"};
  std::map<std::string, std::unique_ptr<json::Document>> documents_;
};

TEST_F(MonthlyTest, CountsWhatWasOpenedFixedAndRemoved) {
  fill(history_);
  history_.play();
  EXPECT_EQ(count("2026-09", "regency", "flow", "opened"), 2);
  EXPECT_EQ(count("2026-10", "regency", "flow", "opened"), 1);
  EXPECT_EQ(count("2026-10", "regency", "flow", "fixed"), 0);
  EXPECT_EQ(count("2026-11", "regency", "flow", "opened"), 2);
  EXPECT_EQ(count("2026-11", "regency", "flow", "fixed"), 1);
  EXPECT_EQ(count("2026-11", "regency", "flow", "removed"), 1) << "never counted as fixed";
  EXPECT_EQ(count("2026-10", "regency", "violations", "critical"), 3);
  EXPECT_EQ(count("2026-11", "regency", "violations", "critical"), 3);
  EXPECT_EQ(count("2026-11", "regency", "violations", "high"), 0) << "shadow rules stay out";
}

TEST_F(MonthlyTest, AMonthClosesOnTheRecordsInstantInJakarta) {
  fill(history_);
  history_.play();
  EXPECT_EQ(at("2026-10", "from").string(), "2026-09-30T17:00:00Z");
  EXPECT_EQ(at("2026-10", "until").string(), "2026-10-31T16:59:59.999999Z");
  EXPECT_TRUE(at("2026-10", "complete").boolean());
  EXPECT_FALSE(at("2027-01", "complete").boolean());
  EXPECT_EQ(at("2027-01", "until").string(), "2027-01-05T00:00:00Z");
}

TEST_F(MonthlyTest, LateChangesAreCountedAndNamedInTheMonthThatRecordedThem) {
  fill(history_);
  history_.play();
  EXPECT_EQ(count("2026-10", "regency", "flow", "late"), 0);
  EXPECT_EQ(count("2026-10", "late", "events"), 0);
  EXPECT_EQ(count("2026-11", "regency", "flow", "late"), 1);
  EXPECT_EQ(count("2026-11", "late", "events"), 1);
  EXPECT_EQ(agency("2026-11", "t").find("flow")->find("late")->integer(), 1);
  EXPECT_EQ(agency("2026-11", "d").find("flow")->find("late")->integer(), 0);
  const auto changes = at("2026-11", "late", "changes").items();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].find("element")->string(), "app/late");
  EXPECT_EQ(changes[0].find("to")->string(), "violating");
  EXPECT_EQ(changes[0].find("happened")->string(), "2026-10-10T00:00:00Z");
  EXPECT_EQ(changes[0].find("recorded")->string(), "2026-11-06T00:00:00Z");
}

TEST_F(MonthlyTest, WhatStoodOnDayOneIsInheritedUntilItIsFixed) {
  fill(history_);
  history_.upsert("2027-02-10T00:00:00Z", "app/old", R"({"owner":"d","approved":"y"})");
  history_.play();
  EXPECT_EQ(count("2026-09", "regency", "inherited", "critical"), 1);
  EXPECT_EQ(count("2026-11", "regency", "inherited", "critical"), 1);
  EXPECT_EQ(agency("2026-11", "d").find("inherited")->find("critical")->integer(), 1);
  EXPECT_EQ(agency("2026-11", "t").find("inherited")->find("critical")->integer(), 0);
  EXPECT_EQ(count("2027-02", "regency", "inherited", "critical"), 0);
  EXPECT_EQ(count("2027-02", "regency", "flow", "fixed"), 1);
}

TEST_F(MonthlyTest, WithABaselineItSaysWhatIsInherited) {
  fill(history_);
  history_.play();
  history_.draw_baseline();
  history_.upsert("2027-02-10T00:00:00Z", "app/old", R"({"owner":"d","approved":"y"})")
      .upsert("2027-02-11T00:00:00Z", "app/new", R"({"owner":"d"})");
  history_.play();
  EXPECT_EQ(document("2026-11").root().find("baseline"), nullptr) << "none stood then";
  EXPECT_EQ(count("2026-11", "regency", "inherited", "critical"), 1);
  EXPECT_EQ(count("2027-01", "regency", "violations", "critical"), 3);
  EXPECT_EQ(count("2027-01", "regency", "inherited", "critical"), 3);
  EXPECT_EQ(at("2027-01", "baseline").string(), "2027-01-05T00:00:00.000001Z");
  EXPECT_EQ(count("2027-02", "regency", "violations", "critical"), 3);
  EXPECT_EQ(count("2027-02", "regency", "inherited", "critical"), 2);
  EXPECT_EQ(agency("2027-02", "t").find("inherited")->find("critical")->integer(), 1);
}

TEST_F(MonthlyTest, AnAgencyThatDoesNotReportIsNamedAndNotRanked) {
  fill(history_);
  history_.play();
  const json::Node& silent = agency("2026-11", "s");
  EXPECT_EQ(silent.find("name")->string(), "Sepi");
  EXPECT_FALSE(silent.find("reporting")->boolean());
  EXPECT_TRUE(silent.find("score")->is(json::Of::kNull));
  // One application and no document: something could be judged, yet it does not report.
  EXPECT_FALSE(agency("2026-11", "t").find("reporting")->boolean());
  EXPECT_TRUE(agency("2026-11", "t").find("score")->is(json::Of::kNull));
  EXPECT_TRUE(agency("2026-11", "d").find("reporting")->boolean());
  EXPECT_FALSE(agency("2026-11", "d").find("score")->is(json::Of::kNull));
}

TEST_F(MonthlyTest, AMonthInWhichNothingHappenedStillSaysHowThingsStand) {
  fill(history_);
  history_.play();
  for (const char* kind : {"opened", "reopened", "fixed", "removed", "late"}) {
    EXPECT_EQ(count("2026-12", "regency", "flow", kind), 0) << kind;
  }
  EXPECT_EQ(count("2026-12", "regency", "violations", "critical"), 3);
  EXPECT_TRUE(at("2026-12", "complete").boolean());
  EXPECT_TRUE(at("2026-12", "episodes").items().empty());
}

TEST_F(MonthlyTest, MonthsWithoutAHistoryAreNotFound) {
  EXPECT_EQ(history_.report("2026-10").error().code, base::Code::kNotFound);
  fill(history_);
  history_.play();
  EXPECT_EQ(history_.report("2026-08").error().code, base::Code::kNotFound) << "before the log";
  EXPECT_EQ(history_.report("2027-02").error().code, base::Code::kNotFound) << "after its end";
  EXPECT_EQ(history_.report("2026-10", "nobody").error().code, base::Code::kNotFound);
}

TEST_F(MonthlyTest, OneAgencysReportHoldsItsOwnOnly) {
  fill(history_);
  history_.play();
  const auto report = history_.report("2026-11", "t");
  ASSERT_TRUE(report);
  const auto document = json::parse(report->json, {});
  const json::Node& root = document->root();
  ASSERT_EQ(root.find("agencies")->items().size(), 1U);
  EXPECT_EQ(root.find("regency")->find("violations")->find("critical")->integer(), 1);
  EXPECT_EQ(root.find("regency")->find("flow")->find("fixed")->integer(), 0);
  EXPECT_EQ(root.find("worst")->items().size(), 1U);
}

TEST_F(MonthlyTest, TwoDeploymentsInARowAreTwoEpisodes) {
  history_.upsert("2026-10-05T00:00:00Z", "agency/d", R"({"code":"d"})")
      .upsert("2026-10-06T00:00:00Z", "app/x", R"({"owner":"d","number":"1"})")
      .upsert("2026-10-07T00:00:00Z", "app/x", R"({"owner":"d","number":"2"})")
      .upsert("2026-10-08T00:00:00Z", "app/x", R"({"owner":"d","number":"2","approved":"y"})");
  history_.play();
  const auto episodes = at("2026-10", "episodes").items();
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_EQ(episodes[0].find("occurrence")->string(), "1");
  EXPECT_EQ(episodes[0].find("until")->string(), "2026-10-07T00:00:00Z");
  EXPECT_EQ(episodes[1].find("occurrence")->string(), "2");
  EXPECT_EQ(episodes[1].find("since")->string(), "2026-10-07T00:00:00Z");
  EXPECT_EQ(episodes[1].find("until")->string(), "2026-10-08T00:00:00Z");
}

TEST_F(MonthlyTest, TheSameHistoryGivesTheSameBytes) {
  fill(history_);
  history_.play(1);
  History other("other");
  fill(other);
  other.play(5);
  for (const char* month : {"2026-09", "2026-10", "2026-11", "2026-12", "2027-01"}) {
    const auto first = history_.report(month);
    const auto second = history_.report(month);
    const auto elsewhere = other.report(month);
    ASSERT_TRUE(first && second && elsewhere);
    EXPECT_EQ(first->json, second->json) << month;
    EXPECT_EQ(first->json, elsewhere->json) << month << ", other batches";
    EXPECT_EQ(first->digest, base::sha256(first->json));
  }
}

}  // namespace
}  // namespace patuh::reports
