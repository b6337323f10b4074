#include "rulebook/functions.h"

#include "rulebook/function_parts.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;

// ── members(agency, 'kind') and lookup('kind', id) ──

Resolved resolve_members(const SchemaTypes& types, Arguments arguments) {
  const model::Schema& schema = types.schema();
  if (!schema.roles.agency) return refuse(0, "the schema has no [roles.agency]");
  if (auto refused = refuse_no_object("members", arguments[0])) return *refused;
  const auto owner = known_kind(types, arguments[0].type);
  const std::string& agency = schema.kind(schema.roles.agency->kind).name;
  if (owner && *owner != schema.roles.agency->kind) {
    return refuse(0, not_a("members", "an agency (" + agency + ")", arguments[0].type));
  }
  const auto name = literal(arguments, 1);
  if (!name) return refuse(1, "members takes a kind's name, a constant string");
  const auto kind = schema.kind_of(*name);
  if (!kind) return unknown_kind(types, 1, *name);
  return resolved(Type::list(Type::object(std::string(*name))), bind(*kind, FieldId()), kSetMax);
}

Value call_members(const SchemaTypes& types, Context& context, std::uint64_t bound, Values values) {
  const bool agency = values[0].kind() == expr::Kind::kObject &&
                      values[0].object_kind() == types.schema().roles.agency->kind.value;
  if (!agency) return context.fail(expr::ErrorCode::kNoSuchOverload, "error.not_agency");
  return world_of(context).members(context, values[0], kind_in(bound));
}

Resolved resolve_lookup(const SchemaTypes& types, Arguments arguments) {
  const auto name = literal(arguments, 0);
  if (!name) return refuse(0, "lookup takes a kind's name, a constant string");
  const auto kind = types.schema().kind_of(*name);
  if (!kind) return unknown_kind(types, 0, *name);
  const Type& id = arguments[1].type;
  if (id.of() != Type::Of::kString && !is_dyn(id)) {
    return refuse(1, not_a("lookup", "an id, a string,", id));
  }
  return resolved(Type::object(std::string(*name)), bind(*kind, FieldId()), 0);
}

Value call_lookup(Context& context, std::uint64_t bound, Values values) {
  if (values[1].kind() != expr::Kind::kString) {
    return context.fail(expr::ErrorCode::kNoSuchOverload, "error.not_id");
  }
  return world_of(context).lookup(context, kind_in(bound), values[1].as_string());
}

// ── known(element) and changed_at(element) ──

Resolved resolve_known(Arguments arguments) {
  if (arguments[0].type.of() == Type::Of::kNull) return resolved(Type::boolean(), 0, 0);
  if (auto refused = refuse_no_object("known", arguments[0])) return *refused;
  return resolved(Type::boolean(), 0, 0);
}

Value call_known(Context& context, Values values) {
  if (values[0].is_null()) return Value::boolean(false);
  if (auto wrong = no_object(context, values[0])) return *wrong;
  return Value::boolean(world_of(context).known(context, values[0]));
}

Resolved resolve_changed_at(Arguments arguments) {
  if (auto refused = refuse_no_object("changed_at", arguments[0])) return *refused;
  return resolved(Type::timestamp(), 0, 0);
}

Value call_changed_at(Context& context, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  return world_of(context).changed_at(context, values[0]);
}

}  // namespace

void add_world(expr::Environment& environment, std::shared_ptr<const SchemaTypes> types) {
  add_relations(environment, types);
  add_reach(environment, types);
  add_history(environment, types);
  add_indexes(environment, types);

  expr::Function members = function("members", 2, 2);
  members.resolve = [types](Arguments a) { return resolve_members(*types, a); };
  members.call = [types](Context& c, std::uint64_t b, Values v) {
    return call_members(*types, c, b, v);
  };
  environment.add_function(std::move(members));

  expr::Function lookup = function("lookup", 2, 3);
  lookup.resolve = [types](Arguments a) { return resolve_lookup(*types, a); };
  lookup.call = call_lookup;
  environment.add_function(std::move(lookup));

  expr::Function known = function("known", 1, 1);
  known.takes_null = true;
  known.resolve = resolve_known;
  known.call = [](Context& c, std::uint64_t, Values v) { return call_known(c, v); };
  environment.add_function(std::move(known));

  expr::Function changed_at = function("changed_at", 1, 1);
  changed_at.resolve = resolve_changed_at;
  changed_at.call = [](Context& c, std::uint64_t, Values v) { return call_changed_at(c, v); };
  environment.add_function(std::move(changed_at));
}

}  // namespace patuh::rulebook
