// reach: along a relation from element to element, or against it, as far as it goes.
#include <algorithm>

#include "rulebook/function_parts.h"

namespace patuh::rulebook {
namespace {

using expr::Context;
using expr::Resolved;
using expr::Type;
using expr::Value;

constexpr char kBackward = '^';

struct Way {
  KindId kind;
  FieldId relation;
};

std::optional<FieldId> relation_named(const model::Kind& kind, std::string_view name) {
  const auto field = kind.field_of(name);
  if (!field || !kind.fields[field->value].is_relation()) return std::nullopt;
  return field;
}

// "^kind.relation".
std::optional<Way> backward_way(const model::Schema& schema, std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto kind = schema.kind_of(text.substr(1, dot - 1));
  if (!kind) return std::nullopt;
  const auto field = relation_named(schema.kind(*kind), text.substr(dot + 1));
  if (!field) return std::nullopt;
  return Way{*kind, *field};
}

// The kinds of all that can be met forward from a kind; empty when any kind can.
std::vector<KindId> met_forward(const model::Schema& schema, KindId from, std::string_view name) {
  std::vector<KindId> met;
  std::vector<KindId> open = {from};
  while (!open.empty()) {
    const KindId kind = open.back();
    open.pop_back();
    const auto field = relation_named(schema.kind(kind), name);
    if (!field) continue;
    const std::vector<KindId>& to = schema.field(kind, *field).relation().to;
    if (to.empty()) return {};
    for (const KindId end : to) {
      if (std::ranges::find(met, end) != met.end()) continue;
      met.push_back(end);
      open.push_back(end);
    }
  }
  return met;
}

Resolved of_kind(const model::Schema& schema, const std::vector<KindId>& kinds,
                 std::uint64_t bound) {
  const std::string name = kinds.size() == 1 ? schema.kind(kinds[0]).name : std::string(kAnyKind);
  return resolved(Type::list(Type::object(name)), bound, kReachMax);
}

Resolved resolve_backward(const model::Schema& schema, std::optional<KindId> start,
                          std::string_view text) {
  const auto way = backward_way(schema, text);
  if (!way) {
    return refuse(1, "there is no relation " + in_quotes(text.substr(1)),
                  "backward: '^kind.relation', the relation that points here");
  }
  const auto& to = schema.field(way->kind, way->relation).relation().to;
  if (start && !to.empty() && std::ranges::find(to, *start) == to.end()) {
    return refuse(1, std::string(text.substr(1)) + " never points at " + schema.kind(*start).name);
  }
  return of_kind(schema, {way->kind}, bind(way->kind, way->relation));
}

Resolved resolve_reach(const SchemaTypes& types, Arguments arguments) {
  if (auto refused = refuse_no_object("reach", arguments[0])) return *refused;
  const auto name = literal(arguments, 1);
  if (!name || name->empty()) {
    return refuse(1, "reach takes a relation's name, a constant string");
  }
  const model::Schema& schema = types.schema();
  const auto kind = known_kind(types, arguments[0].type);
  if (name->front() == kBackward) return resolve_backward(schema, kind, *name);
  if (!kind) return of_kind(schema, {}, kByName);
  if (!relation_named(schema.kind(*kind), *name)) {
    return refuse(1, schema.kind(*kind).name + " has no relation " + in_quotes(*name),
                  toml::suggestion(*name, names_of(schema.kind(*kind), true)));
  }
  return of_kind(schema, met_forward(schema, *kind, *name), kByName);
}

Value call_reach(Context& context, std::uint64_t bound, Values values) {
  if (auto wrong = no_object(context, values[0])) return *wrong;
  World& world = world_of(context);
  if (bound == kByName) return world.reach(context, values[0], values[1].as_string());
  return world.reach_back(context, values[0], kind_in(bound), field_in(bound));
}

}  // namespace

void add_reach(expr::Environment& environment, const Types& types) {
  // Declared is what the longest way may cost, so that no expression comes out dearer than its
  // bound.
  expr::Function reach = function("reach", 2, kReachMax + kReachEdgesMax);
  reach.resolve = [types](Arguments a) { return resolve_reach(*types, a); };
  reach.call = call_reach;
  environment.add_function(std::move(reach));
}

}  // namespace patuh::rulebook
