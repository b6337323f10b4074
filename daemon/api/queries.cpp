#include "api/queries.h"

#include <algorithm>

#include "text/text.h"

namespace patuh::api {
namespace {

// The rule that says a milestone of the roadmap is late; packs without it count none.
constexpr std::string_view kLateMilestone = "RM-TLT-01";

std::int64_t weight_of(const model::Tally& tally) {
  std::int64_t out = 0;
  for (const model::Severity severity : model::kSeverities) {
    out += model::weight_of(severity) * tally.violating[static_cast<std::size_t>(severity)];
  }
  return out;
}

std::int64_t days_left_in_year(const pipeline::View& view) {
  const auto zone = text::zone(view.book->schema->time_zone);
  if (!zone) return 0;
  const text::Day today = zone->day_of(view.wall);
  const text::Day last{today.year(), std::chrono::December, std::chrono::day(31)};
  return (std::chrono::sys_days(last) - std::chrono::sys_days(today)).count();
}

Owing owing_of(const pipeline::View& view, const std::string& code,
               const std::map<std::string, model::Tally>& domains) {
  Owing out;
  out.code = code;
  for (const auto& [domain, tally] : domains) out.tally += tally;
  out.score = model::score(out.tally);
  out.coverage = model::coverage(out.tally);
  if (const auto known = view.agencies.find(code); known != view.agencies.end()) {
    out.name = known->second.name;
    out.reporting = !known->second.owes_domains || known->second.reporting;
  }
  if (const auto waits = view.pending.find(code); waits != view.pending.end()) {
    out.pending = waits->second;
  }
  return out;
}

// Will it be finished before the year ends?
void add_year_end(const pipeline::View& view, Summary& out) {
  for (const auto& [code, agency] : view.agencies) {
    if (!agency.owes_domains) continue;
    ++out.agencies_owing;
    if (agency.reporting) ++out.agencies_complete;
  }
  const auto late = view.tallies->rules.find(std::string(kLateMilestone));
  if (late != view.tallies->rules.end()) {
    out.late_milestones = model::total(late->second.violating);
  }
  out.days_left = days_left_in_year(view);
}

std::string name_of_element(const registry::Registry& registry, model::ElementRef element) {
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  if (!kind.title_field) return {};
  const expr::Value value = registry.value(element, *kind.title_field);
  return value.kind() == expr::Kind::kString ? std::string(value.as_string()) : std::string();
}

Item item_of(const rulebook::Rule& rule) {
  Item out;
  out.rule = rule.id;
  out.title_id = rule.title.id;
  out.title_en = rule.title.in(model::Language::kEnglish);
  out.remedy_id = rule.remedy.id;
  out.remedy_en = rule.remedy.in(model::Language::kEnglish);
  out.severity = rule.severity;
  return out;
}

Item item_of(const pipeline::PastPair& past, const model::Schema& schema, base::Instant at) {
  Item out = item_of(*past.rule);
  out.element = past.pair.element.text();
  out.agency = past.pair.agency;
  out.domain = schema.kind(past.rule->kind).domain;
  out.state = past.pair.state;
  out.since = past.pair.since;
  out.due = past.due;
  out.overdue = past.pair.state == model::VerdictState::kViolating && past.due <= at;
  out.inherited = past.inherited;
  out.occurrence = past.pair.occurrence;
  return out;
}

Item item_of(const engine::Engine& engine, const engine::Verdict& verdict) {
  const registry::Registry& registry = engine.registry();
  Item out = item_of(engine.book().rules[verdict.rule.value]);
  out.element = registry.key_of(verdict.element).text();
  out.element_name = name_of_element(registry, verdict.element);
  out.agency = registry.agency_code(verdict.element);
  out.domain = registry.schema().kind(registry.kind_of(verdict.element)).domain;
  out.state = verdict.state;
  out.since = verdict.since;
  out.due = verdict.due;
  out.overdue = verdict.state == model::VerdictState::kViolating && verdict.due <= engine.now();
  out.inherited = verdict.inherited;
  out.pending = verdict.pending;
  out.occurrence = verdict.occurrence;
  return out;
}

bool wanted(const Item& item, const Filter& filter) {
  return (filter.rule.empty() || item.rule == filter.rule) &&
         (filter.domain.empty() || item.domain == filter.domain) &&
         (!filter.severity || item.severity == *filter.severity) &&
         (filter.state ? item.state == *filter.state
                       : item.state == model::VerdictState::kViolating);
}

void add_owed(const engine::Engine& engine, std::string_view agency, const Filter& filter,
              std::vector<Item>& out) {
  for (const engine::Verdict& verdict : engine.owed_by(agency)) {
    Item item = item_of(engine, verdict);
    if (wanted(item, filter)) out.push_back(std::move(item));
  }
}

std::vector<std::string> keys_of(const registry::Registry& registry, const registry::Refs& ends) {
  std::vector<std::string> out;
  for (const model::ElementRef end : ends) out.push_back(registry.key_of(end).text());
  return out;
}

void add_fields(const registry::Registry& registry, model::ElementRef element, ElementAnswer& out) {
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  for (std::size_t i = 0; i < kind.fields.size(); ++i) {
    const model::Field& field = kind.fields[i];
    const model::FieldId id(static_cast<std::uint16_t>(i));
    if (field.is_relation()) {
      for (const model::ElementRef end : registry.related(element, id)) {
        if (!registry.exists(end)) out.removed.push_back(registry.key_of(end).text());
      }
      auto ends = keys_of(registry, registry.related(element, id));
      if (!ends.empty()) out.relations.emplace_back(field.name, std::move(ends));
      continue;
    }
    if (!registry.has(element, id)) continue;
    out.values.push_back({field.name, field.title.id, field.title.in(model::Language::kEnglish),
                          expr::to_text(registry.value(element, id)),
                          std::string(registry.writer_of(element, id))});
  }
}

ElementAnswer answer_of(const registry::Registry& registry, model::ElementRef element) {
  ElementAnswer out;
  out.kind = registry.schema().kind(registry.kind_of(element)).name;
  out.id = registry.id_of(element);
  out.name = name_of_element(registry, element);
  out.agency = registry.agency_code(element);
  out.stub = registry.is_stub(element);
  out.changed_at = registry.changed_at(element);
  add_fields(registry, element, out);
  out.unknown = registry.unknown_of(element);
  return out;
}

void add_referrers(const engine::Engine& engine, model::ElementRef element, ElementAnswer& out) {
  const registry::Registry& registry = engine.registry();
  for (const model::Kind& kind : registry.schema().kinds) {
    for (std::size_t i = 0; i < kind.fields.size(); ++i) {
      if (!kind.fields[i].is_relation()) continue;
      auto ends = keys_of(
          registry,
          registry.referrers(element, kind.id, model::FieldId(static_cast<std::uint16_t>(i))));
      // An agency is pointed at by all that it owns: those are listed elsewhere.
      if (ends.empty() || kind.fields[i].relation().agency) continue;
      out.referrers.emplace_back(kind.name + "." + kind.fields[i].name, std::move(ends));
    }
  }
}

std::optional<model::ElementRef> find(const engine::Engine& engine, std::string_view kind,
                                      std::string_view id) {
  const auto kind_id = engine.book().schema->kind_of(kind);
  if (!kind_id) return std::nullopt;
  return engine.registry().find(*kind_id, id);
}

std::string text_of(const std::optional<expr::Program>& program) {
  return program ? std::string(program->text()) : std::string();
}

// Of the pairs of one severity, as many as the page still wants.
class Page {
 public:
  Page(pipeline::Past& past, const pipeline::PastView& view, const Filter& filter, base::Instant at)
      : past_(past), view_(view), filter_(filter), at_(at), skip_(filter.from ? 0 : filter.skip) {}

