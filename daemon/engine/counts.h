// Tallies kept as verdicts change. Private to engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "engine/pair.h"
#include "engine/seats.h"

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
  Counts(const rulebook::RuleBook& book, const Seats& seats);

  // The number of an agency (of none: of the elements without one).
  std::uint32_t agency(std::optional<model::ElementRef> agency, std::string_view code);
  // Whether this element is an agency that something belongs to, or belonged to.
  bool is_agency(model::ElementRef element) const { return numbers_.contains(element.value); }
  void set_code(model::ElementRef agency, std::string_view code);
  // While a snapshot loads: the codes of all agencies, by number.
  void name_all(const std::function<std::string_view(std::uint32_t)>& code_of);
  const std::string& code(std::uint32_t agency) const { return agencies_[agency].code; }
  std::uint32_t agency_count() const { return static_cast<std::uint32_t>(agencies_.size()); }

  // Adds (by = 1) or takes away (−1) a pair of this agency, by the weights of this version.
  void add(std::uint32_t agency, Seat seat, const Version& version, const Counted& counted, int by);

  // Goes on from the book before, in which kinds and domains had the same numbers.
  void take_over(Counts& before);
  // A rule that has no pairs any more.
  void drop(Seat seat) { rules_[seat.value] = {}; }

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
    std::vector<bool> changed;          // likewise
    bool has_changed = false;
  };
  const std::string& domain(std::size_t number) const;
  void note_change(std::uint32_t agency, std::size_t domain);
  void note_all_changed(std::uint32_t agency);
  void tell_changed(const std::vector<bool>& domains, const std::string& code, Tallies& out) const;
  const rulebook::RuleBook& book_;
  const Seats& seats_;
  std::vector<std::uint32_t> domain_of_;  // by KindId
  std::vector<Agency> agencies_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;  // by ElementRef
  std::unordered_multimap<std::string, std::uint32_t> by_code_;
  std::optional<std::uint32_t> nobody_;
  std::vector<model::Tally> rules_;  // by seat
  // Since they were last taken: agencies by number, rules, and codes that agencies had.
  bool all_changed_ = true;
  std::vector<std::uint32_t> agencies_changed_;
  std::vector<bool> is_rule_changed_;  // by seat
  std::vector<Seat> rules_changed_;
  std::vector<std::string> codes_before_;
};

}  // namespace patuh::engine
