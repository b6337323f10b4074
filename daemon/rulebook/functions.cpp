#include "rulebook/functions.h"

#include <algorithm>
#include <array>

#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using expr::Argument;
using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;
using Types = std::shared_ptr<const SchemaTypes>;
using Arguments = std::span<const Argument>;
using Values = std::span<const Value>;

// `bound` carries a kind and a field, or says that they are looked up by name at run time, where
// the checker did not know the object's kind.
constexpr std::uint64_t kByName = UINT64_MAX;
std::uint64_t bind(KindId kind, FieldId field) {
  return (std::uint64_t{kind.value} << 16U) | field.value;
}
KindId kind_in(std::uint64_t bound) {
  return KindId(static_cast<std::uint16_t>((bound >> 16U) & 0xFFFFU));
}
FieldId field_in(std::uint64_t bound) {
  return FieldId(static_cast<std::uint16_t>(bound & 0xFFFFU));
}

World& world_of(Context& context) {
  PATUH_ASSERT(context.host != nullptr);
  return static_cast<World&>(*context.host);
}

Resolved refuse(std::size_t argument, std::string error, std::string hint = "") {
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

// The constant string at `index`; nothing for anything else.
std::optional<std::string_view> literal(Arguments arguments, std::size_t index) {
  const std::optional<Value>& value = arguments[index].literal;
  if (!value || value->kind() != expr::Kind::kString) return std::nullopt;
  return value->as_string();
}

bool is_object(const Type& type) { return type.of() == Type::Of::kObject; }
bool is_dyn(const Type& type) { return type.of() == Type::Of::kDyn; }

// The kind of an object the checker knows; nothing for dyn and for an object of any kind.
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

Resolved unknown_relation(const model::Kind& kind, std::size_t argument, std::string_view name) {
  const auto field = kind.field_of(name);
  if (field) {
    return refuse(argument, in_quotes(name) + " of " + kind.name + " is an attribute, no relation");
  }
  return refuse(argument, kind.name + " has no relation " + in_quotes(name),
                toml::suggestion(name, names_of(kind, true)));
}

std::optional<FieldId> relation_of(const model::Kind& kind, std::string_view name) {
  const auto field = kind.field_of(name);
  if (!field || !kind.fields[field->value].is_relation()) return std::nullopt;
  return field;
}

bool points_at(const model::Relation& relation, std::optional<KindId> kind) {
  return !kind || relation.to.empty() || std::ranges::find(relation.to, *kind) != relation.to.end();
}

std::string not_a(std::string_view function, std::string_view wanted, const Type& type) {
  return std::string(function) + " takes " + std::string(wanted) + " here, not " + type.text();
}

// An argument that must be an element; an empty answer means that it may be one.
std::optional<Resolved> refuse_no_object(std::string_view function, const Argument& argument) {
  if (is_object(argument.type) || is_dyn(argument.type)) return std::nullopt;
  return refuse(0, not_a(function, "an element", argument.type));
}

std::optional<Value> no_object(Context& context, const Value& value) {
  if (value.kind() == expr::Kind::kObject) return std::nullopt;
  return context.fail(expr::ErrorCode::kNoSuchOverload, "an element is needed here");
}

// ── related(element, 'relation') ──

Resolved resolve_related(const SchemaTypes& types, Arguments arguments) {
  if (auto refused = refuse_no_object("related", arguments[0])) return *refused;
  const auto name = literal(arguments, 1);
  if (!name) return refuse(1, "related takes a relation's name, a constant string");
  const model::Schema& schema = types.schema();
  const auto kind = known_kind(types, arguments[0].type);
  if (!kind) {
    const bool anywhere = std::ranges::any_of(schema.kinds, [&](const model::Kind& each) {
      return relation_of(each, *name).has_value();
    });
    if (!anywhere) return refuse(1, "no kind has a relation " + in_quotes(*name));
    return resolved(Type::list(Type::object(std::string(kAnyKind))), kByName, kSetMax);
  }
  const auto field = relation_of(schema.kind(*kind), *name);
  if (!field) return unknown_relation(schema.kind(*kind), 1, *name);
  const model::Relation& relation = schema.field(*kind, *field).relation();
  return resolved(Type::list(end_type(schema, relation)), bind(*kind, *field), relation.size_max);
}

Value call_related(const SchemaTypes& types, Context& context, std::uint64_t bound, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  const KindId kind(static_cast<std::uint16_t>(values[0].object_kind()));
  if (bound != kByName) return world_of(context).related(context, values[0], field_in(bound));
  const auto field = relation_of(types.schema().kind(kind), values[1].as_string());
  if (field) return world_of(context).related(context, values[0], *field);
  return context.fail(
      expr::ErrorCode::kNoSuchField,
      types.schema().kind(kind).name + " has no relation " + in_quotes(values[1].as_string()));
}

// ── referrers(element, 'kind' or '*', 'relation') ──

Resolved resolve_referrers_any(const SchemaTypes& types, std::optional<KindId> target,
                               std::string_view name) {
  bool found = false;
  for (const model::Kind& kind : types.schema().kinds) {
    const auto field = relation_of(kind, name);
    found = found || (field && points_at(kind.fields[field->value].relation(), target));
  }
  if (!found) return refuse(2, "no kind has a relation " + in_quotes(name) + " that points here");
  return resolved(Type::list(Type::object(std::string(kAnyKind))), kByName, kSetMax);
}

Resolved resolve_referrers(const SchemaTypes& types, Arguments arguments) {
  if (auto refused = refuse_no_object("referrers", arguments[0])) return *refused;
  const auto from = literal(arguments, 1);
  if (!from) return refuse(1, "referrers takes a kind's name or '*', a constant string");
  const auto name = literal(arguments, 2);
  if (!name) return refuse(2, "referrers takes a relation's name, a constant string");
  const model::Schema& schema = types.schema();
  const auto target = known_kind(types, arguments[0].type);
  if (*from == kAnyKind) return resolve_referrers_any(types, target, *name);
  const auto kind = schema.kind_of(*from);
  if (!kind) return unknown_kind(types, 1, *from);
  const auto field = relation_of(schema.kind(*kind), *name);
  if (!field) return unknown_relation(schema.kind(*kind), 2, *name);
  if (!points_at(schema.field(*kind, *field).relation(), target)) {
    return refuse(2, std::string(*from) + "." + std::string(*name) + " never points at " +
                         schema.kind(*target).name);
  }
  return resolved(Type::list(Type::object(std::string(*from))), bind(*kind, *field),
                  schema.field(*kind, *field).relation().referrers_max);
}

Value call_referrers(Context& context, std::uint64_t bound, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  World& world = world_of(context);
  if (bound == kByName) return world.referrers_any(context, values[0], values[2].as_string());
  return world.referrers(context, values[0], kind_in(bound), field_in(bound));
}

// ── same(element, 'attribute') and where('kind', 'attribute', value) ──

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
  if (!agency) return context.fail(expr::ErrorCode::kNoSuchOverload, "an agency is needed here");
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
    return context.fail(expr::ErrorCode::kNoSuchOverload, "an id, a string, is needed here");
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

expr::Function function(std::string name, std::size_t arguments, std::uint32_t cost) {
  expr::Function out;
  out.name = std::move(name);
  out.arguments_min = arguments;
  out.arguments_max = arguments;
  out.cost = cost;
  return out;
}

void add_sets(expr::Environment& environment, const Types& types) {
  expr::Function related = function("related", 2, 2);
  related.resolve = [types](Arguments a) { return resolve_related(*types, a); };
  related.call = [types](Context& c, std::uint64_t b, Values v) {
    return call_related(*types, c, b, v);
  };
  environment.add_function(std::move(related));

  expr::Function referrers = function("referrers", 3, 2);
  referrers.resolve = [types](Arguments a) { return resolve_referrers(*types, a); };
  referrers.call = call_referrers;
  environment.add_function(std::move(referrers));

  expr::Function same = function("same", 2, 3);
  same.resolve = [types](Arguments a) { return resolve_same(*types, a); };
  same.call = call_same;
  environment.add_function(std::move(same));

  expr::Function where = function("where", 3, 3);
  where.resolve = [types](Arguments a) { return resolve_where(*types, a); };
  where.call = call_where;
  environment.add_function(std::move(where));

  expr::Function members = function("members", 2, 2);
  members.resolve = [types](Arguments a) { return resolve_members(*types, a); };
  members.call = [types](Context& c, std::uint64_t b, Values v) {
    return call_members(*types, c, b, v);
  };
  environment.add_function(std::move(members));
}

}  // namespace

void add_world(expr::Environment& environment, std::shared_ptr<const SchemaTypes> types) {
  add_sets(environment, types);

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
