// A record's body (payload, events, alerts, offsets) and a chunk of transitions, to bytes and back;
// and the digests of the chain, which are taken on the way. docs/store-format.md has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace patuh::store {

// ── zstd ────────────────────────────────────────────────────────────────────────────────────────

// Compresses into `out` (replaced). One context a thread.
base::Status compress(std::string_view raw, int level, std::string& out);
// The same with a checksum, which decompress() looks at.
base::Status compress_checked(std::string_view raw, int level, std::string& out);
// kCorrupt when it does not unpack to exactly `raw_size` bytes.
base::Result<std::string> decompress(std::string_view packed, std::uint64_t raw_size);

// ── A record's body ─────────────────────────────────────────────────────────────────────────────

inline constexpr std::size_t kDigestBytes = 32;

// The digests that a chain entry is made of.
struct Digests {
  base::Digest payload{}, events{}, transitions{}, alerts{}, offsets{}, quarantined{};
  friend bool operator==(const Digests&, const Digests&) = default;
};

struct EncodedBody {
  std::string raw;            // not yet compressed
  std::string event_digests;  // 32 bytes for each event, in order
  Digests digests;
};
EncodedBody encode_body(const Batch& batch);

struct DecodedBody {
  std::string payload;
  std::vector<model::Envelope> events;  // empty where erased
  std::vector<ErasedEvent> erased;
  std::vector<AlertRow> alerts;
  std::vector<OffsetRow> offsets;
};
std::optional<DecodedBody> decode_body(std::string_view raw);

// A body taken apart without decoding what is in it, for the audit. Views into the bytes.
struct BodyParts {
  struct Event {
    bool erased = false;
    Seq by;                  // of an erased one: the record of who did it and why
    std::string_view bytes;  // empty when erased
  };
  std::string_view payload;
  std::vector<Event> events;
  std::vector<std::string_view> alerts, offsets;
};
std::optional<BodyParts> split_body(std::string_view raw);

// The body without the events at these places, which `by` erased; nothing when it cannot be taken
// apart or one is not there.
std::optional<std::string> body_without(std::string_view raw, std::span<const std::uint32_t> places,
                                        Seq by);

// Over the parts one after another, each with its length before it.
base::Digest digest_of_parts(std::span<const std::string_view> parts);
// Of the bytes that are kept of an input.
base::Digest digest_of_kept(const Quarantined& input);

// ── Transitions ─────────────────────────────────────────────────────────────────────────────────

// At most this many transitions, and about this many bytes, stand in one chunk.
inline constexpr std::size_t kChunkTransitions = 256;
inline constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;

struct Chunk {
  std::uint64_t first = 0;  // number of its first transition
  std::uint32_t count = 0;
  Instant first_recorded{}, last_recorded{};
  std::string raw{};  // each transition with its length before it: what the digest is taken over
};
std::vector<Chunk> encode_chunks(std::span<const model::Transition> transitions,
                                 std::uint64_t first_number);
// The encoded transitions of a chunk; nothing when there are not exactly `count`.
std::optional<std::vector<std::string_view>> split_chunk(std::string_view raw, std::size_t count);

// ── The chain ───────────────────────────────────────────────────────────────────────────────────

// What a chain entry says of its batch, beside the digests.
struct Header {
  std::uint64_t seq = 0;
  RecordKind kind = RecordKind::kEvents;
  Instant now{};
  std::uint64_t first_event = 0, first_transition = 0;  // number of the first, or of the next to be
  std::uint32_t events = 0, transitions = 0, alerts = 0, offsets = 0, quarantined = 0;
};
// SHA-256 over previous, header, digests.
base::Digest chain_entry(const base::Digest& previous, const Header& header,
                         const Digests& digests);

std::string_view view(const base::Digest& digest);
// The six digests one after another, as they are stored, and back; nothing for another length.
std::string join(const Digests& digests);
std::optional<Digests> split_digests(std::string_view bytes);
std::optional<base::Digest> digest_from(std::string_view bytes);

}  // namespace patuh::store
