#include "store/store.h"

#include <chrono>

#include "store/encoding.h"
#include "store/impl.h"
#include "store/rows.h"
#include "store/schema.h"
#include "store/snapshot.h"

namespace patuh::store {
namespace {

// How far the indexes may follow behind the log. A reader looks through at most so many transitions
// without an index; one page of an index is written for several of them.
constexpr std::size_t kUnindexedMax = 4096;
// Alert episodes that stand in the tail: a reader looks through them all, and moving them keeps a
// batch waiting for some hundred milliseconds.
constexpr std::size_t kAlertTailMax = 8192;
// Nor so many records, since a chunk is of one of them.
constexpr std::size_t kUnindexedRecordsMax = 256;

}  // namespace

std::string_view name_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::kEvents:
      return "events";
    case RecordKind::kTimeStep:
      return "time-step";
    case RecordKind::kPackActivated:
      return "pack";
    case RecordKind::kOperatorAction:
      return "operator";
    case RecordKind::kSkip:
      return "skip";
  }
  PATUH_ASSERT(false);
}

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::kPending:
      return "pending";
    case Phase::kFiring:
      return "firing";
    case Phase::kResolved:
      return "resolved";
  }
  PATUH_ASSERT(false);
}

base::Status Store::Impl::load() {
  auto stored_id = read_meta(*database, kMetaId);
  if (!stored_id) return std::unexpected(stored_id.error());
  id = stored_id->value_or("");
  base::Result<End> stored_end = read_end(*database);
  if (!stored_end) return std::unexpected(stored_end.error());
  end = *stored_end;
  auto behind = store::unindexed(*database);
  if (!behind) return std::unexpected(behind.error());
  std::uint64_t number = end.tail.transition.value - behind->size();
  for (const model::Transition& transition : *behind) note_unindexed(transition, ++number);
  unindexed_records = unindexed.size();
  if (auto done = catch_up(*database, open_pairs, options.upgrading); !done) return done;
  if (auto done = look_after_rules(); !done) return done;
  if (auto done = runs.load(*database); !done) return done;
  if (auto done = alert_tail.load(*database); !done) return done;
  const base::Result<Counts> counts = read_counts(*database);
  if (!counts) return std::unexpected(counts.error());
  quarantined_before = counts->quarantined;
  checkpoint_at_pages = checkpoint_pages();
  return {};
}

base::Result<Prepared> Store::Impl::commit(const Batch& batch) {
  base::Result<Prepared> prepared = prepare(batch, end, options.compression_level);
  if (!prepared) return prepared;
  if (auto done = write(batch, *prepared); !done) return std::unexpected(done.error());
  return prepared;
}

base::Status Store::Impl::write(const Batch& batch, const Prepared& prepared) {
  base::Result<Transaction> transaction = Transaction::begin(*database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto done = insert(*database, alert_tail, batch, prepared); !done) return done;
  std::size_t deleted = 0;
  if (!batch.snapshot.empty()) {
    const Header& header = prepared.header;
    const auto written =
        write_step(*database, batch.snapshot, {Seq{header.seq}, header.now, prepared.entry},
                   options.compression_level);
    if (!written) return std::unexpected(written.error());
    deleted = *written;
  }
  if (auto done = transaction->commit(); !done) return done;
  stats.snapshot_parts_deleted += deleted;
  return {};
}

void Store::Impl::note(const Batch& batch, const Prepared& prepared) {
  const Instant last_recorded = end.last_recorded;
  end = end_after(batch, prepared);
  if (batch.transitions.empty()) end.last_recorded = last_recorded;
  std::uint64_t number = prepared.header.first_transition;
  for (const model::Transition& transition : batch.transitions)
    note_unindexed(transition, number++);
  if (!batch.transitions.empty()) ++unindexed_records;
  runs.note(batch.marks, end.tail.seq);
  ++stats.commits;
  stats.events += batch.record.events.size();
  stats.transitions += batch.transitions.size();
  stats.quarantined += batch.quarantined.size();
  stats.raw_bytes += prepared.body.raw.size();
  stats.stored_bytes += prepared.packed_body.size();
}

void Store::Impl::note_unindexed(const model::Transition& transition, std::uint64_t number) {
  unopened.push_back(open_entry(transition, number));
  unindexed.push_back({hash_of_element(transition.element.kind, transition.element.id),
                       unopened.back().agency, number});
}

base::Status Store::Impl::index() {
  if (unindexed.empty()) return {};
  auto done = within([&]() -> base::Status {
    if (auto indexed = index_transitions(*database, unindexed); !indexed) return indexed;
    return open_pairs.add(*database, unopened, end.tail.seq, unindexed.back().number);
  });
  if (!done) {
    open_pairs = {};  // what it knew of its rows may not be so
    return done;
  }
  unindexed.clear();
  unopened.clear();
  unindexed_records = 0;
  return done;
}

