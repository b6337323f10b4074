#include "tests/bench/expr_pack.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "collectors/decode/decode.h"
#include "engine/engine.h"
#include "engine/history.h"
#include "engine/world.h"
#include "tools/sample/sample.h"

namespace patuh::bench {
namespace {

namespace fs = std::filesystem;
using engine::RegistryWorld;

constexpr int kRounds = 5;
constexpr std::size_t kSlowest = 5;
constexpr int kElements = 2000;

// What one rule's expressions cost over all elements of its kind.
struct Cost {
  std::string rule;
  std::size_t pairs = 0;
  std::array<std::size_t, 3> outcomes{};  // true, false, neither: the values are looked at
  double nanos = 1e300;                   // a pair, in the fastest round
};

// The regency as it stands at its end. Null: why is told.
std::unique_ptr<engine::Engine> play(const std::shared_ptr<const rulebook::RuleBook>& book,
                                     const fs::path& folder) {
  using namespace std::chrono_literals;
  const auto written = sample::generate({.seed = 1,
                                         .agencies = 20,
                                         .elements = kElements,
                                         .months = 6,
                                         .until = 2026y / std::chrono::January / 1,
                                         .out = folder},
                                        {});
  if (!written) {
    std::fprintf(stderr, "bench_expr: %s\n", written.error().message.c_str());
    return nullptr;
  }
  auto out = std::make_unique<engine::Engine>(book, engine::Options{});
  std::ifstream lines(written->events);
  base::Instant now = base::Instant::min();
  for (std::string line; std::getline(lines, line);) {
    const decode::Item item = decode::decode_one(line, {});
    const auto* const event = std::get_if<decode::Event>(&item);
    PATUH_ASSERT(event != nullptr && event->time);
    const auto change = decode::interpret(*event, *book->schema);
    PATUH_ASSERT(change.has_value());
    now = std::max(now, *event->time);
    out->apply(now, *change);
  }
  return out;
}

// Both expressions as the engine runs them, for every element of the rule's kind.
class Pass {
 public:
  explicit Pass(const engine::Engine& engine)
      : engine_(engine),
        seats_(seats_of(engine.book())),
        self_reads_(engine.book(), seats_),
        history_(engine.book()),
        world_(engine.registry(), *engine.book().schema, self_reads_) {
    world_.use(history_);
    context_.arena = &arena_;
    context_.host = &world_;
    context_.now = engine.now();
  }

  Cost measure(const rulebook::Rule& rule) {
    Cost cost{.rule = rule.id};
    const std::vector<model::ElementRef> elements = elements_of(rule.kind);
    cost.pairs = elements.size();
    if (elements.empty()) return cost;
    for (int round = 0; round < kRounds; ++round) {
      cost.outcomes = {};
      const std::clock_t begin = std::clock();
      const std::size_t passes = 1 + 20'000 / elements.size();
      for (std::size_t i = 0; i < passes; ++i) {
        for (const model::ElementRef element : elements) ++cost.outcomes[judge(rule, element)];
      }
      const double spent = static_cast<double>(std::clock() - begin) * (1e9 / CLOCKS_PER_SEC);
      cost.nanos = std::min(cost.nanos, spent / static_cast<double>(passes * elements.size()));
      for (std::size_t& outcome : cost.outcomes) outcome /= passes;
    }
    return cost;
  }

 private:
  static engine::Seats seats_of(const rulebook::RuleBook& book) {
    engine::Seats out;
    out.switch_to(book, *book.schema, true);
    return out;
  }
  std::vector<model::ElementRef> elements_of(model::KindId kind) const {
    std::vector<model::ElementRef> out;
    engine_.registry().for_each(kind, [&](model::ElementRef element) { out.push_back(element); });
    return out;
  }

  std::size_t judge(const rulebook::Rule& rule, model::ElementRef element) {
    arena_.reset();
    world_.begin({seats_.of(rule.number), element});
    const expr::Value self = expr::Value::object(rule.kind.value, element.value);
    const expr::Value when = rule.when ? run(*rule.when, self) : expr::Value::boolean(true);
    const expr::Value value = when.is_true() ? run(*rule.require, self) : when;
    world_.finish();
    if (value.is_true()) return 0;
    return value.is_false() ? 1 : 2;
  }

