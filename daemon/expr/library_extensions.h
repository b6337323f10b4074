// The extension libraries that authors meet elsewhere: math, lists, sets, strings, encoders, regex,
// optional values. Their table stands behind the language's own in library().
#pragma once

#include <span>

#include "expr/library.h"

namespace patuh::expr {

std::span<const LibraryFunction> extensions();

Value run_optional_or(const Node& node, Frame& frame);
Value run_optional_or_value(const Node& node, Frame& frame);

namespace native {

Value math_greatest(Frame&, const Node&, const Value*);
Value math_least(Frame&, const Node&, const Value*);
Value math_ceil(Frame&, const Node&, const Value*);
Value math_floor(Frame&, const Node&, const Value*);
Value math_round(Frame&, const Node&, const Value*);
Value math_trunc(Frame&, const Node&, const Value*);
Value math_sqrt(Frame&, const Node&, const Value*);
Value math_abs(Frame&, const Node&, const Value*);
Value math_sign(Frame&, const Node&, const Value*);
Value math_is_nan(Frame&, const Node&, const Value*);
Value math_is_inf(Frame&, const Node&, const Value*);
Value math_is_finite(Frame&, const Node&, const Value*);
Value math_bit_and(Frame&, const Node&, const Value*);
Value math_bit_or(Frame&, const Node&, const Value*);
Value math_bit_xor(Frame&, const Node&, const Value*);
Value math_bit_not(Frame&, const Node&, const Value*);
Value math_bit_shift_left(Frame&, const Node&, const Value*);
Value math_bit_shift_right(Frame&, const Node&, const Value*);

Value optional_of(Frame&, const Node&, const Value*);
Value optional_none(Frame&, const Node&, const Value*);
Value optional_of_non_zero(Frame&, const Node&, const Value*);
Value optional_has_value(Frame&, const Node&, const Value*);
Value optional_value(Frame&, const Node&, const Value*);
Value optional_unwrap(Frame&, const Node&, const Value*);
Value first(Frame&, const Node&, const Value*);
Value last(Frame&, const Node&, const Value*);

Value lists_range(Frame&, const Node&, const Value*);
Value slice(Frame&, const Node&, const Value*);
Value flatten(Frame&, const Node&, const Value*);
Value sort(Frame&, const Node&, const Value*);
Value distinct(Frame&, const Node&, const Value*);
Value reverse(Frame&, const Node&, const Value*);  // of lists and strings
Value sets_contains(Frame&, const Node&, const Value*);
Value sets_intersects(Frame&, const Node&, const Value*);
Value sets_equivalent(Frame&, const Node&, const Value*);

Value format(Frame&, const Node&, const Value*);
Value strings_quote(Frame&, const Node&, const Value*);
Value base64_encode(Frame&, const Node&, const Value*);
Value base64_decode(Frame&, const Node&, const Value*);

// What can be told of the arguments before anything runs: lists of what has no order or is never
// equal, of what is no optional, texts of format() and regex.* that are not well formed.
Resolved resolve_sort(const Known&, std::span<const Argument>);
Resolved resolve_sets(const Known&, std::span<const Argument>);
Resolved resolve_unwrap(const Known&, std::span<const Argument>);
Resolved resolve_format(const Known&, std::span<const Argument>);
Resolved resolve_extract(const Known&, std::span<const Argument>);
Resolved resolve_replace(const Known&, std::span<const Argument>);

// The pattern of a call: compiled while planning, or now into `made`. Null with an error in
// `wrong`.
const Regex* regex_of(Frame& frame, const Node& site, const Value& pattern,
                      std::optional<Regex>& made, Value& wrong);
Value regex_replace(Frame&, const Node&, const Value*);
Value regex_extract(Frame&, const Node&, const Value*);
Value regex_extract_all(Frame&, const Node&, const Value*);

}  // namespace native
}  // namespace patuh::expr
