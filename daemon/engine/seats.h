// Rules under numbers that outlast rulebooks, and which pairs a new rulebook left to be looked at.
// Private to engine.
//
// A rule keeps its seat from its first book until the last of its pairs is closed, whatever number
// books give it: what is filed under it (pairs, reads, timers) stays in place while rules come and
// go. Another book makes all pairs of a rule *stale* at once, without touching one: a seat counts
// its versions, each pair holds the count it stands under. A stale pair shows the verdict that
// stood and is counted by the weights of its own version until its turn comes.
//
//              first book                another version            last pair looked at
//   (no seat) ───────────► all stale ───────────────► all stale ───────────────► none stale
//                                                        │ withdrawn: rule() is null
//                                                        └─► the last pair closed ─► (no seat)
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "engine/pair.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

// What counting and telling a verdict asks of the rule as it was when the pair was looked at.
struct Version {
  model::Severity severity = model::Severity::kLow;
  rulebook::Mode mode = rulebook::Mode::kEnforced;
  base::Duration grace{0};
  std::uint32_t hash = 0;  // rulebook::Rule::version
  // Equal stamps: judged alike, over the same fields. Of the nothing before a rule's first: 0.
  std::uint32_t stamp = 0;
  std::uint32_t run = 0;         // equal: what held goes on holding
  std::uint16_t conditions = 0;  // under held_for()
};

class Seats {
 public:
  // What switch_to() found, each in the order of rules.
  struct Changed {
    std::vector<Seat> went;
    std::vector<Seat> came;    // rules without a seat before
    std::vector<Seat> others;  // to be judged again or to be weighed again
    std::vector<Seat> all() const;
  };
  // Takes the rules of a book. Kinds are matched by name. `everything`: all are judged again.
  Changed switch_to(const rulebook::RuleBook& book, const model::Schema& before, bool everything);

  // Withdraws the rules that a book no longer has, or has of another kind.
  std::vector<Seat> withdraw(const rulebook::RuleBook& next, const model::Schema& before);

  std::size_t size() const { return seats_.size(); }  // one past the greatest in use
  bool is_used(Seat seat) const { return seats_[seat.value].used; }
  // Null: withdrawn, its pairs wait to be closed.
  const rulebook::Rule* rule(Seat seat) const { return seats_[seat.value].rule; }
  Seat of(model::RuleId number) const {
    return number.value < by_number_.size() ? by_number_[number.value] : Seat{UINT16_MAX};
  }
  model::KindId kind(Seat seat) const { return seats_[seat.value].kind; }
  const std::string& id(Seat seat) const { return seats_[seat.value].id; }
  const model::Text& remedy(Seat seat) const { return seats_[seat.value].remedy; }
  // In the order of rule ids, withdrawn ones among them.
  const std::vector<std::uint32_t>& ranks() const { return ranks_; }
  bool before(const PairRef& a, const PairRef& b) const {
    const std::uint32_t left = ranks_[a.seat.value];
    const std::uint32_t right = ranks_[b.seat.value];
    return left != right ? left < right : a.element < b.element;
  }

  std::uint16_t epoch(Seat seat) const { return seats_[seat.value].epoch; }
  const Version& version(Seat seat, std::uint16_t epoch) const {
    const Seated& of = seats_[seat.value];
    return of.versions[static_cast<std::uint16_t>(epoch - of.first)];
  }
  bool is_epoch(Seat seat, std::uint64_t epoch) const {
    const Seated& of = seats_[seat.value];
    return static_cast<std::uint16_t>(epoch - of.first) < of.versions.size();
  }
  const Version& version(Seat seat) const { return seats_[seat.value].versions.back(); }
  bool is_stale(Seat seat, const Sort& pair) const {
    return pair.epoch != seats_[seat.value].epoch;
  }
  // Stale, and its verdict may turn: what it read says nothing any more.
  bool is_outdated(Seat seat, const Sort& pair) const {
    return is_stale(seat, pair) &&
           version(seat, pair.epoch).stamp != seats_[seat.value].versions.back().stamp;
  }
  std::uint64_t stale(Seat seat) const { return seats_[seat.value].stale; }
  std::uint64_t all_stale() const { return all_stale_; }
  bool any_stale(std::span<const Seat> seats) const;
  std::vector<Seat> withdrawn() const;        // in the order of rule ids
  std::vector<std::uint32_t> stamps() const;  // of the last versions, by seat
  std::uint32_t born(Seat seat) const { return seats_[seat.value].born; }
  std::uint16_t first_epoch(Seat seat) const { return seats_[seat.value].first; }
  // The layout that its pairs are saved in since they became stale.
  std::uint32_t layout(Seat seat) const { return seats_[seat.value].layout; }

  // All pairs of the seat became stale: so many, saved in `layout` from now on.
  void begin(Seat seat, std::uint64_t pairs, std::uint32_t layout);
  // Its pairs lie where those of another rule lay, which ended under this count.
  void rebase(Seat seat, std::uint16_t epoch);
  // A stale pair is stale no more. True: it was the last.
  bool catch_up(Seat seat);
  // A withdrawn rule has no pairs any more.
  void free(Seat seat);

  void save(base::Encoder& out) const;
  bool load(const rulebook::RuleBook& book, base::Decoder& in);
  // While a snapshot loads: a pair that is stale.
  void count_stale(Seat seat);
  std::uint64_t bytes() const;

 private:
  struct Seated {
    bool used = false;
    std::uint32_t born = 0;  // of all that ever had the number, only this one
    std::string id;
    model::KindId kind;
    model::Text remedy;
    const rulebook::Rule* rule = nullptr;
    std::uint16_t epoch = 0;  // of the last of …
    std::uint16_t first = 0;  // … versions, the first of which has this
    std::deque<Version> versions;
    std::uint64_t stale = 0;
    std::uint32_t layout = 0;
  };
  Seat new_seat(const rulebook::Rule& rule);
  bool take(Seated& seated, const rulebook::Rule& rule, bool everything);
  bool withdraw(Seated& seated);
  void push(Seated& seated, const Version& version);
  void trim(Seated& seated);
  void rank();
  bool load(Seated& seated, base::Decoder& in);

  std::vector<Seated> seats_;
  std::vector<Seat> by_number_;
  std::vector<std::uint32_t> ranks_;  // by seat
  std::uint32_t stamps_ = 0;          // ever given, for versions and runs
  std::uint64_t all_stale_ = 0;
};

}  // namespace patuh::engine
