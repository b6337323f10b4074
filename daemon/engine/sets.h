// The registry's sets as lists of the language, iterated without being built. Private to engine.
#pragma once

#include <cstdint>
#include <span>

#include "expr/expr.h"
#include "registry/registry.h"

namespace patuh::engine {

// Makes the language's list of a set of elements; lives in `arena`, valid until the registry
// changes.
expr::Value list_of(expr::Arena& arena, const registry::Registry& registry,
                    const registry::Refs& refs);
// The same without one element, which need not be in it.
expr::Value list_without(expr::Arena& arena, const registry::Registry& registry,
                         const registry::Refs& refs, model::ElementRef left_out);
// Several sets one after another.
expr::Value list_of_all(expr::Arena& arena, const registry::Registry& registry,
                        std::span<const registry::Refs> sets);

inline expr::Value object_of(const registry::Registry& registry, model::ElementRef element) {
  return expr::Value::object(registry.kind_of(element).value, element.value);
}

}  // namespace patuh::engine
