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
  out.string(position.channel);
  out.string(position.topic);
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

void Encoder::unsigned_integer(std::uint64_t value) {
  while (value >= 0x80U) {
    byte(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  byte(static_cast<std::uint8_t>(value));
}

void Encoder::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  unsigned_integer((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void Encoder::string(std::string_view text) {
  unsigned_integer(text.size());
  out_ += text;
}

void Decoder::fault() {
  ok_ = false;
  rest_ = {};
}

std::uint8_t Decoder::byte() {
  if (rest_.empty()) {
    fault();
    return 0;
  }
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t Decoder::unsigned_integer() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= std::uint64_t{next & 0x7fU} << shift;
    const bool last = next < 0x80U;
    // One number has one form: no trailing zero group, nothing above 64 bits.
    if (last && ((next == 0 && shift > 0) || (shift == 63 && next > 1))) break;
    if (last) return ok_ ? value : 0;
  }
  fault();
  return 0;
}

std::int64_t Decoder::integer() {
  const std::uint64_t bits = unsigned_integer();
  return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
}

std::string_view Decoder::string() {
  const std::uint64_t size = unsigned_integer();
  if (!ok_ || size > rest_.size()) {
    fault();
    return {};
  }
  const std::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

std::size_t Decoder::count() {
  const std::uint64_t value = unsigned_integer();
  if (value > rest_.size()) fault();
  return ok_ ? value : 0;
}

void encode(std::string& bytes, const model::Envelope& event) {
  Encoder out(bytes);
  out.string(event.type);
  out.string(event.source);
  out.string(event.id);
  out.byte(
      static_cast<std::uint8_t>((event.time ? kHasTime : 0) | (event.version ? kHasVersion : 0)));
  if (event.time) out.instant(*event.time);
  if (event.version) out.integer(*event.version);
  out.string(event.subject);
  out.string(event.data);
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
  out.string(transition.agency);
  out.string(transition.element.kind);
  out.string(transition.element.id);
  out.string(transition.rule);
  out.byte(static_cast<std::uint8_t>(transition.from));
  out.byte(static_cast<std::uint8_t>(transition.to));
  out.byte(static_cast<std::uint8_t>(transition.closing));
  out.byte(static_cast<std::uint8_t>(transition.severity));
  out.instant(transition.since);
  out.instant(transition.recorded);
  out.unsigned_integer(transition.rule_version);
  out.string(transition.occurrence);
  out.string(transition.reason);
  out.string(transition.cause_source);
  out.string(transition.cause_id);
  out.string(transition.cause_type);
  out.unsigned_integer(transition.evidence.size());
  for (const model::Fact& fact : transition.evidence) {
    out.string(fact.element);
    out.string(fact.field);
    out.string(fact.value);
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
  const std::uint64_t version = in.unsigned_integer();
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
  out.agency = in.string();
  out.kind = in.string();
  out.id = in.string();
  out.rule = in.string();
  return out;
}

void encode(std::string& bytes, const AlertRow& alert) {
  Encoder out(bytes);
  out.string(alert.key);
  out.string(alert.agency);
  out.string(alert.rule);
  out.string(alert.element.kind);
  out.string(alert.element.id);
  out.byte(static_cast<std::uint8_t>(alert.severity));
  out.byte(static_cast<std::uint8_t>(alert.phase));
  out.instant(alert.started);
  out.instant(alert.fired);
  out.instant(alert.resolved);
  out.string(alert.cause);
  out.string(alert.occurrence);
  out.byte(alert.told ? 1 : 0);
  out.string(alert.notice);
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
  out.string(offset.channel);
  out.string(offset.topic);
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
  out.string(input.reason);
  out.string(input.message);
  encode_position(out, input.position);
  out.unsigned_integer(input.size);
  bytes.append(input.sha256.begin(), input.sha256.end());
  out.string(input.source);
  out.string(input.id);
  bytes.append(kept.begin(), kept.end());
}

std::uint64_t hash_of_element(std::string_view kind, std::string_view id) {
  return fnv1a(fnv1a(fnv1a(kFnvOffset, kind), "/"), id);
}

std::uint64_t hash_of_agency(std::string_view agency) { return fnv1a(kFnvOffset, agency); }

}  // namespace patuh::store
