// After an unclean end: says durably which input is about to be taken, so that one which brings the
// daemon down is known by the second time, and set aside. Private to pipeline.
//
//   running ──crash──► careful: mark, take, mark, take, … ──(enough taken)──► running
//                        └─crash at one input, twice─► that input is set aside when it comes again
//
// Threads: belongs to the pipeline's thread. The store must be free (nothing on its way to disk).
#pragma once

#include <map>
#include <string>

#include "collectors/decode/decode.h"
#include "store/store.h"

namespace patuh::pipeline {

class Careful {
 public:
  // `inputs`: how many a run may have on their way to the disk; 0: care is never taken.
  explicit Careful(std::size_t inputs) : inputs_(inputs) {}

  // Reads how the run before ended, and how many it may have had on their way; notes that this one
  // runs, and how many it may have.
  base::Status begin(store::Store& store);
  // So many are on their way, or are about to be: it is durable that there may be.
  bool is_noted(std::size_t inputs) const { return inputs_ == 0 || inputs <= inputs_; }
  base::Status note(store::Store& store, std::size_t inputs);
  // The run ends well.
  base::Status end(store::Store& store);

  // Whether inputs of the channel are to be taken one a batch: until as many of it came as were on
  // their way in all. What another channel brings meanwhile does not shorten that.
  bool on(const std::string& channel) const;
  bool on() const;  // of any channel that brought something, or before any has
  // Marks the input, durably. True when it brought the daemon down twice: it is not to be taken.
  base::Result<bool> attempt(store::Store& store, const decode::Item& input);
  // The input that was marked last is durable.
  void past(const std::string& channel) { ++taken_[channel]; }

 private:
  std::size_t inputs_;
  std::size_t expected_ = 0;  // of each channel, with care; 0: the run before ended well
  std::map<std::string, std::size_t> taken_;  // of each channel, with care
  std::string marked_;    // the input at which the run before ended; empty: none is known
  unsigned crashes_ = 0;  // at that input
};

const std::string& channel_of(const decode::Item& input);

// What is said of an input that is set aside.
inline constexpr std::string_view kBroughtDown = "brought_down";
store::Quarantined quarantined_for_crash(const decode::Item& input);

}  // namespace patuh::pipeline
