#include "store/verify.h"
#include "store/alert_tail.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "store/alert_tail.h"
#include "store/encoding.h"
#include "store/rows.h"
#include "store/schema.h"

namespace patuh::store {
namespace {

// Below so many records a thread of its own is not worth it.
constexpr std::uint64_t kStretchMin = 64;
constexpr unsigned kStretchesMax = 8;

template <class T>
base::Digest digest_of(const T& value) {
  std::string bytes;
  encode(bytes, value);
  return base::sha256(bytes);
}

// The tables beside the log and where it ended when they were read.
struct Beside {
  std::uint64_t last = 0;
  std::vector<std::pair<std::string, base::Digest>> alerts{};
  std::vector<OffsetRow> offsets{};
  std::vector<std::uint64_t> strays{};  // records that rows speak of and that are not there
};

// Where a row cannot be read: it has no digest that could be right.
base::Status read_each_alert(Database& database, Beside& out) {
  std::vector<std::string> keys;
  {
    Query query = database.query("SELECT key FROM all_alerts ORDER BY key");
    for (auto more = query.row(); !more || *more; more = query.row()) {
      if (!more) return std::unexpected(more.error());
      keys.emplace_back(query.text(0));
    }
  }
  for (std::string& key : keys) {
    const auto row = read_alert(database, key);
    if (!row && row.error().code != base::Code::kCorrupt) return std::unexpected(row.error());
    base::Digest digest{};
    if (row) {
      if (const std::optional<AlertRow>& kept = *row) digest = digest_of(*kept);
    }
    out.alerts.emplace_back(std::move(key), digest);
  }
  return {};
}

base::Status read_alerts(Database& database, Beside& out) {
  Query query = database.query("SELECT " PATUH_STORE_ALERT_COLUMNS " FROM all_alerts ORDER BY key");
  const base::Result<std::vector<AlertRow>> rows = read_alerts(query);
  if (!rows && rows.error().code == base::Code::kCorrupt) return read_each_alert(database, out);
  if (!rows) return std::unexpected(rows.error());
  for (const AlertRow& row : *rows) out.alerts.emplace_back(row.key, digest_of(row));
  return {};
}

base::Status read_numbers(Query& query, std::vector<std::uint64_t>& out) {
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    out.push_back(query.count(0));
  }
}

base::Status read_strays(Database& database, Beside& out) {
  Query query = database.query(
      "SELECT seq FROM records WHERE seq < 1 "
      "UNION SELECT seq FROM bodies WHERE seq < 1 OR seq > ?1 "
      "UNION SELECT seq FROM event_digests WHERE seq < 1 OR seq > ?1 "
      "UNION SELECT seq FROM transitions WHERE first < 1 OR seq < 1 OR seq > ?1 "
      "UNION SELECT seq FROM quarantine WHERE seq < 1 OR seq > ?1");
  query.bind(out.last);
  return read_numbers(query, out.strays);
}

// In one transaction: the daemon may go on writing behind it.
base::Result<Beside> read_beside(Database& database) {
  const auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  Beside out;
  {
    Query query = database.query("SELECT max(seq) FROM records");
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    out.last = query.count(0);
  }
  auto offsets = read_offsets(database);
  if (!offsets && offsets.error().code != base::Code::kCorrupt) {
    return std::unexpected(offsets.error());
  }
  if (offsets) out.offsets = std::move(*offsets);
  if (!offsets) out.strays.push_back(0);
  if (auto done = read_alerts(database, out); !done) return std::unexpected(done.error());
  if (auto done = read_strays(database, out); !done) return std::unexpected(done.error());
  return out;
}

using Stretch = base::Result<Audit::Found>;

Stretch run_stretch(Database& database, std::uint64_t first, std::uint64_t last,
                    const std::optional<base::Digest>& expected) {
  Audit audit(database, first, last, expected);
  if (auto done = audit.run(); !done) return std::unexpected(done.error());
  return audit.found();
}

// Each thread with a connection of its own.
std::vector<Stretch> run_stretches(Database& database, std::uint64_t last,
                                   const std::optional<base::Digest>& expected) {
  const std::uint64_t wanted = std::clamp(std::thread::hardware_concurrency(), 1U, kStretchesMax);
  const std::uint64_t count = std::clamp<std::uint64_t>(last / kStretchMin, 1, wanted);
  std::vector<Stretch> out(count);
  if (count == 1) {
    out[0] = run_stretch(database, 1, last, expected);
    return out;
  }
  const std::string dir = std::filesystem::path(database.path()).parent_path();
  std::vector<std::jthread> threads(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    threads[i] = std::jthread([&, i] {
      const auto own = open_for_reading(dir);
      out[i] = own ? run_stretch(**own, last * i / count + 1, last * (i + 1) / count, expected)
                   : Stretch(std::unexpected(own.error()));
    });
  }
  threads.clear();  // each has ended
  return out;
}

class Whole {
 public:
  explicit Whole(Beside beside) : beside_(std::move(beside)) {}

