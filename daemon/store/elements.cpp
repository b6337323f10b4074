#include "store/elements.h"

#include <algorithm>
#include <array>

#include "store/encoding.h"

namespace patuh::store {
namespace {

constexpr std::uint32_t kShardBits = 6;  // on disk: never change
constexpr std::uint32_t kShards = 1U << kShardBits;
constexpr std::size_t kRunEntries = 65536;
constexpr std::size_t kMarkBytes = 4;

std::uint32_t shard_of(std::uint32_t mark) { return mark >> (32U - kShardBits); }

// Calls visit(seq, marks as bytes) for each record above `after` up to `upto` that has marks.
template <class Visit>
base::Status for_each_record(Database& database, std::uint64_t after, std::uint64_t upto,
                             const Visit& visit) {
  Query query = database.query(
      "SELECT seq, marks FROM event_digests WHERE seq > ? AND seq <= ? ORDER BY seq");
  query.bind(after).bind(upto);
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    if (!query.is_null(1)) visit(Seq(query.count(0)), query.blob(1));
  }
}

// The last record that stands in a run; each shard of a run reaches equally far.
base::Result<std::uint64_t> last_in_runs(Database& database) {
  Query query = database.query("SELECT max(last) FROM element_runs WHERE shard = 0");
  const base::Result<bool> found = query.row();
  if (!found) return std::unexpected(found.error());
  return *found && !query.is_null(0) ? query.count(0) : 0;
}

// A shard of a run: pairs of mark and record, each as what it is more than the one before it.
bool find(std::string_view bytes, std::uint32_t mark, std::uint64_t first, Seq after, Seq upto,
          std::vector<Seq>& out) {
  Decoder in(bytes);
  std::uint64_t at = 0;
  while (!in.at_end()) {
    at += in.number();
    const std::uint64_t seq = first + in.number();
    if (!in.ok()) return false;
    if (at > mark) return true;
    if (at == mark && seq > after.value && seq <= upto.value) out.emplace_back(seq);
  }
  return true;
}

}  // namespace

std::uint32_t element_mark(std::string_view kind, std::string_view id) {
  const std::uint64_t hash = hash_of_element(kind, id);
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(hash ^ (hash >> 32U)));
}

std::string bytes_of_marks(const std::vector<std::uint32_t>& marks) {
  std::string out;
  out.reserve(kMarkBytes * marks.size());
  for (const std::uint32_t mark : marks) {
    for (std::size_t i = 0; i < kMarkBytes; ++i) out += static_cast<char>(mark >> (8 * i));
  }
  return out;
}

base::Status ElementRuns::load(Database& database) {
  const auto last = last_in_runs(database);
  if (!last) return std::unexpected(last.error());
  waiting_.clear();
  return for_each_record(database, *last, INT64_MAX, [&](Seq seq, std::string_view marks) {
    for_each_mark(marks, [&](std::uint32_t mark) {
      if (mark != 0) waiting_.push_back({mark, seq.value});
    });
  });
}

void ElementRuns::note(const std::vector<std::uint32_t>& marks, Seq seq) {
  for (const std::uint32_t mark : marks) {
    if (mark != 0) waiting_.push_back({mark, seq.value});
  }
}

bool ElementRuns::is_due() const { return waiting_.size() >= kRunEntries; }

base::Status ElementRuns::write(Database& database) const {
  if (waiting_.empty()) return {};
  const std::uint64_t first = waiting_.front().seq;
  const std::uint64_t last = waiting_.back().seq;
  std::vector<Entry> entries = waiting_;
  std::ranges::sort(entries);
  const auto twice = std::ranges::unique(entries);
  entries.erase(twice.begin(), twice.end());
  auto at = entries.begin();
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {
    std::string bytes;
    Encoder out(bytes);
    std::uint64_t before = 0;
    for (; at != entries.end() && shard_of(at->mark) == shard; ++at) {
      out.number(at->mark - before);
      out.number(at->seq - first);
      before = at->mark;
    }
    auto done =
        database.query("INSERT INTO element_runs(shard, first, last, bytes) VALUES(?, ?, ?, ?)")
            .bind(std::uint64_t{shard})
            .bind(first)
            .bind(last)
            .bind_blob(bytes)
            .run();
    if (!done) return done;
  }
  return {};
}

base::Result<std::vector<std::uint32_t>> read_marks(Database& database, Seq seq) {
  std::vector<std::uint32_t> out;
  auto done = for_each_record(database, seq.value - 1, seq.value, [&](Seq, std::string_view marks) {
    for_each_mark(marks, [&](std::uint32_t mark) { out.push_back(mark); });
  });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<Seq>> read_records_of(Database& database, std::uint32_t mark, Seq after,
                                               Seq upto) {
  auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  std::vector<Seq> out;
  Query query = database.query(
      "SELECT first, bytes FROM element_runs WHERE shard = ? AND last > ? AND first <= ? "
      "ORDER BY last");
  query.bind(std::uint64_t{shard_of(mark)}).bind(after.value).bind(upto.value);
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    if (!find(query.blob(1), mark, query.count(0), after, upto, out)) {
      return base::fail(base::Code::kCorrupt, database.path() + ": the index of elements");
    }
  }
  const auto last = last_in_runs(database);
  if (!last) return std::unexpected(last.error());
  auto done = for_each_record(
      database, std::max(*last, after.value), upto.value, [&](Seq seq, std::string_view marks) {
        bool found = false;
        for_each_mark(marks, [&](std::uint32_t one) { found = found || one == mark; });
        if (found) out.push_back(seq);
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace patuh::store
