#include "rulebook/function_parts.h"

namespace patuh::rulebook {

using expr::Argument;
using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;

World& world_of(Context& context) {
  PATUH_ASSERT(context.host != nullptr);
  return static_cast<World&>(*context.host);
}

Resolved refuse(std::size_t argument, std::string error, std::string hint) {
  Resolved out;
  out.error = std::move(error);
  out.hint = std::move(hint);
  out.error_argument = argument;
  return out;
}

Resolved resolved(Type result, std::uint64_t bound, std::uint32_t size_max) {
  Resolved out;
  out.result = std::move(result);
  out.bound = bound;
  out.size_max = size_max;
  return out;
}

std::optional<std::string_view> literal(Arguments arguments, std::size_t index) {
  const std::optional<Value>& value = arguments[index].literal;
  if (!value || value->kind() != expr::Kind::kString) return std::nullopt;
  return value->as_string();
}

bool is_object(const Type& type) { return type.of() == Type::Of::kObject; }
bool is_dyn(const Type& type) { return type.of() == Type::Of::kDyn; }

std::optional<KindId> known_kind(const SchemaTypes& types, const Type& type) {
  return is_object(type) ? types.schema().kind_of(type.object_name()) : std::nullopt;
}

Resolved unknown_kind(const SchemaTypes& types, std::size_t argument, std::string_view name) {
  return refuse(argument, "there is no kind " + in_quotes(name),
                toml::suggestion(name, kind_names(types.schema())));
}

std::vector<std::string_view> names_of(const model::Kind& kind, bool relations) {
  std::vector<std::string_view> names;
  for (const model::Field& field : kind.fields) {
    if (field.is_relation() == relations) names.push_back(field.name);
  }
  return names;
}

std::string not_a(std::string_view function, std::string_view wanted, const Type& type) {
  return std::string(function) + " takes " + std::string(wanted) + " here, not " + type.text();
}

std::optional<Resolved> refuse_no_object(std::string_view function, const Argument& argument) {
  if (is_object(argument.type) || is_dyn(argument.type)) return std::nullopt;
  return refuse(0, not_a(function, "an element", argument.type));
}

std::optional<Value> no_object(Context& context, const Value& value) {
  if (value.kind() == expr::Kind::kObject) return std::nullopt;
  return context.fail(expr::ErrorCode::kNoSuchOverload, "error.not_element");
}

expr::Function function(std::string name, std::size_t arguments, std::uint32_t cost) {
  expr::Function out;
  out.name = std::move(name);
  out.arguments_min = arguments;
  out.arguments_max = arguments;
  out.cost = cost;
  return out;
}

}  // namespace patuh::rulebook
