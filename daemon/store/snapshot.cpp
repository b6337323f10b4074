#include "store/snapshot.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "store/body.h"
#include "store/elements.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

// Which parts there are, without their bytes.
struct Place {
  std::uint64_t id = 0;
  SnapshotSpace space{};
  std::uint32_t bucket = 0;
  std::uint64_t snapshot = 0;
  bool whole = false;
  std::uint64_t rows = 0;
};

bool is_late(SnapshotSpace space) {
  return space == SnapshotSpace::kLateElements || space == SnapshotSpace::kLateSources;
}

bool is_of_one_bucket(const Place& a, const Place& b) {
  return a.space == b.space && a.bucket == b.bucket;
}

Place place_of(const Query& query) {
  return {.id = query.count(0),
          .space = static_cast<SnapshotSpace>(query.integer(1)),
          .bucket = static_cast<std::uint32_t>(query.count(2)),
          .snapshot = query.count(3),
          .whole = query.integer(4) != 0,
          .rows = query.count(5)};
}

// By space, bucket, then age: the order of the index, which holds all that is asked for.
base::Result<std::vector<Place>> read_places(Database& database) {
  Query query = database.query(
      "SELECT id, space, bucket, snapshot, whole, rows FROM snapshot_parts "
      "ORDER BY space, bucket, id");
  std::vector<Place> places;
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return places;
    places.push_back(place_of(query));
  }
}

// Whether a snapshot is read from this part; `later` are those of its bucket that follow.
bool is_needed(const Place& part, std::span<const Place> later, std::uint64_t snapshot) {
  if (part.snapshot > snapshot) return false;
  if (is_late(part.space)) return part.snapshot == snapshot;
  return std::ranges::none_of(
      later, [&](const Place& next) { return next.whole && next.snapshot <= snapshot; });
}

// Calls visit(part, those of its bucket that follow) for each.
template <class Visit>
void for_each_part(std::span<const Place> places, const Visit& visit) {
  for (std::size_t at = 0; at < places.size(); ++at) {
    std::size_t end = at + 1;
    while (end < places.size() && is_of_one_bucket(places[at], places[end])) ++end;
    visit(places[at], places.subspan(at + 1, end - at - 1));
  }
}

base::Result<base::Digest> entry_of(Database& database, Seq seq) {
  Query query = database.query("SELECT entry FROM records WHERE seq = ?");
  const base::Result<bool> found = query.bind(seq.value).row();
  if (!found) return std::unexpected(found.error());
  const auto entry = *found ? digest_from(query.blob(0)) : std::nullopt;
  if (!entry) return base::fail(base::Code::kCorrupt, "the record of a snapshot is gone");
  return *entry;
}

base::Result<std::uint64_t> number(Query query) {
  const base::Result<bool> found = query.row();
  if (!found) return std::unexpected(found.error());
  return *found && !query.is_null(0) ? query.count(0) : 0;
}

}  // namespace

// ── Reading ──

base::Result<std::vector<SnapshotInfo>> read_snapshots(Database& database) {
  Query query = database.query("SELECT id, seq, now FROM snapshots ORDER BY id DESC");
  std::vector<SnapshotInfo> out;
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back({SnapshotId(query.count(0)), Seq(query.count(1)), instant_of(query.integer(2))});
  }
}

base::Result<Snapshot> read_snapshot(Database& database, SnapshotId id) {
  Snapshot out;
  base::Digest entry{};
  {
    Query query = database.query(
        "SELECT seq, now, entry, raw_size, packed_size, head, packed FROM snapshots WHERE id = ?");
    const base::Result<bool> found = query.bind(id.value).row();
    if (!found) return std::unexpected(found.error());
    if (!*found) return base::fail(base::Code::kNotFound, "there is no such snapshot");
    out.info = {id, Seq(query.count(0)), instant_of(query.integer(1))};
    entry = digest_from(query.blob(2)).value_or(base::Digest{});
    auto head = decompress(query.blob(5), query.count(3));
    if (!head) return std::unexpected(head.error());
    auto packed = decompress(query.blob(6), query.count(4));
    if (!packed) return std::unexpected(packed.error());
    out.head = std::move(*head);
    out.packed = std::move(*packed);
  }
  const auto recorded = entry_of(database, out.info.seq);
  if (!recorded) return std::unexpected(recorded.error());
  if (*recorded != entry) {
    return base::fail(base::Code::kCorrupt, "the snapshot belongs to another log");
  }
  return out;
}

