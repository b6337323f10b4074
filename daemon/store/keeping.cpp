// What the writer does beside the log: snapshots, retention, compaction.
#include "store/impl.h"
#include "store/snapshot.h"

namespace patuh::store {

base::Result<SnapshotId> Store::begin_snapshot() {
  auto dropped = impl_->within([&] { return drop_unfinished(*impl_->database); });
  if (!dropped) return std::unexpected(dropped.error());
  return next_snapshot(*impl_->database);
}

base::Status Store::add_snapshot_parts(SnapshotId id, std::span<const SnapshotPart> parts) {
  auto done = impl_->within([&]() -> base::Status {
    for (const SnapshotPart& part : parts) {
      auto written = write_part(*impl_->database, id, part, impl_->options.compression_level);
      if (!written) return written;
    }
    return {};
  });
  impl_->look_after_wal();
  return done;
}

base::Status Store::finish_snapshot(SnapshotId id, std::string_view head, std::string_view packed,
                                    std::span<const SnapshotId> drop) {
  const SnapshotRow row{.info = {id, tail().seq, tail().now},
                        .entry = chain_head().entry,
                        .head = head,
                        .packed = packed};
  return impl_->within([&]() -> base::Status {
    for (const SnapshotId older : drop) {
      if (auto done = drop_snapshot(*impl_->database, older); !done) return done;
    }
    return write_snapshot(*impl_->database, row, impl_->options.compression_level);
  });
}

base::Result<std::size_t> Store::tidy_snapshots(std::size_t most) {
  std::size_t deleted = 0;
  auto done = impl_->within([&]() -> base::Status {
    auto count = delete_needless_parts(*impl_->database, most);
    if (!count) return std::unexpected(count.error());
    deleted = *count;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return deleted;
}

base::Result<std::size_t> Store::delete_bodies(Seq before, std::size_t most) {
  std::size_t deleted = 0;
  auto done = impl_->within([&]() -> base::Status {
    auto count = store::delete_bodies(*impl_->database, before, most);
    if (!count) return std::unexpected(count.error());
    deleted = *count;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  impl_->look_after_wal();
  return deleted;
}

base::Status Store::compact() {
  if (auto done = idle(); !done) return done;
  // The copy that is made on the way must not stand in memory.
  auto done =
      impl_->database->execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;");
  if (!done) return done;
  return impl_->checkpoint(true);
}

}  // namespace patuh::store
