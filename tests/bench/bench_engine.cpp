// Single-field updates, one at a time, of an estate under some fifty rules: how many a second in
// one core, and whether judgements and look-ups per update grow with the estate. Beside it: the
// registry alone taking the same updates, and one full pass of the same rules written by hand in
// C++ over plain structs, which also checks the engine's counts. One JSON object a line.
//
//   bench_engine            10,000, 100,000 and 1,000,000 elements
//   bench_engine 100000     one size
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace patuh::engine {
namespace {

using expr::Value;
using model::ChangeEvent;
using model::FieldId;

constexpr std::size_t kUpdates = 200'000;
constexpr std::size_t kPerAgency = 200;  // elements of one agency
constexpr std::array kKinds = {"app", "part", "svc"};
constexpr std::array kStatus = {"plan", "live", "ended"};
const base::Instant kBegin = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// ── The estate, by hand ──

// 12 attributes and 3 relations, as the schema below has them.
struct Element {
  std::array<int, 6> n{};
  std::size_t status = 0;
  std::uint32_t code = 0;
  bool f = false;
  bool g = false;
  base::Instant until{};
  std::uint32_t note = 0;
  std::uint32_t owner = 0, one = 0, part = 0;  // agency, app, part
};

enum FieldNumber : std::uint16_t {
  kN0,
  kStatusField = 6,
  kCode,
  kF,
  kG,
  kUntil,
  kNote,
  kOwner,
  kOne,
  kParts,
  kFields
};

struct Rule {
  std::string id, kind, text;
  // Nothing: not applicable.
  std::optional<bool> (*by_hand)(const struct Estate&, std::size_t kind, const Element&, int c,
                                 base::Instant now);
  std::size_t kind_index = 0;
  int c = 0;
};

struct Estate {
  std::array<std::vector<Element>, 3> of;
  std::vector<Element> agencies;
  // By app: the services whose `one` it is. By kind and code: how many have it.
  std::vector<std::vector<std::uint32_t>> served_by;
  std::array<std::vector<int>, 3> having_code;

  std::size_t size() const { return of[0].size() + of[1].size() + of[2].size(); }
};

constexpr std::optional<bool> kNotApplicable = std::nullopt;

struct Family {
  const char* text;  // C stands for the threshold
  std::optional<bool> (*by_hand)(const Estate&, std::size_t, const Element&, int, base::Instant);
  bool only_apps = false;
};

const std::array<Family, 9> kFamilies = {{
    {"require = \"self.n0 > C\"", [](const Estate&, std::size_t, const Element& e, int c,
                                     base::Instant) { return std::optional(e.n[0] > c); }},
    {"when = \"self.status == 'live'\"\nrequire = \"self.n1 > C || self.f\"",
     [](const Estate&, std::size_t, const Element& e, int c, base::Instant) {
       return e.status == 1 ? std::optional(e.n[1] > c || e.f) : kNotApplicable;
     }},
    {"require = \"self.until > now + days(C)\"\ngrace = \"72h\"",
     [](const Estate&, std::size_t, const Element& e, int c, base::Instant now) {
       return std::optional(e.until > now + std::chrono::hours(24 * c));
     }},
    {"when = \"self.n2 > C\"\nrequire = \"known(self.one)\"",
     [](const Estate&, std::size_t, const Element& e, int c, base::Instant) {
       return e.n[2] > c ? std::optional(true) : kNotApplicable;
     }},
    {"when = \"self.n3 > C\"\nrequire = \"self.one.n0 > 1\"",
     [](const Estate& all, std::size_t, const Element& e, int c, base::Instant) {
       return e.n[3] > c ? std::optional(all.of[0][e.one].n[0] > 1) : kNotApplicable;
     }},
    {"require = \"related(self, 'parts').exists(p, p.n0 > C)\"",
     [](const Estate& all, std::size_t, const Element& e, int c, base::Instant) {
       return std::optional(all.of[1][e.part].n[0] > c);
     }},
    {"require = \"referrers(self, 'svc', 'one').all(x, x.n1 > C - 2)\"",
     [](const Estate& all, std::size_t, const Element& e, int c, base::Instant) {
       const auto& served = all.served_by[static_cast<std::size_t>(&e - all.of[0].data())];
       return std::optional(
           std::ranges::all_of(served, [&](std::uint32_t s) { return all.of[2][s].n[1] > c - 2; }));
     },
     true},
    {"when = \"self.status == 'plan'\"\nrequire = \"count(same(self, 'code')) < C\"",
     [](const Estate& all, std::size_t kind, const Element& e, int c, base::Instant) {
       return e.status == 0 ? std::optional(all.having_code[kind][e.code] - 1 < c) : kNotApplicable;
     }},
    {"when = \"self.n4 > C\"\nrequire = \"!self.owner.g\"",
     [](const Estate& all, std::size_t, const Element& e, int c, base::Instant) {
       return e.n[4] > c ? std::optional(!all.agencies[e.owner].g) : kNotApplicable;
     }},
}};

std::vector<Rule> make_rules() {
  std::vector<Rule> rules;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    for (std::size_t family = 0; family < kFamilies.size(); ++family) {
      if (kFamilies[family].only_apps && kind != 0) continue;
      for (const int c : {2, 4}) {
        std::string text = kFamilies[family].text;
        for (std::size_t at = 0; (at = text.find('C', at)) != std::string::npos;) {
          text.replace(at, 1, std::to_string(c));
        }
        rules.push_back(
            {std::string(kKinds[kind]) + "-" + std::to_string(family) + "-" + std::to_string(c),
             kKinds[kind], text, kFamilies[family].by_hand, kind, c});
      }
    }
  }
  return rules;
}

// ── The pack ──

std::string schema_text() {
  std::string out =
      "[pack]\nid = \"bench\"\nversion = \"1\"\ntime_zone = \"Asia/Jakarta\"\n"
      "title.id = \"b\"\ntitle.en = \"b\"\n[domains]\nd.title.id = \"d\"\nd.title.en = \"d\"\n";
  for (const std::string kind : {"dinas", "app", "part", "svc"}) {
    out += "[kinds." + kind + "]\ndomain = \"d\"\ntitle.id = \"k\"\ntitle.en = \"k\"\n[kinds." +
           kind + ".attributes]\n";
    for (int i = 0; i < 6; ++i) out += "n" + std::to_string(i) + " = { type = \"int\" }\n";
    out +=
        "status = { type = \"enum\", values = [\"plan\", \"live\", \"ended\"] }\n"
        "code = { type = \"string\", index = true }\nf = { type = \"bool\" }\n"
        "g = { type = \"bool\" }\nuntil = { type = \"timestamp\" }\nnote = { type = \"string\" }\n";
    if (kind == "dinas") continue;
    out += "[kinds." + kind +
           ".relations]\nowner = { to = \"dinas\", agency = true }\n"
           "one = { to = \"app\" }\nparts = { to = \"part\", many = true }\n";
  }
  return out + "[roles.agency]\nkind = \"dinas\"\ncode = \"code\"\n";
}

std::string rules_text(const std::vector<Rule>& rules) {
  std::string out;
  for (const Rule& rule : rules) {
    out += "[[rule]]\nid = \"" + rule.id + "\"\nkind = \"" + rule.kind + "\"\n" + rule.text +
           "\nseverity = \"high\"\ntitle.id = \"t\"\ntitle.en = \"t\"\nremedy.id = \"r\"\n"
           "remedy.en = \"r\"\nmessage.id = \"{self.id}\"\nmessage.en = \"{self.id}\"\n";
  }
  return out;
}

std::shared_ptr<const rulebook::RuleBook> load(const std::vector<Rule>& rules) {
  const std::vector<rulebook::PackFile> files = {{"0:schema.toml", schema_text()},
                                                 {"0:rules.toml", rules_text(rules)}};
  auto book = rulebook::load(files);
  if (!book) std::fputs(book.error().render().c_str(), stderr);
  PATUH_ASSERT(book.has_value());
  return *book;
}

// ── Changes, to both ──

class Changes {
 public:
  Changes(const model::Schema& schema, std::size_t elements)
      : schema_(schema), random_(1), by_rank_(elements), weight_(elements) {
    for (std::size_t kind = 0; kind < 3; ++kind) estate_.of[kind].resize(elements / 3 + 1);
    estate_.agencies.resize(elements / kPerAgency + 1);
    estate_.served_by.resize(estate_.of[0].size());
    for (auto& codes : estate_.having_code) codes.resize(estate_.of[0].size() / 2 + 1);
    for (std::uint32_t i = 0; i < elements; ++i) by_rank_[i] = i;
    std::ranges::shuffle(by_rank_, random_);
    // Zipf: the weight of rank r is 1 / r.
    double sum = 0;
    for (std::size_t i = 0; i < elements; ++i) weight_[i] = sum += 1.0 / static_cast<double>(i + 1);
  }

  // The agencies, then every element once.
  std::size_t births() const { return estate_.agencies.size() + estate_.size(); }
  ChangeEvent birth(std::size_t i) {
    if (i < estate_.agencies.size()) {
      ChangeEvent event = begin("dinas", i, model::Operation::kUpsert);
      const std::string_view code = event.arena->copy("d" + std::to_string(i));
      event.fields.push_back({FieldId(kCode), Value::string(code), {}});
      return event;
    }
    i -= estate_.agencies.size();
    const std::size_t kind = i % 3;
    ChangeEvent event = begin(kKinds[kind], i / 3, model::Operation::kUpsert);
    for (std::uint16_t field = 0; field < kFields; ++field) change(event, kind, i / 3, field, true);
    return event;
  }

  // One field of one element, some far more often than most.
  ChangeEvent update() {
    const double at = std::uniform_real_distribution<double>(0, weight_.back())(random_);
    const auto rank = std::ranges::lower_bound(weight_, at) - weight_.begin();
    const std::size_t i = by_rank_[static_cast<std::size_t>(rank)];
    ChangeEvent event = begin(kKinds[i % 3], i / 3, model::Operation::kPatch);
    change(event, i % 3, i / 3, static_cast<std::uint16_t>(below(kFields)), false);
    return event;
  }

  const Estate& estate() const { return estate_; }

 private:
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }

  ChangeEvent begin(std::string_view kind, std::size_t number, model::Operation operation) {
    ChangeEvent event;
    event.arena = std::make_shared<expr::Arena>(64);
    event.operation = operation;
    event.source = "bench";
    event.id = std::to_string(++made_);
    event.version = static_cast<std::int64_t>(made_);
    event.time = kBegin;
    event.kind = *schema_.kind_of(kind);
    event.element_id = "element-" + std::to_string(number);
    return event;
  }

  void refer(ChangeEvent& event, std::uint16_t field, const char* kind, std::uint32_t number) {
    event.fields.push_back({FieldId(field), {}, {{{kind, "element-" + std::to_string(number)}}}});
  }

  void change(ChangeEvent& event, std::size_t kind, std::size_t number, std::uint16_t field,
              bool is_new) {
    Element& e = estate_.of[kind][number];
    const auto put = [&](const Value& value) {
      event.fields.push_back({FieldId(field), value, {}});
    };
    switch (field) {
      case kStatusField:
        e.status = below(3);
        return put(Value::string(kStatus[e.status]));
      case kCode:
        if (!is_new) --estate_.having_code[kind][e.code];
        e.code = below(estate_.having_code[kind].size());
        ++estate_.having_code[kind][e.code];
        return put(Value::string(event.arena->copy("code-" + std::to_string(e.code))));
      case kF:
        return put(Value::boolean(e.f = below(2) == 0));
      case kG:
        return put(Value::boolean(e.g = below(2) == 0));
      case kUntil:
        e.until = kBegin + std::chrono::hours(below(24 * 400));
        return put(Value::timestamp(e.until));
      case kNote:
        e.note = below(1000);
        return put(
            Value::string(event.arena->copy("a note of some length " + std::to_string(e.note))));
      case kOwner:
        e.owner = below(estate_.agencies.size());
        return refer(event, field, "dinas", e.owner);
      case kOne:
        if (!is_new && kind == 2) {
          std::erase(estate_.served_by[e.one], static_cast<std::uint32_t>(number));
        }
        e.one = below(estate_.of[0].size());
        if (kind == 2) estate_.served_by[e.one].push_back(static_cast<std::uint32_t>(number));
        return refer(event, field, "app", e.one);
      case kParts:
        e.part = below(estate_.of[1].size());
        return refer(event, field, "part", e.part);
      default:
        e.n[field] = static_cast<int>(below(10));
        return put(Value::integer(e.n[field]));
    }
  }

  const model::Schema& schema_;
  std::mt19937_64 random_;
  Estate estate_;
  std::vector<std::uint32_t> by_rank_;
  std::vector<double> weight_;
  std::size_t made_ = 0;
};

