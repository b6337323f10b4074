#include "store/files.h"

#include <sqlite3.h>

#include <cstring>
#include <new>
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
             std::int64_t bytes = 0) {
  if (!decider()) return Fate::kPass;
  return decider()(FileCall{operation, last_name(path), offset, bytes});
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
  const Fate fate = fate_of(FileOperation::kWrite, f->name, offset, bytes);
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
  return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
}
int lock_file(sqlite3_file* file, int level) {
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
  return layer;
}

}  // namespace

void decide_file_fates(std::function<Fate(const FileCall&)> decide) {
  decider() = std::move(decide);
}

const char* file_layer() {
  static sqlite3_vfs layer = make_layer();
  static const int kRegistered = sqlite3_vfs_register(&layer, 0);
  PATUH_ASSERT(kRegistered == SQLITE_OK);
  return kLayerName;
}

}  // namespace patuh::store
