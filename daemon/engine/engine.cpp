#include "engine/engine.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/impl.h"
#include "engine/schema_change.h"

namespace patuh::engine {

using model::ElementRef;
using model::KindId;
using model::RuleId;

Engine::Engine(std::shared_ptr<const rulebook::RuleBook> book, Options options)
    : impl_(std::make_unique<Impl>(std::move(book), std::move(options))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

// ── Steps ──

void Engine::Impl::pass_to(base::Instant to, StepResult& out) {
  PATUH_ASSERT(to >= now);
  verdicts.wake_until(to, out);
  now = to;
  registry.expire(to);
}

// Writes when the event's source was last heard. A duplicate tells nothing new.
void Engine::Impl::hear(const model::ChangeEvent& event, const registry::Applied& applied,
                        const Moment& moment) {
  const auto& role = verdicts.book()->schema->roles.source;
  if (!role || applied.outcome == registry::Outcome::kDuplicate) return;
  if (!model::is_element_id(event.source)) return;
  // Who writes or removes a source's element ends what is known of it here.
  if (event.kind == role->kind) heard.clear();
  const bool is_own = event.kind == role->kind && event.element_id == event.source;
  if (is_own && event.operation == model::Operation::kRemove) return;
  const base::Instant minute = std::chrono::floor<std::chrono::minutes>(now);
  const auto [known, is_new] = heard.try_emplace(event.source, minute);
  if (!is_new && std::exchange(known->second, minute) == minute) return;
  const auto agency = applied.element ? registry.agency_of(*applied.element) : std::nullopt;
  look_before(role->kind, event.source);
  const registry::Applied put = registry.put(role->kind, event.source, role->last_heard,
                                             expr::Value::timestamp(minute), agency, now);
  verdicts.absorb(put.delta, moment);
}

// What is kept of the past is told by what stood before: of the event's element, and of the stub
// that a deployment may fill in.
void Engine::Impl::look_before(const model::ChangeEvent& event) {
  if (!verdicts.keeps_past()) return;
  verdicts.look_before(std::nullopt);
  look_before(event.kind, event.element_id);
  const model::Schema& schema = registry.schema();
  const auto& role = schema.roles.deployment;
  if (!event.through_deployment || !role || role->kind != event.kind) return;
  for (const model::FieldChange& change : event.fields) {
    if (change.field != role->of) continue;
    for (const KindId kind : schema.field(role->kind, role->of).relation().to) {
      for (const model::NamedElement& end : change.ends) look_before(kind, end.id);
    }
  }
}

void Engine::Impl::look_before(KindId kind, std::string_view id) {
  if (!verdicts.keeps_past()) return;
  if (const auto element = registry.find(kind, id)) verdicts.look_before(*element);
}

StepResult Engine::apply(base::Instant now, const model::ChangeEvent& event) {
  StepResult out;
  impl_->pass_to(now, out);
  const Moment moment{now, now, event.source, event.id, model::name_of(event.operation), &out};
  impl_->look_before(event);
  const registry::Registry::Sought sought = impl_->registry.seek(event);
  if (sought.place) impl_->verdicts.expect(*sought.place);
  const registry::Applied applied = impl_->registry.apply(event, now, sought);
  out.outcome = applied.outcome;
  out.message = applied.message;
  out.unknown_attributes = applied.delta.unknown_attributes;
  impl_->verdicts.absorb(applied.delta, moment);
  impl_->hear(event, applied, moment);
  impl_->verdicts.judge_waiting(moment);
  impl_->verdicts.work_off(moment);
  impl_->verdicts.restate_moved(now, out);
  return out;
}

StepResult Engine::advance(base::Instant now) {
  StepResult out;
  impl_->pass_to(now, out);
  impl_->verdicts.work_off({now, now, "", "", "time", &out});
  return out;
}

// The registry takes the book's own schema even when it says the same: titles may differ.
Switch Engine::Impl::take_schema(const rulebook::RuleBook& book, const Moment& moment) {
  const rulebook::RuleBook& before = *verdicts.book();
  const registry::Options with = with_grants(options.registry, book);
  if (!reads_differently(before, book)) {
    registry.reword_schema(book.schema, with);
    return Switch::kRules;
  }
  if (derives_alike(before, book) && registry.recast_schema(book.schema, with)) {
    return Switch::kInPlace;
  }
  verdicts.leave_schema(book, moment);
  registry.change_schema(book.schema, with);
  return Switch::kEverything;
}

StepResult Engine::activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book) {
  StepResult out;
  impl_->pass_to(now, out);
  const std::string hash = base::to_hex(book->hash).substr(0, 16);
  const Moment moment{now, now, book->schema->pack, hash, "pack", &out};
  const Switch what = impl_->take_schema(*book, moment);
  impl_->verdicts.switch_to(std::move(book), what, moment);
  impl_->heard.clear();
  impl_->verdicts.restate_moved(now, out);
  return out;
}

// Nothing that falls due at `now` itself is before it.
StepResult Engine::set_baseline(base::Instant now, bool stands) {
  StepResult out;
  impl_->pass_to(now - base::Duration(1), out);
  const Moment moment{now, now, "", "", kBaseline, &out};
  impl_->verdicts.set_baseline(stands ? now : base::Instant::min(), moment);
  impl_->pass_to(now, out);
  return out;
}

// ── Reading ──

base::Instant Engine::now() const { return impl_->now; }
base::Instant Engine::baseline() const { return impl_->verdicts.baseline(); }
base::Instant Engine::next_wake() const {
  return impl_->verdicts.has_backlog() ? impl_->now : impl_->verdicts.next_wake();
}
const rulebook::RuleBook& Engine::book() const { return *impl_->verdicts.book(); }
std::shared_ptr<const rulebook::RuleBook> Engine::shared_book() const {
  return impl_->verdicts.book();
}
const registry::Registry& Engine::registry() const { return impl_->registry; }

std::vector<Verdict> Engine::verdicts_of(ElementRef element) const {
  std::vector<Verdict> out;
  for (const Seat seat : impl_->verdicts.rules_of(element)) {
    const std::optional<Pair> pair = impl_->verdicts.find({seat, element});
    if (pair->state == model::VerdictState::kNotApplicable) continue;
    out.push_back(impl_->verdicts.view({seat, element}));
  }
  return out;
}

std::optional<Verdict> Engine::verdict(RuleId rule, ElementRef element) const {
  const PairRef ref = impl_->verdicts.ref_of(rule, element);
  const std::optional<Pair> pair = impl_->verdicts.find(ref);
  if (!pair || pair->state == model::VerdictState::kNotApplicable) return std::nullopt;
  return impl_->verdicts.view(ref);
}

bool Engine::is_pending(RuleId rule, ElementRef element) const {
  const PairRef ref = impl_->verdicts.ref_of(rule, element);
  const std::optional<Pair> pair = impl_->verdicts.find(ref);
  return pair && impl_->verdicts.is_pending(ref, *pair);
}

void Engine::for_each_verdict(const std::function<void(const Verdict&)>& visit) const {
  for (const rulebook::Rule& rule : book().rules) {
    impl_->registry.for_each(rule.kind, [&](ElementRef element) {
      const auto found = verdict(rule.number, element);
      if (found) visit(*found);
    });
  }
}

std::vector<Verdict> Engine::owed_by(std::string_view agency_code) const {
  std::vector<Verdict> out = impl_->verdicts.owed_by(agency_code);
  std::ranges::sort(out, [&](const Verdict& a, const Verdict& b) {
    const model::Severity a_severity = book().rules[a.rule.value].severity;
    const model::Severity b_severity = book().rules[b.rule.value].severity;
    if (a_severity != b_severity) return a_severity > b_severity;
    return std::tie(a.since, a.rule, a.element) < std::tie(b.since, b.rule, b.element);
  });
  return out;
}

Tallies Engine::tallies() const { return impl_->verdicts.counts().tallies(); }
bool Engine::has_tally_changes() const { return impl_->verdicts.counts().has_changes(); }
std::map<std::string, std::uint64_t> Engine::pending() const { return impl_->verdicts.pending(); }
TallyChanges Engine::take_tally_changes() { return impl_->verdicts.take_tally_changes(); }

std::optional<Explanation> Engine::explain(RuleId rule, ElementRef element) const {
  const PairRef ref = impl_->verdicts.ref_of(rule, element);
  if (!impl_->verdicts.has(ref)) return std::nullopt;
  return impl_->verdicts.explain(ref, impl_->now);
}

Stats Engine::stats() const {
  Stats stats;
  impl_->verdicts.add_to(stats);
  stats.registry = impl_->registry.stats();
  return stats;
}

Engine::Sizes Engine::sizes() const {
  const auto [elements, stubs] = impl_->registry.known();
  return {.elements = elements, .stubs = stubs, .pairs = impl_->verdicts.applicable()};
}

}  // namespace patuh::engine
