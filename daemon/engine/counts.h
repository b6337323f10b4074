// Tallies kept as verdicts change. Private to engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "engine/pair.h"

namespace patuh::engine {

// What a pair counts as.
struct Counted {
  model::VerdictState state = model::VerdictState::kNotApplicable;
  bool overdue = false;
  bool inherited = false;
};

// Agencies are known by their element, since their codes may change, and numbered in the order they
// were met; nothing of that order reaches an answer.
class Counts {
 public:
  explicit Counts(const rulebook::RuleBook& book);

  // The number of an agency (of none: of the elements without one).
  std::uint32_t agency(std::optional<model::ElementRef> agency, std::string_view code);
  // Whether this element is an agency that something belongs to, or belonged to.
  bool is_agency(model::ElementRef element) const { return numbers_.contains(element.value); }
  void set_code(model::ElementRef agency, std::string_view code);
  const std::string& code(std::uint32_t agency) const { return agencies_[agency].code; }

  // Adds (by = 1) or takes away (−1) a pair of this agency.
  void add(std::uint32_t agency, const PairRef& pair, const Counted& counted, int by);

  // Goes on from the book before, in which rules, kinds and domains had the same numbers.
  void take_over(Counts& before);

  // By code, nothing that is all zero.
  Tallies tallies() const;
  TallyChanges take_changes();
  bool has_changes() const;  // of an agency
  // The agencies of this code (of none: nothing).
  std::vector<std::optional<model::ElementRef>> agencies(std::string_view code) const;
  std::uint64_t bytes() const;

 private:
  struct Agency {
    std::optional<model::ElementRef> element;
    std::string code;
    std::vector<model::Tally> domains;  // by domain; the last = none
    bool changed = false;
  };
  const std::string& domain(std::size_t number) const;
  void note_change(std::uint32_t agency);
  const rulebook::RuleBook& book_;
  std::vector<std::uint32_t> domain_of_;  // by KindId
  std::vector<Agency> agencies_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // by ElementRef
  std::optional<std::uint32_t> nobody_;
  std::vector<model::Tally> rules_;
  // Since they were last taken: agencies by number, rules, and codes that agencies had.
  bool all_changed_ = true;
  std::vector<std::uint32_t> agencies_changed_;
  std::vector<bool> rules_changed_;
  std::vector<std::string> codes_before_;
};

}  // namespace patuh::engine
