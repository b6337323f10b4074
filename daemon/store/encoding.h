// The bytes of one event, transition, alert or offset: the canonical form that digests are taken
// over and that bodies are made of. docs/store-format.md describes it; a change needs a new format
// version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace patuh::store {

// Appends to a string: integers as LEB128, signed ones in zigzag, strings with their length before.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}
  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  void unsigned_integer(std::uint64_t value);
  void integer(std::int64_t value);
  void string(std::string_view text);
  void instant(Instant value) { integer(value.time_since_epoch().count()); }

 private:
  std::string& out_;
};

// Reads what Encoder wrote. After the first fault every read answers zero or empty and ok() is
// false: callers look once, at the end.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  std::uint8_t byte();
  std::uint64_t unsigned_integer();
  std::int64_t integer();
  std::string_view string();
  std::string owned() { return std::string(string()); }
  Instant instant() { return Instant(base::Duration(integer())); }
  // An enumerator no greater than `last`; a greater number is a fault.
  template <class Enum>
  Enum enumerator(Enum last) {
    const std::uint8_t value = byte();
    if (value > static_cast<std::uint8_t>(last)) fault();
    return ok_ ? static_cast<Enum>(value) : Enum{};
  }
  // A count of things that take at least one byte each; a greater number is a fault.
  std::size_t count();
  void fault();

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void encode(std::string& out, const model::Envelope& event);
void encode(std::string& out, const model::Transition& transition);
void encode(std::string& out, const AlertRow& alert);
void encode(std::string& out, const OffsetRow& offset);
// All but the bytes kept, for which their digest stands.
void encode(std::string& out, const Quarantined& input, const base::Digest& kept);

// Nothing when the bytes are not exactly one encoded value.
std::optional<model::Envelope> decode_event(std::string_view bytes);
std::optional<model::Transition> decode_transition(std::string_view bytes);
std::optional<AlertRow> decode_alert(std::string_view bytes);
std::optional<OffsetRow> decode_offset(std::string_view bytes);

// The first members of an encoded transition, read without the rest; they view into the bytes.
struct TransitionKey {
  std::string_view agency, kind, id, rule;
};
TransitionKey peek_transition(std::string_view bytes);

// FNV-1a, 64 bits, of kind, '/', id: what the index of elements is ordered by.
std::uint64_t hash_of_element(std::string_view kind, std::string_view id);
std::uint64_t hash_of_agency(std::string_view agency);

}  // namespace patuh::store
