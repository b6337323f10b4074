// Errors as values.
#pragma once

#include <initializer_list>

#include "expr/plan.h"

namespace patuh::expr {

// `message` is kept as it is: a literal, or text in the frame's arena.
Value fail(Frame& frame, const Node& at, ErrorCode code, std::string_view message);
// A null met something that needs a value.
Value fail_missing(Frame& frame, const Node& at, const Value& null);
// "no such overload: string + int"; a null among the operands is kMissing instead.
Value fail_overload(Frame& frame, const Node& at, std::string_view what,
                    std::initializer_list<Value> operands);
Value fail_budget(Frame& frame, const Node& at);

}  // namespace patuh::expr
