// Verdicts and episodes, as they are written into a snapshot.
#include <algorithm>

#include "engine/impl.h"
#include "engine/saved.h"

namespace patuh::engine {

using base::Encoder;
using model::ElementRef;
using registry::Key;

namespace {

void save_episode(const PairTable& pairs, const Episode& episode, base::Encoder& out) {
  const alerts::State alert = episode.alert();
  out.instant(episode.violating_since());
  out.byte(static_cast<std::uint8_t>(alert.phase));
  out.instant(alert.started);
  out.instant(alert.due);
  out.text(episode.occurrence());
  out.text(episode.cause());
  out.byte(episode.is_sent() ? 1 : 0);
  if (!episode.is_sent()) return;
  const Sent sent = episode.sent();
  out.text(pairs.sent_agency(sent));
  out.text(sent.occurrence);
  out.byte(static_cast<std::uint8_t>(sent.severity));
  out.text(sent.summary_id);
  out.text(sent.summary_en);
}

void save_key(const Key& key, base::Encoder& out) {
  out.byte(static_cast<std::uint8_t>(key.of));
  out.number(key.kind);
  out.number(key.field);
  if (SelfReads::has_element(key)) return out.number(key.what);
  out.fixed(key.what);
}

}  // namespace

std::string numbering_of(const rulebook::RuleBook& book) {
  std::string out;
  base::Encoder writer(out);
  for (const model::Kind& kind : book.schema->kinds) {
    writer.text(kind.name);
    writer.number(kind.fields.size());
    for (const model::Field& field : kind.fields) writer.text(field.name);
  }
  for (const rulebook::Rule& rule : book.rules) writer.text(rule.id);
  return out;
}

void SelfReads::save(base::Encoder& out) const {
  for (const OfRule& rule : rules_) {
    out.number(rule.given);
    for (const std::uint32_t bits : rule.fields) out.number(bits);
    out.number(rule.others.size());
    for (const auto& [thing, bits] : rule.others) {
      out.byte(static_cast<std::uint8_t>(thing.of));
      out.number(thing.kind);
      out.number(thing.field);
      out.number(bits);
    }
  }
}

void Verdicts::save_head(base::Encoder& out) const {
  out.number(0);
  out.number(kHeadForm);
  seats_.save(out);
  layouts_.save(out);
  now_->pairs.save_free(out);
  backlog_.save(out, [this](const PairRef& ref) {
    const std::optional<Pair> found = find(ref);
    return found && found->put_off;
  });
  now_->history.save_head(*now_->book->schema, out);
}

void Verdicts::save_packed_head(base::Encoder& out) const {
  out.number(kEngineRevision);
  out.text({std::bit_cast<const char*>(now_->book->hash.data()), now_->book->hash.size()});
  out.text(numbering_of(*now_->book));
  now_->self_reads.save(out);
}

void Verdicts::save(ElementRef element, base::Encoder& out, base::Encoder& packed) const {
  const PairTable& pairs = now_->pairs;
  if (!pairs.holds(element)) return out.byte(0);
  out.byte(1);
  const std::uint32_t number = layouts_.current(pairs.kind(element));
  const Layout& layout = layouts_.at(number);
  out.number(number);
  SavedRow row{.out = out, .packed = packed};
  reads_.all_keys(pairs.reads(element), [&](std::uint32_t column, const Key& key) {
    row.reads.emplace_back(column, key);
  });
  std::ranges::sort(row.reads);
  for (const Layout::Of& of : layout.rules) save_pair({of.seat, element}, row);
  now_->history.save(element, registry_, out);
  for (const Layout::Of& of : layout.rules) {
    if (runs_.conditions(of.seat) == 0) continue;
    const bool is_outdated = seats_.is_outdated(of.seat, pairs.sort({of.seat, element}));
    if (!is_outdated) runs_.save(seats_.version(of.seat), element, out);
  }
}

void Verdicts::save_pair(const PairRef& ref, SavedRow& row) const {
  const Pair pair = now_->pairs.at(ref);
  const Episode* const episode = now_->pairs.episode(pair);
  const bool is_stale = seats_.is_stale(ref.seat, pair);
  row.out.byte(static_cast<std::uint8_t>(
      static_cast<unsigned>(pair.state) | (pair.judged ? kSavedJudged : 0U) |
      (pair.recorded ? kSavedRecorded : 0U) | (pair.overdue ? kSavedOverdue : 0U) |
      (episode != nullptr ? kSavedEpisode : 0U) | (is_stale ? kSavedStale : 0U)));
  if (is_stale) row.out.number(pair.epoch);
  row.out.integer((pair.since() - row.since).count());
  row.since = pair.since();
  if (episode != nullptr) save_episode(now_->pairs, *episode, row.out);
  const bool says_nothing = is_due(ref, pair);
  row.packed.number(says_nothing ? 0 : now_->pairs.own_reads(pair));
  row.packed.instant(says_nothing ? base::kNever : now_->pairs.extra(pair).next_judgement);
  if (says_nothing || !pair.reads_elsewhere) return row.packed.number(0);
  const auto keys = std::ranges::equal_range(row.reads, now_->pairs.reader(ref).column, {},
                                             &decltype(row.reads)::value_type::first);
  row.packed.number(keys.size());
  for (const auto& [column, key] : keys) save_key(key, row.packed);
}

void Verdicts::for_each_firing(const std::function<void(const alerts::Notice&)>& visit) const {
  for (const ElementRef element : now_->pairs.elements()) {
    for (const Seat seat : all_rules_of(element)) {
      const PairRef ref{seat, element};
      const Episode* const episode = std::as_const(now_->pairs).episode(now_->pairs.at(ref));
      if (episode == nullptr || !episode->is_sent()) continue;
      alerts::Notice told;
      notice(ref, *episode, episode->alert().started, told);
      visit(told);
    }
  }
}

// ── The engine's door ──

void Engine::for_each_firing(const std::function<void(const alerts::Notice&)>& visit) const {
  impl_->verdicts.for_each_firing(visit);
}

std::vector<ElementRef> Engine::take_touched() { return impl_->registry.take_touched(); }
void Engine::touch(ElementRef place) { impl_->registry.touch(place); }

void Engine::expect_place(ElementRef place) const {
  impl_->registry.expect(place);
  impl_->verdicts.expect_row(place);
}

void Engine::expect_row(ElementRef place) const {
  impl_->registry.expect_facts(place);
  impl_->verdicts.expect(place);
}

void Engine::save(ElementRef place, std::string& row, std::string& packed) const {
  base::Encoder out(row);
  base::Encoder beside(packed);
  impl_->registry.save(place, out);
  impl_->verdicts.save(place, out, beside);
}

void Engine::save_source(std::uint32_t source, std::uint64_t first, std::string& row) const {
  base::Encoder out(row);
  impl_->registry.save_source(source, first, out);
}

void Engine::save_head(std::string& head, std::string& packed) const {
  base::Encoder out(head);
  out.instant(impl_->now);
  impl_->registry.save_head(out);
  impl_->verdicts.save_head(out);
  base::Encoder beside(packed);
  impl_->verdicts.save_packed_head(beside);
}

}  // namespace patuh::engine
