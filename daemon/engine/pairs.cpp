#include "engine/pairs.h"

#include <algorithm>
#include <utility>

#include "marks/marks.h"

namespace patuh::engine {

using model::ElementRef;
using model::KindId;

bool PairTable::holds(ElementRef element) const {
  return element.value < rows_.size() && rows_[element.value].slot != kNone;
}

std::vector<ElementRef> PairTable::elements() const {
  std::vector<ElementRef> held;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].slot != kNone) held.emplace_back(i);
  }
  return held;
}

const PairTable::Row& PairTable::make_row(ElementRef element, KindId kind, std::uint32_t agency) {
  rows_.grow_to(element.value + 1);
  Row& row = rows_[element.value];
  PATUH_ASSERT(row.slot == kNone);
  OfKind& of = kinds_[kind.value];
  if (of.free_slots.empty()) {
    row.slot = of.slots++;
  } else {
    row.slot = of.free_slots.back();
    of.free_slots.pop_back();
  }
  row.kind = kind;
  row.agency = agency;
  ++of.held;
  return row;
}

void PairTable::add(ElementRef element, KindId kind, std::uint32_t agency, const Seats& seats) {
  const Row& row = make_row(element, kind, agency);
  OfKind& of = kinds_[kind.value];
  Pair pair;
  for (const Seat seat : of.seats) {
    pair.epoch = seats.epoch(seat);
    of.pairs.put(row.slot, column_[seat.value], pair);
  }
  for (const FreeColumn& free : of.free_columns) {
    pair.epoch = free.epoch;
    of.pairs.put(row.slot, free.column, pair);
  }
}

void PairTable::begin(ElementRef element, KindId kind, std::vector<Pair>& pairs) {
  make_row(element, kind, kNone);
  const OfKind& of = kinds_[kind.value];
  pairs.assign(of.pairs.columns(), Pair());
  for (const FreeColumn& free : of.free_columns) pairs[free.column].epoch = free.epoch;
}

void PairTable::remove(ElementRef element) {
  Row& row = rows_[element.value];
  PATUH_ASSERT(row.reads == kNone);
  OfKind& of = kinds_[row.kind.value];
  of.pairs.clear(row.slot);
  of.free_slots.push_back(row.slot);
  --of.held;
  row = Row{};
}

void PairTable::set_agency(ElementRef element, std::uint32_t agency) {
  rows_[element.value].agency = agency;
}

// ── Rules come and go ──

std::uint16_t PairTable::add_seat(Seat seat, KindId kind) {
  OfKind& of = kinds_[kind.value];
  if (column_.size() <= seat.value) column_.resize(seat.value + 1U, kNone);
  if (of.free_columns.empty()) {
    column_[seat.value] = of.pairs.columns();
    of.pairs.add_column();
    of.seat_of.push_back(seat);
    return 0;
  }
  PATUH_MARK("pairs: a rule takes the place of one that went");
  const FreeColumn free = of.free_columns.back();
  of.free_columns.pop_back();
  column_[seat.value] = free.column;
  of.seat_of[free.column] = seat;
  return free.epoch;
}

void PairTable::drop_seat(Seat seat, KindId kind, std::uint16_t epoch) {
  kinds_[kind.value].free_columns.push_back({column_[seat.value], epoch});
  column_[seat.value] = kNone;
}

void PairTable::arrange(const Seats& seats) {
  for (OfKind& of : kinds_) of.seats.clear();
  for (std::uint16_t i = 0; i < seats.size(); ++i) {
    if (seats.is_used(Seat{i})) kinds_[seats.kind(Seat{i}).value].seats.push_back(Seat{i});
  }
  for (OfKind& of : kinds_) {
    std::ranges::sort(of.seats, [&](Seat a, Seat b) {
      const bool a_went = seats.rule(a) == nullptr;
      const bool b_went = seats.rule(b) == nullptr;
      return a_went != b_went ? b_went : seats.ranks()[a.value] < seats.ranks()[b.value];
    });
    of.judged = static_cast<std::size_t>(
        std::ranges::count_if(of.seats, [&](Seat seat) { return seats.rule(seat) != nullptr; }));
  }
}

