// What the writer does beside the log: snapshots, retention, compaction.
#include "store/impl.h"
#include "store/snapshot.h"

namespace patuh::store {

base::Status Store::write_snapshot(const SnapshotStep& step) {
  std::size_t deleted = 0;
  auto done = impl_->within([&]() -> base::Status {
    const auto written =
        write_step(*impl_->database, step, {tail().seq, tail().now, chain_head().entry},
                   impl_->options.compression_level);
    if (!written) return std::unexpected(written.error());
    deleted = *written;
    return {};
  });
  if (!done) return base::fail(done, "writing a snapshot");
  impl_->stats.snapshot_parts_deleted += deleted;
  impl_->look_after_wal();
  return {};
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

base::Status Store::compact(const std::function<void()>& beat) {
  if (auto done = idle(); !done) return done;
  impl_->database->on_progress(beat);
  // The copy that is made on the way must not stand in memory.
  auto done =
      impl_->database->execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;");
  impl_->database->on_progress({});
  if (!done) return done;
  return impl_->checkpoint(true);
}

}  // namespace patuh::store
