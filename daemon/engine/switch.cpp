// From one rulebook to another, at one instant: what stands stays in place, and the pairs of rules
// that came, went or are others wait to be looked at, slice by slice.
#include <algorithm>
#include <utility>

#include "engine/verdicts.h"
#include "marks/marks.h"

namespace patuh::engine {

using model::ElementRef;
using model::KindId;

namespace {

bool is_counted_alike(const model::Schema& before, const model::Schema& after) {
  return before.domains == after.domains &&
         std::ranges::equal(before.kinds, after.kinds, {}, &model::Kind::domain,
                            &model::Kind::domain);
}

}  // namespace

void Verdicts::switch_to(std::shared_ptr<const rulebook::RuleBook> next, Switch what,
                         const Moment& moment) {
  const bool everything = what == Switch::kEverything;
  if (everything) drop_gone(moment);
  const std::vector<std::uint32_t> stamps = seats_.stamps();
  const auto before = now_->book;
  const Seats::Changed changed = seats_.switch_to(*next, *before->schema, what != Switch::kRules);
  auto after = std::make_unique<UnderBook>(
      std::move(next), UnderBook::Beside{registry_, seats_, runs_, timers_}, limits());
  after->history.go_on_from(now_->history, *before->schema, *after->book->schema, moment.at);
  const bool counts_on = !everything && is_counted_alike(*before->schema, *after->book->schema);
  if (counts_on) after->counts.take_over(now_->counts);
  if (everything) {
    move_pairs(*after, changed);
    reads_ = ReadIndex();
    after->history.compare_all(registry_, moment.at);
    layouts_.clear();
  } else {
    keep_pairs(*after, stamps);
  }
  now_ = std::move(after);
  if (!everything) seat_down(changed.came);
  lay_out(changed, everything);
  if (!counts_on) recount();
  begin_sweeps(changed, moment);
}

void Verdicts::begin_sweeps(const Seats::Changed& changed, const Moment& moment) {
  backlog_.drop(changed.went);
  std::vector<Seat> sweeps;
  for (const Seat seat : changed.all()) {
    if (seats_.stale(seat) > 0) sweeps.push_back(seat);
  }
  if (sweeps.empty()) return;
  backlog_.add_sweeps(sweeps, moment);
  Slice left = slice();
  while (left.pairs > 0 && left.places > 0 && seats_.any_stale(sweeps)) {
    sweep(backlog_.newest(), moment, left);
  }
}

// ── Where elements stay ──

void Verdicts::keep_pairs(UnderBook& next, std::span<const std::uint32_t> stamps) {
  PATUH_MARK("switch: pairs stay in place");
  for (std::uint16_t i = 0; i < stamps.size(); ++i) {
    const Seat seat{i};
    const bool is_judged = seats_.is_used(seat) && seats_.rule(seat) != nullptr;
    if (is_judged && seats_.version(seat).stamp == stamps[i]) {
      next.self_reads.carry(now_->self_reads, seat);
    }
  }
  next.pairs = std::move(now_->pairs);
}

void Verdicts::seat_down(std::span<const Seat> came) {
  for (const Seat seat : came) {
    const std::uint16_t epoch = now_->pairs.add_seat(seat, seats_.kind(seat));
    if (epoch != 0) seats_.rebase(seat, epoch);
  }
  now_->pairs.arrange(seats_);
}

// Begins anew, by agencies and domains as they are now.
void Verdicts::recount() {
  applicable_ = 0;
  pending_.clear();
  for (const ElementRef element : now_->pairs.elements()) {
    now_->pairs.set_agency(element, agency_number(element));
    for (const Seat seat : all_rules_of(element)) {
      const PairRef ref{seat, element};
      count(ref, now_->pairs.sort(ref), 1);
    }
    hold(element, 1);
  }
}

// Rows that are saved from now on say what stands, and the pairs of changed rules become stale.
void Verdicts::lay_out(const Seats::Changed& changed, bool everything) {
  std::vector<bool> is_other(now_->book->schema->kinds.size(), everything);
  for (const Seat seat : changed.all()) is_other[seats_.kind(seat).value] = true;
  for (const model::Kind& kind : now_->book->schema->kinds) {
    const bool asks_alike = everything || layouts_.at(layouts_.current(kind.id)).pasts ==
                                              now_->history.numbers(kind.id);
    if (is_other[kind.id.value] || !asks_alike) lay_out(kind.id);
  }
  for (const Seat seat : changed.all()) {
    const KindId kind = seats_.kind(seat);
    seats_.begin(seat, now_->pairs.count(kind), layouts_.current(kind));
    if (seats_.rule(seat) != nullptr) {
      pending_.begin(seat, kind);
    } else {
      pending_.end(seat);
    }
    if (seats_.stale(seat) == 0) end_sweep(seat);
  }
}

void Verdicts::lay_out(KindId kind) {
  Layout layout{.kind = kind, .rules = {}, .pasts = now_->history.numbers(kind)};
  for (const Seat seat : now_->pairs.all_seats(kind)) {
    layout.rules.push_back({seat, seats_.born(seat), seats_.epoch(seat)});
  }
  [[maybe_unused]] const std::uint32_t number = layouts_.add(std::move(layout));
  if (PATUH_DEFECT("layouts are left too early")) layouts_.retire(kind, number);
}

void Verdicts::look_again(const PairRef& ref, const Moment& moment) {
  if (is_withdrawn(ref)) return close_withdrawn(ref, moment);
  Pair pair = now_->pairs.at(ref);
  if (seats_.is_outdated(ref.seat, pair)) return judge(ref, moment);
  PATUH_MARK("switch: a rule only weighs otherwise");
  catch_up(ref, pair);
  keep_gap(ref, pair, moment);
  refresh(ref, pair, moment);
  now_->pairs.put(ref, pair);
}

void Verdicts::close_withdrawn(const PairRef& ref, const Moment& moment) {
  PATUH_MARK("switch: a rule is withdrawn");
  Pair pair = now_->pairs.at(ref);
  if (!PATUH_DEFECT("a withdrawn rule's pairs go without a word")) {
    close(ref, pair, model::Closing::kRuleWithdrawn, moment);
  }
  forget(ref, pair);
  count_pending(ref, -1);
  now_->pairs.put(ref, pair);
  // The agency before must hear of it while the pair is still there.
  for (const Moved& moved : moved_) {
    if (moved.element == ref.element) restate(ref, moved, *moment.out);
  }
  pair = Pair{};
  pair.epoch = seats_.epoch(ref.seat);
  now_->pairs.put(ref, pair);
  if (seats_.catch_up(ref.seat)) end_sweep(ref.seat);
}

// The pair stands under its rule as it is now: counted by its weights, to be judged if it must.
void Verdicts::catch_up(const PairRef& ref, Pair& pair) {
  if (!PATUH_DEFECT("what caught up is not saved")) registry_.touch(ref.element);
  const Version& before = version(ref, pair);
  const bool is_outdated = before.stamp != seats_.version(ref.seat).stamp;
  count(ref, pair, -1);
  if (before.run != seats_.version(ref.seat).run) runs_.end(before, ref.element);
  pair.epoch = seats_.epoch(ref.seat);
  count(ref, pair, 1);
  if (!pair.put_off) count_pending(ref, -1);
  if (is_outdated) now_->pairs.set_own_reads(pair, 0);  // bits that the rule gave as it was
  if (seats_.catch_up(ref.seat)) end_sweep(ref.seat);
}

// No pair of the seat is stale any more: what was kept for them goes, and a withdrawn rule itself.
void Verdicts::end_sweep(Seat seat) {
  backlog_.end_sweep(seat);
  const KindId kind = seats_.kind(seat);
  layouts_.retire(kind, seats_.layout(seat));
  if (seats_.rule(seat) != nullptr) return;
  now_->pairs.drop_seat(seat, kind, seats_.epoch(seat));
  now_->counts.drop(seat);
  seats_.free(seat);
  now_->pairs.arrange(seats_);
  lay_out(kind);
}

// ── Where they are made anew ──

void Verdicts::leave_schema(const rulebook::RuleBook& next, const Moment& moment) {
  now_->history.keep_all(registry_);
  const std::vector<Seat> gone = seats_.withdraw(next, *now_->book->schema);
  backlog_.drop(gone);
  for (const Seat seat : gone) {
    const KindId kind = seats_.kind(seat);
    seats_.begin(seat, now_->pairs.count(kind), layouts_.current(kind));
    pending_.end(seat);
  }
  for (const Seat seat : seats_.withdrawn()) {
    for (const ElementRef element : now_->pairs.elements()) {
      if (seats_.stale(seat) == 0) break;
      if (now_->pairs.kind(element) != seats_.kind(seat)) continue;
      const PairRef ref{seat, element};
      if (seats_.is_stale(seat, now_->pairs.sort(ref))) close_withdrawn(ref, moment);
    }
    if (seats_.is_used(seat)) end_sweep(seat);
  }
}

// Another schema may leave elements without a place.
void Verdicts::drop_gone(const Moment& moment) {
  for (const ElementRef element : now_->pairs.elements()) {
    if (!registry_.exists(element)) remove_element(element, moment);
  }
}

// What a pair read stands only under the schema it was read by.
void Verdicts::move_pairs(UnderBook& next, const Seats::Changed& changed) {
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    if (seats_.is_used(Seat{i})) next.pairs.add_seat(Seat{i}, seats_.kind(Seat{i}));
  }
  next.pairs.arrange(seats_);
  next.pairs.adopt_extras(now_->pairs);
  registry_.for_each(std::nullopt, [&](ElementRef element) {
    registry_.touch(element);
    const std::uint32_t agency =
        next.counts.agency(registry_.agency_of(element), registry_.agency_code(element));
    next.pairs.add(element, registry_.kind_of(element), agency, seats_);
    if (now_->pairs.holds(element)) {
      const std::string& before = now_->counts.code(now_->pairs.agency(element));
      if (before != next.counts.code(agency)) moved_.push_back({element, before});
    }
    for (const Seat seat : next.pairs.all_seats(registry_.kind_of(element))) {
      const bool is_new = std::ranges::find(changed.came, seat) != changed.came.end();
      move_pair({seat, element}, next, is_new || !now_->pairs.holds(element));
    }
  });
}

void Verdicts::move_pair(const PairRef& ref, UnderBook& next, bool is_new) {
  Pair pair;
  if (is_new) {
    pair.epoch = seats_.first_epoch(ref.seat);
  } else {
    pair = now_->pairs.at(ref);
    pair.reads_elsewhere = false;
    pair.own_reads = 0;
  }
  next.pairs.put(ref, pair);
}

}  // namespace patuh::engine
