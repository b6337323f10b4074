#include "collectors/decode/envelope.h"

#include <algorithm>
#include <charconv>

namespace patuh::decode {
namespace {

using json::Node;
using model::Decoded;
using model::Envelope;
using model::Fault;
using model::FaultReason;

// A required or optional name: text, bounded, without control characters.
Decoded<std::string_view> name_of_member(std::string_view key, std::string_view text) {
  if (text.empty()) {
    return reject(FaultReason::kMissingField, "\"" + std::string(key) + "\" is empty");
  }
  if (text.size() > kNameBytesMax || base::has_controls(text)) {
    return reject(FaultReason::kWrongType,
                  "\"" + std::string(key) + "\" must be at most 1024 bytes without controls");
  }
  return text;
}

// A view of the document's.
Decoded<std::string_view> text_member(const Node& object, std::string_view key, bool required) {
  const Node* const node = object.find(key);
  if (node == nullptr || node->is(json::Of::kNull)) {
    if (!required) return std::string_view();
    return reject(FaultReason::kMissingField, "\"" + std::string(key) + "\" is missing");
  }
  if (!node->is(json::Of::kString)) {
    return reject(FaultReason::kWrongType, "\"" + std::string(key) + "\" must be a string");
  }
  return name_of_member(key, node->string());
}

Decoded<std::optional<base::Instant>> time_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto instant = base::from_rfc3339(text);
  if (!instant) {
    return reject(FaultReason::kBadTime, "\"time\" is " + std::string(instant.error().message));
  }
  return *instant;
}

Decoded<std::optional<std::int64_t>> version_of_text(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return reject(FaultReason::kNumberRange, "the version is outside the range of 64 bits");
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    return reject(FaultReason::kWrongType, "the version must be a decimal integer");
  }
  return value;
}

Decoded<std::optional<std::int64_t>> version_member(const Node& object, std::string_view key) {
  const Node* const node = object.find(key);
  if (node == nullptr || node->is(json::Of::kNull)) return std::nullopt;
  if (node->is(json::Of::kInt)) return node->integer();
  if (node->is(json::Of::kString)) return version_of_text(node->string());
  return reject(FaultReason::kWrongType,
                "\"" + std::string(key) + "\" must be an integer or its decimal text");
}

// The members that both forms share.
std::optional<Fault> read_common(const Node& object, Envelope& out) {
  auto source = text_member(object, "source", true);
  if (!source) return source.error();
  out.source = *source;
  auto time = text_member(object, "time", false);
  if (!time) return time.error();
  auto instant = time_of(*time);
  if (!instant) return instant.error();
  out.time = *instant;
  auto subject = text_member(object, "subject", false);
  if (!subject) return subject.error();
  out.subject = *subject;
  if (const Node* const data = object.find("data"); data != nullptr && !data->is(json::Of::kNull)) {
    if (!data->is(json::Of::kObject)) {
      return fault(FaultReason::kWrongType, "\"data\" must be a JSON object");
    }
    out.data = data->raw();
  }
  return std::nullopt;
}

std::optional<Fault> read_plain(const Node& object, Envelope& out) {
  auto operation = text_member(object, "op", true);
  if (!operation) return operation.error();
  out.type = *operation;
  if (auto wrong = read_common(object, out)) return wrong;
  auto version = version_member(object, "version");
  if (!version) return version.error();
  out.version = *version;
  auto id = text_member(object, "id", false);
  if (!id) return id.error();
  out.id = id->empty() ? fallback_id(object.raw(), out.position) : std::string(*id);
  return std::nullopt;
}

std::optional<Fault> read_structured(const Node& object, const Node& specversion, Envelope& out) {
  if (!specversion.is(json::Of::kString) || specversion.string() != "1.0") {
    return fault(FaultReason::kUnsupported, "only CloudEvents specversion 1.0 is understood");
  }
  if (object.find("data_base64") != nullptr) {
    return fault(FaultReason::kUnsupported, "data_base64 is not understood: send \"data\" as JSON");
  }
  auto type = text_member(object, "type", true);
  if (!type) return type.error();
  out.type = *type;
  auto id = text_member(object, "id", true);
  if (!id) return id.error();
  out.id = *id;
  if (auto wrong = read_common(object, out)) return wrong;
  auto version = version_member(object, "patuhversion");
  if (!version) return version.error();
  out.version = *version;
  return std::nullopt;
}

