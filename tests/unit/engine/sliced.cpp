#include "sliced.h"

#include <map>
#include <memory>
#include <set>

#include "lines.h"
#include "random_events.h"
#include "random_pack.h"
#include "side_by_side.h"
#include "snapshots.h"

namespace patuh::engine::naive {
namespace {

using model::VerdictState;
using States = std::map<std::string, VerdictState>;  // by rule and element

States states_of(const Engine& engine) {
  States out;
  engine.for_each_verdict([&](const Verdict& one) {
    out[engine.book().rules[one.rule.value].id + " " +
        engine.registry().key_of(one.element).text()] = one.state;
  });
  return out;
}

std::string pending_otherwise(const Engine& engine) {
  std::map<std::string, std::uint64_t> waiting;
  for (const rulebook::Rule& rule : engine.book().rules) {
    engine.registry().for_each(rule.kind, [&](model::ElementRef element) {
      if (engine.is_pending(rule.number, element)) {
        ++waiting[std::string(engine.registry().agency_code(element))];
      }
    });
  }
  return waiting == engine.pending() ? "" : "another number of pairs waits than is told\n";
}

std::set<std::string> pending_of(const Engine& engine) {
  std::set<std::string> out;
  for (const rulebook::Rule& rule : engine.book().rules) {
    engine.registry().for_each(rule.kind, [&](model::ElementRef element) {
      if (engine.is_pending(rule.number, element)) {
        out.insert(rule.id + " " + engine.registry().key_of(element).text());
      }
    });
  }
  return out;
}

// What two engines say of all pairs that do not wait in the first.
std::string difference(const Engine& sliced, const Engine& whole) {
  States left = states_of(sliced);
  States right = states_of(whole);
  for (const std::string& pair : pending_of(sliced)) {
    left.erase(pair);
    right.erase(pair);
  }
  std::string out;
  for (const auto& [pair, state] : left) {
    if (!right.contains(pair) || right.at(pair) != state) out += "only sliced: " + pair + "\n";
  }
  for (const auto& [pair, state] : right) {
    if (!left.contains(pair) || left.at(pair) != state) out += "only whole: " + pair + "\n";
  }
  return out;
}

// The verdicts that the transitions alone tell of.
class Told {
 public:
  std::string add(const StepResult& step) {
    std::string out;
    for (const model::Transition& one : step.transitions) {
      const std::string pair = one.rule + " " + one.element.text();
      const auto known = states_.find(pair);
      // A first verdict of compliant is not told.
      const bool follows = known == states_.end() ? one.from == VerdictState::kNotApplicable ||
                                                        one.from == VerdictState::kCompliant
                                                  : one.from == known->second;
      if (!follows) out += "does not follow: " + line_of(one) + "\n";
      states_[pair] = one.to;
      // It may end without a word then, and come to a first verdict again.
      if (one.to == VerdictState::kNotApplicable) states_.erase(pair);
    }
    return out;
  }
  // Whether it comes to what the engine holds, which must not wait for anything.
  std::string compare(const Engine& engine) const {
    std::string out;
    States held = states_of(engine);
    for (const auto& [pair, state] : states_) {
      const auto found = held.find(pair);
      const VerdictState is = found == held.end() ? VerdictState::kNotApplicable : found->second;
      if (is != state)
        out += "told otherwise: " + pair + " " + std::string(model::name_of(state)) + "\n";
    }
    for (const auto& [pair, state] : held) {
      if (!states_.contains(pair) && state != VerdictState::kCompliant) {
        out += "never told: " + pair + "\n";
      }
    }
    return out;
  }

