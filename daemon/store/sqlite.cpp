#include "store/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "store/files.h"

namespace patuh::store {
namespace {

constexpr int kBusyMilliseconds = 2000;
constexpr int kCopyPages = 4096;             // a step of a copy: 16 MiB
constexpr int kOperationsBetween = 100'000;  // of SQLite, between two words about progress

base::Code code_of(int sqlite) {
  switch (sqlite) {
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return base::Code::kCorrupt;
    default:
      break;
  }
  switch (sqlite & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
      return base::Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::Code::kCorrupt;
    case SQLITE_TOOBIG:
      return base::Code::kInvalid;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return base::Code::kDenied;
    default:
      return base::Code::kInternal;
  }
}

std::unexpected<base::Error> failure(sqlite3* connection, const std::string& path, int code) {
  std::string message = path + ": " + sqlite3_errstr(code);
  // The connection's text says more when it is about this fault.
  if (connection != nullptr && sqlite3_extended_errcode(connection) == code) {
    message = path + ": " + sqlite3_errmsg(connection);
  }
  return base::fail(code_of(code), std::move(message));
}

}  // namespace

// ── Query ───────────────────────────────────────────────────────────────────────────────────────

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::note(int code) {
  if (code_ == SQLITE_OK) code_ = code;
}

Query& Query::bind(std::int64_t value) {
  if (statement_ != nullptr) note(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Query& Query::bind(std::uint64_t value) {
  if (!std::in_range<std::int64_t>(value)) note(SQLITE_TOOBIG);
  return bind(static_cast<std::int64_t>(value));
}

Query& Query::bind_text(std::string_view value) {
  if (statement_ == nullptr) return *this;
  const char* data = value.empty() ? "" : value.data();
  note(sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::bind_blob(std::string_view value) {
  if (statement_ == nullptr) return *this;
  const char* data = value.empty() ? "" : value.data();
  note(sqlite3_bind_blob64(statement_, ++bound_, data, value.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::bind_null() {
  if (statement_ != nullptr) note(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

base::Result<bool> Query::row() {
  if (code_ == SQLITE_OK) {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    note(code);
  }
  return failure(connection_, *name_, code_);
}

base::Status Query::run() {
  const base::Result<bool> done = row();
  if (!done) return std::unexpected(done.error());
  PATUH_ASSERT(!*done);
  return {};
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::uint64_t Query::count(int column) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(integer(column), 0));
}

std::string_view Query::text(int column) const {
  const void* data = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string_view Query::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// ── Database ────────────────────────────────────────────────────────────────────────────────────

Database::Database(std::string path, sqlite3* connection)
    : path_(std::move(path)), connection_(connection) {}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access) {
  const int mode = access == Access::kWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &connection,
      mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE, file_layer());
  std::unique_ptr<Database> out(new Database(path, connection));
  if (code != SQLITE_OK) return failure(connection, path, code);
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  // Double quotes never mean a string; the schema is not trusted to call functions.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // The last one to close does not checkpoint: closing must be quick, and idle() did it already.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // In the place of SQLite's own checkpoints after a thousand pages, which would be this hook's.
  sqlite3_wal_hook(connection, &Database::count_wal_pages, out.get());
  return out;
}

int Database::count_wal_pages(void* self, sqlite3* /*connection*/, const char* /*name*/,
                              int pages) {
  static_cast<Database*>(self)->wal_pages_ = static_cast<std::uint64_t>(pages);
  return SQLITE_OK;
}

base::Status Database::execute(const char* sql) {
  const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_, path_, code);
  return {};
}

Query Database::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    code = sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  return {connection_, &path_, statement, code};
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

base::Result<Database::Checkpoint> Database::checkpoint(bool truncate) {
  int frames = 0;
  int moved = 0;
  const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  // A reader must not hold up the writer: no waiting here.
  sqlite3_busy_timeout(connection_, 0);
  const int code = sqlite3_wal_checkpoint_v2(connection_, "main", mode, &frames, &moved);
  sqlite3_busy_timeout(connection_, kBusyMilliseconds);
  if (code == SQLITE_BUSY) return Checkpoint{.blocked = true};
  if (code != SQLITE_OK) return failure(connection_, path_, code);
  if (truncate) wal_pages_ = 0;
  return Checkpoint{.blocked = moved < frames};
}

base::Status Database::copy_to(Database& to,
                               const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  // Held for the whole copy: it is of one instant, and what is written meanwhile does not disturb.
  auto reading = Transaction::begin(*this, Transaction::For::kReading);
  if (!reading) return std::unexpected(reading.error());
  {
    Query first = query("SELECT 1 FROM sqlite_schema LIMIT 1");
    if (auto begun = first.row(); !begun) return std::unexpected(begun.error());
  }
  sqlite3_backup* const copy = sqlite3_backup_init(to.connection_, "main", connection_, "main");
  if (copy == nullptr) {
    return failure(to.connection_, to.path_, sqlite3_errcode(to.connection_));
  }
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(copy, kCopyPages);
    const int all = sqlite3_backup_pagecount(copy);
    if (progress) {
      progress(static_cast<std::uint64_t>(all - sqlite3_backup_remaining(copy)),
               static_cast<std::uint64_t>(all));
    }
  }
  const int finished = sqlite3_backup_finish(copy);
  if (code != SQLITE_DONE) return failure(to.connection_, to.path_, code);
  if (finished != SQLITE_OK) return failure(to.connection_, to.path_, finished);
  return {};
}

void Database::on_progress(std::function<void()> told) {
  on_progress_ = std::move(told);
  const auto tell = [](void* self) {
    static_cast<Database*>(self)->on_progress_();
    return 0;
  };
  sqlite3_progress_handler(connection_, on_progress_ ? kOperationsBetween : 0, tell, this);
}

// ── Transaction ─────────────────────────────────────────────────────────────────────────────────

base::Result<Transaction> Transaction::begin(Database& database, For what) {
  if (what == For::kReading && database.in_transaction()) return Transaction(nullptr);
  const base::Status begun = what == For::kWriting ? database.query("BEGIN IMMEDIATE").run()
                                                   : database.query("BEGIN").run();
  if (!begun) return std::unexpected(begun.error());
  return Transaction(&database);
}

Transaction::~Transaction() {
  // Some faults have rolled back by themselves already.
  if (database_ == nullptr || !database_->in_transaction()) return;
  if (const base::Status undone = database_->execute("ROLLBACK"); !undone) {
    base::log(base::LogLevel::kError, "a transaction could not be rolled back",
              {{"error", undone.error().message}});
  }
}

base::Status Transaction::commit() {
  if (database_ == nullptr) return {};
  base::Status done = database_->query("COMMIT").run();
  if (done) database_ = nullptr;
  return done;
}

}  // namespace patuh::store
