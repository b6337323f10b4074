// engine: deterministic step(record) -> transitions. It owns the registry, every verdict and every
// alert state, notes what each evaluation read, and judges again exactly the pairs that read what
// changed; a timer structure wakes exactly the pairs whose instant has come, each at its own
// instant.
//
// A pair is judged by nothing but the rulebook, the registry and an instant. The order of
// everything is fixed: what falls due runs before the event that passes it, by instant, then rule
// id, then element; an event's pairs are judged by rule id, then element. Verdicts are not read by
// rules, so nothing cascades.
//
// A change that very many pairs read is judged in slices. The pairs of the newest record come
// first, so that no change waits behind another's crowd; then a slice of those put off before, in
// the order in which they were. Until its turn a pair keeps the verdict that stood, marked pending;
// it turns at the instant of the record in which it is judged, and names the change that made it
// wait as its cause. What happens to an element brings forward what waits of its own pairs.
//
// What it decides beside the rules themselves:
// - A pair's first judgement, when compliant, is no transition; neither is its end then, when
//   nothing was ever told of it. A first judgement of not applicable is none either.
// - The underlying violation starts when the pair is first violating (or waived), and goes on
//   through gaps in which it is undetermined; it ends with compliant, not applicable, removal,
//   withdrawal or another occurrence. Due is its start + grace.
// - A waiver stands while its status is the granted one, its time has come and is not over, and its
//   condition, if it has one, is false. A condition that is true, cannot be decided or cannot be
//   read voids it. `until` of type deadline still counts itself, of any other type no longer.
// - A source is heard with every event but a duplicate. Its element comes into being with the
//   agency of the event's element. (Its own removal, sent by itself, does not bring it back.)
// - A derived attribute that is evaluated on reading is absent when its own element lacks what it
//   needs; what another element lacks stays an error, with that origin.
// - An alert's words, agency and severity are those of the moment it fired, also when resolved.
//
// No clock, no randomness, no I/O, no store: time is an input, the state is a function of the
// records given. Two engines given the same records answer the same bytes.
//
//   Engine engine(book, {});
//   StepResult r = engine.apply(now, event);      // first wakes all that fell due up to now
//   for (const model::Transition& t : r.transitions) …
//
// Ownership: owns all it holds; results are values. Threads: one (the engine thread).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts.h"
#include "base/base.h"
#include "model/model.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

struct Options {
  registry::Options registry;
  std::uint64_t budget = 100'000;       // cost units of one evaluation
  std::size_t evidence_facts_max = 16;  // facts kept with a transition
  // So many pairs that a record's change concerns are judged with it; the others are put off, and
  // after every record so many of those that were put off are judged. State follows from it: an
  // engine that plays a log again needs the same.
  std::size_t slice = 1000;
};

// A pair that another agency owes since this step, or whose agency has another code since, as it
// stands; whether its verdict turned is not said here. Of pairs that are open, or turned within the
// step: others stand in no agency's list.
struct Restated {
  std::string before, agency;  // codes
  std::string rule;
  model::ElementKey element;
  model::VerdictState state = model::VerdictState::kNotApplicable;
  base::Instant since{};
  base::Instant started = base::kNever;  // of the underlying violation; kNever: there is none
  std::string occurrence;
};

struct StepResult {
  registry::Outcome outcome = registry::Outcome::kApplied;  // of apply()
  std::string message;                                      // of an outcome that sets aside
  std::vector<model::Transition> transitions;               // in order; empty when nothing changed
  std::vector<alerts::Notice> notices;                      // firing and resolved, in order
  std::vector<Restated> restated;                           // after the transitions
  std::uint32_t unknown_attributes = 0;
};

// Where the memory of the verdicts is, counted; what is taken beyond need is included.
struct Bytes {
  std::uint64_t pairs = 0;     // and the rows they lie in
  std::uint64_t episodes = 0;  // what violating pairs keep beside
  std::uint64_t timers = 0;
  std::uint64_t reads = 0;  // elsewhere than in the own element
  std::uint64_t others = 0;
  std::uint64_t sum() const { return pairs + episodes + timers + reads + others; }
};

struct Stats {
  std::uint64_t judgements = 0;  // evaluations of a pair since start
  std::uint64_t wakes = 0;       // of those, by time
  std::uint64_t pairs = 0;       // pairs with an applicable verdict now
  std::uint64_t timers = 0;      // waiting wake-ups
  std::uint64_t reads = 0;       // noted (key, pair) entries
  Bytes bytes;
  std::uint64_t backlog = 0;                   // pairs put off that wait to be judged
  base::Instant backlog_since = base::kNever;  // the oldest change that one of them waits for
  registry::Stats registry;
};

