// The fields of both JSON forms of an event, read into an Envelope. Private to decode.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/decode/decode.h"
#include "json/json.h"

namespace patuh::decode {

model::Fault fault(model::FaultReason reason, std::string message);
inline std::unexpected<model::Fault> reject(model::FaultReason reason, std::string message) {
  return std::unexpected(fault(reason, std::move(message)));
}
model::Fault fault_of(const json::ParseError& error);

// A JSON object that is a CloudEvent (has specversion) or Patuh's plain form; `out` has its
// position already. After a fault its other members are of no use.
std::optional<model::Fault> read_envelope(const json::Node& object, model::Envelope& out);
// CloudEvents' binary mode: attributes in headers, data in the body.
model::Decoded<model::Envelope> envelope_of_binary(const Message& message);
bool is_binary_cloud_event(const Message& message);

// As interpret(), into a new change that has its arena; `data` is the envelope's, parsed, or null
// when that is still to be done. After a fault the change is of no use.
std::optional<model::Fault> interpret_into(const model::Envelope& envelope, const json::Node* data,
                                           const model::Schema& schema, model::ChangeEvent& out);

// The identity of an event that has none of its own.
std::string fallback_id(std::string_view bytes, const model::Position& position);

}  // namespace patuh::decode
