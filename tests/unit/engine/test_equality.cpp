// THE test: the engine, which judges only what it must, equals the plain truth after every step, on
// random schemas, rules, events and times. PATUH_ENGINE_RUNS and PATUH_ENGINE_SEED make it longer
// or take it elsewhere.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "dice.h"
#include "random_events.h"
#include "random_pack.h"
#include "side_by_side.h"

namespace patuh::engine::naive {
namespace {

using std::chrono::hours;

constexpr std::uint64_t kRuns = 150;
constexpr int kSteps = 40;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

base::Duration random_step(Dice& dice) {
  const std::size_t choice = dice.below(100);
  if (choice < 30) return base::Duration(0);
  if (choice < 40) return base::Duration(1);
  if (choice < 60) return hours(6) * dice.between(1, 4);
  if (choice < 80) return std::chrono::minutes(dice.between(1, 2000));
  if (choice < 97) return hours(24) * dice.between(1, 5);
  return hours(24) * dice.between(20, 60);
}

// One history; `log` tells what was done.
std::string run(std::uint64_t seed, std::string& log, std::uint64_t& compared) {
  Dice dice(seed);
  RandomPack pack(dice);
  RandomEvents events(dice, pack);
  log = pack.text();
  SideBySide both(pack.load(), spans());
  base::Instant now = kBeginning;
  std::string wrong;
  for (int step = 0; step < kSteps && wrong.empty(); ++step) {
    now += random_step(dice);
    log += "\n" + base::to_rfc3339(now) + " ";
    if (dice.percent(6)) {
      pack.change();
      log += "activate\n" + pack.text();
      wrong = both.activate(now, pack.load(), spans());
      events.forget();
    } else if (dice.percent(10)) {
      log += "advance";
      wrong = both.advance(now);
    } else {
      const model::ChangeEvent event = events.next(both.engine().book(), now);
      log += text_of(event, *both.engine().book().schema);
      wrong = both.apply(now, event);
    }
  }
  compared += both.compared();
  return wrong;
}

TEST(Equality, TheEngineEqualsAFullReevaluationAfterEveryStep) {
  const std::uint64_t runs = from_environment("PATUH_ENGINE_RUNS", kRuns);
  const std::uint64_t first = from_environment("PATUH_ENGINE_SEED", 1);
  std::uint64_t compared = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    std::string log;
    const std::string wrong = run(seed, log, compared);
    ASSERT_EQ(wrong, "") << "seed " << seed << " (PATUH_ENGINE_SEED=" << seed
                         << " PATUH_ENGINE_RUNS=1)\n"
                         << log;
  }
  std::cout << "seeds " << first << " to " << first + runs - 1 << ", " << compared
            << " verdicts compared\n";
  EXPECT_GT(compared, runs * 100);
}

}  // namespace
}  // namespace patuh::engine::naive
