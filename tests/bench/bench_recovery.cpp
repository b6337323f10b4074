// How long a start after `kill -9` takes with a large estate and the longest tail that is allowed,
// how long taking snapshots keeps the engine, and what they weigh. Beside the start: applying the
// whole log. One JSON object a line.
//
//   bench_recovery            100,000 and 1,000,000 elements
//   bench_recovery 100000     one size
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
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
constexpr std::uint64_t kTail = 150'000;  // as shipped
// Elements up to which the whole log is applied as well: beyond it takes minutes.
constexpr std::uint64_t kCompared = 200'000;

std::unique_ptr<Pipeline> open(const std::string& folder, std::uint64_t tail, bool snapshots) {
  Options options;
  options.batch_events = kBatch;
  options.snapshots.tail_events = tail;
  options.snapshots.keep_months = 0;
  options.use_snapshots = snapshots;
  auto store = must(store::Store::open(folder, {}));
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

void say(const char* name, double value, const char* unit, const char* better,
         const std::string& beside, std::uint64_t elements) {
  std::printf(R"({"name":"%s","value":%.6g,"unit":"%s","better":"%s","beside":[%s],"ratio":0,)"
              R"("params":{"elements":%llu,"tail":%llu,"rules":8}})"
              "\n",
              name, value, unit, better, beside.c_str(), static_cast<unsigned long long>(elements),
              static_cast<unsigned long long>(kTail));
  std::fflush(stdout);
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

// To the longest tail that does not yet bring the next snapshot.
void fill(const std::string& folder, std::uint64_t elements, bench::EstateEvents& maker,
          Pipeline& pipeline) {
  const double took = seconds_of([&] { send(pipeline, maker, elements + kTail / 2); });
  say("recovery_filling", static_cast<double>(maker.made()) / took, "events/s", "higher", "",
      elements);
  while (pipeline.view()->snapshots.taken == 0) send(pipeline, maker, kBatch);
  const std::uint64_t tail = pipeline.view()->snapshots.tail;
  if (tail + 4 * kBatch < kTail) send(pipeline, maker, kTail - tail - 4 * kBatch);
  const SnapshotStats stats = pipeline.view()->snapshots;
  say("snapshot_longest_pause", stats.longest_pause_seconds * 1e3, "ms", "lower", "", elements);
  say("snapshot_tail_at_the_end", static_cast<double>(stats.tail), "events", "lower", "", elements);
  say("store_bytes_per_event",
      static_cast<double>(std::filesystem::file_size(folder + "/patuh.db")) /
          static_cast<double>(maker.made()),
      "bytes", "lower", "", elements);
}

// A process of its own fills the store and is killed while events flow.
void fill_and_be_killed(const std::string& folder, std::uint64_t elements) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) give_up("no pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) give_up("no process");
  if (child == 0) {
    bench::EstateEvents maker(elements);
    const auto pipeline = open(folder, kTail, true);
    pipeline->start();
    fill(folder, elements, maker, *pipeline);
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

void measure(std::uint64_t elements, const std::string& folder) {
  fill_and_be_killed(folder, elements);
  std::unique_ptr<Pipeline> opened;
  const double ready = seconds_of([&] { opened = open(folder, kTail, true); });
  const std::uint64_t pairs = opened->view()->engine.pairs;
  opened.reset();
  std::string beside;
  if (elements <= kCompared) {
    const double whole = seconds_of([&] { opened = open(folder, 0, false); });
    if (opened->view()->engine.pairs != pairs) give_up("the two starts differ");
    opened.reset();
    beside = R"({"name":"applying the whole log","value":)" + std::to_string(whole) + "}";
  }
  say("recovery_ready_after_kill", ready, "s", "lower", beside, elements);
  say("snapshot_raw_bytes_per_element",
      static_cast<double>(snapshot_bytes(folder)) / static_cast<double>(elements), "bytes", "lower",
      "", elements);
}

}  // namespace
}  // namespace patuh::pipeline

int main(int argc, char** argv) {
  std::vector<std::uint64_t> sizes = {100'000, 1'000'000};
  if (argc > 1) sizes = {std::strtoull(argv[1], nullptr, 10)};
  std::string pattern = (std::filesystem::temp_directory_path() / "patuh-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) patuh::pipeline::give_up("no temporary folder");
  for (const std::uint64_t size : sizes) {
    const std::string folder = pattern + "/" + std::to_string(size);
    patuh::pipeline::measure(size, folder);
  }
  std::filesystem::remove_all(pattern);
}
