// Whether the property test is worth something: on code built with marks, its histories take every
// rare branch, and each deliberate defect is found. PATUH_ENGINE_RUNS says how many histories at
// most; --gtest_filter picks one defect by its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <span>
#include <string>

#include "defects.h"
#include "history.h"
#include "sliced.h"
#include "tests/unit/defect.h"

// The linker's names for where the marks begin and end.
extern "C" patuh::marks::Mark __start_patuh_marks;  // NOLINT
extern "C" patuh::marks::Mark __stop_patuh_marks;   // NOLINT

namespace patuh::engine::naive {
namespace {

constexpr std::uint64_t kRuns = 400;

std::span<marks::Mark> all_marks() { return {&__start_patuh_marks, &__stop_patuh_marks}; }

std::string never_passed() {
  std::map<std::string, std::uint64_t> passes;
  for (const marks::Mark& mark : all_marks()) passes[mark.name] += mark.passes;
  std::string out;
  for (const auto& [name, count] : passes) {
    if (count == 0) out += "  " + name + "\n";
  }
  return out;
}

TEST(Marks, RandomHistoriesTakeEveryRareBranch) {
  ASSERT_GT(all_marks().size(), 40U);
  const std::uint64_t runs = from_environment("PATUH_ENGINE_RUNS", kRuns);
  std::uint64_t seed = 0;
  while (seed < runs && !never_passed().empty()) {
    Dice dice(++seed);
    const HistoryEnd end = run_history(dice, kHistorySteps);
    ASSERT_EQ(end.wrong, "") << "seed " << seed;
    Dice again(seed);
    const SlicedEnd sliced = run_sliced(again, kHistorySteps);
    ASSERT_EQ(sliced.wrong, "") << "seed " << seed;
  }
  EXPECT_EQ(never_passed(), "") << "not taken in " << seed << " histories";
  std::cout << all_marks().size() << " marks passed within " << seed << " histories\n";
}

// ── Defects ──

testing::HistoryRun run(std::uint64_t seed) {
  Dice dice(seed);
  const HistoryEnd end = run_history(dice, kHistorySteps);
  return {!end.wrong.empty(), static_cast<std::uint64_t>(end.step)};
}

testing::HistoryRun run_in_slices(std::uint64_t seed) {
  Dice dice(seed);
  const SlicedEnd end = run_sliced(dice, kHistorySteps);
  return {!end.wrong.empty(), static_cast<std::uint64_t>(end.step)};
}

class Defects : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Defects, IsFound) {
  const auto found =
      testing::find_defect(GetParam(), from_environment("PATUH_ENGINE_RUNS", kRuns), &run);
  ASSERT_TRUE(found) << "'" << GetParam() << "' goes unnoticed";
  std::cout << GetParam() << ": " << found->text() << "\n";
}

class SlicedDefects : public ::testing::TestWithParam<std::string_view> {};

TEST_P(SlicedDefects, IsFound) {
  const auto found = testing::find_defect(GetParam(), from_environment("PATUH_ENGINE_RUNS", kRuns),
                                          &run_in_slices);
  ASSERT_TRUE(found) << "'" << GetParam() << "' goes unnoticed";
  std::cout << GetParam() << ": " << found->text() << "\n";
}

std::string name_of_test(const ::testing::TestParamInfo<std::string_view>& tested) {
  std::string name(tested.param);
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Each, Defects, ::testing::ValuesIn(kDefects), &name_of_test);
INSTANTIATE_TEST_SUITE_P(Each, SlicedDefects, ::testing::ValuesIn(kSlicedDefects), &name_of_test);

}  // namespace
}  // namespace patuh::engine::naive