base::Result<std::vector<SnapshotBucket>> read_buckets(Database& database, SnapshotId id) {
  const auto places = read_places(database);
  if (!places) return std::unexpected(places.error());
  std::vector<SnapshotBucket> out;
  for_each_part(*places, [&](const Place& part, std::span<const Place> later) {
    if (!is_needed(part, later, id.value)) return;
    if (out.empty() || out.back().space != part.space || out.back().bucket != part.bucket) {
      out.push_back({.space = part.space, .bucket = part.bucket});
    }
    (part.whole ? out.back().rows : out.back().later_rows) += part.rows;
  });
  return out;
}

base::Result<std::vector<std::uint64_t>> read_parts_of(Database& database, SnapshotId id,
                                                       SnapshotSpace space, std::uint32_t bucket) {
  Query query = database.query(
      "SELECT id, space, bucket, snapshot, whole, rows FROM snapshot_parts "
      "WHERE space = ? AND bucket = ? ORDER BY id");
  query.bind(static_cast<std::int64_t>(space)).bind(std::uint64_t{bucket});
  std::vector<Place> places;
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    places.push_back(place_of(query));
  }
  std::vector<std::uint64_t> needed;
  for_each_part(places, [&](const Place& part, std::span<const Place> later) {
    if (is_needed(part, later, id.value)) needed.push_back(part.id);
  });
  return needed;
}

base::Result<SnapshotPart> read_part(Database& database, std::uint64_t id, bool with_packed) {
  Query query = database.query(
      "SELECT space, bucket, whole, rows, raw_size, packed_size, bytes, packed "
      "FROM snapshot_parts WHERE id = ?");
  const base::Result<bool> found = query.bind(id).row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return base::fail(base::Code::kCorrupt, "a part of a snapshot is gone");
  SnapshotPart part{.space = static_cast<SnapshotSpace>(query.integer(0)),
                    .bucket = static_cast<std::uint32_t>(query.count(1)),
                    .whole = query.integer(2) != 0,
                    .rows = static_cast<std::uint32_t>(query.count(3))};
  auto bytes = decompress(query.blob(6), query.count(4));
  if (!bytes) return std::unexpected(bytes.error());
  part.bytes = std::move(*bytes);
  if (!with_packed) return part;
  auto packed = decompress(query.blob(7), query.count(5));
  if (!packed) return std::unexpected(packed.error());
  part.packed = std::move(*packed);
  return part;
}

base::Result<std::vector<std::uint64_t>> read_parts_of_elements(Database& database, SnapshotId id) {
  const auto places = read_places(database);
  if (!places) return std::unexpected(places.error());
  std::vector<std::uint64_t> needed;
  for_each_part(*places, [&](const Place& part, std::span<const Place> later) {
    const bool of_elements =
        part.space == SnapshotSpace::kElements || part.space == SnapshotSpace::kLateElements;
    if (of_elements && part.rows > 0 && is_needed(part, later, id.value)) needed.push_back(part.id);
  });
  return needed;
}

base::Result<std::vector<SnapshotPart>> read_parts(Database& database, SnapshotId id,
                                                   SnapshotSpace space, std::uint32_t bucket,
                                                   bool with_packed) {
  const auto needed = read_parts_of(database, id, space, bucket);
  if (!needed) return std::unexpected(needed.error());
  std::vector<SnapshotPart> out;
  for (const std::uint64_t part : *needed) {
    auto read = read_part(database, part, with_packed);
    if (!read) return base::fail(read, "snapshot " + std::to_string(id.value));
    out.push_back(std::move(*read));
  }
  return out;
}

