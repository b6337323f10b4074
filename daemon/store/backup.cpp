// A store's copy, taken while its daemon goes on.
#include "store/folder.h"
#include "store/schema.h"
#include "store/store.h"

namespace patuh::store {

base::Status backup(const std::string& dir, const std::string& to,
                    const std::function<void(std::uint64_t done, std::uint64_t all)>& progress) {
  auto from = open_for_reading(dir);
  if (!from) return std::unexpected(from.error());
  auto lock = FolderLock::take(to);
  if (!lock) return base::fail(lock, "making the copy");
  const std::string path = database_path(to);
  if (file_exists(path)) {
    return base::fail(base::Code::kExists, to + " holds a store already: name another folder");
  }
  if (auto made = make_file(to, path); !made) return made;
  auto copy = Database::open(path, Database::Access::kWrite);
  if (!copy) return std::unexpected(copy.error());
  return (*from)->copy_to(**copy, progress);
}

}  // namespace patuh::store
