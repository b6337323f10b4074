// Where the pairs live: for each element the pairs of its kind's rules, side by side. Private to
// engine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alerts/alerts.h"
#include "engine/pair.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

// Of a notice that went out: what must be repeated word for word when it is resolved, and could not
// be said again then.
struct Sent {
  std::string agency;
  std::string occurrence;
  model::Severity severity = model::Severity::kLow;
  std::string summary_id, summary_en;
};

// From the beginning of what a pair owes to its end: the underlying violation (also while waived,
// and through gaps in which it is undetermined) and the alert.
struct Episode {
  base::Instant violating_since = base::kNever;
  alerts::State alert;
  std::string occurrence;
  std::string cause;           // of its first verdict: an event's id, "time" or "pack"
  std::unique_ptr<Sent> sent;  // while firing
};

struct Extra {
  std::uint32_t timer = kNone;
  base::Instant next_judgement = base::kNever;  // earliest time at which the verdict can turn
  std::unique_ptr<Episode> episode;
  bool is_empty() const {
    return timer == kNone && next_judgement == base::kNever && episode == nullptr;
  }
};

class PairTable {
 public:
  explicit PairTable(const rulebook::RuleBook& book);

  bool holds(model::ElementRef element) const;
  std::vector<model::ElementRef> elements() const;  // held ones, ascending
  // Makes the element's pairs, none of them judged. `agency` is its place in Counts.
  void add(model::ElementRef element, model::KindId kind, std::uint32_t agency);
  // Forgets the element and its pairs; their extras must be freed before.
  void remove(model::ElementRef element);

  model::KindId kind(model::ElementRef element) const { return rows_[element.value].kind; }
  std::uint32_t agency(model::ElementRef element) const { return rows_[element.value].agency; }
  void set_agency(model::ElementRef element, std::uint32_t agency);

  // The element must be held and the rule be one of its kind's.
  Pair& at(const PairRef& pair);
  const Pair& at(const PairRef& pair) const;
  // The rules of a kind, ascending: pairs(element)[i] is of rules(kind)[i].
  std::span<const model::RuleId> rules(model::KindId kind) const {
    return kinds_[kind.value].rules;
  }
  std::span<Pair> pairs(model::ElementRef element);

  // Null when the pair has none.
  Extra* extra(const Pair& pair) { return pair.extra == kNone ? nullptr : &extras_[pair.extra]; }
  const Extra* extra(const Pair& pair) const {
    return pair.extra == kNone ? nullptr : &extras_[pair.extra];
  }
  const Episode* episode(const Pair& pair) const {
    const Extra* const found = extra(pair);
    return found == nullptr ? nullptr : found->episode.get();
  }
  Extra& make_extra(Pair& pair);
  Episode& make_episode(Pair& pair);
  void end_episode(Pair& pair);
  void keep_sent(Episode& episode, std::unique_ptr<Sent> sent);
  // Frees the extra when nothing is in it.
  void tidy(Pair& pair);
  // Takes over the extras of the table that this one replaces.
  void adopt_extras(PairTable& other);

  std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t kRowsPerBlock = 64;
  struct Row {
    std::uint32_t slot = kNone;  // within the kind
    std::uint32_t agency = kNone;
    model::KindId kind;
  };
  struct OfKind {
    std::vector<model::RuleId> rules;  // ascending
    std::vector<std::unique_ptr<Pair[]>> blocks;
    std::vector<std::uint32_t> free_slots;
    std::uint32_t slots = 0;  // ever given
  };
  Pair* first_pair(model::ElementRef element) const;

  std::vector<Row> rows_;  // by ElementRef
  std::vector<OfKind> kinds_;
  std::vector<std::uint32_t> position_;  // by RuleId: its place among the rules of its kind
  std::vector<Extra> extras_;
  std::vector<std::uint32_t> free_extras_;
  std::uint64_t episode_bytes_ = 0;
};

}  // namespace patuh::engine
