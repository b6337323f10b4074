#include "registry/layout.h"

#include <algorithm>

namespace patuh::registry {
namespace {

using model::AttributeType;

FieldPlan plan_of_attribute(const model::Attribute& attribute) {
  FieldPlan plan;
  plan.telemetry = attribute.telemetry;
  plan.shared = attribute.type == AttributeType::kEnum || attribute.indexed;
  plan.derived = attribute.is_derived();
  plan.default_value = attribute.default_value;
  if (plan.derived && !attribute.derived_on_read && attribute.program) {
    plan.program = &*attribute.program;
  }
  return plan;
}

// An inverse is one edge with two names: each end must name the other, and no kind beside.
void check_inverse(const model::Schema& schema, KindId kind, FieldId field) {
  const model::Relation& relation = schema.field(kind, field).relation();
  const auto [other_kind, other_field] = *relation.inverse;
  PATUH_ASSERT(relation.to == std::vector{other_kind});
  PATUH_ASSERT(schema.field(other_kind, other_field).is_relation());
  PATUH_ASSERT(schema.field(other_kind, other_field).relation().inverse == std::pair(kind, field));
}

// Depth first: a derived attribute comes after those that it reads. (A circle, which the rulebook
// refuses, ends where it began.)
void order_derived(const KindPlan& kind, FieldId field, std::vector<bool>& met,
                   std::vector<FieldId>& order) {
  if (met[field.value]) return;
  met[field.value] = true;
  for (const std::uint16_t read : kind.fields[field.value].program->facts().variable_fields) {
    if (read < kind.fields.size() && kind.fields[read].program != nullptr) {
      order_derived(kind, FieldId(read), met, order);
    }
  }
  order.push_back(field);
}

void order_all_derived(KindPlan& kind) {
  std::vector<bool> met(kind.fields.size());
  for (std::uint16_t field = 0; field < kind.fields.size(); ++field) {
    if (kind.fields[field].program != nullptr) {
      order_derived(kind, FieldId(field), met, kind.derived);
    }
  }
}

// What is computed from more than the element's own fields is computed at each event; and who the
// agencies are is settled anew with each event of theirs.
void note_derived(KindPlan& kind) {
  kind.restates = !kind.is_agency;
  for (const FieldId field : kind.derived) {
    const expr::Facts& facts = kind.fields[field.value].program->facts();
    if (!facts.only_variable_fields || facts.reads_now) kind.restates = false;
    for (const std::uint16_t read : facts.variable_fields) {
      if (read < kind.fields.size()) kind.fields[read].feeds_derived = true;
    }
  }
}

}  // namespace

Layout::Layout(std::shared_ptr<const model::Schema> of) : schema(std::move(of)) {
  for (const model::Kind& kind : schema->kinds) {
    KindPlan& plan = kinds.emplace_back();
    plan.words = static_cast<std::uint8_t>((kind.fields.size() + 63) / 64);
    for (std::uint16_t number = 0; number < kind.fields.size(); ++number) {
      const model::Field& field = kind.fields[number];
      FieldPlan& made = plan.fields.emplace_back();
      if (field.is_relation()) {
        made.relation = true;
        made.many = field.relation().many;
        made.inverse = field.relation().inverse;
        if (made.inverse) check_inverse(*schema, kind.id, FieldId(number));
        if (field.relation().agency) plan.agency = FieldId(number);
      } else {
        made = plan_of_attribute(field.attribute());
        if (is_indexed(field)) made.index = indexes++;
      }
    }
    if (kind.agency_field) plan.agency = kind.agency_field;
    order_all_derived(plan);
  }
  const model::Roles& roles = schema->roles;
  if (roles.agency) kinds[roles.agency->kind.value].is_agency = true;
  if (roles.deployment) kinds[roles.deployment->kind.value].follows = roles.deployment->of;
  std::ranges::for_each(kinds, note_derived);
}

}  // namespace patuh::registry
