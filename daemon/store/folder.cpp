#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace patuh::store {
namespace {

std::unexpected<base::Error> failure(const std::string& path, int error) {
  base::Code code = base::Code::kUnavailable;
  if (error == EACCES || error == EPERM || error == EROFS) code = base::Code::kDenied;
  if (error == ENOENT || error == ENOTDIR) code = base::Code::kNotFound;
  if (error == EEXIST) code = base::Code::kExists;
  return base::fail(code, path + ": " + std::system_category().message(error));
}

// Makes what was created in the folder durable.
base::Status sync_folder(const std::string& dir) {
  const int folder = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failure(dir, errno);
  const int synced = ::fsync(folder);
  const int error = errno;
  ::close(folder);
  if (synced != 0) return failure(dir, error);
  return {};
}

std::string holder_of(int lock_file) {
  char text[32] = {};
  const ssize_t size = ::pread(lock_file, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

// For whoever meets the lock; not being able to say it is no fault.
void write_holder(int lock_file) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_file, 0) != 0 || ::pwrite(lock_file, pid.data(), pid.size(), 0) < 0) {
    base::log(base::LogLevel::kDebug, "the lock file does not say who holds it");
  }
}

}  // namespace

base::Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::string& dir) {
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) return failure(dir, errno);
  const std::string path = dir + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failure(path, errno);
  std::unique_ptr<FolderLock> lock(new FolderLock(file));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(path, errno);
    return base::fail(base::Code::kConflict,
                      dir + " is in use by " + holder_of(file) +
                          "; stop it, ask it over HTTP (--url), or name another folder");
  }
  write_holder(file);
  return lock;
}

FolderLock::~FolderLock() { ::close(file_); }

std::string database_path(const std::string& dir) { return dir + "/patuh.db"; }

bool file_exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

std::uint64_t file_bytes(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

base::Status make_file(const std::string& dir, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failure(path, errno);
  ::close(file);
  return sync_folder(dir);
}

}  // namespace patuh::store
