// The plain truth beside the engine: every (rule, element) judged from scratch, over the registry
// as it stands, at every instant at which anything could turn. It shares with the engine the
// language and the registry's plain reading of fields and relations, and nothing of what makes the
// engine quick: no keys, no indexes (sets are found by looking at every element), no timers, no
// counts kept.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "naive_world.h"

namespace patuh::engine::naive {

// What is known of a pair.
struct Pair {
  model::VerdictState state = model::VerdictState::kNotApplicable;
  base::Instant since{};
  bool judged = false;
  bool recorded = false;  // a transition told of it
  base::Instant violating_since = base::kNever;
  std::string occurrence;
  std::string reason;
  alerts::Phase phase = alerts::Phase::kNone;
  base::Instant started = base::kNever;  // of the alert
  base::Instant due = base::kNever;
  std::string fired;  // the key it fired under; repeated when resolved
};
// A condition under held_for() in a rule: cut out of its text and compiled by itself.
struct HeldCondition {
  std::string text;
  expr::Program program;
};
using PairName = std::pair<std::string, std::string>;  // rule, kind/id

class Evaluator {
 public:
  // `spans` are the durations that expressions and graces of the book add to or take from instants.
  Evaluator(std::shared_ptr<const rulebook::RuleBook> book, std::set<base::Duration> spans);

  // Lets time pass over a registry in which nothing changes.
  void pass(const registry::Registry& registry, base::Instant to);
  // Looks at everything at one instant.
  void look(const registry::Registry& registry, base::Instant now);
  // Another book takes over; look() follows.
  void activate(std::shared_ptr<const rulebook::RuleBook> book, std::set<base::Duration> spans,
                base::Instant now);

  const std::map<PairName, Pair>& pairs() const { return pairs_; }
  const rulebook::Rule& rule(const std::string& id) const { return *book_->rule(id); }
  // Since the last call, one line each.
  std::vector<std::string> take_transitions() { return std::exchange(transitions_, {}); }
  std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }
  // What the judging of each pair asks at this instant; of waivers nothing.
  std::map<PairName, ReadFacts> reads(const registry::Registry& registry, base::Instant now) const;
  Tallies tallies(const registry::Registry& registry, base::Instant now) const;

 private:
  void remember(const registry::Registry& registry, base::Instant now);
  void look_at_held(const registry::Registry& registry, base::Instant now);
  std::vector<base::Instant> since_of(const PairName& name) const;
  std::vector<base::Instant> since_of(const PairName& name,
                                      const std::vector<std::string>& texts) const;
  std::set<base::Instant> candidates(const registry::Registry& registry, base::Instant to) const;
  void settle(const PairName& name, Pair& pair, const Pair& found, base::Instant now);
  void close(const PairName& name, Pair& pair, model::Closing closing, base::Instant now);
  void alert(const PairName& name, Pair& pair, const rulebook::Rule& rule, base::Instant now);
  void resolve(Pair& pair, base::Instant now);
  void tell(const PairName& name, const Pair& from, const Pair& to, model::Closing closing,
            base::Instant now);

  std::shared_ptr<const rulebook::RuleBook> book_;
  std::set<base::Duration> spans_;
  base::Instant now_ = base::Instant::min();
  std::map<PairName, Pair> pairs_;
  std::set<std::string> asked_;       // names of attributes whose past some expression asks for
  std::map<std::string, Past> past_;  // by fact_of()
  std::map<std::string, std::vector<HeldCondition>> held_;  // by rule id
  // Since when which condition of which pair is true; what is not is not there.
  std::map<std::pair<PairName, std::string>, base::Instant> held_since_;
  std::unique_ptr<expr::Arena> kept_ = std::make_unique<expr::Arena>();
  std::vector<std::string> transitions_;
  std::vector<std::string> notices_;
};

// The same lines of what the engine told.
std::string line_of(const model::Transition& transition);
std::string line_of(const alerts::Notice& notice);

}  // namespace patuh::engine::naive
