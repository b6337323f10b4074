// Random injuries of a store, each on a fresh copy: a column changed, a row deleted, two rows
// swapped, a row inserted, the log cut, an event changed or swapped or taken out and its batch
// packed again. The audit finds each and names its record, and the event where it is one.
//
// PATUH_POINTS=all makes a thousand (./run fuzz audit), else a hundred; PATUH_SEED gives others.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>

#include "store/body.h"
#include "store/sqlite.h"
#include "tests/unit/store/make.h"

namespace patuh::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBatches = 80;

// A table of the store, and the columns of it that the chain speaks for.
struct TableOf {
  const char* name;
  std::vector<const char*> columns;
};
const std::array<TableOf, 7> kTables = {
    TableOf{"records",
            {"seq", "kind", "now", "first_event", "events", "first_transition", "transitions",
             "alerts", "offsets", "quarantined", "digests", "entry"}},
    TableOf{"event_digests", {"seq", "digests"}},
    TableOf{"bodies", {"seq", "raw_size", "bytes"}},
    TableOf{"transitions",
            {"first", "count", "seq", "first_recorded", "last_recorded", "raw_size", "bytes"}},
    TableOf{"quarantine",
            {"seq", "at", "reason", "message", "channel", "topic", "part", "place", "size",
             "sha256", "source", "event", "kept_sha256", "bytes"}},
    TableOf{"alerts",
            {"key", "agency", "rule", "kind", "element", "severity", "phase", "started", "cause",
             "occurrence", "told", "notice"}},
    TableOf{"offsets", {"channel", "topic", "part", "next"}}};

// What was done, and what the audit must name for it.
struct Injury {
  std::string what;
  std::vector<std::uint64_t> records;  // one of them at least, 0 = "no record"
  std::vector<std::uint32_t> events;   // each of them
};

class Injurer {
 public:
  Injurer(const std::string& path, std::uint64_t seed)
      : database_(must(Database::open(path, Database::Access::kWrite))), random_(seed) {}

