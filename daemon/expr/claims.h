// What a condition claims of its subject, and which claims cannot hold together. Compile time only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expr/syntax.h"

namespace patuh::expr {

inline bool is_literal(const Expression& e) { return e.syntax == Syntax::kLiteral; }
// The value of a literal, or of a time written out; null when it is neither.
const Value* written_value(const Expression& e);
// A variable or a field of one: nothing is computed.
bool is_name(const Expression& e);
// Written alike, so that both have the same value: nothing that is read twice differs in between.
bool alike(const Expression& a, const Expression& b);
// A number is computed in it: it may come out as no number (NaN), which equals nothing and has no
// place in the order, so that neither < nor >= is true of it.
bool may_be_nan(const Expression& e);
// Written so that one is true exactly where the other is false: x and !x, a < b and a >= b.
bool contrary(const Expression& a, const Expression& b);

// `subject op literal`, the literal brought to the right side. Of == and != there may be several:
// "one of them" and "none of them".
struct Claim {
  const Expression* subject = nullptr;
  Operator op = Operator::kEqual;
  std::vector<Value> literals;  // at least one
};
// Also of `subject in [literals]` and of !(…).
std::optional<Claim> claim_of(const Expression& e);
Claim opposite(Claim claim);
// Whether no value fulfils both claims about one subject.
bool exclude_each_other(const Claim& a, const Claim& b);
bool holds(Operator op, const Value& a, const Value& b);
// Whether < and its kin tell of both, whatever kinds of numbers they are.
bool comparable(const Value& a, const Value& b);
// Also beside a double, for which whole numbers from 2^53 on are rounded when it is evaluated.
bool exactly_comparable(const Value& a, const Value& b);
bool fulfils(const Value& value, const Claim& claim);

// A number beyond the bounds.
bool is_out_of(const Domain& domain, const Value& number);
std::string bounds_of(const Domain& domain);  // "from 1 to 5", "at least 0"
// What a claim about a subject within bounds always is; nothing when it depends.
std::optional<bool> outcome_by_bounds(const Domain& domain, const Claim& claim);

}  // namespace patuh::expr
