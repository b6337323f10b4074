// What people ask, answered as plain values that both JSON and pages are made from. Private to api.
#pragma once

#include "api/api.h"

namespace patuh::api {

struct Owing {
  std::string code, name;
  model::Tally tally;
  std::optional<double> score, coverage;
  bool reporting = true;
  std::uint64_t pending = 0;  // its pairs that wait to be judged again
};

struct Summary {
  base::Instant now{};
  std::string clock, trouble;
  base::Instant baseline = base::Instant::min();  // min(): none stands
  std::uint64_t events = 0, set_aside = 0;        // in the whole log
  std::uint64_t elements = 0, stubs = 0, verdicts = 0;
  std::uint64_t pending = 0;  // pairs that wait to be judged again
  model::Tally tally;
  std::optional<double> score, coverage;
  std::vector<Owing> agencies;  // who owes most first: by weighted open violations
  // Will it be finished before the year ends?
  std::size_t agencies_owing = 0;     // that owe the domains
  std::size_t agencies_complete = 0;  // of those, with elements in all of them
  std::int64_t late_milestones = 0;
  std::int64_t days_left = 0;
  std::string pack, pack_version;
};
Summary summary_of(const pipeline::View& view);
Summary summary_of(const pipeline::PastView& past, base::Instant at);

// A pair as lists show it.
struct Item {
  std::string rule, title_id, title_en, remedy_id, remedy_en, message_id, message_en;
  std::string element, element_name, agency, domain;
  model::VerdictState state = model::VerdictState::kViolating;
  model::Severity severity = model::Severity::kLow;
  base::Instant since{}, due = base::kNever;
  bool overdue = false;
  bool inherited = false;  // violating since before the baseline: it has no alert
  bool pending = false;    // waits to be judged again: the state is the one that stood
  std::string occurrence, reason;
};
// Where a page ends among what agencies owe by one rule: the next goes on there without a look at
// the agencies before it.
struct Reached {
  std::string agency;
  std::size_t passed = 0;  // of its pairs
};
struct Filter {
  std::string agency, rule, domain;
  std::optional<model::Severity> severity;
  std::optional<model::VerdictState> state;
  std::size_t skip = 0, limit = 100;
  std::optional<Reached> from{};  // skip passes by what came before it, and nothing else
};
struct Items {
  std::vector<Item> items;
  bool more = false;
  std::optional<Reached> reached{};
};
// Open pairs, most severe first. On the engine's thread.
Items items_of(const engine::Engine& engine, const Filter& filter);

struct ElementAnswer {
  std::string kind, id, name, agency;
  bool stub = false;
  base::Instant changed_at{};
  struct Value {
    std::string field, title_id, title_en, json, writer;
  };
  std::vector<Value> values;
  std::vector<std::pair<std::string, std::vector<std::string>>> relations;  // field, kind/id …
  std::vector<std::pair<std::string, std::vector<std::string>>> referrers;  // "kind.relation"
  std::vector<std::string> removed;  // of the ends in `relations`: those that are there no more
  std::vector<std::pair<std::string, std::string>> unknown;  // name, JSON
  std::vector<Item> verdicts;
};
std::optional<ElementAnswer> element_of(const engine::Engine& engine, std::string_view kind,
                                        std::string_view id);
// Without its referrers, which the past does not name.
ElementAnswer element_of(const pipeline::PastElement& past, base::Instant at);

// Open pairs as of `at`, in the same order.
base::Result<Items> items_of(pipeline::Past& past, const pipeline::PastView& view,
                             const Filter& filter, base::Instant at);

struct VerdictAnswer {
  Item item;
  std::vector<model::Fact> facts;
  std::vector<engine::ExplainedStep> steps, decided;
  std::vector<model::Text> lines;
  model::Text reason_told;
  engine::SmallestChange smallest_change;
  base::Instant next_change = base::kNever;
  std::vector<rulebook::Basis> basis;
  std::vector<std::string> indicators;
  std::string owner, confirmed_by, mode, when, require;
};
std::optional<VerdictAnswer> verdict_of(const engine::Engine& engine, std::string_view rule,
                                        std::string_view kind, std::string_view id);

}  // namespace patuh::api
