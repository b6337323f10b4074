// store: the log on disk, and what follows from it. It appends a batch in one durable transaction
// (one record of the log, its transitions, alert episodes, outbox rows, offsets and the entry of
// the hash chain), and reads all of them back: in order for recovery, by filters for people.
//
// It is the only includer of SQLite and zstd. It knows no rule, no schema, no JSON: payloads are
// bytes that the caller encodes. It decides nothing. The form on disk is docs/store-format.md.
//
//   auto store = store::Store::open("/var/lib/patuh", {});
//   if (!store) return base::fail(store, "opening the data folder");
//   auto seq = (*store)->append(batch);     // durable once this returns a number
//   auto reader = store::Reader::open("/var/lib/patuh");   // another thread or another process
//
// Ownership: a Store owns the folder (its lock) until destroyed; all results are values.
// Threads: a Store belongs to one thread at a time, a Reader too; open one Reader for each thread.
// Errors: kUnavailable = the disk is full, failing or busy: try again later, with the same bytes;
// kCorrupt = what is stored is not what was written; kConflict = another process holds the folder,
// or a newer release wrote it; kInvalid = the batch cannot be stored as it is; each names the file.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace patuh::store {

using base::Instant;
using model::Seq;

inline constexpr int kFormatVersion = 4;
// The encoded events, payload, alerts and offsets of one batch, before compression.
inline constexpr std::size_t kRecordBytesMax = std::size_t{256} * 1024 * 1024;
inline constexpr std::size_t kQuarantineBytesMax = std::size_t{64} * 1024;  // kept of an input
inline constexpr Instant kAlways = Instant::min();                          // "from the beginning"

// The place of a transition in the store: from 1 on, without a gap, in the order of the log.
using TransitionNumber = base::StrongId<struct TransitionNumberTag, std::uint64_t>;
using OutboxId = base::StrongId<struct OutboxIdTag, std::uint64_t>;
using QuarantineId = base::StrongId<struct QuarantineIdTag, std::uint64_t>;
using SnapshotId = base::StrongId<struct SnapshotIdTag, std::uint64_t>;

// ── What is written ─────────────────────────────────────────────────────────────────────────────

// Values stand on disk: do not renumber.
enum class RecordKind : std::uint8_t {
  kEvents = 1,
  kTimeStep = 2,
  kPackActivated = 3,
  kOperatorAction = 4,
  kSkip = 5,
};
std::string_view name_of(RecordKind kind);  // "events", "time-step", "pack", "operator", "skip"

// One record of the log: what the engine was told, and at what `now`.
struct Record {
  RecordKind kind = RecordKind::kEvents;
  Instant now{};  // never before the last record's
  std::vector<model::Envelope> events{};
  std::string payload{};  // opaque: pack files, an operator's action; empty for events and time
};

// An input that was set aside.
struct Quarantined {
  std::string reason;   // stable name, a metric label
  std::string message;  // one sentence for the sender
  model::Position position;
  std::uint64_t size = 0;  // of the whole input
  base::Digest sha256{};   // of the whole input
  std::string bytes;       // its beginning; what is beyond kQuarantineBytesMax is cut off
  std::string source, id;  // when known
};

// Values stand on disk: do not renumber.
enum class Phase : std::uint8_t { kPending = 1, kFiring = 2, kResolved = 3 };
std::string_view name_of(Phase phase);

// An alert episode as it stands after the batch; written over its last state by `key`.
struct AlertRow {
  std::string key;  // the episode's identity
  std::string agency, rule;
  model::ElementKey element;
  model::Severity severity = model::Severity::kLow;
  Phase phase = Phase::kPending;
  Instant started{};                // since when violating
  Instant fired = base::kNever;     // kNever: has not fired
  Instant resolved = base::kNever;  // kNever: stands
  std::string cause;                // id of the event, "time" or "pack"
  std::string occurrence;           // may be empty
  bool told = false;                // its firing went to the outbox
  std::string notice;               // opaque: what was told, to tell it again; may be empty
};

