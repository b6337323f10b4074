// How long a start takes with a large estate and the longest tail that is allowed, how long taking
// snapshots keeps the engine, and what they weigh. Beside the start: applying the whole log. One
// JSON object a line.
//
//   bench_recovery            100,000 and 1,000,000 elements
//   bench_recovery 100000     one size
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "pipeline/pipeline.h"
#include "tests/bench/bench.h"
#include "tests/unit/pack_text.h"

namespace patuh::pipeline {
namespace {

using bench::give_up;
using bench::must;
using bench::seconds_of;

constexpr std::size_t kBatch = 1000;
constexpr std::uint64_t kTail = 150'000;  // as shipped
constexpr std::uint64_t kPerAgency = 2000;
// Elements up to which the whole log is applied as well: beyond it takes minutes.
constexpr std::uint64_t kCompared = 200'000;

constexpr std::string_view kAttributes = R"toml(
name = { type = "string" }
status = { type = "enum", values = ["plan", "live", "ended"], closed = true, index = true }
public = { type = "bool" }
users = { type = "int" }
ends = { type = "timestamp" }
version = { type = "string" }
note = { type = "string" })toml";
constexpr std::string_view kRelations = R"toml(
needs = { to = "app", many = true }
host = { to = "app" })toml";

std::string rule(const std::string& id, const std::string& require, const std::string& more) {
  return "[[rule]]\nid = \"" + id + "\"\nkind = \"app\"\nseverity = \"high\"\nrequire = \"" +
         require +
         "\"\ntitle.id = \"J\"\ntitle.en = \"T\"\nremedy.id = \"O\"\nremedy.en = \"C\"\n" +
         "message.id = \"{self.name}\"\ngrace = \"72h\"\n" + more;
}

std::shared_ptr<const rulebook::RuleBook> book() {
  const std::string live = "when = \"self.status == 'live'\"\n";
  const std::string rules =
      rule("A-1", "filled(self.name)", "") + rule("A-2", "filled(self.version)", live) +
      rule("A-3", "self.ends > now", live) + rule("A-4", "self.users > 10", live) +
      rule("A-5", "related(self, 'needs').all(n, n.status != 'ended')", live) +
      rule("A-6", "self.host.status == 'live'", "when = \"known(self.host)\"\n") +
      rule("A-7", "!self.public || filled(self.note)", live) +
      rule("A-8", "self.users < 99000", "");
  const std::vector<rulebook::PackFile> files = {
      {"0:schema.toml", testing::schema_of_apps(kAttributes, kRelations)}, {"0:rules.toml", rules}};
  auto loaded = rulebook::load(std::span(files));
  if (!loaded) give_up(loaded.error().render());
  return *loaded;
}

class Maker {
 public:
  explicit Maker(std::uint64_t elements) : elements_(elements) {}
  // The next `count` events: first every element once, then changes of random ones.
  decode::Delivery delivery(std::size_t count) {
    decode::Delivery out;
    for (std::size_t i = 0; i < count; ++i) {
      out.items.push_back(decode::decode_one(event(), {"http", "", 0, 0}));
    }
    return out;
  }
  std::uint64_t made() const { return made_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string event() {
    const bool is_first = made_ < elements_;
    const std::uint64_t element = is_first ? made_ : below(elements_);
    ++made_;
    const std::string agency = std::to_string(element / kPerAgency);
    static constexpr std::array kStates = {"plan", "live", "live", "live", "ended"};
    std::string out = R"({"op":"upsert","source":"//agency/)" + agency + R"(","id":")" +
                      std::to_string(made_) + R"(","subject":"app/app-)" + std::to_string(element) +
                      R"(","time":"2026-01-01T00:00:00Z","version":)" + std::to_string(made_) +
                      R"(,"data":{"owner":")" + agency + R"(","name":"Sistem Informasi )" +
                      std::to_string(below(100'000)) + R"(","status":")" + kStates[below(5)] +
                      R"(","public":)" + (below(2) == 0 ? "true" : "false") + R"(,"users":)" +
                      std::to_string(below(100'000)) + R"(,"ends":"20)" +
                      std::to_string(26 + below(5)) + R"(-07-01T00:00:00Z","note":"catatan )" +
                      std::to_string(below(1000)) + "\"";
    if (below(4) != 0) out += R"(,"version":"1.)" + std::to_string(below(90)) + "\"";
    if (below(3) == 0) out += R"(,"needs":["app-)" + std::to_string(below(elements_)) + "\"]";
    if (below(3) == 0) out += R"(,"host":"app-)" + std::to_string(below(elements_)) + "\"";
    return out + "}}";
  }

  std::uint64_t elements_;
  std::mt19937_64 random_{7};
  std::uint64_t made_ = 0;
};

std::unique_ptr<Pipeline> open(const std::string& folder, std::uint64_t tail, bool snapshots) {
  Options options;
  options.batch_events = kBatch;
  options.snapshots.tail_events = tail;
  options.snapshots.keep_months = 0;
  options.use_snapshots = snapshots;
  auto store = must(store::Store::open(folder, {}));
  return must(Pipeline::open(std::move(store), book(), std::move(options)));
}

// Keeps a few deliveries on their way; the last is waited for.
void send(Pipeline& pipeline, Maker& maker, std::uint64_t events) {
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

void measure(std::uint64_t elements, const std::string& folder) {
  Maker maker(elements);
  {
    const auto pipeline = open(folder, kTail, true);
    pipeline->start();
    const double took = seconds_of([&] { send(*pipeline, maker, elements + kTail / 2); });
    say("recovery_filling", static_cast<double>(maker.made()) / took, "events/s", "higher", "",
        elements);
    // To the longest tail that does not yet bring the next snapshot.
    while (pipeline->view()->snapshots.taken == 0) send(*pipeline, maker, kBatch);
    const std::uint64_t tail = pipeline->view()->snapshots.tail;
    if (tail + 2 * kBatch < kTail) send(*pipeline, maker, kTail - tail - 2 * kBatch);
    const SnapshotStats stats = pipeline->view()->snapshots;
    say("snapshot_longest_pause", stats.longest_pause_seconds * 1e3, "ms", "lower", "", elements);
    say("snapshot_tail_at_the_end", static_cast<double>(stats.tail), "events", "lower", "",
        elements);
    pipeline->stop();
  }
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
  say("recovery_ready", ready, "s", "lower", beside, elements);
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
