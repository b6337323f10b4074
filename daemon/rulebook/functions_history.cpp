// previous(self.x) and changes(self.x, span): what an attribute was, and how often it changed. The
// language hands over the element and the attribute's name in place of the value.
#include "rulebook/function_parts.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;
using model::AttributeType;

bool is_single(AttributeType type) {
  return type != AttributeType::kList && type != AttributeType::kMap && type != AttributeType::kAny;
}

// The attribute, or why its past cannot be asked for.
Resolved resolve_attribute(const SchemaTypes& types, std::string_view function,
                           Arguments arguments) {
  const auto kind = known_kind(types, arguments[0].type);
  const auto name = literal(arguments, 1);
  if (!kind || !name) {
    return refuse(0, std::string(function) + " takes an attribute of an element of one kind",
                  std::string(function) + "(self.x…)");
  }
  const model::Kind& of = types.schema().kind(*kind);
  const auto field = of.field_of(*name);
  if (!field) {
    return refuse(0, of.name + " has no attribute " + in_quotes(*name),
                  toml::suggestion(*name, names_of(of, false)));
  }
  const model::Field& declared = of.fields[field->value];
  if (declared.is_relation() || !is_single(declared.attribute().type)) {
    return refuse(0, std::string(function) + " takes an attribute of a single value; " +
                         in_quotes(*name) + " is none");
  }
  if (declared.attribute().derived_on_read) {
    return refuse(0, in_quotes(*name) + " is computed where it is read, so it has no past");
  }
  return resolved(types.field(of.name, *name)->type, bind(*kind, *field), 0);
}

Resolved resolve_changes(const SchemaTypes& types, Arguments arguments) {
  Resolved out = resolve_attribute(types, "changes", arguments);
  if (!out.error.empty()) return out;
  const Type& span = arguments[2].type;
  if (span.of() != Type::Of::kDuration && !is_dyn(span)) {
    return refuse(2, not_a("changes", "a duration", span), "changes(self.x, days(30))");
  }
  out.result = Type::integer();
  return out;
}

Value call_changes(Context& context, std::uint64_t bound, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  if (values[2].kind() != expr::Kind::kDuration) {
    return context.fail(expr::ErrorCode::kNoSuchOverload, "error.not_span");
  }
  return world_of(context).changes(context, values[0], field_in(bound), values[2].as_duration());
}

}  // namespace

void add_history(expr::Environment& environment, const Types& types) {
  expr::Function previous = function("previous", 2, 2);
  previous.resolve = [types](Arguments a) { return resolve_attribute(*types, "previous", a); };
  previous.call = [](Context& c, std::uint64_t bound, Values v) {
    if (auto wrong = no_object(c, v[0])) return *wrong;
    return world_of(c).previous(c, v[0], field_in(bound));
  };
  environment.add_function(std::move(previous));

  expr::Function changes = function("changes", 3, 2 + kChangesMax);
  changes.resolve = [types](Arguments a) { return resolve_changes(*types, a); };
  changes.call = call_changes;
  environment.add_function(std::move(changes));
}

}  // namespace patuh::rulebook