  expr::Value run(const expr::Program& program, const expr::Value& self) {
    context_.budget = 100'000;
    return expr::evaluate(program, {&self, 1}, context_);
  }

  const engine::Engine& engine_;
  engine::Seats seats_;
  engine::SelfReads self_reads_;
  engine::History history_;
  RegistryWorld world_;
  expr::Arena arena_;
  expr::Context context_;
};

void print(const std::string& name, const Cost& cost) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ns\",\"better\":\"lower\",\"beside\":[],"
      "\"ratio\":0,\"params\":{\"pairs\":"
      "%zu,\"true\":%zu,\"false\":%zu,\"neither\":%zu}}\n",
      name.c_str(), cost.nanos, cost.pairs, cost.outcomes[0], cost.outcomes[1], cost.outcomes[2]);
}

Cost sum_of(const std::vector<Cost>& costs) {
  Cost out{.rule = "pack", .nanos = 0};
  for (const Cost& cost : costs) {
    out.pairs += cost.pairs;
    out.nanos += cost.nanos * static_cast<double>(cost.pairs);
    for (std::size_t i = 0; i < out.outcomes.size(); ++i) out.outcomes[i] += cost.outcomes[i];
  }
  out.nanos /= static_cast<double>(std::max<std::size_t>(out.pairs, 1));
  return out;
}

// What one question for an explanation keeps the engine, the search for the smallest change with
// it.
void measure_explaining(const engine::Engine& engine) {
  std::vector<double> micros;
  std::size_t found = 0, tries = 0;
  engine.for_each_verdict([&](const engine::Verdict& verdict) {
    if (verdict.state == model::VerdictState::kCompliant) return;
    const std::clock_t begin = std::clock();
    const auto why = engine.explain(verdict.rule, verdict.element);
    micros.push_back(static_cast<double>(std::clock() - begin) * (1e6 / CLOCKS_PER_SEC));
    found += why->smallest_change.changes.empty() ? 0U : 1U;
    tries = std::max(tries, why->smallest_change.tries);
  });
  if (micros.empty()) return;
  std::ranges::sort(micros);
  std::printf(
      "{\"name\":\"explain\",\"value\":%.0f,\"unit\":\"us\",\"better\":\"lower\",\"beside\":[],"
      "\"ratio\":0,\"params\":{"
      "\"pairs\":"
      "%zu,\"median\":%.0f,\"p99\":%.0f,\"longest\":%.0f,\"found\":%zu,\"tries_most\":%zu}}\n",
      micros[micros.size() * 99 / 100], micros.size(), micros[micros.size() / 2],
      micros[micros.size() * 99 / 100], micros.back(), found, tries);
}

}  // namespace

int run_pack() {
  const std::array layers = {fs::path(PATUH_SOURCE_DIR) / "rules" / "spbe"};
  const auto book = rulebook::load(std::span<const fs::path>(layers));
  if (!book) {
    std::fputs(book.error().render().c_str(), stderr);
    return 1;
  }
  const fs::path folder =
      fs::temp_directory_path() / ("patuh-bench-expr-" + std::to_string(::getpid()));
  const auto engine = play(*book, folder);
  fs::remove_all(folder);
  if (engine == nullptr) return 1;
  Pass pass(*engine);
  std::vector<Cost> costs;
  for (const rulebook::Rule& rule : (*book)->rules) {
    Cost cost = pass.measure(rule);
    if (cost.pairs != 0) costs.push_back(std::move(cost));
  }
  print("expr/pack", sum_of(costs));
  std::ranges::sort(costs, std::ranges::greater(), &Cost::nanos);
  for (std::size_t i = 0; i < std::min(kSlowest, costs.size()); ++i) {
    print("expr/pack/" + costs[i].rule, costs[i]);
  }
  measure_explaining(*engine);
  return 0;
}

}  // namespace patuh::bench
