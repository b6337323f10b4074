#include "engine/backlog.h"

#include <algorithm>
#include <utility>

#include "engine/verdicts.h"
#include "marks/marks.h"

namespace patuh::engine {

using base::Decoder;
using base::Encoder;

void Backlog::add_cause(const Moment& moment) {
  causes_.push_back({.at = moment.recorded,
                     .source = std::string(moment.cause_source),
                     .id = std::string(moment.cause_id),
                     .type = std::string(moment.cause_type),
                     .count = 0,
                     .sweeps = {}});
}

void Backlog::add(const PairRef& pair, const Moment& moment) {
  const bool is_same =
      !causes_.empty() && causes_.back().count > 0 && causes_.back().id == moment.cause_id &&
      causes_.back().source == moment.cause_source && causes_.back().at == moment.recorded;
  if (!is_same) add_cause(moment);
  ++causes_.back().count;
  entries_.push_back(pair);
}

void Backlog::add_sweeps(std::span<const Seat> seats, const Moment& moment) {
  std::vector<Sweep> sweeps;
  for (const Seat seat : seats) {
    Sweep sweep{seat, 0};
    for (const Cause& cause : causes_) {
      const auto found = std::ranges::find(cause.sweeps, seat, &Sweep::seat);
      if (found == cause.sweeps.end()) continue;
      PATUH_MARK("backlog: a sweep is overtaken by another book");
      sweep.place = found->place;
    }
    end_sweep(seat);
    sweeps.push_back(sweep);
  }
  if (sweeps.empty()) return;
  add_cause(moment);
  causes_.back().sweeps.assign(sweeps.begin(), sweeps.end());
}

void Backlog::pop() {
  entries_.pop_front();
  --causes_.front().count;
  tidy();
}

void Backlog::end_sweep(Seat seat) {
  for (Cause& cause : causes_) {
    std::erase_if(cause.sweeps, [&](const Sweep& one) { return one.seat == seat; });
  }
  tidy();
}

void Backlog::drop(std::span<const Seat> seats) {
  if (seats.empty() || entries_.empty()) return;
  const auto is_gone = [&](const PairRef& pair) {
    return std::ranges::find(seats, pair.seat) != seats.end();
  };
  auto first = entries_.begin();
  for (Cause& cause : causes_) {
    const auto end = first + static_cast<std::ptrdiff_t>(cause.count);
    cause.count -= static_cast<std::uint64_t>(std::count_if(first, end, is_gone));
    first = end;
  }
  std::erase_if(entries_, is_gone);
  tidy();
}

void Backlog::tidy() {
  std::erase_if(causes_, [](const Cause& one) { return one.count == 0 && one.sweeps.empty(); });
}

std::uint64_t Backlog::bytes() const {
  return entries_.size() * sizeof(PairRef) + causes_.size() * sizeof(Cause);
}

bool Backlog::is_of(const Seats& seats) const {
  std::vector<bool> swept(seats.size(), false);
  for (const Cause& cause : causes_) {
    for (const Sweep& sweep : cause.sweeps) {
      if (sweep.seat.value >= swept.size() || swept[sweep.seat.value]) return false;
      swept[sweep.seat.value] = true;
    }
  }
  for (std::uint16_t i = 0; i < swept.size(); ++i) {
    if (swept[i] != (seats.stale(Seat{i}) > 0)) return false;
  }
  return true;
}

// ── Snapshots ──

void Backlog::save(Encoder& out, const std::function<bool(const PairRef&)>& is_live) const {
  out.number(causes_.size());
  for (const Cause& cause : causes_) {
    out.instant(cause.at);
    out.text(cause.source);
    out.text(cause.id);
    out.text(cause.type);
    out.number(cause.count);
    out.number(cause.sweeps.size());
    for (const Sweep& sweep : cause.sweeps) {
      out.number(sweep.seat.value);
      out.number(sweep.place);
    }
  }
  out.number(entries_.size());
  for (const PairRef& pair : entries_) {
    out.number(pair.seat.value);
    out.number(pair.element.value);
    out.byte(is_live(pair) ? 1 : 0);
  }
}

namespace {

Backlog::Cause load_cause(Decoder& in) {
  Backlog::Cause cause;
  cause.at = in.instant();
  cause.source = in.text();
  cause.id = in.text();
  cause.type = in.text();
  cause.count = in.number();
  return cause;
}

model::ElementRef load_element(Decoder& in) {
  return model::ElementRef{static_cast<std::uint32_t>(in.number_below(UINT32_MAX))};
}

Seat load_seat(Decoder& in) {
  return Seat{static_cast<std::uint16_t>(in.number_below(UINT16_MAX))};
}

}  // namespace

bool Backlog::load(Decoder& in, std::vector<PairRef>& live) {
  std::uint64_t counted = 0;
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    Cause& cause = causes_.emplace_back(load_cause(in));
    counted += cause.count;
    for (std::uint64_t sweeps = in.count(); sweeps > 0 && in.ok(); --sweeps) {
      const Seat seat = load_seat(in);
      cause.sweeps.push_back({seat, load_element(in).value});
    }
  }
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    const Seat seat = load_seat(in);
    entries_.push_back({seat, load_element(in)});
    if (in.byte() == 1) live.push_back(entries_.back());
  }
  return in.ok() && counted == entries_.size();
}

