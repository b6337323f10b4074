// Any bytes as the dice of a random history: after every step the engine equals the plain truth.
// How a found case is told: what differed, and the pack and all that was done, on stderr.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "tests/unit/engine/history.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace patuh::engine::naive;
  Dice dice{std::span(data, size)};
  const HistoryEnd end = run_history(dice, kHistorySteps);
  if (!end.wrong.empty()) {
    std::cerr << end.log << "\nstep " << end.step << "\n" << end.wrong;
    std::abort();
  }
  return 0;
}