  base::Result<Items> run() {
    const std::vector<std::string> agencies = codes();
    const rulebook::Rule* const rule = view_.book->rule(filter_.rule);
    if (!filter_.rule.empty() && !find_left(rule)) return std::move(out_);
    if (rule != nullptr && filter_.agency.empty()) {
      if (auto done = find_by_rule(*rule); !done) return std::unexpected(done.error());
    }
    for (const model::Severity severity : model::kSeverities) {
      if (filter_.severity && *filter_.severity != severity) continue;
      if (rule != nullptr && rule->severity != severity) continue;
      for (const std::string& code : agencies) {
        if (auto done = add(code, severity); !done) return std::unexpected(done.error());
        if (out_.more) return std::move(out_);
      }
    }
    return std::move(out_);
  }

 private:
  std::vector<std::string> codes() const {
    if (!filter_.agency.empty()) return {filter_.agency};
    std::vector<std::string> out;
    for (const auto& [code, domains] : view_.tallies.agencies) {
      if (!filter_.from || code >= filter_.from->agency) out.push_back(code);
    }
    return out;
  }

  // Of the pairs by one rule how many there are, and their domain. False: there is none.
  bool find_left(const rulebook::Rule* rule) {
    if (rule == nullptr) return false;
    domain_ = view_.book->schema->kind(rule->kind).domain;
    const auto tally = view_.tallies.rules.find(rule->id);
    if (tally == view_.tallies.rules.end()) return false;
    left_ = model::total(counts_of(tally->second));
    if (filter_.from) *left_ -= static_cast<std::int64_t>(filter_.skip);
    return *left_ > 0 && (filter_.domain.empty() || filter_.domain == *domain_);
  }

