// Where the pairs live: for each element the pairs of its kind's rules, side by side. Private to
// engine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alerts/alerts.h"
#include "engine/pair.h"
#include "engine/seats.h"
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
  explicit PairTable(std::size_t kinds) : kinds_(kinds) {}

  bool holds(model::ElementRef element) const;
  std::vector<model::ElementRef> elements() const;  // held ones, ascending
  std::uint32_t count(model::KindId kind) const { return kinds_[kind.value].held; }
  // Makes the element's pairs, none of them judged, none stale. `agency` is its place in Counts.
  void add(model::ElementRef element, model::KindId kind, std::uint32_t agency, const Seats& seats);
  // Forgets the element and its pairs; their extras must be freed before.
  void remove(model::ElementRef element);

  model::KindId kind(model::ElementRef element) const { return rows_[element.value].kind; }
  std::uint32_t agency(model::ElementRef element) const { return rows_[element.value].agency; }
  void set_agency(model::ElementRef element, std::uint32_t agency);

  // A place beside the pairs of the kind's other rules, made where a pair is first written.
  // Answers the epoch of all its pairs.
  std::uint16_t add_seat(Seat seat, model::KindId kind);
  // All its pairs are closed, and of this epoch.
  void drop_seat(Seat seat, model::KindId kind, std::uint16_t epoch);
  // After seats came or went.
  void arrange(const Seats& seats);

  // The element must be held and the rule be one of its kind's.
  Pair& at(const PairRef& pair);
  const Pair& at(const PairRef& pair) const;
  // The rules of a kind in the order in which they are judged; `all`: withdrawn ones behind them.
  std::span<const Seat> seats(model::KindId kind) const {
    const OfKind& of = kinds_[kind.value];
    return std::span(of.seats).first(of.judged);
  }
  std::span<const Seat> all_seats(model::KindId kind) const { return kinds_[kind.value].seats; }
  // The next element, from `place` on and round, whose pair is stale: there is one. `place` is that
  // behind it then. Nothing once `places` were looked at.
  std::optional<model::ElementRef> next_stale(Seat seat, const Seats& seats, std::uint32_t& place,
                                              std::size_t& places) const;

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
  // Takes over the extras of the table that this one replaces, under another schema.
  void adopt_extras(PairTable& other);

  // Places that rules left, which the next ones take; seats come before.
  void save_free(base::Encoder& out) const;
  bool load_free(base::Decoder& in);
  std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t kRowsPerBlock = 64;
  struct Row {
    std::uint32_t slot = kNone;  // within the kind
    std::uint32_t agency = kNone;
    model::KindId kind;
  };
  // The pairs of so many elements, element by element.
  struct Block {
    std::unique_ptr<Pair[]> pairs;
    std::uint32_t columns = 0;  // as many as the kind had when it was last written
  };
  struct FreeColumn {
    std::uint32_t column;
    std::uint16_t epoch;
  };
  struct OfKind {
    std::vector<Seat> seats;
    std::size_t judged = 0;  // of them: the others are withdrawn
    std::uint32_t columns = 0;
    std::vector<FreeColumn> free_columns;
    std::vector<Block> blocks;
    std::vector<std::uint32_t> free_slots;
    std::uint32_t slots = 0;  // ever given
    std::uint32_t held = 0;
  };
  static void widen(Block& block, std::uint32_t columns);
  Pair* first_pair(const Row& row);

  std::vector<Row> rows_;  // by ElementRef
  std::vector<OfKind> kinds_;
  std::vector<std::uint32_t> column_;  // by seat
  std::vector<Extra> extras_;
  std::vector<std::uint32_t> free_extras_;
  std::uint64_t episode_bytes_ = 0;
};

}  // namespace patuh::engine
