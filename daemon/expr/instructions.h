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
// Of the node's path with its constant, an int or a string.
Run path_comparison(Operator op, Kind of);
Run arithmetic(Operator op);
Value run_negate(const Node& node, Frame& frame);          // a
Value run_in(const Node& node, Frame& frame);              // a in b
Value run_in_set(const Node& node, Frame& frame);          // a in set
Value run_path_in_set(const Node& node, Frame& frame);     // the node's path in set
Value run_index(const Node& node, Frame& frame);           // a[b]
Value run_optional_index(const Node& node, Frame& frame);  // a[?b]

// ── Fields and literals ──
Value run_leaf(const Node& node, Frame& frame);  // a constant, a variable
Value run_now(const Node& node, Frame& frame);
Value run_field(const Node& node, Frame& frame);          // a, field slot
Value run_dynamic_field(const Node& node, Frame& frame);  // a, field name
Value run_has_field(const Node& node, Frame& frame);
Value run_has_dynamic(const Node& node, Frame& frame);
Value run_optional_field(const Node& node, Frame& frame);    // a.?slot
Value run_optional_dynamic(const Node& node, Frame& frame);  // a.?name
Value run_optional_item(const Node& node, Frame& frame);     // ?a of a list or map
Value run_list(const Node& node, Frame& frame);              // items
Value run_map(const Node& node, Frame& frame);               // items: key, value, …
// A field by number, or by name when `field` is kNoField.
Value select(Frame& frame, const Node& site, const Value& operand, std::uint32_t field);

// ── Names for values: items are the values, then the body; slot is the first's ──
Value run_bind(const Node& node, Frame& frame);
Value run_failure(const Node& node, Frame& frame);  // name is the message

// ── b is the span, slot the number among Program::Impl::held ──
Value run_held_for(const Node& node, Frame& frame);

// ── Loops: a is the range, b the body, slot the variable; of kMapIf b is the filter, c the body ──
Run loop(Loop kind);

// ── Calls: items ──
Run library_call(std::size_t arguments);
Value run_starts_with(const Node& node, Frame& frame);       // the common case without an array
Value run_path_starts_with(const Node& node, Frame& frame);  // the node's path, its constant
Value run_host(const Node& node, Frame& frame);

Value optional_of(Frame& frame, const Value& held);
// The map of `entries`; an error when a key is no key or comes twice.
Value checked_map(Frame& frame, const Node& site, std::span<const MapEntry> entries);

// `items` in the order of `keys`, equal ones as they stood; an error when the keys have no order.
Value sort_by_keys(Frame& frame, const Node& site, std::span<const Value> items,
                   std::span<const Value> keys);

// Addition and its kin on values, for folds.
Value add(Frame& frame, const Node& site, const Value& a, const Value& b);

}  // namespace patuh::expr
