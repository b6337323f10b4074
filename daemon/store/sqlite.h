// The one door to SQLite: a connection, and statements prepared once.
//
// Threads: a Database and its queries belong to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/base.h"

struct sqlite3;
struct sqlite3_stmt;

namespace patuh::store {

// One run of a statement: bind from the first parameter on, then rows or run(). Bound text and
// bytes must live until the query is destroyed, which readies the statement for its next use.
class Query {
 public:
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value);  // up to 2^63 - 1; beyond it the query fails
  Query& bind_text(std::string_view value);
  Query& bind_blob(std::string_view value);
  Query& bind_null();

  // True while there is a row to read.
  base::Result<bool> row();
  // For statements without rows.
  base::Status run();

  // Columns of the present row, from 0 on. Views live until the next row().
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t count(int column) const;  // of a column that is never negative
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  friend class Database;
  Query(sqlite3* connection, const std::string* name, sqlite3_stmt* statement, int code)
      : connection_(connection), name_(name), statement_(statement), code_(code) {}
  void note(int code);
  sqlite3* connection_;
  const std::string* name_;
  sqlite3_stmt* statement_;
  int code_;  // the first fault; SQLITE_OK = 0
  int bound_ = 0;
};

class Database {
 public:
  enum class Access : std::uint8_t { kWrite, kRead };
  // The file must be there.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One or more statements without parameters, for set-up and transactions.
  base::Status execute(const char* sql);
  // `sql` is a literal: the prepared statement is kept under its address.
  Query query(const char* sql);
  bool in_transaction() const;

  struct Checkpoint {
    bool blocked = false;  // a reader kept part of the WAL from being moved
  };
  base::Result<Checkpoint> checkpoint(bool truncate);
  // Pages that stand in the WAL since it was last begun anew, as of this connection's last commit.
  std::uint64_t wal_pages() const { return wal_pages_; }

  // Copies all that is committed, as of one instant, into an empty database. Told pages.
  base::Status copy_to(Database& to,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress);

  // Told now and then while a statement runs; empty: nobody is.
  void on_progress(std::function<void()> told);

  const std::string& path() const { return path_; }

 private:
  Database(std::string path, sqlite3* connection);
  static int count_wal_pages(void* self, sqlite3* connection, const char* name, int pages);
  std::string path_;
  sqlite3* connection_;
  std::uint64_t wal_pages_ = 0;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::function<void()> on_progress_;
};

// BEGIN … COMMIT; rolled back when destroyed before commit() succeeded. One for reading within
// another is part of that.
class Transaction {
 public:
  enum class For : std::uint8_t { kReading, kWriting };
  static base::Result<Transaction> begin(Database& database, For what);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Status commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace patuh::store