struct OutboxRow {
  std::string sink;
  std::string kind;     // "notice", "digest", …: the sink's word
  std::string payload;  // opaque
};

struct OffsetRow {
  std::string channel, topic;
  std::int32_t partition = 0;
  std::int64_t next = 0;  // the next offset to read
};

struct Redriven {  // an input that was set aside before and that this batch took once more
  QuarantineId id;
  std::string by;      // who asked
  std::string result;  // what became of it
};

struct EventPlace {  // one event of the log
  Seq seq;
  std::uint32_t event = 0;  // its place in the batch
  friend bool operator==(const EventPlace&, const EventPlace&) = default;
};

// The engine's state as of one record, in rows the store does not look into: where they belong.
// Values stand on disk: do not renumber.
enum class SnapshotSpace : std::uint8_t {
  kElements = 0,      // by place
  kSources = 1,       // by source
  kLateElements = 2,  // what changed last: counts for its own snapshot only
  kLateSources = 3,
  kPlaces = 4,  // by mark: places that elements have or had; a row is its mark, as it stands there
};
constexpr std::uint32_t shard_of_mark(std::uint32_t mark) { return mark >> 26U; }  // its bucket

// Rows of one bucket that changed; several of a bucket follow one another and later ones count.
struct SnapshotPart {
  SnapshotSpace space = SnapshotSpace::kElements;
  std::uint32_t bucket = 0;
  bool whole = false;  // all rows of the bucket: parts before it are not needed
  std::uint32_t rows = 0;
  std::string bytes{};                 // portable
  std::string packed{};                // beside it, for the engine that wrote it
  std::vector<std::uint32_t> marks{};  // of elements: one a row, to find it by
};

// A step of a snapshot. Several make one, and it counts once a step with an end is written.
struct SnapshotStep {
  bool begins = false;  // what was begun before and not finished is gone
  std::vector<SnapshotPart> parts{};
  struct End {
    std::string head{}, packed{};  // opaque
    std::size_t keep_months = 0;  // of older ones the last of each month stays, so many months back
  };
  // It stands behind the record that the step is written with, or else behind the last one.
  std::optional<End> end{};
  std::size_t tidy = 0;  // at most so many parts that no snapshot needs are deleted
  bool empty() const { return !begins && parts.empty() && !end && tidy == 0; }
};

// What stood in the whole at an instant, in bytes that the store does not look into. One that is
// not whole says what differs from the one before it. Not part of the chain.
struct Outline {
  Instant at{};
  bool whole = false;
  std::string bytes{};
};

// A pair that is violating, waived or undetermined.
struct OpenPair {
  std::string agency, rule;
  model::ElementKey element{};
  model::VerdictState state = model::VerdictState::kNotApplicable;
  Instant since{};                 // of the state
  Instant started = base::kNever;  // of the underlying violation; kNever: there is none
  std::string occurrence{};
};
// A pair that came under another agency without a change of its verdict, as it stands now.
struct Restated {
  std::string before;  // the agency that owed it
  OpenPair pair{};
  Instant recorded{};
  std::uint32_t after = 0;  // so many transitions of the batch came before it
};

// What the index of elements knows an element by, never 0; two of them may share one.
std::uint32_t element_mark(std::string_view kind, std::string_view id);

// All that one step wrote. Appended whole or not at all.
struct Batch {
  Record record{};
  std::vector<model::Transition> transitions{};  // `recorded` never goes back
  std::vector<Quarantined> quarantined{};
  std::vector<AlertRow> alerts{};
  std::vector<OutboxRow> outbox{};
  std::vector<OffsetRow> offsets{};
  std::vector<Redriven> redriven{};  // ids that are not there are ignored
  // Events of earlier records whose bodies this record erases; its payload says who and why. The
  // digests stay. kNotFound when one is not there or is erased already.
  std::vector<EventPlace> erased{};
  SnapshotStep snapshot{};
  // For questions about the past; marks: of each event that of its element, 0: it had no effect.
  std::vector<Outline> outlines{};
  std::vector<Restated> restated{};
  std::vector<std::uint32_t> marks{};
};

// ── What is read ────────────────────────────────────────────────────────────────────────────────