// A pair's verdict as it stands.
struct Verdict {
  model::RuleId rule;
  model::ElementRef element;
  model::VerdictState state = model::VerdictState::kNotApplicable;
  base::Instant since{};
  base::Instant due = base::kNever;  // start of the underlying violation + grace; kNever: none
  alerts::Phase alert = alerts::Phase::kNone;
  std::string occurrence;
  bool pending = false;    // what it read has changed; it waits in the backlog to be judged again
  bool inherited = false;  // violating since before the baseline
};

// A sub-expression of the rule, with its place and value.
struct ExplainedStep {
  std::string part;         // "when" or "require": the expression that it is a part of
  std::uint32_t begin = 0;  // byte offsets into that expression
  std::uint32_t end = 0;
  std::string text;   // the sub-expression
  std::string value;  // as compact JSON; "error: " and why
  model::Text told;   // the value, to people
};

// The least that would have to change of the element itself, tried by judging.
struct SmallestChange {
  enum class Outcome : std::uint8_t {
    kNotNeeded,  // the verdict asks for nothing
    kFound,
    kNotFound,   // within `tries`, by the element's own attributes, and the rule reads nothing else
    kNotHere,    // likewise; the rule reads other elements, too
    kElsewhere,  // the rule reads no attribute of the element that could be changed
  };
  struct Change {
    std::string attribute;  // "status"
    std::string json;       // the value to send; null: none any more
    bool stand_in = false;  // made up: another value of the type may do as well
    model::Text told;       // to people: "Status: operasional"
  };
  Outcome outcome = Outcome::kNotNeeded;
  std::vector<Change> changes;
  std::size_t tries = 0;
  model::Text told;  // what came of the search, a sentence; empty of kNotNeeded
};
std::string_view name_of(SmallestChange::Outcome outcome);  // "not-needed", "found", …

inline constexpr std::size_t kDecidingStepsMax = 10;
inline constexpr std::size_t kExplainedStepsMax = 100;
inline constexpr std::size_t kExplainedLinesMax = 10;

struct Explanation {
  Verdict verdict;
  std::string reason;
  model::Text reason_told;             // to people; empty as `reason` is
  std::vector<model::Fact> facts;      // what was read
  std::vector<ExplainedStep> steps;    // every sub-expression, outermost first
  std::vector<ExplainedStep> decided;  // what decided, in the order in which it did
  SmallestChange smallest_change;
  base::Instant next_change = base::kNever;
  std::string message_id, message_en;  // rendered
  // All of it for a reader in a hurry: the state, the message, the reason, what decided and the
  // smallest change, in at most kExplainedLinesMax lines without controls.
  std::vector<model::Text> lines;
};

// Counts kept as verdicts change; reading them costs in proportion to agencies and rules.
struct Tallies {
  // By agency code, then domain name ("" = kinds without one); shadow rules and what is all zero
  // are left out.
  std::map<std::string, std::map<std::string, model::Tally>> agencies;
  std::map<std::string, model::Tally> rules;  // by rule id, enforced and shadow alike
};

// What of the tallies changed, as it stands now: what is all zero by now is named too.
struct TallyChanges {
  bool whole = false;  // all of them
  Tallies tallies;
};

class Engine {
 public:
  Engine(std::shared_ptr<const rulebook::RuleBook> book, Options options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Applies a change at `now` (not before the last now; asserted). Timers due up to and including
  // `now` run first, each at its own instant. A source's last-heard time becomes `now` rounded down
  // to the minute.
  StepResult apply(base::Instant now, const model::ChangeEvent& event);
  // Lets time pass to `now`.
  StepResult advance(base::Instant now);
  // Switches to another rulebook at `now`, at once; only pairs of rules that came, went or changed
  // are looked at again, a slice now, the rest with the records that follow: judged, or closed with
  // that reason. A withdrawn rule's are not listed any more; Tallies count them until they are
  // closed. Of another schema all pairs are looked at again so; where facts or ends of relations go
  // by it, or kinds come or go, elements and pairs are made anew at once, which takes long.
  StepResult activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book);

