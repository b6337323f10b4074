// What explanations need of the tree. Private to expr.
#pragma once

#include <vector>

#include "expr/plan.h"
#include "expr/syntax.h"

namespace patuh::expr {

std::vector<Attribute> attributes_of(const Tree& tree, std::string_view text);

}  // namespace patuh::expr
