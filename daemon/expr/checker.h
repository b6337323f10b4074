// The third stage: names and types. Finds what every name, field and function is, and annotates
// the tree with it.
#pragma once

#include "expr/environment.h"
#include "expr/syntax.h"

namespace patuh::expr {

// What the checker learns on its way; the planner adds the cost.
//
// Faults: EXPR-UNKNOWN-NAME, EXPR-UNKNOWN-FIELD, EXPR-UNKNOWN-FUNCTION, EXPR-ARGUMENTS, EXPR-TYPE,
// EXPR-COMPARISON, EXPR-VALUE, EXPR-CALL, EXPR-NOW-USE, EXPR-RESULT, EXPR-HELD-FOR,
// EXPR-UNUSED-VARIABLE.
Facts check(const Environment::Impl& environment, const Source& source, Tree& tree,
            const Type& expected, Report& report);

}  // namespace patuh::expr
