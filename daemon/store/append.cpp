#include "store/append.h"

#include <map>

#include "store/elements.h"
#include "store/encoding.h"
#include "store/open_pairs.h"
#include "store/outlines.h"
#include "store/records.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

constexpr int kErasedLevel = 1;  // zstd's, of a body written anew

base::Status check(const Batch& batch, const End& end) {
  if (batch.record.now < end.tail.now) {
    return base::fail(base::Code::kInvalid,
                      "the record's now " + base::to_rfc3339(batch.record.now) +
                          " is before the last one's, " + base::to_rfc3339(end.tail.now));
  }
  Instant last = end.last_recorded;
  for (const model::Transition& transition : batch.transitions) {
    if (transition.recorded < last) {
      return base::fail(base::Code::kInvalid, "the transition of " + transition.rule + " for " +
                                                  transition.element.text() +
                                                  " was recorded before the one ahead of it");
    }
    last = transition.recorded;
  }
  return {};
}

std::uint32_t count_of(std::size_t size) {
  PATUH_ASSERT(std::in_range<std::uint32_t>(size));
  return static_cast<std::uint32_t>(size);
}

Header header_of(const Batch& batch, const End& end) {
  return Header{.seq = end.tail.seq.value + 1,
                .kind = batch.record.kind,
                .now = batch.record.now,
                .first_event = end.events + 1,
                .first_transition = end.tail.transition.value + 1,
                .events = count_of(batch.record.events.size()),
                .transitions = count_of(batch.transitions.size()),
                .alerts = count_of(batch.alerts.size()),
                .offsets = count_of(batch.offsets.size()),
                .quarantined = count_of(batch.quarantined.size())};
}

base::Status pack_chunks(Prepared& out, const Batch& batch, int level) {
  for (Chunk& chunk : encode_chunks(batch.transitions, out.header.first_transition)) {
    PackedChunk packed{.chunk = std::move(chunk), .bytes = {}};
    if (auto done = compress(packed.chunk.raw, level, packed.bytes); !done) return done;
    out.chunks.push_back(std::move(packed));
  }
  std::vector<std::string_view> parts;
  for (const PackedChunk& packed : out.chunks) parts.emplace_back(packed.chunk.raw);
  out.body.digests.transitions = base::sha256(parts);
  return {};
}

base::Status insert_record(Database& database, const Prepared& prepared) {
  const Header& header = prepared.header;
  const std::string digests = join(prepared.body.digests);
  return database
      .query(
          "INSERT INTO records(seq, kind, now, first_event, events, first_transition, "
          "transitions, alerts, offsets, quarantined, digests, entry) "
          "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(header.seq)
      .bind(static_cast<std::int64_t>(header.kind))
      .bind(ticks(header.now))
      .bind(header.first_event)
      .bind(std::uint64_t{header.events})
      .bind(header.first_transition)
      .bind(std::uint64_t{header.transitions})
      .bind(std::uint64_t{header.alerts})
      .bind(std::uint64_t{header.offsets})
      .bind(std::uint64_t{header.quarantined})
      .bind_blob(digests)
      .bind_blob(view(prepared.entry))
      .run();
}

base::Status insert_body(Database& database, const Batch& batch, const Prepared& prepared) {
  if (prepared.header.events > 0) {
    const std::string marks = bytes_of_marks(batch.marks);
    auto done = database.query("INSERT INTO event_digests(seq, digests, marks) VALUES(?, ?, ?)")
                    .bind(prepared.header.seq)
                    .bind_blob(prepared.body.event_digests)
                    .bind_blob(marks)
                    .run();
    if (!done) return done;
  }
  return database.query("INSERT INTO bodies(seq, raw_size, bytes) VALUES(?, ?, ?)")
      .bind(prepared.header.seq)
      .bind(std::uint64_t{prepared.body.raw.size()})
      .bind_blob(prepared.packed_body)
      .run();
}

base::Status insert_chunks(Database& database, const Prepared& prepared) {
  for (const PackedChunk& packed : prepared.chunks) {
    const Chunk& chunk = packed.chunk;
    auto done = database
                    .query(
                        "INSERT INTO transitions(first, count, seq, first_recorded, "
                        "last_recorded, raw_size, bytes) VALUES(?, ?, ?, ?, ?, ?, ?)")
                    .bind(chunk.first)
                    .bind(std::uint64_t{chunk.count})
                    .bind(prepared.header.seq)
                    .bind(ticks(chunk.first_recorded))
                    .bind(ticks(chunk.last_recorded))
                    .bind(std::uint64_t{chunk.raw.size()})
                    .bind_blob(packed.bytes)
                    .run();
    if (!done) return done;
  }
  return {};
}

}  // namespace

