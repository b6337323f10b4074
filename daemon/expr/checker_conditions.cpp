// Conditions that are always true or always false: what an author hardly meant.
#include <algorithm>
#include <cmath>

#include "expr/checker_state.h"
#include "expr/numbers.h"

namespace patuh::expr {
namespace {

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

bool is_literal(const Expression& e) { return e.syntax == Syntax::kLiteral; }

// Written alike, so that both have the same value. Nothing that is read twice differs in between.
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

// `subject op literal`, the literal brought to the right side.
struct Claim {
  const Expression* subject = nullptr;
  Operator op = Operator::kEqual;
  const Value* literal = nullptr;
};

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

std::optional<Claim> claim_of(const Expression& e) {
  if (e.syntax != Syntax::kBinary || !is_comparison(e.op)) return std::nullopt;
  const Expression& a = *e.children[0];
  const Expression& b = *e.children[1];
  if (is_literal(b) && !is_literal(a)) return Claim{&a, e.op, &b.literal};
  if (is_literal(a) && !is_literal(b)) return Claim{&b, mirrored(e.op), &a.literal};
  return std::nullopt;
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

bool comparable(const Value& a, const Value& b) {
  const auto number = [](const Value& v) {
    return v.kind() == Kind::kInt || v.kind() == Kind::kUint || v.kind() == Kind::kDouble;
  };
  if (number(a) && number(b)) return compare_numbers(a, b) != kUnordered;
  return a.kind() == b.kind() && a.kind() == Kind::kString;
}

// No value fulfils both claims of one subject.
bool exclude_each_other(const Claim& a, const Claim& b) {
  if (!comparable(*a.literal, *b.literal)) return false;
  const int order = compare(*a.literal, *b.literal);
  const auto below = [](Operator op) {
    return op == Operator::kLess || op == Operator::kLessEqual;
  };
  const auto above = [](Operator op) {
    return op == Operator::kGreater || op == Operator::kGreaterEqual;
  };
  const bool strict = a.op == Operator::kLess || a.op == Operator::kGreater ||
                      b.op == Operator::kLess || b.op == Operator::kGreater;
  if (a.op == Operator::kEqual && b.op == Operator::kEqual) return order != 0;
  if (a.op == Operator::kEqual && b.op == Operator::kNotEqual) return order == 0;
  if (a.op == Operator::kNotEqual && b.op == Operator::kEqual) return order == 0;
  const bool a_from_below = below(a.op) || a.op == Operator::kEqual;
  const bool b_from_above = above(b.op) || b.op == Operator::kEqual;
  if (a_from_below && b_from_above) return order < 0 || (order == 0 && strict);
  const bool a_from_above = above(a.op) || a.op == Operator::kEqual;
  const bool b_from_below = below(b.op) || b.op == Operator::kEqual;
  return a_from_above && b_from_below && (order > 0 || (order == 0 && strict));
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

bool is_size(const Expression& e) {
  return e.syntax == Syntax::kCall && (e.name == "size" || e.name == "count") &&
         e.resolution.of == Resolution::Of::kLibrary;
}

// What a comparison of a size with a number always is.
std::optional<bool> outcome_of_size(const Claim& claim) {
  if (!is_size(*claim.subject) || claim.literal->kind() != Kind::kInt) return std::nullopt;
  const std::int64_t limit = claim.literal->as_int();
  const bool none_below = limit <= 0;
  switch (claim.op) {
    case Operator::kGreaterEqual:
      return none_below ? std::optional(true) : std::nullopt;
    case Operator::kLess:
      return none_below ? std::optional(false) : std::nullopt;
    case Operator::kGreater:
      return limit < 0 ? std::optional(true) : std::nullopt;
    case Operator::kLessEqual:
      return limit < 0 ? std::optional(false) : std::nullopt;
    case Operator::kEqual:
      return limit < 0 ? std::optional(false) : std::nullopt;
    default:
      return limit < 0 ? std::optional(true) : std::nullopt;
  }
}

// The schema's closed list of what a name may say; null when there is none.
const Enumeration* closed_values(const Expression& e) {
  return is_name(e) && e.values != nullptr && e.values->closed ? e.values.get() : nullptr;
}

bool fulfils(std::string_view value, const Claim& claim) {
  return holds(claim.op, Value::string(value), *claim.literal);
}

// What a claim about an enumeration always is, when all its values agree.
std::optional<bool> outcome_by_values(const Claim& claim) {
  const Enumeration* const known = closed_values(*claim.subject);
  if (known == nullptr || claim.literal->kind() != Kind::kString) return std::nullopt;
  const auto count = std::ranges::count_if(
      known->values, [&](const std::string& value) { return fulfils(value, claim); });
  if (count == 0) return false;
  if (static_cast<std::size_t>(count) == known->values.size()) return true;
  return std::nullopt;
}

std::string all_values_of(const Enumeration& known) {
  return known.field + " has only " + std::to_string(known.values.size()) + " values";
}

}  // namespace

void Checker::always(const Expression& e, bool outcome, std::string why, std::string hint) {
  warn(outcome ? "EXPR-ALWAYS-TRUE" : "EXPR-ALWAYS-FALSE", e.focus,
       "this is always " + std::string(outcome ? "true" : "false") + ": " + std::move(why),
       std::move(hint));
}

void Checker::look_at_comparison(const Expression& e) {
  const Expression& a = *e.children[0];
  const Expression& b = *e.children[1];
  const bool reflexive =
      e.op == Operator::kEqual || e.op == Operator::kLessEqual || e.op == Operator::kGreaterEqual;
  if (is_literal(a) && is_literal(b)) {
    if (comparable(a.literal, b.literal))
      always(e, holds(e.op, a.literal, b.literal), "both sides are literals");
    return;
  }
  if (!is_literal(a) && alike(a, b) && !a.moves) {
    return always(e, reflexive, "both sides are the same", "was another name meant on one side?");
  }
  const std::optional<Claim> claim = claim_of(e);
  const std::optional<bool> outcome = claim ? outcome_of_size(*claim) : std::nullopt;
  if (outcome) {
    always(e, *outcome, "a size is 0 or more",
           *outcome ? "to ask for at least one: > 0" : "to ask for none: == 0");
    return;
  }
  const std::optional<bool> by_values = claim ? outcome_by_values(*claim) : std::nullopt;
  // A literal that is none of the values is told of by itself.
  if (by_values && e.op != Operator::kEqual && e.op != Operator::kNotEqual) {
    always(e, *by_values, "every value of " + claim->subject->values->field + " makes it so");
  }
}

// x in [...] with every value that x may have.
void Checker::look_at_members(const Expression& e, const Expression& choice,
                              const Expression& list) {
  const Enumeration* const known = closed_values(choice);
  if (known == nullptr || list.syntax != Syntax::kList) return;
  const bool all = std::ranges::all_of(known->values, [&](const std::string& value) {
    return std::ranges::any_of(list.children, [&](const Expression* item) {
      return is_literal(*item) && item->literal.kind() == Kind::kString &&
             item->literal.as_string() == value;
    });
  });
  if (all) always(e, true, all_values_of(*known) + ", and all stand here");
}

// Claims about one enumeration: none of its values fulfils all of them, or each fulfils one.
bool Checker::look_at_values(const Expression& e, const Expression& subject) {
  const Enumeration* const known = closed_values(subject);
  if (known == nullptr) return false;
  std::vector<Claim> claims;
  for (const Expression* const term : e.children) {
    const std::optional<Claim> claim = claim_of(*term);
    if (claim && claim->literal->kind() == Kind::kString && alike(*claim->subject, subject)) {
      claims.push_back(*claim);
    }
  }
  const bool is_and = e.syntax == Syntax::kAnd;
  const bool decided = std::ranges::all_of(known->values, [&](const std::string& value) {
    // For && a claim that fails, for || one that holds.
    return std::ranges::any_of(claims,
                               [&](const Claim& claim) { return fulfils(value, claim) != is_and; });
  });
  if (!decided) return false;
  always(e, !is_and,
         all_values_of(*known) + (is_and ? ", and all are excluded" : ", and all are allowed"));
  return true;
}

// a && b that exclude each other; a || b whose contraries do.
void Checker::look_at_terms(const Expression& e) {
  const bool is_and = e.syntax == Syntax::kAnd;
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    const Expression& term = *e.children[i];
    if (is_literal(term) && term.literal.kind() == Kind::kBool &&
        term.literal.as_bool() != is_and) {
      return always(e, !is_and,
                    std::string("one side is the literal ") + (is_and ? "false" : "true"));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (look_at_pair(e, *e.children[j], term)) return;
    }
  }
  for (const Expression* const term : e.children) {
    const std::optional<Claim> claim = claim_of(*term);
    if (claim && look_at_values(e, *claim->subject)) return;
  }
}

bool Checker::look_at_pair(const Expression& e, const Expression& first, const Expression& second) {
  if (alike(first, second)) {
    warn("EXPR-REPEATED", second.at, "this stands here a second time",
         "was another name or value meant?");
    return true;
  }
  std::optional<Claim> a = claim_of(first);
  std::optional<Claim> b = claim_of(second);
  if (!a || !b || !is_name(*a->subject) || !alike(*a->subject, *b->subject)) return false;
  const bool is_and = e.syntax == Syntax::kAnd;
  if (!is_and) {
    a->op = opposite(a->op);
    b->op = opposite(b->op);
  }
  if (!exclude_each_other(*a, *b)) return false;
  const std::string name = path_of(*a->subject);
  always(second, !is_and,
         "no value of " + (name.empty() ? "this field" : name) +
             (is_and ? " fulfils both sides of &&" : " fails both sides of ||"),
         is_and ? "to allow either: || or in […]" : "to exclude both: && or !(… in […])");
  return true;
}

void Checker::look_at_condition(const Expression& e) {
  const Expression& condition = *e.children[0];
  if (!is_literal(condition) || condition.literal.kind() != Kind::kBool) return;
  always(condition, condition.literal.as_bool(), "the condition is a literal");
}

}  // namespace patuh::expr
