// has, all, exists, map, optMap, cel.bind and so on: calls that are syntax.
#pragma once

#include "expr/syntax.h"

namespace patuh::expr {

// Turns a call that is a macro into kHas, kLoop or kBind; leaves other calls alone. In a kLoop,
// `name` and `second` are the loop variables; the names of a kBind are bound_name(). Faults:
// EXPR-MACRO.
void expand_macro(Expression& call, Report& report);

// Whether list.name(x, …) is a loop.
bool is_loop(std::string_view name);

// What value number i of a kBind is called in the rest of it.
std::string bound_name(const Expression& bind, std::size_t i);

}  // namespace patuh::expr
