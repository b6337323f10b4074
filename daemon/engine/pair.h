// A pair of (rule, element) and what the engine keeps of it. Private to engine.
#pragma once

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

// 24 bytes, since most of millions of pairs are compliant or not applicable and need no more. What
// few pairs need (a timer, an episode) lies in Extras.
struct Pair {
  base::Instant since{};         // of the state
  std::uint32_t self_reads = 0;  // bits of SelfReads: what it read of its own element
  std::uint32_t reads = kNone;   // handle in ReadIndex: what it read elsewhere
  std::uint32_t extra = kNone;   // place in Extras
  std::uint16_t epoch = 0;       // which version of its rule it stands under; see Seats
  model::VerdictState state : 3 = model::VerdictState::kNotApplicable;
  bool judged : 1 = false;     // at least once under any version of its rule
  bool recorded : 1 = false;   // a transition tells of it: its end needs a row as well
  bool waiting : 1 = false;    // in the list of pairs to judge
  bool put_off : 1 = false;    // in the backlog by itself
  bool overdue : 1 = false;    // violating past its due instant; counted so
  bool inherited : 1 = false;  // violating since before the baseline; counted so
};
static_assert(sizeof(Pair) == 24);

}  // namespace patuh::engine
