// Watches the wall clock beside one that never leaps: a computer that comes up with a wrong time,
// or is given one, must not turn every deadline at once. Private to pipeline.
//
//   in order ──(ahead by more than jump_max)──► leapt ──(back, accepted, or stays there)──► in
//   order
#pragma once

#include <chrono>
#include <optional>

#include "base/base.h"

namespace patuh::pipeline {

class ClockWatch {
 public:
  // Time that passes while the computer runs or sleeps; any beginning.
  using Passed = std::chrono::microseconds;

  ClockWatch(base::Duration jump_max, base::Duration stays) : jump_max_(jump_max), stays_(stays) {}

  static Passed passed_now();

  // To be called often, with both clocks as they are.
  void look(base::Instant wall, Passed passed);
  // By how much the wall clock leapt ahead, while that is not taken for right; else 0.
  base::Duration jump() const { return jump_; }
  // Takes the wall clock as it was seen last for right.
  void accept();

 private:
  struct Seen {
    base::Instant wall;
    Passed passed;
  };
  base::Duration jump_max_, stays_;
  std::optional<Seen> right_;  // where the wall clock was right; it is expected to go on from there
  std::optional<Seen> last_;
  std::optional<Passed> leapt_;  // when it was seen ahead
  base::Duration jump_{};
};

}  // namespace patuh::pipeline
