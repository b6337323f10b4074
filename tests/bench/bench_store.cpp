// How fast batches become durable, beside SQLite keeping a row an event and a row a transition on
// the same disk with the same settings; what they weigh; how fast they are read back.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "store/store.h"
#include "tests/bench/bench.h"

namespace patuh::store {
namespace {

using bench::give_up;
using bench::must;
using bench::seconds_of;

constexpr std::uint64_t kElements = 100'000;
constexpr std::uint64_t kAgencies = 50;
constexpr std::uint64_t kRules = 25;

// ── What is written ─────────────────────────────────────────────────────────────────────────────

class Maker {
 public:
  Batch batch(std::size_t events) {
    Batch out;
    now_ += std::chrono::milliseconds(10);
    out.record.now = now_;
    for (std::size_t i = 0; i < events; ++i) {
      out.record.events.push_back(event());
      bytes_ += out.record.events.back().data.size();
      if (i % 2 == 0) out.transitions.push_back(transition(out.record.events.back()));
    }
    out.offsets = {{"kafka", "patuh.changes", 0, static_cast<std::int64_t>(number_)}};
    return out;
  }
  // Of an event's members and data, on average.
  double event_bytes() const { return static_cast<double>(bytes_) / static_cast<double>(number_); }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string word() {
    std::string out;
    for (std::uint64_t size = 4 + below(8); size > 0; --size) {
      out += static_cast<char>('a' + static_cast<char>(below(26)));
    }
    return out;
  }

