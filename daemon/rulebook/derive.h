// Derived attributes: compiled, told apart (computed at apply or evaluated where read), ordered.
#pragma once

#include <memory>
#include <span>

#include "rulebook/rulebook.h"
#include "rulebook/schema_reader.h"

namespace patuh::rulebook {

class SchemaTypes;

// Reports expressions that do not compile, cycles (also over other kinds) and indexes on what is
// not computed at apply.
void compile_derived(SchemaDraft& draft, const std::shared_ptr<const SchemaTypes>& types,
                     std::span<const Parameter> parameters, toml::Report& report);

}  // namespace patuh::rulebook
