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
// Those that rules read of the elements that change; more often what most of them read.
constexpr std::array<std::uint16_t, 14> kRead = {
    0, 0, 0, 1, 1, 2, 3, 4, kStatusField, kF, kCode, kUntil, kOne, kParts};
constexpr std::array<std::uint16_t, 11> kReadOnce = {0,  1,     2,      3,    4,     kStatusField,
                                                     kF, kCode, kUntil, kOne, kParts};
// Of eight ranks in a row the third has an eighth of the updates, whatever the size (of the first
// eight an eighth is 1 / 2.9): what only one of them is, for ever, the third is.
constexpr std::size_t kTypical = 2;
constexpr std::size_t kAgenciesWithG = 7;  // one in so many

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
    out.neighbours = number("neighbours");
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
  const std::size_t of_each = (elements + kKinds - 1) / kKinds;
  const std::size_t neighbours = parameters.neighbours;
  PATUH_ASSERT(neighbours > kTypical);
  const std::size_t ranks = (of_each + neighbours - 1) / neighbours * neighbours;
  for (auto& kind : estate_.of) kind.resize(ranks);
  for (auto& codes : estate_.having_code) codes.resize(ranks);
  estate_.agencies.resize(elements / parameters.elements_per_agency + 2);
  for (std::size_t i = 0; i < estate_.agencies.size(); ++i) {
    estate_.agencies[i].g = i % kAgenciesWithG == 0;
  }
  estate_.served_by.resize(ranks);
  order_.resize(ranks * kKinds);
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
  std::ranges::shuffle(order_, random_);
  weight_.reserve(ranks);
  double sum = 0;
  for (std::size_t i = 0; i < ranks; ++i) {
    weight_.push_back(sum += 1.0 / static_cast<double>(i + 1));
  }
  plan_updates();
}

// Deals kinds and fields; the elements are drawn.
void Changes::plan_updates() {
  std::vector<std::pair<std::size_t, std::uint16_t>> hand;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    for (const std::uint16_t field : kRead) hand.emplace_back(kind, field);
  }
  planned_.reserve(parameters_.updates);
  to_settle_.reserve(parameters_.updates);
  for (std::size_t i = 0; i < parameters_.updates; ++i) {
    if (i % hand.size() == 0) std::ranges::shuffle(hand, random_);
    const auto& [kind, field] = hand[i % hand.size()];
    planned_.push_back({{kind, rank_to_change(kind)}, field});
    to_settle_.push_back(planned_.back().place);
  }
  std::ranges::sort(to_settle_);
  const auto repeated = std::ranges::unique(to_settle_);
  to_settle_.erase(repeated.begin(), repeated.end());
  std::ranges::shuffle(to_settle_, std::mt19937_64(parameters_.seed));  // not side by side either
}

ChangeEvent Changes::birth(std::size_t i) {
  if (i < estate_.agencies.size()) {
    ChangeEvent event = begin("dinas", i, model::Operation::kUpsert);
    const std::string_view code = event.arena->copy(name("d", i));
    event.fields.push_back({FieldId(kCode), Value::string(code), {}});
    event.fields.push_back({FieldId(kG), Value::boolean(estate_.agencies[i].g), {}});
    return event;
  }
  const std::uint32_t at = order_[i - estate_.agencies.size()];
  const Place place{at % kKinds, static_cast<std::uint32_t>(at / kKinds)};
  ChangeEvent event = begin(kKindNames[place.kind], place.number, model::Operation::kUpsert);
  for (std::uint16_t field = 0; field < kFields; ++field) {
    draw(place, field, true);
    say(event, place, field);
  }
  return event;
}

std::size_t Changes::settlings() const { return to_settle_.size() * kReadOnce.size(); }

