#include "random_events.h"

#include <chrono>

namespace patuh::engine::naive {

using expr::Value;
using model::AttributeType;
using model::FieldId;
using std::chrono::hours;

model::ChangeEvent RandomEvents::next(const rulebook::RuleBook& book, base::Instant now) {
  if (last_ && dice_.percent(4)) return *last_;
  if (!held_back_.empty() && dice_.percent(30)) {
    model::ChangeEvent late = std::move(held_back_.back());
    held_back_.pop_back();
    return late;
  }
  model::ChangeEvent event = fresh(book, now);
  if (dice_.percent(8)) {
    held_back_.push_back(std::move(event));
    event = fresh(book, now);
  }
  last_ = event;
  return event;
}

model::ChangeEvent RandomEvents::patch_of(const rulebook::RuleBook& book,
                                          const model::ElementKey& element, FieldId field,
                                          base::Instant now) {
  const model::Kind& kind = book.schema->kind(*book.schema->kind_of(element.kind));
  model::ChangeEvent event;
  event.arena = std::make_shared<expr::Arena>();
  event.source = "s0";
  event.id = "id" + std::to_string(++made_);
  event.version = made_;
  event.time = now;
  event.kind = kind.id;
  event.element_id = element.id;
  event.operation = model::Operation::kPatch;
  if (auto change = change_of(book, kind, field, now, *event.arena)) {
    event.fields.push_back(std::move(*change));
  }
  return event;
}

void RandomEvents::forget() {
  held_back_.clear();
  last_.reset();
}

std::string RandomEvents::id_of(const model::Kind& kind) {
  if (kind.name == "dinas") return "e" + std::to_string(dice_.below(3));
  if (kind.name == "sumber") return "s" + std::to_string(dice_.below(3));
  return "e" + std::to_string(dice_.below(5));
}

model::ChangeEvent RandomEvents::fresh(const rulebook::RuleBook& book, base::Instant now) {
  const model::Schema& schema = *book.schema;
  // Most of what happens, happens to plain kinds.
  const std::size_t first = dice_.percent(75) ? kFirst : 0;
  const model::Kind& kind = dice_.percent(10)
                                ? schema.kind(schema.roles.waiver->kind)
                                : schema.kinds[first + dice_.below(schema.kinds.size() - first)];
  waived_ = pack_.some_rule();
  model::ChangeEvent event;
  event.arena = std::make_shared<expr::Arena>();
  event.source = "s" + std::to_string(dice_.below(3));
  event.id = "id" + std::to_string(++made_);
  event.version = made_;
  event.time = now - hours(dice_.below(3));
  event.kind = kind.id;
  event.element_id = id_of(kind);
  const std::size_t choice = dice_.below(100);
  event.operation = choice < 45   ? model::Operation::kUpsert
                    : choice < 85 ? model::Operation::kPatch
                                  : model::Operation::kRemove;
  if (event.operation == model::Operation::kRemove) return event;
  event.through_deployment = kind.name == "rilis" && dice_.percent(70);
  const std::size_t chance = event.operation == model::Operation::kUpsert ? 70 : 25;
  for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
    if (!dice_.percent(chance)) continue;
    auto change = change_of(book, kind, FieldId{i}, now, *event.arena);
    if (change) event.fields.push_back(std::move(*change));
  }
  return event;
}

std::optional<model::FieldChange> RandomEvents::change_of(const rulebook::RuleBook& book,
                                                          const model::Kind& kind, FieldId field,
                                                          base::Instant now, expr::Arena& arena) {
  const model::Field& declared = kind.fields[field.value];
  model::FieldChange change{.field = field, .value = {}, .ends = {}};
  if (!declared.is_relation()) {
    if (declared.attribute().is_derived()) return std::nullopt;
    // Most waivers are granted, and many have begun.
    const bool begun = kind.name == "izin" && declared.name == "dari" && dice_.percent(40);
    if (!begun && !dice_.percent(12)) change.value = value_of(declared, now, arena);
    return change;
  }
  const model::Relation& relation = declared.relation();
  const std::size_t most = relation.many ? 4 : 1;
  const std::size_t count = dice_.percent(12) ? 0 : 1 + dice_.below(most);
  const auto ends = arena.make_array<model::NamedElement>(count);
  for (model::NamedElement& end : ends) {
    const model::Kind& to = end_kind(*book.schema, kind, relation);
    end = {arena.copy(to.name), arena.copy(id_of(to))};
  }
  change.ends = ends;
  return change;
}

