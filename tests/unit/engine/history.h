// One random history: the engine and the plain truth driven through it side by side.
#pragma once

#include <cstdint>
#include <string>

#include "dice.h"

namespace patuh::engine::naive {

inline constexpr int kHistorySteps = 40;

struct HistoryEnd {
  std::string wrong;           // what differed; empty: nothing
  int step = 0;                // at which it stopped
  std::uint64_t compared = 0;  // verdicts
  std::string log;             // the pack and all that was done, for a failing run
};

// The same dice, the same history. Ends at the first difference, or after so many steps.
HistoryEnd run_history(Dice& dice, int steps);

// The value of an environment variable, for runs that are longer or elsewhere.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

}  // namespace patuh::engine::naive
