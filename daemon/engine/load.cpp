// From a snapshot's rows to verdicts and episodes; counts and timers follow from them.
#include <algorithm>

#include "engine/impl.h"
#include "engine/saved.h"

namespace patuh::engine {

using base::Decoder;
using model::ElementRef;
using registry::Key;

namespace {

template <class Enum>
Enum enumerator(base::Decoder& in, Enum last) {
  const std::uint8_t value = in.byte();
  if (value > static_cast<std::uint8_t>(last)) in.fault();
  return in.ok() ? static_cast<Enum>(value) : Enum{};
}

// An instant to which times of rules can be added; kNever besides.
base::Instant load_instant(base::Decoder& in) {
  constexpr std::int64_t kFarthest = INT64_MAX / 2;
  const base::Instant at = in.instant();
  const std::int64_t ticks = at.time_since_epoch().count();
  if (at != base::kNever && (ticks > kFarthest || ticks < -kFarthest)) in.fault();
  return in.ok() ? at : base::Instant{};
}

void load_episode(base::Decoder& in, PairTable& pairs, Episode& loaded) {
  const base::Instant violating_since = load_instant(in);
  const auto phase = enumerator(in, alerts::Phase::kFiring);
  const base::Instant started = load_instant(in);
  const base::Instant due = load_instant(in);
  const std::string_view occurrence = in.text();
  const std::string_view cause = in.text();
  pairs.change_episode(loaded, [&](Episode& episode) {
    const std::int64_t grown =
        episode.set_violating_since(violating_since) + episode.set_words(occurrence, cause);
    return grown + episode.set_alert({phase, started, due});
  });
  if (in.byte() != 1) return;
  const std::string_view agency = in.text();
  Sent sent;
  sent.occurrence = in.text();
  sent.severity = enumerator(in, model::Severity::kCritical);
  sent.summary_id = in.text();
  sent.summary_en = in.text();
  pairs.set_sent(loaded, agency, sent);
}

Key load_key(base::Decoder& in) {
  Key key;
  key.of = enumerator(in, Key::Of::kMembers);
  key.kind = static_cast<std::uint16_t>(in.number_below(UINT16_MAX + 1));
  key.field = static_cast<std::uint16_t>(in.number_below(UINT16_MAX + 1));
  key.what = SelfReads::has_element(key) ? in.number() : in.fixed();
  return key;
}

}  // namespace

bool SelfReads::load(base::Decoder& in) {
  for (std::size_t i = 0; i < rules_.size() && in.ok(); ++i) {
    const Seat rule{static_cast<std::uint16_t>(i)};
    const auto given = static_cast<std::uint32_t>(in.number_below(UINT32_MAX));
    for (std::size_t field = 0; field < rules_[i].fields.size(); ++field) {
      const auto bits = static_cast<std::uint32_t>(in.number_below(std::uint64_t{1} << kBits));
      if (bits != 0) enter(rule, {Key::Of::kField, 0, static_cast<std::uint16_t>(field)}, bits);
    }
    for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
      const auto of = enumerator(in, Key::Of::kMembers);
      const auto kind = static_cast<std::uint16_t>(in.number_below(UINT16_MAX + 1));
      const auto field = static_cast<std::uint16_t>(in.number_below(UINT16_MAX + 1));
      enter(rule, {of, kind, field},
            static_cast<std::uint32_t>(in.number_below(std::uint64_t{1} << kBits)));
    }
    rules_[i].given = given;
  }
  return in.ok();
}

bool Verdicts::load_head(base::Decoder& in) {
  const std::uint64_t kinds = in.number();
  if (kinds != 0) return load_old_head(kinds, in);
  const std::shared_ptr<const rulebook::RuleBook> book = now_->book;
  if (in.number() != kHeadForm || !seats_.load(*book, in)) return false;
  if (!layouts_.load(in, book->schema->kinds.size())) return false;
  now_ = std::make_unique<UnderBook>(book, UnderBook::Beside{registry_, seats_, runs_, timers_},
                                     limits());
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    if (seats_.is_used(Seat{i})) now_->pairs.add_seat(Seat{i}, seats_.kind(Seat{i}));
  }
  now_->pairs.arrange(seats_);
  return now_->pairs.load_free(in) && backlog_.load(in, waiting_) &&
         now_->history.load_head(*book->schema, in);
}