struct ErasedEvent {        // its digest stands, so the chain does too
  std::uint32_t place = 0;  // in record.events, where an empty envelope stands
  Seq by;                   // the operator's action that says who and why
};

struct StoredRecord {
  Seq seq;
  Record record;
  std::vector<ErasedEvent> erased;
  bool body_deleted = false;          // retention took the body; events, payload and rows are empty
  std::uint32_t event_count = 0;      // also when the body is gone
  TransitionNumber first_transition;  // of its transitions, when it has any
  std::uint32_t transition_count = 0;
  base::Digest entry{};  // of the chain
  std::vector<AlertRow> alerts;
  std::vector<OffsetRow> offsets;
};

struct StoredTransition {
  TransitionNumber number;
  Seq seq;
  model::Transition transition;
};

// What is left empty does not narrow. `element` and `agency` are answered by index, `from`, `to`,
// `after` and `before` by place; a rule alone is a scan of that span.
struct TransitionFilter {
  std::string rule{};
  std::optional<model::ElementKey> element{};
  std::string agency{};
  Instant from = kAlways, to = base::kNever;  // recorded at or after; before
  TransitionNumber after{}, before{std::numeric_limits<std::uint64_t>::max()};  // neither itself
  bool newest_first = false;
  std::size_t limit = 1000;
};

struct PendingOutbox {
  OutboxId id;
  OutboxRow row;
  Instant queued{};  // the `now` of its record
  std::uint32_t attempts = 0;
  Instant next_attempt = kAlways;
};

struct QuarantineRow {
  QuarantineId id;
  Seq seq;
  Instant at{};  // the `now` of its record
  Quarantined input;
  std::optional<Instant> redriven;           // the `now` of the record that took it once more
  std::string redriven_by, redriven_result;  // empty while it waits
};

struct QuarantineFilter {
  std::string reason{};
  bool only_waiting = false;  // not yet re-driven
  QuarantineId after{};
  std::size_t limit = 1000;
  bool with_bytes = false;
};

struct ChainHead {
  Seq seq;  // 0: the store is empty
  base::Digest entry{};
};

struct Tail {
  Seq seq;  // of the last record; 0: none
  Instant now = kAlways;
  TransitionNumber transition;  // the last one; 0: none
};

struct Counts {
  std::uint64_t records = 0, events = 0, transitions = 0, open_alerts = 0, outbox = 0;
  std::uint64_t quarantined = 0, quarantine_waiting = 0;
};

struct FileSizes {
  std::uint64_t database = 0, wal = 0;  // bytes
};

struct Verification {  // what verify_chain() found
  struct Injury {
    Seq seq;
    std::optional<std::uint32_t> event;  // its place in the batch, where it is one event
    std::string message;
  };
  // An event whose body is gone on purpose; the record `by` says who and why.
  struct Erasure {
    Seq seq;
    std::uint32_t event = 0;  // its place in the batch
    Seq by;
  };
  std::uint64_t records = 0, events = 0, transitions = 0;  // looked at
  std::uint64_t erased = 0, deleted_bodies = 0;
  ChainHead head;
  std::optional<Seq> expected_at;  // the record whose entry is the digest that was asked for
  std::vector<Injury> injuries;    // by seq; at most a thousand
  std::vector<Erasure> erasures;   // likewise
};

// What stands of a bucket: the rows of its newest whole part, and those of the parts after it.
struct SnapshotBucket {
  SnapshotSpace space = SnapshotSpace::kElements;
  std::uint32_t bucket = 0;
  std::uint64_t rows = 0, later_rows = 0;
};

struct SnapshotInfo {
  SnapshotId id;
  Seq seq;        // the record it stands behind
  Instant now{};  // of that record
};
struct Snapshot {
  SnapshotInfo info{};
  std::string head{}, packed{};  // opaque
};

struct Kept {              // from when on the past is
  Seq seq{1};              // the first record whose body, and those of all behind it, are there
  Instant from = kAlways;  // of the state right before it; kAlways: from the log's beginning
  Instant outlined = base::kNever;  // from when on outlines stand; kNever: there is none
  Seq marked{1};                    // from this record on records_of() knows every event
};
using MarkedPlaces = std::optional<std::vector<std::uint32_t>>;

