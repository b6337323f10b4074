// Since when the conditions under held_for() are true without a break. Private to engine.
//
// Each is a hidden part of its rule: whenever a pair is judged, all of its rule's conditions are
// looked at, whether or not the whole reaches them, and what they read belongs to the pair. A
// condition holds from the first look at which it is true to the first at which it is not; null
// and errors are not true. Looks happen at the instants of records and at those at which a
// comparison with `now` turns, so that all of it follows from the log.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/pair.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

class Runs {
 public:
  explicit Runs(const rulebook::RuleBook& book);

  // How many conditions the rule has: those of `when`, then those of `require`.
  std::size_t conditions(model::RuleId rule) const { return conditions_[rule.value]; }
  // By condition; kNever: it does not hold. Lives until the next change of any.
  std::span<const base::Instant> since(const PairRef& pair) const;
  // A look at one of them.
  void look(const PairRef& pair, std::size_t condition, bool is_true, base::Instant at);
  // Nothing is known of the pair any more.
  void end(const PairRef& pair);
  // How often look() changed something.
  std::uint64_t changes() const { return changes_; }

  // All go on under another book, in which these rules have the same numbers and judge alike.
  void take_over(Runs& before, const std::vector<bool>& alike);
  // The pair goes on under another book, in which its rule judges alike.
  void take_over(Runs& before, const PairRef& from, const PairRef& to);

  // Of the conditions that a pair has, nothing for most.
  void save(const PairRef& pair, base::Encoder& out) const;
  bool load(const PairRef& pair, base::Decoder& in);
  std::uint64_t bytes() const;

 private:
  static std::uint64_t place(const PairRef& pair) {
    return (std::uint64_t{pair.rule.value} << 32U) | pair.element.value;
  }

  std::vector<std::uint16_t> conditions_;                                // by RuleId
  std::vector<base::Instant> none_;                                      // as many as any rule has
  std::unordered_map<std::uint64_t, std::vector<base::Instant>> since_;  // one of them holds
  std::uint64_t changes_ = 0;
};

}  // namespace patuh::engine
