#include "engine/trial.h"

#include <algorithm>
#include <cmath>

#include "engine/sets.h"

namespace patuh::engine {

using expr::Context;
using expr::Value;
using model::AttributeType;
using model::ElementRef;
using model::FieldId;
using model::KindId;

namespace {

constexpr base::Duration kLasts = std::chrono::hours(1);

}  // namespace

// ── The world of a trial ──

TrialWorld::TrialWorld(RegistryWorld& under, const registry::Registry& registry,
                       const model::Schema& schema, ElementRef element, base::Instant now)
    : under_(under),
      registry_(registry),
      kind_(schema.kind(registry.kind_of(element))),
      element_(element),
      now_(now) {}

const expr::Change* TrialWorld::find(FieldId field) const {
  const auto found = std::ranges::find(changes_, field.value, &expr::Change::field);
  return found == changes_.end() ? nullptr : &*found;
}

const expr::Program* TrialWorld::derived_at_apply(FieldId field) const {
  if (is_built_in(field) || kind_.fields[field.value].is_relation()) return nullptr;
  const model::Attribute& attribute = kind_.fields[field.value].attribute();
  return attribute.program && !attribute.derived_on_read ? &*attribute.program : nullptr;
}

// What is computed at apply never reads itself, not through others either: the rulebook sees to it.
bool TrialWorld::is_moved(FieldId field) const {
  if (find(field) != nullptr) return true;
  const expr::Program* const program = derived_at_apply(field);
  return program != nullptr &&
         std::ranges::any_of(program->facts().variable_fields,
                             [&](std::uint16_t read) { return is_moved(FieldId{read}); });
}

Value TrialWorld::absent(FieldId field) const {
  const Value& otherwise = kind_.fields[field.value].attribute().default_value;
  if (!otherwise.is_null()) return otherwise;
  return Value::null({kind_.id.value, element_.value, field.value});
}

Value TrialWorld::select(Context& context, Value object, std::uint16_t number) {
  const FieldId field{number};
  if (!is_own(object) || !is_moved(field)) return under_.select(context, object, number);
  if (const expr::Change* const change = find(field)) {
    return change->value.is_null() ? absent(field) : change->value;
  }
  const Value value = expr::evaluate(*derived_at_apply(field), std::span(&object, 1), context);
  return value.is_null() || value.is_error() ? absent(field) : value;
}

bool TrialWorld::has(Context& context, const Value& object, std::uint16_t number) {
  const FieldId field{number};
  if (!is_own(object) || !is_moved(field)) return under_.has(context, object, number);
  if (const expr::Change* const change = find(field)) return !change->value.is_null();
  return !select(context, object, number).is_null();
}

Value TrialWorld::select_dynamic(Context& context, const Value& object, std::string_view name) {
  const auto field = is_own(object) ? kind_.field_of(name) : std::nullopt;
  if (field && is_moved(*field)) return select(context, object, field->value);
  return under_.select_dynamic(context, object, name);
}

bool TrialWorld::known(Context& context, const Value& object) {
  return under_.known(context, object);
}

Value TrialWorld::related(Context& context, const Value& object, FieldId relation) {
  return under_.related(context, object, relation);
}
Value TrialWorld::referrers(Context& context, const Value& object, KindId from, FieldId relation) {
  return under_.referrers(context, object, from, relation);
}
Value TrialWorld::referrers_any(Context& context, const Value& object, std::string_view relation) {
  return under_.referrers_any(context, object, relation);
}
Value TrialWorld::reach(Context& context, const Value& object, std::string_view relation) {
  return under_.reach(context, object, relation);
}
Value TrialWorld::reach_back(Context& context, const Value& object, KindId from, FieldId relation) {
  return under_.reach_back(context, object, from, relation);
}
Value TrialWorld::members(Context& context, const Value& agency, KindId kind) {
  return under_.members(context, agency, kind);
}
Value TrialWorld::lookup(Context& context, KindId kind, std::string_view id) {
  return under_.lookup(context, kind, id);
}

Value TrialWorld::same(Context& context, const Value& object, FieldId attribute) {
  const KindId kind{static_cast<std::uint16_t>(object.object_kind())};
  if (kind != kind_.id || !is_moved(attribute)) return under_.same(context, object, attribute);
  const Value value = select(context, object, attribute.value);
  if (value.is_null()) return expr::make_list(*context.arena, {});
  const expr::ListRep all = where(context, kind, attribute, value).as_list();
  std::vector<Value> others;
  for (std::uint32_t i = 0; i < all.size; ++i) {
    const Value other = expr::item(all, i);
    if (other.object_index() != object.object_index()) others.push_back(other);
  }
  return expr::make_list(*context.arena, others);
}

// The element leaves the set of its old value and joins that of its new one.
Value TrialWorld::where(Context& context, KindId kind, FieldId attribute, const Value& value) {
  const Value under = under_.where(context, kind, attribute, value);
  if (kind != kind_.id || !is_moved(attribute)) return under;
  const Value self = object_of(registry_, element_);
  std::vector<Value> elements;
  for (std::uint32_t i = 0; i < under.as_list().size; ++i) {
    const Value element = expr::item(under.as_list(), i);
    if (!is_own(element)) elements.push_back(element);
  }
  const Value own = select(context, self, attribute.value);
  if (!own.is_null() && expr::equals(own, value)) {
    const auto behind = std::ranges::find_if(
        elements, [&](const Value& element) { return element.object_index() > element_.value; });
    elements.insert(behind, self);
  }
  return expr::make_list(*context.arena, elements);
}

Value TrialWorld::changed_at(Context& context, const Value& object) {
  const bool moves = std::ranges::any_of(changes_, [&](const expr::Change& change) {
    return !kind_.fields[change.field].attribute().telemetry;
  });
  return is_own(object) && moves ? Value::timestamp(now_) : under_.changed_at(context, object);
}

Value TrialWorld::previous(Context& context, const Value& object, FieldId field) {
  if (!is_own(object) || !is_moved(field)) return under_.previous(context, object, field);
  return registry_.value(element_, field);
}

Value TrialWorld::changes(Context& context, const Value& object, FieldId field,
                          base::Duration span) {
  const Value before = under_.changes(context, object, field, span);
  if (!is_own(object) || !is_moved(field) || context.now - now_ >= span) return before;
  return Value::integer(before.as_int() + 1);
}

// ── What the search asks ──

PairTrial::PairTrial(Judge& judge, const rulebook::RuleBook& book,
                     const registry::Registry& registry, const PairRef& pair, base::Instant now,
                     std::uint64_t budget, const text::Zone& zone)
    : judge_(judge),
      book_(book),
      registry_(registry),
      pair_(pair),
      kind_(book.schema->kind(registry.kind_of(pair.element))),
      now_(now),
      budget_(budget),
      world_(judge.world(), registry, *book.schema, pair.element, now),
      zone_(zone) {
  judge_.world().begin_unnoted(pair);
}

std::vector<const expr::Program*> PairTrial::programs(bool with_when) const {
  const rulebook::Rule& rule = judge_.rule_of(pair_);
  std::vector<const expr::Program*> out = {&*rule.require};
  if (with_when && rule.when) out.push_back(&*rule.when);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const std::uint16_t field : out[i]->facts().variable_fields) {
      if (is_built_in(FieldId{field}) || kind_.fields[field].is_relation()) continue;
      const auto& program = kind_.fields[field].attribute().program;
      if (program && std::ranges::find(out, &*program) == out.end()) out.push_back(&*program);
    }
  }
  return out;
}

