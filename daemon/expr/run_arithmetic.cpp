// + - * / % and the sign.
#include <cstring>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/kinds.h"
#include "expr/moving.h"

namespace patuh::expr {
namespace {

Value overflow(Frame& frame, const Node& node) {
  return fail(frame, node, ErrorCode::kOverflow, "error.too_large");
}

Value by_zero(Frame& frame, const Node& node) {
  return fail(frame, node, ErrorCode::kDivideByZero, "error.divide");
}

template <Operator op>
Value integers(Frame& frame, const Node& node, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool wraps = false;
  if constexpr (op == Operator::kAdd) wraps = __builtin_add_overflow(a, b, &result);
  if constexpr (op == Operator::kSubtract) wraps = __builtin_sub_overflow(a, b, &result);
  if constexpr (op == Operator::kMultiply) wraps = __builtin_mul_overflow(a, b, &result);
  if constexpr (op == Operator::kDivide || op == Operator::kModulo) {
    if (b == 0) return by_zero(frame, node);
    wraps = a == INT64_MIN && b == -1;
    if (!wraps) result = op == Operator::kDivide ? a / b : a % b;
  }
  return wraps ? overflow(frame, node) : Value::integer(result);
}

template <Operator op>
Value unsigned_integers(Frame& frame, const Node& node, std::uint64_t a, std::uint64_t b) {
  std::uint64_t result = 0;
  bool wraps = false;
  if constexpr (op == Operator::kAdd) wraps = __builtin_add_overflow(a, b, &result);
  if constexpr (op == Operator::kSubtract) wraps = __builtin_sub_overflow(a, b, &result);
  if constexpr (op == Operator::kMultiply) wraps = __builtin_mul_overflow(a, b, &result);
  if constexpr (op == Operator::kDivide || op == Operator::kModulo) {
    if (b == 0) return by_zero(frame, node);
    result = op == Operator::kDivide ? a / b : a % b;
  }
  return wraps ? overflow(frame, node) : Value::unsigned_integer(result);
}

template <Operator op>
Value doubles(double a, double b) {
  if constexpr (op == Operator::kAdd) return Value::number(a + b);
  if constexpr (op == Operator::kSubtract) return Value::number(a - b);
  if constexpr (op == Operator::kMultiply) return Value::number(a * b);
  if constexpr (op == Operator::kDivide) return Value::number(a / b);
}

constexpr WideRange kTimestamps = {Wide{kTimestampSecondsMin} * kNanosPerSecond,
                                   (Wide{kTimestampSecondsMax} + 1) * kNanosPerSecond};
constexpr WideRange kDurations = {INT64_MIN, Wide{INT64_MAX} + 1};

// `kind` is that of the result.
Value time_total(Frame& frame, const Node& node, Kind kind, Wide total, int slope) {
  const bool stamp = kind == Kind::kTimestamp;
  const WideRange& range = stamp ? kTimestamps : kDurations;
  note_range(frame.context, total, slope, range);
  if (total < range.begin || total >= range.end) {
    return fail(frame, node, ErrorCode::kOverflow,
                stamp ? "error.timestamp_range" : "error.duration_range");
  }
  return (stamp ? timestamp_of(total) : duration_of(total)).moving(slope);
}

Value join_text(Frame& frame, const Node& node, const Value& a, const Value& b) {
  const bool text = a.kind() == Kind::kString;
  const std::string_view left = text ? a.as_string() : a.as_bytes();
  const std::string_view right = text ? b.as_string() : b.as_bytes();
  const std::size_t size = left.size() + right.size();
  if (!frame.charge(size / kTextBytesPerUnit)) return fail_budget(frame, node);
  char* const joined = static_cast<char*>(frame.arena().allocate(size, 1));
  if (!left.empty()) std::memcpy(joined, left.data(), left.size());
  if (!right.empty()) std::memcpy(joined + left.size(), right.data(), right.size());
  const std::string_view result(joined, size);
  return text ? Value::string(result) : Value::bytes(result);
}

Value join_lists(Frame& frame, const Node& node, const ListRep& a, const ListRep& b) {
  const std::uint64_t size = std::uint64_t{a.size} + b.size;
  if (size > UINT32_MAX || !frame.charge(size)) return fail_budget(frame, node);
  auto items = frame.arena().make_array<Value>(size);
  for (std::uint32_t i = 0; i < a.size; ++i) items[i] = item(a, i);
  for (std::uint32_t i = 0; i < b.size; ++i) items[a.size + i] = item(b, i);
  return Value::list(
      frame.arena().make(ListRep{static_cast<std::uint32_t>(size), items.data(), nullptr}));
}

// timestamp + duration, duration + timestamp, duration + duration.
Value add_times(Frame& frame, const Node& node, const Value& a, const Value& b) {
  const bool two_stamps = a.kind() == Kind::kTimestamp && b.kind() == Kind::kTimestamp;
  if (two_stamps) return fail_overload(frame, node, "+", a, b);
  const Kind kind = a.kind() == b.kind() ? Kind::kDuration : Kind::kTimestamp;
  return time_total(frame, node, kind, nanos_of(a) + nanos_of(b), a.moves() + b.moves());
}

// timestamp − timestamp, timestamp − duration, duration − duration.
Value subtract_times(Frame& frame, const Node& node, const Value& a, const Value& b) {
  if (a.kind() == Kind::kDuration && b.kind() == Kind::kTimestamp) {
    return fail_overload(frame, node, "-", a, b);
  }
  const Kind kind = a.kind() == b.kind() ? Kind::kDuration : Kind::kTimestamp;
  return time_total(frame, node, kind, nanos_of(a) - nanos_of(b), a.moves() - b.moves());
}

Value add_others(Frame& frame, const Node& node, const Value& a, const Value& b) {
  if (is_time(a.kind()) && is_time(b.kind())) return add_times(frame, node, a, b);
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kString || a.kind() == Kind::kBytes) return join_text(frame, node, a, b);
    if (a.kind() == Kind::kList) return join_lists(frame, node, a.as_list(), b.as_list());
  }
  return fail_overload(frame, node, "+", a, b);
}

