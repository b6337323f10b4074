// After an unclean end: says durably which input is about to be taken, so that one which brings the
// daemon down is known by the second time, and set aside. Private to pipeline.
//
//   running ──crash──► careful: mark, take, mark, take, … ──(enough taken)──► running
//                        └─crash at one input, twice─► that input is set aside when it comes again
//
// Threads: belongs to the pipeline's thread. The store must be free (nothing on its way to disk).
#pragma once

#include <string>

#include "collectors/decode/decode.h"
#include "store/store.h"

namespace patuh::pipeline {

class Careful {
 public:
  // `inputs`: to be taken with care after an unclean end; 0: never.
  explicit Careful(std::size_t inputs) : inputs_(inputs) {}

  // Reads how the run before ended, and notes that this one runs.
  base::Status begin(store::Store& store);
  // The run ends well.
  base::Status end(store::Store& store);

  bool on() const { return left_ > 0; }
  // Marks the input, durably. True when it brought the daemon down twice: it is not to be taken.
  base::Result<bool> attempt(store::Store& store, const decode::Item& input);
  // The input that was marked last is durable.
  void past() { left_ -= left_ > 0 ? 1 : 0; }

 private:
  std::size_t inputs_;
  std::size_t left_ = 0;
  std::string marked_;    // the input at which the run before ended; empty: none is known
  unsigned crashes_ = 0;  // at that input
};

// What is said of an input that is set aside.
inline constexpr std::string_view kBroughtDown = "brought_down";
store::Quarantined quarantined_for_crash(const decode::Item& input);

}  // namespace patuh::pipeline
