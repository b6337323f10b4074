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

using base::Decoder;
using base::Encoder;

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
std::uint64_t hash_of_alert(std::string_view key);

}  // namespace patuh::store
