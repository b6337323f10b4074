// The engine's parts by themselves, against plain models.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "dice.h"
#include "engine/episode.h"
#include "engine/packed_pairs.h"
#include "engine/reads.h"
#include "engine/self_reads.h"
#include "engine/timers.h"
#include "estate.h"

namespace patuh::engine {
namespace {

using naive::Dice;
using registry::Key;

PairRef pair_of(std::size_t n) {
  return {Seat(static_cast<std::uint16_t>(n % 7)),
          model::ElementRef(static_cast<std::uint32_t>(n))};
}
Key key_of(std::size_t n) {
  return registry::field_key(model::ElementRef(static_cast<std::uint32_t>(n)), model::FieldId(3));
}

// Rules of seven elements, more than a node stands for.
Reader reader_of(std::size_t n) {
  return {model::ElementRef(static_cast<std::uint32_t>(n % 7)), static_cast<std::uint32_t>(n / 7)};
}

TEST(ReadIndex, KnowsTheReadersOfEveryKeyThroughAllChanges) {
  Dice dice(7);
  ReadIndex index;
  std::map<std::size_t, std::set<std::size_t>> model;  // reader -> keys
  std::array<std::uint32_t, 7> lists;
  lists.fill(kNone);
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t who = dice.below(300);
    std::set<std::size_t> what;
    const std::size_t count = dice.below(8);
    // Some keys are everybody's, most are few readers'.
    for (std::size_t i = 0; i < count; ++i) what.insert(dice.below(dice.percent(30) ? 5 : 3000));
    std::vector<Key> keys;
    for (const std::size_t n : what) keys.push_back(key_of(n));
    std::ranges::sort(keys);
    const std::uint64_t changes = index.changes();
    index.replace(lists[who % 7], reader_of(who), keys);
    ASSERT_EQ(index.changes() != changes, model[who] != what);
    model[who] = what;
  }
  std::map<std::size_t, std::set<std::size_t>> readers;  // key -> readers
  std::uint64_t size = 0;
  for (const auto& [who, what] : model) {
    size += what.size();
    std::vector<std::size_t> known;
    index.all_keys(lists[who % 7], [&](std::uint32_t column, const Key& key) {
      if (column == reader_of(who).column) known.push_back(key.what);
    });
    ASSERT_TRUE(std::ranges::equal(known, what)) << who;
    for (const std::size_t n : what) readers[n].insert(who);
  }
  EXPECT_EQ(index.size(), size);
  for (std::size_t n = 0; n < 3000; ++n) {
    std::set<std::size_t> found;
    index.readers(key_of(n), [&](const Reader& reader) {
      found.insert(reader.column * std::size_t{7} + reader.element.value);
    });
    ASSERT_EQ(found, readers[n]) << n;
  }
  for (const auto& [who, what] : model) index.replace(lists[who % 7], reader_of(who), {});
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(lists, (std::array{kNone, kNone, kNone, kNone, kNone, kNone, kNone}));
}

TEST(ReadIndex, EqualKeysChangeNothing) {
  ReadIndex index;
  const std::vector<Key> keys = {key_of(1), key_of(2)};
  std::uint32_t list = kNone;
  index.replace(list, reader_of(1), keys);
  const std::uint32_t before = list;
  index.replace(list, reader_of(1), keys);
  EXPECT_EQ(list, before);
  EXPECT_EQ(index.changes(), 1U);
}

TEST(BitSets, BeyondTheLastNumberASetIsThatOfAllBits) {
  BitSets sets;
  std::uint16_t number = 0;
  for (std::uint32_t bits = 0; bits < 100'000; ++bits) {
    number = sets.number_of(bits, number);
    const bool has_number = bits < UINT16_MAX;
    ASSERT_EQ(sets.bits(number), has_number ? bits : UINT32_MAX) << bits;
  }
  EXPECT_EQ(sets.bits(number), UINT32_MAX);
  EXPECT_EQ(sets.bits(sets.number_of(17, number)), 17U);
}

TEST(Pair, KeepsAnInstantToTheMicrosecond) {
  Pair pair;
  EXPECT_EQ(pair.since(), base::Instant{});
  for (const std::int64_t ticks : {-1L, 1L, 1'800'000'000'123'456L, -9'000'000'000'000'000L}) {
    const base::Instant at{base::Duration(ticks)};
    ASSERT_TRUE(Pair::can_hold(at));
    pair.set_since(at);
    EXPECT_EQ(pair.since(), at);
  }
  EXPECT_FALSE(Pair::can_hold(base::kNever));
  pair.set_since(base::kNever);
  EXPECT_GT(pair.since(), base::Instant(std::chrono::sys_days(std::chrono::year(2255) / 1 / 1)));
}

base::Instant at_minute(std::size_t n) {
  return base::Instant{} + std::chrono::minutes(static_cast<std::int64_t>(n));
}

// Of few sorts or of many, with and without something beside.
Pair random_pair(Dice& dice, std::size_t sorts, std::size_t instants) {
  Pair pair;
  const std::size_t sort = dice.below(sorts);
  pair.state = static_cast<model::VerdictState>(sort % 5);
  pair.own_reads = static_cast<std::uint16_t>(sort / 5);
  pair.epoch = static_cast<std::uint16_t>(sort % 3);
  pair.judged = dice.percent(95);
  pair.reads_elsewhere = sort % 4 == 1;
  if (dice.percent(95)) pair.set_since(at_minute(dice.below(instants)));
  if (dice.percent(20)) pair.extra = static_cast<std::uint32_t>(dice.below(1000));
  return pair;
}

TEST(PackedPairs, KeepWhatWasPutThroughAllChanges) {
  constexpr std::uint32_t kSlots = 150;
  Dice dice(5);
  PackedPairs pairs;
  const std::uint64_t empty = pairs.bytes();
  std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> model;
  for (int step = 0; step < 60'000; ++step) {
    if (pairs.columns() < 3 || (pairs.columns() < 21 && dice.below(500) == 0)) pairs.add_column();
    const auto slot = static_cast<std::uint32_t>(dice.below(kSlots));
    const auto column = static_cast<std::uint32_t>(dice.below(pairs.columns()));
    if (dice.below(200) == 0) {
      pairs.clear(slot);
      std::erase_if(model, [&](const auto& one) { return one.first.first == slot; });
    } else {
      // A rule of which more sorts come than there are numbers, and go again.
      const bool many = column == 1 && step < 40'000;
      const Pair pair = random_pair(dice, many ? 300 : 20, step < 20'000 ? 3 : 100);
      pairs.put(slot, column, pair);
      model[{slot, column}] = pair;
    }
    const auto other = static_cast<std::uint32_t>(dice.below(pairs.columns()));
    const auto found = model.find({slot, other});
    const Pair expected = found == model.end() ? Pair() : found->second;
    const Pair read = pairs.at(slot, other);
    ASSERT_EQ(read.sort(), expected.sort()) << step;
    ASSERT_EQ(read.extra, expected.extra) << step;
    ASSERT_EQ(read.since(), expected.since()) << step;
    ASSERT_EQ(pairs.sort(slot, other), expected.sort()) << step;
  }
  for (const auto& [at, pair] : model) {
    const Pair read = pairs.at(at.first, at.second);
    ASSERT_EQ(read.sort(), pair.sort());
    ASSERT_EQ(read.extra, pair.extra);
    ASSERT_EQ(read.since(), pair.since());
  }
  const std::uint64_t full = pairs.bytes();
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) pairs.clear(slot);
  EXPECT_LT(pairs.bytes(), full);
  EXPECT_GE(pairs.bytes(), empty);
  EXPECT_EQ(pairs.at(7, 2).sort(), Sort());
}

TEST(PackedPairs, ThatStandSinceOneInstantTakeAByteEach) {
  constexpr std::uint32_t kSlots = 6400;
  constexpr std::uint32_t kColumns = 24;
  PackedPairs pairs;
  for (std::uint32_t i = 0; i < kColumns; ++i) pairs.add_column();
  Pair pair;
  pair.judged = true;
  // As stubs first, which most pairs then do not stay.
  for (const std::size_t birth : {1U, 2U}) {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      for (std::uint32_t column = 0; column < kColumns; ++column) {
        pair.state = static_cast<model::VerdictState>((birth + slot + column) % 5);
        pair.set_since(at_minute(birth * 10'000 + slot));
        pairs.put(slot, column, pair);
      }
    }
  }
  EXPECT_LE(pairs.bytes() / kSlots, kColumns + 20U);
}

// Instants of the alert lie where there is room for them, and words come and go around them.
TEST(Episode, KeepsItsInstantsThroughAllChanges) {
  Dice dice(3);
  Episode episode;
  base::Instant violating = base::kNever;
  alerts::State alert;
  std::string cause;
  const auto some_instant = [&] {
    return dice.percent(30) ? base::kNever : base::Instant(base::Duration(dice.between(-50, 50)));
  };
  for (int step = 0; step < 5'000; ++step) {
    switch (dice.below(5)) {
      case 0:
        episode.set_violating_since(violating = some_instant());
        break;
      case 1:
        alert = {static_cast<alerts::Phase>(dice.below(3)), some_instant(), some_instant()};
        episode.set_alert(alert);
        break;
      case 2:
        cause = "peristiwa-" + std::to_string(step);
        episode.set_words(dice.percent(50) ? "" : "batas", cause);
        break;
      case 3:
        episode.set_sent({1, "", model::Severity::kHigh, "kata", "word"});
        break;
      default:
        episode.forget_sent();
        episode.set_occurrence(dice.percent(50) ? "lain" : "");
    }
    ASSERT_EQ(episode.violating_since(), violating);
    ASSERT_EQ(episode.alert().phase, alert.phase);
    ASSERT_EQ(episode.alert().started, alert.started);
    ASSERT_EQ(episode.alert().due, alert.due);
    ASSERT_EQ(episode.cause(), cause);
  }
}

TEST(Episode, SaysItsWordsAgain) {
  Episode episode;
  EXPECT_EQ(episode.cause(), "");
  episode.set_words("batas", "peristiwa-1");
  EXPECT_EQ(episode.occurrence(), "batas");
  EXPECT_EQ(episode.cause(), "peristiwa-1");
  EXPECT_FALSE(episode.is_sent());
  const std::string long_text(300, 'x');
  episode.set_sent({1, episode.occurrence(), model::Severity::kHigh, long_text, long_text});
  EXPECT_LT(episode.text_bytes(), 2 * long_text.size());
  episode.set_occurrence("lain");
  EXPECT_EQ(episode.occurrence(), "lain");
  EXPECT_EQ(episode.cause(), "peristiwa-1");
  EXPECT_EQ(episode.sent().agency, 1U);
  EXPECT_EQ(episode.sent().occurrence, "batas");
  EXPECT_EQ(episode.sent().severity, model::Severity::kHigh);
  EXPECT_EQ(episode.sent().summary_id, long_text);
  EXPECT_EQ(episode.sent().summary_en, long_text);
  episode.forget_sent();
  episode.set_occurrence("");
  EXPECT_EQ(episode.occurrence(), "");
  EXPECT_EQ(episode.cause(), "peristiwa-1");
}

TEST(SentCodes, AreKeptForAsLongAsSomebodyHoldsThem) {
  Dice dice(13);
  SentCodes codes;
  std::vector<std::pair<std::uint32_t, std::string>> held;
  for (int step = 0; step < 5'000; ++step) {
    if (held.empty() || (held.size() < 40 && dice.percent(55))) {
      const std::string code = "kode-" + std::to_string(dice.below(step < 4'000 ? 10 : 1'000));
      held.emplace_back(codes.take(code), code);
    } else {
      const std::size_t gone = dice.below(held.size());
      codes.give(held[gone].first);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    for (const auto& [number, code] : held) ASSERT_EQ(codes.at(number), code);
  }
  // Numbers are given again: never more than are held at a time.
  for (const auto& [number, code] : held) EXPECT_LT(number, 40U);
}

TEST(Timers, GoOffByInstantRuleAndElementThroughAllChanges) {
  Dice dice(11);
  std::string rules;
  for (const char* const id : {"C", "A", "G", "E", "B", "F", "D"}) {
    rules += naive::rule(id, "app", "require = \"self.public\"");
  }
  const auto book = naive::load_book(naive::common_schema(), rules);
  Seats seats;
  seats.switch_to(*book, *book->schema, false);
  Timers timers(seats);
  std::map<std::size_t, base::Instant> model;
  std::map<std::size_t, std::uint32_t> handles;
  for (int step = 0; step < 30'000; ++step) {
    const std::size_t who = dice.below(500);
    const base::Instant at =
        dice.percent(25) ? base::kNever : base::Instant(base::Duration(dice.between(0, 50)));
    const auto [handle, is_new] = handles.try_emplace(who, kNone);
    handle->second = timers.set(handle->second, at, pair_of(who));
    if (at == base::kNever) {
      model.erase(who);
    } else {
      model[who] = at;
    }
    ASSERT_EQ(timers.size(), model.size());
  }
  std::vector<std::pair<base::Instant, PairRef>> expected;
  for (const auto& [who, at] : model) expected.emplace_back(at, pair_of(who));
  std::ranges::sort(expected, [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : seats.before(a.second, b.second);
  });
  for (const auto& [at, pair] : expected) {
    ASSERT_EQ(timers.next(), at);
    ASSERT_EQ(timers.next_pair(), pair);
    timers.set(handles[pair.element.value], base::kNever, pair);
  }
  EXPECT_EQ(timers.next(), base::kNever);
}

}  // namespace
}  // namespace patuh::engine