  Injury injure() {
    using Way = Injury (Injurer::*)();
    static constexpr std::array<Way, 8> kWays = {
        &Injurer::change_column, &Injurer::change_column,    &Injurer::delete_row,
        &Injurer::swap_rows,     &Injurer::insert_row,       &Injurer::cut,
        &Injurer::change_event,  &Injurer::change_transition};
    return (this->*kWays[random_() % kWays.size()])();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  // SQL made here is kept: statements are known by the address of their text.
  Query query(const std::string& sql) {
    texts_.push_back(std::make_unique<std::string>(sql));
    return database_->query(texts_.back()->c_str());
  }
  void run(const std::string& sql) { must(query(sql).run()); }
  std::uint64_t number(const std::string& sql) {
    Query found = query(sql);
    return must(found.row()) ? found.count(0) : 0;
  }
  std::string text(const std::string& sql) {
    Query found = query(sql);
    return must(found.row()) ? std::string(found.text(0)) : std::string();
  }

  // Some row of the table, as a condition that is true for it alone.
  std::string some_row(const TableOf& table) {
    const std::string name = table.name;
    const std::string at = std::to_string(below(number("SELECT count(*) FROM " + name)));
    if (name == "offsets") {
      return "part = " +
             std::to_string(number("SELECT part FROM offsets ORDER BY part LIMIT 1 OFFSET " + at));
    }
    return "rowid = " + std::to_string(number("SELECT rowid FROM " + name +
                                              " ORDER BY rowid LIMIT 1 OFFSET " + at));
  }

  // The records that stand behind a row.
  std::vector<std::uint64_t> records_of(const TableOf& table, const std::string& row) {
    const std::string name = table.name;
    if (name == "alerts") {
      const std::string key = text("SELECT key FROM alerts WHERE " + row);
      return last_that([&](const Batch& batch) {
        return std::ranges::find(batch.alerts, key, &AlertRow::key) != batch.alerts.end();
      });
    }
    if (name == "offsets") {
      const auto part = static_cast<std::int32_t>(number("SELECT part FROM offsets WHERE " + row));
      return last_that([&](const Batch& batch) {
        return std::ranges::find(batch.offsets, part, &OffsetRow::partition) != batch.offsets.end();
      });
    }
    return {number("SELECT seq FROM " + name + " WHERE " + row)};
  }
  static std::vector<std::uint64_t> last_that(const std::function<bool(const Batch&)>& wrote) {
    for (std::uint64_t n = kBatches; n > 0; --n) {
      if (wrote(make_batch(n))) return {n};
    }
    return {0};
  }

  Injury change_column() {
    const TableOf& table = kTables[below(kTables.size())];
    const std::string row = some_row(table);
    const std::string column = table.columns[below(table.columns.size())];
    Injury out{std::string("changed ") + table.name + "." + column + " where " + row,
               records_of(table, row),
               {}};
    const std::string type =
        text("SELECT typeof(" + column + ") FROM " + table.name + " WHERE " + row);
    std::string value = column + " || 'x'";
    if (type == "integer") {
      // Far enough not to meet another row's number.
      value = column + (below(2) == 0 ? " + " : " - ") + std::to_string(1000 + below(5));
    } else if (type == "blob") {
      value = changed_blob(table.name, column, row);
    }
    run("UPDATE " + std::string(table.name) + " SET " + column + " = " + value + " WHERE " + row);
    return out;
  }

  // One byte of it is another, or there is one where there was none.
  std::string changed_blob(const std::string& table, const std::string& column,
                           const std::string& row) {
    const std::uint64_t size =
        number("SELECT length(" + column + ") FROM " + table + " WHERE " + row);
    if (size == 0) return "x'00'";
    const std::string at = std::to_string(1 + below(size));
    const std::string byte = "substr(" + column + ", " + at + ", 1)";
    return "CAST(substr(" + column + ", 1, " + at + " - 1) || CASE hex(" + byte +
           ") WHEN 'A5' THEN x'5A' ELSE x'A5' END || substr(" + column + ", " + at +
           " + 1) AS BLOB)";
  }

  Injury delete_row() {
    const TableOf& table = kTables[below(kTables.size())];
    std::string row = some_row(table);
    // The first body may be gone: retention begins there.
    while (std::string_view(table.name) == "bodies" && records_of(table, row).front() == 1) {
      row = some_row(table);
    }
    Injury out{
        std::string("deleted from ") + table.name + " where " + row, records_of(table, row), {}};
    run("DELETE FROM " + std::string(table.name) + " WHERE " + row);
    return out;
  }

  Injury swap_rows() {
    static const std::array<std::pair<const char*, const char*>, 4> kPairs = {
        std::pair{"records", "now"}, std::pair{"records", "entry"}, std::pair{"records", "digests"},
        std::pair{"bodies", "raw_size, bytes"}};
    const auto& [table, columns] = kPairs[below(kPairs.size())];
    const std::uint64_t one = 1 + below(kBatches - 1);
    const std::uint64_t other = one + 1 + below(kBatches - one);
    const std::string name = table;
    run("CREATE TABLE keep AS SELECT seq, " + std::string(columns) + " FROM " + name);
    for (const auto& [to, from] : {std::pair{one, other}, std::pair{other, one}}) {
      run("UPDATE " + name + " SET (" + columns + ") = (SELECT " + columns +
          " FROM keep WHERE seq = " + std::to_string(from) + ") WHERE seq = " + std::to_string(to));
    }
    run("DROP TABLE keep");
    return {"swapped " + name + "." + columns + " of " + std::to_string(one) + " and " +
                std::to_string(other),
            {one},
            {}};
  }

  Injury insert_row() {
    const std::string beyond = std::to_string(kBatches + 1 + below(50));
    switch (below(5)) {
      case 0:
        run("INSERT INTO records SELECT " + std::to_string(kBatches + 1) +
            ", kind, now, first_event, events, first_transition, transitions, alerts, offsets, "
            "quarantined, digests, entry FROM records WHERE seq = " +
            std::to_string(kBatches));
        return {"a record inserted behind the last", {kBatches + 1}, {}};
      case 1:
        run("INSERT INTO bodies SELECT " + beyond + ", raw_size, bytes FROM bodies LIMIT 1");
        return {"a body inserted", {std::stoull(beyond)}, {}};
      case 2:
        run("INSERT INTO event_digests SELECT " + beyond +
            ", digests, marks FROM event_digests LIMIT 1");
        return {"event digests inserted", {std::stoull(beyond)}, {}};
      case 3:
        run("INSERT INTO offsets SELECT channel, topic, 900, next FROM offsets LIMIT 1");
        return {"an offset inserted", {0}, {}};
      default:
        run("INSERT INTO transitions SELECT first + 100000, count, seq, first_recorded, "
            "last_recorded, raw_size, bytes FROM transitions WHERE first = 1");
        return {
            "transitions inserted", {number("SELECT seq FROM transitions WHERE first = 1")}, {}};
    }
  }

  Injury cut() {
    const std::uint64_t last = 1 + below(kBatches - 1);
    for (const char* table : {"records", "bodies", "event_digests", "transitions", "quarantine"}) {
      run("DELETE FROM " + std::string(table) + " WHERE seq > " + std::to_string(last));
    }
    return {"the log cut behind " + std::to_string(last), {last}, {}};
  }

  // Packs a record's body again with its events as `change` leaves them.
  void repack(std::uint64_t seq, const std::function<void(std::vector<std::string>&)>& change) {
    const std::string raw = body_of(seq);
    const BodyParts parts = *split_body(raw);
    std::vector<std::string> events;
    for (const BodyParts::Event& event : parts.events) events.emplace_back(event.bytes);
    change(events);
    // The form of docs/store-format.md, written by hand.
    std::string out(1, '\1');
    put(out, parts.payload);
    put_count(out, events.size());
    for (const std::string& event : events) {
      out += '\1';
      put(out, event);
    }
    for (const auto* list : {&parts.alerts, &parts.offsets}) {
      put_count(out, list->size());
      for (const std::string_view part : *list) put(out, part);
    }
    std::string packed;
    must(compress(out, 1, packed));
    must(database_->query("UPDATE bodies SET raw_size = ?, bytes = ? WHERE seq = ?")
             .bind(std::uint64_t{out.size()})
             .bind_blob(packed)
             .bind(seq)
             .run());
  }
  std::string body_of(std::uint64_t seq) {
    Query found = database_->query("SELECT raw_size, bytes FROM bodies WHERE seq = ?");
    EXPECT_TRUE(must(found.bind(seq).row()));
    return must(decompress(found.blob(1), found.count(0)));
  }
  static void put_count(std::string& out, std::uint64_t value) {
    for (; value >= 128; value >>= 7U) out += static_cast<char>(value | 128U);
    out += static_cast<char>(value);
  }
  static void put(std::string& out, std::string_view text) {
    put_count(out, text.size());
    out += text;
  }

  Injury change_event() {
    std::uint64_t seq = 0;
    std::size_t count = 0;
    while (count < 2) {
      seq = 1 + below(kBatches);
      count = make_batch(seq).record.events.size();
    }
    const auto one = static_cast<std::uint32_t>(below(count));
    const auto other = static_cast<std::uint32_t>((one + 1 + below(count - 1)) % count);
    const std::string where = std::to_string(seq) + "/" + std::to_string(one);
    switch (below(3)) {
      case 0:
        repack(seq, [&](std::vector<std::string>& events) {
          char& byte = events[one][below(events[one].size())];
          byte = static_cast<char>(byte ^ static_cast<char>(1U << below(7)));
        });
        return {"event changed: " + where, {seq}, {one}};
      case 1:
        repack(seq,
               [&](std::vector<std::string>& events) { std::swap(events[one], events[other]); });
        return {"events swapped: " + where + " and " + std::to_string(other), {seq}, {one, other}};
      default:
        repack(seq, [&](std::vector<std::string>& events) { events.erase(events.begin() + one); });
        return {"event taken out: " + where, {seq}, {}};
    }
  }

  // A transition's byte, its chunk packed again.
  Injury change_transition() {
    const TableOf& table = kTables[3];
    const std::string row = some_row(table);
    std::string raw;
    {
      Query found = query("SELECT raw_size, bytes FROM transitions WHERE " + row);
      EXPECT_TRUE(must(found.row()));
      raw = must(decompress(found.blob(1), found.count(0)));
    }
    char& byte = raw[below(raw.size())];
    byte = static_cast<char>(byte ^ static_cast<char>(1U << below(7)));
    std::string packed;
    must(compress(raw, 1, packed));
    Injury out{"transition changed where " + row, records_of(table, row), {}};
    Query update = query("UPDATE transitions SET raw_size = ?, bytes = ? WHERE " + row);
    must(update.bind(std::uint64_t{raw.size()}).bind_blob(packed).run());
    return out;
  }

  std::vector<std::unique_ptr<std::string>> texts_;  // outlive the statements
  std::unique_ptr<Database> database_;
  std::mt19937_64 random_;
};

// Named: the record, and each event that it is about.
bool names(const Verification& found, const Injury& done) {
  const bool record = std::ranges::any_of(found.injuries, [&](const Verification::Injury& injury) {
    return std::ranges::find(done.records, injury.seq.value) != done.records.end();
  });
  return record && std::ranges::all_of(done.events, [&](std::uint32_t event) {
           return std::ranges::any_of(found.injuries, [&](const Verification::Injury& injury) {
             return injury.seq.value == done.records.front() && injury.event == event;
           });
         });
}

std::string text_of(const Verification& found) {
  std::string out;
  for (const Verification::Injury& injury : found.injuries) {
    out += "\n  record " + std::to_string(injury.seq.value) +
           (injury.event ? " event " + std::to_string(*injury.event) : "") + ": " + injury.message;
  }
  return out;
}

TEST(Audit, FindsAndNamesEachOfManyRandomInjuries) {
  const TemporaryFolder whole;
  base::Digest head{};
  {
    const auto store = open_store(whole);
    for (std::uint64_t n = 1; n <= kBatches; ++n) must(store->append(make_batch(n)));
    must(store->idle());
    head = store->chain_head().entry;
  }
  const char* const asked = std::getenv("PATUH_POINTS");
  const char* const given = std::getenv("PATUH_SEED");
  const int count = asked != nullptr && std::string_view(asked) == "all" ? 1000 : 100;
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  std::printf("%d injuries, PATUH_SEED=%llu\n", count, static_cast<unsigned long long>(seed));
  for (int i = 0; i < count; ++i) {
    const TemporaryFolder folder;
    fs::create_directories(folder.data());
    fs::copy_file(whole.data() + "/patuh.db", folder.data() + "/patuh.db");
    const Injury done =
        Injurer(folder.data() + "/patuh.db", seed + static_cast<std::uint64_t>(i)).injure();
    const Verification found = must(open_reader(folder)->verify_chain(head));
    EXPECT_TRUE(names(found, done)) << "injury " << i << ": " << done.what << text_of(found);
  }
}

}  // namespace
}  // namespace patuh::store
