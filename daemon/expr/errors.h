// Errors as values.
#pragma once

#include <initializer_list>
#include <span>

#include "expr/plan.h"

namespace patuh::expr {

using Arguments = std::initializer_list<std::string_view>;

// `detail` is a literal, the key of a text in the catalogue ("error.index"), which takes the
// arguments, at most two; they are copied.
[[gnu::cold]] Value fail(Frame& frame, const Node& at, ErrorCode code, std::string_view detail,
                         Arguments arguments = {});
// A null met something that needs a value.
[[gnu::cold]] Value fail_missing(Frame& frame, const Node& at, const Value& null);
// "no such overload: +(string, int)". Of the operands the first error is handed on; a null is
// kMissing instead.
[[gnu::cold]] Value fail_overload(Frame& frame, const Node& at, std::string_view what,
                                  std::span<const Value> operands);
[[gnu::cold]] Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a);
[[gnu::cold]] Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a,
                                  Value b);
[[gnu::cold]] Value fail_budget(Frame& frame, const Node& at);
// An argument that no value can be made of.
[[gnu::cold]] Value fail_invalid(Frame& frame, const Node& at, std::string_view detail,
                                 Arguments arguments = {});
[[gnu::cold]] Value fail_too_large(Frame& frame, const Node& at);

}  // namespace patuh::expr