// ── Writing ──

namespace {

base::Status drop_unfinished(Database& database) {
  auto marks = database
                   .query(
                       "DELETE FROM snapshot_marks WHERE part IN (SELECT id FROM snapshot_parts "
                       "WHERE snapshot > (SELECT coalesce(max(id), 0) FROM snapshots))")
                   .run();
  if (!marks) return marks;
  return database
      .query(
          "DELETE FROM snapshot_parts WHERE snapshot > (SELECT coalesce(max(id), 0) FROM "
          "snapshots)")
      .run();
}

base::Result<SnapshotId> next_snapshot(Database& database) {
  const auto last = number(database.query("SELECT max(id) FROM snapshots"));
  if (!last) return std::unexpected(last.error());
  return SnapshotId(*last + 1);
}

base::Status write_part(Database& database, SnapshotId id, const SnapshotPart& part, int level) {
  std::string bytes;
  std::string packed;
  if (auto done = compress_checked(part.bytes, level, bytes); !done) return done;
  if (auto done = compress_checked(part.packed, level, packed); !done) return done;
  auto done = database
                  .query(
                      "INSERT INTO snapshot_parts(snapshot, space, bucket, whole, rows, raw_size, "
                      "packed_size, bytes, packed) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
                  .bind(id.value)
                  .bind(static_cast<std::int64_t>(part.space))
                  .bind(std::uint64_t{part.bucket})
                  .bind(std::int64_t{part.whole ? 1 : 0})
                  .bind(std::uint64_t{part.rows})
                  .bind(std::uint64_t{part.bytes.size()})
                  .bind(std::uint64_t{part.packed.size()})
                  .bind_blob(bytes)
                  .bind_blob(packed)
                  .run();
  if (!done || part.marks.empty()) return done;
  const std::string marks = bytes_of_marks(part.marks);
  return database.query("INSERT INTO snapshot_marks(part, marks) VALUES(last_insert_rowid(), ?)")
      .bind_blob(marks)
      .run();
}

base::Status write_end(Database& database, SnapshotId id, const SnapshotStep::End& end,
                       const Behind& behind, int level) {
  std::string head;
  std::string packed;
  if (auto done = compress_checked(end.head, level, head); !done) return done;
  if (auto done = compress_checked(end.packed, level, packed); !done) return done;
  return database
      .query(
          "INSERT INTO snapshots(id, seq, now, entry, raw_size, packed_size, head, packed) "
          "VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(id.value)
      .bind(behind.seq.value)
      .bind(ticks(behind.now))
      .bind_blob(view(behind.entry))
      .bind(std::uint64_t{end.head.size()})
      .bind(std::uint64_t{end.packed.size()})
      .bind_blob(head)
      .bind_blob(packed)
      .run();
}

base::Status drop_snapshot(Database& database, SnapshotId id) {
  return database.query("DELETE FROM snapshots WHERE id = ?").bind(id.value).run();
}

// Before a new one is added: of those that stand the last of each month before this one stays.
base::Status drop_older(Database& database, std::size_t keep_months, Instant now) {
  const auto snapshots = read_snapshots(database);
  if (!snapshots) return std::unexpected(snapshots.error());
  const auto kept = read_kept(database);
  if (!kept) return std::unexpected(kept.error());
  const auto month_of = [](Instant at) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    return day.year() / day.month();
  };
  auto last = month_of(now);
  std::size_t months = 0;
  for (const SnapshotInfo& snapshot : *snapshots) {
    const auto month = month_of(snapshot.now);
    // Nothing leads on from one whose following bodies are gone.
    const bool is_cut_off = snapshot.seq.value + 1 < kept->seq.value;
    if (!is_cut_off && month != last && ++months <= keep_months) {
      last = month;
    } else if (auto done = drop_snapshot(database, snapshot.id); !done) {
      return done;
    }
  }
  return {};
}

base::Result<std::size_t> delete_needless_parts(Database& database, std::size_t most) {
  const auto snapshots = read_snapshots(database);
  if (!snapshots) return std::unexpected(snapshots.error());
  if (snapshots->empty()) return std::size_t{0};
  const auto places = read_places(database);
  if (!places) return std::unexpected(places.error());
  std::vector<std::uint64_t> needless;
  for_each_part(*places, [&](const Place& part, std::span<const Place> later) {
    const bool is_unfinished = part.snapshot > snapshots->front().id.value;
    const bool needed = std::ranges::any_of(*snapshots, [&](const SnapshotInfo& snapshot) {
      return is_needed(part, later, snapshot.id.value);
    });
    if (!is_unfinished && !needed && needless.size() < most) needless.push_back(part.id);
  });
  for (const std::uint64_t id : needless) {
    for (const char* const sql :
         {"DELETE FROM snapshot_parts WHERE id = ?", "DELETE FROM snapshot_marks WHERE part = ?"}) {
      if (auto done = database.query(sql).bind(id).run(); !done) {
        return std::unexpected(done.error());
      }
    }
  }
  return needless.size();
}

}  // namespace

base::Result<std::size_t> write_step(Database& database, const SnapshotStep& step,
                                     const Behind& behind, int level) {
  base::Status done;
  if (step.begins) done = drop_unfinished(database);
  const auto id = next_snapshot(database);
  if (done && !id) done = std::unexpected(id.error());
  for (const SnapshotPart& part : step.parts) {
    if (done) done = write_part(database, *id, part, level);
  }
  if (done && step.end) done = drop_older(database, step.end->keep_months, behind.now);
  if (done && step.end) done = write_end(database, *id, *step.end, behind, level);
  if (!done) return std::unexpected(done.error());
  return step.tidy > 0 ? delete_needless_parts(database, step.tidy) : std::size_t{0};
}

// ── Retention ──

base::Result<Kept> read_kept(Database& database) {
  // Without any body: what comes next.
  const auto first = number(database.query(
      "SELECT coalesce((SELECT min(seq) FROM bodies), (SELECT max(seq) + 1 FROM records), 0)"));
  if (!first) return std::unexpected(first.error());
  Kept kept;
  if (*first > 1) kept.seq = Seq(*first);
  if (*first <= 1) return kept;
  // The oldest snapshot from which the bodies that are left lead on.
  Query query =
      database.query("SELECT seq, now FROM snapshots WHERE seq >= ? ORDER BY seq LIMIT 1");
  const base::Result<bool> found = query.bind(*first - 1).row();
  if (!found) return std::unexpected(found.error());
  if (*found) kept = {Seq(query.count(0) + 1), instant_of(query.integer(1))};
  return kept;
}

base::Result<Seq> read_record_at(Database& database, Instant at) {
  Query query =
      database.query("SELECT seq FROM records WHERE now <= ? ORDER BY now DESC, seq DESC LIMIT 1");
  const base::Result<bool> found = query.bind(ticks(at)).row();
  if (!found) return std::unexpected(found.error());
  return *found ? Seq(query.count(0)) : Seq{};
}

base::Result<std::size_t> delete_bodies(Database& database, Seq before, std::size_t most) {
  const auto covered = number(database.query("SELECT max(seq) FROM snapshots"));
  if (!covered) return std::unexpected(covered.error());
  if (before.value > *covered + 1) {
    return base::fail(base::Code::kInvalid,
                      "no snapshot stands behind record " + std::to_string(before.value - 1));
  }
  const auto first = number(database.query("SELECT min(seq) FROM bodies"));
  if (!first) return std::unexpected(first.error());
  const std::uint64_t end = std::min(before.value, *first + most);
  if (*first == 0 || end <= *first) return std::size_t{0};
  auto done = database.query("DELETE FROM bodies WHERE seq < ?").bind(end).run();
  if (!done) return std::unexpected(done.error());
  return static_cast<std::size_t>(end - *first);
}

}  // namespace patuh::store