  void add(Audit::Found&& found) {
    Verification& from = found.verification;
    out_.records += from.records;
    out_.events += from.events;
    out_.transitions += from.transitions;
    out_.erased += from.erased;
    out_.deleted_bodies += from.deleted_bodies;
    if (from.head.seq.value != 0) out_.head = from.head;
    if (from.expected_at) out_.expected_at = from.expected_at;
    std::ranges::move(from.injuries, std::back_inserter(out_.injuries));
    std::ranges::move(from.erasures, std::back_inserter(out_.erasures));
    if (has_body_) {
      for (const std::uint64_t seq : found.without_body) injure(seq, kBodyGone);
    }
    has_body_ = has_body_ || found.has_body;
    for (auto& [key, written] : found.alerts) alerts_[key] = written;
    for (auto& [key, written] : found.offsets) offsets_[key] = written;
    next_transition_ = found.next_transition;
  }

  base::Result<Verification> finish(Database& database, bool head_is_expected) {
    check_alerts();
    check_offsets();
    for (const std::uint64_t seq : beside_.strays) {
      injure(seq, "rows are there that belong to no record");
    }
    if (auto done = check_behind(database); !done) return std::unexpected(done.error());
    if (head_is_expected && !out_.expected_at) {
      injure(beside_.last,
             "no record has the entry that was asked for: the log was cut or written anew");
    }
    std::ranges::stable_sort(out_.injuries, {}, &Verification::Injury::seq);
    if (out_.injuries.size() > kInjuriesMax) out_.injuries.resize(kInjuriesMax);
    if (out_.erasures.size() > kInjuriesMax) out_.erasures.resize(kInjuriesMax);
    return std::move(out_);
  }

 private:
  void injure(std::uint64_t seq, std::string message) {
    out_.injuries.push_back({Seq{seq}, std::nullopt, std::move(message)});
  }

  void check_alerts() {
    for (const auto& [key, digest] : beside_.alerts) {
      const auto written = alerts_.find(key);
      if (written == alerts_.end()) {
        // The record that wrote it may have lost its body.
        if (out_.deleted_bodies == 0) injure(0, "alert " + key + " is in no record");
        continue;
      }
      if (digest != written->second.digest) {
        injure(written->second.seq, "alert " + key + " is not as the record wrote it");
      }
      alerts_.erase(written);
    }
    for (const auto& [key, written] : alerts_) injure(written.seq, "alert " + key + " is missing");
  }

  void check_offsets() {
    for (const OffsetRow& row : beside_.offsets) {
      const std::string name = row.channel + " " + row.topic + "/" + std::to_string(row.partition);
      const auto written = offsets_.find({row.channel, row.topic, row.partition});
      if (written == offsets_.end()) {
        if (out_.deleted_bodies == 0) injure(0, "the offset of " + name + " is in no record");
        continue;
      }
      if (digest_of(row) != written->second.digest) {
        injure(written->second.seq, "the offset of " + name + " is not as the record wrote it");
      }
      offsets_.erase(written);
    }
    for (const auto& [place, written] : offsets_) {
      injure(written.seq, "the offset of " + std::get<1>(place) + " is missing");
    }
  }

  // Transitions of the log's records beyond the last one. Behind an unreadable last record the end
  // is unknown.
  base::Status check_behind(Database& database) {
    if (next_transition_ == 0) return {};
    Query query =
        database.query("SELECT seq FROM transitions WHERE first >= ?1 AND seq BETWEEN 1 AND ?2");
    query.bind(next_transition_).bind(beside_.last);
    std::vector<std::uint64_t> found;
    if (auto done = read_numbers(query, found); !done) return done;
    for (const std::uint64_t seq : found)
      injure(seq, "transitions are there that it did not write");
    return {};
  }

  Beside beside_;
  Verification out_;
  bool has_body_ = false;
  std::uint64_t next_transition_ = 1;
  Audit::Alerts alerts_;
  Audit::Offsets offsets_;
};

}  // namespace

base::Result<Verification> verify(Database& database, std::optional<base::Digest> expected) {
  base::Result<Beside> beside = read_beside(database);
  if (!beside) return std::unexpected(beside.error());
  const std::uint64_t last = beside->last;
  Whole whole(std::move(*beside));
  for (Stretch& stretch : run_stretches(database, last, expected)) {
    if (!stretch) return std::unexpected(stretch.error());
    whole.add(std::move(*stretch));
  }
  return whole.finish(database, expected.has_value());
}

}  // namespace patuh::store
