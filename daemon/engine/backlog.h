// Pairs that one change left to be judged later, in slices. Private to engine.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/pair.h"
#include "engine/seats.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

struct Moment;

// First in, first out. What a pair waits for is kept with it: the change that made it wait is what
// its transition names as its cause. A pair that was judged meanwhile for another reason, or whose
// element went, leaves its entry behind; whoever takes it out asks the pair. A change of the facts
// leaves pairs one by one; another rulebook leaves *sweeps*, each over the stale pairs of a seat.
class Backlog {
 public:
  struct Sweep {
    Seat seat;
    std::uint32_t place = 0;  // of the element to go on with; behind the last the first follows
  };
  // Has entries or sweeps, not both.
  struct Cause {
    base::Instant at{};  // of the change
    std::string source, id, type;
    std::uint64_t count = 0;  // entries of it
    std::deque<Sweep> sweeps;
  };

  // Pairs of one change come one after another.
  void add(const PairRef& pair, const Moment& moment);
  // A sweep that is under way goes on from where it is, for this change.
  void add_sweeps(std::span<const Seat> seats, const Moment& moment);
  bool empty() const { return causes_.empty(); }
  std::uint64_t entries() const { return entries_.size(); }
  // The instant of the oldest change that some pair waits for; kNever: none.
  base::Instant since() const { return empty() ? base::kNever : causes_.front().at; }
  Cause& oldest() { return causes_.front(); }               // not empty
  Cause& newest() { return causes_.back(); }                // likewise
  const PairRef& next() const { return entries_.front(); }  // of oldest(), when it has entries
  void pop();
  // Nothing of the seat waits any more.
  void end_sweep(Seat seat);
  // Rules went: their entries leave.
  void drop(std::span<const Seat> seats);
  // Whether exactly the seats with stale pairs are swept.
  bool is_of(const Seats& seats) const;
  std::uint64_t bytes() const;

  // `is_live` says which pairs still wait; `live` gets them back.
  void save(base::Encoder& out, const std::function<bool(const PairRef&)>& is_live) const;
  bool load(base::Decoder& in, std::vector<PairRef>& live);
  // From a form in which rules stand by their ids and nothing was swept.
  bool load_by_ids(const rulebook::RuleBook& book, const Seats& seats, base::Decoder& in,
                   std::vector<PairRef>& live);

 private:
  void add_cause(const Moment& moment);
  void tidy();
  std::deque<PairRef> entries_;
  std::deque<Cause> causes_;
};

}  // namespace patuh::engine
