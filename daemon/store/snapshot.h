// Snapshots as tables: a row a snapshot, a row a part. Parts of what was begun and not finished are
// there too, and count for nothing. Private to store.
#pragma once

#include <cstdint>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace patuh::store {

base::Result<std::vector<SnapshotInfo>> read_snapshots(Database& database);
base::Result<Snapshot> read_snapshot(Database& database, SnapshotId id);
base::Result<std::vector<SnapshotBucket>> read_buckets(Database& database, SnapshotId id);
base::Result<std::vector<SnapshotPart>> read_parts(Database& database, SnapshotId id,
                                                   SnapshotSpace space, std::uint32_t bucket,
                                                   bool with_packed);
// Nothing when a part has no marks.
base::Result<std::optional<std::vector<MarkedRow>>> read_marked_rows(Database& database,
                                                                     SnapshotId id,
                                                                     std::uint32_t mark);

// In a transaction of the caller's; `behind` is the log's last record. How many parts it deleted.
struct Behind {
  Seq seq;
  Instant now{};
  base::Digest entry{};
};
base::Result<std::size_t> write_step(Database& database, const SnapshotStep& step,
                                     const Behind& behind, int level);

base::Result<Kept> read_kept(Database& database);
base::Result<Seq> read_record_at(Database& database, Instant at);
base::Result<std::size_t> delete_bodies(Database& database, Seq before, std::size_t most);

}  // namespace patuh::store
