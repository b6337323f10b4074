// == != < <= > >= and in.
#include <algorithm>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/kinds.h"
#include "expr/members.h"
#include "expr/moving.h"
#include "expr/numbers.h"
#include "expr/short_text.h"

namespace patuh::expr {
namespace {

template <Operator op, class T>
bool holds(const T& a, const T& b) {
  if constexpr (op == Operator::kEqual) return a == b;
  if constexpr (op == Operator::kNotEqual) return a != b;
  if constexpr (op == Operator::kLess) return a < b;
  if constexpr (op == Operator::kLessEqual) return a <= b;
  if constexpr (op == Operator::kGreater) return a > b;
  if constexpr (op == Operator::kGreaterEqual) return a >= b;
}

template <Operator op>
bool texts_hold(std::string_view a, std::string_view b) {
  if constexpr (op == Operator::kEqual) return is_same(a, b);
  if constexpr (op == Operator::kNotEqual) return !is_same(a, b);
  return holds<op>(a, b);
}

std::size_t text_bytes(const Value& value) {
  return value.kind() == Kind::kString ? value.as_string().size() : value.as_bytes().size();
}

// Two texts are compared up to the end of the shorter.
bool charge_texts(Frame& frame, const Value& a, const Value& b) {
  if (!is_text(a.kind()) || a.kind() != b.kind()) return true;
  return frame.charge(std::min(text_bytes(a), text_bytes(b)) / kTextBytesPerUnit);
}

// Nothing when it takes more than the budget.
std::optional<bool> equals_charged(Frame& frame, const Value& a, const Value& b) {
  const std::optional<bool> equal = equals_within(a, b, frame.context.budget);
  frame.spent = frame.spent || !equal;
  return equal;
}

// NaN makes every order false.
template <Operator op>
bool numbers_hold(const Value& a, const Value& b) {
  const int order = relate_numbers(a, b);
  if (order == kUnordered) return op == Operator::kNotEqual;
  return holds<op>(order, 0);
}

template <Operator op>
Value ordered(const Node& node, Frame& frame, const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return Value::boolean(numbers_hold<op>(a, b));
  const bool comparable = a.kind() == b.kind() && (a.kind() == Kind::kBool || is_text(a.kind()));
  if (!comparable) return fail_overload(frame, node, text_of(op), a, b);
  return Value::boolean(holds<op>(compare(a, b), 0));
}

template <Operator op>
Value times(Frame& frame, const Value& a, const Value& b) {
  if (a.moves() != b.moves()) note_comparison(frame.context, op, a, b);
  const int order = a.seconds() == b.seconds() ? (a.nanos() > b.nanos()) - (a.nanos() < b.nanos())
                                               : (a.seconds() > b.seconds() ? 1 : -1);
  return Value::boolean(holds<op>(order, 0));
}

template <Operator op>
[[gnu::noinline]] Value compare_slowly(const Node& node, Frame& frame, Value a, Value b) {
  if (a.kind() == b.kind() && is_time(a.kind())) return times<op>(frame, a, b);
  if constexpr (is_equality(op)) {
    if (a.is_error()) return a;
    if (b.is_error()) return b;
    const std::optional<bool> equal = equals_charged(frame, a, b);
    return equal ? Value::boolean(*equal == (op == Operator::kEqual)) : fail_budget(frame, node);
  } else {
    if (!charge_texts(frame, a, b)) return fail_budget(frame, node);
    return ordered<op>(node, frame, a, b);
  }
}

// Common kinds first. `b_is_constant`: the planner saw that it is.
template <Operator op, bool b_is_constant>
Value run_comparison(const Node& node, Frame& frame) {
  const Value a = run(*node.a, frame);
  const Value b = b_is_constant && !frame.traced ? node.b->constant : run(*node.b, frame);
  if (a.kind() == b.kind()) [[likely]] {
    if (a.kind() == Kind::kInt) return Value::boolean(holds<op>(a.as_int(), b.as_int()));
    if (a.kind() == Kind::kString && a.as_string().size() < kFreeTextBytes) {
      return Value::boolean(texts_hold<op>(a.as_string(), b.as_string()));
    }
  }
  return compare_slowly<op>(node, frame, a, b);
}

template <bool b_is_constant>
constexpr std::array<Run, 6> kComparisons = {
    run_comparison<Operator::kEqual, b_is_constant>,
    run_comparison<Operator::kNotEqual, b_is_constant>,
    run_comparison<Operator::kLess, b_is_constant>,
    run_comparison<Operator::kLessEqual, b_is_constant>,
    run_comparison<Operator::kGreater, b_is_constant>,
    run_comparison<Operator::kGreaterEqual, b_is_constant>};

// self.f > 3 in one step: most rules are made of these.
template <Operator op, Kind kind>
Value run_path_comparison(const Node& node, Frame& frame) {
  return read_path(node, frame, [&](const Value a) {
    if constexpr (kind == Kind::kInt) {
      if (a.kind() == kind) [[likely]]
        return Value::boolean(holds<op>(a.as_int(), node.constant.as_int()));
    } else {
      if (a.kind() == kind && a.as_string().size() < kFreeTextBytes) [[likely]]
        return Value::boolean(texts_hold<op>(a.as_string(), node.constant.as_string()));
    }
    if (a.is_error()) return run_comparison<op, true>(node, frame);
    return compare_slowly<op>(node, frame, a, node.constant);
  });
}

template <Kind kind>
constexpr std::array<Run, 6> kPathComparisons = {
    run_path_comparison<Operator::kEqual, kind>,
    run_path_comparison<Operator::kNotEqual, kind>,
    run_path_comparison<Operator::kLess, kind>,
    run_path_comparison<Operator::kLessEqual, kind>,
    run_path_comparison<Operator::kGreater, kind>,
    run_path_comparison<Operator::kGreaterEqual, kind>};

std::optional<bool> contains(Frame& frame, const ListRep& list, const Value& value) {
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const std::optional<bool> equal = equals_charged(frame, item(list, i), value);
    if (!equal || *equal) return equal;
  }
  return false;
}

Value in_map(const Node& node, Frame& frame, const MapRep& map, const Value& needle) {
  if (!is_key(needle.kind()) && needle.kind() != Kind::kDouble) {
    return fail_overload(frame, node, "in", needle);
  }
  if (!frame.charge_reading(needle)) return fail_budget(frame, node);
  return Value::boolean(find(map, needle) != nullptr);
}

// A missing element is an error; the literal null is a value like others.
bool is_missing(const Value& value) { return value.is_null() && value.origin().has_value(); }

}  // namespace

