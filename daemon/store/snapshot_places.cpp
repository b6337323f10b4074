// From an element's mark to where a snapshot has its row.
#include <algorithm>

#include "store/elements.h"
#include "store/snapshot.h"

namespace patuh::store {
namespace {

std::unexpected<base::Error> corrupt() {
  return base::fail(base::Code::kCorrupt, "a part of a snapshot has fewer rows than marks");
}

// ── By kPlaces ──

base::Status add_places(Database& database, std::uint64_t id, std::uint32_t mark,
                        std::vector<std::uint32_t>& out) {
  const auto part = read_part(database, id, false);
  if (!part) return std::unexpected(part.error());
  const std::string wanted = bytes_of_marks({mark});
  const bool is_whole =
      base::for_each_row(part->bytes, [&](std::uint32_t place, std::string_view row) {
        if (row == wanted) out.push_back(place);
        return true;
      });
  if (is_whole) return {};
  return base::fail(base::Code::kCorrupt, "a snapshot's index of places");
}

base::Result<MarkedPlaces> by_index(Database& database, SnapshotId id, std::uint32_t mark) {
  const auto parts = read_parts_of(database, id, SnapshotSpace::kPlaces, shard_of_mark(mark));
  if (!parts) return std::unexpected(parts.error());
  MarkedPlaces out(std::in_place);
  if (mark == 0) return out;  // of no element: whether it can be answered is asked for
  for (const std::uint64_t part : *parts) {
    if (auto done = add_places(database, part, mark, *out); !done) {
      return std::unexpected(done.error());
    }
  }
  return out;
}

// ── By the marks of all rows, as of an older release ──

// Which rows of a part have the mark; nothing in a part without marks.
base::Result<std::optional<std::vector<std::size_t>>> rows_in(Database& database,
                                                              std::uint64_t part,
                                                              std::uint32_t mark) {
  Query query = database.query("SELECT marks FROM snapshot_marks WHERE part = ?");
  const base::Result<bool> found = query.bind(part).row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::optional<std::vector<std::size_t>>();
  std::optional<std::vector<std::size_t>> out(std::in_place);
  std::size_t at = 0;
  for_each_mark(query.blob(0), [&](std::uint32_t one) {
    if (one == mark) out->push_back(at);
    ++at;
  });
  return out;
}

base::Status add_places_of(Database& database, std::uint64_t id,
                           const std::vector<std::size_t>& rows, std::vector<std::uint32_t>& out) {
  if (rows.empty()) return {};
  const auto part = read_part(database, id, false);
  if (!part) return std::unexpected(part.error());
  std::size_t at = 0;
  auto wanted = rows.begin();
  const bool is_whole = base::for_each_row(part->bytes, [&](std::uint32_t place, std::string_view) {
    if (wanted == rows.end() || at++ != *wanted) return true;
    out.push_back(place);
    ++wanted;
    return true;
  });
  return is_whole && wanted == rows.end() ? base::Status() : corrupt();
}

base::Result<MarkedPlaces> by_rows(Database& database, SnapshotId id, std::uint32_t mark) {
  const auto parts = read_parts_of_elements(database, id);
  if (!parts) return std::unexpected(parts.error());
  MarkedPlaces out(std::in_place);
  for (const std::uint64_t part : *parts) {
    const auto rows = rows_in(database, part, mark);
    if (!rows) return std::unexpected(rows.error());
    if (!*rows) return MarkedPlaces();
    if (auto done = add_places_of(database, part, **rows, *out); !done) {
      return std::unexpected(done.error());
    }
  }
  return out;
}

}  // namespace

base::Result<bool> read_has_places(Database& database, SnapshotId id) {
  Query query = database.query(
      "SELECT 1 FROM snapshot_parts WHERE space = ? AND bucket = 0 AND snapshot = ?");
  return query.bind(static_cast<std::int64_t>(SnapshotSpace::kPlaces)).bind(id.value).row();
}

base::Result<MarkedPlaces> read_marked_places(Database& database, SnapshotId id,
                                              std::uint32_t mark) {
  // One for all of the parts: taken for each, it costs more than they do.
  auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  const auto has_places = read_has_places(database, id);
  if (!has_places) return std::unexpected(has_places.error());
  auto out = *has_places ? by_index(database, id, mark) : by_rows(database, id, mark);
  if (!out || !*out) return out;
  std::ranges::sort(**out);
  const auto twice = std::ranges::unique(**out);
  (*out)->erase(twice.begin(), twice.end());
  return out;
}

}  // namespace patuh::store
