#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "store/files.h"

namespace patuh::store {
namespace {

std::unexpected<base::Error> failure(const std::string& path, int error) {
  base::Code code = base::Code::kUnavailable;
  if (error == EACCES || error == EPERM || error == EROFS) code = base::Code::kDenied;
  if (error == ENOENT || error == ENOTDIR) code = base::Code::kNotFound;
  if (error == EEXIST) code = base::Code::kExists;
  return base::fail(code, path + ": " + std::system_category().message(error));
}

std::string holder_of(int lock_file) {
  char text[32] = {};
  const ssize_t size = ::pread(lock_file, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

// For whoever meets the lock; not being able to say it is no fault.
void write_holder(int lock_file, const std::string& path) {
  if (rewrite_through(lock_file, path, std::to_string(::getpid()) + "\n") != 0) {
    base::log(base::LogLevel::kDebug, "the lock file does not say who holds it");
  }
}

}  // namespace

base::Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::string& dir) {
  if (make_folder_through(dir, 0700) != 0 && errno != EEXIST) return failure(dir, errno);
  const std::string path = dir + "/lock";
  const int file = open_through(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (file < 0) return failure(path, errno);
  std::unique_ptr<FolderLock> lock(new FolderLock(file));
  if (lock_through(file, path, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(path, errno);
    return base::fail(base::Code::kConflict,
                      dir + " is in use by " + holder_of(file) +
                          "; stop it, ask it over HTTP (--url), or name another folder");
  }
  write_holder(file, path);
  return lock;
}

FolderLock::~FolderLock() { ::close(file_); }

std::string database_path(const std::string& dir) { return dir + "/patuh.db"; }

// What cannot be looked at may be there: opening it says what is wrong.
bool file_exists(const std::string& path) { return look_through(path) >= 0 || errno != ENOENT; }

std::uint64_t file_bytes(const std::string& path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(look_through(path), 0));
}

base::Status make_file(const std::string& dir, const std::string& path) {
  const int file = open_through(path, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0) return failure(path, errno);
  ::close(file);
  if (sync_folder_through(dir) != 0) return failure(dir, errno);
  return {};
}

}  // namespace patuh::store
