// Values that move with `now`, and the instants at which what was made of them can change.
//
// A moving value v is v0 + slope·(t − now) at a later time t. Whatever cuts it into steps (a
// comparison, a calendar part) notes the first microsecond at which it stands on another step.
#pragma once

#include "expr/plan.h"
#include "expr/syntax.h"
#include "expr/wide.h"

namespace patuh::expr {

// Half-open range of nanoseconds.
struct WideRange {
  Wide begin;
  Wide end;
};

// Notes when v, now in `step`, leaves it. No slope, no note.
void note_leaving(Context& context, Wide v, int slope, const WideRange& step);

// Two timestamps or two durations of different slopes were compared.
void note_comparison(Context& context, Operator op, const Value& a, const Value& b);

// A sum or difference of moving values, whether in range or not, notes when that changes, if
// within 150 years.
void note_range(Context& context, Wide total, int slope, const WideRange& allowed);

}  // namespace patuh::expr
