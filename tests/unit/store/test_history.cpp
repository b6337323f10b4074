#include <algorithm>

#include "make.h"

namespace patuh::store {
namespace {

constexpr std::uint64_t kLongRun = 4000;  // enough for indexes behind and ahead of the log

// One store for all: it is only read.
class HistoryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    store_ = open_store(*folder_).release();
    for (std::uint64_t n = 1; n <= kLongRun; ++n) {
      const Batch batch = make_batch(n);
      must(store_->append(batch));
      for (const model::Transition& transition : batch.transitions) {
        all_.push_back({TransitionNumber{all_.size() + 1}, Seq{n}, transition});
      }
    }
  }
  static void TearDownTestSuite() {
    delete store_;
    delete folder_;
    all_.clear();
  }

  // The plain way: look at each.
  static std::vector<std::uint64_t> expected(const TransitionFilter& filter) {
    std::vector<std::uint64_t> out;
    for (const StoredTransition& stored : all_) {
      const model::Transition& t = stored.transition;
      if (!filter.rule.empty() && t.rule != filter.rule) continue;
      if (!filter.agency.empty() && t.agency != filter.agency) continue;
      if (filter.element && t.element != *filter.element) continue;
      if (t.recorded < filter.from || t.recorded >= filter.to) continue;
      if (stored.number <= filter.after || stored.number >= filter.before) continue;
      out.push_back(stored.number.value);
    }
    if (filter.newest_first) std::ranges::reverse(out);
    if (out.size() > filter.limit) out.resize(filter.limit);
    return out;
  }

  static void check(TransitionFilter filter, Reader& reader) {
    for (const bool newest_first : {false, true}) {
      filter.newest_first = newest_first;
      std::vector<std::uint64_t> numbers;
      for (const StoredTransition& stored : must(reader.transitions(filter))) {
        numbers.push_back(stored.number.value);
        const StoredTransition& right = all_[stored.number.value - 1];
        EXPECT_EQ(stored.seq, right.seq);
        expect_equal(stored.transition, right.transition);
      }
      EXPECT_EQ(numbers, expected(filter));
    }
    filter.limit = SIZE_MAX;
    EXPECT_EQ(must(reader.count_transitions(filter)), expected(filter).size());
  }

  static TemporaryFolder* folder_;
  static Store* store_;
  static std::vector<StoredTransition> all_;
};
TemporaryFolder* HistoryTest::folder_ = nullptr;
Store* HistoryTest::store_ = nullptr;
std::vector<StoredTransition> HistoryTest::all_;

TEST_F(HistoryTest, IndexesFollowTheLogAtADistance) {
  ASSERT_EQ(all_.size(), transitions_in(kLongRun));
  const std::uint64_t indexed = std::stoull(*must(store_->read().meta("store.indexed")));
  EXPECT_GT(indexed, 0U) << "both ways of answering are under test below";
  EXPECT_LT(indexed, all_.size());
}

