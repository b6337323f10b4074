// Since when the conditions under held_for() are true without a break. Private to engine.
//
// Each is a hidden part of its rule: whenever a pair is judged, all of its rule's conditions are
// looked at, whether or not the whole reaches them, and what they read belongs to the pair. A
// condition holds from the first look at which it is true to the first at which it is not; null
// and errors are not true. Looks happen at the instants of records and at those at which a
// comparison with `now` turns, so that all of it follows from the log.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/pair.h"
#include "engine/seats.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

class Runs {
 public:
  // Must outlive it.
  explicit Runs(const Seats& seats) : seats_(seats) {}

  // How many conditions the rule has: those of `when`, then those of `require`.
  std::size_t conditions(Seat seat) const { return seats_.version(seat).conditions; }
  // By condition; kNever: it does not hold. Lives until the next change of any.
  std::span<const base::Instant> since(const PairRef& pair) const {
    return since(seats_.version(pair.seat), pair.element);
  }
  // A look at one of them.
  void look(const PairRef& pair, std::size_t condition, bool is_true, base::Instant at);
  // Nothing is known of the element any more under this version.
  void end(const Version& version, model::ElementRef element);
  // How often look() changed something.
  std::uint64_t changes() const { return changes_; }

  // As many as the version has, nothing for most.
  void save(const Version& version, model::ElementRef element, base::Encoder& out) const;
  bool load(const Version& version, model::ElementRef element, base::Decoder& in);
  std::uint64_t bytes() const;

 private:
  static std::uint64_t place(const Version& version, model::ElementRef element) {
    return (std::uint64_t{version.run} << 32U) | element.value;
  }
  std::span<const base::Instant> since(const Version& version, model::ElementRef element) const;

  const Seats& seats_;
  std::unordered_map<std::uint64_t, std::vector<base::Instant>> since_;  // one of them holds
  mutable std::vector<base::Instant> none_;                              // as many as were asked of
  std::uint64_t changes_ = 0;
};

}  // namespace patuh::engine
