#include "store/schema.h"

#include <sys/random.h>

#include <array>
#include <charconv>

#include "store/folder.h"
#include "store/store.h"

namespace patuh::store {
namespace {

// Described column by column in docs/store-format.md. A change is a new format version, with a step
// that brings older stores forward.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(
  key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE records(
  seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, now INTEGER NOT NULL,
  first_event INTEGER NOT NULL, events INTEGER NOT NULL,
  first_transition INTEGER NOT NULL, transitions INTEGER NOT NULL,
  alerts INTEGER NOT NULL, offsets INTEGER NOT NULL, quarantined INTEGER NOT NULL,
  digests BLOB NOT NULL, entry BLOB NOT NULL) STRICT;
CREATE TABLE event_digests(seq INTEGER PRIMARY KEY, digests BLOB NOT NULL) STRICT;
CREATE TABLE bodies(seq INTEGER PRIMARY KEY, raw_size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;

CREATE TABLE transitions(
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL, seq INTEGER NOT NULL,
  first_recorded INTEGER NOT NULL, last_recorded INTEGER NOT NULL,
  raw_size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE by_element(
  hash INTEGER NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY(hash, number)) STRICT, WITHOUT ROWID;
CREATE TABLE by_agency(
  hash INTEGER NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY(hash, number)) STRICT, WITHOUT ROWID;

CREATE TABLE alerts(
  key TEXT PRIMARY KEY, agency TEXT NOT NULL, rule TEXT NOT NULL,
  kind TEXT NOT NULL, element TEXT NOT NULL, severity INTEGER NOT NULL, phase INTEGER NOT NULL,
  started INTEGER NOT NULL, fired INTEGER, resolved INTEGER,
  cause TEXT NOT NULL, occurrence TEXT NOT NULL, told INTEGER NOT NULL,
  notice BLOB NOT NULL) STRICT;
CREATE INDEX alerts_open ON alerts(key) WHERE phase < 3;
CREATE INDEX alerts_started ON alerts(started);
CREATE INDEX alerts_fired ON alerts(fired) WHERE fired IS NOT NULL;
CREATE INDEX alerts_resolved ON alerts(resolved) WHERE resolved IS NOT NULL;

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, kind TEXT NOT NULL,
  payload BLOB NOT NULL, queued INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, next_attempt INTEGER) STRICT;
CREATE INDEX outbox_sink ON outbox(sink, id);

CREATE TABLE offsets(
  channel TEXT NOT NULL, topic TEXT NOT NULL, part INTEGER NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY(channel, topic, part)) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine(
  id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  redriven INTEGER, reason TEXT NOT NULL, message TEXT NOT NULL,
  channel TEXT NOT NULL, topic TEXT NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL,
  size INTEGER NOT NULL, sha256 BLOB NOT NULL, source TEXT NOT NULL, event TEXT NOT NULL,
  kept_sha256 BLOB NOT NULL, bytes BLOB,
  redriven_by TEXT, redriven_result TEXT) STRICT;
CREATE INDEX quarantine_waiting ON quarantine(id) WHERE redriven IS NULL;
CREATE INDEX quarantine_seq ON quarantine(seq);
)sql";

// New with version 3: what a new store gets after its tables is what brings an older one forward.
constexpr const char* kSnapshotTables = R"sql(
CREATE TABLE snapshots(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, now INTEGER NOT NULL, entry BLOB NOT NULL,
  raw_size INTEGER NOT NULL, packed_size INTEGER NOT NULL,
  head BLOB NOT NULL, packed BLOB NOT NULL) STRICT;
CREATE TABLE snapshot_parts(
  id INTEGER PRIMARY KEY, snapshot INTEGER NOT NULL,
  space INTEGER NOT NULL, bucket INTEGER NOT NULL, whole INTEGER NOT NULL, rows INTEGER NOT NULL,
  raw_size INTEGER NOT NULL, packed_size INTEGER NOT NULL,
  bytes BLOB NOT NULL, packed BLOB NOT NULL) STRICT;
CREATE INDEX snapshot_parts_bucket ON snapshot_parts(space, bucket, id, snapshot, whole, rows);
CREATE INDEX records_now ON records(now, seq);
)sql";

// New with version 4: the past by index. Marks of events before it are not there: the record from
// which on they are is noted. And episodes are first written one behind another, since their own
// places, and those of four indexes, are all over the table.
constexpr const char* kPastTables = R"sql(
ALTER TABLE event_digests ADD COLUMN marks BLOB;
CREATE TABLE element_runs(
  id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  bytes BLOB NOT NULL) STRICT;
CREATE INDEX element_runs_shard ON element_runs(shard, last);
CREATE TABLE snapshot_marks(part INTEGER PRIMARY KEY, marks BLOB NOT NULL) STRICT;
CREATE TABLE outlines(
  id INTEGER PRIMARY KEY, base INTEGER NOT NULL, at INTEGER NOT NULL,
  raw_size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX outlines_at ON outlines(at);
CREATE TABLE open_pairs(
  id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, whole INTEGER NOT NULL, seq INTEGER NOT NULL,
  entries INTEGER NOT NULL, raw_size INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX open_pairs_agency ON open_pairs(hash, whole, seq);
CREATE INDEX records_rare ON records(kind, seq) WHERE kind > 2;
INSERT INTO meta(key, value) SELECT 'store.marked', coalesce(max(seq), 0) + 1 FROM records;
INSERT INTO meta(key, value) VALUES('store.open', '0');
CREATE TABLE alert_tail(
  id INTEGER PRIMARY KEY, hash INTEGER NOT NULL,
  key TEXT NOT NULL, agency TEXT NOT NULL, rule TEXT NOT NULL,
  kind TEXT NOT NULL, element TEXT NOT NULL, severity INTEGER NOT NULL, phase INTEGER NOT NULL,
  started INTEGER NOT NULL, fired INTEGER, resolved INTEGER,
  cause TEXT NOT NULL, occurrence TEXT NOT NULL, told INTEGER NOT NULL,
  notice BLOB NOT NULL) STRICT;
CREATE INDEX alert_tail_hash ON alert_tail(hash);
CREATE VIEW all_alerts AS
  SELECT key, agency, rule, kind, element, severity, phase, started, fired, resolved, cause,
         occurrence, told, notice
  FROM alerts WHERE key NOT IN (SELECT key FROM alert_tail)
  UNION ALL
  SELECT key, agency, rule, kind, element, severity, phase, started, fired, resolved, cause,
         occurrence, told, notice
  FROM alert_tail;
)sql";

// What brings a store of version n to n + 1 stands at n - 1. A version once released keeps its
// step.
constexpr std::array<const char*, kFormatVersion - 1> kSteps = {
    "ALTER TABLE quarantine ADD COLUMN redriven_by TEXT;"
    "ALTER TABLE quarantine ADD COLUMN redriven_result TEXT;",
    kSnapshotTables, kPastTables};

// 'PATU', so that file(1) and a person see whose it is.
constexpr const char* kIdentity = "PRAGMA application_id = 1346458709";

// The page size is fixed when the first table is made; the WAL mode stays with the file. FULL:
// a commit that was answered survives a power cut. FAST: what is deleted is overwritten where that
// costs no extra write.
constexpr const char* kFirstSettings = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;";
constexpr const char* kWriterSettings =
    "PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -32768; PRAGMA mmap_size = 0;"
    "PRAGMA journal_size_limit = 67108864; PRAGMA cell_size_check = ON;";
constexpr const char* kReaderSettings =
    "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;"
    "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;";

base::Result<std::string> random_id() {
  std::array<std::uint8_t, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return base::fail(base::Code::kUnavailable, "the system gave no random bytes");
  }
  return base::to_hex(bytes);
}

base::Status make_tables(Database& database) {
  const base::Result<std::string> id = random_id();
  if (!id) return std::unexpected(id.error());
  base::Result<Transaction> transaction = Transaction::begin(database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  for (const char* const tables : {kTables, kSnapshotTables, kPastTables}) {
    if (auto done = database.execute(tables); !done) return done;
  }
  if (auto done = database.execute(kIdentity); !done) return done;
  if (auto done = write_meta(database, kMetaFormat, std::to_string(kFormatVersion)); !done) {
    return done;
  }
  if (auto done = write_meta(database, kMetaId, *id); !done) return done;
  if (auto done = write_meta(database, kMetaIndexed, "0"); !done) return done;
  return transaction->commit();
}

base::Result<bool> has_tables(Database& database) {
  Query query = database.query("SELECT 1 FROM sqlite_schema WHERE name = 'meta'");
  return query.row();
}

// Another program's database that happens to have the name: nothing of ours is written into it.
base::Status check_nobody_elses(Database& database) {
  Query query = database.query("SELECT 1 FROM sqlite_schema");
  const base::Result<bool> any = query.row();
  if (!any) return std::unexpected(any.error());
  if (!*any) return {};
  return base::fail(base::Code::kConflict, database.path() +
                                               " is another program's database, no store of "
                                               "Patuh's: name another folder");
}

// The version of a format that this release knows, its own or an older one.
base::Result<int> format_of(Database& database) {
  const auto text = read_meta(database, kMetaFormat);
  if (!text) return std::unexpected(text.error());
  int version = 0;
  if (*text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), version);
  if (version < 1) {
    return base::fail(base::Code::kCorrupt, database.path() + " does not say its format version");
  }
  if (version > kFormatVersion) {
    return base::fail(base::Code::kConflict,
                      database.path() + " was written by a newer release (format " +
                          std::to_string(version) + "; this one reads up to " +
                          std::to_string(kFormatVersion) +
                          "): install that release or a later one");
  }
  return version;
}

base::Status bring_forward(Database& database, int from) {
  int version = from;
  base::Result<Transaction> transaction = Transaction::begin(database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  for (; version < kFormatVersion; ++version) {
    const char* const step = kSteps[static_cast<std::size_t>(version - 1)];
    if (auto done = database.execute(step); !done) return done;
  }
  if (auto done = write_meta(database, kMetaFormat, std::to_string(version)); !done) return done;
  base::log(base::LogLevel::kInfo, "the store is brought forward to this release's format",
            {{"store", database.path()},
             {"from", std::to_string(from)},
             {"to", std::to_string(version)}});
  return transaction->commit();
}

base::Status check_format_for_reading(Database& database) {
  const base::Result<int> version = format_of(database);
  if (!version) return std::unexpected(version.error());
  if (*version == kFormatVersion) return {};
  return base::fail(base::Code::kConflict,
                    database.path() + " was written by an older release (format " +
                        std::to_string(*version) +
                        "): start this release's daemon on it once, that brings it forward");
}

base::Status prepare_for_writing(Database& database) {
  const base::Result<bool> made = has_tables(database);
  if (!made) return std::unexpected(made.error());
  if (*made) {
    const base::Result<int> version = format_of(database);
    if (!version) return std::unexpected(version.error());
    if (auto done = database.execute(kWriterSettings); !done) return done;
    return *version == kFormatVersion ? base::Status() : bring_forward(database, *version);
  }
  if (auto free = check_nobody_elses(database); !free) return free;
  if (auto done = database.execute(kFirstSettings); !done) return done;
  if (auto done = database.execute(kWriterSettings); !done) return done;
  return make_tables(database);
}

}  // namespace

base::Result<std::optional<std::string>> read_meta(Database& database, std::string_view key) {
  Query query = database.query("SELECT value FROM meta WHERE key = ?");
  const base::Result<bool> found = query.bind_text(key).row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::optional<std::string>();
  return std::optional<std::string>(query.text(0));
}

base::Status write_meta(Database& database, std::string_view key, std::string_view value) {
  return database
      .query(
          "INSERT INTO meta(key, value) VALUES(?, ?) "
          "ON CONFLICT(key) DO UPDATE SET value = excluded.value")
      .bind_text(key)
      .bind_text(value)
      .run();
}

base::Result<std::unique_ptr<Database>> open_for_writing(const std::string& dir) {
  const std::string path = database_path(dir);
  if (!file_exists(path)) {
    if (auto made = make_file(dir, path); !made) return std::unexpected(made.error());
  }
  auto database = Database::open(path, Database::Access::kWrite);
  if (!database) return database;
  if (auto ready = prepare_for_writing(**database); !ready) return std::unexpected(ready.error());
  return database;
}

base::Result<std::unique_ptr<Database>> open_for_reading(const std::string& dir) {
  const std::string path = database_path(dir);
  if (!file_exists(path)) {
    return base::fail(base::Code::kNotFound, "there is no store in " + dir);
  }
  auto database = Database::open(path, Database::Access::kRead);
  if (!database) return database;
  if (auto set = (*database)->execute(kReaderSettings); !set) return std::unexpected(set.error());
  const base::Result<bool> made = has_tables(**database);
  if (!made) return std::unexpected(made.error());
  if (!*made) return base::fail(base::Code::kNotFound, "there is no store in " + dir);
  if (auto known = check_format_for_reading(**database); !known) {
    return std::unexpected(known.error());
  }
  return database;
}

}  // namespace patuh::store