ChangeEvent Changes::settling(std::size_t i) {
  const Place& place = to_settle_[i / kReadOnce.size()];
  ChangeEvent event = begin(kKindNames[place.kind], place.number, model::Operation::kPatch);
  say(event, place, kReadOnce[i % kReadOnce.size()]);
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
  PATUH_ASSERT(updated_ < planned_.size());
  const auto& [place, field] = planned_[updated_++];
  ChangeEvent event = begin(kKindNames[place.kind], place.number, model::Operation::kPatch);
  draw(place, field, false);
  say(event, place, field);
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

// Of hubs there is one in so many apps.
std::uint32_t Changes::hub(std::size_t number) const {
  const std::size_t apps = estate_.of[kApp].size();
  const std::size_t hubs = std::max<std::size_t>(1, apps / parameters_.hub_apps);
  return static_cast<std::uint32_t>(
      ((number % hubs) * parameters_.hub_apps + parameters_.hub_apps / 2) % apps);
}

// One of those around it by rank that is neither of these.
std::uint32_t Changes::neighbour(std::uint32_t number, std::optional<std::uint32_t> not_this,
                                 std::optional<std::uint32_t> nor_this) {
  const auto many = static_cast<std::uint32_t>(parameters_.neighbours);
  std::uint32_t drawn = number;
  do {
    drawn = number / many * many + below(many);
  } while (drawn == not_this || drawn == nor_this);
  return drawn;
}

// Its rank says whether the agency has `g`: nothing changes that.
std::uint32_t Changes::owner_of(const Place& place) {
  const bool g = place.number % kAgenciesWithG == kTypical;
  std::uint32_t drawn = 0;
  do {
    drawn = below(estate_.agencies.size());
  } while (estate_.agencies[drawn].g != g);
  return drawn;
}

void Changes::draw_code(const Place& place, bool is_new) {
  Element& element = estate_.of[place.kind][place.number];
  auto& having = estate_.having_code[place.kind];
  if (!is_new) --having[element.code];
  element.code = neighbour(place.number, is_new ? std::nullopt : std::optional(element.code), {});
  ++having[element.code];
}

void Changes::draw_one(const Place& place, bool is_new) {
  Element& element = estate_.of[place.kind][place.number];
  const auto itself = place.kind == kApp ? std::optional(place.number) : std::nullopt;
  const auto held = is_new ? std::nullopt : std::optional(element.one);
  const bool has_hub = place.kind == kSvc && place.number % parameters_.neighbours == kTypical;
  const std::uint32_t its_hub = hub(place.number / parameters_.neighbours);
  const bool to_hub = has_hub && (is_new ? below(2) == 0 : element.one != its_hub);
  const std::uint32_t app = to_hub ? its_hub : neighbour(place.number, itself, held);
  if (place.kind == kSvc) {
    if (!is_new) std::erase(estate_.served_by[element.one], place.number);
    estate_.served_by[app].push_back(place.number);
  }
  element.one = app;
}

// Another value than the one held. Whatever is drawn first is drawn as often later on, too.
void Changes::draw(const Place& place, std::uint16_t field, bool is_new) {
  Element& e = estate_.of[place.kind][place.number];
  switch (field) {
    case kStatusField:
      e.status = is_new ? below(3) : (e.status + 1 + below(2)) % kStatus.size();
      return;
    case kCode:
      return draw_code(place, is_new);
    case kF:
      e.f = is_new ? below(2) == 0 : !e.f;
      return;
    case kG:
      e.g = below(2) == 0;
      return;
    case kUntil:
      e.until = kBegin + std::chrono::hours(1 + below(std::size_t{24} * 400));
      return;
    case kNote:
      return;
    case kOwner:
      e.owner = owner_of(place);
      return;
    case kOne:
      return draw_one(place, is_new);
    case kParts:
      e.part =
          neighbour(place.number, place.kind == kPart ? std::optional(place.number) : std::nullopt,
                    is_new ? std::nullopt : std::optional(e.part));
      return;
    default: {
      // Of a hundred; a change is a small one, which seldom crosses a rule's bound.
      const int step = static_cast<int>(1 + below(9)) * (below(2) == 0 ? 1 : -1);
      e.n[field] = is_new ? static_cast<int>(below(100)) : (e.n[field] + step + 100) % 100;
    }
  }
}

void Changes::say(ChangeEvent& event, const Place& place, std::uint16_t field) const {
  const Element& e = estate_.of[place.kind][place.number];
  const auto put = [&](const Value& value) { event.fields.push_back({FieldId(field), value, {}}); };
  switch (field) {
    case kStatusField:
      return put(Value::string(kStatus[e.status]));
    case kCode:
      return put(Value::string(event.arena->copy(name("code-", e.code))));
    case kF:
      return put(Value::boolean(e.f));
    case kG:
      return put(Value::boolean(e.g));
    case kUntil:
      return put(Value::timestamp(e.until));
    case kNote:
      return put(Value::string("a note of some length"));
    case kOwner:
      return refer(event, field, "dinas", e.owner);
    case kOne:
      return refer(event, field, kKindNames[kApp], e.one);
    case kParts:
      return refer(event, field, kKindNames[kPart], e.part);
    default:
      return put(Value::integer(e.n[field]));
  }
}

}  // namespace patuh::bench
