#include "workload.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "toml/toml.h"

namespace patuh::bench {
namespace {

using expr::Value;
using model::ChangeEvent;
using model::FieldId;

constexpr std::array kStatus = {"plan", "live", "ended"};
constexpr std::size_t kPlan = 0;
constexpr std::size_t kLive = 1;

// As schema.toml numbers them.
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
// Those that rules read of the elements that change; twice what most of them read.
constexpr std::array<std::uint16_t, 14> kRead = {
    0, 0, 0, 1, 1, 2, 3, 4, kStatusField, kF, kCode, kUntil, kOne, kParts};

std::filesystem::path folder() { return std::filesystem::path(PATUH_SOURCE_DIR) / "tests/bench"; }

// ── The rules by hand: nothing where one does not apply ──

using Answer = std::optional<bool>;
struct Asked {
  const Estate& all;
  std::size_t kind;
  std::size_t number;
  int bound;
  base::Instant now;
  const Element& element() const { return all.of[kind][number]; }
};
using Rule = Answer (*)(const Asked&);

Answer floor(const Asked& asked) { return asked.element().n[0] > asked.bound; }
Answer live(const Asked& asked) {
  const Element& e = asked.element();
  return e.status == kLive ? Answer(e.n[1] > asked.bound || e.f) : std::nullopt;
}
Answer until(const Asked& asked) {
  return asked.element().until > asked.now + std::chrono::hours(24 * asked.bound);
}
Answer one(const Asked& asked) {
  return asked.element().n[2] > asked.bound ? Answer(true) : std::nullopt;
}
Answer ones_floor(const Asked& asked) {
  const Element& e = asked.element();
  return e.n[3] > asked.bound ? Answer(asked.all.of[kApp][e.one].n[0] > 10) : std::nullopt;
}
Answer parts(const Asked& asked) {
  return asked.all.of[kPart][asked.element().part].n[0] > asked.bound;
}
Answer served(const Asked& asked) {
  return std::ranges::all_of(asked.all.served_by[asked.number], [&](std::uint32_t service) {
    return asked.all.of[kSvc][service].n[1] > asked.bound - 20;
  });
}
Answer same(const Asked& asked) {
  const Element& e = asked.element();
  if (e.status != kPlan) return std::nullopt;
  return asked.all.having_code[asked.kind][e.code] - 1 < asked.bound;
}
Answer agency(const Asked& asked) {
  const Element& e = asked.element();
  return e.n[4] > asked.bound ? Answer(!asked.all.agencies[e.owner].g) : std::nullopt;
}

struct ByHand {
  std::size_t kind = 0;
  int bound = 0;
  Rule rule = nullptr;
};

// From the id, such as svc-floor-2.
ByHand by_hand(const std::string& id) {
  static const std::map<std::string, Rule> families = {
      {"floor", &floor},   {"live", &live},   {"until", &until},
      {"one", &one},       {"parts", &parts}, {"ones_floor", &ones_floor},
      {"served", &served}, {"same", &same},   {"agency", &agency}};
  const std::size_t first = id.find('-');
  const std::size_t last = id.rfind('-');
  const auto* const kind = std::ranges::find(kKindNames, id.substr(0, first));
  PATUH_ASSERT(kind != kKindNames.end());
  return {static_cast<std::size_t>(kind - kKindNames.begin()), std::stoi(id.substr(last + 1)),
          families.at(id.substr(first + 1, last - first - 1))};
}

std::vector<rulebook::PackFile> read_pack() {
  std::vector<rulebook::PackFile> files;
  for (const char* const name : {"schema.toml", "rules.toml"}) {
    const std::ifstream in(folder() / "workload" / name);
    std::ostringstream text;
    text << in.rdbuf();
    files.push_back({std::string("0:") + name, text.str()});
  }
  return files;
}

// As long for every number, so that texts take the same memory in small estates and in large ones.
std::string name(std::string_view prefix, std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*s%07zu", static_cast<int>(prefix.size()), prefix.data(),
                number);
  return text;
}

void refer(ChangeEvent& event, std::uint16_t field, const char* kind, std::uint32_t number) {
  const std::string id = name("element-", number);
  const std::array<model::NamedElement, 1> end = {{{kind, id}}};
  event.fields.push_back({FieldId(field), {}, model::copy_of(end, *event.arena)});
}

}  // namespace

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Parameters read_parameters() {
  const std::string name = folder() / "workload.toml";
  std::ostringstream text;
  text << std::ifstream(name).rdbuf();
  base::Diagnostics faults;
  toml::Report report(faults, "WORKLOAD");
  Parameters out;
  if (const auto document = toml::Document::parse(name, text.str(), report)) {
    toml::Fields fields(document->root(), report, "the workload");
    const auto number = [&](const char* key) {
      return static_cast<std::size_t>(fields.integer(key, {.min = 1}).value_or(1));
    };
    out.seed = number("seed");
    out.updates = number("updates");
    out.elements_per_agency = number("elements_per_agency");
    out.hub_apps = number("hub_apps");
    out.hub_services = number("hub_services");
    out.code_shared_by = number("code_shared_by");
    fields.finish();
  }
  if (!faults.empty()) std::fputs(faults.render().c_str(), stderr);
  PATUH_ASSERT(faults.empty());
  return out;
}

