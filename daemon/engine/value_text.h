// Values as evidence and as people read them. Private to engine.
#pragma once

#include <string>

#include "expr/expr.h"
#include "model/model.h"
#include "registry/registry.h"
#include "text/text.h"

namespace patuh::engine {

// Compact JSON: instants as RFC 3339, spans as seconds with "s", objects as "kind/id", long texts
// cut to 200 bytes with "…", of lists and maps the first eight items and "+n" for the rest. An
// error is null.
std::string json_of(const expr::Value& value, const registry::Registry& registry);

// The whole value as an event gives it to the attribute: dates by their day in the zone.
std::string event_json(const expr::Value& value, const model::Attribute& attribute,
                       const text::Zone& zone, const registry::Registry& registry);

// As a message prints it: a missing value or an error as –, an element by its title, else its id;
// instants as civil dates where they are the first or last of a day, in the zone.
std::string text_of(const expr::Value& value, model::Language language,
                    const registry::Registry& registry, const text::Zone& zone);

}  // namespace patuh::engine
