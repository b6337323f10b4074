#include "store/records.h"

#include "store/elements.h"
#include "store/encoding.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

std::unexpected<base::Error> corrupt(const Database& database, Seq seq, const char* what) {
  return base::fail(base::Code::kCorrupt,
                    database.path() + ": record " + std::to_string(seq.value) + ": " + what);
}

std::uint32_t small(const Query& query, int column) {
  return static_cast<std::uint32_t>(query.count(column));
}

// The columns of `records`, from seq to quarantined.
std::optional<Header> header_of(const Query& query) {
  const std::int64_t kind = query.integer(1);
  if (kind < 1 || kind > static_cast<std::int64_t>(RecordKind::kSkip)) return std::nullopt;
  for (const int column : {4, 6, 7, 8, 9}) {
    if (!std::in_range<std::uint32_t>(query.integer(column))) return std::nullopt;
  }
  return Header{.seq = query.count(0),
                .kind = static_cast<RecordKind>(kind),
                .now = instant_of(query.integer(2)),
                .first_event = query.count(3),
                .first_transition = query.count(5),
                .events = small(query, 4),
                .transitions = small(query, 6),
                .alerts = small(query, 7),
                .offsets = small(query, 8),
                .quarantined = small(query, 9)};
}

base::Status read_body(Database& database, Seq seq, std::optional<std::string>& out) {
  Query query = database.query("SELECT raw_size, bytes FROM bodies WHERE seq = ?");
  const base::Result<bool> found = query.bind(seq.value).row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return {};
  base::Result<std::string> raw = decompress(query.blob(1), query.count(0));
  if (!raw) return base::fail(raw, "the body of record " + std::to_string(seq.value));
  out = std::move(*raw);
  return {};
}

void fill(StoredRecord& out, DecodedBody&& body) {
  out.record.payload = std::move(body.payload);
  out.record.events = std::move(body.events);
  out.erased = std::move(body.erased);
  out.alerts = std::move(body.alerts);
  out.offsets = std::move(body.offsets);
}

StoredRecord without_body(const RecordRow& row) {
  StoredRecord out;
  out.seq = Seq{row.header.seq};
  out.record.kind = row.header.kind;
  out.record.now = row.header.now;
  out.event_count = row.header.events;
  out.first_transition = TransitionNumber{row.header.first_transition};
  out.transition_count = row.header.transitions;
  out.entry = row.entry;
  out.body_deleted = !row.body;
  return out;
}

}  // namespace

base::Result<std::optional<RecordRow>> read_row(Database& database, Seq seq, WithBody with_body) {
  RecordRow out;
  {
    Query query = database.query(
        "SELECT seq, kind, now, first_event, events, first_transition, transitions, alerts, "
        "offsets, quarantined, digests, entry FROM records WHERE seq = ?");
    const base::Result<bool> found = query.bind(seq.value).row();
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::optional<RecordRow>();
    const std::optional<Header> header = header_of(query);
    const std::optional<Digests> digests = split_digests(query.blob(10));
    const std::optional<base::Digest> entry = digest_from(query.blob(11));
    if (!header || !digests || !entry) return corrupt(database, seq, "its row cannot be");
    out.header = *header;
    out.digests = *digests;
    out.entry = *entry;
  }
  if (with_body == WithBody::kNo) return std::optional<RecordRow>(std::move(out));
  if (auto done = read_body(database, seq, out.body); !done) return std::unexpected(done.error());
  return std::optional<RecordRow>(std::move(out));
}

base::Result<std::optional<StoredRecord>> read_record(Database& database, Seq seq) {
  base::Result<std::optional<RecordRow>> row = read_row(database, seq, WithBody::kYes);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::optional<StoredRecord>();
  StoredRecord out = without_body(**row);
  if ((*row)->body) {
    std::optional<DecodedBody> body = decode_body(*(*row)->body);
    if (!body) return corrupt(database, seq, "its body cannot be decoded");
    fill(out, std::move(*body));
  }
  return std::optional<StoredRecord>(std::move(out));
}

base::Result<StoredRecord> read_events_of(Database& database, Seq seq, std::uint32_t mark,
                                          Instant to) {
  auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  const auto row = read_row(database, seq, WithBody::kYes);
  if (!row) return std::unexpected(row.error());
  if (!*row || !(*row)->body) return corrupt(database, seq, "it is not kept");
  const auto marks = read_marks(database, seq);
  if (!marks) return std::unexpected(marks.error());
  const auto parts = split_body(*(*row)->body);
  if (!parts) return corrupt(database, seq, "its body cannot be decoded");
  if (marks->size() != parts->events.size()) return corrupt(database, seq, "marks of its events");
  const bool is_beyond = (*row)->header.now > to;
  StoredRecord out = without_body(**row);
  for (std::size_t i = 0; i < marks->size(); ++i) {
    const bool is_of_it = (*marks)[i] == mark;
    if (parts->events[i].erased || (!is_beyond && !is_of_it)) continue;
    auto event = decode_event(parts->events[i].bytes);
    if (!event) return corrupt(database, seq, "its body cannot be decoded");
    if (is_beyond && event->time && *event->time > to) break;
    if (is_of_it) out.record.events.push_back(std::move(*event));
  }
  return out;
}

}  // namespace patuh::store
