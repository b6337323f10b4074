// Whether the property test is worth something: on code built with marks, its histories take every
// rare branch, and each deliberate defect is found. PATUH_ENGINE_RUNS says how many histories at
// most; PATUH_DEFECT names one defect to look at alone.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <span>
#include <string>

#define PATUH_MARKED
#include "defects.h"
#include "history.h"
#include "marks/marks.h"

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
  }
  EXPECT_EQ(never_passed(), "") << "not taken in " << seed << " histories";
  std::cout << all_marks().size() << " marks passed within " << seed << " histories\n";
}

// ── Defects ──

// Where a defect was found: by which history, after how many steps in all.
struct Found {
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;
  bool stopped = false;  // by an assertion of the code itself
};

[[noreturn]] void look_for(std::string_view defect, std::uint64_t runs, int report) {
  marks::defect() = defect.data();
  Found found;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    Dice dice(seed);
    found.seed = seed;
    [[maybe_unused]] const auto told = ::write(report, &found, sizeof found);
    const HistoryEnd end = run_history(dice, kHistorySteps);
    found.steps += static_cast<std::uint64_t>(end.step);
    if (end.wrong.empty()) continue;
    [[maybe_unused]] const auto last = ::write(report, &found, sizeof found);
    ::_exit(1);
  }
  ::_exit(0);
}

// In a process of its own, since a defect may also end in an assertion.
std::optional<Found> find(std::string_view defect, std::uint64_t runs) {
  int ends[2];
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::close(STDERR_FILENO);
    look_for(defect, runs, ends[1]);
  }
  ::close(ends[1]);
  Found found;
  while (::read(ends[0], &found, sizeof found) == static_cast<ssize_t>(sizeof found)) continue;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  found.stopped = WIFSIGNALED(status);
  return found;
}

class Defects : public testing::TestWithParam<std::string_view> {};

TEST_P(Defects, IsFound) {
  const char* const only = std::getenv("PATUH_DEFECT");
  if (only != nullptr && GetParam() != only) GTEST_SKIP() << "only " << only;
  const auto found = find(GetParam(), from_environment("PATUH_ENGINE_RUNS", kRuns));
  ASSERT_TRUE(found) << "'" << GetParam() << "' goes unnoticed";
  std::cout << GetParam() << ": history " << found->seed << ", "
            << (found->stopped ? "by an assertion after more than " : "after ") << found->steps
            << " steps\n";
}

INSTANTIATE_TEST_SUITE_P(Each, Defects, testing::ValuesIn(kDefects));

}  // namespace
}  // namespace patuh::engine::naive