  // Draws a baseline at `now`, or lifts the one that stands. What is violating and began before it
  // is inherited to its end: counted so, its alert resolved, none fired. A violation that ends and
  // begins again is not. `now` is after the last now, so that everything so far is before it; of
  // what the backlog holds only what was violating already is.
  StepResult set_baseline(base::Instant now, bool stands);
  base::Instant baseline() const;  // Instant::min(): there is none

  base::Instant now() const;
  // The earliest instant at which advance() would do something: now while pairs are put off; kNever
  // when nothing waits.
  base::Instant next_wake() const;

  const rulebook::RuleBook& book() const;
  std::shared_ptr<const rulebook::RuleBook> shared_book() const;
  const registry::Registry& registry() const;
  // Verdicts of an element, by rule id; not-applicable pairs are left out.
  std::vector<Verdict> verdicts_of(model::ElementRef element) const;
  std::optional<Verdict> verdict(model::RuleId rule, model::ElementRef element) const;
  // Whether the pair waits in the backlog, applicable or not.
  bool is_pending(model::RuleId rule, model::ElementRef element) const;
  // Every applicable pair, ordered by rule id, then element; for tests, summaries, reports.
  void for_each_verdict(const std::function<void(const Verdict&)>& visit) const;
  // Violating, waived and undetermined pairs of an agency, shadow rules left out: most severe
  // first, then by the instant since when, rule and element.
  std::vector<Verdict> owed_by(std::string_view agency_code) const;
  Tallies tallies() const;
  // Since they were last taken; at first all of them, and after another rulebook took over.
  TallyChanges take_tally_changes();
  // Pairs that wait in the backlog, applicable or not, by agency code; agencies of which none waits
  // and withdrawn rules are left out. In proportion to agencies.
  std::map<std::string, std::uint64_t> pending() const;
  bool has_tally_changes() const;  // of an agency
  // Judges once more, and tries changes up to a bounded cost: no event waits for it long.
  std::optional<Explanation> explain(model::RuleId rule, model::ElementRef element) const;
  Stats stats() const;
  // Of the stats only these, at once.
  struct Sizes {
    std::uint64_t elements = 0, stubs = 0, pairs = 0;
  };
  Sizes sizes() const;
  // Alerts that fire now, as their notices said it; `at` is not kept.
  void for_each_firing(const std::function<void(const alerts::Notice&)>& visit) const;

  // ── Snapshots: between steps; docs/store-format.md has the bytes ──
  // A row a place (the element, its verdicts and episodes), a row a source, and a head. `packed`
  // is what spares judging everything again on loading: what each judgement read and when it can
  // turn. Only the same engine with the same rules takes it. Timers, counts and indexes follow.
  // Places and sources are the registry's: see Registry::take_touched().
  std::vector<model::ElementRef> take_touched();
  void touch(model::ElementRef place);
  void save(model::ElementRef place, std::string& row, std::string& packed) const;
  // Hints, which change nothing: the place will soon be saved. First expect_place(), some places
  // before, and by the time of expect_row() what says where its facts and pairs lie is near.
  void expect_place(model::ElementRef place) const;
  void expect_row(model::ElementRef place) const;
  void save_source(std::uint32_t source, std::uint64_t first, std::string& row) const;
  void save_head(std::string& head, std::string& packed) const;

  // Into an engine that has seen nothing, under the book that stood when the head was saved: the
  // head, rows in any order (of a source all of them, oldest first), the end. After false the
  // engine is to be thrown away. At most `rows_most` rows of places come; a head that tells of more
  // places is refused. Whether `packed` counts is told by load_head(); if not, the rows'
  // is not looked at, and load_end() judges every pair to learn what it reads; recorded verdicts
  // stand whatever comes out.
  enum class Loading : std::uint8_t { kRefused, kPortable, kPacked };
  Loading load_head(std::string_view head, std::string_view packed, std::uint64_t rows_most);
  bool load(model::ElementRef place, std::string_view row, std::string_view packed);
  bool load_source(std::string_view row);
  void load_baseline(base::Instant baseline);  // before the rows, when there is one
  bool load_end();
  // The same by two threads, which share the engine while it loads. One reads of each row the
  // facts, then sources, then that end; the other the rest of a row, which it got from the first,
  // and at last, once the first has ended, load_end().
  bool load_facts(model::ElementRef place, base::Decoder& row);
  bool load_facts_end();
  bool load_verdicts(model::ElementRef place, base::Decoder& row, std::string_view packed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::engine
