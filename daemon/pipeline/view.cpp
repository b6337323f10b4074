#include "pipeline/view.h"

#include <algorithm>

namespace patuh::pipeline {
namespace {

void add_sources(const engine::Engine& engine, Outlook& out) {
  const auto& role = engine.book().schema->roles.source;
  if (!role) return;
  const registry::Registry& registry = engine.registry();
  registry.for_each(role->kind, [&](model::ElementRef source) {
    const expr::Value heard = registry.value(source, role->last_heard);
    if (!heard.is_null()) out.last_heard.emplace(registry.id_of(source), heard.as_instant());
  });
}

std::string text_of(const registry::Registry& registry, model::ElementRef element,
                    std::optional<model::FieldId> field) {
  if (!field) return {};
  const expr::Value value = registry.value(element, *field);
  return value.kind() == expr::Kind::kString ? std::string(value.as_string()) : std::string();
}

AgencyName agency_of(const registry::Registry& registry, model::ElementRef agency,
                     const model::Roles::Agency& role) {
  const model::Schema& schema = registry.schema();
  AgencyName out;
  out.id = registry.id_of(agency);
  out.name = text_of(registry, agency, schema.kind(role.kind).title_field);
  const std::string kind = text_of(registry, agency, role.owes);
  const bool all_owe = !role.owes && !role.domains.empty();
  out.owes_domains = all_owe || std::ranges::find(role.owing, kind) != role.owing.end();
  out.reporting = std::ranges::all_of(role.domains, [&](const std::string& domain) {
    return std::ranges::any_of(schema.kinds, [&](const model::Kind& candidate) {
      return candidate.domain == domain && !registry.members(agency, candidate.id).empty();
    });
  });
  return out;
}

}  // namespace

std::map<std::string, AgencyName> agencies_of(const engine::Engine& engine) {
  std::map<std::string, AgencyName> out;
  const auto& role = engine.book().schema->roles.agency;
  if (!role) return out;
  const registry::Registry& registry = engine.registry();
  registry.for_each(role->kind, [&](model::ElementRef agency) {
    const std::string_view code = registry.agency_code(agency);
    if (!code.empty()) out.emplace(code, agency_of(registry, agency, *role));
  });
  return out;
}

Outlook outlook_of(const engine::Engine* engine, ClockMode clock) {
  Outlook out;
  out.clock = clock;
  out.tallies = std::make_shared<const engine::Tallies>();
  if (engine == nullptr) return out;
  out.tallies = std::make_shared<const engine::Tallies>(engine->tallies());
  out.engine = engine->stats();
  out.baseline = engine->baseline();
  add_sources(*engine, out);
  out.agencies = agencies_of(*engine);
  out.pending = engine->pending();
  return out;
}

void put(Outlook outlook, View& into) {
  into.clock = outlook.clock;
  into.importing = outlook.clock == ClockMode::kEvent;
  into.tallies = std::move(outlook.tallies);
  into.engine = outlook.engine;
  into.baseline = outlook.baseline;
  into.last_heard = std::move(outlook.last_heard);
  into.agencies = std::move(outlook.agencies);
  into.pending = std::move(outlook.pending);
}

}  // namespace patuh::pipeline
