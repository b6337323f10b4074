#include "store/outlines.h"

#include "store/body.h"
#include "store/rows.h"

namespace patuh::store {
namespace {

constexpr int kLevel = 1;  // zstd's

struct Last {
  std::uint64_t id = 0, base = 0;
};

base::Result<Last> last_of(Database& database) {
  Query query = database.query("SELECT id, base FROM outlines ORDER BY id DESC LIMIT 1");
  const base::Result<bool> found = query.row();
  if (!found) return std::unexpected(found.error());
  return *found ? Last{query.count(0), query.count(1)} : Last{};
}

}  // namespace

base::Status write_outlines(Database& database, const std::vector<Outline>& outlines) {
  if (outlines.empty()) return {};
  auto last = last_of(database);
  if (!last) return std::unexpected(last.error());
  std::string packed;
  for (const Outline& outline : outlines) {
    ++last->id;
    if (outline.whole) last->base = last->id;
    if (last->base == 0) {
      return base::fail(base::Code::kInvalid, "the first outline of a store must be a whole one");
    }
    if (auto done = compress(outline.bytes, kLevel, packed); !done) return done;
    auto done =
        database.query("INSERT INTO outlines(id, base, at, raw_size, bytes) VALUES(?, ?, ?, ?, ?)")
            .bind(last->id)
            .bind(last->base)
            .bind(ticks(outline.at))
            .bind(std::uint64_t{outline.bytes.size()})
            .bind_blob(packed)
            .run();
    if (!done) return done;
  }
  return {};
}

base::Result<Instant> read_outlined_from(Database& database) {
  Query query = database.query("SELECT at FROM outlines ORDER BY id LIMIT 1");
  const base::Result<bool> found = query.row();
  if (!found) return std::unexpected(found.error());
  return *found ? instant_of(query.integer(0)) : base::kNever;
}

base::Result<std::vector<Outline>> read_outlines(Database& database, Instant at) {
  auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  std::vector<Outline> out;
  Query newest = database.query(
      "SELECT id, base FROM outlines WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1");
  const base::Result<bool> found = newest.bind(ticks(at)).row();
  if (!found) return std::unexpected(found.error());
  if (!*found) return out;
  const Last last{newest.count(0), newest.count(1)};
  Query query = database.query(
      "SELECT id, at, raw_size, bytes FROM outlines WHERE id BETWEEN ? AND ? ORDER BY id");
  query.bind(last.base).bind(last.id);
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    auto raw = decompress(query.blob(3), query.count(2));
    if (!raw) return std::unexpected(raw.error());
    out.push_back({.at = instant_of(query.integer(1)),
                   .whole = query.count(0) == last.base,
                   .bytes = std::move(*raw)});
  }
}

}  // namespace patuh::store
