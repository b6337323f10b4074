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
// Numbers of the parts that a bucket of a snapshot is read from, and of those of all elements that
// have rows; oldest first. And one of them.
base::Result<std::vector<std::uint64_t>> read_parts_of(Database& database, SnapshotId id,
                                                       SnapshotSpace space, std::uint32_t bucket);
base::Result<std::vector<std::uint64_t>> read_parts_of_elements(Database& database, SnapshotId id);
base::Result<SnapshotPart> read_part(Database& database, std::uint64_t part, bool with_packed);

base::Result<bool> read_has_places(Database& database, SnapshotId id);
// By kPlaces, or else by the marks of all rows. Nothing when a part has none.
base::Result<MarkedPlaces> read_marked_places(Database& database, SnapshotId id,
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