// Waivers mostly speak of what their rule judges.
const model::Kind& RandomEvents::end_kind(const model::Schema& schema, const model::Kind& kind,
                                          const model::Relation& relation) {
  if (!relation.to.empty()) return schema.kind(dice_.pick(relation.to));
  if (kind.name == "izin" && dice_.percent(70)) return schema.kind(*schema.kind_of(waived_.kind));
  return schema.kinds[kFirst + dice_.below(schema.kinds.size() - kFirst)];
}

Value RandomEvents::time_of(const model::Attribute& attribute, base::Instant now) {
  const base::Instant day = std::chrono::floor<std::chrono::days>(now);
  const base::Instant at = day + hours(6) * dice_.between(-16, 24);
  if (attribute.type != AttributeType::kDeadline) return Value::timestamp(at);
  return Value::timestamp(std::chrono::floor<std::chrono::days>(at) + hours(24) -
                          base::Duration(1));
}

Value RandomEvents::value_of(const model::Field& field, base::Instant now, expr::Arena& arena) {
  const model::Attribute& attribute = field.attribute();
  switch (attribute.type) {
    case AttributeType::kBool:
      return Value::boolean(dice_.percent(50));
    case AttributeType::kInt:
      return Value::integer(dice_.between(0, 4));
    case AttributeType::kTimestamp:
    case AttributeType::kDate:
    case AttributeType::kDeadline:
      return time_of(attribute, now);
    case AttributeType::kEnum:
      if (field.name == "status" && dice_.percent(60)) return Value::string("ya");
      return Value::string(arena.copy(dice_.pick(attribute.values)));
    case AttributeType::kList: {
      std::vector<Value> items;
      const std::size_t count = dice_.below(4);
      for (std::size_t i = 0; i < count; ++i) {
        items.push_back(Value::string(dice_.pick({"a", "b", "c"})));
      }
      return expr::make_list(arena, items);
    }
    case AttributeType::kAny:
      return dice_.percent(80) ? Value::boolean(dice_.percent(50)) : Value::integer(7);
    case AttributeType::kText:
      if (field.name == "q") return Value::string(attribute.size_max > 2 ? "abc" : "a");
      // a waiver's condition
      if (dice_.percent(50)) return Value::string("");
      return Value::string(arena.copy(dice_.percent(30) ? "self.no_such &&" : pack_.condition()));
    default:
      break;
  }
  if (field.name == "aturan") return Value::string(arena.copy(waived_.id));
  return Value::string(dice_.pick({"a", "a", "b", "c", "e1"}));
}

std::string text_of(const model::ChangeEvent& event, const model::Schema& schema) {
  const model::Kind& kind = schema.kind(event.kind);
  std::string out = std::string(model::name_of(event.operation)) + " " + kind.name + "/" +
                    event.element_id + " by " + event.source + " v" + std::to_string(event.version);
  for (const model::FieldChange& change : event.fields) {
    const model::Field& field = kind.fields[change.field.value];
    out += " " + field.name + "=";
    if (!field.is_relation()) {
      out += expr::to_text(change.value);
      continue;
    }
    out += "[";
    for (const model::NamedElement& end : change.ends) {
      out.append(end.kind).append("/").append(end.id) += " ";
    }
    out += "]";
  }
  return out;
}

}  // namespace patuh::engine::naive
