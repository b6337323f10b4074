#include "collectors/decode/decode.h"

#include <algorithm>
#include <array>

#include "collectors/decode/envelope.h"

namespace patuh::decode {
namespace {

using model::FaultReason;

Rejected rejected(model::Fault fault, std::string_view bytes) {
  return {std::move(fault), {}, {}, std::string(bytes), {}};
}

Rejected too_large(std::string_view bytes, const Limits& limits) {
  return rejected(fault(FaultReason::kTooLarge,
                        "the event has " + std::to_string(bytes.size()) + " bytes; at most " +
                            std::to_string(limits.event_bytes_max) + " are taken"),
                  bytes);
}

// What can be said of the sender although the event was refused.
void name_sender(const json::Node& object, Rejected& out) {
  if (!object.is(json::Of::kObject)) return;
  for (const auto& [key, to] : {std::pair{"source", &out.source}, std::pair{"id", &out.id}}) {
    const json::Node* const node = object.find(key);
    if (node != nullptr && node->is(json::Of::kString) && node->string().size() <= kNameBytesMax) {
      *to = node->string();
    }
  }
}

Item item_of(const json::Node& object, std::string_view bytes, const model::Position& position) {
  Item out(std::in_place_type<Event>);
  auto& event = std::get<Event>(out);
  event.position = position;
  if (auto wrong = read_envelope(object, event)) {
    name_sender(object, out.emplace<Rejected>(rejected(std::move(*wrong), bytes)));
  } else {
    event.bytes = bytes;
  }
  return out;
}

void place(Item& item, const model::Position& position) {
  if (auto* const refused = std::get_if<Rejected>(&item)) refused->position = position;
}

std::vector<Item> single(Item item) {
  std::vector<Item> out;
  out.push_back(std::move(item));
  return out;
}

// Appends what an item says by the delivery's schema; `data` is its own, parsed, or null.
void add_change(const Item& item, const json::Node* data, Delivery& delivery) {
  Change& change = delivery.changes.emplace_back();
  const auto* const event = std::get_if<Event>(&item);
  if (event == nullptr || !event->time) return;
  if (data != nullptr && !data->is(json::Of::kObject)) data = nullptr;
  if (delivery.arena == nullptr) delivery.arena = std::make_shared<expr::Arena>();
  change.emplace().arena = delivery.arena;
  if (interpret_into(*event, data, *delivery.schema, *change)) change.reset();
}

// What some editors begin a file with is no part of its first event.
std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

std::expected<json::Document, Rejected> document_of(std::string_view json, const Limits& limits) {
  if (json.size() > limits.event_bytes_max) return std::unexpected(too_large(json, limits));
  auto document = json::parse(without_byte_order_mark(json), {kDepthMax});
  if (!document) return std::unexpected(rejected(fault_of(document.error()), json));
  return std::move(*document);
}

// Makes the change as well, while the document is there.
void decode_json_into(const Message& message, const Limits& limits, Delivery& delivery) {
  const auto document = document_of(message.body, limits);
  if (!document) {
    place(delivery.items.emplace_back(document.error()), message.position);
    delivery.changes.emplace_back();
    return;
  }
  const json::Node& root = document->root();
  Item& item = delivery.items.emplace_back(item_of(root, message.body, message.position));
  place(item, message.position);
  add_change(item, std::holds_alternative<Event>(item) ? root.find("data") : nullptr, delivery);
}

std::vector<Item> decode_json(const Message& message, const Limits& limits) {
  return single(decode_one(message.body, message.position, limits));
}

std::vector<Item> decode_binary(const Message& message, const Limits& limits) {
  if (message.body.size() > limits.event_bytes_max) return single(too_large(message.body, limits));
  auto envelope = envelope_of_binary(message);
  if (envelope) return single(Event{std::move(*envelope), {}});
  return single(rejected(std::move(envelope.error()), message.body));
}

// Why a batch could not be taken apart.
model::Fault fault_of_batch(std::string_view body) {
  const auto document = json::parse(body, {kDepthMax + 1});
  if (!document) return fault_of(document.error());
  if (!document->root().is(json::Of::kArray)) {
    return fault(FaultReason::kNotJson, "a batch must be a JSON array");
  }
  return fault(FaultReason::kMissingField, "the batch is empty");
}

// Taken apart before anything is read in it: one event that is no JSON leaves the others whole.
std::vector<Item> decode_batch(const Message& message, const Limits& limits) {
  if (message.position.channel != "http") {
    return single(rejected(fault(FaultReason::kUnsupported,
                                 "a batch is taken over HTTP only: send one event a message"),
                           message.body));
  }
  const auto pieces = json::split_array(without_byte_order_mark(message.body), limits.events_max);
  if (!pieces) return single(rejected(fault_of_batch(message.body), message.body));
  if (pieces->size() > limits.events_max) return single(too_many(message.body, limits));
  std::vector<Item> out;
  out.reserve(pieces->size());
  for (const std::string_view piece : *pieces) {
    out.push_back(decode_one(piece, message.position, limits));
  }
  return out;
}

std::string media_type(std::string_view content_type) {
  std::string out = base::ascii_lower(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// One row a format; the first whose media type is the message's, or empty for any.
struct Format {
  std::string_view media_type;
  bool binary;
  std::vector<Item> (*decode)(const Message&, const Limits&);
};
constexpr std::array kFormats = {
    Format{"application/cloudevents+json", false, &decode_json},
    Format{"application/cloudevents-batch+json", false, &decode_batch},
    Format{"application/json", true, &decode_binary},
    Format{"application/json", false, &decode_json},
    Format{"", true, &decode_binary},
    Format{"", false, &decode_json},
};

// Null when no format is of the message's media type.
const Format* format_of(const Message& message) {
  std::string type = media_type(message.content_type);
  // CloudEvents' own media types say the mode, whatever headers a gateway adds.
  const bool binary =
      is_binary_cloud_event(message) && !type.starts_with("application/cloudevents");
  if (binary && (type.ends_with("+json") || type == "text/json")) type = "application/json";
  const auto* const found = std::ranges::find_if(
      kFormats, [&](const Format& row) { return row.media_type == type && row.binary == binary; });
  return found == kFormats.end() ? nullptr : found;
}

Item unsupported(const Message& message) {
  return rejected(fault(FaultReason::kUnsupported,
                        "the content type \"" + media_type(message.content_type) +
                            "\" is not understood; send application/cloudevents+json"),
                  message.body);
}

}  // namespace

Rejected too_many(std::string_view bytes, const Limits& limits) {
  return rejected(fault(FaultReason::kTooLarge, "more than " + std::to_string(limits.events_max) +
                                                    " events came at once: send fewer"),
                  bytes);
}

Item decode_one(std::string_view json, const model::Position& position, const Limits& limits) {
  const auto document = document_of(json, limits);
  Item out = document ? item_of(document->root(), json, position) : Item(document.error());
  place(out, position);
  return out;
}

std::vector<Item> decode(const Message& message, const Limits& limits) {
  const Format* const format = format_of(message);
  std::vector<Item> out =
      format != nullptr ? format->decode(message, limits) : single(unsupported(message));
  for (Item& item : out) place(item, message.position);
  return out;
}

void decode_into(const Message& message, const Limits& limits, Delivery& delivery) {
  const bool interprets = delivery.schema != nullptr;
  const Format* const format = format_of(message);
  if (interprets && format != nullptr && format->decode == &decode_json) {
    return decode_json_into(message, limits, delivery);
  }
  for (Item& item : decode(message, limits)) {
    if (interprets) add_change(item, nullptr, delivery);
    delivery.items.push_back(std::move(item));
  }
}

}  // namespace patuh::decode
