// Which pairs wake when. Private to engine.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/pages.h"
#include "engine/pair.h"
#include "engine/seats.h"

namespace patuh::engine {

// At most one wake-up a pair, in the order of instant, rule, element: a heap of four children a
// node whose entries know their place, so that moving and cancelling cost log n and leave nothing
// behind.
class Timers {
 public:
  // The order of rules; must outlive it, and may change only for seats that have no wake-up.
  explicit Timers(const Seats& seats) : seats_(seats) {}

  // Sets the pair's wake-up and returns its handle; `timer` is its handle so far (kNone: none).
  // `at` = kNever cancels.
  std::uint32_t set(std::uint32_t timer, base::Instant at, const PairRef& pair);

  base::Instant at(std::uint32_t timer) const {
    return timer == kNone ? base::kNever : timers_[timer].at;
  }
  void expect(std::uint32_t timer) const { __builtin_prefetch(&timers_[timer]); }  // a hint
  base::Instant next() const { return heap_.empty() ? base::kNever : timers_[heap_[0]].at; }
  const PairRef& next_pair() const { return timers_[heap_[0]].pair; }  // only when there is one

  std::uint64_t size() const { return heap_.size(); }
  std::uint64_t bytes() const;

 private:
  struct Timer {
    base::Instant at = base::kNever;
    PairRef pair;
    std::uint32_t place = kNone;  // in the heap; of a free timer the next free one
  };
  bool before(std::uint32_t a, std::uint32_t b) const;
  void put(std::size_t place, std::uint32_t timer);
  void up(std::size_t place);
  void down(std::size_t place);
  void cancel(std::uint32_t timer);
  std::uint32_t take();

  const Seats& seats_;
  Pages<Timer> timers_;
  std::vector<std::uint32_t> heap_;
  std::uint32_t free_ = kNone;
};

}  // namespace patuh::engine
