// TOML values as values of the expression language.
#pragma once

#include <optional>
#include <string>

#include "expr/expr.h"
#include "model/model.h"
#include "text/text.h"
#include "toml/toml.h"

namespace patuh::rulebook {

struct ValueContext {
  expr::Arena* arena = nullptr;
  const text::Zone* zone = nullptr;
  toml::Report* report = nullptr;
};

// The value as this attribute holds it (defaults, a stub's values); reports `code` when it does not
// fit. `what` begins the message: "the default of 'status'".
std::optional<expr::Value> attribute_value(const model::Attribute& attribute,
                                           const toml::Node& node, const ValueContext& context,
                                           const std::string& what);

// A parameter's value with its type: "365d" is a duration, a date its first instant. Nothing, and
// reported, for what no expression can hold.
struct Typed {
  expr::Value value;
  expr::Type type = expr::Type::dyn();
};
std::optional<Typed> constant_value(const toml::Node& node, const ValueContext& context);

// A date (its first instant in the zone) or a date and time with an offset.
std::optional<base::Instant> instant_of(const toml::Node& node, const text::Zone& zone);

}  // namespace patuh::rulebook