std::optional<ElementRef> PairTable::next_stale(Seat seat, const Seats& seats, std::uint32_t& place,
                                                std::size_t& places) const {
  const KindId kind = seats.kind(seat);
  for (; places > 0; --places) {
    if (place >= rows_.size()) place = 0;
    const ElementRef element(place++);
    const Row& row = rows_[element.value];
    if (row.slot == kNone || row.kind != kind) continue;
    if (seats.is_stale(seat, sort({seat, element}))) return element;
  }
  return std::nullopt;
}

void PairTable::expect_extra(const Pair& pair) const {
  const std::uint32_t number = pair.extra & kNumber;
  if (pair.extra == kNone) return;
  switch (pair.extra & ~kNumber) {
    case kIsTimer:
      return timers_->expect(number);
    case kIsEpisode:
      return __builtin_prefetch(&episodes_[number]);
    default:
      return __builtin_prefetch(&extras_[number]);
  }
}

Extra PairTable::extra(const Pair& pair) const {
  const std::uint32_t number = pair.extra & kNumber;
  if (pair.extra == kNone) return {};
  switch (pair.extra & ~kNumber) {
    case kIsTimer:
      return {.next_judgement = timers_->at(number), .timer = number, .episode = kNone};
    case kIsEpisode:
      return {.next_judgement = base::kNever, .timer = kNone, .episode = number};
    default:
      return extras_[number];
  }
}

void PairTable::set_extra(Pair& pair, const Extra& extra) {
  const bool is_kept = pair.extra != kNone && (pair.extra & ~kNumber) == kIsExtra;
  const std::uint32_t before = is_kept ? pair.extra : kNone;
  pair.extra = place_of(extra, before);
  if (before != kNone && pair.extra != before) extras_.give(before);
}

// `before`: where an extra of the pair lies already.
std::uint32_t PairTable::place_of(const Extra& extra, std::uint32_t before) {
  const bool has_timer = extra.timer != kNone;
  const bool has_episode = extra.episode != kNone;
  if (!has_timer && extra.next_judgement == base::kNever) {
    return has_episode ? kIsEpisode | extra.episode : kNone;
  }
  if (has_timer && !has_episode && timers_->at(extra.timer) == extra.next_judgement) {
    return kIsTimer | extra.timer;
  }
  const std::uint32_t at = before == kNone ? extras_.take() : before;
  PATUH_ASSERT(at < kNumber);
  extras_[at] = extra;
  return at;
}

Episode& PairTable::make_episode(Pair& pair) {
  Extra found = extra(pair);
  if (found.episode == kNone) {
    found.episode = episodes_.take();
    PATUH_ASSERT(found.episode < kNumber);
    set_extra(pair, found);
  }
  return episodes_[found.episode];
}

void PairTable::end_episode(Pair& pair) {
  Extra found = extra(pair);
  if (found.episode == kNone) return;
  const Episode& episode = episodes_[found.episode];
  text_bytes_ -= episode.text_bytes();
  if (episode.is_sent()) codes_.give(episode.sent_agency());
  episodes_.give(std::exchange(found.episode, kNone));
  set_extra(pair, found);
}

void PairTable::set_sent(Episode& episode, std::string_view agency, Sent sent) {
  if (episode.is_sent())
    change_episode(episode, [](Episode& before) { return before.forget_sent(); });
  sent.agency = codes_.take(agency);
  change_episode(episode, [&](Episode& kept) { return kept.set_sent(sent); });
}

void PairTable::adopt_extras(PairTable& other) {
  extras_ = std::move(other.extras_);
  episodes_ = std::move(other.episodes_);
  codes_ = std::move(other.codes_);
  text_bytes_ = std::exchange(other.text_bytes_, 0);
}

void PairTable::save_free(base::Encoder& out) const {
  for (const OfKind& of : kinds_) {
    out.number(of.free_columns.size());
    for (const FreeColumn& free : of.free_columns) out.number(free.epoch);
  }
}

bool PairTable::load_free(base::Decoder& in) {
  for (OfKind& of : kinds_) {
    for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
      const auto epoch = static_cast<std::uint16_t>(in.number_below(UINT16_MAX + 1));
      of.free_columns.push_back({of.pairs.columns(), epoch});
      of.pairs.add_column();
      of.seat_of.push_back(Seat{UINT16_MAX});
    }
  }
  return in.ok();
}

std::uint64_t PairTable::bytes() const {
  std::uint64_t bytes = rows_.bytes();
  for (const OfKind& of : kinds_) bytes += of.pairs.bytes();
  return bytes;
}

}  // namespace patuh::engine
