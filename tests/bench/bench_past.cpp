// Questions about the past of an estate of two years: one element, a verdict, agencies, the
// summary, pages of violations, at instants drawn at random, as the API answers them; the whole
// estate a year ago; what an event and a transition weigh on disk. One JSON object a line.
//
//   bench_past              a million elements, as many changes behind their births
//   bench_past 20000        so many
//   bench_past 20000 element     only the questions whose names begin so, for a profile
//   PATUH_BENCH_FOLDER=DIR  keeps the store there, and takes one that is there as it is
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "api/api.h"
#include "pipeline/pipeline.h"
#include "tests/bench/bench.h"
#include "tests/bench/estate.h"

namespace patuh::pipeline {
namespace {

using bench::give_up;
using bench::must;
using bench::seconds_of;

constexpr std::size_t kBatch = 1000;
constexpr base::Duration kSpan = std::chrono::hours(24 * 730);
constexpr int kQuestions = 500;
constexpr double kYear = 0.5;  // of the span

void say(const std::string& name, double value, const char* unit, std::uint64_t elements,
         const std::string& more = "") {
  std::printf(R"({"name":"%s","value":%.6g,"unit":"%s","better":"lower","beside":[],"ratio":0,)"
              R"("params":{"elements":%llu%s}})"
              "\n",
              name.c_str(), value, unit, static_cast<unsigned long long>(elements), more.c_str());
  std::fflush(stdout);
}

// Under event clock, as history is imported.
void fill(const std::string& folder, std::uint64_t elements) {
  bench::EstateEvents events(elements, kSpan / static_cast<std::int64_t>(2 * elements));
  Options options;
  options.clock = ClockMode::kEvent;
  options.batch_events = kBatch;
  options.snapshots = {.tail_events = 150'000, .keep_months = 24};
  auto store = must(store::Store::open(folder, {}));
  const auto pipeline =
      must(Pipeline::open(std::move(store), bench::estate_book(), std::move(options)));
  pipeline->start();
  std::future<void> last;
  while (events.made() < 2 * elements + events.agencies()) {
    decode::Delivery delivery = events.delivery(kBatch);
    auto durable = std::make_shared<std::promise<void>>();
    last = durable->get_future();
    delivery.done = [durable](std::span<const decode::Receipt>) { durable->set_value(); };
    if (!pipeline->intake().push(std::move(delivery))) give_up("the pipeline has stopped");
  }
  last.wait();
  std::this_thread::sleep_for(std::chrono::seconds(2));  // what idles is brought up to date
  pipeline->stop();
}

struct Question {
  std::string name, path;
  std::map<std::string, std::string> query{};
  bool of_element = false;  // the path goes on with one
};

const std::vector<Question>& questions() {
  static const std::vector<Question> kAll = {
      {.name = "element", .path = "/api/v1/elements/app/app-", .of_element = true},
      {.name = "verdict", .path = "/api/v1/verdicts/A-2/app/app-", .of_element = true},
      {.name = "summary", .path = "/api/v1/summary"},
      {.name = "agencies", .path = "/api/v1/agencies"},
      {.name = "violations_of_an_agency",
       .path = "/api/v1/violations",
       .query = {{"agency", "c0"}, {"limit", "100"}}},
      {.name = "violations", .path = "/api/v1/violations", .query = {{"limit", "100"}}},
      {.name = "violations_deep",
       .path = "/api/v1/violations",
       .query = {{"limit", "100"}, {"cursor", "5000"}}},
      {.name = "violations_of_a_rule",
       .path = "/api/v1/violations",
       .query = {{"rule", "A-8"}, {"limit", "100"}}},
      {.name = "violations_of_a_rule_further_on",
       .path = "/api/v1/violations",
       .query = {{"rule", "A-8"}, {"limit", "100"}, {"cursor", "0.0.c3"}}},
      {.name = "violations_of_a_rare_rule",
       .path = "/api/v1/violations",
       .query = {{"rule", "A-4"}, {"limit", "100"}}}};
  return kAll;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// At the part of all, in milliseconds.
double quantile(std::vector<double>& times, double part) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(static_cast<double>(times.size() - 1) * part)] * 1e3;
}

void ask(store::Reader& reader, const Question& question, std::uint64_t elements) {
  std::mt19937_64 random(11);
  std::vector<double> times;
  std::vector<double> cpu;  // what a busy machine does not change much
  std::uint64_t answered = 0;
  std::uint64_t bytes = 0;
  for (int i = 0; i < kQuestions; ++i) {
    // From the first tenth on, when much of the estate is there.
    const auto part = static_cast<std::int64_t>(100 + random() % 900);
    const base::Instant at = bench::EstateEvents::kBegin + kSpan * part / 1000;
    std::string path = question.path;
    if (question.of_element) path += std::to_string(random() % elements);
    api::Answer answer;
    const double before = cpu_seconds();
    times.push_back(
        seconds_of([&] { answer = api::answer_as_of(reader, at, path, question.query); }));
    cpu.push_back(cpu_seconds() - before);
    if (answer.status != 200 && answer.status != 404) give_up(path + ": " + answer.body);
    answered += answer.status == 200 ? 1 : 0;
    bytes += answer.body.size();
  }
  const std::string more = R"(,"p50":)" + std::to_string(quantile(times, 0.5)) + R"(,"cpu_p50":)" +
                           std::to_string(quantile(cpu, 0.5)) + R"(,"cpu_p99":)" +
                           std::to_string(quantile(cpu, 0.99)) + R"(,"answered":)" +
                           std::to_string(answered) + R"(,"bytes":)" +
                           std::to_string(bytes / kQuestions);
  say("past_" + question.name + "_p99", quantile(times, 0.99), "ms", elements, more);
}

void ask_of_the_whole(store::Reader& reader, std::uint64_t elements) {
  const base::Instant at =
      bench::EstateEvents::kBegin +
      std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(kSpan) * kYear);
  std::uint64_t pairs = 0;
  const double took = seconds_of([&] { pairs = must(replay(reader, at))->stats().pairs; });
  say("past_whole_estate_a_year_ago", took, "s", elements, R"(,"pairs":)" + std::to_string(pairs));
}

// What of the file belongs to tables of these names, and their indexes.
double bytes_of(sqlite3* connection, const std::string& names) {
  const std::string sql =
      "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name "
      "IN (" +
      names + "))";
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_ROW) {
    give_up(sqlite3_errmsg(connection));
  }
  const double out = sqlite3_column_double(statement, 0);
  sqlite3_finalize(statement);
  return out;
}

