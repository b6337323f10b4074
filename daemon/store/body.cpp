#include "store/body.h"

#include <algorithm>

#include "store/encoding.h"

namespace patuh::store {
namespace {

// First byte of a body: the version of its form.
constexpr std::uint8_t kBodyVersion = 1;
// Before each event. On disk: do not renumber.
constexpr std::uint8_t kErasedEvent = 0;
constexpr std::uint8_t kWholeEvent = 1;

// For the most of them: beside an event's data, beside an episode's notice, of a transition.
constexpr std::size_t kRoomPerEvent = 256;
constexpr std::size_t kRoomPerAlert = 512;
constexpr std::size_t kRoomPerTransition = 320;

// Writes `value` with its length before it; answers the value's bytes, valid until `out` grows.
// Most lengths take two bytes: where one takes more or fewer, the value is moved.
template <class T>
std::string_view put(std::string& out, const T& value) {
  constexpr std::size_t kLengthBytesMostly = 2;
  const std::size_t begin = out.size();
  out.append(kLengthBytesMostly, '\0');
  encode(out, value);
  std::string length;
  Encoder(length).number(out.size() - begin - kLengthBytesMostly);
  out.replace(begin, kLengthBytesMostly, length);
  return std::string_view(out).substr(begin + length.size());
}

template <class T>
base::Digest put_all(std::string& out, const std::vector<T>& values) {
  Encoder(out).number(values.size());
  const std::size_t begin = out.size();
  for (const T& value : values) put(out, value);
  return base::sha256(std::string_view(out).substr(begin));
}

void put_events(EncodedBody& body, const std::vector<model::Envelope>& events) {
  Encoder(body.raw).number(events.size());
  std::vector<std::pair<std::size_t, std::size_t>> places;  // begin and size
  places.reserve(events.size());
  for (const model::Envelope& event : events) {
    Encoder(body.raw).byte(kWholeEvent);
    const std::size_t size = put(body.raw, event).size();
    places.emplace_back(body.raw.size() - size, size);
  }
  std::vector<std::string_view> texts;
  texts.reserve(places.size());
  for (const auto& [begin, size] : places) {
    texts.push_back(std::string_view(body.raw).substr(begin, size));
  }
  body.event_digests.reserve(events.size() * kDigestBytes);
  for (const base::Digest& digest : base::sha256_each(texts)) body.event_digests += view(digest);
  body.digests.events = base::sha256(body.event_digests);
}

base::Digest digest_of_quarantined(const std::vector<Quarantined>& inputs) {
  std::string bytes;
  std::string scratch;
  for (const Quarantined& input : inputs) {
    scratch.clear();
    encode(scratch, input, digest_of_kept(input));
    Encoder(bytes).text(scratch);
  }
  return base::sha256(bytes);
}

std::vector<std::string_view> get_all(Decoder& in) {
  std::vector<std::string_view> out(in.count());
  for (std::string_view& part : out) part = in.text();
  return out;
}

template <class T>
bool decode_all(std::span<const std::string_view> parts,
                std::optional<T> (*decode)(std::string_view), std::vector<T>& out) {
  out.reserve(parts.size());
  for (const std::string_view part : parts) {
    std::optional<T> value = decode(part);
    if (!value) return false;
    out.push_back(std::move(*value));
  }
  return true;
}

bool decode_events(const BodyParts& parts, DecodedBody& out) {
  out.events.resize(parts.events.size());
  for (std::size_t i = 0; i < parts.events.size(); ++i) {
    if (parts.events[i].erased) {
      out.erased.push_back({static_cast<std::uint32_t>(i), parts.events[i].by});
      continue;
    }
    std::optional<model::Envelope> event = decode_event(parts.events[i].bytes);
    if (!event) return false;
    out.events[i] = std::move(*event);
  }
  return true;
}

void put_fixed(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xffU);
}

std::size_t room_for(const Batch& batch) {
  std::size_t bytes = batch.record.payload.size();
  for (const model::Envelope& event : batch.record.events) {
    bytes += kRoomPerEvent + event.data.size();
  }
  for (const AlertRow& alert : batch.alerts) bytes += kRoomPerAlert + alert.notice.size();
  return bytes;
}

}  // namespace

EncodedBody encode_body(const Batch& batch) {
  EncodedBody body;
  body.raw.reserve(room_for(batch));
  Encoder out(body.raw);
  out.byte(kBodyVersion);
  out.text(batch.record.payload);
  body.digests.payload = base::sha256(batch.record.payload);
  put_events(body, batch.record.events);
  body.digests.alerts = put_all(body.raw, batch.alerts);
  body.digests.offsets = put_all(body.raw, batch.offsets);
  body.digests.quarantined = digest_of_quarantined(batch.quarantined);
  return body;
}