bool PairTrial::holds(std::span<const expr::Change> changes) {
  world_.assume(changes);
  const bool held = judge_.would_comply(pair_, now_, world_, budget_) &&
                    judge_.would_comply(pair_, now_ + kLasts, world_, budget_);
  world_.assume({});
  return held;
}

std::optional<Value> PairTrial::settle(std::uint16_t number, const Value& value) {
  const FieldId field{number};
  if (is_built_in(field) || kind_.fields[number].is_relation()) return std::nullopt;
  const model::Attribute& attribute = kind_.fields[number].attribute();
  const auto& source = book_.schema->roles.source;
  const bool engines = source && source->kind == kind_.id && source->last_heard == field;
  if (attribute.is_derived() || engines) return std::nullopt;
  if (value.is_null()) {
    return registry_.has(pair_.element, field) ? std::optional(value) : std::nullopt;
  }
  const auto held = allowed(attribute, attribute.type, value);
  const Value present = registry_.value(pair_.element, field);
  const bool same = held && present.kind() == held->kind() && expr::equals(present, *held);
  return same ? std::nullopt : held;
}

std::optional<Value> PairTrial::allowed(const model::Attribute& attribute, AttributeType type,
                                        const Value& value) const {
  const auto of = [&](expr::Kind kind) {
    return value.kind() == kind ? std::optional(value) : std::nullopt;
  };
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kText: {
      const bool fits = value.kind() == expr::Kind::kString &&
                        (type != attribute.type || value.as_string().size() <= attribute.size_max);
      return fits ? std::optional(value) : std::nullopt;
    }
    case AttributeType::kEnum: {
      const bool listed =
          value.kind() == expr::Kind::kString &&
          std::ranges::find(attribute.values, value.as_string()) != attribute.values.end();
      return listed ? std::optional(value) : std::nullopt;
    }
    case AttributeType::kBool:
      return of(expr::Kind::kBool);
    case AttributeType::kInt:
      return value.kind() == expr::Kind::kInt && attribute.is_in_range(value) ? std::optional(value)
                                                                              : std::nullopt;
    case AttributeType::kNumber:
      return value.kind() == expr::Kind::kDouble && std::isfinite(value.as_double()) &&
                     attribute.is_in_range(value)
                 ? std::optional(value)
                 : std::nullopt;
    case AttributeType::kDate:
    case AttributeType::kDeadline:
      return day(value, type == AttributeType::kDeadline);
    case AttributeType::kTimestamp:
      if (value.kind() != expr::Kind::kTimestamp) return std::nullopt;
      return Value::timestamp(value.as_instant());
    case AttributeType::kAny:
      return of(expr::Kind::kString);
    case AttributeType::kList:
      return list(attribute, value);
    case AttributeType::kMap:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Value> PairTrial::day(const Value& value, bool last) const {
  if (value.kind() != expr::Kind::kTimestamp) return std::nullopt;
  const text::Day at = zone_.day_of(value.as_instant());
  if (!text::parse_day(text::to_text(at))) return std::nullopt;
  return Value::timestamp(last ? zone_.last_of(at) : zone_.first_of(at));
}

std::optional<Value> PairTrial::list(const model::Attribute& attribute, const Value& value) const {
  if (value.kind() != expr::Kind::kList || value.as_list().size > attribute.size_max) {
    return std::nullopt;
  }
  for (std::uint32_t i = 0; i < value.as_list().size; ++i) {
    const Value item = expr::item(value.as_list(), i);
    const auto held = allowed(attribute, attribute.item, item);
    if (!held || !expr::equals(*held, item)) return std::nullopt;
  }
  return value;
}

}  // namespace patuh::engine