void weigh(store::Reader& reader, const std::string& folder, std::uint64_t elements) {
  sqlite3* connection = nullptr;
  const std::string path = folder + "/patuh.db";
  if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    give_up(sqlite3_errmsg(connection));
  }
  const store::Counts counts = must(reader.counts());
  const auto events = static_cast<double>(counts.events);
  const auto transitions = static_cast<double>(counts.transitions);
  const auto each = [&](const char* name, const char* tables, double of) {
    say(name, bytes_of(connection, tables) / of, "bytes", elements,
        R"(,"events":)" + std::to_string(counts.events) + R"(,"transitions":)" +
            std::to_string(counts.transitions));
  };
  each("past_bytes_per_event",
       "'records', 'event_digests', 'bodies', 'element_runs', 'outlines', 'offsets'", events);
  each("past_bytes_per_transition", "'transitions', 'by_element', 'by_agency', 'open_pairs'",
       transitions);
  each("past_snapshot_bytes_per_element", "'snapshots', 'snapshot_parts', 'snapshot_marks'",
       static_cast<double>(elements));
  sqlite3_close(connection);
}

void measure(std::uint64_t elements, const std::string& folder, const std::string& only) {
  if (!std::filesystem::exists(folder + "/patuh.db")) {
    const double took = seconds_of([&] { fill(folder, elements); });
    say("past_filling", took / static_cast<double>(2 * elements) * 1e6, "us/event", elements);
  }
  const auto reader = must(store::Reader::open(folder));
  for (const Question& question : questions()) {
    if (question.name.starts_with(only)) ask(*reader, question, elements);
  }
  if (!only.empty()) return;
  weigh(*reader, folder, elements);
  ask_of_the_whole(*reader, elements);
}

}  // namespace
}  // namespace patuh::pipeline

int main(int argc, char** argv) {
  const std::uint64_t elements =
      patuh::bench::numbers_from(std::min(argc, 2), argv, "[ELEMENTS [QUESTION]]", 1, {1'000'000})
          .front();
  const char* const kept = std::getenv("PATUH_BENCH_FOLDER");
  std::string pattern = (std::filesystem::temp_directory_path() / "patuh-bench-XXXXXX").string();
  if (kept == nullptr && ::mkdtemp(pattern.data()) == nullptr) {
    patuh::bench::give_up("no temporary folder");
  }
  patuh::pipeline::measure(elements, kept == nullptr ? pattern + "/store" : kept,
                           argc > 2 ? argv[2] : "");
  if (kept == nullptr) std::filesystem::remove_all(pattern);
}