base::Status Store::Impl::look_after_rules() {
  const base::Result<bool> kept = has_lists_of_rules(*database);
  if (!kept) return std::unexpected(kept.error());
  if (*kept) return {};
  if (auto done = index(); !done) return done;
  open_pairs = {};
  return begin_lists_of_rules(*database, end.tail.seq, options.upgrading);
}

base::Status Store::Impl::write_run() {
  if (!runs.is_due()) return {};
  auto done = within([&] { return runs.write(*database); });
  if (done) runs.written();
  return done;
}

// The batch is durable already: a fault here delays the indexes or lets the WAL grow, no more, and
// is tried again after the next batch.
void Store::Impl::look_after_indexes() {
  base::Status done = write_run();
  const bool is_due =
      unindexed.size() >= kUnindexedMax || unindexed_records >= kUnindexedRecordsMax;
  if (done && is_due) done = index();
  if (done && alert_tail.size() >= kAlertTailMax) done = alert_tail.settle(*database);
  if (!done) {
    ++stats.failed_commits;
    base::log(base::LogLevel::kWarning, "the indexes of the store could not be brought up to date",
              {{"error", done.error().message}});
  }
}

void Store::Impl::look_after_wal() {
  if (database->wal_pages() < checkpoint_pages()) checkpoint_at_pages = checkpoint_pages();
  if (database->wal_pages() < checkpoint_at_pages) return;
  // A reader that holds the WAL is not asked again at every batch.
  checkpoint_at_pages = database->wal_pages() + checkpoint_pages();
  if (auto done = checkpoint(false); !done) {
    base::log(base::LogLevel::kWarning, "the store's WAL could not be moved into the database",
              {{"error", done.error().message}});
  }
}

base::Status Store::Impl::checkpoint(bool truncate) {
  const base::Result<Database::Checkpoint> done = database->checkpoint(truncate);
  if (!done) return std::unexpected(done.error());
  ++stats.checkpoints;
  if (done->blocked) ++stats.blocked_checkpoints;
  return {};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(const std::string& dir, const Options& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  auto lock = FolderLock::take(dir);
  if (!lock) return std::unexpected(lock.error());
  impl->lock = std::move(*lock);
  auto database = open_for_writing(dir);
  if (!database) return std::unexpected(database.error());
  impl->database = std::move(*database);
  if (auto loaded = impl->load(); !loaded) return base::fail(loaded, "opening the store");
  auto reader = Reader::open(dir);
  if (!reader) return std::unexpected(reader.error());
  impl->reader = std::move(*reader);
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

base::Result<Seq> Store::append(const Batch& batch) {
  const auto begin = std::chrono::steady_clock::now();
  const base::Result<Prepared> prepared = impl_->commit(batch);
  if (!prepared) {
    ++impl_->stats.failed_commits;
    return base::fail(prepared, "writing record " + std::to_string(tail().seq.value + 1));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  impl_->stats.last_commit_seconds = took.count();
  impl_->stats.commit_seconds += took.count();
  impl_->note(batch, *prepared);
  impl_->look_after_indexes();
  impl_->look_after_wal();
  return impl_->end.tail.seq;
}

base::Status Store::outbox_delivered(std::span<const OutboxId> ids) {
  auto transaction = Transaction::begin(*impl_->database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  for (const OutboxId id : ids) {
    auto done = impl_->database->query("DELETE FROM outbox WHERE id = ?").bind(id.value).run();
    if (!done) return done;
  }
  return transaction->commit();
}

base::Status Store::outbox_failed(std::span<const OutboxId> ids, Instant next_attempt) {
  auto transaction = Transaction::begin(*impl_->database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  for (const OutboxId id : ids) {
    auto done = impl_->database
                    ->query(
                        "UPDATE outbox SET attempts = attempts + 1, next_attempt = ? "
                        "WHERE id = ?")
                    .bind(ticks(next_attempt))
                    .bind(id.value)
                    .run();
    if (!done) return done;
  }
  return transaction->commit();
}

base::Status Store::set_meta(std::string_view key, std::string_view value) {
  if (key.starts_with(kMetaOwn)) {
    return base::fail(base::Code::kInvalid, "a key that begins with \"store.\" is the store's own");
  }
  return write_meta(*impl_->database, key, value);
}

base::Status Store::idle() {
  if (auto done = impl_->index(); !done) return done;
  if (auto done = impl_->alert_tail.settle(*impl_->database); !done) return done;
  if (impl_->database->wal_pages() == 0 && impl_->reader->file_sizes().wal == 0) return {};
  return impl_->checkpoint(true);
}

Reader& Store::read() { return *impl_->reader; }
const Tail& Store::tail() const { return impl_->end.tail; }
const ChainHead& Store::chain_head() const { return impl_->end.head; }
const std::string& Store::store_id() const { return impl_->id; }

Stats Store::stats() const {
  Stats out = impl_->stats;
  out.files = impl_->reader->file_sizes();
  out.log_events = impl_->end.events;
  out.log_quarantined = impl_->quarantined_before + out.quarantined;
  return out;
}

}  // namespace patuh::store