Run comparison(Operator op, bool b_is_constant) {
  const auto at = static_cast<std::size_t>(op);
  return b_is_constant ? kComparisons<true>[at] : kComparisons<false>[at];
}

Run path_comparison(Operator op, Kind of) {
  const auto at = static_cast<std::size_t>(op);
  PATUH_ASSERT(of == Kind::kInt || of == Kind::kString);
  return of == Kind::kInt ? kPathComparisons<Kind::kInt>[at] : kPathComparisons<Kind::kString>[at];
}

Value run_in(const Node& node, Frame& frame) {
  const Value needle = run(*node.a, frame);
  const Value range = run(*node.b, frame);
  if (needle.is_error()) return needle;
  if (is_missing(needle)) return fail_missing(frame, *node.a, needle);
  if (range.kind() == Kind::kMap) return in_map(node, frame, range.as_map(), needle);
  if (range.kind() != Kind::kList) return fail_overload(frame, node, "in", range);
  const ListRep& list = range.as_list();
  if (node.size_max != 0 && list.size > node.size_max) {
    return fail(frame, node, ErrorCode::kLimit, "error.list_long");
  }
  const std::optional<bool> found = contains(frame, list, needle);
  return found ? Value::boolean(*found) : fail_budget(frame, node);
}

namespace {

[[gnu::noinline]] Value in_members_slowly(const Node& node, Frame& frame, const Value needle) {
  if (needle.is_error()) return needle;
  if (is_missing(needle)) return fail_missing(frame, *node.a, needle);
  return Value::boolean(is_member(*node.members, needle));
}

inline Value in_members(const Node& node, Frame& frame, const Value needle) {
  if (needle.kind() == Kind::kString && node.members->prints != nullptr) [[likely]] {
    return Value::boolean(is_member(*node.members, needle.as_string()));
  }
  return in_members_slowly(node, frame, needle);
}

}  // namespace

Value run_in_set(const Node& node, Frame& frame) {
  return in_members(node, frame, run(*node.a, frame));
}

Value run_path_in_set(const Node& node, Frame& frame) {
  return read_path(node, frame, [&](const Value needle) {
    return needle.is_error() ? run_in_set(node, frame) : in_members(node, frame, needle);
  });
}

}  // namespace patuh::expr