base::Result<Prepared> prepare(const Batch& batch, const End& end, int compression_level) {
  if (auto sound = check(batch, end); !sound) return std::unexpected(sound.error());
  Prepared out;
  out.header = header_of(batch, end);
  out.body = encode_body(batch);
  if (out.body.raw.size() > kRecordBytesMax) {
    return base::fail(base::Code::kInvalid, "a record of " + std::to_string(out.body.raw.size()) +
                                                " bytes is over the limit of " +
                                                std::to_string(kRecordBytesMax));
  }
  auto packed = compress(out.body.raw, compression_level, out.packed_body);
  if (packed) packed = pack_chunks(out, batch, compression_level);
  if (!packed) return std::unexpected(packed.error());
  out.entry = chain_entry(end.head.entry, out.header, out.body.digests);
  return out;
}

End end_after(const Batch& batch, const Prepared& prepared) {
  const Header& header = prepared.header;
  End out;
  out.head = {Seq{header.seq}, prepared.entry};
  out.tail = {Seq{header.seq}, header.now,
              TransitionNumber{header.first_transition + header.transitions - 1}};
  out.events = header.first_event + header.events - 1;
  if (!batch.transitions.empty()) out.last_recorded = batch.transitions.back().recorded;
  return out;
}

namespace {

base::Status rewrite_body(Database& database, Seq seq, std::span<const std::uint32_t> places,
                          Seq by) {
  const auto row = read_row(database, seq, WithBody::kYes);
  if (!row) return std::unexpected(row.error());
  const std::optional<std::string> raw =
      *row && (*row)->body ? body_without(*(*row)->body, places, by) : std::nullopt;
  if (!raw) {
    return base::fail(base::Code::kNotFound, "record " + std::to_string(seq.value) +
                                                 " has no such event, or it is erased already");
  }
  std::string packed;
  if (auto done = compress(*raw, kErasedLevel, packed); !done) return done;
  return database.query("UPDATE bodies SET raw_size = ?, bytes = ? WHERE seq = ?")
      .bind(std::uint64_t{raw->size()})
      .bind_blob(packed)
      .bind(seq.value)
      .run();
}

base::Status erase(Database& database, const std::vector<EventPlace>& erased, Seq by) {
  std::map<Seq, std::vector<std::uint32_t>> by_record;
  for (const EventPlace& place : erased) by_record[place.seq].push_back(place.event);
  for (const auto& [seq, places] : by_record) {
    if (auto done = rewrite_body(database, seq, places, by); !done) return done;
  }
  return {};
}

}  // namespace

base::Status insert(Database& database, AlertTail& tail, const Batch& batch,
                    const Prepared& prepared) {
  if (auto done = insert_record(database, prepared); !done) return done;
  if (auto done = insert_body(database, batch, prepared); !done) return done;
  if (auto done = insert_chunks(database, prepared); !done) return done;
  for (const AlertRow& alert : batch.alerts) {
    if (auto done = tail.write(database, alert); !done) return done;
  }
  for (const OutboxRow& row : batch.outbox) {
    if (auto done = write_outbox(database, row, batch.record.now); !done) return done;
  }
  for (const OffsetRow& offset : batch.offsets) {
    if (auto done = write_offset(database, offset); !done) return done;
  }
  for (const Quarantined& input : batch.quarantined) {
    if (auto done = write_quarantined(database, input, prepared.header); !done) return done;
  }
  for (const Redriven& redriven : batch.redriven) {
    if (auto done = write_redriven(database, redriven, batch.record.now); !done) return done;
  }
  if (auto done = write_outlines(database, batch.outlines); !done) return done;
  const Seq seq{prepared.header.seq};
  if (auto done = write_restated(database, batch.restated, seq, prepared.header.first_transition);
      !done) {
    return done;
  }
  return erase(database, batch.erased, seq);
}

base::Result<End> read_end(Database& database) {
  End out;
  Query record = database.query(
      "SELECT seq, now, first_event + events - 1, first_transition + transitions - 1, entry "
      "FROM records ORDER BY seq DESC LIMIT 1");
  const base::Result<bool> found = record.row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return out;
  const std::optional<base::Digest> entry = digest_from(record.blob(4));
  if (!entry) return base::fail(base::Code::kCorrupt, database.path() + ": the last chain entry");
  out.head = {Seq{record.count(0)}, *entry};
  out.tail = {Seq{record.count(0)}, instant_of(record.integer(1)),
              TransitionNumber{record.count(3)}};
  out.events = record.count(2);
  Query chunk = database.query("SELECT last_recorded FROM transitions ORDER BY first DESC LIMIT 1");
  const base::Result<bool> any = chunk.row();
  if (!any) return std::unexpected(any.error());
  if (*any) out.last_recorded = instant_of(chunk.integer(0));
  return out;
}

}  // namespace patuh::store
