// CLIPS under the rules of the workload, for run_peers.
//
//   peer_clips WORKLOAD FILE     as `peer_ours dump` wrote it; FILE receives the violations
//
// A fact is one field of one element, so that a change touches only the rules that read the field
// (with a fact an element it would match all rules of its kind again); joins are hashed by CLIPS.
// A violation is a fact too, supported by what made it so: CLIPS withdraws it with its support.
// After each change the agenda runs empty. `now` stands still at the end of the run: CLIPS has no
// timer, and no rule falls due meanwhile.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "tests/bench/bench.h"

extern "C" {
#include <clips/clips.h>
}

namespace patuh::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kDayMs = 86'400'000;

struct Write {
  std::string kind;
  std::size_t number = 0;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct Workload {
  std::int64_t now_ms = 0;
  std::vector<std::string> rules;
  std::vector<Write> births, updates;
};

std::vector<std::string> split(const std::string& line, char by) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == by) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

Workload read_workload(const char* name) {
  Workload out;
  std::ifstream in(name);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> words = split(line, '\t');
    if (words[0] == "now") {
      out.now_ms = std::stoll(words[1]);
    } else if (words[0] == "rule") {
      out.rules.push_back(words[1]);
    } else {
      Write write{words[1], std::stoull(words[2]), {}};
      for (std::size_t i = 3; i < words.size(); i += 2) {
        write.fields.emplace_back(words[i], words[i + 1]);
      }
      (words[0] == "upsert" ? out.births : out.updates).push_back(std::move(write));
    }
  }
  if (out.births.empty()) give_up(std::string(name) + " holds no workload");
  return out;
}

// ── The rules ──