std::shared_ptr<const rulebook::RuleBook> load_rules() {
  const std::array<std::filesystem::path, 1> layers = {folder() / "workload"};
  auto book = rulebook::load(layers);
  if (!book) std::fputs(book.error().render().c_str(), stderr);
  PATUH_ASSERT(book.has_value());
  return *book;
}

std::shared_ptr<const rulebook::RuleBook> load_rules_without(const std::string& families) {
  std::vector<rulebook::PackFile> files = read_pack();
  std::string& rules = files.back().text;
  std::istringstream names(families);
  for (std::string name; std::getline(names, name, ',');) {
    std::size_t at = rules.find("-" + name + "-");
    PATUH_ASSERT(at != std::string::npos);
    for (; at != std::string::npos; at = rules.find("-" + name + "-")) {
      const std::size_t begin = rules.rfind("[[rule]]", at);
      rules.erase(begin, rules.find("[[rule]]", at) - begin);
    }
  }
  auto book = rulebook::load(files);
  PATUH_ASSERT(book.has_value());
  return *book;
}

namespace {

void replace(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  PATUH_ASSERT(at != std::string::npos);
  text.replace(at, what.size(), by);
}

}  // namespace

std::shared_ptr<const rulebook::RuleBook> load_rules_with(OneRule change) {
  std::vector<rulebook::PackFile> files = read_pack();
  std::string& schema = files.front().text;
  std::string& rules = files.back().text;
  const std::size_t first = rules.find("[[rule]]");
  switch (change) {
    case OneRule::kRewritten:
      replace(rules, "self.n0 > 20", "self.n0 > 21");
      break;
    case OneRule::kWithdrawn:
      rules.erase(first, rules.find("[[rule]]", first + 1) - first);
      break;
    case OneRule::kReadsAnotherSchema:
      replace(schema, "[kinds.app.attributes]\n",
              "[kinds.app.attributes]\nmore = { type = \"int\" }\n");
      replace(rules, "self.n0 > 20", "self.n0 > 20 || self.more > 0");
      break;
  }
  auto book = rulebook::load(files);
  PATUH_ASSERT(book.has_value());
  return *book;
}

Pass pass_by_hand(const Estate& estate, const rulebook::RuleBook& book, base::Instant now) {
  Pass pass;
  const double begin = cpu_seconds();
  for (const rulebook::Rule& rule : book.rules) {
    const ByHand hand = by_hand(rule.id);
    auto& [compliant, violating] = pass.counts.emplace_back();
    for (std::size_t number = 0; number < estate.of[hand.kind].size(); ++number) {
      const Answer answer = hand.rule({estate, hand.kind, number, hand.bound, now});
      compliant += answer == true ? 1 : 0;
      violating += answer == false ? 1 : 0;
    }
  }
  pass.seconds = cpu_seconds() - begin;
  return pass;
}