 private:
  States states_;
};

// What is overdue depends on when it was found, which comes later in slices.
std::string counts_of(const Tallies& tallies) {
  std::string out;
  const auto add = [&](const std::string& of, const model::Tally& tally) {
    out += of;
    for (const auto* counts : {&tally.compliant, &tally.violating, &tally.undetermined}) {
      for (const std::int64_t count : *counts) out += " " + std::to_string(count);
    }
    out += "\n";
  };
  for (const auto& [rule, tally] : tallies.rules) add(rule, tally);
  for (const auto& [agency, domains] : tallies.agencies) {
    for (const auto& [domain, tally] : domains) add(agency + "/" + domain, tally);
  }
  return out;
}

std::string overdue_otherwise(const Engine& engine) {
  std::map<std::string, std::int64_t> overdue;
  engine.for_each_verdict([&](const Verdict& one) {
    const bool is_overdue = one.state == VerdictState::kViolating && one.due <= engine.now();
    overdue[engine.book().rules[one.rule.value].id] += is_overdue ? 1 : 0;
  });
  std::string out;
  for (const auto& [rule, tally] : engine.tallies().rules) {
    if (model::total(tally.overdue) != overdue[rule]) out += "overdue otherwise: " + rule + "\n";
  }
  return out;
}

class Sliced {
 public:
  Sliced(Dice& dice, int steps)
      : dice_(dice),
        // What waits to be judged is looked at later, so what it asks to have held began later.
        pack_(dice, false),
        events_(dice, pack_),
        cut_(static_cast<int>(dice.below(static_cast<std::size_t>(steps)))) {
    options_.registry.duplicate_window = 5;
    options_.registry.tombstone_age = std::chrono::hours(24 * 40);
    options_.slice = 1 + dice.below(2);
    both_ = std::make_unique<SideBySide>(pack_.load(), spans());
    engine_ = std::make_unique<Engine>(pack_.load(), options_);
  }

  SlicedEnd run(int steps) {
    SlicedEnd out;
    while (out.step < steps && out.wrong.empty()) {
      out.wrong = step(out.step++);
      out.waited += pending_of(*engine_).size();
    }
    if (!out.wrong.empty()) return out;
    while (engine_->stats().backlog > 0) out.wrong += told_.add(engine_->advance(now_));
    out.wrong += difference(*engine_, both_->engine()) + told_.compare(*engine_) +
                 overdue_otherwise(*engine_);
    if (!pending_of(*engine_).empty()) out.wrong += "something waits without a backlog\n";
    if (counts_of(engine_->tallies()) != counts_of(both_->engine().tallies())) {
      out.wrong += "other counts:\n" + counts_of(engine_->tallies()) + "and\n" +
                   counts_of(both_->engine().tallies());
    }
    return out;
  }

 private:
  std::string step(int number) {
    if (dice_.percent(30)) snapshot_.take(*engine_, dice_.below(6));
    if (number == cut_) {
      if (auto wrong = restart(); !wrong.empty()) return wrong;
    }
    now_ += std::chrono::minutes(dice_.between(0, 3000));
    StepResult one;
    StepResult other;
    std::string wrong;
    if (dice_.percent(8)) {
      pack_.change();
      const auto book = pack_.load();
      events_.forget();
      wrong = both_->activate(now_, book, spans());
      one = engine_->activate(now_, book);
      if (loaded_ != nullptr) other = loaded_->activate(now_, book);
    } else {
      const model::ChangeEvent event = events_.next(both_->engine().book(), now_);
      wrong = both_->apply(now_, event);
      one = engine_->apply(now_, event);
      if (loaded_ != nullptr) other = loaded_->apply(now_, event);
    }
    wrong += told_.add(one) + difference(*engine_, both_->engine()) + pending_otherwise(*engine_);
    if (loaded_ != nullptr && text_of(one) != text_of(other)) {
      wrong += "after a restart:\n" + text_of(other) + "and without:\n" + text_of(one);
    }
    return wrong;
  }

  // From here on it goes on twice.
  std::string restart() {
    snapshot_.take(*engine_, SIZE_MAX);
    snapshot_.take_sources(*engine_);
    // A rule that reads more than pairs have bits for may be judged once too often, which takes
    // from a slice; how often follows from the order of its readings, which only what is packed
    // brings.
    const bool is_wide = engine_->book().rule("LEBAR") != nullptr;
    loaded_ = load(snapshot_, *engine_, options_, is_wide || dice_.percent(50));
    if (loaded_ == nullptr) return "the snapshot is refused\n";
    if (head_of(*loaded_) != head_of(*engine_)) return "the snapshot has another head\n";
    const Rows rows = all_rows(*loaded_);
    for (const auto& [place, row] : all_rows(*engine_)) {
      if (rows.at(place).first != row.first) return "a change was not touched\n";
    }
    return {};
  }

  Dice& dice_;
  RandomPack pack_;
  RandomEvents events_;
  int cut_;
  Options options_;
  std::unique_ptr<SideBySide> both_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Engine> loaded_;
  Snapshot snapshot_;
  Told told_;
  base::Instant now_ = kBeginning;
};

}  // namespace

SlicedEnd run_sliced(Dice& dice, int steps) { return Sliced(dice, steps).run(steps); }

}  // namespace patuh::engine::naive
