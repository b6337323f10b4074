#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/base.h"

namespace patuh::store {
namespace {

constexpr const char* kLayerName = "patuh";

std::function<Fate(const FileCall&)>& decider() {
  static std::function<Fate(const FileCall&)> decide;
  return decide;
}

sqlite3_vfs* below() {
  static sqlite3_vfs* const kDefault = sqlite3_vfs_find(nullptr);
  return kDefault;
}

// An open file: what SQLite sees, and behind it in the same piece of memory the default layer's.
struct File {
  sqlite3_file base;
  const char* name;  // SQLite's own text, which lives as long as the file
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(alignof(File) >= alignof(std::max_align_t) || sizeof(File) % 16 == 0);

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

std::string_view last_name(const char* path) {
  if (path == nullptr) return "temporary";
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

Fate fate_of(FileOperation operation, const char* path, std::int64_t offset = 0,
             std::int64_t bytes = 0, std::string_view data = {}) {
  if (!decider()) return Fate::kPass;
  return decider()(FileCall{operation, last_name(path), offset, bytes, data});
}

// What an operation answers that is not passed on.
int answer(Fate fate, int when_failing) {
  if (fate == Fate::kUnnoticed) return SQLITE_OK;
  return fate == Fate::kDiskFull ? SQLITE_FULL : when_failing;
}

int close_file(sqlite3_file* file) { return of(file)->real()->pMethods->xClose(of(file)->real()); }

int read_file(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
  File* f = of(file);
  const Fate fate = fate_of(FileOperation::kRead, f->name, offset, bytes);
  if (fate != Fate::kPass) return SQLITE_IOERR_READ;
  return f->real()->pMethods->xRead(f->real(), out, bytes, offset);
}

int write_file(sqlite3_file* file, const void* in, int bytes, sqlite3_int64 offset) {
  File* f = of(file);
  const std::string_view data(static_cast<const char*>(in), static_cast<std::size_t>(bytes));
  const Fate fate = fate_of(FileOperation::kWrite, f->name, offset, bytes, data);
  if (fate == Fate::kHalfDone) f->real()->pMethods->xWrite(f->real(), in, bytes / 2, offset);
  if (fate != Fate::kPass) return answer(fate, SQLITE_IOERR_WRITE);
  return f->real()->pMethods->xWrite(f->real(), in, bytes, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File* f = of(file);
  const Fate fate = fate_of(FileOperation::kTruncate, f->name, size);
  if (fate != Fate::kPass) return answer(fate, SQLITE_IOERR_TRUNCATE);
  return f->real()->pMethods->xTruncate(f->real(), size);
}

int sync_file(sqlite3_file* file, int flags) {
  File* f = of(file);
  const Fate fate = fate_of(FileOperation::kSync, f->name);
  if (fate != Fate::kPass) return answer(fate, SQLITE_IOERR_FSYNC);
  return f->real()->pMethods->xSync(f->real(), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (fate_of(FileOperation::kLook, of(file)->name) != Fate::kPass) return SQLITE_IOERR_FSTAT;
  return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
}
int lock_file(sqlite3_file* file, int level) {
  if (fate_of(FileOperation::kLock, of(file)->name, level) != Fate::kPass) return SQLITE_IOERR_LOCK;
  return of(file)->real()->pMethods->xLock(of(file)->real(), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return of(file)->real()->pMethods->xUnlock(of(file)->real(), level);
}
int check_reserved_lock(sqlite3_file* file, int* out) {
  return of(file)->real()->pMethods->xCheckReservedLock(of(file)->real(), out);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return of(file)->real()->pMethods->xFileControl(of(file)->real(), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return of(file)->real()->pMethods->xSectorSize(of(file)->real());
}
int device_characteristics(sqlite3_file* file) {
  return of(file)->real()->pMethods->xDeviceCharacteristics(of(file)->real());
}

int share_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** out) {
  File* f = of(file);
  const Fate fate = fate_of(FileOperation::kShare, f->name, page, bytes);
  if (fate != Fate::kPass) return SQLITE_IOERR_SHMMAP;
  return f->real()->pMethods->xShmMap(f->real(), page, bytes, extend, out);
}
int share_lock(sqlite3_file* file, int offset, int count, int flags) {
  // Letting go cannot fail.
  const bool takes = (flags & SQLITE_SHM_LOCK) != 0;
  if (takes && fate_of(FileOperation::kLock, of(file)->name, offset, count) != Fate::kPass) {
    return SQLITE_IOERR_SHMLOCK;
  }
  return of(file)->real()->pMethods->xShmLock(of(file)->real(), offset, count, flags);
}
void share_barrier(sqlite3_file* file) {
  of(file)->real()->pMethods->xShmBarrier(of(file)->real());
}
int share_unmap(sqlite3_file* file, int remove) {
  return of(file)->real()->pMethods->xShmUnmap(of(file)->real(), remove);
}

// Version 2: shared memory for the WAL, no memory mapping of the database.
constexpr sqlite3_io_methods kMethods = {2,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         file_size,
                                         lock_file,
                                         unlock_file,
                                         check_reserved_lock,
                                         file_control,
                                         sector_size,
                                         device_characteristics,
                                         share_map,
                                         share_lock,
                                         share_barrier,
                                         share_unmap,
                                         nullptr,
                                         nullptr};

int open_file(sqlite3_vfs* /*layer*/, const char* path, sqlite3_file* file, int flags,
              int* out_flags) {
  File* f = new (file) File{};
  f->name = path;
  if (fate_of(FileOperation::kOpen, path) != Fate::kPass) return SQLITE_CANTOPEN;
  const int code = below()->xOpen(below(), path, f->real(), flags, out_flags);
  // Without methods SQLite does not call close: right when the layer below wants none either.
  if (f->real()->pMethods != nullptr) f->base.pMethods = &kMethods;
  return code;
}

int remove_file(sqlite3_vfs* /*layer*/, const char* path, int sync_folder) {
  const Fate fate = fate_of(FileOperation::kRemove, path);
  if (fate != Fate::kPass) return answer(fate, SQLITE_IOERR_DELETE);
  return below()->xDelete(below(), path, sync_folder);
}

int look_at_file(sqlite3_vfs* /*layer*/, const char* path, int flags, int* out) {
  if (fate_of(FileOperation::kLook, path) != Fate::kPass) return SQLITE_IOERR_ACCESS;
  return below()->xAccess(below(), path, flags, out);
}

// The rest of the default layer is taken over as it is: it reads only members that are copied here.
sqlite3_vfs make_layer() {
  sqlite3_vfs layer = *below();
  layer.iVersion = 2;
  layer.szOsFile = static_cast<int>(sizeof(File)) + below()->szOsFile;
  layer.pNext = nullptr;
  layer.zName = kLayerName;
  layer.pAppData = below()->pAppData;
  layer.xOpen = open_file;
  layer.xDelete = remove_file;
  layer.xAccess = look_at_file;
  return layer;
}

// For POSIX calls: -1 with errno where the call is not passed on; a call that is reported as done
// answers 0.
std::optional<int> answer_posix(Fate fate) {
  if (fate == Fate::kPass) return std::nullopt;
  if (fate == Fate::kUnnoticed) return 0;
  errno = fate == Fate::kDiskFull ? ENOSPC : EIO;
  return -1;
}

}  // namespace

std::string_view name_of(FileOperation operation) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "open",  "read", "write", "truncate",    "sync",       "remove",
      "share", "lock", "look",  "make-folder", "sync-folder"};
  return kNames[static_cast<std::size_t>(operation)];
}

void decide_file_fates(std::function<Fate(const FileCall&)> decide) {
  decider() = std::move(decide);
}

const char* file_layer() {
  static sqlite3_vfs layer = make_layer();
  // Nobody reads what SQLite counts of its memory, and counting takes a lock for each piece.
  // Refused where SQLite runs already: then it goes on counting.
  static const int kUncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kUncounted);
  static const int kRegistered = sqlite3_vfs_register(&layer, 0);
  PATUH_ASSERT(kRegistered == SQLITE_OK);
  return kLayerName;
}

int open_through(const std::string& path, int flags, mode_t mode) {
  const Fate fate = fate_of(FileOperation::kOpen, path.c_str());
  // No descriptor can be had of a file that was not opened.
  if (const auto answer = answer_posix(fate == Fate::kUnnoticed ? Fate::kFails : fate)) {
    return *answer;
  }
  return ::open(path.c_str(), flags | O_CLOEXEC, mode);
}

int lock_through(int file, const std::string& path, int operation) {
  if (const auto answer = answer_posix(fate_of(FileOperation::kLock, path.c_str()))) return *answer;
  return ::flock(file, operation);
}

int rewrite_through(int file, const std::string& path, std::string_view text) {
  const auto bytes = static_cast<std::int64_t>(text.size());
  const Fate fate = fate_of(FileOperation::kWrite, path.c_str(), 0, bytes, text);
  if (const auto answer = answer_posix(fate)) return *answer;
  if (::ftruncate(file, 0) != 0) return -1;
  return ::pwrite(file, text.data(), text.size(), 0) == bytes ? 0 : -1;
}

int make_folder_through(const std::string& path, mode_t mode) {
  const Fate fate = fate_of(FileOperation::kMakeFolder, path.c_str());
  if (const auto answer = answer_posix(fate)) return *answer;
  return ::mkdir(path.c_str(), mode);
}

int sync_folder_through(const std::string& path) {
  const Fate fate = fate_of(FileOperation::kSyncFolder, path.c_str());
  if (const auto answer = answer_posix(fate)) return *answer;
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  const int synced = ::fsync(folder);
  const int error = errno;
  ::close(folder);
  errno = error;
  return synced;
}

std::int64_t look_through(const std::string& path) {
  if (const auto answer = answer_posix(fate_of(FileOperation::kLook, path.c_str()))) return *answer;
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return -1;
  return status.st_size;
}

}  // namespace patuh::store
