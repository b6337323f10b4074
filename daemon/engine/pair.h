// A pair of (rule, element) and what the engine keeps of it. Private to engine.
#pragma once

#include <algorithm>
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

// 16 bytes, since most of millions of pairs are compliant or not applicable and need no more. What
// few pairs need (a timer, an episode) lies elsewhere.
class Pair {
 public:
  // Instants that a record can have: 285 years before and after 1970. Others count as the nearest.
  static bool can_hold(base::Instant at) {
    const std::int64_t ticks = at.time_since_epoch().count();
    return ticks >= -kTicksMax && ticks <= kTicksMax;
  }
  base::Instant since() const {  // of the state
    const auto ticks = static_cast<std::int64_t>(std::uint64_t{ticks_} << (64 - kTickBits));
    return base::Instant(base::Duration(ticks >> (64 - kTickBits)));
  }
  void set_since(base::Instant at) {
    const std::int64_t ticks =
        std::clamp<std::int64_t>(at.time_since_epoch().count(), -kTicksMax, kTicksMax);
    ticks_ = static_cast<std::uint64_t>(ticks) & ((std::uint64_t{1} << kTickBits) - 1);
  }

 private:
  static constexpr int kTickBits = 54;
  static constexpr std::int64_t kTicksMax = (std::int64_t{1} << (kTickBits - 1)) - 1;
  std::uint64_t ticks_ : kTickBits = 0;  // signed

 public:
  bool judged : 1 = false;    // at least once under any version of its rule
  bool recorded : 1 = false;  // a transition tells of it: its end needs a row as well
  model::VerdictState state : 3 = model::VerdictState::kNotApplicable;
  bool waiting : 1 = false;          // in the list of pairs to judge
  bool put_off : 1 = false;          // in the backlog by itself
  bool overdue : 1 = false;          // violating past its due instant; counted so
  bool inherited : 1 = false;        // violating since before the baseline; counted so
  bool reads_elsewhere : 1 = false;  // ReadIndex knows what
  std::uint32_t extra = kNone;       // PairTable knows of what
  std::uint16_t own_reads = 0;       // what it read of its own element; a number of BitSets
  std::uint16_t epoch = 0;           // which version of its rule it stands under; see Seats
};
static_assert(sizeof(Pair) == 16);

}  // namespace patuh::engine