std::optional<BodyParts> split_body(std::string_view raw) {
  Decoder in(raw);
  if (in.byte() != kBodyVersion) return std::nullopt;
  BodyParts out;
  out.payload = in.text();
  out.events.resize(in.count());
  for (BodyParts::Event& event : out.events) {
    const std::uint8_t tag = in.byte();
    if (tag > kWholeEvent) in.fault();
    event.erased = tag == kErasedEvent;
    if (event.erased) {
      event.by = Seq{in.number()};
    } else {
      event.bytes = in.text();
    }
  }
  out.alerts = get_all(in);
  out.offsets = get_all(in);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

std::optional<std::string> body_without(std::string_view raw, std::span<const std::uint32_t> places,
                                        Seq by) {
  std::optional<BodyParts> parts = split_body(raw);
  if (!parts) return std::nullopt;
  for (const std::uint32_t place : places) {
    if (place >= parts->events.size() || parts->events[place].erased) return std::nullopt;
    parts->events[place] = {.erased = true, .by = by, .bytes = {}};
  }
  std::string out;
  Encoder to(out);
  to.byte(kBodyVersion);
  to.text(parts->payload);
  to.number(parts->events.size());
  for (const BodyParts::Event& event : parts->events) {
    to.byte(event.erased ? kErasedEvent : kWholeEvent);
    event.erased ? to.number(event.by.value) : to.text(event.bytes);
  }
  for (const auto* list : {&parts->alerts, &parts->offsets}) {
    to.number(list->size());
    for (const std::string_view part : *list) to.text(part);
  }
  return out;
}

std::optional<DecodedBody> decode_body(std::string_view raw) {
  const std::optional<BodyParts> parts = split_body(raw);
  if (!parts) return std::nullopt;
  DecodedBody out;
  out.payload = parts->payload;
  if (!decode_events(*parts, out) || !decode_all(parts->alerts, decode_alert, out.alerts) ||
      !decode_all(parts->offsets, decode_offset, out.offsets)) {
    return std::nullopt;
  }
  return out;
}

base::Digest digest_of_parts(std::span<const std::string_view> parts) {
  std::string bytes;
  for (const std::string_view part : parts) Encoder(bytes).text(part);
  return base::sha256(bytes);
}

base::Digest digest_of_kept(const Quarantined& input) {
  return base::sha256(std::string_view(input.bytes).substr(0, kQuarantineBytesMax));
}

std::vector<Chunk> encode_chunks(std::span<const model::Transition> transitions,
                                 std::uint64_t first_number) {
  std::vector<Chunk> out;
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    const model::Transition& transition = transitions[i];
    if (out.empty() || out.back().count >= kChunkTransitions ||
        out.back().raw.size() >= kChunkBytes) {
      out.push_back(Chunk{.first = first_number + i, .first_recorded = transition.recorded});
      const std::size_t most = std::min(kChunkTransitions, transitions.size() - i);
      out.back().raw.reserve(std::min(most * kRoomPerTransition, kChunkBytes + kRoomPerTransition));
    }
    put(out.back().raw, transition);
    out.back().last_recorded = transition.recorded;
    ++out.back().count;
  }
  return out;
}

std::optional<std::vector<std::string_view>> split_chunk(std::string_view raw, std::size_t count) {
  Decoder in(raw);
  if (count > raw.size()) return std::nullopt;
  std::vector<std::string_view> out(count);
  for (std::string_view& part : out) part = in.text();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

base::Digest chain_entry(const base::Digest& previous, const Header& header,
                         const Digests& digests) {
  std::string bytes;
  put_fixed(bytes, header.seq, 8);
  put_fixed(bytes, static_cast<std::uint8_t>(header.kind), 1);
  put_fixed(bytes, static_cast<std::uint64_t>(header.now.time_since_epoch().count()), 8);
  put_fixed(bytes, header.first_event, 8);
  put_fixed(bytes, header.first_transition, 8);
  for (const std::uint32_t count :
       {header.events, header.transitions, header.alerts, header.offsets, header.quarantined}) {
    put_fixed(bytes, count, 4);
  }
  const std::string all = join(digests);
  const std::string_view parts[] = {view(previous), bytes, all};
  return base::sha256(parts);
}

std::string_view view(const base::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string join(const Digests& digests) {
  std::string out;
  out.reserve(6 * kDigestBytes);
  for (const base::Digest* digest : {&digests.payload, &digests.events, &digests.transitions,
                                     &digests.alerts, &digests.offsets, &digests.quarantined}) {
    out += view(*digest);
  }
  return out;
}

std::optional<base::Digest> digest_from(std::string_view bytes) {
  if (bytes.size() != kDigestBytes) return std::nullopt;
  base::Digest out;
  std::ranges::transform(bytes, out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

std::optional<Digests> split_digests(std::string_view bytes) {
  if (bytes.size() != 6 * kDigestBytes) return std::nullopt;
  Digests out;
  std::size_t at = 0;
  for (base::Digest* digest :
       {&out.payload, &out.events, &out.transitions, &out.alerts, &out.offsets, &out.quarantined}) {
    const auto one = digest_from(bytes.substr(at, kDigestBytes));
    if (!one) return std::nullopt;
    *digest = *one;
    at += kDigestBytes;
  }
  return out;
}

}  // namespace patuh::store
