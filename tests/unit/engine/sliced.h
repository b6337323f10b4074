// One random history in an engine that judges one or two pairs at a time, beside the truth that
// judges all at once, and beside itself, loaded from a snapshot somewhere on the way.
#pragma once

#include <cstdint>
#include <string>

#include "dice.h"

namespace patuh::engine::naive {

struct SlicedEnd {
  std::string wrong;       // what differed; empty: nothing
  int step = 0;            // at which it stopped
  std::size_t waited = 0;  // pairs seen waiting
};

// The same dice, the same history. Ends at the first difference, or after so many steps.
SlicedEnd run_sliced(Dice& dice, int steps);

}  // namespace patuh::engine::naive