  // Of a rule that few violate all pairs at once; of others the store keeps no list, and the
  // agencies' have many of them each.
  base::Status find_by_rule(const rulebook::Rule& rule) {
    auto owed = past_.owed_by(view_, std::nullopt, at_, rule.id);
    if (!owed && owed.error().code == base::Code::kNotFound) return {};
    if (!owed) return std::unexpected(owed.error());
    for (const auto& [code, domains] : view_.tallies.agencies) owed_[code];
    for (pipeline::PastPair& pair : *owed) owed_[pair.pair.agency].push_back(std::move(pair));
    return {};
  }

  const std::array<std::int64_t, 4>& counts_of(const model::Tally& tally) const {
    const auto state = filter_.state.value_or(model::VerdictState::kViolating);
    if (state == model::VerdictState::kViolating) return tally.violating;
    return state == model::VerdictState::kUndetermined ? tally.undetermined : tally.waived;
  }

  // How many it owes, so that most agencies need not be looked at.
  std::size_t counted(const std::string& code, model::Severity severity) const {
    std::int64_t out = 0;
    const auto found = view_.tallies.agencies.find(code);
    if (found == view_.tallies.agencies.end()) return 0;
    for (const auto& [domain, tally] : found->second) {
      if (!filter_.domain.empty() && domain != filter_.domain) continue;
      if (domain_ && domain != *domain_) continue;
      out += counts_of(tally)[static_cast<std::size_t>(severity)];
    }
    return static_cast<std::size_t>(std::max<std::int64_t>(out, 0));
  }

  base::Status add(const std::string& code, model::Severity severity) {
    const std::size_t count = counted(code, severity);
    if (count == 0 || (left_ && *left_ <= 0)) return {};
    if (filter_.from && filter_.from->agency == code) skip_ = filter_.from->passed;
    std::size_t passed = 0;
    if (filter_.rule.empty() && count <= skip_) {
      skip_ -= count;
      return {};
    }
    const auto owed = owed_by(code);
    if (!owed) return std::unexpected(owed.error());
    for (const pipeline::PastPair& pair : **owed) {
      if (pair.rule->severity != severity) continue;
      Item item = item_of(pair, *view_.book->schema, at_);
      if (!wanted(item, filter_)) continue;
      if (left_) --*left_;
      if (skip_ > 0) {
        --skip_;
      } else if (out_.items.size() == filter_.limit) {
        out_.more = true;
        if (left_) out_.reached = Reached{.agency = code, .passed = passed};
        return {};
      } else {
        out_.items.push_back(std::move(item));
      }
      ++passed;
    }
    return {};
  }

  base::Result<const std::vector<pipeline::PastPair>*> owed_by(const std::string& code) {
    const auto known = owed_.find(code);
    if (known != owed_.end()) return &known->second;
    auto owed = past_.owed_by(view_, code, at_, filter_.rule);
    if (!owed) return std::unexpected(owed.error());
    return &owed_.emplace(code, std::move(*owed)).first->second;
  }

