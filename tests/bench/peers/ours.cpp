// Our engine as one of the peers of run_peers: the same workload, and one JSON object for an
// answer.
//
//   peer_ours dump ELEMENTS UPDATES FILE                        the workload, for the others
//   peer_ours engine ELEMENTS UPDATES FILE [BATCH] [WITHOUT]    judges; FILE receives the
//   violations peer_ours hand ELEMENTS UPDATES FILE BATCH [WITHOUT]        a full pass by hand
//   after each batch
//
// WITHOUT: families of rules to leave out, by commas (one,same). Of a batch, too, the engine judges
// one update after the other; only `hand` looks at BATCH.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "tests/bench/workload.h"
#include "tests/bench/workload_dump.h"

namespace patuh::bench {
namespace {

using model::ChangeEvent;
using Steady = std::chrono::steady_clock;
using Book = std::shared_ptr<const rulebook::RuleBook>;

struct Task {
  std::string mode;
  std::size_t elements = 0, updates = 0;
  std::string file;
  std::size_t batch = 0;
  std::string without;
};

struct Answer {
  std::size_t rules = 0;
  double load_seconds = 0, seconds = 0, p99_us = 0;  // CPU; p99 of one update
  std::size_t violations = 0;
  std::string hash;  // empty: only counted
};

void say(const Task& task, const Answer& answer) {
  std::printf(
      "{\"rules\":%zu,\"updates\":%zu,\"load_seconds\":%.6g,\"seconds\":%.6g,\"p99_us\":%.6g,"
      "\"violations\":%zu,\"violations_sha256\":\"%s\"}\n",
      answer.rules, task.updates, answer.load_seconds, answer.seconds, answer.p99_us,
      answer.violations, answer.hash.c_str());
}

base::Instant after(std::size_t updates) {
  return kBegin + std::chrono::milliseconds(static_cast<std::int64_t>(updates));
}

void dump(const Task& task, const Book& book, Changes& changes) {
  std::ofstream out(task.file);
  const auto now = after(task.updates).time_since_epoch();
  out << "now\t" << std::chrono::duration_cast<std::chrono::milliseconds>(now).count() << "\n";
  for (const rulebook::Rule& rule : book->rules) out << "rule\t" << rule.id << "\n";
  const model::Schema& schema = *book->schema;
  for (std::size_t i = 0; i < changes.births(); ++i) out << plain_line(schema, changes.birth(i));
  for (std::size_t i = 0; i < task.updates; ++i) out << plain_line(schema, changes.update());
  PATUH_ASSERT(out.good());
}

double p99_us(std::vector<Steady::duration>& each) {
  if (each.empty()) return 0;
  const auto p99 = each.begin() + static_cast<std::ptrdiff_t>(each.size() * 99 / 100);
  std::ranges::nth_element(each, p99);
  return std::chrono::duration<double, std::micro>(*p99).count();
}

void judge(engine::Engine& engine, const std::vector<ChangeEvent>& updates, Answer& answer) {
  std::vector<Steady::duration> each;
  each.reserve(updates.size());
  const double begin = cpu_seconds();
  Steady::time_point last = Steady::now();
  for (std::size_t i = 0; i < updates.size(); ++i) {
    engine.apply(after(i + 1), updates[i]);
    const Steady::time_point at = Steady::now();
    each.push_back(at - last);
    last = at;
  }
  answer.seconds = cpu_seconds() - begin;
  answer.p99_us = p99_us(each);
}

Answer by_engine(const Task& task, const Book& book, Changes& changes) {
  Answer answer;
  answer.rules = book->rules.size();
  engine::Engine engine(book, {});
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < changes.births(); ++i) engine.apply(kBegin, changes.birth(i));
  answer.load_seconds = cpu_seconds() - begin;
  for (std::size_t i = 0; i < changes.settlings(); ++i) engine.apply(kBegin, changes.settling(i));
  std::vector<ChangeEvent> updates;
  updates.reserve(task.updates);
  for (std::size_t i = 0; i < task.updates; ++i) updates.push_back(changes.update());
  judge(engine, updates, answer);
  const std::vector<std::string> lines = violations(engine);
  answer.violations = lines.size();
  answer.hash = hash_of(lines);
  std::ofstream out(task.file);
  for (const std::string& line : lines) out << line << "\n";
  PATUH_ASSERT(out.good());
  return answer;
}

// Making the changes is not counted, so that it costs the least it can.
Answer by_hand(const Task& task, const Book& book, Changes& changes) {
  Answer answer;
  answer.rules = book->rules.size();
  for (std::size_t i = 0; i < changes.births(); ++i) changes.birth(i);
  PATUH_ASSERT(task.batch > 0);
  for (std::size_t done = 0; done < task.updates;) {
    const std::size_t next = std::min(done + task.batch, task.updates);
    for (; done < next; ++done) changes.update();
    const Pass pass = pass_by_hand(changes.estate(), *book, after(done));
    answer.seconds += pass.seconds;
    answer.violations = 0;
    for (const auto& count : pass.counts) {
      answer.violations += static_cast<std::size_t>(count.second);
    }
  }
  return answer;
}

Task task_of(int argc, char** argv) {
  const auto text = [&](int i) { return std::string(i < argc ? argv[i] : ""); };
  const auto number = [&](int i) { return std::strtoull(text(i).c_str(), nullptr, 10); };
  return {text(1), number(2), number(3), text(4), number(5), text(6)};
}

int run(const Task& task) {
  const Book book = load_rules_without(task.without);
  const bool is_known = task.mode == "dump" || task.mode == "engine" || task.mode == "hand";
  if (!is_known || task.elements == 0 || task.file.empty()) {
    std::fputs("usage: peer_ours dump|engine|hand ELEMENTS UPDATES FILE [BATCH] [WITHOUT]\n",
               stderr);
    return 2;
  }
  Parameters parameters = read_parameters();
  parameters.updates = task.updates;
  Changes changes(*book->schema, parameters, task.elements);
  if (task.mode == "dump") {
    dump(task, book, changes);
  } else {
    const bool is_engine = task.mode == "engine";
    say(task, is_engine ? by_engine(task, book, changes) : by_hand(task, book, changes));
  }
  return 0;
}

}  // namespace
}  // namespace patuh::bench

int main(int argc, char** argv) { return patuh::bench::run(patuh::bench::task_of(argc, argv)); }