template <Operator op>
Value calculate(Frame& frame, const Node& node, const Value& a, const Value& b) {
  if (a.is_error() || b.is_error()) return fail_overload(frame, node, text_of(op), a, b);
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kInt) return integers<op>(frame, node, a.as_int(), b.as_int());
    if (a.kind() == Kind::kUint)
      return unsigned_integers<op>(frame, node, a.as_uint(), b.as_uint());
    if constexpr (op != Operator::kModulo) {
      if (a.kind() == Kind::kDouble) return doubles<op>(a.as_double(), b.as_double());
    }
  }
  if constexpr (op == Operator::kAdd) return add_others(frame, node, a, b);
  if constexpr (op == Operator::kSubtract) {
    if (is_time(a.kind()) && is_time(b.kind())) return subtract_times(frame, node, a, b);
  }
  return fail_overload(frame, node, text_of(op), a, b);
}

template <Operator op>
Value run_arithmetic(const Node& node, Frame& frame) {
  const Value a = run(*node.a, frame);
  const Value b = run(*node.b, frame);
  return calculate<op>(frame, node, a, b);
}

}  // namespace

Run arithmetic(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return run_arithmetic<Operator::kAdd>;
    case Operator::kSubtract:
      return run_arithmetic<Operator::kSubtract>;
    case Operator::kMultiply:
      return run_arithmetic<Operator::kMultiply>;
    case Operator::kDivide:
      return run_arithmetic<Operator::kDivide>;
    default:
      PATUH_ASSERT(op == Operator::kModulo);
      return run_arithmetic<Operator::kModulo>;
  }
}

Value add(Frame& frame, const Node& site, const Value& a, const Value& b) {
  return calculate<Operator::kAdd>(frame, site, a, b);
}

Value run_negate(const Node& node, Frame& frame) {
  const Value value = run(*node.a, frame);
  if (value.is_error()) return value;
  if (value.kind() == Kind::kDouble) return Value::number(-value.as_double());
  if (value.kind() != Kind::kInt) return fail_overload(frame, node, "-", value);
  return integers<Operator::kSubtract>(frame, node, 0, value.as_int());
}

}  // namespace patuh::expr
