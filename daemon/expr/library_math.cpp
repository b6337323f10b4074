// math.…: the mathematics extension.
#include <bit>
#include <cmath>

#include "expr/errors.h"
#include "expr/kinds.h"
#include "expr/library_extensions.h"
#include "expr/numbers.h"

namespace patuh::expr::native {
namespace {

Value wrong_kind(Frame& frame, const Node& site, const Value& value) {
  return fail_overload(frame, site, site.name, value);
}

// `sign` 1 for the greatest, −1 for the least; the first of equals.
Value extreme(Frame& frame, const Node& site, std::span<const Value> values, int sign) {
  for (const Value& value : values) {
    if (!is_number(value.kind())) return wrong_kind(frame, site, value);
  }
  Value best = values[0];
  for (const Value& value : values.subspan(1)) {
    if (compare_numbers(value, best) == sign) best = value;
  }
  return best;
}

Value extreme_of_list(Frame& frame, const Node& site, const ListRep& list, int sign) {
  if (list.size == 0) {
    return fail(frame, site, ErrorCode::kInvalidArgument, "error.empty_list");
  }
  if (!frame.charge(list.size)) return fail_budget(frame, site);
  auto values = frame.arena().make_array<Value>(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) values[i] = item(list, i);
  return extreme(frame, site, values, sign);
}

Value extreme_of_call(Frame& frame, const Node& site, const Value* arguments, int sign) {
  const bool one_list = site.count == 1 && arguments[0].kind() == Kind::kList;
  if (one_list) return extreme_of_list(frame, site, arguments[0].as_list(), sign);
  return extreme(frame, site, {arguments, site.count}, sign);
}

template <class Change>
Value change_double(Frame& frame, const Node& site, const Value& value, Change change) {
  if (value.kind() != Kind::kDouble) return wrong_kind(frame, site, value);
  return Value::number(change(value.as_double()));
}

template <class Test>
Value test_double(Frame& frame, const Node& site, const Value& value, Test test) {
  if (value.kind() != Kind::kDouble) return wrong_kind(frame, site, value);
  return Value::boolean(test(value.as_double()));
}

template <class Join>
Value join_bits(Frame& frame, const Node& site, const Value* arguments, Join join) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.kind() == Kind::kUint && b.kind() == Kind::kUint) {
    return Value::unsigned_integer(join(a.as_uint(), b.as_uint()));
  }
  if (a.kind() != Kind::kInt || b.kind() != Kind::kInt) {
    return fail_overload(frame, site, site.name, a, b);
  }
  const std::uint64_t bits =
      join(static_cast<std::uint64_t>(a.as_int()), static_cast<std::uint64_t>(b.as_int()));
  return Value::integer(static_cast<std::int64_t>(bits));
}

// Bits move as if the number had no sign; all of them leave beyond 63 places.
template <class Move>
Value shift(Frame& frame, const Node& site, const Value* arguments, Move move) {
  const Value& value = arguments[0];
  const Value& places = arguments[1];
  const bool whole = value.kind() == Kind::kInt || value.kind() == Kind::kUint;
  if (!whole || places.kind() != Kind::kInt) {
    return fail_overload(frame, site, site.name, value, places);
  }
  if (places.as_int() < 0) {
    return fail(frame, site, ErrorCode::kInvalidArgument, "error.shift");
  }
  const bool is_unsigned = value.kind() == Kind::kUint;
  const std::uint64_t bits =
      is_unsigned ? value.as_uint() : static_cast<std::uint64_t>(value.as_int());
  const std::uint64_t moved =
      places.as_int() > 63 ? 0 : move(bits, static_cast<unsigned>(places.as_int()));
  return is_unsigned ? Value::unsigned_integer(moved)
                     : Value::integer(static_cast<std::int64_t>(moved));
}

}  // namespace

Value math_greatest(Frame& frame, const Node& site, const Value* arguments) {
  return extreme_of_call(frame, site, arguments, 1);
}
Value math_least(Frame& frame, const Node& site, const Value* arguments) {
  return extreme_of_call(frame, site, arguments, -1);
}

Value math_ceil(Frame& frame, const Node& site, const Value* arguments) {
  return change_double(frame, site, arguments[0], [](double x) { return std::ceil(x); });
}
Value math_floor(Frame& frame, const Node& site, const Value* arguments) {
  return change_double(frame, site, arguments[0], [](double x) { return std::floor(x); });
}
// Halves go away from zero.
Value math_round(Frame& frame, const Node& site, const Value* arguments) {
  return change_double(frame, site, arguments[0], [](double x) { return std::round(x); });
}
Value math_trunc(Frame& frame, const Node& site, const Value* arguments) {
  return change_double(frame, site, arguments[0], [](double x) { return std::trunc(x); });
}

Value math_sqrt(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kInt)
    return Value::number(std::sqrt(static_cast<double>(value.as_int())));
  if (value.kind() == Kind::kUint) {
    return Value::number(std::sqrt(static_cast<double>(value.as_uint())));
  }
  return change_double(frame, site, value, [](double x) { return std::sqrt(x); });
}

Value math_abs(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kUint) return value;
  if (value.kind() == Kind::kDouble) return Value::number(std::fabs(value.as_double()));
  if (value.kind() != Kind::kInt) return wrong_kind(frame, site, value);
  if (value.as_int() == INT64_MIN) return fail_too_large(frame, site);
  return Value::integer(std::abs(value.as_int()));
}

Value math_sign(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kUint) return Value::unsigned_integer(value.as_uint() == 0 ? 0 : 1);
  if (value.kind() == Kind::kInt) {
    return Value::integer((value.as_int() > 0) - (value.as_int() < 0));
  }
  return change_double(frame, site, value, [](double x) {
    if (std::isnan(x) || x == 0) return x;
    return x > 0 ? 1.0 : -1.0;
  });
}

Value math_is_nan(Frame& frame, const Node& site, const Value* arguments) {
  return test_double(frame, site, arguments[0], [](double x) { return std::isnan(x); });
}
Value math_is_inf(Frame& frame, const Node& site, const Value* arguments) {
  return test_double(frame, site, arguments[0], [](double x) { return std::isinf(x); });
}
Value math_is_finite(Frame& frame, const Node& site, const Value* arguments) {
  return test_double(frame, site, arguments[0], [](double x) { return std::isfinite(x); });
}

Value math_bit_and(Frame& frame, const Node& site, const Value* arguments) {
  return join_bits(frame, site, arguments, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}
Value math_bit_or(Frame& frame, const Node& site, const Value* arguments) {
  return join_bits(frame, site, arguments, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}
Value math_bit_xor(Frame& frame, const Node& site, const Value* arguments) {
  return join_bits(frame, site, arguments, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}
Value math_bit_not(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kUint) return Value::unsigned_integer(~value.as_uint());
  if (value.kind() != Kind::kInt) return wrong_kind(frame, site, value);
  return Value::integer(~value.as_int());
}
Value math_bit_shift_left(Frame& frame, const Node& site, const Value* arguments) {
  return shift(frame, site, arguments, [](std::uint64_t x, unsigned n) { return x << n; });
}
Value math_bit_shift_right(Frame& frame, const Node& site, const Value* arguments) {
  return shift(frame, site, arguments, [](std::uint64_t x, unsigned n) { return x >> n; });
}

}  // namespace patuh::expr::native
