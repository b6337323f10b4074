// Typed values of attributes from JSON, as the schema declares them. Private to decode.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/json.h"
#include "model/model.h"

namespace patuh::decode {

// At most 2^53 in size: a double holds every such integer.
constexpr bool is_exact_as_double(std::int64_t integer) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  return integer <= kMost && integer >= -kMost;
}

// Why the text cannot stand in the attribute: it is longer than its `max`. Nothing when it can.
std::optional<model::Fault> too_long(std::string_view text, const model::Field& field);

// The attribute's value, made in `arena`; a fault names the attribute and what is expected.
// JSON null yields null.
model::Decoded<expr::Value> value_of(const json::Node& node, const model::Field& field,
                                     const model::Schema& schema, expr::Arena& arena);

}  // namespace patuh::decode
