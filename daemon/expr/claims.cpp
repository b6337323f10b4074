#include "expr/claims.h"

#include <algorithm>

#include "expr/kinds.h"
#include "expr/numbers.h"

namespace patuh::expr {
namespace {

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::kLess:
      return Operator::kGreater;
    case Operator::kLessEqual:
      return Operator::kGreaterEqual;
    case Operator::kGreater:
      return Operator::kLess;
    case Operator::kGreaterEqual:
      return Operator::kLessEqual;
    default:
      return op;
  }
}

Operator opposite(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return Operator::kNotEqual;
    case Operator::kNotEqual:
      return Operator::kEqual;
    case Operator::kLess:
      return Operator::kGreaterEqual;
    case Operator::kLessEqual:
      return Operator::kGreater;
    case Operator::kGreater:
      return Operator::kLessEqual;
    default:
      return Operator::kLess;
  }
}

std::optional<Claim> membership_of(const Expression& e) {
  const Expression& list = *e.children[1];
  if (written_value(*e.children[0]) != nullptr) return std::nullopt;
  if (list.syntax != Syntax::kList || list.children.empty()) return std::nullopt;
  Claim claim{e.children[0], Operator::kEqual, {}};
  for (const Expression* const item : list.children) {
    const Value* const value = written_value(*item);
    if (value == nullptr) return std::nullopt;
    claim.literals.push_back(*value);
  }
  return claim;
}

std::optional<Claim> comparison_of(const Expression& e) {
  if (e.op == Operator::kIn) return membership_of(e);
  if (!is_comparison(e.op)) return std::nullopt;
  const Value* const a = written_value(*e.children[0]);
  const Value* const b = written_value(*e.children[1]);
  if ((a == nullptr) == (b == nullptr)) return std::nullopt;
  return a == nullptr ? Claim{e.children[0], e.op, {*b}}
                      : Claim{e.children[1], mirrored(e.op), {*a}};
}

// What one comparison leaves of the line of values. Of whole numbers both ends are included.
struct Interval {
  const Value* from = nullptr;  // null = no end
  const Value* to = nullptr;
  bool from_included = true, to_included = true;
};

Interval interval_of(Operator op, const Value& literal) {
  switch (op) {
    case Operator::kEqual:
      return {&literal, &literal, true, true};
    case Operator::kLess:
    case Operator::kLessEqual:
      return {nullptr, &literal, true, op == Operator::kLessEqual};
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      return {&literal, nullptr, op == Operator::kGreaterEqual, true};
    default:
      return {};
  }
}

// Whether nothing lies from the one's beginning to the other's end.
bool is_empty(const Interval& begins, const Interval& ends, bool whole) {
  if (begins.from == nullptr || ends.to == nullptr) return false;
  const Value& from = *begins.from;
  const Value& to = *ends.to;
  const int order = compare(from, to);
  if (order > 0) return true;
  const bool both = begins.from_included && ends.to_included;
  if (order == 0) return !both;
  const bool none = !begins.from_included && !ends.to_included;
  const bool ints = whole && from.kind() == Kind::kInt && to.kind() == Kind::kInt;
  return none && ints && to.as_int() - 1 == from.as_int();  // > 2 and < 3
}

bool exclude_each_other(Operator a_op, const Value& a, Operator b_op, const Value& b, bool whole) {
  if (!exactly_comparable(a, b)) {
    const bool null = a.is_null() != b.is_null();
    return null && a_op == Operator::kEqual && b_op == Operator::kEqual;
  }
  if (a_op == Operator::kNotEqual || b_op == Operator::kNotEqual) {
    return (a_op == Operator::kEqual || b_op == Operator::kEqual) && compare(a, b) == 0;
  }
  const Interval one = interval_of(a_op, a);
  const Interval other = interval_of(b_op, b);
  return is_empty(one, other, whole) || is_empty(other, one, whole);
}

// Of "one of them" each must be excluded, of "none of them" one is enough.
template <class Excluded>
bool for_literals(const Claim& claim, Excluded excluded) {
  return claim.op == Operator::kNotEqual ? std::ranges::any_of(claim.literals, excluded)
                                         : std::ranges::all_of(claim.literals, excluded);
}

bool is_opposite_comparison(const Expression& a, const Expression& b) {
  if (a.syntax != Syntax::kBinary || b.syntax != Syntax::kBinary) return false;
  if (!is_comparison(a.op) || !is_comparison(b.op)) return false;
  if (!is_equality(a.op) && (may_be_nan(*a.children[0]) || may_be_nan(*a.children[1])))
    return false;
  const auto same = [](const Expression* x, const Expression* y) { return alike(*x, *y); };
  if (b.op == opposite(a.op) && std::ranges::equal(a.children, b.children, same)) return true;
  return b.op == mirrored(opposite(a.op)) && same(a.children[0], b.children[1]) &&
         same(a.children[1], b.children[0]);
}

}  // namespace

