// decode: from bytes that a collector received to what the schema can read.
//
// Two pure steps. decode() takes one message of a transport apart into envelopes: CloudEvents 1.0
// in structured, binary and batched mode, and plain JSON. interpret() reads an envelope by a
// schema: operation, element, typed values. What cannot be read is a Fault with its reason, never
// an exception and never a guess. Other formats join as one more row of the table in decode.cpp.
//
//   for (decode::Item& item : decode::decode(message))
//     if (const auto* envelope = std::get_if<decode::Event>(&item)) …
//
// Threads: pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace patuh::decode {

inline constexpr std::size_t kEventBytesMaxDefault = std::size_t{1024} * 1024;
inline constexpr int kDepthMax = 64;
inline constexpr std::size_t kNameBytesMax = 1024;  // of source, id and type

// One message of a transport. Views live as long as the call.
struct Message {
  std::string_view body;
  std::string_view content_type;  // empty: not told; JSON is assumed
  // Transport headers: names are compared without case. CloudEvents' binary mode is told by
  // ce_specversion (Kafka) or ce-specversion (HTTP).
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  model::Position position;
};

struct Limits {
  std::size_t event_bytes_max = kEventBytesMaxDefault;
  std::size_t events_max = 100'000;  // of one HTTP request
};

// An event that could be read so far, with the bytes that it came as: they are kept should it be
// set aside later on. Empty in binary mode, where no one piece of bytes is the event.
struct Event : model::Envelope {
  std::string bytes;
};

// An input set aside, with what is known of its identity.
struct Rejected {
  model::Fault fault;
  std::string source, id;
  std::string bytes;  // of the event itself: in a batch, its own part
  model::Position position;
};
using Item = std::variant<Event, Rejected>;

// In the order of the message; at least one item. A batch of N events gives N items. Batches exist
// in HTTP only; in other transports each event has its own offset, so a batch is refused there.
std::vector<Item> decode(const Message& message, const Limits& limits = {});

// A message of more events than are taken at once, set aside as one.
Rejected too_many(std::string_view bytes, const Limits& limits);

// One line of NDJSON or one object already known to be JSON of either form.
Item decode_one(std::string_view json, const model::Position& position, const Limits& limits = {});

// Reads an envelope by the schema. `envelope.time` must be set.
model::Decoded<model::ChangeEvent> interpret(const model::Envelope& envelope,
                                             const model::Schema& schema);

// What interpret() makes of an item. Nothing where the item was refused, has no time, or is at
// fault: whoever needs the fault interprets.
using Change = std::optional<model::ChangeEvent>;

// ── What a collector hands on ───────────────────────────────────────────────────────────────────

// What became of one event; told after the commit. Names are stable, they stand in HTTP answers.
enum class Taken : std::uint8_t {
  kApplied,
  kNoChange,
  kDuplicate,
  kStale,
  kLate,
  kSetAside,  // in quarantine, with the reason
};
std::string_view name_of(Taken taken);
struct Receipt {
  Taken taken = Taken::kApplied;
  std::string reason;   // of kSetAside: FaultReason's name
  std::string message;  // of kSetAside: for the sender
};

// A piece of input whose events are written together: one HTTP request, some Kafka messages, some
// lines of a file.
struct Delivery {
  std::vector<Item> items;
  // What a collector had time to interpret, by `schema`: one an item, or empty. The pipeline
  // interprets the rest, and all of it when it judges by another schema meanwhile.
  std::vector<Change> changes{};
  std::shared_ptr<const model::Schema> schema{};
  std::shared_ptr<expr::Arena> arena{};  // of the values of all changes
  // Where to go on reading once this is durable: `offset` is the next one to read.
  std::vector<model::Position> next;
  // Called once on the pipeline's thread, after the commit, with one receipt an item; or with none
  // when the pipeline stopped before. Must not block. May be empty.
  std::function<void(std::span<const Receipt>)> done;
};

// Appends what a message holds; when the delivery has a schema, both steps at once, without parsing
// an event's data twice.
void decode_into(const Message& message, const Limits& limits, Delivery& delivery);

// The seam between collectors and pipeline: a bounded queue. A collector that finds it full stops
// taking input from its own side.
using Intake = base::Queue<Delivery>;

// Hands the delivery over and waits for its receipts, one an item. kUnavailable when the intake is
// full or closed or the pipeline does not commit within `wait`: nothing is known to be taken then.
base::Result<std::vector<Receipt>> deliver(Delivery delivery, Intake& intake,
                                           std::chrono::milliseconds wait);

}  // namespace patuh::decode
