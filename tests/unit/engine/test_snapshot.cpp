// An engine that was written down and read back goes on as the one that never stopped.
#include <gtest/gtest.h>

#include <map>

#include "lines.h"
#include "random_events.h"
#include "random_pack.h"
#include "snapshots.h"

namespace patuh::engine::naive {
namespace {

void expect_equal(const Engine& a, const Engine& b, bool packed, const std::string& where) {
  EXPECT_EQ(head_of(a), head_of(b)) << where;
  const Rows left = all_rows(a);
  const Rows right = all_rows(b);
  ASSERT_EQ(left.size(), right.size()) << where;
  for (const auto& [place, row] : left) {
    EXPECT_EQ(row.first, right.at(place).first) << where << ", place " << place;
    if (packed) {
      EXPECT_EQ(row.second, right.at(place).second) << where << ", place " << place;
    }
  }
  EXPECT_EQ(a.next_wake(), b.next_wake()) << where;
  EXPECT_EQ(a.stats().timers, b.stats().timers) << where;
  EXPECT_EQ(a.stats().pairs, b.stats().pairs) << where;
  EXPECT_EQ(a.stats().registry.edges, b.stats().registry.edges) << where;
  EXPECT_EQ(a.stats().registry.index_entries, b.stats().registry.index_entries) << where;
  EXPECT_EQ(a.stats().registry.elements, b.stats().registry.elements) << where;
  EXPECT_EQ(a.stats().registry.stubs, b.stats().registry.stubs) << where;
  EXPECT_EQ(a.stats().registry.tombstones, b.stats().registry.tombstones) << where;
  EXPECT_EQ(a.stats().registry.window_ids, b.stats().registry.window_ids) << where;
  const Tallies one = a.tallies();
  const Tallies other = b.tallies();
  EXPECT_TRUE(one.agencies == other.agencies && one.rules == other.rules) << where;
}

// One history: at step `cut` it goes on in an engine that was loaded, beside the one that was not.
void run(std::uint64_t seed, bool packed, int steps) {
  Dice dice(seed);
  RandomPack pack(dice);
  RandomEvents events(dice, pack);
  Options options;
  options.registry.duplicate_window = dice.below(2) == 0 ? 4 : 1000;
  options.registry.tombstone_age = std::chrono::hours(24 * 20);
  Engine undisturbed(pack.load(), options);
  std::unique_ptr<Engine> loaded;
  Snapshot snapshot;
  const int cut = static_cast<int>(dice.below(static_cast<std::size_t>(steps)));
  base::Instant now = kBeginning;
  for (int step = 0; step < steps; ++step) {
    const std::string where = "seed " + std::to_string(seed) + ", step " + std::to_string(step) +
                              ", loaded at " + std::to_string(cut);
    if (dice.percent(20)) snapshot.take(undisturbed, dice.below(6));
    if (dice.percent(5)) snapshot.take_sources(undisturbed);
    if (step == cut) {
      snapshot.take(undisturbed, SIZE_MAX);
      snapshot.take_sources(undisturbed);
      loaded = load(snapshot, undisturbed, options, packed);
      ASSERT_NE(loaded, nullptr) << where;
      EXPECT_TRUE(loaded->take_touched().empty());
      expect_equal(undisturbed, *loaded, packed, where);
    }
    now += std::chrono::minutes(dice.between(0, 3000));
    if (dice.percent(3)) {
      pack.change();
      const auto book = pack.load();
      events.forget();
      const std::string told = text_of(undisturbed.activate(now, book));
      if (loaded) {
        EXPECT_EQ(told, text_of(loaded->activate(now, book))) << where;
      }
      continue;
    }
    const model::ChangeEvent event = events.next(undisturbed.book(), now);
    const StepResult result = undisturbed.apply(now, event);
    if (!loaded) continue;
    const StepResult again = loaded->apply(now, event);
    ASSERT_EQ(text_of(result), text_of(again)) << where;
    ASSERT_EQ(result.outcome, again.outcome) << where;
    EXPECT_EQ(result.message, again.message) << where;
    ASSERT_EQ(undisturbed.next_wake(), loaded->next_wake()) << where;
  }
  expect_equal(undisturbed, *loaded, false, "seed " + std::to_string(seed) + " at its end");
}

TEST(Snapshot, WhatWasLoadedGoesOnAsIfNothingHadBeen) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) run(seed, true, 120);
}

TEST(Snapshot, SoItDoesWhenEverythingIsJudgedAnew) {
  for (std::uint64_t seed = 101; seed <= 160; ++seed) run(seed, false, 120);
}

TEST(Snapshot, WhatIsCutOrChangedIsRefused) {
  Dice dice(7);
  RandomPack pack(dice);
  RandomEvents events(dice, pack);
  Engine engine(pack.load(), {});
  for (int step = 0; step < 60; ++step) {
    const base::Instant now = kBeginning + std::chrono::hours(step);
    engine.apply(now, events.next(engine.book(), now));
  }
  const Rows rows = all_rows(engine);
  std::string head;
  std::string packed;
  engine.save_head(head, packed);
  for (std::size_t size = 0; size < head.size(); ++size) {
    Engine other(engine.shared_book(), {});
    EXPECT_EQ(other.load_head(head.substr(0, size), packed, rows.size()), Engine::Loading::kRefused)
        << size;
  }
  Engine cramped(engine.shared_book(), {});
  EXPECT_EQ(cramped.load_head(head, packed, rows.size() - 1), Engine::Loading::kRefused)
      << "more places than rows";
  for (const auto& [place, row] : rows) {
    for (std::size_t size = 0; size < row.first.size(); ++size) {
      Engine other(engine.shared_book(), {});
      ASSERT_EQ(other.load_head(head, packed, rows.size()), Engine::Loading::kPacked);
      EXPECT_FALSE(other.load(model::ElementRef(place), row.first.substr(0, size), row.second));
    }
  }
}

}  // namespace
}  // namespace patuh::engine::naive