Changes::Changes(const model::Schema& schema, const Parameters& parameters, std::size_t elements)
    : schema_(schema), parameters_(parameters), random_(parameters.seed) {
  const std::size_t ranks = (elements + kKinds - 1) / kKinds;
  for (auto& kind : estate_.of) kind.resize(ranks);
  for (auto& codes : estate_.having_code) codes.resize(ranks);
  estate_.agencies.resize(elements / parameters.elements_per_agency + 1);
  estate_.served_by.resize(ranks);
  order_.resize(ranks * kKinds);
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
  std::ranges::shuffle(order_, random_);
  weight_.reserve(ranks);
  double sum = 0;
  for (std::size_t i = 0; i < ranks; ++i) {
    weight_.push_back(sum += 1.0 / static_cast<double>(i + 1));
  }
}

ChangeEvent Changes::birth(std::size_t i) {
  if (i < estate_.agencies.size()) {
    ChangeEvent event = begin("dinas", i, model::Operation::kUpsert);
    const std::string_view code = event.arena->copy(name("d", i));
    event.fields.push_back({FieldId(kCode), Value::string(code), {}});
    estate_.agencies[i].g = i % 7 == 0;
    event.fields.push_back({FieldId(kG), Value::boolean(estate_.agencies[i].g), {}});
    return event;
  }
  const std::uint32_t at = order_[i - estate_.agencies.size()];
  const Place place{at % kKinds, static_cast<std::uint32_t>(at / kKinds)};
  ChangeEvent event = begin(kKindNames[place.kind], place.number, model::Operation::kUpsert);
  for (std::uint16_t field = 0; field < kFields; ++field) put(event, place, field, true);
  return event;
}

std::uint32_t Changes::by_zipf() {
  const double at = std::uniform_real_distribution<double>(0, weight_.back())(random_);
  return static_cast<std::uint32_t>(std::ranges::lower_bound(weight_, at) - weight_.begin());
}

// Hubs get their share of the updates apart: of Zipf's law it would depend on the estate's size.
std::uint32_t Changes::rank_to_change(std::size_t kind) {
  if (kind != kApp) return by_zipf();
  if (below(parameters_.hub_apps) == 0) return hub(by_zipf());
  std::uint32_t rank = by_zipf();
  while (rank == hub(rank / parameters_.hub_apps)) rank = by_zipf();
  return rank;
}

ChangeEvent Changes::update() {
  const std::uint32_t kind = below(kKinds);
  const Place place{kind, rank_to_change(kind)};
  ChangeEvent event = begin(kKindNames[place.kind], place.number, model::Operation::kPatch);
  put(event, place, kRead[below(kRead.size())], false);
  return event;
}

ChangeEvent Changes::begin(std::string_view kind, std::size_t number, model::Operation operation) {
  ChangeEvent event;
  event.arena = std::make_shared<expr::Arena>(64);
  event.operation = operation;
  event.source = "bench";
  event.id = name("event-", ++made_);
  event.version = static_cast<std::int64_t>(made_);
  event.time = kBegin;
  const auto known = schema_.kind_of(kind);
  PATUH_ASSERT(known.has_value());
  event.kind = *known;
  event.element_id = name("element-", number);
  return event;
}

// A code of the other half, which hardly ever changes.
std::uint32_t Changes::cold(std::uint32_t number, std::size_t count) {
  return static_cast<std::uint32_t>(count / 2 +
                                    (number * std::uint64_t{7919}) % (count - count / 2));
}

// Another element, a different one for each number: every rank has as many readers.
std::uint32_t Changes::elsewhere(std::uint32_t number, std::size_t count) {
  return static_cast<std::uint32_t>((count / 2 + number * std::uint64_t{7919}) % count);
}

