// related and referrers: along the relations of an element, and against them.
#include <algorithm>

#include "rulebook/function_parts.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;

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
  return context.fail(expr::ErrorCode::kNoSuchField, "error.no_relation",
                      {types.schema().kind(kind).name, in_quotes(values[1].as_string())});
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

}  // namespace

void add_relations(expr::Environment& environment, const Types& types) {
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
}

}  // namespace patuh::rulebook