// "$k", "$b", … replaced.
std::string filled_in(std::string text,
                      const std::vector<std::pair<std::string, std::string>>& by) {
  for (const auto& [mark, value] : by) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

// `bound` others have the code of ?i.
std::string others(std::int64_t bound) {
  std::string out = "(exists";
  for (std::int64_t n = 1; n <= bound; ++n) {
    const std::string other = "?o" + std::to_string(n);
    out += " ($k-code (i " + other + "&~?i";
    if (n > 1) out += "&:(> " + other + " ?o" + std::to_string(n - 1) + ")";
    out += ") (v ?c))";
  }
  return out + ")";
}

// When an element ?i of the kind $k violates a rule of the family, whose bound is $b.
const std::map<std::string, std::string>& conditions() {
  static const std::map<std::string, std::string> all = {
      {"floor", "($k-n0 (i ?i) (v ?v&:(<= ?v $b)))"},
      {"live",
       "($k-n1 (i ?i) (v ?v&:(<= ?v $b)))"
       "($k-status (i ?i) (v live))"
       "($k-f (i ?i) (v false))"},
      {"until", "($k-until (i ?i) (v ?v&:(<= ?v $until)))"},
      {"one",
       "($k-n2 (i ?i) (v ?v&:(> ?v $b)))"
       "($k-one (i ?i) (v ?o))"
       "(not (app (i ?o)))"},
      {"ones_floor",
       "($k-n3 (i ?i) (v ?v&:(> ?v $b)))"
       "($k-one (i ?i) (v ?o))"
       "(app-n0 (i ?o) (v ?w&:(<= ?w 10)))"},
      {"parts",
       "($k (i ?i))"
       "(not (and ($k-parts (i ?i) (v ?p)) (part-n0 (i ?p) (v ?v&:(> ?v $b)))))"},
      {"served",
       "($k (i ?i))"
       "(exists (svc-one (i ?s) (v ?i)) (svc-n1 (i ?s) (v ?v&:(<= ?v $less))))"},
      {"same",
       "($k-status (i ?i) (v plan))"
       "($k-code (i ?i) (v ?c)) $others"},
      {"agency",
       "($k-n4 (i ?i) (v ?v&:(> ?v $b)))"
       "($k-owner (i ?i) (v ?o))"
       "(dinas-g (i ?o) (v true))"}};
  return all;
}

std::string rule_text(const std::string& id, std::int64_t now_ms) {
  const std::vector<std::string> words = split(id, '-');
  const std::int64_t bound = std::stoll(words[2]);
  return filled_in("(defrule $id (logical " + conditions().at(words[1]) +
                       ") => (assert (violation (rule $id) (i ?i))))",
                   {{"$id", id},
                    {"$others", others(bound)},
                    {"$k", words[0]},
                    {"$until", std::to_string(now_ms + bound * kDayMs)},
                    {"$less", std::to_string(bound - 20)},
                    {"$b", std::to_string(bound)}});
}

// ── The facts ──

class Clips {
 public:
  explicit Clips(const Workload& workload) : environment_(CreateEnvironment()) {
    build("(deftemplate violation (slot rule) (slot i))");
    for (const Write& birth : workload.births) declare(birth);
    for (const std::string& rule : workload.rules) build(rule_text(rule, workload.now_ms));
  }
  ~Clips() { DestroyEnvironment(environment_); }
  Clips(const Clips&) = delete;
  Clips& operator=(const Clips&) = delete;

  void bear(const Write& write) {
    add(Place{template_of(write.kind), nullptr, nullptr}, write.number);
    for (const Place& place : places_of(write)) apply(place, write.number);
  }

  // What a change does, looked up beforehand: the field's template, its fact, the new value.
  struct Place {
    void* of = nullptr;
    std::vector<void*>* facts = nullptr;  // by element
    void* symbol = nullptr;
    std::int64_t number = 0;
    bool is_number = false;
  };
  std::vector<Place> places_of(const Write& write) {
    std::vector<Place> out;
    for (const auto& [field, value] : write.fields) {
      const std::string name = write.kind + "-" + field;
      Place place{template_of(name), &facts_[name]};
      place.is_number = value.find_first_not_of("-0123456789") == std::string::npos;
      if (place.is_number) place.number = std::stoll(value);
      if (!place.is_number) place.symbol = EnvAddSymbol(environment_, value.c_str());
      if (place.symbol != nullptr) ++static_cast<SYMBOL_HN*>(place.symbol)->count;
      out.push_back(place);
    }
    return out;
  }
  void apply(const Place& place, std::size_t element) {
    if (place.facts->size() <= element) place.facts->resize(element + 1);
    void*& fact = (*place.facts)[element];
    if (fact != nullptr) EnvRetract(environment_, fact);
    fact = add(place, element);
  }
  void run() { EnvRun(environment_, -1); }

  std::vector<std::string> violations() const {
    std::vector<std::string> out;
    void* const of = template_of("violation");
    for (void* at = EnvGetNextFactInTemplate(environment_, of, nullptr); at != nullptr;
         at = EnvGetNextFactInTemplate(environment_, of, at)) {
      const auto* const slots = static_cast<fact*>(at)->theProposition.theFields;
      const std::string rule = ValueToString(slots[0].value);
      out.push_back(rule + "|" + rule.substr(0, rule.find('-')) + "/element-" +
                    std::to_string(ValueToLong(slots[1].value)));
    }
    std::ranges::sort(out);
    return out;
  }

 private:
  void build(const std::string& construct) {
    if (EnvBuild(environment_, construct.c_str()) == 0) give_up("CLIPS refuses " + construct);
  }
  void* template_of(const std::string& name) const {
    return EnvFindDeftemplate(environment_, name.c_str());
  }
  void declare(const Write& birth) {
    if (template_of(birth.kind) == nullptr) build("(deftemplate " + birth.kind + " (slot i))");
    for (const auto& [field, value] : birth.fields) {
      const std::string name = birth.kind + "-" + field;
      if (template_of(name) == nullptr) build("(deftemplate " + name + " (slot i) (slot v))");
    }
  }
  void* add(const Place& place, std::size_t element) {
    fact* const out = EnvCreateFact(environment_, place.of);
    auto* const slots = out->theProposition.theFields;
    slots[0].type = INTEGER;
    slots[0].value = EnvAddLong(environment_, static_cast<long long>(element));
    if (place.facts == nullptr) return EnvAssert(environment_, out);
    slots[1].type = place.is_number ? INTEGER : SYMBOL;
    slots[1].value = place.is_number ? EnvAddLong(environment_, place.number) : place.symbol;
    return EnvAssert(environment_, out);
  }

  void* environment_;
  std::map<std::string, std::vector<void*>> facts_;  // by kind and field, then element
};

double cpu_seconds() {
  timespec at{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

struct Measured {
  double load_seconds = 0, seconds = 0, p99_us = 0;
};

Measured measure(Clips& clips, const Workload& workload) {
  Measured out;
  const double birth = cpu_seconds();
  for (const Write& write : workload.births) clips.bear(write);
  clips.run();
  const double begin = cpu_seconds();
  out.load_seconds = begin - birth;
  std::vector<std::pair<Clips::Place, std::size_t>> updates;
  updates.reserve(workload.updates.size());
  for (const Write& write : workload.updates) {
    updates.emplace_back(clips.places_of(write).front(), write.number);
  }
  std::vector<Steady::duration> each;
  each.reserve(updates.size());
  const double first = cpu_seconds();
  Steady::time_point last = Steady::now();
  for (const auto& [place, element] : updates) {
    clips.apply(place, element);
    clips.run();
    const Steady::time_point at = Steady::now();
    each.push_back(at - last);
    last = at;
  }
  out.seconds = cpu_seconds() - first;
  const auto p99 = each.begin() + static_cast<std::ptrdiff_t>(each.size() * 99 / 100);
  std::ranges::nth_element(each, p99);
  out.p99_us = std::chrono::duration<double, std::micro>(*p99).count();
  return out;
}

void run(const char* workload_file, const char* violations_file) {
  const Workload workload = read_workload(workload_file);
  Clips clips(workload);
  const Measured measured = measure(clips, workload);
  const std::vector<std::string> lines = clips.violations();
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  std::ofstream(violations_file) << text;
  std::printf(
      "{\"rules\":%zu,\"updates\":%zu,\"load_seconds\":%.6g,\"seconds\":%.6g,\"p99_us\":%.6g,"
      "\"violations\":%zu,\"violations_sha256\":\"%s\"}\n",
      workload.rules.size(), workload.updates.size(), measured.load_seconds, measured.seconds,
      measured.p99_us, lines.size(), base::to_hex(base::sha256(text)).c_str());
}

}  // namespace
}  // namespace patuh::bench

int main(int argc, char** argv) {
  if (argc != 3) patuh::bench::give_up("usage: peer_clips WORKLOAD FILE");
  patuh::bench::run(argv[1], argv[2]);
  return 0;
}