// Of hubs there is one in so many apps.
std::uint32_t Changes::hub(std::size_t number) const {
  const std::size_t apps = estate_.of[kApp].size();
  const std::size_t hubs = std::max<std::size_t>(1, apps / parameters_.hub_apps);
  return static_cast<std::uint32_t>(
      ((number % hubs) * parameters_.hub_apps + parameters_.hub_apps / 2) % apps);
}

std::uint32_t Changes::home_app(const Place& place) const {
  if (place.kind != kSvc || place.number % parameters_.hub_services != 0) {
    return static_cast<std::uint32_t>((place.number + place.kind + 1) % estate_.of[kApp].size());
  }
  return hub(place.number / parameters_.hub_services);
}

// Of a hundred; a change is a small one, which seldom crosses a rule's bound.
void Changes::put_number(ChangeEvent& event, Element& element, std::uint16_t field, bool is_new) {
  int& held = element.n[field];
  const int step = static_cast<int>(1 + below(9)) * (below(2) == 0 ? 1 : -1);
  held = is_new ? static_cast<int>(below(100)) : (held + step + 100) % 100;
  event.fields.push_back({FieldId(field), Value::integer(held), {}});
}

void Changes::put_code(ChangeEvent& event, const Place& place, std::uint32_t code, bool is_new) {
  Element& element = estate_.of[place.kind][place.number];
  auto& having = estate_.having_code[place.kind];
  if (!is_new) --having[element.code];
  element.code = code;
  ++having[code];
  event.fields.push_back(
      {FieldId(kCode), Value::string(event.arena->copy(name("code-", code))), {}});
}

void Changes::put_one(ChangeEvent& event, const Place& place, std::uint32_t app, bool is_new) {
  Element& element = estate_.of[place.kind][place.number];
  if (place.kind == kSvc) {
    if (!is_new) std::erase(estate_.served_by[element.one], place.number);
    estate_.served_by[app].push_back(place.number);
  }
  element.one = app;
  refer(event, kOne, kKindNames[kApp], app);
}

void Changes::put(ChangeEvent& event, const Place& place, std::uint16_t field, bool is_new) {
  Element& e = estate_.of[place.kind][place.number];
  const std::size_t count = estate_.of[place.kind].size();
  const auto say = [&](const Value& value) { event.fields.push_back({FieldId(field), value, {}}); };
  switch (field) {
    case kStatusField:
      e.status = is_new ? below(3) : (e.status + 1 + below(2)) % kStatus.size();
      return say(Value::string(kStatus[e.status]));
    case kCode: {
      const auto home = static_cast<std::uint32_t>(place.number / parameters_.code_shared_by);
      const bool away = is_new ? place.number % 2 == 0 : e.code == home;
      return put_code(event, place, away ? cold(place.number, count) : home, is_new);
    }
    case kF:
      return say(Value::boolean(e.f = is_new ? below(2) == 0 : !e.f));
    case kG:
      return say(Value::boolean(e.g = below(2) == 0));
    case kUntil:
      e.until = kBegin + std::chrono::hours(1 + below(std::size_t{24} * 400));
      return say(Value::timestamp(e.until));
    case kNote:
      return say(Value::string("a note of some length"));
    case kOwner:
      e.owner = below(estate_.agencies.size());
      return refer(event, field, "dinas", e.owner);
    case kOne: {
      const std::uint32_t home = home_app(place);
      const bool away = is_new ? place.number % 2 == 0 : e.one == home;
      return put_one(event, place, away ? elsewhere(place.number, estate_.of[kApp].size()) : home,
                     is_new);
    }
    case kParts: {
      const auto home = static_cast<std::uint32_t>((place.number + place.kind + 1) % count);
      const bool away = is_new ? place.number % 2 == 0 : e.part == home;
      e.part = away ? elsewhere(place.number, count) : home;
      return refer(event, field, kKindNames[kPart], e.part);
    }
    default:
      return put_number(event, e, field, is_new);
  }
}

}  // namespace patuh::bench
