// The verdict of one pair: a pure function of the rulebook, the registry and an instant. Private to
// engine.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/pair.h"
#include "engine/runs.h"
#include "engine/seats.h"
#include "engine/world.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

struct Judgement {
  model::VerdictState state = model::VerdictState::kNotApplicable;
  // Of a verdict that no true or false decided: the error, or the null, that did. Lives until the
  // next judgement.
  expr::Value why;
  bool undecided = false;  // `why` counts
  std::string occurrence;  // of a violation, also a waived one, under a rule that declares it
  base::Instant next_change = base::kNever;  // earliest time at which another answer is possible

  // Where the missing value came from that kept it from being decided.
  std::optional<expr::Origin> missing() const;
};

// Compiles the conditions of waivers, each once: they are written in events.
class WaiverConditions {
 public:
  explicit WaiverConditions(const rulebook::RuleBook& book) : book_(book) {}
  // Null when the text is no condition on an element of this kind.
  const expr::Program* find(model::KindId kind, std::string_view text);

 private:
  static constexpr std::size_t kMost = 10'000;  // then it begins anew
  const rulebook::RuleBook& book_;
  std::map<model::KindId, expr::Environment> environments_;
  std::map<std::pair<model::KindId, std::string>, std::optional<expr::Program>> programs_;
};

class Judge {
 public:
  // All must outlive it.
  struct Beside {
    const registry::Registry& registry;
    const Seats& seats;
    SelfReads& self_reads;
    Runs& runs;
  };
  struct Limits {
    std::uint64_t budget;   // of one evaluation
    std::size_t facts_max;  // of evidence
  };
  Judge(const rulebook::RuleBook& book, const Beside& beside, const Limits& limits);

  // Judges and notes what was read: world().finish() and world().self_reads() tell. Looks at the
  // conditions under held_for(), which makes them hold or ends that.
  Judgement judge(const PairRef& pair, base::Instant now);
  // The same, but for what holds, which stays.
  Judgement learn(const PairRef& pair, base::Instant now);
  // The same answer without noting; keeps the values read, and the steps of the program that
  // decided, when asked to. `traced` tells which program the steps belong to.
  struct Closer {
    FactList* facts = nullptr;
    std::vector<expr::TraceStep>* steps = nullptr;
    const expr::Program* traced = nullptr;
  };
  Judgement look_closer(const PairRef& pair, base::Instant now, Closer& closer);
  // What the last judge(), which was of this pair and instant, read.
  std::vector<model::Fact> evidence(const PairRef& pair, base::Instant now);
  // "missing: x", an error's text, or empty.
  std::string reason(const PairRef& pair, const Judgement& judgement) const;
  // Whether the pair would be compliant in this world, which notes nothing. Takes what it costs
  // from `budget`; false when that does not last.
  bool would_comply(const PairRef& pair, base::Instant now, rulebook::World& world,
                    std::uint64_t& budget);
  // Evaluates a program over the pair's element, outside of any judgement: for messages.
  expr::Value evaluate(const PairRef& pair, const expr::Program& program, base::Instant now);
  RegistryWorld& world() { return world_; }
  // Not withdrawn.
  const rulebook::Rule& rule_of(const PairRef& pair) const { return *seats_.rule(pair.seat); }

 private:
  enum class Held : std::uint8_t { kStays, kFollows };
  Judgement decide(const PairRef& pair, base::Instant now, Held held, Closer* closer);
  void look_at_held(const PairRef& pair, base::Instant now, Held held, Judgement& judgement);
  void look_at_held(const expr::Program& program, std::size_t number, std::size_t first,
                    const PairRef& pair, base::Instant now, Held held, Judgement& judgement);
  std::vector<base::Instant> would_hold(const PairRef& pair, base::Instant now,
                                        rulebook::World& world, std::uint64_t budget);
  void keep_held(const PairRef& pair, FactList* facts) const;
  expr::Value run(const expr::Program& program, base::Instant now, Judgement& judgement,
                  Closer* closer, std::span<const base::Instant> held_since = {});
  bool is_in_effect(const rulebook::Rule& rule, base::Instant now, Judgement& judgement) const;
  model::VerdictState unmet(const PairRef& pair, const expr::Value& require) const;
  bool is_waived(const rulebook::Rule& rule, base::Instant now, Judgement& judgement);
  bool stands(const expr::Value& waiver, const rulebook::Rule& rule, expr::Context& context,
              Judgement& judgement);
  bool is_within(const expr::Value& waiver, expr::Context& context);
  expr::Value read(const expr::Value& object, model::FieldId field, expr::Context& context);
  std::string occurrence(const rulebook::Rule& rule, base::Instant now, Judgement& judgement);

  const rulebook::RuleBook& book_;
  const registry::Registry& registry_;
  const Seats& seats_;
  RegistryWorld world_;
  Runs& runs_;
  WaiverConditions conditions_;
  expr::Arena arena_;
  std::uint64_t budget_;
  FactList facts_;
  expr::Value self_;
};

}  // namespace patuh::engine
