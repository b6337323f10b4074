// What a planned node can do. Each takes its operands from the node and gives a value or an error.
#pragma once

#include "expr/plan.h"
#include "expr/syntax.h"

namespace patuh::expr {

// ── Logic ──
Value run_and(const Node& node, Frame& frame);          // items
Value run_or(const Node& node, Frame& frame);           // items
Value run_not(const Node& node, Frame& frame);          // a
Value run_conditional(const Node& node, Frame& frame);  // a ? b : c

// ── Operators: a, b ──
Run comparison(Operator op, bool b_is_constant);
Run arithmetic(Operator op);
Value run_negate(const Node& node, Frame& frame);  // a
Value run_in(const Node& node, Frame& frame);      // a in b
Value run_in_set(const Node& node, Frame& frame);  // a in set
Value run_index(const Node& node, Frame& frame);   // a[b]

// ── Fields and literals ──
Value run_now(const Node& node, Frame& frame);
Value run_field(const Node& node, Frame& frame);          // a, field slot
Value run_dynamic_field(const Node& node, Frame& frame);  // a, field name
Value run_has_field(const Node& node, Frame& frame);
Value run_has_dynamic(const Node& node, Frame& frame);
Value run_list(const Node& node, Frame& frame);  // items
Value run_map(const Node& node, Frame& frame);   // items: key, value, …
// A field by number, or by name when `field` is kNoField.
Value select(Frame& frame, const Node& site, const Value& operand, std::uint32_t field);

// ── Loops: a is the range, b the body, slot the variable; of kMapIf b is the filter, c the body ──
Run loop(Loop kind);

// ── Calls: items ──
Run library_call(std::size_t arguments);                // 1 to 4
Value run_starts_with(const Node& node, Frame& frame);  // the common case without an array
Value run_host(const Node& node, Frame& frame);

// Addition and its kin on values, for folds.
Value add(Frame& frame, const Node& site, const Value& a, const Value& b);

}  // namespace patuh::expr
