// Conditions that are always true or always false: what an author hardly meant.
#include <algorithm>

#include "expr/checker_state.h"
#include "expr/wide.h"

namespace patuh::expr {
namespace {

// Of && and || with more terms only the first are set beside each other.
constexpr std::size_t kTermsMax = 100;

std::string_view text_of(bool outcome) { return outcome ? "true" : "false"; }

bool is_size(const Expression& e) {
  return e.syntax == Syntax::kCall && (e.name == "size" || e.name == "count") &&
         e.resolution.of == Resolution::Of::kLibrary;
}

// What a comparison of a size with a number always is.
std::optional<bool> outcome_of_size(const Claim& claim) {
  if (!is_size(*claim.subject) || claim.literals[0].kind() != Kind::kInt) return std::nullopt;
  static const Domain kSize{"a size", {}, false, Value::integer(0), Value()};
  return outcome_by_bounds(kSize, claim);
}

// All values that a name may have, where the schema says so; empty where there are others, or many.
std::vector<Value> all_values(const Expression& e) {
  std::vector<Value> out;
  if (!is_name(e) || e.values == nullptr) return out;
  const Domain& domain = *e.values;
  if (domain.closed) {
    for (const std::string& value : domain.values) out.push_back(Value::string(value));
    return out;
  }
  constexpr std::int64_t kManyMax = 100;
  if (domain.min.kind() != Kind::kInt || domain.max.kind() != Kind::kInt) return out;
  const std::int64_t from = domain.min.as_int();
  if (Wide{domain.max.as_int()} - from >= kManyMax) return out;
  for (std::int64_t i = from; i <= domain.max.as_int(); ++i) out.push_back(Value::integer(i));
  return out;
}

bool is_about(const Claim& claim, const Value& value) {
  return std::ranges::all_of(claim.literals,
                             [&](const Value& literal) { return comparable(literal, value); });
}

// What a claim about an enumeration always is, when all its values agree.
std::optional<bool> outcome_by_values(const Claim& claim) {
  const std::vector<Value> all = all_values(*claim.subject);
  if (all.empty() || !is_about(claim, all[0])) return std::nullopt;
  const auto count = std::ranges::count_if(all, [&](const Value& v) { return fulfils(v, claim); });
  if (count == 0) return false;
  if (static_cast<std::size_t>(count) == all.size()) return true;
  return std::nullopt;
}

std::string count_of(std::span<const Value> all) {
  return "it has only " + std::to_string(all.size()) + " values";
}

std::string filled_hint(const std::string& subject) {
  return "to ask whether it is there: filled(" + subject + ")";
}

// A span written out, also days(1) + hours(6).
std::optional<Wide> span_of(const Expression& e) {
  if (e.fixed && e.fixed->kind() == Kind::kDuration) return nanos_of(*e.fixed);
  if (e.syntax != Syntax::kBinary || (e.op != Operator::kAdd && e.op != Operator::kSubtract)) {
    return std::nullopt;
  }
  const std::optional<Wide> a = span_of(*e.children[0]);
  const std::optional<Wide> b = span_of(*e.children[1]);
  if (!a || !b) return std::nullopt;
  return e.op == Operator::kAdd ? *a + *b : *a - *b;
}

// How far from `now` a sum of it and spans lies; nothing when it is none.
std::optional<Wide> distance_from_now(const Expression& e) {
  if (e.resolution.of == Resolution::Of::kNow) return Wide{0};
  if (e.syntax != Syntax::kBinary || !e.moves) return std::nullopt;
  const bool adds = e.op == Operator::kAdd;
  if (!adds && e.op != Operator::kSubtract) return std::nullopt;
  const bool turned = adds && e.children[1]->moves;  // days(3) + now
  const std::optional<Wide> base = distance_from_now(*e.children[turned ? 1 : 0]);
  const std::optional<Wide> span = span_of(*e.children[turned ? 0 : 1]);
  if (!base || !span) return std::nullopt;
  return adds ? *base + *span : *base - *span;
}

// A term of && or ||, and the one of its operands that it stands in.
struct Term {
  const Expression* expression;
  std::size_t operand;
};

// (a && b) && c has three.
void collect_terms(const Expression& e, std::optional<std::size_t> operand,
                   std::vector<Term>& out) {
  for (std::size_t i = 0; i < e.children.size() && out.size() < kTermsMax; ++i) {
    const Expression& child = *e.children[i];
    if (child.syntax == e.syntax) {
      collect_terms(child, operand.value_or(i), out);
    } else {
      out.push_back({&child, operand.value_or(i)});
    }
  }
}

}  // namespace

void Checker::always(const Expression& e, bool outcome, std::string why, std::string hint) {
  warn(outcome ? "EXPR-ALWAYS-TRUE" : "EXPR-ALWAYS-FALSE", e.focus,
       "this is always " + std::string(text_of(outcome)) + std::move(why), std::move(hint));
}

// What the schema says holds for values that are there; null is another matter.
void Checker::always_where_filled(const Expression& e, bool outcome, const Domain& domain,
                                  const std::string& why, std::string hint) {
  always(e, outcome, " where " + domain.field + " is filled in: " + why, std::move(hint));
}

// As it stands in the text, when that is short.
std::string Checker::written(const Expression& e, std::string_view else_text) const {
  constexpr std::size_t kShownMax = 60;
  const std::string_view text = source_.text.substr(e.at.begin, e.at.end - e.at.begin);
  const bool shown = text.size() <= kShownMax && text.find('\n') == std::string_view::npos;
  return std::string(shown ? text : else_text);
}

void Checker::look_at_comparison(const Expression& e) {
  const Expression& a = *e.children[0];
  const Expression& b = *e.children[1];
  if (written_value(a) != nullptr && written_value(b) != nullptr) return look_at_constants(e);
  if (alike(a, b)) {
    if (may_be_nan(a)) return;
    const bool reflexive =
        e.op == Operator::kEqual || e.op == Operator::kLessEqual || e.op == Operator::kGreaterEqual;
    return always(e, reflexive, ": both sides are the same", "was another name meant on one side?");
  }
  const std::optional<Wide> left = distance_from_now(a);
  const std::optional<Wide> right = distance_from_now(b);
  if (left && right) {
    const auto step = static_cast<std::int64_t>(*left > *right) - (*left < *right);
    return always(e, holds(e.op, Value::integer(step), Value::integer(0)),
                  ": both sides move with now", "compare now with a field: self.… + days(3) < now");
  }
  if (const std::optional<Claim> claim = claim_of(e)) look_at_claim(e, *claim);
}

void Checker::look_at_constants(const Expression& e) {
  const Value& a = *written_value(*e.children[0]);
  const Value& b = *written_value(*e.children[1]);
  if (!exactly_comparable(a, b)) return;
  always(e, holds(e.op, a, b), ": both sides are literals", "was a field meant on one side?");
}

void Checker::look_at_claim(const Expression& e, const Claim& claim) {
  const Expression& subject = *claim.subject;
  if (const std::optional<bool> outcome = outcome_of_size(claim)) {
    return always(e, *outcome, ": a size is 0 or more",
                  *outcome ? "to ask for at least one: > 0" : "to ask for none: == 0");
  }
  // A literal that is none of the values is told of by itself.
  if (is_equality(e.op) || e.op == Operator::kIn) return;
  if (!is_name(subject) || subject.values == nullptr) return;
  const Domain& domain = *subject.values;
  if (domain.has_bounds()) {
    const std::optional<bool> outcome = outcome_by_bounds(domain, claim);
    if (!outcome) return;
    return always_where_filled(e, *outcome, domain, "in the schema it is " + bounds_of(domain),
                               *outcome ? filled_hint(written(subject, "…"))
                                        : "what lies beyond is set aside when it is sent");
  }
  if (const std::optional<bool> outcome = outcome_by_values(claim)) {
    always_where_filled(e, *outcome, domain, "each of its values makes it so",
                        "texts are ordered by their letters; to ask for some: in […]");
  }
}

// x in [] and x in [...] with every value that x may have.
void Checker::look_at_members(const Expression& e, const Expression& choice,
                              const Expression& list) {
  if (list.syntax != Syntax::kList) return;
  if (list.children.empty()) {
    return always(e, false, ": an empty list has no items",
                  "was a value left out between [ and ]?");
  }
  const std::optional<Claim> claim = claim_of(e);
  if (claim && outcome_by_values(*claim) == true) {
    always_where_filled(e, true, *choice.values,
                        count_of(all_values(choice)) + ", and all stand here",
                        filled_hint(written(choice, "…")));
  }
}

// Claims about one enumeration: none of its values fulfils all of them, or each fulfils one.
bool Checker::look_at_values(const Expression& e, std::span<const Claim> claims) {
  const Expression& subject = *claims[0].subject;
  const std::vector<Value> all = all_values(subject);
  if (all.empty()) return false;
  const bool is_and = e.syntax == Syntax::kAnd;
  const bool decided = std::ranges::all_of(all, [&](const Value& value) {
    // For && a claim that fails, for || one that holds.
    return std::ranges::any_of(claims, [&](const Claim& claim) {
      return is_about(claim, value) && alike(*claim.subject, subject) &&
             fulfils(value, claim) != is_and;
    });
  });
  if (!decided) return false;
  always_where_filled(
      e, !is_and, *subject.values,
      count_of(all) + (is_and ? ", and all are excluded" : ", and all are allowed"),
      is_and ? "leave out those that are meant" : filled_hint(written(subject, "…")));
  return true;
}

// a && b that exclude each other; a || b whose contraries do.
void Checker::look_at_terms(const Expression& e) {
  std::vector<Term> terms;
  collect_terms(e, std::nullopt, terms);
  std::vector<Claim> claims;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Expression& term = *terms[i].expression;
    if (is_literal(term) && look_at_literal_term(e, term)) return;
    for (std::size_t j = 0; j < i; ++j) {
      if (terms[i].operand == terms[j].operand) continue;  // told of there
      if (look_at_pair(e, *terms[j].expression, term)) return;
    }
    if (std::optional<Claim> claim = claim_of(term)) claims.push_back(*std::move(claim));
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (look_at_values(e, std::span(claims).subspan(i))) return;
  }
}