// One pass of all rules over everything, by hand: what a full re-evaluation costs at the least.
struct Pass {
  std::vector<std::pair<std::int64_t, std::int64_t>> counts;  // by rule: compliant, violating
  double seconds = 0;
};

Pass pass_by_hand(const Estate& estate, const std::vector<Rule>& rules, base::Instant now) {
  Pass pass;
  const double begin = cpu_seconds();
  for (const Rule& rule : rules) {
    std::int64_t compliant = 0;
    std::int64_t violating = 0;
    for (const Element& element : estate.of[rule.kind_index]) {
      const auto answer = rule.by_hand(estate, rule.kind_index, element, rule.c, now);
      compliant += answer == true ? 1 : 0;
      violating += answer == false ? 1 : 0;
    }
    pass.counts.emplace_back(compliant, violating);
  }
  pass.seconds = cpu_seconds() - begin;
  return pass;
}

void check(const Engine& engine, const std::vector<Rule>& rules, const Pass& pass) {
  const Tallies tallies = engine.tallies();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const model::Tally& tally = tallies.rules.at(rules[i].id);
    PATUH_ASSERT(model::total(tally.compliant) == pass.counts[i].first);
    PATUH_ASSERT(model::total(tally.violating) == pass.counts[i].second);
    PATUH_ASSERT(model::total(tally.undetermined) == 0);
  }
}

