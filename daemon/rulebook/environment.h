// The environments in which a pack's expressions are compiled.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rulebook/object_types.h"
#include "rulebook/rulebook.h"

namespace patuh::rulebook {

// The values that stamped this rule out: ("topik", "arsitektur").
using Each = std::vector<std::pair<std::string, std::string>>;

// `asked` is what the checker asks for object types: `types` itself, or a reader that notes what is
// asked; it must live as long as the environment is compiled with.
expr::Environment make_environment(std::shared_ptr<const SchemaTypes> types,
                                   const expr::ObjectTypes* asked, KindId self_kind,
                                   std::span<const Parameter> parameters, const Each& each);

}  // namespace patuh::rulebook
