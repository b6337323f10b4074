// Looks for a deliberate defect (marks/marks.h) with a test that drives random histories: what
// finds none of them is not worth its name. For tests that link a patuh_marked() library.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#define PATUH_MARKED
#include "marks/marks.h"

namespace patuh::testing {

// What one history came to.
struct HistoryRun {
  bool wrong = false;
  std::uint64_t steps = 0;
};
using RunHistory = std::function<HistoryRun(std::uint64_t seed)>;

// Where a defect was found: by which history, after how many steps in all.
struct Found {
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;
  bool stopped = false;  // by an assertion of the code itself

  std::string text() const {
    return "history " + std::to_string(seed) + ", " +
           (stopped ? "by an assertion after more than " : "after ") + std::to_string(steps) +
           " steps";
  }
};

[[noreturn]] inline void look_for(std::string_view defect, std::uint64_t runs, int report,
                                  const RunHistory& run) {
  marks::defect() = defect.data();
  Found found;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    found.seed = seed;
    [[maybe_unused]] const auto told = ::write(report, &found, sizeof found);
    const HistoryRun end = run(seed);
    found.steps += end.steps;
    if (!end.wrong) continue;
    [[maybe_unused]] const auto last = ::write(report, &found, sizeof found);
    ::_exit(1);
  }
  ::_exit(0);
}

// Runs histories 1 to `runs` with the defect switched on, in a process of their own, since a defect
// may also end in an assertion. Nothing when none of them differs.
inline std::optional<Found> find_defect(std::string_view defect, std::uint64_t runs,
                                        const RunHistory& run) {
  int ends[2];
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::close(STDERR_FILENO);
    look_for(defect, runs, ends[1], run);
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

}  // namespace patuh::testing