// ── The measurement ──

struct Measured {
  double seconds = 0;
  Stats before, after;
  std::size_t transitions = 0;
  base::Instant now{};
};

Measured measure(Engine& engine, const std::vector<ChangeEvent>& updates) {
  Measured out;
  out.before = engine.stats();
  out.now = engine.now();
  const double begin = cpu_seconds();
  for (const ChangeEvent& update : updates) {
    out.now += std::chrono::seconds(1);
    out.transitions += engine.apply(out.now, update).transitions.size();
  }
  out.seconds = cpu_seconds() - begin;
  out.after = engine.stats();
  return out;
}

double registry_alone(const std::shared_ptr<const rulebook::RuleBook>& book, Changes& births,
                      std::size_t count, const std::vector<ChangeEvent>& updates) {
  registry::Registry registry(book->schema, {});
  for (std::size_t i = 0; i < count; ++i) registry.apply(births.birth(i), kBegin);
  const double begin = cpu_seconds();
  for (const ChangeEvent& update : updates) registry.apply(update, kBegin);
  return cpu_seconds() - begin;
}

void report(std::size_t elements, const std::vector<Rule>& rules, const Measured& measured,
            double registry_seconds, const Pass& pass) {
  const auto per_update = [](std::uint64_t before, std::uint64_t after) {
    return static_cast<double>(after - before) / static_cast<double>(kUpdates);
  };
  const double rate = static_cast<double>(kUpdates) / measured.seconds;
  const std::string params = "\"params\":{\"elements\":" + std::to_string(elements) +
                             ",\"rules\":" + std::to_string(rules.size()) + "}";
  std::printf(
      "{\"name\":\"engine/updates\",\"value\":%.0f,\"unit\":\"updates/s\",\"better\":\"higher\","
      "\"beside\":[{\"name\":\"registry alone\",\"value\":%.0f},{\"name\":\"full pass by hand in "
      "C++ after each update\",\"value\":%.1f}],\"ratio\":%.3f,%s}\n",
      rate, static_cast<double>(kUpdates) / registry_seconds, 1 / pass.seconds,
      registry_seconds / measured.seconds, params.c_str());
  std::printf(
      "{\"name\":\"engine/judgements\",\"value\":%.3f,\"unit\":\"per update\",\"better\":\"lower\","
      "\"beside\":[{\"name\":\"transitions\",\"value\":%.3f},{\"name\":\"all "
      "pairs\",\"value\":%.0f}]"
      ",%s}\n",
      per_update(measured.before.judgements, measured.after.judgements),
      static_cast<double>(measured.transitions) / kUpdates,
      static_cast<double>(measured.after.pairs), params.c_str());
  std::printf(
      "{\"name\":\"engine/probes\",\"value\":%.3f,\"unit\":\"per update\",\"better\":\"lower\","
      "\"beside\":[],%s}\n",
      per_update(measured.before.registry.probes, measured.after.registry.probes), params.c_str());
  const double count = static_cast<double>(elements);
  std::printf(
      "{\"name\":\"engine/bytes\",\"value\":%.0f,\"unit\":\"bytes per "
      "element\",\"better\":\"lower\","
      "\"beside\":[{\"name\":\"registry\",\"value\":%.0f},{\"name\":\"noted "
      "reads\",\"value\":%.2f},"
      "{\"name\":\"timers\",\"value\":%.2f}],%s}\n",
      static_cast<double>(measured.after.bytes) / count,
      static_cast<double>(measured.after.registry.bytes) / count,
      static_cast<double>(measured.after.reads) / count,
      static_cast<double>(measured.after.timers) / count, params.c_str());
  std::fflush(stdout);
}

