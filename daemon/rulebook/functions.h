// What rules may call beside the language's own functions; each is answered by World.
#pragma once

#include <memory>

#include "rulebook/object_types.h"
#include "rulebook/rulebook.h"

namespace patuh::rulebook {

// Sets without a bound of their own (referrers, same, where, members) count as this many for the
// cost of an expression.
inline constexpr std::uint32_t kSetMax = 1000;

// Adds related, referrers, reach, same, where, members, lookup, known, changed_at, previous
// and changes. They keep `types`.
void add_world(expr::Environment& environment, std::shared_ptr<const SchemaTypes> types);

}  // namespace patuh::rulebook
