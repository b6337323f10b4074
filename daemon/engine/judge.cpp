#include "engine/judge.h"

#include <algorithm>

#include "engine/sets.h"
#include "engine/value_text.h"
#include "marks/marks.h"

namespace patuh::engine {

using expr::ErrorCode;
using expr::Value;
using model::KindId;
using model::VerdictState;
using rulebook::Rule;

namespace {

std::optional<expr::Origin> origin_of(const Value& undecided) {
  if (undecided.is_null()) return undecided.origin();
  if (!undecided.is_error()) return std::nullopt;
  const expr::ErrorRep& error = undecided.as_error();
  if (error.code != ErrorCode::kMissing || !error.has_origin) return std::nullopt;
  return error.origin;
}

bool is_of(const expr::Origin& origin, const PairRef& pair) {
  return origin.object_index == pair.element.value;
}

// An instant as a waiver's bound: a deadline names the last instant that counts, all else the first
// that does not.
base::Instant end_of(const model::Attribute& attribute, base::Instant until) {
  if (PATUH_DEFECT("a deadline's last instant does not count")) return until;
  return attribute.type == model::AttributeType::kDeadline ? until + base::Duration(1) : until;
}

}  // namespace

std::optional<expr::Origin> Judgement::missing() const {
  return undecided ? origin_of(why) : std::nullopt;
}

const expr::Program* WaiverConditions::find(KindId kind, std::string_view text) {
  if (programs_.size() >= kMost) programs_.clear();
  const auto [place, is_new] =
      programs_.try_emplace(std::pair(kind, std::string(text)), std::nullopt);
  if (is_new) {
    auto environment = environments_.find(kind);
    if (environment == environments_.end()) {
      environment = environments_.emplace(kind, rulebook::environment(book_, kind)).first;
    }
    auto compiled =
        expr::compile(environment->second, {.text = text, .place = {}}, expr::Type::boolean());
    if (compiled) place->second = std::move(*compiled);
  }
  return place->second ? &*place->second : nullptr;
}

Judge::Judge(const rulebook::RuleBook& book, const Beside& beside, const Limits& limits)
    : book_(book),
      registry_(beside.registry),
      seats_(beside.seats),
      world_(registry_, *book.schema, beside.self_reads),
      runs_(beside.runs),
      conditions_(book),
      budget_(limits.budget),
      facts_(limits.facts_max) {}

Judgement Judge::judge(const PairRef& pair, base::Instant now) {
  world_.begin(pair);
  facts_.clear();
  world_.keep_facts(&facts_);
  Judgement judgement = decide(pair, now, Held::kFollows, nullptr);
  world_.keep_facts(nullptr);
  return judgement;
}

Judgement Judge::learn(const PairRef& pair, base::Instant now) {
  world_.begin(pair);
  return decide(pair, now, Held::kStays, nullptr);
}

Judgement Judge::look_closer(const PairRef& pair, base::Instant now, Closer& closer) {
  world_.begin_unnoted(pair);
  world_.keep_facts(closer.facts);
  Judgement judgement = decide(pair, now, Held::kStays, &closer);
  world_.keep_facts(nullptr);
  return judgement;
}

// The values are there already, but for what holds, which the judgement itself may have turned.
std::vector<model::Fact> Judge::evidence(const PairRef& pair, base::Instant now) {
  if (runs_.conditions(pair.seat) != 0) {
    Closer closer{.facts = &facts_, .steps = nullptr, .traced = nullptr};
    facts_.clear();
    look_closer(pair, now, closer);
  }
  return facts_.take(pair.element, registry_);
}

Judgement Judge::decide(const PairRef& pair, base::Instant now, Held held, Closer* closer) {
  arena_.reset();
  self_ = object_of(registry_, pair.element);
  const Rule& rule = rule_of(pair);
  Judgement judgement;
  std::span<const base::Instant> when_held;
  std::span<const base::Instant> require_held;
  if (runs_.conditions(pair.seat) != 0) [[unlikely]] {
    if (closer != nullptr) keep_held(pair, closer->facts);
    look_at_held(pair, now, held, judgement);
    when_held = runs_.since(pair);
    require_held = when_held.last(rule.require->facts().held_conditions);
  }
  if (!is_in_effect(rule, now, judgement)) return judgement;
  if (rule.when) {
    const Value when = run(*rule.when, now, judgement, closer, when_held);
    if (when.is_false()) return judgement;
    if (!when.is_true()) {
      PATUH_MARK("judge: when is undecided");
      judgement.state = VerdictState::kUndetermined;
      judgement.why = when;
      judgement.undecided = true;
      return judgement;
    }
  }
  const Value require = run(*rule.require, now, judgement, closer, require_held);
  if (require.is_true()) {
    judgement.state = VerdictState::kCompliant;
    return judgement;
  }
  judgement.state = unmet(pair, require);
  judgement.undecided = !require.is_false();
  judgement.why = require;
  if (judgement.state == VerdictState::kUndetermined) return judgement;
  if (rule.occurrence) judgement.occurrence = occurrence(rule, now, judgement);
  if (is_waived(rule, now, judgement)) judgement.state = VerdictState::kWaived;
  return judgement;
}

bool Judge::is_in_effect(const Rule& rule, base::Instant now, Judgement& judgement) const {
  if (rule.effective_until) {
    if (now >= *rule.effective_until) return false;
    PATUH_MARK("judge: a rule that will end");
    if (!PATUH_DEFECT("a rule's end not waited for")) {
      judgement.next_change = std::min(judgement.next_change, *rule.effective_until);
    }
  }
  if (rule.effective_from && now < *rule.effective_from) {
    judgement.next_change = std::min(judgement.next_change, *rule.effective_from);
    return false;
  }
  return true;
}

// ── What must have held ──

void Judge::look_at_held(const PairRef& pair, base::Instant now, Held held, Judgement& judgement) {
  const Rule& rule = rule_of(pair);
  std::size_t first = 0;
  for (const expr::Program* const program : {rule.when ? &*rule.when : nullptr, &*rule.require}) {
    if (program == nullptr) continue;
    const std::size_t count = program->facts().held_conditions;
    for (std::size_t i = 0; i < count; ++i) {
      look_at_held(*program, i, first, pair, now, held, judgement);
    }
    first += count;
  }
}

void Judge::look_at_held(const expr::Program& program, std::size_t number, std::size_t first,
                         const PairRef& pair, base::Instant now, Held held, Judgement& judgement) {
  if (PATUH_DEFECT("a condition that holds is not looked at") &&
      runs_.since(pair)[first + number] != base::kNever) {
    return;
  }
  expr::Context context{.arena = &arena_, .host = &world_, .now = now, .budget = budget_};
  context.held_since = runs_.since(pair).subspan(first);
  const Value value = expr::evaluate_held(program, number, std::span(&self_, 1), context);
  if (!value.is_true() && !value.is_false()) PATUH_MARK("held: a condition is undecided");
  if (!PATUH_DEFECT("a held condition's turn not waited for")) {
    judgement.next_change = std::min(judgement.next_change, context.next_change);
  }
  if (held == Held::kStays) return;
  const std::uint64_t before = runs_.changes();
  runs_.look(pair, first + number, value.is_true(), now);
  if (runs_.changes() != before) registry_.touch(pair.element);
}

// For evidence: since when each condition holds.
void Judge::keep_held(const PairRef& pair, FactList* facts) const {
  if (facts == nullptr) return;
  const Rule& rule = rule_of(pair);
  const auto since = runs_.since(pair);
  const std::size_t in_when = rule.when ? rule.when->facts().held_conditions : 0;
  for (std::size_t i = 0; i < since.size(); ++i) {
    const std::string_view text =
        i < in_when ? expr::held_text(*rule.when, i) : expr::held_text(*rule.require, i - in_when);
    facts->add(pair.element, {{"held since: ", text}},
               since[i] == base::kNever ? Value() : Value::timestamp(since[i]));
  }
}

Value Judge::run(const expr::Program& program, base::Instant now, Judgement& judgement,
                 Closer* closer, std::span<const base::Instant> held_since) {
  expr::Context context{.arena = &arena_, .host = &world_, .now = now, .budget = budget_};
  context.held_since = held_since;
  if (closer != nullptr && closer->steps != nullptr) {
    closer->steps->clear();
    closer->traced = &program;
    context.trace = closer->steps;
  }
  const Value value = expr::evaluate(program, std::span(&self_, 1), context);
  judgement.next_change = std::min(judgement.next_change, context.next_change);
  return value;
}

// What a requirement that is not true makes of the pair: what its own element lacks, it owes.
VerdictState Judge::unmet(const PairRef& pair, const Value& require) const {
  if (require.is_false()) return VerdictState::kViolating;
  const auto origin = origin_of(require);
  if (origin && is_of(*origin, pair)) PATUH_MARK("judge: self lacks what is required");
  return origin && is_of(*origin, pair) ? VerdictState::kViolating : VerdictState::kUndetermined;
}

std::string Judge::occurrence(const Rule& rule, base::Instant now, Judgement& judgement) {
  const Value value = run(*rule.occurrence, now, judgement, nullptr);
  if (value.is_null() || value.is_error()) return {};
  return value.kind() == expr::Kind::kString ? std::string(value.as_string())
                                             : expr::to_text(value);
}

bool Judge::would_comply(const PairRef& pair, base::Instant now, rulebook::World& world,
                         std::uint64_t& budget) {
  arena_.reset();
  self_ = object_of(registry_, pair.element);
  const Rule& rule = rule_of(pair);
  Judgement unused;
  if (!is_in_effect(rule, now, unused)) return false;
  const std::vector<base::Instant> held = would_hold(pair, now, world, budget);
  std::size_t first = 0;
  for (const std::optional<expr::Program>* const program : {&rule.when, &rule.require}) {
    if (!program->has_value()) continue;
    expr::Context context{.arena = &arena_, .host = &world, .now = now, .budget = budget};
    context.held_since = std::span(held).subspan(first);
    first += (*program)->facts().held_conditions;
    const Value value = expr::evaluate(**program, std::span(&self_, 1), context);
    const std::uint64_t least = std::max<std::uint64_t>(1, budget - context.budget);
    budget -= std::min(budget, least);
    if (!value.is_true()) return false;
  }
  return true;
}

// What has held goes on to hold while it is true in this world; nothing comes to have held.
std::vector<base::Instant> Judge::would_hold(const PairRef& pair, base::Instant now,
                                             rulebook::World& world, std::uint64_t budget) {
  const auto kept = runs_.since(pair);
  std::vector<base::Instant> since(kept.begin(), kept.end());
  const Rule& rule = rule_of(pair);
  std::size_t first = 0;
  for (const std::optional<expr::Program>* const program : {&rule.when, &rule.require}) {
    if (!program->has_value()) continue;
    const std::size_t count = (*program)->facts().held_conditions;
    const std::span<base::Instant> own = std::span(since).subspan(first, count);
    for (std::size_t i = 0; i < count; ++i) {
      expr::Context context{.arena = &arena_, .host = &world, .now = now, .budget = budget};
      context.held_since = own;
      const Value value = expr::evaluate_held(**program, i, std::span(&self_, 1), context);
      if (!value.is_true()) own[i] = base::kNever;
    }
    first += count;
  }
  return since;
}

// ── Waivers ──

bool Judge::is_waived(const Rule& rule, base::Instant now, Judgement& judgement) {
  const auto& role = book_.schema->roles.waiver;
  if (!role || rule.kind == role->kind) return false;
  expr::Context context{.arena = &arena_, .host = &world_, .now = now, .budget = budget_};
  const model::ElementRef element{self_.object_index()};
  bool waived = false;
  for (const model::ElementRef waiver : world_.referrers_of(element, role->kind, role->about)) {
    waived = stands(object_of(registry_, waiver), rule, context, judgement);
    if (waived) break;
  }
  judgement.next_change = std::min(judgement.next_change, context.next_change);
  return waived;
}

bool Judge::stands(const Value& waiver, const Rule& rule, expr::Context& context,
                   Judgement& judgement) {
  const auto& role = *book_.schema->roles.waiver;
  const Value named = read(waiver, role.rule, context);
  if (named.kind() != expr::Kind::kString || named.as_string() != rule.id) return false;
  const Value status = read(waiver, role.status, context);
  if (status.kind() != expr::Kind::kString || status.as_string() != role.granted) return false;
  if (!is_within(waiver, context)) return false;
  const Value condition = read(waiver, role.condition, context);
  if (condition.is_null()) return true;
  if (condition.kind() != expr::Kind::kString) return false;
  if (condition.as_string().empty()) return true;
  const expr::Program* const program = conditions_.find(rule.kind, condition.as_string());
  if (program == nullptr) PATUH_MARK("judge: a waiver's condition that nobody can read");
  // The condition voids it, and so does one that nobody can read or decide.
  return program != nullptr && run(*program, context.now, judgement, nullptr).is_false();
}

bool Judge::is_within(const Value& waiver, expr::Context& context) {
  const auto& role = *book_.schema->roles.waiver;
  const Value until = read(waiver, role.until, context);
  if (until.kind() == expr::Kind::kTimestamp) {
    const base::Instant end =
        end_of(book_.schema->field(role.kind, role.until).attribute(), until.as_instant());
    if (context.now >= end) return false;
    PATUH_MARK("judge: a waiver that will end");
    if (!PATUH_DEFECT("a waiver's end not waited for")) context.changes_at(end);
  }
  const Value from = read(waiver, role.from, context);
  if (from.kind() != expr::Kind::kTimestamp || from.as_instant() <= context.now) return true;
  PATUH_MARK("judge: a waiver that will begin");
  context.changes_at(from.as_instant());
  return false;
}

Value Judge::read(const Value& object, model::FieldId field, expr::Context& context) {
  return world_.select(context, object, field.value);
}

// ── Words ──

std::string Judge::reason(const PairRef& pair, const Judgement& judgement) const {
  if (!judgement.undecided) return {};
  const Value& why = judgement.why;
  if (const auto origin = judgement.missing()) {
    const KindId kind{static_cast<std::uint16_t>(origin->object_kind)};
    const std::string& field = book_.schema->field(kind, model::FieldId{origin->field}).name;
    if (is_of(*origin, pair)) return "missing: " + field;
    const model::ElementRef element{origin->object_index};
    return "missing: " + registry_.key_of(element).text() + "." + field;
  }
  if (why.is_error()) return message_of(why.as_error());
  return why.is_null() ? "missing" : "neither true nor false";
}

Value Judge::evaluate(const PairRef& pair, const expr::Program& program, base::Instant now) {
  arena_.reset();
  world_.begin_unnoted(pair);
  self_ = object_of(registry_, pair.element);
  Judgement unused;
  return run(program, now, unused, nullptr);
}

}  // namespace patuh::engine
