#include "side_by_side.h"

#include <algorithm>
#include <sstream>

namespace patuh::engine::naive {

namespace {

std::string instant(base::Instant at) {
  return at == base::kNever ? "never" : base::to_rfc3339(at);
}

std::string text_of(const Pair& pair) {
  return std::string(model::name_of(pair.state)) + " since " + instant(pair.since) + " violating " +
         instant(pair.violating_since) + " '" + pair.occurrence + "' " +
         std::string(alerts::name_of(pair.phase));
}

// Lines that one has and the other has not.
std::string difference(std::vector<std::string> engine, std::vector<std::string> naive) {
  std::ranges::sort(engine);
  std::ranges::sort(naive);
  std::vector<std::string> only_engine;
  std::vector<std::string> only_naive;
  std::ranges::set_difference(engine, naive, std::back_inserter(only_engine));
  std::ranges::set_difference(naive, engine, std::back_inserter(only_naive));
  std::string out;
  for (const std::string& line : only_engine) out += "  only the engine: " + line + "\n";
  for (const std::string& line : only_naive) out += "  only the truth:  " + line + "\n";
  return out;
}

std::string lines_of(const model::Tally& tally) {
  std::ostringstream out;
  const auto row = [&](const char* name, const std::array<std::int64_t, 4>& counts) {
    out << " " << name;
    for (const std::int64_t count : counts) out << "," << count;
  };
  row("compliant", tally.compliant);
  row("violating", tally.violating);
  row("undetermined", tally.undetermined);
  row("waived", tally.waived);
  row("overdue", tally.overdue);
  return out.str();
}

std::vector<std::string> lines_of(const Tallies& tallies) {
  std::vector<std::string> out;
  for (const auto& [agency, domains] : tallies.agencies) {
    for (const auto& [domain, tally] : domains) {
      out.push_back("tally " + agency + "/" + domain + lines_of(tally));
    }
  }
  for (const auto& [rule, tally] : tallies.rules) {
    out.push_back("tally " + rule + lines_of(tally));
  }
  return out;
}

// So small that histories of a few dozen steps reach their ends.
Options small_options() {
  Options options;
  options.registry.duplicate_window = 5;
  options.registry.tombstone_age = std::chrono::hours(24 * 40);
  return options;
}

}  // namespace

SideBySide::SideBySide(std::shared_ptr<const rulebook::RuleBook> book,
                       std::set<base::Duration> spans)
    : engine_(book, small_options()), naive_(book, std::move(spans)) {}

std::string SideBySide::apply(base::Instant now, const model::ChangeEvent& event) {
  naive_.pass(engine_.registry(), now);
  const std::uint64_t before = engine_.stats().judgements;
  StepResult result = engine_.apply(now, event);
  naive_.look(engine_.registry(), now);
  return compare(std::move(result), before);
}

std::string SideBySide::advance(base::Instant now) {
  naive_.pass(engine_.registry(), now);
  const std::uint64_t before = engine_.stats().judgements;
  StepResult result = engine_.advance(now);
  naive_.look(engine_.registry(), now);
  return compare(std::move(result), before);
}

std::string SideBySide::activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book,
                                 std::set<base::Duration> spans) {
  naive_.pass(engine_.registry(), now);
  const std::uint64_t before = engine_.stats().judgements;
  StepResult result = engine_.activate(now, book);
  naive_.activate(std::move(book), std::move(spans), now);
  naive_.look(engine_.registry(), now);
  return compare(std::move(result), before);
}

std::string SideBySide::compare(StepResult result, std::uint64_t judgements_before) {
  judged_ = engine_.stats().judgements - judgements_before;
  result_ = std::move(result);
  std::vector<std::string> transitions;
  std::vector<std::string> notices;
  for (const model::Transition& one : result_.transitions) transitions.push_back(line_of(one));
  for (const alerts::Notice& one : result_.notices) notices.push_back(line_of(one));
  told_ = transitions;
  told_.insert(told_.end(), notices.begin(), notices.end());
  return compare_verdicts() + difference(transitions, naive_.take_transitions()) +
         difference(notices, naive_.take_notices()) + compare_tallies();
}

std::string SideBySide::compare_verdicts() {
  std::vector<std::string> engine;
  std::vector<std::string> naive;
  engine_.for_each_verdict([&](const Verdict& v) {
    const rulebook::Rule& rule = engine_.book().rules[v.rule.value];
    Pair pair{.state = v.state,
              .since = v.since,
              .occurrence = v.occurrence,
              .reason = {},
              .phase = v.alert,
              .fired = {}};
    pair.violating_since = v.due == base::kNever ? base::kNever : v.due - rule.grace;
    engine.push_back(rule.id + " " + engine_.registry().key_of(v.element).text() + " " +
                     text_of(pair));
    const auto explained = engine_.explain(v.rule, v.element);
    engine.back() += " " + explained->reason;
  });
  for (const auto& [name, pair] : naive_.pairs()) {
    if (pair.state == model::VerdictState::kNotApplicable) continue;
    naive.push_back(name.first + " " + name.second + " " + text_of(pair) + " " + pair.reason);
  }
  compared_ += naive.size();
  return difference(std::move(engine), std::move(naive));
}

std::string SideBySide::compare_tallies() {
  return difference(lines_of(engine_.tallies()),
                    lines_of(naive_.tallies(engine_.registry(), engine_.now())));
}

}  // namespace patuh::engine::naive
