#include "engine/schema_change.h"

#include <algorithm>

namespace patuh::engine {

using model::Attribute;
using model::Field;
using model::Relation;
using model::Roles;
using model::same_value;
using model::Schema;

namespace {

bool same(const Attribute& a, const Attribute& b) {
  return a.type == b.type && a.item == b.item && a.values == b.values && a.closed == b.closed &&
         a.size_max == b.size_max && same_value(a.min, b.min) && same_value(a.max, b.max) &&
         same_value(a.default_value, b.default_value) && a.telemetry == b.telemetry &&
         a.indexed == b.indexed && a.derive == b.derive;
}

bool same(const Relation& a, const Relation& b) {
  return a.to == b.to && a.many == b.many && a.size_max == b.size_max &&
         a.referrers_max == b.referrers_max && a.inverse == b.inverse && a.agency == b.agency;
}

bool same(const Field& a, const Field& b) {
  if (a.name != b.name || a.is_relation() != b.is_relation()) return false;
  return a.is_relation() ? same(a.relation(), b.relation()) : same(a.attribute(), b.attribute());
}

bool same(const model::Kind& a, const model::Kind& b) {
  return a.name == b.name && a.agency_field == b.agency_field &&
         std::ranges::equal(a.fields, b.fields,
                            [](const Field& x, const Field& y) { return same(x, y); });
}

bool same(const std::optional<Roles::Agency>& a, const std::optional<Roles::Agency>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->kind == b->kind && a->code == b->code && a->whole == b->whole;
}

bool same(const std::optional<Roles::Deployment>& a, const std::optional<Roles::Deployment>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->kind == b->kind && a->of == b->of &&
         std::ranges::equal(a->stub_values, b->stub_values, [](const auto& x, const auto& y) {
           return x.first == y.first && same_value(x.second, y.second);
         });
}

bool same(const std::optional<Roles::Waiver>& a, const std::optional<Roles::Waiver>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->kind == b->kind && a->about == b->about && a->rule == b->rule && a->from == b->from &&
         a->until == b->until && a->status == b->status && a->condition == b->condition &&
         a->granted == b->granted;
}

bool same(const Schema& a, const Schema& b) {
  return a.time_zone == b.time_zone &&
         std::ranges::equal(
             a.kinds, b.kinds,
             [](const model::Kind& x, const model::Kind& y) { return same(x, y); }) &&
         same(a.roles.agency, b.roles.agency) && same(a.roles.deployment, b.roles.deployment) &&
         same(a.roles.waiver, b.roles.waiver);
}

bool derives_by_parameters(const Schema& schema) {
  return std::ranges::any_of(schema.kinds, [](const model::Kind& kind) {
    return std::ranges::any_of(kind.fields, [](const Field& field) {
      return !field.is_relation() && field.attribute().derive.find("params") != std::string::npos;
    });
  });
}

bool same_parameters(const rulebook::RuleBook& a, const rulebook::RuleBook& b) {
  return std::ranges::equal(a.parameters, b.parameters,
                            [](const rulebook::Parameter& x, const rulebook::Parameter& y) {
                              return x.name == y.name && same_value(x.value, y.value);
                            });
}

}  // namespace

bool derives_alike(const rulebook::RuleBook& before, const rulebook::RuleBook& after) {
  return !derives_by_parameters(*after.schema) || same_parameters(before, after);
}

bool reads_differently(const rulebook::RuleBook& before, const rulebook::RuleBook& after) {
  if (!same(*before.schema, *after.schema)) return true;
  return !derives_alike(before, after);
}

}  // namespace patuh::engine