class Reader;

// Goes over the records in order, a few at a time, without holding a read transaction in between.
// Belongs to the Reader that made it and must not outlive it.
class Cursor {
 public:
  // The next record; nothing at the end, where it may be asked again later.
  base::Result<std::optional<StoredRecord>> next();

 private:
  friend class Reader;
  Cursor(Reader* reader, Seq from) : reader_(reader), next_(from) {}
  Reader* reader_;
  Seq next_;
};

// Reads through its own connection, beside the writer. Each call sees what was committed before it;
// once held, all see what the first one saw.
class Reader {
 public:
  // kNotFound when the folder holds no store. Works beside a running daemon and without one.
  static base::Result<std::unique_ptr<Reader>> open(const std::string& dir);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  base::Status hold();  // until it goes, which should be soon: the WAL grows meanwhile

  base::Result<Tail> tail() const;
  base::Result<ChainHead> chain_head() const;
  base::Result<Counts> counts() const;
  FileSizes file_sizes() const;
  base::Result<std::optional<std::string>> meta(std::string_view key) const;

  Cursor records(Seq from = Seq{1});  // from this one on
  base::Result<std::optional<StoredRecord>> record(Seq seq);

  // In the order of the log, or newest first.
  base::Result<std::vector<StoredTransition>> transitions(const TransitionFilter& filter);
  base::Result<std::uint64_t> count_transitions(const TransitionFilter& filter);

  base::Result<std::vector<AlertRow>> open_alerts() const;  // pending and firing ones, by key
  // Episodes that started, fired or were resolved in [from, to), by key.
  base::Result<std::vector<AlertRow>> alerts_within(Instant from, Instant to) const;
  base::Result<std::optional<AlertRow>> alert(std::string_view key) const;

  base::Result<std::vector<OffsetRow>> offsets() const;
  // Oldest first.
  base::Result<std::vector<PendingOutbox>> outbox(std::string_view sink, std::size_t limit) const;
  base::Result<std::vector<QuarantineRow>> quarantine(const QuarantineFilter& filter) const;
  base::Result<std::optional<QuarantineRow>> quarantined(QuarantineId id) const;

  base::Result<std::vector<SnapshotInfo>> snapshots() const;  // newest first; only whole ones
  base::Result<Snapshot> snapshot(SnapshotId id) const;  // kCorrupt: the log has another record
  // The buckets of a snapshot, and the parts of one, oldest first.
  base::Result<std::vector<SnapshotBucket>> snapshot_buckets(SnapshotId id) const;
  base::Result<std::vector<SnapshotPart>> snapshot_parts(SnapshotId id, SnapshotSpace space,
                                                         std::uint32_t bucket,
                                                         bool with_packed = true) const;
  base::Result<Kept> kept() const;
  std::uint64_t used_bytes() const;  // of the database, without its gaps
  // The number of the last record whose `now` is at or before `at`; 0: none.
  base::Result<Seq> record_at(Instant at) const;
  // What SQLite finds wrong with the file and its indexes, a line each; takes long.
  base::Result<std::vector<std::string>> integrity() const;

  // ── As of an instant, by index ──
  // The newest whole one up to `at` and those that follow it up to `at`; empty: none is that old.
  base::Result<std::vector<Outline>> outlines(Instant at) const;
  // What an agency (its code) owed by what was recorded up to and including `at`, in no order; with
  // a rule, what it owed by that one. By a rule and no agency what all owed: kNotFound where it is
  // one that many violate, and the agencies are to be asked.
  base::Result<std::vector<OpenPair>> open_pairs(std::optional<std::string_view> agency, Instant at,
                                                 std::string_view rule = {});
  // Records above `after` up to and including `upto` that may hold an event of the element.
  base::Result<std::vector<Seq>> records_of(std::string_view kind, std::string_view id, Seq after,
                                            Seq upto) const;
  // A record with those of its events that have the mark, and no rows; if it reaches beyond `to`
  // only those before its first event beyond it. kCorrupt: its body or its marks are not there.
  base::Result<StoredRecord> events_of(Seq seq, std::uint32_t mark, Instant to) const;
  // Records of a kind but events and time steps, above `after` up to and including `upto`.
  base::Result<std::vector<Seq>> records_of(RecordKind kind, Seq after, Seq upto) const;
  // Where a snapshot may have elements of this mark. Nothing when it was written without marks.
  base::Result<MarkedPlaces> snapshot_places(SnapshotId id, std::uint32_t mark) const;
  base::Result<bool> has_places(SnapshotId id) const;  // kPlaces; else its rows are looked through

