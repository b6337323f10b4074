// The second stage: tokens to a tree. Macros are recognised here.
#pragma once

#include "expr/lexer.h"
#include "expr/syntax.h"

namespace patuh::expr {

// The tree's root is set even after faults, with kError in their places. Faults: EXPR-SYNTAX,
// EXPR-RESERVED, EXPR-NUMBER, EXPR-MACRO, EXPR-TOO-DEEP.
Tree parse(const std::vector<Token>& tokens, Report& report);

}  // namespace patuh::expr