// The CloudEvents attribute `name` of Kafka's (ce_) or HTTP's (ce-) headers.
std::optional<std::string_view> attribute(const Message& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (key.size() != name.size() + 3 || (key[2] != '_' && key[2] != '-')) continue;
    if (base::equal_without_case(key.substr(0, 2), "ce") &&
        base::equal_without_case(key.substr(3), name)) {
      return value;
    }
  }
  return std::nullopt;
}

// The HTTP binding of CloudEvents encodes what a header cannot carry, Kafka's does not.
std::string decoded_header(const Message& message, std::string_view header) {
  return message.position.channel == "http" ? base::percent_decoded(header).text
                                            : std::string(header);
}

Decoded<std::string> header(const Message& message, std::string_view name, bool required) {
  const auto value = attribute(message, name);
  if (!value) {
    if (!required) return std::string();
    return reject(FaultReason::kMissingField, "the header ce-" + std::string(name) + " is missing");
  }
  const std::string text = decoded_header(message, *value);
  if (!base::is_utf8(text)) {
    return reject(FaultReason::kNotUtf8, "the header ce-" + std::string(name) + " is not UTF-8");
  }
  const auto checked = name_of_member(name, text);
  if (!checked) return std::unexpected(checked.error());
  return std::string(*checked);
}

}  // namespace

model::Fault fault(FaultReason reason, std::string message) { return {reason, std::move(message)}; }

model::Fault fault_of(const json::ParseError& error) {
  switch (error.fault) {
    case json::Fault::kSyntax:
      return fault(FaultReason::kNotJson, error.message);
    case json::Fault::kNotUtf8:
      return fault(FaultReason::kNotUtf8, error.message);
    case json::Fault::kTooDeep:
      return fault(FaultReason::kTooDeep, error.message);
    case json::Fault::kDuplicateKey:
      return fault(FaultReason::kDuplicateKey, error.message);
    case json::Fault::kNumberRange:
      return fault(FaultReason::kNumberRange, error.message);
  }
  return fault(FaultReason::kNotJson, error.message);
}

std::string fallback_id(std::string_view bytes, const model::Position& position) {
  if (position.channel == "kafka") {
    return position.topic + "/" + std::to_string(position.partition) + "/" +
           std::to_string(position.offset);
  }
  return "sha256:" + base::to_hex(base::sha256(bytes));
}

std::optional<Fault> read_envelope(const Node& object, Envelope& out) {
  if (!object.is(json::Of::kObject)) {
    return fault(FaultReason::kNotJson, "an event must be a JSON object");
  }
  const Node* const specversion = object.find("specversion");
  return specversion != nullptr ? read_structured(object, *specversion, out)
                                : read_plain(object, out);
}

bool is_binary_cloud_event(const Message& message) {
  return attribute(message, "specversion").has_value();
}

model::Decoded<Envelope> envelope_of_binary(const Message& message) {
  if (attribute(message, "specversion") != "1.0") {
    return reject(FaultReason::kUnsupported, "only CloudEvents specversion 1.0 is understood");
  }
  Envelope out;
  out.position = message.position;
  struct Wanted {
    std::string_view name;
    std::string* to;
    bool required;
  };
  std::string time;
  std::string version;
  for (const Wanted& wanted :
       {Wanted{"type", &out.type, true}, Wanted{"source", &out.source, true},
        Wanted{"id", &out.id, true}, Wanted{"subject", &out.subject, false},
        Wanted{"time", &time, false}, Wanted{"patuhversion", &version, false}}) {
    auto value = header(message, wanted.name, wanted.required);
    if (!value) return std::unexpected(value.error());
    *wanted.to = std::move(*value);
  }
  auto instant = time_of(time);
  if (!instant) return std::unexpected(instant.error());
  out.time = *instant;
  auto number = version_of_text(version);
  if (!number) return std::unexpected(number.error());
  out.version = *number;
  if (message.body.empty()) return out;
  const auto document = json::parse(message.body, {kDepthMax});
  if (!document) return std::unexpected(fault_of(document.error()));
  if (!document->root().is(json::Of::kObject)) {
    return reject(FaultReason::kWrongType, "the data must be a JSON object");
  }
  out.data = document->root().raw();
  return out;
}

}  // namespace patuh::decode
