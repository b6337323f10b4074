// What changed between two instants, of transitions written by hand.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "reports/reports.h"

namespace patuh::reports {
namespace {

namespace fs = std::filesystem;
using model::Closing;
using model::VerdictState;

const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");
base::Instant day(int n) { return kBegin + std::chrono::hours(24 * n); }

class SinceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-since-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    auto store = store::Store::open(folder_.string(), {});
    ASSERT_TRUE(store);
    store_ = std::move(*store);
  }
  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  void record(int at, const std::string& element, VerdictState from, VerdictState to,
              Closing closing = Closing::kNone) {
    model::Transition t;
    t.rule = "R";
    t.element = {"app", element};
    t.agency = element.substr(0, 1);
    t.from = from;
    t.to = to;
    t.closing = closing;
    t.since = t.recorded = day(at);
    store::Batch batch;
    batch.record.now = day(at);
    batch.transitions = {t};
    ASSERT_TRUE(store_->append(batch));
  }
  std::vector<std::string> between(int from, int to, const std::string& agency = {}) {
    const auto changes = changes_between(store_->read(), day(from), day(to), agency);
    EXPECT_TRUE(changes);
    std::vector<std::string> out;
    for (const Changed& one : *changes) {
      out.push_back(std::string(name_of(one.turn)) + " " + one.element.id);
    }
    return out;
  }

  fs::path folder_;
  std::unique_ptr<store::Store> store_;
};

constexpr auto kNone = VerdictState::kNotApplicable;
constexpr auto kGood = VerdictState::kCompliant;
constexpr auto kBad = VerdictState::kViolating;
constexpr auto kOpen = VerdictState::kUndetermined;
constexpr auto kWaived = VerdictState::kWaived;
using Lines = std::vector<std::string>;

TEST_F(SinceTest, EachTurnIsNamedByAgency) {
  record(1, "b-fixed", kNone, kBad);
  record(1, "b-removed", kNone, kBad);
  record(1, "b-stands", kNone, kBad);
  record(1, "a-waived", kNone, kBad);
  record(2, "a-again", kNone, kBad);
  record(3, "a-again", kBad, kGood);
  record(10, "b-fixed", kBad, kGood);
  record(10, "b-removed", kBad, kNone, Closing::kElementRemoved);
  record(10, "b-stands", kBad, kOpen);
  record(11, "a-waived", kBad, kWaived);
  record(11, "a-again", kGood, kBad);
  record(11, "a-new", kNone, kGood);
  record(12, "a-new", kGood, kBad);
  record(12, "b-passing", kGood, kBad);
  record(13, "b-passing", kBad, kGood);
  EXPECT_EQ(between(5, 20), (Lines{"new a-new", "reopened a-again", "waived a-waived",
                                   "fixed b-fixed", "removed b-removed"}));
  EXPECT_EQ(between(5, 20, "b"), (Lines{"fixed b-fixed", "removed b-removed"}));
  EXPECT_EQ(between(13, 20), Lines{}) << "both came before";
}

TEST_F(SinceTest, FromIsOutsideToIsInside) {
  record(1, "a", kNone, kBad);
  record(2, "a", kBad, kGood);
  EXPECT_EQ(between(0, 1), Lines{"new a"});
  EXPECT_EQ(between(1, 2), Lines{"fixed a"});
  EXPECT_EQ(between(2, 3), Lines{});
  EXPECT_EQ(between(0, 2), Lines{}) << "it came and went";
}

TEST_F(SinceTest, ASpanThatEndsBeforeItBeginsIsRefused) {
  record(1, "a", kNone, kBad);
  const auto changes = changes_between(store_->read(), day(3), day(0), "");
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().code, base::Code::kInvalid);
  EXPECT_EQ(between(1, 1), Lines{});
}

TEST_F(SinceTest, WhatLeftAndCameBackWithinIsReopenedThoughItViolatedAtBothEnds) {
  record(1, "a", kNone, kBad);
  record(1, "gap", kNone, kBad);
  record(5, "a", kBad, kGood);
  record(5, "gap", kBad, kOpen);
  record(6, "a", kGood, kBad);
  record(6, "gap", kOpen, kBad);
  EXPECT_EQ(between(2, 10), Lines{"reopened a"});
}

}  // namespace
}  // namespace patuh::reports
