// Instants and spans as one whole number of nanoseconds, in which no sum of two overflows.
#pragma once

#include <cstdint>

#include "expr/expr.h"

namespace patuh::expr {

__extension__ using Wide = __int128;

inline Wide nanos_of(const Value& timestamp_or_duration) {
  return Wide{timestamp_or_duration.seconds()} * 1'000'000'000 + timestamp_or_duration.nanos();
}

struct SplitNanos {
  std::int64_t seconds;
  std::uint32_t nanos;
};
// Rounds seconds down.
inline SplitNanos split_nanos(Wide total) {
  Wide seconds = total / 1'000'000'000;
  Wide rest = total % 1'000'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000'000;
  }
  return {static_cast<std::int64_t>(seconds), static_cast<std::uint32_t>(rest)};
}
inline Value timestamp_of(Wide total) {
  const SplitNanos parts = split_nanos(total);
  return Value::timestamp(parts.seconds, parts.nanos);
}
inline Value duration_of(Wide total) {
  const SplitNanos parts = split_nanos(total);
  return Value::duration(parts.seconds, parts.nanos);
}

}  // namespace patuh::expr