void run(std::size_t elements) {
  const std::vector<Rule> rules = make_rules();
  const auto book = load(rules);
  Changes changes(*book->schema, elements);
  Engine engine(book, {});
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < changes.births(); ++i) engine.apply(kBegin, changes.birth(i));
  const double load_seconds = cpu_seconds() - begin;
  std::vector<ChangeEvent> updates;
  for (std::size_t i = 0; i < kUpdates; ++i) updates.push_back(changes.update());
  const Measured measured = measure(engine, updates);
  const Pass pass = pass_by_hand(changes.estate(), rules, measured.now);
  check(engine, rules, pass);
  Changes again(*book->schema, elements);
  const double alone = registry_alone(book, again, again.births(), updates);
  report(changes.estate().size(), rules, measured, alone, pass);
  std::printf(
      "{\"name\":\"engine/load\",\"value\":%.0f,\"unit\":\"elements/s\",\"better\":\"higher\","
      "\"beside\":[],\"params\":{\"elements\":%zu,\"rules\":%zu}}\n",
      static_cast<double>(changes.births()) / load_seconds, changes.estate().size(), rules.size());
}

}  // namespace
}  // namespace patuh::engine

int main(int argc, char** argv) {
  if (argc > 1) {
    patuh::engine::run(std::strtoull(argv[1], nullptr, 10));
    return 0;
  }
  for (const std::size_t elements : {10'000U, 100'000U, 1'000'000U}) patuh::engine::run(elements);
  return 0;
}
