#include "naive_world.h"

#include <algorithm>

namespace patuh::engine::naive {

using expr::Context;
using expr::Value;
using model::ElementRef;
using model::FieldId;
using model::KindId;

namespace {

ElementRef element_of(const Value& object) { return ElementRef{object.object_index()}; }
KindId kind_of(const Value& object) {
  return KindId{static_cast<std::uint16_t>(object.object_kind())};
}

}  // namespace

std::string fact_of(const registry::Registry& registry, ElementRef element, FieldId field) {
  return registry.key_of(element).text() + "." +
         registry.schema().field(registry.kind_of(element), field).name;
}

std::string changed_at_fact(const registry::Registry& registry, ElementRef element) {
  return registry.key_of(element).text() + " changed_at";
}

std::string value_fact(const model::Schema& schema, KindId kind, FieldId attribute,
                       const Value& value) {
  return schema.kind(kind).name + "." + schema.field(kind, attribute).name + "=" +
         expr::to_text(value);
}

void World::note(ElementRef element, FieldId field) {
  if (reads_ != nullptr) reads_->insert(fact_of(registry_, element, field));
}

void World::note_value(KindId kind, FieldId attribute, const Value& value) {
  if (reads_ != nullptr) reads_->insert(value_fact(schema_, kind, attribute, value));
}

Value World::object(ElementRef element) const {
  return Value::object(registry_.kind_of(element).value, element.value);
}

std::vector<ElementRef> World::all(KindId kind) const {
  std::vector<ElementRef> out;
  registry_.for_each(kind, [&](ElementRef element) { out.push_back(element); });
  return out;
}

Value World::list(Context& context, const std::vector<ElementRef>& elements) const {
  std::vector<Value> items;
  for (const ElementRef element : elements) items.push_back(object(element));
  return expr::make_list(*context.arena, items);
}

Value World::select(Context& context, Value object, std::uint16_t number) {
  const FieldId field{number};
  if (field == model::kIdField || field == model::kKindField) {
    return registry_.value(element_of(object), field);
  }
  const model::Field& declared = schema_.field(kind_of(object), field);
  if (declared.is_relation() || !declared.attribute().derived_on_read) {
    note(element_of(object), field);
    return registry_.value(element_of(object), field);
  }
  auto* const trace = std::exchange(context.trace, nullptr);
  Value value = expr::evaluate(*declared.attribute().program, std::span(&object, 1), context);
  context.trace = trace;
  if (value.is_error()) {
    const expr::ErrorRep& error = value.as_error();
    const bool own = !error.has_origin || error.origin.object_index == object.object_index();
    if (error.code != expr::ErrorCode::kMissing || !own) return value;
    value = Value();
  }
  if (!value.is_null()) return value;
  if (!declared.attribute().default_value.is_null()) return declared.attribute().default_value;
  return Value::null({object.object_kind(), object.object_index(), number});
}

bool World::has(Context& context, const Value& object, std::uint16_t number) {
  const FieldId field{number};
  if (field == model::kIdField || field == model::kKindField) return true;
  const model::Field& declared = schema_.field(kind_of(object), field);
  if (declared.is_relation() || !declared.attribute().derived_on_read) {
    note(element_of(object), field);
    return registry_.has(element_of(object), field);
  }
  const Value value = select(context, object, number);
  return !value.is_null() && !value.is_error();
}

Value World::select_dynamic(Context& context, const Value& object, std::string_view name) {
  if (name == "id") return select(context, object, model::kIdField.value);
  if (name == "kind") return select(context, object, model::kKindField.value);
  const auto field = schema_.kind(kind_of(object)).field_of(name);
  if (!field) return context.fail(expr::ErrorCode::kNoSuchField, "error.no_field");
  const model::Field& declared = schema_.field(kind_of(object), *field);
  if (declared.is_relation() && declared.relation().many) {
    return context.fail(expr::ErrorCode::kNoSuchOverload, "error.to_many");
  }
  return select(context, object, field->value);
}

bool World::known(Context&, const Value& object) {
  return registry_.exists(element_of(object)) && !registry_.is_stub(element_of(object));
}

Value World::related(Context& context, const Value& object, FieldId relation) {
  const auto ends = registry_.related(element_of(object), relation);
  return list(context, std::vector<ElementRef>(ends.begin(), ends.end()));
}

bool World::refers(ElementRef from, FieldId relation, ElementRef to) const {
  const auto ends = registry_.related(from, relation);
  return std::find(ends.begin(), ends.end(), to) != ends.end();
}

// Who refers to an element. Of two relations that are each other's inverse the element itself may
// be the one that names the edge; then its end counts even when it was removed.
std::vector<ElementRef> World::who_refers(const Value& object, KindId from,
                                          FieldId relation) const {
  const auto& inverse = schema_.field(from, relation).relation().inverse;
  if (inverse && inverse->first == kind_of(object)) {
    const auto ends = registry_.related(element_of(object), inverse->second);
    return {ends.begin(), ends.end()};
  }
  std::vector<ElementRef> out = all(from);
  std::erase_if(out, [&](ElementRef e) { return !refers(e, relation, element_of(object)); });
  return out;
}

Value World::referrers(Context& context, const Value& object, KindId from, FieldId relation) {
  return list(context, who_refers(object, from, relation));
}

Value World::referrers_any(Context& context, const Value& object, std::string_view relation) {
  std::vector<ElementRef> out;
  for (const model::Kind& kind : schema_.kinds) {
    const auto field = kind.field_of(relation);
    if (!field || !kind.fields[field->value].is_relation()) continue;
    for (const ElementRef one : who_refers(object, kind.id, *field)) out.push_back(one);
  }
  return list(context, out);
}

namespace {

// Rings around the object, each of those next to the ring before that were in none.
template <class Next>
std::vector<Value> rings(const Value& object, const Next& next) {
  std::vector<Value> met;
  std::vector<Value> ring = {object};
  while (!ring.empty()) {
    std::vector<Value> beyond;
    for (const Value& one : ring) {
      for (const Value& neighbour : next(one)) {
        const auto is_it = [&](const Value& other) { return expr::equals(other, neighbour); };
        const bool known = is_it(object) || std::ranges::any_of(met, is_it);
        if (known) continue;
        met.push_back(neighbour);
        beyond.push_back(neighbour);
      }
    }
    ring = std::move(beyond);
  }
  return met;
}

}  // namespace

std::vector<Value> World::objects(const std::vector<ElementRef>& elements) const {
  std::vector<Value> out;
  for (const ElementRef element : elements) out.push_back(object(element));
  return out;
}

Value World::reach(Context& context, const Value& start, std::string_view relation) {
  const auto next = [&](const Value& from) {
    const auto field = schema_.kind(kind_of(from)).field_of(relation);
    if (!field || !schema_.field(kind_of(from), *field).is_relation()) return std::vector<Value>();
    const auto ends = registry_.related(element_of(from), *field);
    return objects({ends.begin(), ends.end()});
  };
  return expr::make_list(*context.arena, rings(start, next));
}

Value World::reach_back(Context& context, const Value& start, KindId from, FieldId relation) {
  const auto next = [&](const Value& to) { return objects(who_refers(to, from, relation)); };
  return expr::make_list(*context.arena, rings(start, next));
}

Value World::where(Context& context, KindId kind, FieldId attribute, const Value& value) {
  if (value.is_null()) return list(context, {});
  note_value(kind, attribute, value);
  std::vector<ElementRef> out = all(kind);
  std::erase_if(out, [&](ElementRef element) {
    const Value theirs = registry_.value(element, attribute);
    return theirs.is_null() || !expr::equals(theirs, value);
  });
  return list(context, out);
}

Value World::same(Context& context, const Value& object, FieldId attribute) {
  const Value own = registry_.value(element_of(object), attribute);
  note(element_of(object), attribute);
  if (own.is_null()) return list(context, {});
  note_value(kind_of(object), attribute, own);
  std::vector<ElementRef> out = all(kind_of(object));
  std::erase_if(out, [&](ElementRef element) {
    const Value theirs = registry_.value(element, attribute);
    return element == element_of(object) || theirs.is_null() || !expr::equals(theirs, own);
  });
  return list(context, out);
}

Value World::members(Context& context, const Value& agency, KindId kind) {
  std::vector<ElementRef> out = all(kind);
  std::erase_if(out, [&](ElementRef e) { return registry_.agency_of(e) != element_of(agency); });
  return list(context, out);
}

Value World::lookup(Context&, KindId kind, std::string_view id) {
  for (const ElementRef element : all(kind)) {
    if (registry_.id_of(element) == id) return object(element);
  }
  return {};
}

Value World::changed_at(Context&, const Value& object) {
  if (reads_ != nullptr) reads_->insert(changed_at_fact(registry_, element_of(object)));
  return Value::timestamp(registry_.changed_at(element_of(object)));
}

Value World::previous(Context&, const Value& object, FieldId attribute) {
  note(element_of(object), attribute);
  const auto found = past_->find(fact_of(registry_, element_of(object), attribute));
  if (found != past_->end() && !found->second.before.is_null()) return found->second.before;
  return Value::null({object.object_kind(), object.object_index(), attribute.value});
}

Value World::changes(Context& context, const Value& object, FieldId attribute,
                     base::Duration span) {
  note(element_of(object), attribute);
  const auto found = past_->find(fact_of(registry_, element_of(object), attribute));
  if (found == past_->end()) return Value::integer(0);
  return Value::integer(std::ranges::count_if(
      found->second.changes, [&](base::Instant at) { return context.now - at < span; }));
}

}  // namespace patuh::engine::naive