const Value* written_value(const Expression& e) {
  if (is_literal(e)) return &e.literal;
  return e.fixed ? &*e.fixed : nullptr;
}

bool is_name(const Expression& e) {
  switch (e.resolution.of) {
    case Resolution::Of::kVariable:
    case Resolution::Of::kLocal:
      return e.syntax == Syntax::kName;
    case Resolution::Of::kField:
    case Resolution::Of::kDynamicField:
      return e.syntax == Syntax::kSelect && !e.optional;
    default:
      return false;
  }
}

bool alike(const Expression& a, const Expression& b) {
  if (a.syntax != b.syntax || a.name != b.name || a.op != b.op || a.loop != b.loop) return false;
  if (a.second != b.second || a.optional != b.optional || a.has_target != b.has_target)
    return false;
  if (is_literal(a) &&
      (a.literal.kind() != b.literal.kind() || compare(a.literal, b.literal) != 0)) {
    return false;
  }
  return std::ranges::equal(a.children, b.children,
                            [](const Expression* x, const Expression* y) { return alike(*x, *y); });
}

bool may_be_nan(const Expression& e) {
  const bool computed = e.syntax == Syntax::kBinary || e.syntax == Syntax::kCall;
  if (computed && (e.type.of() == Type::Of::kDouble || e.type.of() == Type::Of::kDyn)) return true;
  return std::ranges::any_of(e.children,
                             [](const Expression* child) { return may_be_nan(*child); });
}

bool contrary(const Expression& a, const Expression& b) {
  if (a.syntax == Syntax::kNot && alike(*a.children[0], b)) return true;
  if (b.syntax == Syntax::kNot && alike(*b.children[0], a)) return true;
  return is_opposite_comparison(a, b);
}

std::optional<Claim> claim_of(const Expression& e) {
  if (e.syntax == Syntax::kBinary) return comparison_of(e);
  if (e.syntax != Syntax::kNot) return std::nullopt;
  std::optional<Claim> claim = claim_of(*e.children[0]);
  if (!claim || (!is_equality(claim->op) && may_be_nan(*claim->subject))) return std::nullopt;
  return opposite(*std::move(claim));
}

Claim opposite(Claim claim) {
  claim.op = opposite(claim.op);
  return claim;
}

bool holds(Operator op, const Value& a, const Value& b) {
  const int order = compare(a, b);
  switch (op) {
    case Operator::kEqual:
      return order == 0;
    case Operator::kNotEqual:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool comparable(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b) != kUnordered;
  return a.kind() == b.kind() && (a.kind() == Kind::kString || is_time(a.kind()));
}

bool exactly_comparable(const Value& a, const Value& b) {
  if (!comparable(a, b)) return false;
  return a.kind() == b.kind() || (is_exact(a) && is_exact(b));
}

bool exclude_each_other(const Claim& a, const Claim& b) {
  const bool whole = a.subject->type.of() == Type::Of::kInt;
  const auto rounds = [](const Value& v) { return is_number(v.kind()) && !is_exact(v); };
  if (!whole &&
      (std::ranges::any_of(a.literals, rounds) || std::ranges::any_of(b.literals, rounds)))
    return false;
  return for_literals(a, [&](const Value& x) {
    return for_literals(
        b, [&](const Value& y) { return exclude_each_other(a.op, x, b.op, y, whole); });
  });
}

bool fulfils(const Value& value, const Claim& claim) {
  const auto fulfilled = [&](const Value& literal) { return holds(claim.op, value, literal); };
  return claim.op == Operator::kNotEqual ? std::ranges::all_of(claim.literals, fulfilled)
                                         : std::ranges::any_of(claim.literals, fulfilled);
}

bool is_out_of(const Domain& domain, const Value& number) {
  const auto is = [&](Operator op, const Value& bound) {
    return !bound.is_null() && comparable(number, bound) && holds(op, number, bound);
  };
  return is(Operator::kLess, domain.min) || is(Operator::kGreater, domain.max);
}

std::string bounds_of(const Domain& domain) {
  if (domain.max.is_null()) return "at least " + to_text(domain.min);
  if (domain.min.is_null()) return "at most " + to_text(domain.max);
  return "from " + to_text(domain.min) + " to " + to_text(domain.max);
}

std::optional<bool> outcome_by_bounds(const Domain& domain, const Claim& claim) {
  const auto excluded = [&](const Claim& one) {
    const auto by = [&](Operator op, const Value& bound) {
      return !bound.is_null() && exclude_each_other(one, {one.subject, op, {bound}});
    };
    return by(Operator::kGreaterEqual, domain.min) || by(Operator::kLessEqual, domain.max);
  };
  if (excluded(claim)) return false;
  if (excluded(opposite(claim))) return true;
  return std::nullopt;
}

}  // namespace patuh::expr
