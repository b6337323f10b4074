// The fourth stage: a checked tree to nodes, with constants folded and the cost known.
#pragma once

#include "expr/plan.h"
#include "expr/syntax.h"

namespace patuh::expr {

// Fills root, locals, costs, Facts::cost_max. `program` has its text and environment already. Of
// constants that cannot be computed there are warnings.
void plan(const Tree& tree, Program::Impl& program, Report& report);

// A part by itself, of which nothing but `program`'s environment and arena is used.
const Node& plan_alone(const Expression& e, Program::Impl& program);

// A list, map or relation whose length the schema does not limit is taken to have this many.
inline constexpr std::uint64_t kSizeAssumed = 1'000;

}  // namespace patuh::expr
