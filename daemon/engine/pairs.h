// Where the pairs live, and what few of them have beside. Private to engine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/episode.h"
#include "engine/packed_pairs.h"
#include "engine/pages.h"
#include "engine/pair.h"
#include "engine/reads.h"
#include "engine/seats.h"
#include "engine/self_reads.h"
#include "engine/timers.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

// What few pairs have beside. Most of these have but one of the two, and then it costs nothing
// more.
struct Extra {
  base::Instant next_judgement = base::kNever;  // earliest time at which the verdict can turn
  std::uint32_t timer = kNone;
  std::uint32_t episode = kNone;
};
static_assert(sizeof(Extra) == 16);

class PairTable {
 public:
  // The timers must outlive it.
  PairTable(std::size_t kinds, const Timers& timers) : timers_(&timers), kinds_(kinds) {}

  bool holds(model::ElementRef element) const;
  std::vector<model::ElementRef> elements() const;  // held ones, ascending
  std::uint32_t count(model::KindId kind) const { return kinds_[kind.value].held; }
  // Makes the element's pairs, none of them judged, none stale. `agency` is its place in Counts.
  void add(model::ElementRef element, model::KindId kind, std::uint32_t agency, const Seats& seats);
  // While a snapshot loads the same in steps. begin() makes room for the element, whose agency is
  // not known yet, and `pairs` as it was held before any rule looked at it, by column; put_all()
  // takes what became of them. Nobody asks in between.
  void begin(model::ElementRef element, model::KindId kind, std::vector<Pair>& pairs);
  std::uint32_t column(Seat seat) const { return column_[seat.value]; }
  void put_all(model::ElementRef element, std::span<const Pair> pairs) {
    const Row& row = rows_[element.value];
    kinds_[row.kind.value].pairs.put_all(row.slot, pairs);
  }
  // Forgets the element and its pairs; their extras must be freed before.
  void remove(model::ElementRef element);

  model::KindId kind(model::ElementRef element) const { return rows_[element.value].kind; }
  std::uint32_t agency(model::ElementRef element) const { return rows_[element.value].agency; }
  void set_agency(model::ElementRef element, std::uint32_t agency);

  // What the pair read of its own element: bits of SelfReads.
  std::uint32_t own_reads(const Sort& pair) const { return own_reads_.bits(pair.own_reads); }
  std::uint32_t own_reads(const PairRef& pair) const {
    return own_reads_.bits(sort(pair).own_reads);
  }
  void set_own_reads(Sort& pair, std::uint32_t bits) {
    pair.own_reads = own_reads_.number_of(bits, pair.own_reads);
  }
  // The pair as ReadIndex knows it, and its element's list there.
  Reader reader(const PairRef& pair) const { return {pair.element, column_[pair.seat.value]}; }
  PairRef pair_of(const Reader& reader) const {
    return {kinds_[kind(reader.element).value].seat_of[reader.column], reader.element};
  }
  std::uint32_t& reads(model::ElementRef element) { return rows_[element.value].reads; }
  std::uint32_t reads(model::ElementRef element) const { return rows_[element.value].reads; }

  // A place beside the pairs of the kind's other rules, made where a pair is first written.
  // Answers the epoch of all its pairs.
  std::uint16_t add_seat(Seat seat, model::KindId kind);
  // All its pairs are closed, and of this epoch.
  void drop_seat(Seat seat, model::KindId kind, std::uint16_t epoch);
  // After seats came or went.
  void arrange(const Seats& seats);

  // The element must be held and the rule be one of its kind's. What was changed of the pair is to
  // be put back before anybody asks again.
  Pair at(const PairRef& pair) const {
    const Row& row = rows_[pair.element.value];
    return kinds_[row.kind.value].pairs.at(row.slot, column_[pair.seat.value]);
  }
  // Hints, which change nothing: the element will soon be looked at; then, of one that is held, its
  // pairs; and then what lies beside them.
  void expect(model::ElementRef element) const {
    if (element.value < rows_.size()) __builtin_prefetch(&rows_[element.value]);
  }
  void expect_pairs(model::ElementRef element) const {
    const Row& row = rows_[element.value];
    kinds_[row.kind.value].pairs.expect(row.slot);
  }
  void expect_beside(model::ElementRef element) const {
    const Row& row = rows_[element.value];
    kinds_[row.kind.value].pairs.expect_beside(row.slot);
  }
  // Of what at() says this alone, at less cost.
  Sort sort(const PairRef& pair) const {
    const Row& row = rows_[pair.element.value];
    return kinds_[row.kind.value].pairs.sort(row.slot, column_[pair.seat.value]);
  }
  void put(const PairRef& ref, const Pair& pair) {
    const Row& row = rows_[ref.element.value];
    kinds_[row.kind.value].pairs.put(row.slot, column_[ref.seat.value], pair);
  }
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

