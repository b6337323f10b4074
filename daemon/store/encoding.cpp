#include "store/encoding.h"

namespace patuh::store {
namespace {

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325U;
constexpr std::uint64_t kFnvPrime = 0x100000001b3U;

std::uint64_t fnv1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return hash;
}

void encode_position(Encoder& out, const model::Position& position) {
  out.text(position.channel);
  out.text(position.topic);
  out.integer(position.partition);
  out.integer(position.offset);
}

std::int32_t decode_partition(Decoder& in) {
  const std::int64_t value = in.integer();
  if (value < INT32_MIN || value > INT32_MAX) in.fault();
  return in.ok() ? static_cast<std::int32_t>(value) : 0;
}

model::Position decode_position(Decoder& in) {
  model::Position out;
  out.channel = in.owned();
  out.topic = in.owned();
  out.partition = decode_partition(in);
  out.offset = in.integer();
  return out;
}

template <class T>
std::optional<T> whole(const Decoder& in, T&& value) {
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return std::forward<T>(value);
}

// Bits of the optional members of an event. On disk: do not renumber.
constexpr std::uint8_t kHasTime = 1;
constexpr std::uint8_t kHasVersion = 2;

}  // namespace

void encode(std::string& bytes, const model::Envelope& event) {
  Encoder out(bytes);
  out.text(event.type);
  out.text(event.source);
  out.text(event.id);
  out.byte(
      static_cast<std::uint8_t>((event.time ? kHasTime : 0) | (event.version ? kHasVersion : 0)));
  if (event.time) out.instant(*event.time);
  if (event.version) out.integer(*event.version);
  out.text(event.subject);
  out.text(event.data);
  encode_position(out, event.position);
}

std::optional<model::Envelope> decode_event(std::string_view bytes) {
  Decoder in(bytes);
  model::Envelope out;
  out.type = in.owned();
  out.source = in.owned();
  out.id = in.owned();
  const std::uint8_t has = in.byte();
  if (has > (kHasTime | kHasVersion)) in.fault();
  if ((has & kHasTime) != 0) out.time = in.instant();
  if ((has & kHasVersion) != 0) out.version = in.integer();
  out.subject = in.owned();
  out.data = in.owned();
  out.position = decode_position(in);
  return whole(in, std::move(out));
}

void encode(std::string& bytes, const model::Transition& transition) {
  Encoder out(bytes);
  out.text(transition.agency);
  out.text(transition.element.kind);
  out.text(transition.element.id);
  out.text(transition.rule);
  out.byte(static_cast<std::uint8_t>(transition.from));
  out.byte(static_cast<std::uint8_t>(transition.to));
  out.byte(static_cast<std::uint8_t>(transition.closing));
  out.byte(static_cast<std::uint8_t>(transition.severity));
  out.instant(transition.since);
  out.instant(transition.recorded);
  out.number(transition.rule_version);
  out.text(transition.occurrence);
  out.text(transition.reason);
  out.text(transition.cause_source);
  out.text(transition.cause_id);
  out.text(transition.cause_type);
  out.number(transition.evidence.size());
  for (const model::Fact& fact : transition.evidence) {
    out.text(fact.element);
    out.text(fact.field);
    out.text(fact.value);
  }
}

std::optional<model::Transition> decode_transition(std::string_view bytes) {
  Decoder in(bytes);
  model::Transition out;
  out.agency = in.owned();
  out.element.kind = in.owned();
  out.element.id = in.owned();
  out.rule = in.owned();
  out.from = in.enumerator(model::VerdictState::kWaived);
  out.to = in.enumerator(model::VerdictState::kWaived);
  out.closing = in.enumerator(model::Closing::kNewOccurrence);
  out.severity = in.enumerator(model::Severity::kCritical);
  out.since = in.instant();
  out.recorded = in.instant();
  const std::uint64_t version = in.number();
  if (version > UINT32_MAX) in.fault();
  out.rule_version = static_cast<std::uint32_t>(version);
  out.occurrence = in.owned();
  out.reason = in.owned();
  out.cause_source = in.owned();
  out.cause_id = in.owned();
  out.cause_type = in.owned();
  out.evidence.resize(in.count());
  for (model::Fact& fact : out.evidence) {
    fact.element = in.owned();
    fact.field = in.owned();
    fact.value = in.owned();
  }
  return whole(in, std::move(out));
}

TransitionKey peek_transition(std::string_view bytes) {
  Decoder in(bytes);
  TransitionKey out;
  out.agency = in.text();
  out.kind = in.text();
  out.id = in.text();
  out.rule = in.text();
  return out;
}

void encode(std::string& bytes, const AlertRow& alert) {
  Encoder out(bytes);
  out.text(alert.key);
  out.text(alert.agency);
  out.text(alert.rule);
  out.text(alert.element.kind);
  out.text(alert.element.id);
  out.byte(static_cast<std::uint8_t>(alert.severity));
  out.byte(static_cast<std::uint8_t>(alert.phase));
  out.instant(alert.started);
  out.instant(alert.fired);
  out.instant(alert.resolved);
  out.text(alert.cause);
  out.text(alert.occurrence);
  out.byte(alert.told ? 1 : 0);
  out.text(alert.notice);
}

std::optional<AlertRow> decode_alert(std::string_view bytes) {
  Decoder in(bytes);
  AlertRow out;
  out.key = in.owned();
  out.agency = in.owned();
  out.rule = in.owned();
  out.element.kind = in.owned();
  out.element.id = in.owned();
  out.severity = in.enumerator(model::Severity::kCritical);
  out.phase = in.enumerator(Phase::kResolved);
  if (in.ok() && out.phase < Phase::kPending) in.fault();
  out.started = in.instant();
  out.fired = in.instant();
  out.resolved = in.instant();
  out.cause = in.owned();
  out.occurrence = in.owned();
  const std::uint8_t told = in.byte();
  if (told > 1) in.fault();
  out.told = told == 1;
  out.notice = in.owned();
  return whole(in, std::move(out));
}

void encode(std::string& bytes, const OffsetRow& offset) {
  Encoder out(bytes);
  out.text(offset.channel);
  out.text(offset.topic);
  out.integer(offset.partition);
  out.integer(offset.next);
}

std::optional<OffsetRow> decode_offset(std::string_view bytes) {
  Decoder in(bytes);
  OffsetRow out;
  out.channel = in.owned();
  out.topic = in.owned();
  out.partition = decode_partition(in);
  out.next = in.integer();
  return whole(in, std::move(out));
}

void encode(std::string& bytes, const Quarantined& input, const base::Digest& kept) {
  Encoder out(bytes);
  out.text(input.reason);
  out.text(input.message);
  encode_position(out, input.position);
  out.number(input.size);
  bytes.append(input.sha256.begin(), input.sha256.end());
  out.text(input.source);
  out.text(input.id);
  bytes.append(kept.begin(), kept.end());
}

std::uint64_t hash_of_element(std::string_view kind, std::string_view id) {
  return fnv1a(fnv1a(fnv1a(kFnvOffset, kind), "/"), id);
}

std::uint64_t hash_of_agency(std::string_view agency) { return fnv1a(kFnvOffset, agency); }

std::uint64_t hash_of_alert(std::string_view key) { return fnv1a(kFnvOffset, key); }

}  // namespace patuh::store
