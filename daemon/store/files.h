// The file layer: every file operation of the store goes through here, SQLite's and the folder's
// own. It passes calls on, and lets a test watch each, data included, and decide its fate.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace patuh::store {

enum class FileOperation : std::uint8_t {
  kOpen,
  kRead,
  kWrite,
  kTruncate,
  kSync,
  kRemove,
  kShare,  // of the WAL's index: its memory
  kLock,   // of a range, of the WAL's index, of the folder
  kLook,   // whether it is there, how big it is
  kMakeFolder,
  kSyncFolder,
};
std::string_view name_of(FileOperation operation);  // "open", "read", …

struct FileCall {
  FileOperation operation = FileOperation::kRead;
  std::string_view name;    // the file's last name: "patuh.db", "patuh.db-wal"
  std::int64_t offset = 0;  // of a read or write; the size of a truncation
  std::int64_t bytes = 0;   // of a read or write
  std::string_view data{};  // of a write
};

enum class Fate : std::uint8_t {
  kPass,
  kFails,      // EIO, nothing done
  kDiskFull,   // ENOSPC, nothing done
  kHalfDone,   // a write stops half way and fails; other operations fail
  kUnnoticed,  // reported as done, but not done: a sync that lied, a lost write
};

// Called before every operation of every connection opened from then on and before, on the thread
// that does it; empty = pass all. For tests: set it while no other thread uses the store.
void decide_file_fates(std::function<Fate(const FileCall&)> decide);

// The layer's name, as sqlite3_open_v2 takes it; registered at the first call.
const char* file_layer();

// ── The folder's own files: POSIX calls through the same layer, errno included ──────────────────

int open_through(const std::string& path, int flags, mode_t mode = 0);
int lock_through(int file, const std::string& path, int operation);  // flock
// Replaces what stands in the file.
int rewrite_through(int file, const std::string& path, std::string_view text);
int make_folder_through(const std::string& path, mode_t mode);
// Makes what was created or removed in the folder durable.
int sync_folder_through(const std::string& path);
// The size of what is there; -1 and errno when nothing is.
std::int64_t look_through(const std::string& path);

}  // namespace patuh::store
