// How many pairs of each agency wait in the backlog. Private to engine.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/pair.h"

namespace patuh::engine {

// A pair waits while it is put off, or stale, or both, and counts once; those of withdrawn rules
// are not counted. Of a rule whose pairs became stale all at once an agency has as many as elements
// of its kind: no pair is touched. Agencies go by their number in Counts.
class PendingCounts {
 public:
  // Everything anew: no element held, nothing waits.
  void clear();
  // An element came (+1), went (−1), or moved from one agency to another (both).
  void hold(std::uint32_t agency, model::KindId kind, int by);
  // One pair waits from now on, or no more.
  void add(std::uint32_t agency, Seat seat, int by);
  // All pairs of a rule on this kind wait …
  void begin(Seat seat, model::KindId kind);
  // … or none counts any more.
  void end(Seat seat);

  std::uint64_t of(std::uint32_t agency) const;
  std::uint64_t bytes() const;

 private:
  struct Agency {
    std::vector<std::int64_t> held;     // elements, by kind
    std::vector<std::int64_t> waiting;  // pairs, by seat
    std::int64_t sum = 0;
  };
  Agency& agency(std::uint32_t number);
  std::vector<Agency> agencies_;
};

}  // namespace patuh::engine
