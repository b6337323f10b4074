// How far the tail grows while input flows without a pause: in events, whatever the estate.
#include "pipeline/pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace patuh::pipeline {
namespace {

struct Input {
  std::uint64_t due_at = 0;
  std::size_t batch = 0;          // events, while nothing limits it
  std::size_t delivery = 1;       // a batch is made of whole ones
  std::size_t rows_an_event = 0;  // that it changes
};

struct Course {
  std::uint64_t events = 0;  // from its beginning to its end
  std::size_t longest = 0;   // rows of one pause
};

// A snapshot from its beginning to its end, of which no row waits that was written before: what was
// changed by then, as much again for buckets that are written whole, and what changes meanwhile.
Course run(const Input& input) {
  Pace pace(0);
  pace.note(input.batch);
  pace.begin(input.due_at);
  std::size_t waiting = 2 * input.due_at * input.rows_an_event;
  std::size_t fresh = 0;
  Course course;
  for (;;) {
    const std::size_t between = pace.rows_between();
    const std::size_t taken = std::min((Pace::kPauses - 1) * between, waiting);
    const std::size_t all = std::max(taken, pace.slice(fresh, waiting, taken));
    waiting += fresh - taken;
    const std::size_t rows = std::min(all - taken, waiting);
    course.events = pace.since();
    if (waiting <= pace.rows_at_the_end()) return course;
    course.longest = std::max({course.longest, between, rows});
    waiting -= rows;
    const std::size_t most = std::min(input.batch, pace.batch_most());
    const std::size_t batch = (most + input.delivery - 1) / input.delivery * input.delivery;
    fresh = batch * input.rows_an_event;
    pace.note(batch + 1);
  }
}

TEST(Pace, ASnapshotIsWholeBeforeHalfTheEventsBehindWhichItWasDueHaveComeAgain) {
  // What little is left with all that the last batch changed may be a few more.
  constexpr std::size_t kMost = Pace::kRowsMost + Pace::kRowsMost / 50;
  for (const std::uint64_t due_at : {10'000U, 50'000U, 75'000U, 150'000U, 1'000'000U}) {
    for (const std::size_t batch : {100U, 500U, 1000U, 2000U, 5000U}) {
      for (const std::size_t rows : {1U, 2U, 4U}) {
        const Course course = run({.due_at = due_at, .batch = batch, .rows_an_event = rows});
        EXPECT_LE(course.events, due_at / 2 + batch) << due_at << " " << batch << " " << rows;
        EXPECT_LE(course.longest, kMost) << due_at << " " << batch << " " << rows;
      }
    }
  }
}

TEST(Pace, ADeliveryIsNotCutInTwoAndComesOnTop) {
  constexpr std::uint64_t kDueAt = 50'000;
  constexpr std::uint64_t kDelivery = 2000;
  const Course course =
      run({.due_at = kDueAt, .batch = kDelivery, .delivery = kDelivery, .rows_an_event = 1});
  // An event makes room for three rows and brings one: so many of those that wait.
  constexpr std::uint64_t kOfWaiting = Pace::kPauses * Pace::kRowsMost / kDelivery - 1;
  EXPECT_GT(course.events, kDueAt / 2 + kDelivery);
  EXPECT_LE(course.events, 2 * kDueAt / kOfWaiting + 3 * kDelivery);
  EXPECT_LE(course.longest, Pace::kRowsMost);
}

TEST(Pace, WhatOneBatchChangesAlwaysFitsHoweverMuchThatIs) {
  const Course course =
      run({.due_at = 10'000, .batch = 1000, .delivery = 1000, .rows_an_event = 50});
  EXPECT_LT(course.events, 60'000U) << "it ends";
  EXPECT_LE(course.longest, 2U * 50'000U);
}

TEST(Pace, WhereSlicesKeepUpNoBatchIsLimited) {
  Pace pace(0);
  pace.note(2000);
  pace.begin(150'000);
  static_cast<void>(pace.slice(2000, 20'000, 0));
  EXPECT_GE(pace.batch_most(), 2000U);
  static_cast<void>(pace.slice(0, 20'000, 0));
  EXPECT_GE(pace.batch_most(), 2000U);
}

TEST(Pace, TheFirstSliceIsSmallBesideLookingAtAllThatChanged) {
  Pace pace(0);
  pace.note(2000);
  pace.begin(50'000);
  EXPECT_EQ(pace.rows_between(), 0U);
  EXPECT_EQ(pace.slice(0, 200'000, 0), Pace::kRowsLeast);
  pace.note(1000);
  EXPECT_EQ(pace.rows_between(), Pace::kRowsMost) << "there is much to do";
  const std::size_t taken = 3 * Pace::kRowsMost;
  EXPECT_EQ(pace.slice(1000, 199'000, taken), 4 * Pace::kRowsMost);
}

TEST(Pace, WithoutInputASliceIsSmall) {
  Pace pace(0);
  pace.begin(100'000);
  pace.note(2000);
  static_cast<void>(pace.slice(2000, 90'000, 0));
  EXPECT_EQ(pace.slice(0, 90'000, 0), Pace::kRowsLeast);
}

}  // namespace
}  // namespace patuh::pipeline
