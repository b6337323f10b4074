// The same records give the same bytes.
#include <gtest/gtest.h>

#include "lines.h"
#include "random_events.h"
#include "random_pack.h"
#include "side_by_side.h"

namespace patuh::engine::naive {
namespace {

// All that one history tells. Two engines run side by side would share nothing but these draws.
std::string history(std::uint64_t seed) {
  Dice dice(seed);
  RandomPack pack(dice);
  RandomEvents events(dice, pack);
  Engine engine(pack.load(), {});
  base::Instant now = kBeginning;
  std::string out;
  for (int step = 0; step < 300; ++step) {
    now += std::chrono::minutes(dice.between(0, 3000));
    if (dice.percent(3)) {
      pack.change();
      out += text_of(engine.activate(now, pack.load()));
      events.forget();
    } else {
      out += text_of(engine.apply(now, events.next(engine.book(), now)));
    }
  }
  return out;
}

TEST(Determinism, TwoRunsTellTheSameBytes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::string first = history(seed);
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(first, history(seed)) << "seed " << seed;
  }
}

TEST(Determinism, HowTimeIsSplitDoesNotMatter) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Dice dice(seed);
    RandomPack pack(dice);
    RandomEvents events(dice, pack);
    const auto book = pack.load();
    Engine often(book, {});
    Engine seldom(book, {});
    base::Instant now = kBeginning;
    std::string told_often;
    std::string told_seldom;
    const auto lines = [](const StepResult& result) {
      std::string out;
      for (const model::Transition& t : result.transitions) out += line_of(t) + "\n";
      return out;
    };
    for (int step = 0; step < 200; ++step) {
      const base::Instant next = now + std::chrono::hours(dice.between(0, 100));
      const model::ChangeEvent event = events.next(*book, next);
      for (base::Instant at = now; at < next; at += std::chrono::hours(7)) {
        told_often += lines(often.advance(at));
      }
      told_often += lines(often.apply(next, event));
      told_seldom += lines(seldom.apply(next, event));
      now = next;
    }
    EXPECT_EQ(told_often, told_seldom) << "seed " << seed;
  }
}

}  // namespace
}  // namespace patuh::engine::naive
