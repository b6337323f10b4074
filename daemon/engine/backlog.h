// Pairs that one change left to be judged later, in slices. Private to engine.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/pair.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

struct Moment;

// First in, first out. What a pair waits for is kept with it: the change that made it wait is what
// its transition names as its cause. A pair that was judged meanwhile for another reason, or whose
// element went, leaves its entry behind; whoever takes it out asks the pair.
class Backlog {
 public:
  struct Cause {
    base::Instant at{};  // of the change
    std::string source, id, type;
  };

  // Pairs of one change come one after another.
  void add(const PairRef& pair, const Moment& moment);
  bool empty() const { return entries_.empty(); }
  std::uint64_t size() const { return entries_.size(); }
  // The instant of the oldest change that some pair waits for; kNever: none.
  base::Instant since() const { return entries_.empty() ? base::kNever : causes_.front().at; }
  const PairRef& next() const { return entries_.front(); }  // not empty
  const Cause& cause() const { return causes_.front(); }    // of next()
  void pop();
  // Under another rulebook rules have other numbers; pairs of those that are gone leave.
  void renumber(std::span<const std::optional<model::RuleId>> numbers);
  std::uint64_t bytes() const;

  // Rules by their ids, so that another numbering can read it. `is_live` says which pairs still
  // wait; `live` gets them back.
  void save(const rulebook::RuleBook& book, base::Encoder& out,
            const std::function<bool(const PairRef&)>& is_live) const;
  bool load(const rulebook::RuleBook& book, base::Decoder& in, std::vector<PairRef>& live);

 private:
  struct Counted : Cause {
    std::uint64_t count = 0;  // entries of it
  };
  std::deque<PairRef> entries_;
  std::deque<Counted> causes_;
};

}  // namespace patuh::engine
