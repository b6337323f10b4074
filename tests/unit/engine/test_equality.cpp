// THE test: the engine, which judges only what it must, equals the plain truth after every step, on
// random schemas, rules, events and times. PATUH_ENGINE_RUNS and PATUH_ENGINE_SEED make it longer
// or take it elsewhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "history.h"

namespace patuh::engine::naive {
namespace {

constexpr std::uint64_t kRuns = 150;

TEST(Equality, TheEngineEqualsAFullReevaluationAfterEveryStep) {
  const std::uint64_t runs = from_environment("PATUH_ENGINE_RUNS", kRuns);
  const std::uint64_t first = from_environment("PATUH_ENGINE_SEED", 1);
  std::uint64_t compared = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    Dice dice(seed);
    const HistoryEnd end = run_history(dice, kHistorySteps);
    compared += end.compared;
    ASSERT_EQ(end.wrong, "") << "seed " << seed << " (PATUH_ENGINE_SEED=" << seed
                             << " PATUH_ENGINE_RUNS=1), step " << end.step << "\n"
                             << end.log;
  }
  std::cout << "seeds " << first << " to " << first + runs - 1 << ", " << compared
            << " verdicts compared\n";
  EXPECT_GT(compared, runs * 100);
}

// What `./run fuzz engine` once found, and a few histories to begin from.
TEST(Equality, HistoriesKeptAsFilesAgree) {
  int files = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(PATUH_SOURCE_DIR "/tests/fuzz/corpus/engine")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    Dice dice{std::span(bytes)};
    const HistoryEnd end = run_history(dice, kHistorySteps);
    EXPECT_EQ(end.wrong, "") << file.path() << ", step " << end.step << "\n" << end.log;
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace patuh::engine::naive