bool Checker::look_at_literal_term(const Expression& e, const Expression& term) {
  const bool is_and = e.syntax == Syntax::kAnd;
  if (term.literal.kind() != Kind::kBool || term.literal.as_bool() == is_and) return false;
  always(e, !is_and, ": one side is the literal " + std::string(text_of(!is_and)),
         "leave it out, so that the other side decides");
  return true;
}

bool Checker::look_at_pair(const Expression& e, const Expression& first, const Expression& second) {
  const bool is_and = e.syntax == Syntax::kAnd;
  if (alike(first, second)) {
    warn("EXPR-REPEATED", second.at, "this stands here a second time",
         "was another name or value meant?");
    return true;
  }
  if (contrary(first, second)) {
    always(second, !is_and,
           ": its contrary stands on the other side of " + std::string(is_and ? "&&" : "||"),
           is_and ? "to allow either: ||" : "to ask for both: &&");
    return true;
  }
  return look_at_claims(e, first, second);
}

bool Checker::look_at_claims(const Expression& e, const Expression& first,
                             const Expression& second) {
  std::optional<Claim> a = claim_of(first);
  std::optional<Claim> b = claim_of(second);
  if (!a || !b || !alike(*a->subject, *b->subject)) return false;
  const bool is_and = e.syntax == Syntax::kAnd;
  if (!is_and && may_be_nan(*a->subject)) return false;
  if (!is_and) {
    a = opposite(*std::move(a));
    b = opposite(*std::move(b));
  }
  if (!exclude_each_other(*a, *b)) return false;
  always(second, !is_and,
         ": no value of " + written(*a->subject, "this") +
             (is_and ? " fulfils both sides of &&" : " fails both sides of ||"),
         is_and ? "to allow either: || or in […]" : "to exclude both: && or !(… in […])");
  return true;
}

void Checker::look_at_not(const Expression& e) {
  const Expression& operand = *e.children[0];
  if (!is_literal(operand) || operand.literal.kind() != Kind::kBool) return;
  const bool outcome = !operand.literal.as_bool();
  always(e, outcome, ": ! stands before a literal", "was a field meant behind !?");
}

void Checker::look_at_condition(const Expression& e) {
  const Expression& condition = *e.children[0];
  if (!is_literal(condition) || condition.literal.kind() != Kind::kBool) return;
  const bool outcome = condition.literal.as_bool();
  always(condition, outcome, ": the condition is a literal",
         std::string("write what stands ") + (outcome ? "before" : "behind") + " the colon alone");
}

void Checker::look_at_whole(const Expression& e) {
  if (!is_literal(e) || e.literal.kind() != Kind::kBool) return;
  always(e, e.literal.as_bool(), ": the whole is a literal", "ask something of a field: self.…");
}

}  // namespace patuh::expr
