// How long a start after `kill -9` takes with a large estate and the longest tail that is allowed,
// how long taking snapshots keeps the engine, and what they weigh. Beside the start: applying the
// whole log. One JSON object a line.
//
// Beside wall times stand those of the CPU, which a busy machine changes little.
//
//   bench_recovery                 100,000 and 1,000,000 elements
//   bench_recovery 100000          one size
//   bench_recovery 100000 20000    with another tail than the shipped one
//   bench_recovery 100000 20000 300000   no start: what so many updates cost with snapshots of that
//                                  tail, in CPU and in bytes that reach the disk
//   PATUH_BENCH_FOLDER=DIR         keeps the stores there, and takes one that is there as it is
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/pipeline.h"
#include "tests/bench/bench.h"
#include "tests/bench/estate.h"

namespace patuh::pipeline {
namespace {

using bench::give_up;
using bench::must;
using bench::seconds_of;

constexpr std::size_t kBatch = 1000;
constexpr std::uint64_t kShippedTail = 150'000;
// Elements up to which the whole log is applied as well: beyond it takes minutes.
constexpr std::uint64_t kCompared = 200'000;

struct Estate {
  std::uint64_t elements = 0;
  std::uint64_t tail = kShippedTail;
  std::string folder;
  bool is_kept = false;
};

std::unique_ptr<Pipeline> open(const Estate& estate, bool snapshots) {
  Options options;
  options.batch_events = kBatch;
  options.snapshots.tail_events = estate.tail;
  options.snapshots.keep_months = 0;
  options.use_snapshots = snapshots;
  auto store = must(store::Store::open(estate.folder, {}));
  return must(Pipeline::open(std::move(store), bench::estate_book(), std::move(options)));
}

// Keeps a few deliveries on their way; the last is waited for.
void send(Pipeline& pipeline, bench::EstateEvents& maker, std::uint64_t events) {
  std::vector<std::future<void>> sent;
  for (std::uint64_t done = 0; done < events; done += kBatch) {
    decode::Delivery delivery = maker.delivery(std::min<std::uint64_t>(kBatch, events - done));
    auto durable = std::make_shared<std::promise<void>>();
    sent.push_back(durable->get_future());
    delivery.done = [durable](std::span<const decode::Receipt>) { durable->set_value(); };
    if (!pipeline.intake().push(std::move(delivery))) give_up("the pipeline has stopped");
  }
  for (auto& one : sent) one.wait();
}

void say(const char* name, double value, const char* unit, const char* better, const Estate& estate,
         const std::string& beside = "") {
  std::printf(R"({"name":"%s","value":%.6g,"unit":"%s","better":"%s","beside":[%s],"ratio":0,)"
              R"("params":{"elements":%llu,"tail":%llu,"rules":8}})"
              "\n",
              name, value, unit, better, beside.c_str(),
              static_cast<unsigned long long>(estate.elements),
              static_cast<unsigned long long>(estate.tail));
  std::fflush(stdout);
}

std::string beside(const char* name, double value) {
  return std::string(R"({"name":")") + name + R"(","value":)" + std::to_string(value) + "}";
}

double seconds_on(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Of all threads of this process, and of the calling one, which is the engine's.
struct Cpu {
  double all = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
  double engine = seconds_on(CLOCK_THREAD_CPUTIME_ID);
};
std::string beside_cpu_since(const Cpu& before) {
  const Cpu now;
  return beside("CPU of all threads", now.all - before.all) + "," +
         beside("CPU of the engine's", now.engine - before.engine);
}

std::uint64_t snapshot_bytes(const std::string& folder) {
  auto reader = must(store::Reader::open(folder));
  const auto snapshots = must(reader->snapshots());
  if (snapshots.empty()) return 0;
  std::uint64_t bytes = 0;
  for (const store::SnapshotBucket& bucket : must(reader->snapshot_buckets(snapshots[0].id))) {
    for (const auto& part :
         must(reader->snapshot_parts(snapshots[0].id, bucket.space, bucket.bucket))) {
      bytes += part.bytes.size() + part.packed.size();
    }
  }
  return bytes;
}

// What may stand behind the newest snapshot while input flows (daemon/pipeline/pace.h).
std::uint64_t longest_allowed(const SnapshotStats& stats) {
  return stats.due_at + stats.due_at / 2;
}

// Until a snapshot is whole.
SnapshotStats fill(const Estate& estate, bench::EstateEvents& maker) {
  const auto pipeline = open(estate, true);
  pipeline->start();
  const double took =
      seconds_of([&] { send(*pipeline, maker, estate.elements + estate.tail / 2); });
  say("recovery_filling", static_cast<double>(maker.made()) / took, "events/s", "higher", estate);
  SnapshotStats stats = pipeline->view()->snapshots;
  for (; stats.taken == 0 || stats.busy; stats = pipeline->view()->snapshots) {
    send(*pipeline, maker, kBatch);
  }
  pipeline->stop();
  say("snapshot_longest_pause", stats.longest_pause_seconds * 1e3, "ms", "lower", estate,
      beside("CPU of the longest by it", stats.longest_pause_cpu_seconds * 1e3));
  return stats;
}

// Without a further snapshot, to the longest tail that is allowed.
std::unique_ptr<Pipeline> lengthen(Estate estate, bench::EstateEvents& maker,
                                   const SnapshotStats& filled) {
  const std::uint64_t shipped = std::exchange(estate.tail, 0);
  auto pipeline = open(estate, true);
  pipeline->start();
  const std::uint64_t most = longest_allowed(filled);
  if (filled.tail < most) send(*pipeline, maker, most - filled.tail);
  estate.tail = shipped;
  say("snapshot_tail_at_the_end", static_cast<double>(pipeline->view()->snapshots.tail), "events",
      "lower", estate, beside("due behind so many events", static_cast<double>(filled.due_at)));
  say("store_bytes_per_event",
      static_cast<double>(std::filesystem::file_size(estate.folder + "/patuh.db")) /
          static_cast<double>(maker.made()),
      "bytes", "lower", estate);
  return pipeline;
}

// A process of its own fills the store and is killed while events flow.
void fill_and_be_killed(const Estate& estate) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) give_up("no pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) give_up("no process");
  if (child == 0) {
    bench::EstateEvents maker(estate.elements);
    const SnapshotStats filled = fill(estate, maker);
    const auto pipeline = lengthen(estate, maker, filled);
    if (::write(ends[1], "f", 1) != 1) ::_exit(1);
    for (;;) {
      send(*pipeline, maker, 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  ::close(ends[1]);
  char filled = 0;
  const bool is_filled = ::read(ends[0], &filled, 1) == 1;
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  if (!is_filled) give_up("the store could not be filled");
}

// Its share of a start: the newest snapshot, without the tail behind it.
void load_snapshot_alone(const Estate& estate) {
  auto reader = must(store::Reader::open(estate.folder));
  const auto snapshots = must(reader->snapshots());
  if (snapshots.empty()) return;
  const Cpu before;
  const double took = seconds_of([&] { must(check_snapshot(*reader, snapshots[0])); });
  say("recovery_snapshot_alone", took, "s", "lower", estate, beside_cpu_since(before));
}

void measure(const Estate& estate) {
  if (!std::filesystem::exists(estate.folder + "/patuh.db")) fill_and_be_killed(estate);
  load_snapshot_alone(estate);
  std::unique_ptr<Pipeline> opened;
  const Cpu before;
  const double ready = seconds_of([&] { opened = open(estate, true); });
  std::string others = beside_cpu_since(before);
  const std::uint64_t pairs = opened->view()->engine.pairs;
  opened.reset();
  if (estate.elements <= kCompared && !estate.is_kept) {
    const double whole = seconds_of([&] { opened = open(estate, false); });
    if (opened->view()->engine.pairs != pairs) give_up("the two starts differ");
    opened.reset();
    others += "," + beside("applying the whole log", whole);
  }
  say("recovery_ready_after_kill", ready, "s", "lower", estate, others);
  say("snapshot_raw_bytes_per_element",
      static_cast<double>(snapshot_bytes(estate.folder)) / static_cast<double>(estate.elements),
      "bytes", "lower", estate);
}

// That this process has had written, in bytes, the file system's own apart.
double bytes_written() {
  std::ifstream in("/proc/self/io");
  std::string name;
  for (double value = 0; in >> name >> value;) {
    if (name == "write_bytes:") return value;
  }
  give_up("the system does not say what was written");
}

void update(const Estate& estate, std::uint64_t updates) {
  bench::EstateEvents maker(estate.elements);
  auto pipeline = open(estate, true);
  pipeline->start();
  send(*pipeline, maker, estate.elements + maker.agencies());
  // From the end of one snapshot on, and anew, so that what is the longest since a start is of
  // updates.
  SnapshotStats stats = pipeline->view()->snapshots;
  for (const auto taken = stats.taken; stats.taken == taken || stats.busy;
       stats = pipeline->view()->snapshots) {
    send(*pipeline, maker, kBatch);
  }
  pipeline->stop();
  pipeline.reset();
  pipeline = open(estate, true);
  pipeline->start();
  stats = pipeline->view()->snapshots;
  const std::uint64_t taken = stats.taken;
  const double written = bytes_written();
  const Cpu before;
  const double took = seconds_of([&] { send(*pipeline, maker, updates); });
  stats = pipeline->view()->snapshots;
  const double each = static_cast<double>(updates);
  say("recovery_update_cpu", (Cpu{}.all - before.all) / each * 1e6, "us/event", "lower", estate,
      beside("snapshots taken", static_cast<double>(stats.taken - taken)) + "," +
          beside("due behind so many events", static_cast<double>(stats.due_at)) + "," +
          beside("the longest tail", static_cast<double>(stats.longest_tail)) + "," +
          beside("CPU of the longest pause, ms", stats.longest_pause_cpu_seconds * 1e3) + "," +
          beside("wall time, s", took));
  say("recovery_update_bytes", (bytes_written() - written) / each, "bytes/event", "lower", estate);
  pipeline->stop();
}

}  // namespace
}  // namespace patuh::pipeline

int main(int argc, char** argv) {
  const auto asked = patuh::bench::numbers_from(argc, argv, "[ELEMENTS [TAIL [UPDATES]]]", 3, {});
  std::vector<std::uint64_t> sizes = {100'000, 1'000'000};
  if (!asked.empty()) sizes = {asked.front()};
  const char* const kept = std::getenv("PATUH_BENCH_FOLDER");
  std::string pattern = (std::filesystem::temp_directory_path() / "patuh-bench-XXXXXX").string();
  if (kept == nullptr && ::mkdtemp(pattern.data()) == nullptr) {
    patuh::bench::give_up("no temporary folder");
  }
  for (const std::uint64_t size : sizes) {
    patuh::pipeline::Estate estate{.elements = size, .folder = kept == nullptr ? pattern : kept};
    estate.folder += "/" + std::to_string(size);
    estate.is_kept = kept != nullptr;
    if (asked.size() > 1) estate.tail = asked[1];
    if (asked.size() > 2) {
      patuh::pipeline::update(estate, asked[2]);
    } else {
      patuh::pipeline::measure(estate);
    }
  }
  if (kept == nullptr) std::filesystem::remove_all(pattern);
}