  pipeline::Past& past_;
  const pipeline::PastView& view_;
  const Filter& filter_;
  const base::Instant at_;
  std::size_t skip_;
  std::optional<std::string> domain_;  // of the rule that is asked for
  std::optional<std::int64_t> left_;   // pairs by that rule that were not met yet
  std::map<std::string, std::vector<pipeline::PastPair>> owed_;
  Items out_;
};

}  // namespace

Summary summary_of(const pipeline::PastView& past, base::Instant at) {
  pipeline::View view;
  view.now = past.at;
  view.wall = at;
  view.clock = past.clock;
  view.book = past.book;
  view.tallies = std::make_shared<const engine::Tallies>(past.tallies);
  view.store.log_events = past.events;
  view.store.log_quarantined = past.set_aside;
  view.engine.registry.elements = past.elements;
  view.engine.registry.stubs = past.stubs;
  view.engine.pairs = past.pairs;
  view.agencies = past.agencies;
  view.baseline = past.baseline;
  return summary_of(view);
}

base::Result<Items> items_of(pipeline::Past& past, const pipeline::PastView& view,
                             const Filter& filter, base::Instant at) {
  const bool is_owed = !filter.state || *filter.state == model::VerdictState::kViolating ||
                       *filter.state == model::VerdictState::kUndetermined ||
                       *filter.state == model::VerdictState::kWaived;
  return is_owed ? Page(past, view, filter, at).run() : Items{};
}

ElementAnswer element_of(const pipeline::PastElement& past, base::Instant at) {
  ElementAnswer out = answer_of(*past.registry, past.element);
  out.agency = past.agency;
  for (const pipeline::PastPair& pair : past.pairs) {
    out.verdicts.push_back(item_of(pair, *past.book->schema, at));
  }
  return out;
}

Summary summary_of(const pipeline::View& view) {
  Summary out;
  out.now = view.now;
  out.clock = pipeline::name_of(view.clock);
  out.trouble = view.trouble;
  out.baseline = view.baseline;
  out.events = view.store.log_events;
  out.set_aside = view.store.log_quarantined;
  out.elements = view.engine.registry.elements;
  out.stubs = view.engine.registry.stubs;
  out.verdicts = view.engine.pairs;
  out.pending = view.engine.backlog;
  out.pack = view.book->schema->pack;
  out.pack_version = view.book->schema->version;
  for (const auto& [code, domains] : view.tallies->agencies) {
    out.agencies.push_back(owing_of(view, code, domains));
    out.tally += out.agencies.back().tally;
  }
  std::ranges::stable_sort(out.agencies, [](const Owing& a, const Owing& b) {
    return weight_of(a.tally) > weight_of(b.tally);
  });
  out.score = model::score(out.tally);
  out.coverage = model::coverage(out.tally);
  add_year_end(view, out);
  return out;
}

Items items_of(const engine::Engine& engine, const Filter& filter) {
  std::vector<Item> all;
  if (!filter.agency.empty()) {
    add_owed(engine, filter.agency, filter, all);
  } else {
    for (const auto& [code, domains] : engine.tallies().agencies) {
      add_owed(engine, code, filter, all);
    }
    std::ranges::stable_sort(all,
                             [](const Item& a, const Item& b) { return a.severity > b.severity; });
  }
  Items out;
  const std::size_t begin = std::min(filter.skip, all.size());
  const std::size_t end = std::min(begin + filter.limit, all.size());
  out.more = end < all.size();
  out.items.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(begin)),
                   std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
  return out;
}

std::optional<ElementAnswer> element_of(const engine::Engine& engine, std::string_view kind,
                                        std::string_view id) {
  const auto element = find(engine, kind, id);
  if (!element) return std::nullopt;
  const registry::Registry& registry = engine.registry();
  ElementAnswer out = answer_of(registry, *element);
  add_referrers(engine, *element, out);
  for (const engine::Verdict& verdict : engine.verdicts_of(*element)) {
    out.verdicts.push_back(item_of(engine, verdict));
  }
  return out;
}

std::optional<VerdictAnswer> verdict_of(const engine::Engine& engine, std::string_view rule_id,
                                        std::string_view kind, std::string_view id) {
  const rulebook::Rule* const rule = engine.book().rule(rule_id);
  const auto element = find(engine, kind, id);
  if (rule == nullptr || !element) return std::nullopt;
  auto why = engine.explain(rule->number, *element);
  if (!why) return std::nullopt;
  VerdictAnswer out;
  out.item = item_of(engine, why->verdict);
  out.item.reason = why->reason;
  out.item.message_id = why->message_id;
  out.item.message_en = why->message_en;
  out.facts = std::move(why->facts);
  out.steps = std::move(why->steps);
  out.decided = std::move(why->decided);
  out.lines = std::move(why->lines);
  out.reason_told = std::move(why->reason_told);
  out.smallest_change = std::move(why->smallest_change);
  out.next_change = why->next_change;
  out.basis = rule->basis;
  out.indicators = rule->indicators;
  out.owner = rule->owner;
  out.confirmed_by = rule->confirmed_by;
  out.mode = rulebook::name_of(rule->mode);
  out.when = text_of(rule->when);
  out.require = text_of(rule->require);
  return out;
}

}  // namespace patuh::api
