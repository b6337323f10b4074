#include "collectors/decode/cdevents.h"

#include <algorithm>
#include <array>

#include "collectors/decode/envelope.h"

namespace patuh::decode {
namespace {

using model::Decoded;
using model::FaultReason;
using What = ServiceEvent::What;

constexpr std::string_view kPrefix = "dev.cdevents.service.";

struct Predicate {
  std::string_view name;
  What what;
};
constexpr std::array kPredicates = {
    Predicate{"deployed", What::kRuns},   Predicate{"upgraded", What::kRuns},
    Predicate{"rolledback", What::kRuns}, Predicate{"removed", What::kGone},
    Predicate{"published", What::kHeard},
};

// The text at a path of names; empty when nothing stands there.
Decoded<std::string_view> text_at(const json::Node* node, std::string_view path) {
  for (std::string_view left = path; node != nullptr && !left.empty();) {
    const std::size_t dot = std::min(left.find('.'), left.size());
    node = node->is(json::Of::kObject) ? node->find(left.substr(0, dot)) : nullptr;
    left.remove_prefix(std::min(dot + 1, left.size()));
  }
  if (node == nullptr || node->is(json::Of::kNull)) return std::string_view();
  if (node->is(json::Of::kString)) return node->string();
  return reject(FaultReason::kWrongType, "\"" + std::string(path) + "\" must be a string");
}

// As the pack calls the environment; else as the sender does.
std::string_view environment_of(const model::Roles::Deployment& role, std::string_view name) {
  const auto found =
      std::ranges::find(role.environments, name, &decltype(role.environments)::value_type::first);
  return found == role.environments.end() ? name : found->second;
}

std::string data_of(const model::Schema& schema, std::string_view service,
                    std::string_view environment, std::string_view artifact) {
  const model::Roles::Deployment& role = *schema.roles.deployment;
  const std::string& kind =
      schema.kind(schema.field(role.kind, role.of).relation().to.front()).name;
  const bool is_whole =
      service.size() > kind.size() && service[kind.size()] == '/' && service.starts_with(kind);
  json::Writer out;
  out.begin_object();
  out.member("element", is_whole ? std::string(service) : kind + "/" + std::string(service));
  out.key("values").begin_object();
  out.member(schema.field(role.kind, role.environment).name, environment_of(role, environment));
  if (role.artifact && !artifact.empty()) {
    out.member(schema.field(role.kind, *role.artifact).name, artifact);
  }
  return out.end_object().end_object().take();
}

}  // namespace

bool is_service_event(std::string_view type) { return type.starts_with(kPrefix); }

Decoded<ServiceEvent> service_event_of(const model::Envelope& envelope, const json::Node* data,
                                       const model::Schema& schema) {
  std::string_view name = std::string_view(envelope.type).substr(kPrefix.size());
  name = name.substr(0, name.find('.'));  // the version of the event's type follows
  const auto* const predicate = std::ranges::find(kPredicates, name, &Predicate::name);
  if (predicate == kPredicates.end()) {
    return reject(FaultReason::kUnknownType,
                  "the event type \"" + envelope.type + "\" is not known");
  }
  ServiceEvent out{predicate->what, {}};
  if (out.what == What::kHeard) return out;
  const auto service = text_at(data, "subject.id");
  if (!service) return std::unexpected(service.error());
  const std::string_view named = service->empty() ? envelope.subject : *service;
  if (named.empty()) return reject(FaultReason::kMissingField, "\"subject.id\" is missing");
  const auto environment = text_at(data, "subject.content.environment.id");
  if (!environment) return std::unexpected(environment.error());
  if (environment->empty()) {
    return reject(FaultReason::kMissingField, "\"subject.content.environment.id\" is missing");
  }
  const auto artifact = text_at(data, "subject.content.artifactId");
  if (!artifact) return std::unexpected(artifact.error());
  out.deployment = data_of(schema, named, *environment, *artifact);
  return out;
}

}  // namespace patuh::decode
