#include "expr/moving.h"

namespace patuh::expr {
namespace {

constexpr Wide kNanosPerMicro = 1000;
// Beyond every instant: no note.
constexpr Wide kTooFar = INT64_MAX / 4;

Wide ceiling(Wide dividend, Wide divisor) {
  const Wide quotient = dividend / divisor;
  return quotient + (dividend % divisor > 0 ? 1 : 0);
}

void note_after(Context& context, Wide micros) {
  if (micros <= 0 || micros > kTooFar) return;
  if (context.now.time_since_epoch().count() > INT64_MAX / 4) return;
  context.changes_at(context.now + base::Duration{static_cast<std::int64_t>(micros)});
}

// The first whole number of microseconds after which v has reached `limit` (slope up), or fallen
// below it (slope down).
Wide crossing(Wide v, int slope, Wide limit) {
  if (slope > 0) return ceiling(limit - v, kNanosPerMicro * slope);
  return ceiling(v - limit + 1, kNanosPerMicro * -slope);
}

}  // namespace

void note_leaving(Context& context, Wide v, int slope, const WideRange& step) {
  if (slope == 0) return;
  note_after(context, crossing(v, slope, slope > 0 ? step.end : step.begin));
}

// The difference a − b moves across three steps: below zero, zero, above zero. An operator makes
// one of two outcomes of them, so it changes when the difference leaves the steps of its outcome.
void note_comparison(Context& context, Operator op, const Value& a, const Value& b) {
  const int slope = a.moves() - b.moves();
  if (slope == 0) return;
  const Wide difference = nanos_of(a) - nanos_of(b);
  constexpr Wide kEnd = Wide{1} << 100;
  if (is_equality(op)) {
    const bool never_zero = difference % (kNanosPerMicro * slope) != 0;
    if (difference == 0) return note_leaving(context, difference, slope, {0, 1});
    if (!never_zero) note_after(context, -difference / (kNanosPerMicro * slope));
    return;
  }
  const bool splits_below_zero = op == Operator::kLess || op == Operator::kGreaterEqual;
  const Wide border = splits_below_zero ? 0 : 1;
  const WideRange step = difference < border ? WideRange{-kEnd, border} : WideRange{border, kEnd};
  note_leaving(context, difference, slope, step);
}

void note_range(Context& context, Wide total, int slope, const WideRange& allowed) {
  // Centuries ahead: no daemon waits for it, and every wake-up costs something.
  constexpr Wide kHorizon = Wide{150} * 366 * 86'400 * 1'000'000'000;
  if (slope == 0) return;
  const Wide reach = kHorizon * (slope > 0 ? slope : -slope);
  const Wide to_border = slope > 0 ? (total < allowed.begin ? allowed.begin : allowed.end) - total
                                   : total - (total >= allowed.end ? allowed.end : allowed.begin);
  if (to_border > reach) return;
  if (total < allowed.begin) return note_leaving(context, total, slope, {-reach, allowed.begin});
  if (total >= allowed.end) return note_leaving(context, total, slope, {allowed.end, reach * 4});
  note_leaving(context, total, slope, allowed);
}

}  // namespace patuh::expr