// Of a form that knew no seats: kinds stand in their order, rules by their ids, and nothing was
// swept. So the engine that has seen nothing has its seats and layouts.
bool Verdicts::load_old_head(std::uint64_t kinds, base::Decoder& in) {
  const rulebook::RuleBook& book = *now_->book;
  if (kinds != book.schema->kinds.size()) return false;
  for (const model::Kind& kind : book.schema->kinds) {
    const auto seats = now_->pairs.seats(kind.id);
    if (in.count() != seats.size()) return false;
    for (const Seat seat : seats) {
      if (in.text() != seats_.id(seat)) return false;
    }
  }
  return backlog_.load_by_ids(book, seats_, in, waiting_) &&
         now_->history.load_old_head(*book.schema, in);
}

bool Verdicts::load_packed_head(base::Decoder& in) {
  if (in.number() != kEngineRevision) return false;
  const base::Digest& hash = now_->book->hash;
  if (in.text() != std::string_view(std::bit_cast<const char*>(hash.data()), hash.size())) {
    return false;
  }
  return in.text() == numbering_of(*now_->book) && now_->self_reads.load(in);
}

bool Verdicts::load(ElementRef element, base::Decoder& in, base::Decoder* packed) {
  if (in.byte() == 0) return in.ok();
  const Layout* const layout =
      layouts_.find(static_cast<std::uint32_t>(in.number_below(UINT32_MAX)));
  const model::KindId kind = registry_.kind_of(element);
  if (layout == nullptr || layout->kind != kind || now_->pairs.holds(element)) return false;
  now_->pairs.begin(element, kind, loaded_);
  // Rules that came after the row was saved have not looked at it yet.
  for (const Seat seat : now_->pairs.all_seats(kind)) {
    loaded(seat).epoch = seats_.first_epoch(seat);
  }
  base::Instant since{};
  keys_.clear();
  readers_.clear();
  for (const Layout::Of& of : layout->rules) {
    if (!load_pair(of, since, in, packed)) return false;
  }
  if (!now_->history.load(element, kind, layout->pasts, in)) return false;
  for (const Layout::Of& of : layout->rules) {
    if (!load_held(of, element, in)) return false;
  }
  note_loaded_reads(element);
  count_loaded(element, packed != nullptr);
  now_->pairs.put_all(element, loaded_);
  return true;
}

void Verdicts::note_loaded_reads(ElementRef element) {
  std::size_t first = 0;
  for (const auto& [seat, end] : readers_) {
    const auto keys = std::span(keys_).subspan(first, end - first);
    note_reads({seat, element}, loaded(seat), keys);
    first = end;
  }
}

// The agency's own row may come later, and its code with it.
void Verdicts::count_loaded(ElementRef element, bool with_timers) {
  const std::uint32_t agency = now_->counts.agency(registry_.agency_of(element), {});
  if (agency == first_members_.size()) first_members_.push_back(element);
  now_->pairs.set_agency(element, agency);
  for (const Seat seat : all_rules_of(element)) {
    const PairRef ref{seat, element};
    Pair& pair = loaded(seat);
    if (seats_.is_stale(seat, pair)) seats_.count_stale(seat);
    pair.inherited = pair.state == model::VerdictState::kViolating && began_before_baseline(pair);
    count(ref, pair, 1);
    if (with_timers && pair.extra != kNone && !is_withdrawn(ref)) set_timer(ref, pair);
  }
}

bool Verdicts::load_pair(const Layout::Of& of, base::Instant& since, base::Decoder& in,
                         base::Decoder* packed) {
  const unsigned bits = in.byte();
  if ((bits & kSavedState) > static_cast<unsigned>(model::VerdictState::kWaived)) return false;
  const std::uint64_t epoch =
      (bits & kSavedStale) != 0 ? in.number_below(UINT16_MAX + 1) : of.epoch;
  std::int64_t ticks = 0;
  if (__builtin_add_overflow(since.time_since_epoch().count(), in.integer(), &ticks)) return false;
  since = base::Instant(base::Duration(ticks));
  if (!Pair::can_hold(since)) return false;
  // The rule went, and with it this pair, closed.
  const bool is_there = is_seated(of);
  Pair gone;
  Pair& pair = is_there ? loaded(of.seat) : gone;
  if (is_there && !seats_.is_epoch(of.seat, epoch)) return false;
  pair.epoch = static_cast<std::uint16_t>(epoch);
  pair.state = static_cast<model::VerdictState>(bits & kSavedState);
  pair.judged = (bits & kSavedJudged) != 0;
  pair.recorded = (bits & kSavedRecorded) != 0;
  pair.overdue = (bits & kSavedOverdue) != 0;
  pair.set_since(since);
  if ((bits & kSavedEpisode) != 0) {
    if (!is_there) return false;
    load_episode(in, now_->pairs, now_->pairs.make_episode(pair));
  }
  if (packed != nullptr) {
    load_packed(pair, *packed);
    if (is_there) readers_.emplace_back(of.seat, keys_.size());
  }
  return in.ok() && (packed == nullptr || packed->ok());
}

