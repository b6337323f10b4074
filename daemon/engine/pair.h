// A pair of (rule, element) and what the engine keeps of it. Private to engine.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>

#include "base/base.h"
#include "expr/expr.h"
#include "model/model.h"

namespace patuh::engine {

// The element that an object of the rule language stands for.
inline model::ElementRef element_of(const expr::Value& object) {
  return model::ElementRef{object.object_index()};
}

inline constexpr std::uint32_t kNone = UINT32_MAX;  // "no such place" in the engine's pools

// A rule's number within the engine, which outlasts rulebooks; see Seats. Its order says nothing.
struct Seat {
  std::uint16_t value = 0;
  friend bool operator==(const Seat&, const Seat&) = default;
};

struct PairRef {
  Seat seat;
  model::ElementRef element;
  friend bool operator==(const PairRef&, const PairRef&) = default;
};
static_assert(sizeof(PairRef) == 8);

// What many pairs of a rule have in common.
struct Sort {
  std::uint16_t own_reads = 0;  // what it read of its own element; a number of BitSets
  std::uint16_t epoch = 0;      // which version of its rule it stands under; see Seats
  model::VerdictState state = model::VerdictState::kNotApplicable;
  bool judged : 1 = false;           // at least once under any version of its rule
  bool recorded : 1 = false;         // a transition tells of it: its end needs a row as well
  bool put_off : 1 = false;          // in the backlog by itself
  bool overdue : 1 = false;          // violating past its due instant; counted so
  bool inherited : 1 = false;        // violating since before the baseline; counted so
  bool reads_elsewhere : 1 = false;  // ReadIndex knows what
  bool unused_bits : 2 = false;      // … and these nothing, so that all bytes say something
  std::uint16_t unused = 0;
  std::uint64_t bits() const { return std::bit_cast<std::uint64_t>(*this); }
  friend bool operator==(const Sort& a, const Sort& b) { return a.bits() == b.bits(); }
};
static_assert(sizeof(Sort) == 8);

// As it is worked with; where it lies it takes less: see PackedPairs. What few pairs need (a timer,
// an episode) lies elsewhere.
class Pair : public Sort {
 public:
  Pair() = default;
  explicit Pair(const Sort& sort) : Sort(sort) {}
  // Instants that a record can have: 285 years before and after 1970. Others count as the nearest.
  static bool can_hold(base::Instant at) { return at >= kFirst && at <= kLast; }
  base::Instant since() const { return since_; }  // of the state
  void set_since(base::Instant at) { since_ = std::clamp(at, kFirst, kLast); }
  const Sort& sort() const { return *this; }
  friend bool operator==(const Pair& a, const Pair& b) {
    return a.sort() == b.sort() && a.extra == b.extra && a.since_ == b.since_;
  }

  std::uint32_t extra = kNone;  // PairTable knows of what

 private:
  static constexpr base::Instant kLast{base::Duration((std::int64_t{1} << 53U) - 1)};
  static constexpr base::Instant kFirst{-kLast.time_since_epoch()};
  base::Instant since_{};
};

}  // namespace patuh::engine
