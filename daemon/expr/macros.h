// has, all, exists, exists_one, filter, map: calls that are syntax.
#pragma once

#include "expr/syntax.h"

namespace patuh::expr {

// Turns a call that is a macro into kHas or kLoop; leaves other calls alone. In a kLoop, `name` is
// the loop variable. Faults: EXPR-MACRO.
void expand_macro(Expression& call, Report& report);

}  // namespace patuh::expr
