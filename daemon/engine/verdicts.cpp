// Which pairs must be judged: by what changed, and by time.
#include "engine/verdicts.h"

#include <algorithm>

#include "marks/marks.h"

namespace patuh::engine {

using model::ElementRef;
using model::VerdictState;
using registry::Key;

namespace {

// It stands in a list of what is owed.
bool is_open(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived ||
         state == VerdictState::kUndetermined;
}

}  // namespace

UnderBook::UnderBook(std::shared_ptr<const rulebook::RuleBook> the_book, const Beside& beside,
                     const Judge::Limits& limits)
    : book(std::move(the_book)),
      self_reads(*book, beside.seats),
      history(*book),
      judge(*book, {beside.registry, beside.seats, self_reads, beside.runs}, limits),
      renderer(*book, beside.registry, judge),
      pairs(book->schema->kinds.size(), beside.timers),
      counts(*book, beside.seats) {
  judge.world().use(history);
}

Verdicts::Verdicts(std::shared_ptr<const rulebook::RuleBook> book,
                   const registry::Registry& registry, const Options& options)
    : registry_(registry), options_(options) {
  const Seats::Changed changed = seats_.switch_to(*book, *book->schema, false);
  now_ = std::make_unique<UnderBook>(
      std::move(book), UnderBook::Beside{registry_, seats_, runs_, timers_}, limits());
  seat_down(changed.came);
  lay_out(changed, true);
}

// ── What changed ──

void Verdicts::look_before(std::optional<ElementRef> element) {
  if (element) return now_->history.look(*element, registry_);
  now_->history.begin_record();
}

void Verdicts::expect(ElementRef element) const {
  if (!now_->pairs.holds(element)) return;
  now_->pairs.expect_pairs(element);
  reads_.expect(std::as_const(now_->pairs).reads(element));
}

void Verdicts::absorb(const registry::Delta& delta, const Moment& moment) {
  for (const Key& key : delta.changed) reads_.expect(key);
  for (const ElementRef element : delta.removed) remove_element(element, moment);
  for (const ElementRef element : delta.created) add_element(element);
  for (const Key& key : delta.changed) {
    now_->history.follow(key, registry_, moment.at);
    follow_agency(key);
    enlist_readers(key);
  }
}

void Verdicts::add_element(ElementRef element) {
  if (now_->counts.is_agency(element)) set_code(element);
  if (now_->pairs.holds(element)) return;
  now_->pairs.add(element, registry_.kind_of(element), agency_number(element), seats_);
  hold(element, 1);
  enlist_all(element);
}

void Verdicts::remove_element(ElementRef element, const Moment& moment) {
  if (!now_->pairs.holds(element)) return;
  hold(element, -1);
  for (const Seat seat : all_rules_of(element)) {
    const PairRef ref{seat, element};
    Pair pair = now_->pairs.at(ref);
    close(ref, pair, model::Closing::kElementRemoved, moment);
    forget(ref, pair);
  }
  now_->history.end(element, now_->pairs.kind(element));
  // What waited is waited for no more; a withdrawn rule may go with it.
  const model::KindId kind = now_->pairs.kind(element);
  std::vector<Seat> waited;
  for (const Seat seat : now_->pairs.all_seats(kind)) {
    if (seats_.is_stale(seat, now_->pairs.sort({seat, element}))) waited.push_back(seat);
  }
  now_->pairs.remove(element);
  for (const Seat seat : waited) {
    if (seats_.catch_up(seat)) end_sweep(seat);
  }
}

void Verdicts::enlist_all(ElementRef element) {
  for (const Seat seat : rules_of(element)) waiting_.push_back({seat, element});
}

// Whatever happens to an element brings forward what waits to be judged of it. Pairs of a withdrawn
// rule only wait to be closed.
void Verdicts::enlist_readers(const Key& key) {
  const bool some_wait = !backlog_.empty();
  const auto is_read = [&](const PairRef& ref) {
    return !some_wait || !is_due(ref, now_->pairs.sort(ref));
  };
  if (SelfReads::has_element(key)) {
    const ElementRef element{static_cast<std::uint32_t>(key.what)};
    if (now_->pairs.holds(element)) {
      if (some_wait) bring_forward(element);
      now_->self_reads.readers(now_->pairs.kind(element), key, [&](Seat seat, auto bits) {
        const PairRef ref{seat, element};
        if ((now_->pairs.own_reads(ref) & bits) != 0 && is_read(ref)) waiting_.push_back(ref);
      });
    }
  }
  reads_.readers(key, [&](const Reader& reader) {
    const PairRef ref = now_->pairs.pair_of(reader);
    if (is_read(ref)) waiting_.push_back(ref);
  });
}

void Verdicts::bring_forward(ElementRef element) {
  for (const Seat seat : rules_of(element)) {
    const PairRef ref{seat, element};
    if (!is_due(ref, now_->pairs.sort(ref))) continue;
    PATUH_MARK("pairs: what waits is brought forward");
    waiting_.push_back(ref);
  }
}

// ── Agencies ──

std::string_view Verdicts::code_of_agency(ElementRef agency) const {
  return registry_.agency_code(agency);
}

std::uint32_t Verdicts::agency_number(ElementRef element) {
  return now_->counts.agency(registry_.agency_of(element), registry_.agency_code(element));
}

void Verdicts::follow_agency(const Key& key) {
  const ElementRef element{static_cast<std::uint32_t>(key.what)};
  if (key.of == Key::Of::kAgency) {
    if (now_->pairs.holds(element)) move_agency(element);
  } else if (key.of == Key::Of::kField && now_->counts.is_agency(element)) {
    set_code(element);
  }
}

// All that it owes is owed under another code from now on.
void Verdicts::set_code(ElementRef agency) {
  const std::string before = now_->counts.code(now_->counts.agency(agency, {}));
  const std::string_view code = code_of_agency(agency);
  if (before == code) return;
  now_->counts.set_code(agency, code);
  for (const model::Kind& kind : now_->book->schema->kinds) {
    if (now_->pairs.all_seats(kind.id).empty()) continue;
    for (const ElementRef element : registry_.members(agency, kind.id)) {
      moved_.push_back({element, before});
    }
  }
}

void Verdicts::move_agency(ElementRef element) {
  const std::uint32_t to = agency_number(element);
  if (to == now_->pairs.agency(element)) return;
  PATUH_MARK("pairs: move to another agency");
  if (PATUH_DEFECT("tallies stay with the agency before")) return;
  moved_.push_back({element, now_->counts.code(now_->pairs.agency(element))});
  for (const Seat seat : all_rules_of(element)) {
    const PairRef ref{seat, element};
    count(ref, now_->pairs.sort(ref), -1);
  }
  hold(element, -1);
  now_->pairs.set_agency(element, to);
  hold(element, 1);
  for (const Seat seat : all_rules_of(element)) {
    const PairRef ref{seat, element};
    count(ref, now_->pairs.sort(ref), 1);
  }
}

// The element and what waits of it, on its agency's books.
void Verdicts::hold(ElementRef element, int by) {
  pending_.hold(now_->pairs.agency(element), now_->pairs.kind(element), by);
  if (backlog_.empty() && seats_.all_stale() == 0) return;
  if (PATUH_DEFECT("what waits stays with the agency before")) return;
  for (const Seat seat : all_rules_of(element)) {
    const PairRef ref{seat, element};
    if (is_pending(ref, now_->pairs.sort(ref))) count_pending(ref, by);
  }
}

std::map<std::string, std::uint64_t> Verdicts::pending() const {
  std::map<std::string, std::uint64_t> out;
  for (std::uint32_t agency = 0; agency < now_->counts.agency_count(); ++agency) {
    if (const std::uint64_t count = pending_.of(agency)) out[now_->counts.code(agency)] += count;
  }
  return out;
}

void Verdicts::restate_moved(base::Instant now, StepResult& out) {
  for (const Moved& moved : std::exchange(moved_, {})) {
    for (const Seat seat : all_rules_of(moved.element)) {
      const PairRef ref{seat, moved.element};
      const Pair pair = now_->pairs.at(ref);
      // What turned in this very step may have been open under the agency before.
      const bool was_open = is_open(pair.state) || pair.since() >= now;
      if (was_open) restate(ref, moved, out);
    }
  }
}

void Verdicts::restate(const PairRef& ref, const Moved& moved, StepResult& out) const {
  const Pair pair = now_->pairs.at(ref);
  if (!pair.recorded) return;  // nobody was ever told of it
  const Episode* const episode = now_->pairs.episode(pair);
  out.restated.push_back(
      {.before = moved.before,
       .agency = now_->counts.code(now_->pairs.agency(moved.element)),
       .rule = seats_.id(ref.seat),
       .element = registry_.key_of(moved.element),
       .state = pair.state,
       .since = pair.since(),
       .started = episode == nullptr ? base::kNever : episode->violating_since(),
       .occurrence = episode == nullptr ? std::string() : std::string(episode->occurrence())});
}

// ── Time ──

void Verdicts::wake_until(base::Instant now, StepResult& out) {
  while (timers_.next() <= now && timers_.next() != base::kNever) {
    const base::Instant at = timers_.next();
    const PairRef ref = timers_.next_pair();
    const Moment moment{at, now, "", "", "time", &out};
    ++wakes_;
    Pair pair = now_->pairs.at(ref);
    Extra extra = now_->pairs.extra(pair);
    if (is_withdrawn(ref)) {
      PATUH_MARK("time: a rule that is withdrawn");
      extra.timer = timers_.set(extra.timer, base::kNever, ref);
      now_->pairs.set_extra(pair, extra);
      now_->pairs.put(ref, pair);
      continue;
    }
    if (is_due(ref, pair)) set_next(pair, base::kNever);
    if (now_->pairs.extra(pair).next_judgement <= at) {
      PATUH_MARK("time: turns a verdict");
      judge(ref, moment);
    } else {
      PATUH_MARK("time: only an alert or what is overdue");
      refresh(ref, pair, moment);
      now_->pairs.put(ref, pair);
    }
    PATUH_ASSERT(timers_.size() == 0 || timers_.next() > at || timers_.next_pair() != ref);
  }
}

// ── Reading ──

std::span<const Seat> Verdicts::rules_of(ElementRef element) const {
  if (!now_->pairs.holds(element)) return {};
  return now_->pairs.seats(now_->pairs.kind(element));
}

std::span<const Seat> Verdicts::all_rules_of(ElementRef element) const {
  if (!now_->pairs.holds(element)) return {};
  return now_->pairs.all_seats(now_->pairs.kind(element));
}

bool Verdicts::has(const PairRef& ref) const {
  if (!now_->pairs.holds(ref.element) || ref.seat.value >= seats_.size()) return false;
  if (!seats_.is_used(ref.seat) || is_withdrawn(ref)) return false;
  return seats_.kind(ref.seat) == now_->pairs.kind(ref.element);
}

std::optional<Pair> Verdicts::find(const PairRef& ref) const {
  if (!has(ref)) return std::nullopt;
  return now_->pairs.at(ref);
}

Verdict Verdicts::view(const PairRef& ref) const {
  const Pair pair = now_->pairs.at(ref);
  Verdict verdict{.rule = rule(ref).number,
                  .element = ref.element,
                  .state = pair.state,
                  .since = pair.since(),
                  .due = due_by(rule(ref).grace, pair),
                  .alert = {},
                  .occurrence = {},
                  .pending = is_pending(ref, pair),
                  .inherited = pair.inherited};
  if (const Episode* const episode = now_->pairs.episode(pair)) {
    verdict.alert = episode->phase();
    verdict.occurrence = episode->occurrence();
  }
  return verdict;
}

// By way of the agency's elements: cheaper than keeping every open pair in order of agencies.
std::vector<Verdict> Verdicts::owed_by(std::string_view code) const {
  std::vector<Verdict> out;
  for (const auto& agency : now_->counts.agencies(code)) {
    for (const model::Kind& kind : now_->book->schema->kinds) {
      if (now_->pairs.seats(kind.id).empty()) continue;
      if (!agency) {
        registry_.for_each(kind.id, [&](ElementRef element) {
          if (!registry_.agency_of(element)) add_owed(element, out);
        });
        continue;
      }
      for (const ElementRef element : registry_.members(*agency, kind.id)) add_owed(element, out);
    }
  }
  return out;
}

void Verdicts::add_owed(ElementRef element, std::vector<Verdict>& out) const {
  for (const Seat seat : rules_of(element)) {
    const PairRef ref{seat, element};
    const Pair pair = now_->pairs.at(ref);
    const bool is_owed = is_open(pair.state) && rule(ref).mode == rulebook::Mode::kEnforced;
    if (is_owed) out.push_back(view(ref));
  }
}

void Verdicts::add_to(Stats& stats) const {
  stats.judgements = judgements_;
  stats.wakes = wakes_;
  stats.pairs = applicable_;
  stats.timers = timers_.size();
  stats.reads = reads_.size();
  stats.backlog = backlog_.entries() + seats_.all_stale();
  stats.backlog_since = backlog_.since();
  stats.bytes = {.pairs = now_->pairs.bytes(),
                 .episodes = now_->pairs.episode_bytes(),
                 .timers = timers_.bytes(),
                 .reads = reads_.bytes(),
                 .others = now_->counts.bytes() + now_->history.bytes() + runs_.bytes() +
                           backlog_.bytes() + seats_.bytes() + pending_.bytes()};
}

}  // namespace patuh::engine
