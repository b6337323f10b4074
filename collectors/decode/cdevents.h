// CDEvents of services: what tools of continuous delivery say of them, as what they mean for the
// pack's role of deployments. Private to decode.
//
// Source: CDEvents 0.4 and 0.5, continuous-deployment.md and cloudevents-binding.md; what is read
// of a service event has been the same since 0.3.
#pragma once

#include <string>
#include <string_view>

#include "json/json.h"
#include "model/model.h"

namespace patuh::decode {

struct ServiceEvent {
  enum class What : std::uint8_t {
    kRuns,   // deployed, upgraded, rolledback: this artifact runs there now
    kGone,   // removed
    kHeard,  // published: says nothing of what runs
  };
  What what = What::kHeard;
  std::string deployment;  // the data of `id.patuh.deployment.v1` that says it; empty of kHeard
};

// "dev.cdevents.service.…".
bool is_service_event(std::string_view type);

// `data` is the CDEvent, context and subject; null: there is none. The schema has the role of
// deployments. A fault names the member by its path.
model::Decoded<ServiceEvent> service_event_of(const model::Envelope& envelope,
                                              const json::Node* data, const model::Schema& schema);

}  // namespace patuh::decode
