// The engine's parts by themselves, against plain models.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "dice.h"
#include "engine/reads.h"
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

TEST(ReadIndex, KnowsTheReadersOfEveryKeyThroughAllChanges) {
  Dice dice(7);
  ReadIndex index;
  std::map<std::size_t, std::set<std::size_t>> model;  // pair -> keys
  std::map<std::size_t, std::uint32_t> lists;
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t who = dice.below(300);
    std::set<std::size_t> what;
    const std::size_t count = dice.below(8);
    // Some keys are everybody's, most are few pairs'.
    for (std::size_t i = 0; i < count; ++i) what.insert(dice.below(dice.percent(30) ? 5 : 3000));
    std::vector<Key> keys;
    for (const std::size_t n : what) keys.push_back(key_of(n));
    std::ranges::sort(keys);
    const auto [list, is_new] = lists.try_emplace(who, kNone);
    list->second = index.replace(list->second, pair_of(who), keys);
    model[who] = what;
  }
  std::map<std::size_t, std::set<std::size_t>> readers;  // key -> pairs
  std::uint64_t size = 0;
  for (const auto& [who, what] : model) {
    size += what.size();
    for (const std::size_t n : what) readers[n].insert(who);
  }
  EXPECT_EQ(index.size(), size);
  for (std::size_t n = 0; n < 3000; ++n) {
    std::set<std::size_t> found;
    index.readers(key_of(n), [&](const PairRef& pair) { found.insert(pair.element.value); });
    ASSERT_EQ(found, readers[n]) << n;
  }
  for (const auto& [who, list] : lists) index.replace(list, pair_of(who), {});
  EXPECT_EQ(index.size(), 0U);
}

TEST(ReadIndex, EqualKeysKeepTheirPlace) {
  ReadIndex index;
  const std::vector<Key> keys = {key_of(1), key_of(2)};
  const std::uint32_t list = index.replace(kNone, pair_of(1), keys);
  EXPECT_EQ(index.replace(list, pair_of(1), keys), list);
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
