// Single-field updates, one at a time, under the sixty rules of workload.toml: how many a second in
// one core, and whether judgements, look-ups and memory taken per update grow with the estate.
// Beside it: the registry alone taking the same updates, and one full pass of the same rules by
// hand in C++, which also checks the engine's counts. At the end one rule is rewritten, withdrawn
// and added, and the schema changed: how long the longest step is until its pairs were looked at.
// One JSON object a line; the last says how far apart the sizes' counts are.
//
//   bench_engine                    10,000, 100,000 and 1,000,000 elements
//   bench_engine 10000 10000000     these sizes, each of them beside the first
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/bench/bench.h"
#include "workload.h"
#include "workload_dump.h"

// jemalloc's, absent where a sanitizer brings its own allocator.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old, std::size_t* old_size, void* next,
                                     std::size_t next_size);

namespace patuh::bench {
namespace {

using engine::Engine;
using model::ChangeEvent;
using Steady = std::chrono::steady_clock;

// Bytes that this thread ever took.
std::uint64_t taken() {
  std::uint64_t bytes = 0;
  std::size_t size = sizeof bytes;
  if (::mallctl == nullptr) return 0;
  PATUH_ASSERT(::mallctl("thread.allocated", &bytes, &size, nullptr, 0) == 0);
  return bytes;
}

// Bytes that are taken now, by everything.
std::uint64_t in_use() {
  std::uint64_t epoch = 1;
  std::uint64_t bytes = 0;
  std::size_t size = sizeof bytes;
  if (::mallctl == nullptr) return 0;
  PATUH_ASSERT(::mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch) == 0);
  PATUH_ASSERT(::mallctl("stats.allocated", &bytes, &size, nullptr, 0) == 0);
  return bytes;
}

struct Measured {
  std::size_t updates = 0;
  double seconds = 0;
  double p99_us = 0;  // of one update
  engine::Stats loaded, before, after;
  std::size_t flips = 0;
  std::uint64_t bytes_taken = 0;
  std::uint64_t allocated = 0;  // by the engine, all in all
  base::Instant now{};
};

// Updates are made so many at a time, so that they take little memory beside the engine.
constexpr std::size_t kMadeAtOnce = 100'000;

template <class Take>
void in_parts(Changes& changes, const Take& take) {
  std::vector<ChangeEvent> updates;
  for (std::size_t done = 0; done < changes.updates(); done += updates.size()) {
    updates.clear();
    const std::size_t count = std::min(kMadeAtOnce, changes.updates() - done);
    for (std::size_t i = 0; i < count; ++i) updates.push_back(changes.update());
    take(updates);
  }
}

void apply_timed(Engine& engine, const std::vector<ChangeEvent>& updates, Measured& out,
                 std::vector<Steady::duration>& each) {
  const std::uint64_t bytes = taken();
  const double begin = cpu_seconds();
  Steady::time_point last = Steady::now();
  for (const ChangeEvent& update : updates) {
    out.now += std::chrono::milliseconds(1);
    out.flips += engine.apply(out.now, update).transitions.size();
    const Steady::time_point at = Steady::now();
    each.push_back(at - last);
    last = at;
  }
  out.seconds += cpu_seconds() - begin;
  out.bytes_taken += taken() - bytes;
}

Measured measure(Engine& engine, Changes& changes) {
  Measured out;
  out.updates = changes.updates();
  std::vector<Steady::duration> each;
  each.reserve(out.updates);
  out.before = engine.stats();
  out.now = engine.now();
  in_parts(changes, [&](const auto& updates) { apply_timed(engine, updates, out, each); });
  out.after = engine.stats();
  const auto p99 = each.begin() + static_cast<std::ptrdiff_t>(each.size() * 99 / 100);
  std::ranges::nth_element(each, p99);
  out.p99_us = std::chrono::duration<double, std::micro>(*p99).count();
  return out;
}

double registry_alone(const rulebook::RuleBook& book, Changes& changes) {
  registry::Registry registry(book.schema, {});
  for (std::size_t i = 0; i < changes.births(); ++i) registry.apply(changes.birth(i), kBegin);
  for (std::size_t i = 0; i < changes.settlings(); ++i) registry.apply(changes.settling(i), kBegin);
  double seconds = 0;
  in_parts(changes, [&](const auto& updates) {
    const double begin = cpu_seconds();
    for (const ChangeEvent& update : updates) registry.apply(update, kBegin);
    seconds += cpu_seconds() - begin;
  });
  return seconds;
}

void check(const Engine& engine, const Pass& pass) {
  const engine::Tallies tallies = engine.tallies();
  for (std::size_t i = 0; i < engine.book().rules.size(); ++i) {
    const model::Tally& tally = tallies.rules.at(engine.book().rules[i].id);
    PATUH_ASSERT(model::total(tally.compliant) == pass.counts[i].first);
    PATUH_ASSERT(model::total(tally.violating) == pass.counts[i].second);
    PATUH_ASSERT(model::total(tally.undetermined) == 0);
  }
}

// One line of the record. `beside` and `params` are JSON.
void say(const char* name, double value, const char* unit, const char* better,
         const std::string& beside, double ratio, const std::string& params) {
  std::printf(
      "{\"name\":\"engine/%s\",\"value\":%.6g,\"unit\":\"%s\",\"better\":\"%s\",\"beside\":[%s],"
      "\"ratio\":%.4g,\"params\":{%s}}\n",
      name, value, unit, better, beside.c_str(), ratio, params.c_str());
  std::fflush(stdout);
}

std::string peer(const char* name, double value) {
  char text[128];
  std::snprintf(text, sizeof text, "{\"name\":\"%s\",\"value\":%.6g}", name, value);
  return text;
}

// As loaded: later elements hold who patched which field, those that were changed.
void report_memory(const Measured& measured, const std::string& params) {
  const engine::Stats& stats = measured.loaded;
  const auto elements = static_cast<double>(stats.registry.elements);
  const auto each = [&](std::uint64_t of) { return static_cast<double>(of) / elements; };
  const auto all = [&](const engine::Stats& of) {
    return each(of.bytes.sum() + of.registry.bytes);
  };
  say("bytes", all(stats), "bytes per element", "lower",
      peer("registry", each(stats.registry.bytes)) + "," + peer("pairs", each(stats.bytes.pairs)) +
          "," + peer("episodes", each(stats.bytes.episodes)) + "," +
          peer("timers", each(stats.bytes.timers)) + "," + peer("reads", each(stats.bytes.reads)) +
          "," + peer("others", each(stats.bytes.others)) + "," +
          peer("all after the updates", all(measured.after)),
      0, params);
  say("bytes_allocated", each(measured.allocated), "bytes per element", "lower",
      peer("applicable pairs", each(stats.pairs)) + "," + peer("noted reads", each(stats.reads)) +
          "," + peer("timers", each(stats.timers)) + "," +
          peer("relations", each(stats.registry.edges)),
      0, params);
}

// Zero seconds: the registry alone was not measured.
void report(const Measured& measured, double registry_seconds, const Pass& pass,
            const std::string& params) {
  const auto count = static_cast<double>(measured.updates);
  const std::string alone =
      registry_seconds == 0 ? "" : peer("registry alone", count / registry_seconds) + ",";
  say("updates", count / measured.seconds, "updates/s", "higher",
      alone + peer("full pass by hand in C++ after each update", 1 / pass.seconds) + "," +
          peer("the same after each 1,000 updates", 1000 / pass.seconds),
      registry_seconds / measured.seconds, params);
}

void report_costs(const Measured& measured, const std::string& params) {
  const auto count = static_cast<double>(measured.updates);
  const auto per_update = [&](std::uint64_t before, std::uint64_t after) {
    return static_cast<double>(after - before) / count;
  };
  say("p99", measured.p99_us, "us", "lower", "", 0, params);
  say("judgements", per_update(measured.before.judgements, measured.after.judgements), "per update",
      "lower", peer("flips", static_cast<double>(measured.flips) / count), 0, params);
  say("probes", per_update(measured.before.registry.probes, measured.after.registry.probes),
      "per update", "lower", "", 0, params);
  say("bytes_taken", static_cast<double>(measured.bytes_taken) / count, "bytes per update", "lower",
      "", 0, params);
  report_memory(measured, params);
}

// Another book while events could go on: the longest step until all of its pairs were looked at.
void reload(Engine& engine, const char* name, std::shared_ptr<const rulebook::RuleBook> book,
            const std::string& params) {
  const std::uint64_t judgements = engine.stats().judgements;
  std::vector<double> steps;  // in ms
  const auto timed = [&](const auto& step) {
    const double begin = cpu_seconds();
    step();
    steps.push_back((cpu_seconds() - begin) * 1e3);
  };
  timed([&] { engine.activate(engine.now(), std::move(book)); });
  const auto waiting = static_cast<double>(engine.stats().backlog);
  while (engine.next_wake() == engine.now()) {
    timed([&] { engine.advance(engine.now() + base::Duration(1)); });
  }
  const auto judged = static_cast<double>(engine.stats().judgements - judgements);
  say(name, *std::ranges::max_element(steps), "ms of CPU, longest step", "lower",
      peer("the activation", steps.front()) + "," +
          peer("all steps", std::accumulate(steps.begin(), steps.end(), 0.0)) + "," +
          peer("steps", static_cast<double>(steps.size())) + "," +
          peer("pairs that waited", waiting) + "," + peer("pairs judged", judged),
      0, params);
}

void reload_each_way(Engine& engine, const std::string& params) {
  reload(engine, "reload_rewritten_rule", load_rules_with(OneRule::kRewritten), params);
  reload(engine, "reload_withdrawn_rule", load_rules_with(OneRule::kWithdrawn), params);
  reload(engine, "reload_added_rule", load_rules(), params);
  reload(engine, "reload_another_schema", load_rules_with(OneRule::kReadsAnotherSchema), params);
}

// What an update cost in an estate of one size.
struct Cost {
  double judgements = 0, probes = 0, bytes_taken = 0, seconds = 0;
};

Cost cost_of(const Measured& measured) {
  const auto each = [&](auto of) {
    return static_cast<double>(of) / static_cast<double>(measured.updates);
  };
  return {each(measured.after.judgements - measured.before.judgements),
          each(measured.after.registry.probes - measured.before.registry.probes),
          each(measured.bytes_taken), each(measured.seconds)};
}

// What grows with the estate.
void report_growth(const Cost& first, const Cost& cost, const std::string& params) {
  say("growth", cost.seconds / first.seconds, "time to that of the first size", "lower",
      peer("judgements", cost.judgements / first.judgements) + "," +
          peer("probes", cost.probes / first.probes) + "," +
          peer("bytes taken", cost.bytes_taken / first.bytes_taken),
      0, params);
}

// By how much of it the greatest exceeds the least, in percent; 0 of what nothing was taken of.
double spread(const std::vector<Cost>& costs, double Cost::* of) {
  const auto [least, most] = std::ranges::minmax(costs, {}, of);
  return least.*of > 0 ? (most.*of / least.*of - 1) * 100 : 0;
}

// Of the sizes of this run: what should be equal, and the most that anything is apart.
void report_spread(const std::vector<Cost>& costs) {
  const double judgements = spread(costs, &Cost::judgements);
  const double probes = spread(costs, &Cost::probes);
  const double bytes = spread(costs, &Cost::bytes_taken);
  say("spread", std::max({judgements, probes, bytes}), "percent between sizes", "lower",
      peer("judgements", judgements) + "," + peer("probes", probes) + "," +
          peer("bytes taken", bytes),
      0, "\"sizes\":" + std::to_string(costs.size()) + ",\"rules\":60,\"target\":1");
}

std::string params_of(std::size_t elements) {
  return "\"elements\":" + std::to_string(elements) + ",\"rules\":60";
}

// Beyond it only what the engine itself takes fits into memory.
constexpr std::size_t kComparedMax = 1'000'000;

// With more, small estates would have aged more than large ones: workload.toml says what of.
constexpr std::size_t kUpdatesPerElementMax = 100;

Cost run(std::size_t elements) {
  Parameters parameters = read_parameters();
  parameters.updates = std::min(parameters.updates, kUpdatesPerElementMax * elements);
  const auto book = load_rules();
  Changes changes(*book->schema, parameters, elements);
  const std::uint64_t before = in_use();
  Engine engine(book, {});
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < changes.births(); ++i) engine.apply(kBegin, changes.birth(i));
  const double load_seconds = cpu_seconds() - begin;
  const std::uint64_t loaded = in_use();
  const engine::Stats stats = engine.stats();
  for (std::size_t i = 0; i < changes.settlings(); ++i) engine.apply(kBegin, changes.settling(i));
  Measured measured = measure(engine, changes);
  measured.allocated = loaded - before;
  measured.loaded = stats;
  const Pass pass = pass_by_hand(changes.estate(), *book, measured.now);
  check(engine, pass);
  const std::string params = params_of(elements);
  if (elements <= kComparedMax) {
    Changes again(*book->schema, parameters, elements);
    report(measured, registry_alone(*book, again), pass,
           params + ",\"violations_sha256\":\"" + hash_of(violations(engine)) + "\"");
    report_costs(measured, params);
    reload_each_way(engine, params);
  } else {
    report(measured, 0, pass, params);
    report_costs(measured, params);
  }
  say("load", static_cast<double>(changes.births()) / load_seconds, "elements/s", "higher", "", 0,
      params);
  return cost_of(measured);
}

}  // namespace
}  // namespace patuh::bench

int main(int argc, char** argv) {
  const auto sizes =
      patuh::bench::numbers_from(argc, argv, "[ELEMENTS…]", 8, {10'000, 100'000, 1'000'000});
  std::vector<patuh::bench::Cost> costs;
  for (const std::size_t elements : sizes) {
    costs.push_back(patuh::bench::run(elements));
    patuh::bench::report_growth(costs.front(), costs.back(), patuh::bench::params_of(elements));
  }
  patuh::bench::report_spread(costs);
  return 0;
}
