// The data folder: made, and locked for one process.
#pragma once

#include <memory>
#include <string>

#include "base/base.h"

namespace patuh::store {

// Holds the folder's lock until destroyed; a process that dies lets go of it.
class FolderLock {
 public:
  // Makes the folder (0700) when it is not there. kConflict, naming the holder, when it is locked.
  static base::Result<std::unique_ptr<FolderLock>> take(const std::string& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

std::string database_path(const std::string& dir);
bool file_exists(const std::string& path);
std::uint64_t file_bytes(const std::string& path);  // 0 when it is not there

// Makes an empty file (0600) durably, before SQLite opens it: what SQLite makes beside it gets the
// same mode. kExists when it is there.
base::Status make_file(const std::string& dir, const std::string& path);

}  // namespace patuh::store
