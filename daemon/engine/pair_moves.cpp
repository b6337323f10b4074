// One pair: from a judgement to its verdict, episode, alert, counts and timer.
#include <algorithm>
#include <vector>

#include "engine/verdicts.h"
#include "marks/marks.h"

namespace patuh::engine {

using model::VerdictState;

namespace {

// One more, made where it stays. What is told is large: doubling would move it again and again.
template <class T>
T& one_more(std::vector<T>& told) {
  constexpr std::size_t kFirst = 2;
  constexpr std::size_t kGrowth = 4;
  if (told.size() == told.capacity()) told.reserve(std::max(kFirst, kGrowth * told.size()));
  return told.emplace_back();
}

bool is_violation(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived;
}

}  // namespace

void Verdicts::judge(const PairRef& ref, const Moment& moment) {
  ++judgements_;
  const Pair kept = now_->pairs.at(ref);
  Pair pair = kept;
  // What follows from the verdict comes near while it is found.
  now_->pairs.expect_extra(pair);
  if (seats_.is_stale(ref.seat, pair)) catch_up(ref, pair);
  // While it waited its row said nothing of what it read.
  if (pair.put_off) {
    registry_.touch(ref.element);
    count_pending(ref, -1);
  }
  const Judgement judgement = now_->judge.judge(ref, moment.at);
  now_->pairs.expect_words(pair);
  pair.put_off = false;
  const Pair before = pair;
  const std::uint64_t reads_before = reads_.changes();
  const auto reads = now_->judge.world().finish();
  if (!PATUH_DEFECT("reads of the first judgement stay") || !pair.judged) {
    note_reads(ref, pair, reads);
  }
  if (!PATUH_DEFECT("own reads of the first judgement stay") || !pair.judged) {
    now_->pairs.set_own_reads(pair, now_->judge.world().self_reads());
  }
  settle(ref, pair, judgement, moment);
  if (pair != kept) now_->pairs.put(ref, pair);
  touch_if_other(ref, pair, before, reads_before);
}

void Verdicts::note_reads(const PairRef& ref, Pair& pair, std::span<const registry::Key> reads) {
  if (!pair.reads_elsewhere && reads.empty()) return;
  reads_.replace(now_->pairs.reads(ref.element), now_->pairs.reader(ref), reads);
  pair.reads_elsewhere = !reads.empty();
}

void Verdicts::touch_if_other(const PairRef& ref, const Pair& pair, const Pair& before,
                              std::uint64_t reads_before) {
  // What an extra holds may have changed under the same number.
  const bool is_other = pair.extra != kNone || before.extra != kNone ||
                        reads_.changes() != reads_before || pair.state != before.state ||
                        pair.since() != before.since() || pair.own_reads != before.own_reads ||
                        pair.judged != before.judged || pair.recorded != before.recorded ||
                        pair.overdue != before.overdue;
  if (is_other) registry_.touch(ref.element);
}

// The earliest time at which its verdict can turn.
void Verdicts::set_next(Pair& pair, base::Instant at) {
  if (at == base::kNever && pair.extra == kNone) return;
  Extra extra = now_->pairs.extra(pair);
  if (extra.next_judgement == at) return;
  extra.next_judgement = at;
  now_->pairs.set_extra(pair, extra);
}

void Verdicts::settle(const PairRef& ref, Pair& pair, const Judgement& judgement,
                      const Moment& moment) {
  set_next(pair, judgement.next_change);
  const Episode* const episode = now_->pairs.episode(pair);
  const bool goes_on = episode != nullptr && episode->violating_since() != base::kNever &&
                       is_violation(judgement.state);
  if (goes_on && episode->occurrence() != judgement.occurrence &&
      !PATUH_DEFECT("another occurrence goes on")) {
    PATUH_MARK("episode: another occurrence");
    close(ref, pair, model::Closing::kNewOccurrence, moment);
  }
  change(ref, pair, judgement, moment);
  refresh(ref, pair, moment);
}

void Verdicts::change(const PairRef& ref, Pair& pair, const Judgement& judgement,
                      const Moment& moment) {
  const bool is_first = !pair.judged;
  pair.judged = true;
  const bool is_other = pair.state != judgement.state;
  if (is_first || is_other) {
    // A first verdict of compliant follows from the life of the element and the rule's version.
    const bool is_told = is_other && !(is_first && judgement.state == VerdictState::kCompliant);
    if (is_told) transition(ref, pair, judgement.state, moment);
    count(ref, pair, -1);
    pair.state = judgement.state;
    pair.set_since(moment.at);
    pair.overdue = pair.inherited = false;
    count(ref, pair, 1);
    if (is_told) {
      pair.recorded = true;
      keep_episode(ref, pair, judgement, moment);
      return tell(ref, moment.out->transitions.back(), judgement, moment.at);
    }
  }
  keep_episode(ref, pair, judgement, moment);
}

// Begins what the pair owes, or notes what it owes it for. refresh() ends it.
void Verdicts::keep_episode(const PairRef& ref, Pair& pair, const Judgement& judgement,
                            const Moment& moment) {
  if (is_violation(judgement.state)) {
    Episode& kept = now_->pairs.make_episode(pair);
    if (kept.violating_since() != base::kNever) return;
    now_->pairs.change_episode(kept, [&](Episode& episode) {
      const std::int64_t grown = episode.set_violating_since(moment.at);
      return grown + (episode.phase() == alerts::Phase::kFiring
                          ? episode.set_occurrence(judgement.occurrence)
                          : episode.set_words(judgement.occurrence, moment.cause()));
    });
    return;
  }
  keep_gap(ref, pair, moment);
}

// A gap in which a critical rule may alert by itself.
void Verdicts::keep_gap(const PairRef& ref, Pair& pair, const Moment& moment) {
  if (pair.state != VerdictState::kUndetermined) return;
  if (version(ref, pair).severity != model::Severity::kCritical) return;
  PATUH_MARK("episode: a gap of a critical rule");
  Episode& kept = now_->pairs.make_episode(pair);
  if (!kept.cause().empty()) return;
  now_->pairs.change_episode(kept, [&](Episode& episode) {
    return episode.set_words(episode.occurrence(), moment.cause());
  });
}

// Ends the pair's verdict otherwise than by its facts: it is not applicable from now on, and has no
// episode.
void Verdicts::close(const PairRef& ref, Pair& pair, model::Closing closing, const Moment& moment) {
  registry_.touch(ref.element);
  const bool is_implied = pair.state == VerdictState::kCompliant && !pair.recorded &&
                          !PATUH_DEFECT("the end of what was never told is told");
  if (is_implied) PATUH_MARK("close: of what was never told");
  if (pair.state != VerdictState::kNotApplicable && !is_implied) {
    transition(ref, pair, VerdictState::kNotApplicable, moment).closing = closing;
  }
  count(ref, pair, -1);
  pair.state = VerdictState::kNotApplicable;
  pair.set_since(moment.at);
  pair.overdue = pair.inherited = false;
  advance_alert(ref, pair, moment);
  now_->pairs.end_episode(pair);
}

// Frees what a closed pair holds elsewhere; the pair itself goes with its element or rule.
void Verdicts::forget(const PairRef& ref, Pair& pair) {
  note_reads(ref, pair, {});
  runs_.end(version(ref, pair), ref.element);
  now_->pairs.end_episode(pair);
  timers_.set(now_->pairs.extra(pair).timer, base::kNever, ref);
  now_->pairs.set_extra(pair, {});
}

// ── Alert, counts, timer ──

// What follows from the verdict and the instant: alert, overdue, episode's end, next wake-up.
void Verdicts::refresh(const PairRef& ref, Pair& pair, const Moment& moment) {
  if (pair.extra == kNone) return;
  registry_.touch(ref.element);
  advance_alert(ref, pair, moment);
  const bool is_violating = pair.state == VerdictState::kViolating;
  const bool is_overdue = is_violating && moment.at >= due(ref, pair);
  count_as(ref, pair, is_overdue, is_violating && began_before_baseline(pair));
  if (is_over(pair)) now_->pairs.end_episode(pair);
  set_timer(ref, pair);
}

void Verdicts::count_as(const PairRef& ref, Pair& pair, bool is_overdue, bool is_inherited) {
  if (is_overdue == pair.overdue && is_inherited == pair.inherited) return;
  PATUH_MARK("pair: overdue turns");
  count(ref, pair, -1);
  pair.overdue = is_overdue;
  pair.inherited = is_inherited;
  count(ref, pair, 1);
}

// The underlying violation, which goes on while it is waived and through gaps.
bool Verdicts::began_before_baseline(const Pair& pair) const {
  const Episode* const episode = now_->pairs.episode(pair);
  return episode != nullptr && episode->violating_since() < baseline_;
}

void Verdicts::set_baseline(base::Instant baseline, const Moment& moment) {
  baseline_ = baseline;
  for (const model::ElementRef element : now_->pairs.elements()) {
    for (const Seat seat : all_rules_of(element)) {
      const PairRef ref{seat, element};
      Pair pair = now_->pairs.at(ref);
      if (now_->pairs.episode(pair) == nullptr) continue;
      if (is_withdrawn(ref)) {  // it is counted until it is closed, and alerts no more
        const bool is_violating = pair.state == VerdictState::kViolating;
        count_as(ref, pair, pair.overdue, is_violating && began_before_baseline(pair));
      } else {
        refresh(ref, pair, moment);
      }
      now_->pairs.put(ref, pair);
    }
  }
}

// Nothing is owed any more, and nothing is firing.
bool Verdicts::is_over(const Pair& pair) const {
  if (pair.state == VerdictState::kCompliant || pair.state == VerdictState::kNotApplicable) {
    return true;
  }
  if (pair.state == VerdictState::kUndetermined && PATUH_DEFECT("a gap ends the episode"))
    return true;
  const Episode* const episode = now_->pairs.episode(pair);
  return episode != nullptr && episode->violating_since() == base::kNever &&
         episode->phase() == alerts::Phase::kNone;
}

void Verdicts::advance_alert(const PairRef& ref, Pair& pair, const Moment& moment) {
  Episode* const episode = now_->pairs.episode(pair);
  if (episode == nullptr) return;
  const alerts::State before = episode->alert();
  const alerts::Outcome outcome = alerts::advance(before, alert_input(ref, pair), moment.at);
  if (outcome.state != before) {
    now_->pairs.change_episode(*episode,
                               [&](Episode& kept) { return kept.set_alert(outcome.state); });
  }
  if (outcome.change == alerts::Change::kFired) {
    keep_sent(ref, *episode, moment.at);
    alerts::Notice& told = one_more(moment.out->notices);
    notice(ref, *episode, outcome.state.started, told);
    told.at = moment.at;
  } else if (outcome.change == alerts::Change::kResolved) {
    alerts::Notice& told = one_more(moment.out->notices);
    notice(ref, *episode, before.started, told);
    told.at = moment.at;
    told.firing = false;
    told.baseline = moment.cause_type == kBaseline;
    now_->pairs.change_episode(*episode, [](Episode& kept) { return kept.forget_sent(); });
  }
}

alerts::Input Verdicts::alert_input(const PairRef& ref, const Pair& pair) const {
  const Version& of = version(ref, pair);
  const Episode* const episode = now_->pairs.episode(pair);
  return {.state = pair.state,
          .since = pair.since(),
          .violating_since = episode == nullptr ? base::kNever : episode->violating_since(),
          .critical = of.severity == model::Severity::kCritical,
          .shadow = of.mode == rulebook::Mode::kShadow,
          .inherited = began_before_baseline(pair),
          .grace = of.grace};
}

base::Instant Verdicts::due(const PairRef& ref, const Pair& pair) const {
  return due_by(version(ref, pair).grace, pair);
}

base::Instant Verdicts::due_by(base::Duration grace, const Pair& pair) const {
  const Episode* const episode = now_->pairs.episode(pair);
  if (episode == nullptr || episode->violating_since() == base::kNever) return base::kNever;
  return episode->violating_since() + grace;
}

void Verdicts::set_timer(const PairRef& ref, Pair& pair) {
  Extra extra = now_->pairs.extra(pair);
  base::Instant wake = extra.next_judgement;
  if (const Episode* const episode = now_->pairs.episode(pair)) {
    wake = std::min(wake, alerts::wake_at(episode->alert(), alert_input(ref, pair)));
    if (pair.state == VerdictState::kViolating && !pair.overdue &&
        !PATUH_DEFECT("nothing wakes for what becomes overdue")) {
      wake = std::min(wake, due(ref, pair));
    }
  }
  if (PATUH_DEFECT("wakes a tick too late") && wake != base::kNever) wake += base::Duration(1);
  extra.timer = timers_.set(extra.timer, wake, ref);
  now_->pairs.set_extra(pair, extra);
}

void Verdicts::count(const PairRef& ref, const Sort& pair, int by) {
  if (pair.state == VerdictState::kNotApplicable) return;
  applicable_ += static_cast<std::uint64_t>(static_cast<std::int64_t>(by));
  const Version& weights = PATUH_DEFECT("what waits is counted by its new weights")
                               ? seats_.version(ref.seat)
                               : version(ref, pair);
  now_->counts.add(now_->pairs.agency(ref.element), ref.seat, weights, counted(pair), by);
}

// ── What is told ──

model::Transition& Verdicts::transition(const PairRef& ref, const Pair& pair, VerdictState to,
                                        const Moment& moment) const {
  const Version& of = version(ref, pair);
  model::Transition& told = one_more(moment.out->transitions);
  told.rule = seats_.id(ref.seat);
  told.element = registry_.key_of(ref.element);
  told.agency = now_->counts.code(now_->pairs.agency(ref.element));
  told.from = pair.state;
  told.to = to;
  told.severity = of.severity;
  told.since = moment.at;
  told.recorded = moment.recorded;
  if (const Episode* const episode = now_->pairs.episode(pair)) {
    told.occurrence = episode->occurrence();
  }
  told.cause_source = moment.cause_source;
  told.cause_id = moment.cause_id;
  told.cause_type = moment.cause_type;
  told.rule_version = of.hash;
  return told;
}

void Verdicts::tell(const PairRef& ref, model::Transition& told, const Judgement& judgement,
                    base::Instant at) {
  if (told.occurrence.empty()) told.occurrence = judgement.occurrence;
  told.reason = now_->judge.reason(ref, judgement);
  told.evidence = now_->judge.evidence(ref, at);
}

void Verdicts::keep_sent(const PairRef& ref, Episode& episode, base::Instant at) {
  const model::Text summary = now_->renderer.message(ref, at);
  const Sent sent{.agency = 0,
                  .occurrence = episode.occurrence(),
                  .severity = rule(ref).severity,
                  .summary_id = summary.id,
                  .summary_en = summary.en};
  now_->pairs.set_sent(episode, now_->counts.code(now_->pairs.agency(ref.element)), sent);
}

// All but the instant at which it goes out.
void Verdicts::notice(const PairRef& ref, const Episode& episode, base::Instant started,
                      alerts::Notice& out) const {
  const model::Text& remedy = seats_.remedy(ref.seat);
  const Sent sent = episode.sent();
  const auto& deployment = now_->book->schema->roles.deployment;
  out.agency = now_->pairs.sent_agency(sent);
  out.rule = seats_.id(ref.seat);
  out.element = registry_.key_of(ref.element);
  out.severity = sent.severity;
  out.cause = episode.cause();
  out.occurrence = sent.occurrence;
  out.started = started;
  out.deployment = deployment && deployment->kind == seats_.kind(ref.seat);
  out.summary_id = sent.summary_id;
  out.summary_en = sent.summary_en;
  out.remedy_id = remedy.in(model::Language::kIndonesian);
  out.remedy_en = remedy.in(model::Language::kEnglish);
  // Several events can share an instant, and each can begin an episode of its own.
  const std::string begin = base::to_rfc3339(started);
  out.key.reserve(out.rule.size() + out.element.kind.size() + out.element.id.size() +
                  out.occurrence.size() + begin.size() + out.cause.size() + 5);
  out.key.append(out.rule).append("|");
  out.key.append(out.element.kind).append("/").append(out.element.id).append("|");
  out.key.append(out.occurrence).append("|").append(begin).append("|").append(out.cause);
}

}  // namespace patuh::engine