bool Verdicts::is_seated(const Layout::Of& of) const {
  return of.seat.value < seats_.size() && seats_.is_used(of.seat) &&
         seats_.born(of.seat) == of.born;
}

// Since when conditions hold: not of what was outdated when it was saved.
bool Verdicts::load_held(const Layout::Of& of, ElementRef element, base::Decoder& in) {
  if (!is_seated(of)) return true;
  const Version& saved = seats_.version(of.seat, of.epoch);
  if (saved.conditions == 0) return in.ok();
  const Pair& pair = loaded(of.seat);
  if (version({of.seat, element}, pair).stamp != saved.stamp) return true;
  return runs_.load(saved, element, in);
}

// What it reads elsewhere is in keys_ then, behind what others do.
void Verdicts::load_packed(Pair& pair, base::Decoder& packed) {
  now_->pairs.set_own_reads(
      pair, static_cast<std::uint32_t>(packed.number_below(std::uint64_t{1} << 32U)));
  const base::Instant next = packed.instant();
  if (next != base::kNever) set_next(pair, next);
  for (std::uint64_t count = packed.count(); count > 0 && packed.ok(); --count) {
    keys_.push_back(load_key(packed));
    reads_.expect(keys_.back());
  }
}

// What the pair reads, and when it can turn; its verdict stands.
void Verdicts::learn_reads(const PairRef& ref, Pair& pair, base::Instant at) {
  const Judgement judgement = now_->judge.learn(ref, at);
  note_reads(ref, pair, now_->judge.world().finish());
  now_->pairs.set_own_reads(pair, now_->judge.world().self_reads());
  set_next(pair, judgement.next_change);
}

bool Verdicts::load_end(std::optional<base::Instant> judge_at) {
  mark_put_off();
  now_->counts.name_all(
      [this](std::uint32_t agency) { return registry_.agency_code(first_members_[agency]); });
  first_members_ = {};
  if (judge_at) learn_all_reads(*judge_at);
  return backlog_.is_of(seats_);
}

void Verdicts::learn_all_reads(base::Instant at) {
  for (const ElementRef element : now_->pairs.elements()) {
    for (const Seat seat : all_rules_of(element)) {
      const PairRef ref{seat, element};
      if (is_withdrawn(ref)) continue;
      Pair pair = now_->pairs.at(ref);
      if (pair.judged && !is_due(ref, pair)) learn_reads(ref, pair, at);
      if (pair.extra != kNone) set_timer(ref, pair);
      now_->pairs.put(ref, pair);
    }
    hold(element, 1);
  }
}

// ── The engine's door ──

Engine::Loading Engine::load_head(std::string_view head, std::string_view packed,
                                  std::uint64_t rows_most) {
  base::Decoder in(head);
  impl_->now = in.instant();
  if (!in.ok() || !impl_->registry.load_head(in, rows_most) || !impl_->verdicts.load_head(in)) {
    return Loading::kRefused;
  }
  base::Decoder beside(packed);
  impl_->is_packed = impl_->verdicts.load_packed_head(beside);
  return impl_->is_packed ? Loading::kPacked : Loading::kPortable;
}

bool Engine::load(ElementRef place, std::string_view row, std::string_view packed) {
  base::Decoder in(row);
  return load_facts(place, in) && load_verdicts(place, in, packed);
}

bool Engine::load_facts(ElementRef place, base::Decoder& row) {
  return place.value < impl_->registry.places() && impl_->registry.load(place, row);
}

bool Engine::load_verdicts(ElementRef place, base::Decoder& row, std::string_view packed) {
  base::Decoder beside(packed);
  return impl_->verdicts.load(place, row, impl_->is_packed ? &beside : nullptr) && row.at_end();
}

bool Engine::load_source(std::string_view row) {
  base::Decoder in(row);
  return impl_->registry.load_source(in) && in.at_end();
}

void Engine::load_baseline(base::Instant baseline) { impl_->verdicts.load_baseline(baseline); }

bool Engine::load_facts_end() {
  impl_->has_facts = impl_->registry.load_end();
  return impl_->has_facts;
}

bool Engine::load_end() {
  if (!impl_->has_facts && !load_facts_end()) return false;
  return impl_->verdicts.load_end(impl_->is_packed ? std::nullopt : std::optional(impl_->now));
}

}  // namespace patuh::engine
