#include "store/outlines.h"

#include <algorithm>
#include <utility>

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

// Outlines of one record that follow one another, as a row; only the first may be whole.
base::Status write_row(Database& database, std::span<const Outline> outlines, Last& last) {
  ++last.id;
  if (outlines.front().whole) last.base = last.id;
  if (last.base == 0) {
    return base::fail(base::Code::kInvalid, "the first outline of a store must be a whole one");
  }
  std::string raw;
  base::Encoder out(raw);
  for (const Outline& outline : outlines) {
    out.instant(outline.at);
    out.text(outline.bytes);
  }
  std::string packed;
  if (auto done = compress(raw, kLevel, packed); !done) return done;
  return database.query("INSERT INTO outlines(id, base, at, raw_size, bytes) VALUES(?, ?, ?, ?, ?)")
      .bind(last.id)
      .bind(last.base)
      .bind(ticks(outlines.front().at))
      .bind(std::uint64_t{raw.size()})
      .bind_blob(packed)
      .run();
}

// Those of a row that count at `at`.
bool take_row(std::string_view raw, bool whole, Instant at, std::vector<Outline>& out) {
  base::Decoder in(raw);
  while (in.ok() && !in.at_end()) {
    Outline outline{.at = in.instant(), .whole = std::exchange(whole, false), .bytes = in.owned()};
    if (in.ok() && outline.at <= at) out.push_back(std::move(outline));
  }
  return in.ok();
}

}  // namespace

base::Status write_outlines(Database& database, const std::vector<Outline>& outlines) {
  if (outlines.empty()) return {};
  auto last = last_of(database);
  if (!last) return std::unexpected(last.error());
  for (auto begin = outlines.begin(); begin != outlines.end();) {
    const auto end =
        std::find_if(begin + 1, outlines.end(), [](const Outline& o) { return o.whole; });
    if (auto done = write_row(database, {begin, end}, *last); !done) return done;
    begin = end;
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
      "SELECT id, raw_size, bytes FROM outlines WHERE id BETWEEN ? AND ? ORDER BY id");
  query.bind(last.base).bind(last.id);
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    auto raw = decompress(query.blob(2), query.count(1));
    if (!raw) return std::unexpected(raw.error());
    if (!take_row(*raw, query.count(0) == last.base, at, out)) {
      return base::fail(base::Code::kCorrupt,
                        "table outlines, row " + std::to_string(query.count(0)));
    }
  }
}

}  // namespace patuh::store
