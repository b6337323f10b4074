// Groups of kinds and types, as operators and functions take them.
#pragma once

#include "expr/expr.h"

namespace patuh::expr {

constexpr bool is_number(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
}
constexpr bool is_time(Kind kind) { return kind == Kind::kTimestamp || kind == Kind::kDuration; }
constexpr bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }
// < and its kin tell of two of them.
constexpr bool is_ordered(Kind kind) {
  return is_number(kind) || is_time(kind) || is_text(kind) || kind == Kind::kBool;
}
// Stands as a key of a map.
constexpr bool is_key(Kind kind) {
  return kind == Kind::kString || kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kBool;
}

constexpr bool is_number(Type::Of of) {
  return of == Type::Of::kInt || of == Type::Of::kUint || of == Type::Of::kDouble;
}
constexpr bool is_time(Type::Of of) {
  return of == Type::Of::kTimestamp || of == Type::Of::kDuration;
}

}  // namespace patuh::expr
