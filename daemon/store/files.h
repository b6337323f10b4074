// Every file operation of the store goes through here: a layer over SQLite's own that passes calls
// on, and lets a test decide the fate of each.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace patuh::store {

enum class FileOperation : std::uint8_t { kOpen, kRead, kWrite, kTruncate, kSync, kRemove, kShare };

struct FileCall {
  FileOperation operation = FileOperation::kRead;
  std::string_view name;    // the file's last name: "patuh.db", "patuh.db-wal"
  std::int64_t offset = 0;  // of a read or write; the size of a truncation
  std::int64_t bytes = 0;   // of a read or write
};

enum class Fate : std::uint8_t {
  kPass,
  kFails,      // EIO, nothing done
  kDiskFull,   // ENOSPC, nothing done
  kHalfDone,   // a write stops half way and fails; other operations fail
  kUnnoticed,  // reported as done, but not done: a sync that lied, a lost write
};

// Called before every operation of every connection opened from then on and before; empty = pass
// all. For tests: set it while no other thread uses the store.
void decide_file_fates(std::function<Fate(const FileCall&)> decide);

// The layer's name, as sqlite3_open_v2 takes it; registered at the first call.
const char* file_layer();

}  // namespace patuh::store