  // Hints, which change nothing: what the pair has beside will soon be looked at; and then, what
  // its episode says.
  void expect_extra(const Pair& pair) const;
  void expect_words(const Pair& pair) const {
    if (const Episode* const one = episode(pair)) one->expect();
  }
  // A timer that changed, or another next judgement, is to be set again.
  Extra extra(const Pair& pair) const;
  void set_extra(Pair& pair, const Extra& extra);
  // Null when the pair has none.
  Episode* episode(const Pair& pair) {
    const std::uint32_t at = episode_place(pair);
    return at == kNone ? nullptr : &episodes_[at];
  }
  const Episode* episode(const Pair& pair) const {
    const std::uint32_t at = episode_place(pair);
    return at == kNone ? nullptr : &episodes_[at];
  }
  Episode& make_episode(Pair& pair);
  void end_episode(Pair& pair);
  // Episodes are changed by it, since it counts their texts and what holds a code:
  // change(Episode&) answers how many bytes more its texts take than before.
  template <class Change>
  void change_episode(Episode& episode, const Change& change) {
    const std::uint32_t code = episode.sent_agency();
    text_bytes_ += static_cast<std::uint64_t>(change(episode));
    if (code != kNone && code != episode.sent_agency()) codes_.give(code);
  }
  // `agency`: a code.
  void set_sent(Episode& episode, std::string_view agency, Sent sent);
  std::string_view sent_agency(const Sent& sent) const { return codes_.at(sent.agency); }
  // Takes over what lies beside the pairs of the table that this one replaces, under another
  // schema.
  void adopt_extras(PairTable& other);

  // Places that rules left, which the next ones take; seats come before.
  void save_free(base::Encoder& out) const;
  bool load_free(base::Decoder& in);
  std::uint64_t bytes() const;
  std::uint64_t episode_bytes() const {
    return extras_.bytes() + episodes_.bytes() + text_bytes_ + codes_.bytes();
  }

 private:
  struct Row {
    std::uint32_t slot = kNone;  // within the kind
    std::uint32_t agency = kNone;
    std::uint32_t reads = kNone;  // list in ReadIndex
    model::KindId kind;
  };
  struct FreeColumn {
    std::uint32_t column;
    std::uint16_t epoch;
  };
  struct OfKind {
    std::vector<Seat> seats;
    std::size_t judged = 0;     // of them: the others are withdrawn
    std::vector<Seat> seat_of;  // by column
    std::vector<FreeColumn> free_columns;
    PackedPairs pairs;
    std::vector<std::uint32_t> free_slots;
    std::uint32_t slots = 0;  // ever given
    std::uint32_t held = 0;
  };
  // What Pair::extra stands for: a number, and in its highest bits of what.
  static constexpr std::uint32_t kNumber = (1U << 30) - 1;
  static constexpr std::uint32_t kIsExtra = 0;
  static constexpr std::uint32_t kIsTimer = 1U << 30;  // and its instant is the next judgement
  static constexpr std::uint32_t kIsEpisode = 1U << 31;
  std::uint32_t episode_place(const Pair& pair) const {
    const std::uint32_t number = pair.extra & kNumber;
    switch (pair.extra & ~kNumber) {
      case kIsExtra:
        return extras_[number].episode;
      case kIsEpisode:
        return number;
      default:
        return kNone;
    }
  }
  const Row& make_row(model::ElementRef element, model::KindId kind, std::uint32_t agency);
  std::uint32_t place_of(const Extra& extra, std::uint32_t before);

  const Timers* timers_;
  Pages<Row> rows_;  // by ElementRef
  std::vector<OfKind> kinds_;
  std::vector<std::uint32_t> column_;  // by seat
  Pool<Extra> extras_;
  Pool<Episode> episodes_;
  BitSets own_reads_;
  SentCodes codes_;
  std::uint64_t text_bytes_ = 0;  // of episodes
};

}  // namespace patuh::engine
