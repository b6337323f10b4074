// A pair of (rule, element) and what the engine keeps of it. Private to engine.
#pragma once

#include <cstdint>

#include "base/base.h"
#include "model/model.h"

namespace patuh::engine {

inline constexpr std::uint32_t kNone = UINT32_MAX;  // "no such place" in the engine's pools

// Orders by rule id, then element: the order in which everything is judged.
struct PairRef {
  model::RuleId rule;
  model::ElementRef element;
  friend auto operator<=>(const PairRef&, const PairRef&) = default;
};
static_assert(sizeof(PairRef) == 8);

// 24 bytes, since most of millions of pairs are compliant or not applicable and need no more. What
// few pairs need (a timer, an episode) lies in Extras.
struct Pair {
  base::Instant since{};         // of the state
  std::uint32_t self_reads = 0;  // bits of SelfReads: what it read of its own element
  std::uint32_t reads = kNone;   // handle in ReadIndex: what it read elsewhere
  std::uint32_t extra = kNone;   // place in Extras
  model::VerdictState state = model::VerdictState::kNotApplicable;
  bool judged : 1 = false;     // at least once under any version of its rule
  bool recorded : 1 = false;   // a transition tells of it: its end needs a row as well
  bool waiting : 1 = false;    // in the list of pairs to judge
  bool put_off : 1 = false;    // in the backlog
  bool overdue : 1 = false;    // violating past its due instant; counted so
  bool inherited : 1 = false;  // violating since before the baseline; counted so
};
static_assert(sizeof(Pair) == 24);

}  // namespace patuh::engine
