// JSON as values of the rule language. Private to tools.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expr/expr.h"
#include "json/json.h"

namespace patuh::tools {

// Plain JSON: objects are maps, whole numbers ints (uints above their range), others doubles.
expr::Value value_of(const json::Node& node, expr::Arena& arena);

// The public conformance suite's form: {"int64Value": "1"}, {"listValue": {"values": […]}}, and
// well-known messages as {"objectValue": {"@type": …, "value": …}}. Nothing when it is another
// message, an enumeration, or no value.
std::optional<expr::Value> suite_value_of(const json::Node& node, expr::Arena& arena);

// The suite's form of a type: {"primitive": "INT64"}, {"listType": {"elemType": …}}. Nothing for
// messages.
std::optional<expr::Type> suite_type_of(const json::Node& node);

// Whether both are the same value of the same kind, also within; NaN is NaN.
bool same(const expr::Value& a, const expr::Value& b);

}  // namespace patuh::tools
