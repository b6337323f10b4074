// From a snapshot's rows to verdicts and episodes; counts and timers follow from them.
#include <algorithm>

#include "engine/impl.h"
#include "engine/saved.h"

namespace patuh::engine {

using base::Decoder;
using model::ElementRef;
using model::RuleId;
using registry::Key;

namespace {

template <class Enum>
Enum enumerator(base::Decoder& in, Enum last) {
  const std::uint8_t value = in.byte();
  if (value > static_cast<std::uint8_t>(last)) in.fault();
  return in.ok() ? static_cast<Enum>(value) : Enum{};
}

std::unique_ptr<Sent> load_sent(base::Decoder& in) {
  auto sent = std::make_unique<Sent>();
  sent->agency = in.text();
  sent->occurrence = in.text();
  sent->severity = enumerator(in, model::Severity::kCritical);
  sent->summary_id = in.text();
  sent->summary_en = in.text();
  return sent;
}

void load_episode(base::Decoder& in, PairTable& pairs, Episode& episode) {
  episode.violating_since = in.instant();
  episode.alert.phase = enumerator(in, alerts::Phase::kFiring);
  episode.alert.started = in.instant();
  episode.alert.due = in.instant();
  episode.occurrence = in.text();
  episode.cause = in.text();
  if (in.byte() == 1) pairs.keep_sent(episode, load_sent(in));
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
    const RuleId rule{static_cast<std::uint16_t>(i)};
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
  const rulebook::RuleBook& book = *now_->book;
  rules_saved_.resize(in.count());
  std::size_t known = 0;
  for (std::vector<RuleId>& rules : rules_saved_) {
    for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
      const rulebook::Rule* const rule = book.rule(in.text());
      if (rule == nullptr) return false;
      rules.push_back(rule->number);
      ++known;
    }
  }
  return in.ok() && known == book.rules.size() && backlog_.load(book, in, waiting_) &&
         now_->history.load_head(*book.schema, in);
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
  const std::uint64_t kind = in.number_below(rules_saved_.size());
  if (!in.ok() || now_->pairs.holds(element)) return false;
  const model::KindId of = registry_.kind_of(element);
  now_->pairs.add(element, of, kNone);
  base::Instant since{};
  for (const RuleId number : rules_saved_[kind]) {
    if (now_->book->rules[number.value].kind != of) return false;
    if (!load_pair({number, element}, since, in, packed)) return false;
  }
  if (!now_->history.load(element, of, in)) return false;
  return std::ranges::all_of(rules_saved_[kind],
                             [&](RuleId number) { return now_->runs.load({number, element}, in); });
}

bool Verdicts::load_pair(const PairRef& ref, base::Instant& since, base::Decoder& in,
                         base::Decoder* packed) {
  Pair& pair = now_->pairs.at(ref);
  const unsigned bits = in.byte();
  if ((bits & kSavedState) > static_cast<unsigned>(model::VerdictState::kWaived)) return false;
  pair.state = static_cast<model::VerdictState>(bits & kSavedState);
  pair.judged = (bits & kSavedJudged) != 0;
  pair.recorded = (bits & kSavedRecorded) != 0;
  pair.overdue = (bits & kSavedOverdue) != 0;
  since += base::Duration(in.integer());
  pair.since = since;
  if ((bits & kSavedEpisode) != 0) load_episode(in, now_->pairs, now_->pairs.make_episode(pair));
  if (packed != nullptr) load_packed(ref, pair, *packed);
  return in.ok() && (packed == nullptr || packed->ok());
}

void Verdicts::load_packed(const PairRef& ref, Pair& pair, base::Decoder& packed) {
  pair.self_reads = static_cast<std::uint32_t>(packed.number_below(std::uint64_t{1} << 32U));
  const base::Instant next = packed.instant();
  if (next != base::kNever) now_->pairs.make_extra(pair).next_judgement = next;
  keys_.clear();
  for (std::uint64_t count = packed.count(); count > 0 && packed.ok(); --count) {
    keys_.push_back(load_key(packed));
  }
  if (!keys_.empty()) pair.reads = reads_.replace(kNone, ref, keys_);
}

// What the pair reads, and when it can turn; its verdict stands.
void Verdicts::learn_reads(const PairRef& ref, Pair& pair, base::Instant at) {
  const Judgement judgement = now_->judge.learn(ref, at);
  pair.reads = reads_.replace(pair.reads, ref, now_->judge.world().finish());
  pair.self_reads = now_->judge.world().self_reads();
  if (judgement.next_change == base::kNever && pair.extra == kNone) return;
  now_->pairs.make_extra(pair).next_judgement = judgement.next_change;
}

void Verdicts::load_end(std::optional<base::Instant> judge_at) {
  rules_saved_ = {};
  mark_put_off();
  for (const ElementRef element : now_->pairs.elements()) {
    now_->pairs.set_agency(element, agency_number(element));
    for (const RuleId number : rules_of(element)) {
      const PairRef ref{number, element};
      Pair& pair = now_->pairs.at(ref);
      if (judge_at && pair.judged) learn_reads(ref, pair, *judge_at);
      pair.inherited = pair.state == model::VerdictState::kViolating && began_before_baseline(pair);
      count(ref, pair, 1);
      if (pair.extra == kNone) continue;
      set_timer(ref, pair);
      now_->pairs.tidy(pair);
    }
  }
}

// ── The engine's door ──

Engine::Loading Engine::load_head(std::string_view head, std::string_view packed) {
  base::Decoder in(head);
  impl_->now = in.instant();
  if (!in.ok() || !impl_->registry.load_head(in) || !impl_->verdicts.load_head(in)) {
    return Loading::kRefused;
  }
  base::Decoder beside(packed);
  impl_->is_packed = impl_->verdicts.load_packed_head(beside);
  return impl_->is_packed ? Loading::kPacked : Loading::kPortable;
}

bool Engine::load(ElementRef place, std::string_view row, std::string_view packed) {
  base::Decoder in(row);
  base::Decoder beside(packed);
  if (place.value >= impl_->registry.places() || !impl_->registry.load(place, in)) return false;
  return impl_->verdicts.load(place, in, impl_->is_packed ? &beside : nullptr) && in.at_end();
}

bool Engine::load_source(std::string_view row) {
  base::Decoder in(row);
  return impl_->registry.load_source(in) && in.at_end();
}

void Engine::load_baseline(base::Instant baseline) { impl_->verdicts.load_baseline(baseline); }

bool Engine::load_end() {
  if (!impl_->registry.load_end()) return false;
  impl_->verdicts.load_end(impl_->is_packed ? std::nullopt : std::optional(impl_->now));
  return true;
}

}  // namespace patuh::engine