  model::Envelope event() {
    ++number_;
    const std::uint64_t element = below(kElements);
    model::Envelope out;
    out.type = "id.patuh.element.upserted.v1";
    out.source = "/opd/" + std::to_string(element % kAgencies) + "/simaset";
    out.id = base::to_hex(base::sha256(std::to_string(number_))).substr(0, 32);
    out.time = now_;
    out.subject = "aplikasi/app-" + std::to_string(element);
    out.data = R"({"perangkat_daerah":"opd-)" + std::to_string(element % kAgencies) +
               R"(","nama":"Sistem Informasi )" + word() + " " + word() +
               R"(","status":"operasional","jenis_layanan":"administrasi_pemerintahan",)"
               R"("akses_publik":true,"data_pribadi":false,"bahasa":"php","kerangka":"laravel",)"
               R"("basis_data":"mariadb","pengguna":)" +
               std::to_string(below(100'000)) + R"(,"mulai_operasi":"20)" +
               std::to_string(10 + below(15)) + R"(-03-01","uraian":")" + word() + " " + word() +
               " " + word() + " " + word() +
               R"(","pusat_data":"pdn-1","repositori":"git.example.go.id/)" + word() +
               R"(","versi":"1.)" + std::to_string(below(90)) +
               R"(","pic":"Kepala Bidang Aplikasi","indikator":[31,32,33],"keamanan":["itsa-)" +
               std::to_string(below(9000)) + R"("],"probis":"pb-)" + std::to_string(below(500)) +
               R"(","layanan":"ly-)" + std::to_string(below(2000)) + "\"}";
    out.position = {"kafka", "patuh.changes", 0, static_cast<std::int64_t>(number_)};
    return out;
  }

  model::Transition transition(const model::Envelope& event) {
    model::Transition out;
    out.rule = "APP-SEC-" + std::to_string(10 + below(kRules));
    out.element = *model::element_key_of(event.subject);
    out.agency = event.source.substr(5, event.source.rfind('/') - 5);
    out.from = model::VerdictState::kCompliant;
    out.to = model::VerdictState::kViolating;
    out.severity = model::Severity::kHigh;
    out.since = out.recorded = now_;
    out.reason = "missing: keamanan";
    out.evidence = {
        {"", "status", "\"operasional\""},
        {"", "akses_publik", "true"},
        {"keamanan/itsa-" + std::to_string(below(9000)), "berlaku_sampai", "\"2025-06-30\""}};
    out.cause_source = event.source;
    out.cause_id = event.id;
    out.cause_type = event.type;
    out.rule_version = 3;
    return out;
  }

  std::mt19937_64 random_{1};
  std::uint64_t number_ = 0, bytes_ = 0;
  Instant now_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
};

// ── Beside: a row an event, a row a transition ──────────────────────────────────────────────────

class RowStore {
 public:
  explicit RowStore(const std::string& path) {
    check(sqlite3_open(path.c_str(), &connection_));
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;"
        "PRAGMA secure_delete=FAST;"
        "CREATE TABLE events(seq INTEGER PRIMARY KEY, source TEXT, id TEXT, type TEXT, "
        "time INTEGER, subject TEXT, data TEXT, UNIQUE(source, id));"
        "CREATE TABLE transitions(number INTEGER PRIMARY KEY, rule TEXT, element TEXT, "
        "agency TEXT, old INTEGER, new INTEGER, severity INTEGER, since INTEGER, "
        "recorded INTEGER, reason TEXT, evidence TEXT, cause TEXT, version INTEGER);"
        "CREATE INDEX by_element ON transitions(element, number);"
        "CREATE INDEX by_agency ON transitions(agency, number);");
    event_ = prepare("INSERT INTO events VALUES(NULL, ?, ?, ?, ?, ?, ?)");
    transition_ =
        prepare("INSERT INTO transitions VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }
  ~RowStore() {
    sqlite3_finalize(event_);
    sqlite3_finalize(transition_);
    sqlite3_close(connection_);
  }
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  void append(const Batch& batch) {
    run("BEGIN IMMEDIATE");
    for (const model::Envelope& event : batch.record.events) insert(event);
    for (const model::Transition& transition : batch.transitions) insert(transition);
    run("COMMIT");
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE) give_up(sqlite3_errmsg(connection_));
  }
  void run(const char* sql) { check(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* out = nullptr;
    check(sqlite3_prepare_v2(connection_, sql, -1, &out, nullptr));
    return out;
  }
  static void text(sqlite3_stmt* statement, int at, const std::string& value) {
    sqlite3_bind_text(statement, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }
  static void moment(sqlite3_stmt* statement, int at, Instant value) {
    sqlite3_bind_int64(statement, at, value.time_since_epoch().count());
  }
  void step(sqlite3_stmt* statement) {
    check(sqlite3_step(statement));
    sqlite3_reset(statement);
  }

  void insert(const model::Envelope& event) {
    text(event_, 1, event.source);
    text(event_, 2, event.id);
    text(event_, 3, event.type);
    moment(event_, 4, *event.time);
    text(event_, 5, event.subject);
    text(event_, 6, event.data);
    step(event_);
  }
  void insert(const model::Transition& transition) {
    const std::string element = transition.element.text();
    std::string evidence;
    for (const model::Fact& fact : transition.evidence) {
      evidence += fact.element + " " + fact.field + " " + fact.value + "\n";
    }
    text(transition_, 1, transition.rule);
    text(transition_, 2, element);
    text(transition_, 3, transition.agency);
    sqlite3_bind_int(transition_, 4, static_cast<int>(transition.from));
    sqlite3_bind_int(transition_, 5, static_cast<int>(transition.to));
    sqlite3_bind_int(transition_, 6, static_cast<int>(transition.severity));
    moment(transition_, 7, transition.since);
    moment(transition_, 8, transition.recorded);
    text(transition_, 9, transition.reason);
    text(transition_, 10, evidence);
    text(transition_, 11, transition.cause_id);
    sqlite3_bind_int(transition_, 12, static_cast<int>(transition.rule_version));
    step(transition_);
  }

  sqlite3* connection_ = nullptr;
  sqlite3_stmt* event_ = nullptr;
  sqlite3_stmt* transition_ = nullptr;
};

// ── The runs ────────────────────────────────────────────────────────────────────────────────────

struct Line {
  std::string name;
  double value = 0;
  const char* unit = "";
  const char* better = "higher";
  std::string beside_name{};
  double beside = 0;
  std::string params{};
};

void say(const Line& line) {
  std::printf(R"({"name":"%s","value":%.6g,"unit":"%s","better":"%s","beside":[)",
              line.name.c_str(), line.value, line.unit, line.better);
  if (!line.beside_name.empty()) {
    std::printf(R"({"name":"%s","value":%.6g})", line.beside_name.c_str(), line.beside);
  }
  std::printf("],\"ratio\":%.4g,\"params\":{%s}}\n",
              line.beside > 0 ? line.value / line.beside : 0.0, line.params.c_str());
  std::fflush(stdout);
}

// Seconds that `append` took for all events in batches of `size`; making them is not counted.
double time_of(std::uint64_t events, std::size_t size, Maker& maker,
               const std::function<void(const Batch&)>& append) {
  double seconds = 0;
  for (std::uint64_t done = 0; done < events; done += size) {
    const Batch batch = maker.batch(size);
    seconds += seconds_of([&] { append(batch); });
  }
  return seconds;
}

double folder_bytes(const std::string& path) {
  double out = 0;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    out += static_cast<double>(file.file_size());
  }
  return out;
}

void measure_reading(Store& store, const std::string& params) {
  std::mt19937_64 random(3);
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) {
    const TransitionFilter filter{
        .element = model::ElementKey{"aplikasi", "app-" + std::to_string(random() % kElements)},
        .newest_first = true,
        .limit = 20};
    times.push_back(seconds_of([&] { must(store.read().transitions(filter)); }));
  }
  std::ranges::sort(times);
  say({.name = "store_element_history_p99",
       .value = times[times.size() * 99 / 100] * 1e3,
       .unit = "ms",
       .better = "lower",
       .params = params});
  std::uint64_t transitions = 0;
  const double scan = seconds_of([&] { transitions = must(store.read().count_transitions({})); });
  say({.name = "store_transition_scan",
       .value = static_cast<double>(transitions) / scan,
       .unit = "transitions/s",
       .params = params});
  Verification found;
  const double audit = seconds_of([&] { found = must(store.read().verify_chain()); });
  if (!found.injuries.empty()) give_up("the chain does not hold");
  say({.name = "store_audit",
       .value = static_cast<double>(found.events) / audit,
       .unit = "events/s",
       .params = params});
}

void measure(std::uint64_t count, std::size_t size, const std::string& folder) {
  std::filesystem::create_directories(folder + "/rows");
  double ours = 0;
  double rows = 0;
  const std::string params = R"("events":)" + std::to_string(count) + R"(,"batch":)" +
                             std::to_string(size) + R"(,"transitions_per_event":0.5)";
  {
    RowStore store(folder + "/rows/rows.db");
    Maker maker;
    rows = time_of(count, size, maker, [&](const Batch& batch) { store.append(batch); });
  }
  const auto store = must(Store::open(folder + "/store", {}));
  Maker maker;
  ours = time_of(count, size, maker, [&](const Batch& batch) { must(store->append(batch)); });
  const double events = static_cast<double>(count);
  say({.name = "store_append",
       .value = events / ours,
       .unit = "events/s",
       .beside_name = "sqlite a row an event",
       .beside = events / rows,
       .params = params + R"(,"data_bytes":)" + std::to_string(maker.event_bytes())});
  say({.name = "store_commit",
       .value = ours / (events / static_cast<double>(size)) * 1e3,
       .unit = "ms",
       .better = "lower",
       .beside_name = "sqlite a row an event",
       .beside = rows / (events / static_cast<double>(size)) * 1e3,
       .params = params});
  if (!store->idle()) give_up("idle() failed");
  say({.name = "store_bytes_per_event",
       .value = folder_bytes(folder + "/store") / events,
       .unit = "bytes",
       .better = "lower",
       .beside_name = "sqlite a row an event",
       .beside = folder_bytes(folder + "/rows") / events,
       .params = params});
  measure_reading(*store, params);
}

}  // namespace
}  // namespace patuh::store

int main(int argc, char** argv) {
  const std::uint64_t events =
      patuh::bench::numbers_from(argc, argv, "[EVENTS]", 1, {120'000}).front();
  // On the disk that temporary files are on: memory would make durability free.
  std::string pattern = (std::filesystem::temp_directory_path() / "patuh-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) patuh::store::give_up("no temporary folder");
  for (const std::size_t size : {std::size_t{300}, std::size_t{1000}}) {
    const std::string folder = pattern + "/" + std::to_string(size);
    std::filesystem::create_directories(folder);
    patuh::store::measure(events, size, folder);
  }
  std::filesystem::remove_all(pattern);
}