  // Computes the whole chain again, on several threads; takes long. Injuries are in the value; an
  // error means that it could not be read. A log cut at its end is a whole shorter one: only a head
  // kept elsewhere shows that. Given as `expected`, its absence is an injury.
  base::Result<Verification> verify_chain(std::optional<base::Digest> expected = std::nullopt);

 private:
  friend class Store;
  friend class Cursor;
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// ── The writer ──────────────────────────────────────────────────────────────────────────────────

struct Options {
  std::uint64_t checkpoint_wal_bytes = 8'388'608;  // of WAL before a checkpoint
  int compression_level = 1;                       // zstd's
  // Told how far it is while a store of an older form is brought forward.
  std::function<void(std::uint64_t done, std::uint64_t all)> upgrading{};
};

struct Stats {
  std::uint64_t commits = 0, failed_commits = 0;
  std::uint64_t events = 0, transitions = 0, quarantined = 0;  // appended since open
  std::uint64_t log_events = 0, log_quarantined = 0;           // in the whole log
  std::uint64_t raw_bytes = 0, stored_bytes = 0;               // bodies before and after zstd
  std::uint64_t checkpoints = 0, blocked_checkpoints = 0;      // blocked: a reader held them up
  std::uint64_t snapshot_parts_deleted = 0;
  double commit_seconds = 0, last_commit_seconds = 0;  // the sum of all, the last one's
  FileSizes files;
};

class Store {
 public:
  // Opens or makes the store in `dir` (made with mode 0700, its parent must exist) and locks it.
  static base::Result<std::unique_ptr<Store>> open(const std::string& dir, const Options& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Writes the batch in one transaction. Once it returns a number, a power cut does not undo it.
  // After an error nothing of it is there and the Store is as before: call again with the same
  // batch, it gets the same number and the same chain entry.
  base::Result<Seq> append(const Batch& batch);

  // Removes delivered rows; unknown ids are ignored.
  base::Status outbox_delivered(std::span<const OutboxId> ids);
  // Counts a failed attempt and says when to try next.
  base::Status outbox_failed(std::span<const OutboxId> ids, Instant next_attempt);
  // Durable at once. Keys of the store itself begin with "store." and are refused.
  base::Status set_meta(std::string_view key, std::string_view value);
  // A step of a snapshot in a transaction of its own, for when no batch takes it along.
  base::Status write_snapshot(const SnapshotStep& step);
  // Deletes at most `most` bodies of records below `before`, the oldest first; how many. Their
  // digests stay. kInvalid when no snapshot stands behind them.
  base::Result<std::size_t> delete_bodies(Seq before, std::size_t most);
  // Writes all of it anew without gaps; needs as much room again. Takes long: calls `beat`.
  base::Status compact(const std::function<void()>& beat = {});
  // To be called when no input has come for a while: brings indexes up to date and empties the WAL.
  base::Status idle();
  Reader& read();  // the writer's own reader, on the writer's thread
  const Tail& tail() const;
  const ChainHead& chain_head() const;
  const std::string& store_id() const;  // random, made with the store
  Stats stats() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Copies the store of `dir`, also one that a daemon is writing to, as it stood at one instant, into
// the folder `to`, which is made and must hold no store. `progress` is told pages.
base::Status backup(const std::string& dir, const std::string& to,
                    const std::function<void(std::uint64_t done, std::uint64_t all)>& progress);

}  // namespace patuh::store
