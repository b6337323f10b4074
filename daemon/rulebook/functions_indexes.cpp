// same and where: what indexes answer.
#include <variant>

#include "rulebook/function_parts.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;

// The field that an index answers for: an indexed attribute or a single relation.
std::variant<FieldId, Resolved> indexed_field(const model::Kind& kind, std::size_t argument,
                                              std::string_view name) {
  const auto field = kind.field_of(name);
  if (!field) {
    return refuse(argument, kind.name + " has no attribute " + in_quotes(name),
                  toml::suggestion(name, names_of(kind, false)));
  }
  const model::Field& found = kind.fields[field->value];
  if (found.is_relation()) {
    if (!found.relation().many) return *field;
    return refuse(argument, in_quotes(name) + " of " + kind.name + " is a relation of many ends",
                  "related(…) and referrers(…) follow it");
  }
  if (!found.attribute().indexed) {
    return refuse(argument, in_quotes(name) + " of " + kind.name + " has no index",
                  "add index = true to the attribute in schema.toml");
  }
  return *field;
}

Resolved resolve_same(const SchemaTypes& types, Arguments arguments) {
  if (auto refused = refuse_no_object("same", arguments[0])) return *refused;
  const auto name = literal(arguments, 1);
  if (!name) return refuse(1, "same takes an attribute's name, a constant string");
  const auto kind = known_kind(types, arguments[0].type);
  if (!kind) return refuse(0, "same needs an element whose kind is known");
  const auto field = indexed_field(types.schema().kind(*kind), 1, *name);
  if (const auto* const refused = std::get_if<Resolved>(&field)) return *refused;
  return resolved(Type::list(arguments[0].type), bind(*kind, std::get<FieldId>(field)), kSetMax);
}

Value call_same(Context& context, std::uint64_t bound, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  return world_of(context).same(context, values[0], field_in(bound));
}

bool may_equal(const Type& a, const Type& b) {
  const auto is_number = [](const Type& type) {
    return type.of() == Type::Of::kInt || type.of() == Type::Of::kUint ||
           type.of() == Type::Of::kDouble;
  };
  if (is_dyn(a) || is_dyn(b) || b.of() == Type::Of::kNull) return true;
  if (is_object(a) && is_object(b)) {
    return a == b || a.object_name() == kAnyKind || b.object_name() == kAnyKind;
  }
  return a == b || (is_number(a) && is_number(b));
}

Resolved resolve_where(const SchemaTypes& types, Arguments arguments) {
  const auto kind_name = literal(arguments, 0);
  if (!kind_name) return refuse(0, "where takes a kind's name, a constant string");
  const auto name = literal(arguments, 1);
  if (!name) return refuse(1, "where takes an attribute's name, a constant string");
  const model::Schema& schema = types.schema();
  const auto kind = schema.kind_of(*kind_name);
  if (!kind) return unknown_kind(types, 0, *kind_name);
  const auto field = indexed_field(schema.kind(*kind), 1, *name);
  if (const auto* const refused = std::get_if<Resolved>(&field)) return *refused;
  const FieldId id = std::get<FieldId>(field);
  const Type wanted = type_of(schema, schema.field(*kind, id));
  if (!may_equal(wanted, arguments[2].type)) {
    return refuse(2, in_quotes(*name) + " of " + std::string(*kind_name) + " is " + wanted.text() +
                         " and never equals " + arguments[2].type.text());
  }
  return resolved(Type::list(Type::object(std::string(*kind_name))), bind(*kind, id), kSetMax);
}

Value call_where(Context& context, std::uint64_t bound, Values values) {
  return world_of(context).where(context, kind_in(bound), field_in(bound), values[2]);
}

}  // namespace

void add_indexes(expr::Environment& environment, const Types& types) {
  expr::Function same = function("same", 2, 3);
  same.resolve = [types](Arguments a) { return resolve_same(*types, a); };
  same.call = call_same;
  environment.add_function(std::move(same));

  expr::Function where = function("where", 3, 3);
  where.resolve = [types](Arguments a) { return resolve_where(*types, a); };
  where.call = call_where;
  environment.add_function(std::move(where));
}

}  // namespace patuh::rulebook