TEST_F(HistoryTest, EachFilterAloneGivesWhatLookingAtEachGives) {
  Reader& reader = store_->read();
  check({.limit = 100}, reader);
  check({.rule = "APP-SEC-01", .limit = 500}, reader);
  check({.element = model::ElementKey{"aplikasi", "app-7"}, .limit = 10'000}, reader);
  check({.agency = "opd-2", .limit = 10'000}, reader);
  check({.from = at(60 * 100), .to = at(60 * 200), .limit = 10'000}, reader);
  check({.after = TransitionNumber{5000}, .limit = 10'000}, reader);
  check({.before = TransitionNumber{50}, .limit = 10'000}, reader);
}

TEST_F(HistoryTest, WhatIsNotThereIsEmpty) {
  Reader& reader = store_->read();
  check({.rule = "NO-SUCH"}, reader);
  check({.element = model::ElementKey{"aplikasi", "none"}}, reader);
  check({.element = model::ElementKey{"other", "app-7"}}, reader);
  check({.agency = "opd-9"}, reader);
  check({.from = at(60 * (kLongRun + 1))}, reader);
  check({.to = at(0)}, reader);
  check({.from = at(500), .to = at(500)}, reader);
  check({.after = TransitionNumber{UINT64_MAX}}, reader);
  check({.before = TransitionNumber{0}}, reader);
  check({.limit = 0}, reader);
}

TEST_F(HistoryTest, RandomFiltersGiveWhatLookingAtEachGives) {
  std::mt19937_64 random(20260101);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto reader = open_reader(*folder_);
  for (int i = 0; i < 300; ++i) {
    TransitionFilter filter;
    if (below(3) == 0) filter.rule = "APP-SEC-0" + std::to_string(below(4));
    if (below(2) == 0) {
      filter.element = model::ElementKey{"aplikasi", "app-" + std::to_string(below(21))};
    }
    if (below(2) == 0) filter.agency = "opd-" + std::to_string(below(5));
    if (below(2) == 0) filter.from = at(static_cast<std::int64_t>(below(kLongRun) * 60 + below(2)));
    if (below(2) == 0) filter.to = at(static_cast<std::int64_t>(below(kLongRun) * 60 + below(2)));
    if (below(2) == 0) filter.after = TransitionNumber{below(all_.size())};
    if (below(2) == 0) filter.before = TransitionNumber{below(all_.size())};
    filter.limit = 1 + below(300);
    check(filter, *reader);
    if (HasFailure()) FAIL() << "filter " << i;
  }
}

TEST_F(HistoryTest, PagesAfterEachOtherGiveEachTransitionOnce) {
  std::vector<std::uint64_t> numbers;
  TransitionFilter filter{.agency = "opd-3", .limit = 17};
  while (true) {
    const auto page = must(store_->read().transitions(filter));
    if (page.empty()) break;
    for (const StoredTransition& stored : page) numbers.push_back(stored.number.value);
    filter.after = page.back().number;
  }
  EXPECT_EQ(numbers, expected({.agency = "opd-3", .limit = SIZE_MAX}));
}

TEST_F(HistoryTest, TheCursorGivesEveryRecordInOrderAndMayBeAskedAgain) {
  const auto reader = open_reader(*folder_);
  Cursor cursor = reader->records(Seq{kLongRun - 100});
  for (std::uint64_t n = kLongRun - 100; n <= kLongRun; ++n) {
    const auto record = must(cursor.next());
    ASSERT_TRUE(record);
    EXPECT_EQ(record->seq, Seq{n});
    EXPECT_EQ(record->event_count, n % 7);
    EXPECT_EQ(record->transition_count, n % 4);
    EXPECT_EQ(record->first_transition.value, transitions_in(n - 1) + 1);
  }
  EXPECT_FALSE(must(cursor.next()));
  EXPECT_FALSE(must(cursor.next()));
}

TEST(History, ACursorAtTheEndSeesWhatIsAppendedLater) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  const auto reader = open_reader(folder);
  Cursor cursor = reader->records();
  EXPECT_FALSE(must(cursor.next()));
  must(store->append(make_batch(1)));
  EXPECT_EQ(must(cursor.next())->seq, Seq{1});
  EXPECT_FALSE(must(cursor.next()));
}

TEST(History, AHeldReaderSeesOneStateThoughTheLogGoesOn) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(make_batch(1)));
  const auto held = open_reader(folder);
  ASSERT_TRUE(held->hold());
  ASSERT_TRUE(held->hold()) << "once more is nothing";
  const auto transitions = must(held->transitions({})).size();
  for (std::uint64_t n = 2; n <= 20; ++n) must(store->append(make_batch(n)));
  ASSERT_TRUE(store->idle());
  EXPECT_EQ(must(held->tail()).seq, Seq{1});
  EXPECT_EQ(must(held->transitions({})).size(), transitions);
  EXPECT_FALSE(must(held->record(Seq{2})));
  EXPECT_EQ(must(held->chain_head()).seq, Seq{1});
  EXPECT_EQ(must(open_reader(folder)->tail()).seq, Seq{20});
}

TEST(History, IdlingIndexesEverythingAndReopeningFindsWhatIsNotIndexed) {
  const TemporaryFolder folder;
  for (int round = 0; round < 2; ++round) {
    const auto store = open_store(folder);
    const std::uint64_t begin = store->tail().seq.value;
    for (std::uint64_t n = begin + 1; n <= begin + 10; ++n) must(store->append(make_batch(n)));
  }
  const auto store = open_store(folder);
  EXPECT_EQ(must(store->read().meta("store.indexed")), "0");
  must(store->idle());
  EXPECT_EQ(must(store->read().meta("store.indexed")), std::to_string(transitions_in(20)));
  const auto found = must(store->read().transitions({.agency = "opd-1"}));
  EXPECT_EQ(found.size(), 8U);
}

}  // namespace
}  // namespace patuh::store
