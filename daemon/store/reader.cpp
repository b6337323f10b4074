#include <charconv>

#include "store/alert_tail.h"
#include "store/append.h"
#include "store/elements.h"
#include "store/folder.h"
#include "store/history.h"
#include "store/impl.h"
#include "store/open_pairs.h"
#include "store/outlines.h"
#include "store/rows.h"
#include "store/schema.h"
#include "store/snapshot.h"
#include "store/verify.h"

namespace patuh::store {

struct Reader::Impl {
  explicit Impl(std::unique_ptr<Database> opened)
      : database(std::move(opened)), history(*database) {}
  std::unique_ptr<Database> database;
  History history;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

base::Result<std::unique_ptr<Reader>> Reader::open(const std::string& dir) {
  auto database = open_for_reading(dir);
  if (!database) return std::unexpected(database.error());
  return std::unique_ptr<Reader>(new Reader(std::make_unique<Impl>(std::move(*database))));
}

base::Status Reader::hold() {
  Database& database = *impl_->database;
  return database.in_transaction() ? base::Status() : database.query("BEGIN").run();
}

base::Result<Tail> Reader::tail() const {
  const base::Result<End> end = read_end(*impl_->database);
  if (!end) return std::unexpected(end.error());
  return end->tail;
}

base::Result<ChainHead> Reader::chain_head() const {
  const base::Result<End> end = read_end(*impl_->database);
  if (!end) return std::unexpected(end.error());
  return end->head;
}

base::Result<Counts> Reader::counts() const { return read_counts(*impl_->database); }

FileSizes Reader::file_sizes() const {
  const std::string& path = impl_->database->path();
  return {file_bytes(path), file_bytes(path + "-wal")};
}

base::Result<std::optional<std::string>> Reader::meta(std::string_view key) const {
  return read_meta(*impl_->database, key);
}

Cursor Reader::records(Seq from) { return {this, from}; }

base::Result<std::optional<StoredRecord>> Cursor::next() {
  base::Result<std::optional<StoredRecord>> record = reader_->record(next_);
  if (record && *record) ++next_.value;
  return record;
}

base::Result<std::optional<StoredRecord>> Reader::record(Seq seq) {
  return read_record(*impl_->database, seq);
}

base::Result<std::vector<StoredTransition>> Reader::transitions(const TransitionFilter& filter) {
  std::vector<StoredTransition> out;
  if (filter.limit == 0) return out;
  const base::Status done = impl_->history.scan(filter, [&](StoredTransition&& transition) {
    out.push_back(std::move(transition));
    return out.size() < filter.limit;
  });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::uint64_t> Reader::count_transitions(const TransitionFilter& filter) {
  std::uint64_t out = 0;
  const base::Status done = impl_->history.scan(filter, [&](StoredTransition&&) {
    ++out;
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<AlertRow>> Reader::open_alerts() const {
  Query query = impl_->database->query("SELECT " PATUH_STORE_ALERT_COLUMNS
                                       " FROM all_alerts WHERE phase < 3 ORDER BY key");
  return read_alerts(query);
}

base::Result<std::vector<AlertRow>> Reader::alerts_within(Instant from, Instant to) const {
  Query query = impl_->database->query(
      "SELECT " PATUH_STORE_ALERT_COLUMNS
      " FROM all_alerts WHERE (started >= ?1 AND started < ?2) OR (fired >= ?1 AND fired < ?2) "
      "OR (resolved >= ?1 AND resolved < ?2) ORDER BY key");
  query.bind(ticks(from)).bind(ticks(to));
  return read_alerts(query);
}

base::Result<std::optional<AlertRow>> Reader::alert(std::string_view key) const {
  return read_alert(*impl_->database, key);
}

base::Result<std::vector<OffsetRow>> Reader::offsets() const {
  return read_offsets(*impl_->database);
}

base::Result<std::vector<PendingOutbox>> Reader::outbox(std::string_view sink,
                                                        std::size_t limit) const {
  return read_outbox(*impl_->database, sink, limit);
}

base::Result<std::vector<QuarantineRow>> Reader::quarantine(const QuarantineFilter& filter) const {
  return read_quarantine(*impl_->database, filter);
}

base::Result<std::optional<QuarantineRow>> Reader::quarantined(QuarantineId id) const {
  if (id.value == 0) return std::optional<QuarantineRow>();
  auto rows = read_quarantine(
      *impl_->database,
      {.reason = {}, .after = QuarantineId{id.value - 1}, .limit = 1, .with_bytes = true});
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty() || rows->front().id != id) return std::optional<QuarantineRow>();
  return std::optional<QuarantineRow>(std::move(rows->front()));
}

// ── Snapshots ──

base::Result<std::vector<SnapshotInfo>> Reader::snapshots() const {
  return read_snapshots(*impl_->database);
}

base::Result<Snapshot> Reader::snapshot(SnapshotId id) const {
  return read_snapshot(*impl_->database, id);
}

base::Result<std::vector<SnapshotBucket>> Reader::snapshot_buckets(SnapshotId id) const {
  return read_buckets(*impl_->database, id);
}

base::Result<std::vector<SnapshotPart>> Reader::snapshot_parts(SnapshotId id, SnapshotSpace space,
                                                               std::uint32_t bucket,
                                                               bool with_packed) const {
  return read_parts(*impl_->database, id, space, bucket, with_packed);
}

base::Result<Kept> Reader::kept() const {
  auto kept = read_kept(*impl_->database);
  if (!kept) return kept;
  const auto outlined = read_outlined_from(*impl_->database);
  if (!outlined) return std::unexpected(outlined.error());
  kept->outlined = *outlined;
  const auto text = read_meta(*impl_->database, kMetaMarked);
  if (!text) return std::unexpected(text.error());
  if (*text) {
    std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), kept->marked.value);
  }
  return kept;
}

std::uint64_t Reader::used_bytes() const {
  Query query = impl_->database->query(
      "SELECT (SELECT page_count FROM pragma_page_count) - "
      "(SELECT freelist_count FROM pragma_freelist_count)");
  const base::Result<bool> found = query.row();
  return found && *found ? query.count(0) * kPageBytes : 0;
}

base::Result<Seq> Reader::record_at(Instant at) const {
  return read_record_at(*impl_->database, at);
}

// ── As of an instant ──

base::Result<std::vector<Outline>> Reader::outlines(Instant at) const {
  return read_outlines(*impl_->database, at);
}

base::Result<std::vector<OpenPair>> Reader::open_pairs(std::optional<std::string_view> agency,
                                                       Instant at, std::string_view rule) {
  return read_open_pairs(*impl_->database, impl_->history, agency, at, rule);
}

base::Result<std::vector<Seq>> Reader::records_of(std::string_view kind, std::string_view id,
                                                  Seq after, Seq upto) const {
  return read_records_of(*impl_->database, element_mark(kind, id), after, upto);
}

base::Result<StoredRecord> Reader::events_of(Seq seq, std::uint32_t mark, Instant to) const {
  return read_events_of(*impl_->database, seq, mark, to);
}

base::Result<std::vector<Seq>> Reader::records_of(RecordKind kind, Seq after, Seq upto) const {
  Query query = impl_->database->query(
      "SELECT seq FROM records WHERE kind = ? AND kind > 2 AND seq > ? AND seq <= ? ORDER BY seq");
  query.bind(static_cast<std::int64_t>(kind)).bind(after.value).bind(upto.value);
  std::vector<Seq> out;
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.emplace_back(query.count(0));
  }
}

base::Result<MarkedPlaces> Reader::snapshot_places(SnapshotId id, std::uint32_t mark) const {
  return read_marked_places(*impl_->database, id, mark);
}

base::Result<bool> Reader::has_places(SnapshotId id) const {
  return read_has_places(*impl_->database, id);
}

base::Result<std::vector<std::string>> Reader::integrity() const {
  Query query = impl_->database->query("PRAGMA integrity_check(100)");
  std::vector<std::string> out;
  for (;;) {
    const base::Result<bool> row = query.row();
    // What was found up to there says more than that it could not go on.
    if (!row && row.error().code == base::Code::kCorrupt) {
      out.push_back(row.error().message);
      return out;
    }
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    if (query.text(0) != "ok") out.emplace_back(query.text(0));
  }
}

base::Result<Verification> Reader::verify_chain(std::optional<base::Digest> expected) {
  return verify(*impl_->database, expected);
}

}  // namespace patuh::store