bool Backlog::load_by_ids(const rulebook::RuleBook& book, const Seats& seats, Decoder& in,
                          std::vector<PairRef>& live) {
  std::uint64_t counted = 0;
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    counted += causes_.emplace_back(load_cause(in)).count;
  }
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    const rulebook::Rule* const rule = book.rule(in.text());
    const model::ElementRef element = load_element(in);
    const bool is_live = in.byte() == 1;
    if (rule == nullptr) return false;
    entries_.push_back({seats.of(rule->number), element});
    if (is_live) live.push_back(entries_.back());
  }
  return in.ok() && counted == entries_.size();
}

// ── What the verdicts do with it ──

void Verdicts::judge_waiting(const Moment& moment) {
  std::ranges::sort(waiting_,
                    [this](const PairRef& a, const PairRef& b) { return seats_.before(a, b); });
  const auto again = std::ranges::unique(waiting_);
  waiting_.erase(again.begin(), again.end());
  std::size_t left = options_.slice;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const PairRef& ref = waiting_[i];
    expect_after(i);
    if (!has(ref)) continue;  // its element has gone since
    if (left == 0) {
      postpone(ref, moment);
    } else {
      --left;
      judge(ref, moment);
    }
  }
  waiting_.clear();
}

// While a pair is judged what the next ones need comes near: an update's time is mostly waiting for
// memory. Of the third what says where all else is, of the second that, of the next what it points
// at.
void Verdicts::expect_after(std::size_t at) const {
  const auto other = [&](std::size_t ahead) -> std::optional<model::ElementRef> {
    if (at + ahead >= waiting_.size()) return std::nullopt;
    const model::ElementRef element = waiting_[at + ahead].element;
    return element != waiting_[at + ahead - 1].element ? std::optional(element) : std::nullopt;
  };
  if (const auto third = other(3)) {
    now_->pairs.expect(*third);
    registry_.expect(*third);
  }
  if (const auto second = other(2); second && now_->pairs.holds(*second)) {
    now_->pairs.expect_pairs(*second);
    reads_.expect(std::as_const(now_->pairs).reads(*second));
    registry_.expect_facts(*second);
  }
  if (const auto next = other(1); next && now_->pairs.holds(*next)) {
    now_->pairs.expect_beside(*next);
    reads_.expect_first(std::as_const(now_->pairs).reads(*next));
  }
}

// What waits already keeps its place.
void Verdicts::postpone(const PairRef& ref, const Moment& moment) {
  Pair pair = now_->pairs.at(ref);
  if (pair.put_off || seats_.is_outdated(ref.seat, pair)) return;
  if (!is_pending(ref, pair)) count_pending(ref, 1);
  pair.put_off = true;
  now_->pairs.put(ref, pair);
  backlog_.add(ref, moment);
}

void Verdicts::work_off(const Moment& moment) {
  Slice left = slice();
  while (left.pairs > 0 && left.places > 0 && !backlog_.empty()) {
    if (backlog_.oldest().sweeps.empty()) {
      --left.pairs;
      take_next(moment);
    } else {
      sweep(backlog_.oldest(), moment, left);
    }
  }
}

void Verdicts::take_next(const Moment& moment) {
  const PairRef ref = backlog_.next();
  const std::optional<Pair> found = find(ref);
  if (found && found->put_off) {
    const Backlog::Cause& cause = backlog_.oldest();
    judge(ref, {moment.at, moment.recorded, cause.source, cause.id, cause.type, moment.out});
  }
  backlog_.pop();
}

// Looks at stale pairs of the cause's first sweep, until its slice or the pairs are at an end. The
// cause may be gone then.
void Verdicts::sweep(Backlog::Cause& cause, const Moment& moment, Slice& left) {
  const Backlog::Cause why{cause.at, cause.source, cause.id, cause.type, 0, {}};
  const Moment then{moment.at, moment.recorded, why.source, why.id, why.type, moment.out};
  Backlog::Sweep& sweep = cause.sweeps.front();
  const Seat seat = sweep.seat;
  PATUH_ASSERT(seats_.stale(seat) > 0);
  while (left.pairs > 0) {
    const auto found = now_->pairs.next_stale(seat, seats_, sweep.place, left.places);
    if (!found) return;
    if (PATUH_DEFECT("a sweep passes over a pair") && found->value % 7 == 3) {
      Pair pair = now_->pairs.at({seat, *found});
      pair.epoch = seats_.epoch(seat);
      now_->pairs.put({seat, *found}, pair);
      if (seats_.catch_up(seat)) return end_sweep(seat);
      continue;
    }
    --left.pairs;
    const bool is_last = seats_.stale(seat) == 1;
    look_again({seat, *found}, then);
    if (is_last) return;
  }
}

// After loading, when waiting_ holds them: each pair knows again that it waits.
void Verdicts::mark_put_off() {
  for (const PairRef& ref : waiting_) {
    std::optional<Pair> pair = find(ref);
    if (!pair) continue;
    pair->put_off = true;
    now_->pairs.put(ref, *pair);
  }
  waiting_.clear();
}

}  // namespace patuh::engine
