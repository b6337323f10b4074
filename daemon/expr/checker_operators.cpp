// Types of operators and literals.
#include <algorithm>

#include "expr/checker_state.h"
#include "expr/kinds.h"

namespace patuh::expr {
namespace {

constexpr std::string_view kSpanHint = "a span is written days(30), hours(12) or duration('90m')";

std::string conversion_hint(const Type& a, const Type& b) {
  if ((a.of() == Type::Of::kOptional) != (b.of() == Type::Of::kOptional)) {
    return "what an optional holds: .value(), or .orValue(…) with a value for none";
  }
  if ((is_number(a.of()) && is_time(b.of())) || (is_time(a.of()) && is_number(b.of())))
    return std::string(kSpanHint);
  if (a.of() == Type::Of::kList || b.of() == Type::Of::kList) {
    return "to look for one item: item in list; for all or some: .all(x, …), .exists(x, …)";
  }
  if (is_number(a.of()) && is_number(b.of()))
    return "convert one side with int(), uint() or double()";
  if (a.of() == Type::Of::kString || b.of() == Type::Of::kString) {
    const Type& other = a.of() == Type::Of::kString ? b : a;
    if (is_number(other.of())) return "convert with " + other.text() + "(…) or string(…)";
    if (other.of() == Type::Of::kTimestamp)
      return "a point in time is written timestamp('2026-01-31T00:00:00Z')";
    if (other.of() == Type::Of::kDuration) return std::string(kSpanHint);
    if (other.of() == Type::Of::kBool) return "true and false are written without quotes";
  }
  return {};
}

}  // namespace

void Checker::want_bool(const Expression& e, std::string_view what) {
  if (fits(e.type, Type::boolean())) return;
  std::string hint;
  if (e.type.of() == Type::Of::kObject || e.type.of() == Type::Of::kString ||
      e.type.of() == Type::Of::kList) {
    hint = "to ask whether it is there: filled(…)";
  }
  fault("EXPR-TYPE", e.at, std::string(what) + " takes bool, not " + e.type.text(),
        std::move(hint));
}

void Checker::check_logic(Expression& e) {
  check_children(e);
  e.type = Type::boolean();
  for (const Expression* term : e.children)
    want_bool(*term, e.syntax == Syntax::kAnd ? "&&" : "||");
  look_at_terms(e);
}

void Checker::check_not(Expression& e) {
  check_children(e);
  e.type = Type::boolean();
  want_bool(*e.children[0], "!");
  look_at_not(e);
}

void Checker::check_negate(Expression& e) {
  check_children(e);
  const Type& type = e.children[0]->type;
  e.type = type;
  refuse_moving(*e.children[0], "with a sign");
  const bool good = fits(type, Type::integer()) || fits(type, Type::number());
  if (!good) fault("EXPR-TYPE", e.focus, "- takes int or double, not " + type.text());
}

void Checker::check_conditional(Expression& e) {
  check_children(e);
  want_bool(*e.children[0], "?:");
  look_at_condition(e);
  const Expression& then = *e.children[1];
  const Expression& otherwise = *e.children[2];
  e.type = join_types(then.type, otherwise.type);
  e.moves = then.moves || otherwise.moves;
  const bool known = then.size_max != 0 && otherwise.size_max != 0;
  e.size_max = known ? std::max(then.size_max, otherwise.size_max) : 0;
}

void Checker::check_binary(Expression& e) {
  check_children(e);
  if (is_comparison(e.op)) return check_comparison(e);
  if (e.op == Operator::kIn) return check_in(e);
  check_arithmetic(e);
}

void Checker::check_comparison(Expression& e) {
  const Expression& a = *e.children[0];
  const Expression& b = *e.children[1];
  e.type = Type::boolean();
  const bool good =
      is_equality(e.op) ? may_be_equal(a.type, b.type) : may_be_ordered(a.type, b.type);
  if (!good) {
    const std::string op(text_of(e.op));
    const bool never = is_equality(e.op);
    fault("EXPR-COMPARISON", e.focus,
          never ? a.type.text() + " and " + b.type.text() + " are never equal"
                : op + " does not order " + a.type.text() + " and " + b.type.text(),
          conversion_hint(a.type, b.type));
    return;
  }
  look_at_comparison(e);
  if (!is_equality(e.op)) return;
  check_values(a, b);
  check_values(b, a);
}

void Checker::check_arithmetic(Expression& e) {
  const Expression& a = *e.children[0];
  const Expression& b = *e.children[1];
  const std::string_view op = text_of(e.op);
  e.moves = a.moves || b.moves;
  if (a.size_max != 0 && b.size_max != 0) e.size_max = a.size_max + b.size_max;
  const std::optional<Type> type = arithmetic_type(op, a.type, b.type);
  if (type) {
    e.type = *type;
    return;
  }
  fault("EXPR-TYPE", e.focus,
        std::string(op) + " does not join " + a.type.text() + " and " + b.type.text(),
        conversion_hint(a.type, b.type));
}

void Checker::check_in(Expression& e) {
  const Expression& needle = *e.children[0];
  const Expression& range = *e.children[1];
  e.type = Type::boolean();
  refuse_moving(needle, "with in");
  const Type::Of of = range.type.of();
  if (of != Type::Of::kList && of != Type::Of::kMap && of != Type::Of::kDyn) {
    const bool text = of == Type::Of::kString;
    fault("EXPR-TYPE", e.focus, "in looks into a list or map, not " + range.type.text(),
          range.syntax == Syntax::kLiteral ? "a list is written in […]"
          : text                           ? "to look into text: text.contains('…')"
                                           : "");
    return;
  }
  if (of == Type::Of::kDyn) return;
  if (!may_be_equal(needle.type, range.type.parameter(0))) {
    fault("EXPR-COMPARISON", e.focus, needle.type.text() + " is never in " + range.type.text(),
          conversion_hint(needle.type, range.type.parameter(0)));
    return;
  }
  check_members(needle, range);
  look_at_members(e, needle, range);
  check_values(range, needle);
}

void Checker::check_members(const Expression& choice, const Expression& list) {
  if (list.syntax != Syntax::kList) return;
  for (const Expression* item : list.children) check_values(choice, *item);
}

// A literal that the schema does not know as a value of the field beside it.
void Checker::check_values(const Expression& choice, const Expression& literal) {
  if (choice.values == nullptr || !is_literal(literal)) return;
  const Domain& known = *choice.values;
  if (known.has_bounds() && choice.type.of() != Type::Of::kList &&
      is_out_of(known, literal.literal))
    return fault("EXPR-VALUE", literal.at,
                 to_text(literal.literal) + " is no value of " + known.field,
                 "in the schema it is " + bounds_of(known));
  if (known.values.empty() || literal.literal.kind() != Kind::kString) return;
  const std::string_view text = literal.literal.as_string();
  if (std::ranges::find(known.values, text) != known.values.end()) return;
  const std::vector<std::string_view> words(known.values.begin(), known.values.end());
  std::string hint = did_you_mean(text, words);
  if (hint.empty()) {
    hint = "known are";
    for (const std::string_view word : words) hint += " '" + std::string(word) + "'";
  }
  std::string message = "'" + std::string(text) + "' is no value of " + known.field;
  if (known.closed) return fault("EXPR-VALUE", literal.at, std::move(message), std::move(hint));
  warn("EXPR-VALUE", literal.at, std::move(message) + " that the schema names", std::move(hint));
}

void Checker::check_index(Expression& e) {
  check_children(e);
  const Expression& range = *e.children[0];
  const Expression& key = *e.children[1];
  refuse_moving(key, "as an index");
  e.values = range.values;
  const bool held = range.type.of() == Type::Of::kOptional;
  index_type(e, held ? range.type.parameter(0) : range.type);
  if (!held && !e.optional) return;
  e.type = Type::optional(e.type);
  e.values = nullptr;
}

void Checker::index_type(Expression& e, const Type& range) {
  const Expression& key = *e.children[1];
  switch (range.of()) {
    case Type::Of::kDyn:
      return;
    case Type::Of::kList:
      e.type = range.parameter(0);
      if (may_be_equal(key.type, Type::integer())) return;
      return fault("EXPR-TYPE", key.at, "a list is indexed by int, not " + key.type.text());
    case Type::Of::kMap:
      e.type = range.parameter(1);
      e.values = nullptr;
      if (may_be_equal(key.type, range.parameter(0))) return;
      return fault(
          "EXPR-TYPE", key.at,
          "this map is indexed by " + range.parameter(0).text() + ", not " + key.type.text());
    default:
      fault("EXPR-TYPE", e.focus, range.text() + " cannot be indexed",
            range.of() == Type::Of::kString   ? "a character of text: text.charAt(0)"
            : range.of() == Type::Of::kObject ? "a field is written x.name"
                                              : "");
  }
}

void Checker::check_optional_item(Expression& e) {
  Expression& item = *e.children[0];
  check(item);
  e.moves = item.moves;
  if (item.type.of() == Type::Of::kDyn) return;
  if (item.type.of() == Type::Of::kOptional) {
    e.type = item.type.parameter(0);
    return;
  }
  fault("EXPR-TYPE", item.at, "? is followed by an optional value, not " + item.type.text(),
        "optional.of(…) makes one; without ? the value itself is taken");
}

void Checker::check_list(Expression& e) {
  check_children(e);
  Type item = Type::unknown();
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    item = i == 0 ? e.children[i]->type : join_types(item, e.children[i]->type);
    refuse_moving(*e.children[i], "in a list");
  }
  e.type = Type::list(std::move(item));
  e.size_max = static_cast<std::uint32_t>(e.children.size());
}

void Checker::check_map(Expression& e) {
  check_children(e);
  Type key = Type::unknown();
  Type value = Type::unknown();
  for (std::size_t i = 0; i + 1 < e.children.size(); i += 2) {
    key = i == 0 ? e.children[i]->type : join_types(key, e.children[i]->type);
    value = i == 0 ? e.children[i + 1]->type : join_types(value, e.children[i + 1]->type);
    refuse_moving(*e.children[i], "in a map");
    refuse_moving(*e.children[i + 1], "in a map");
  }
  e.type = Type::map(std::move(key), std::move(value));
  e.size_max = static_cast<std::uint32_t>(e.children.size() / 2);
}

}  // namespace patuh::expr
