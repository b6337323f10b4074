// From one rulebook to another, at one instant.
#include <algorithm>
#include <utility>

#include "engine/verdicts.h"
#include "marks/marks.h"

namespace patuh::engine {

using model::ElementRef;
using model::RuleId;
using rulebook::Rule;

namespace {

// The rule under its number in `next`, when it is still the same rule: of the same id and kind.
std::optional<RuleId> number_in(const rulebook::RuleBook& next, const Rule& rule,
                                const model::Schema& schema) {
  const Rule* const found = next.rule(rule.id);
  if (found == nullptr) return std::nullopt;
  if (next.schema->kind(found->kind).name != schema.kind(rule.kind).name) return std::nullopt;
  return found->number;
}

std::vector<std::optional<RuleId>> new_numbers(const rulebook::RuleBook& book,
                                               const rulebook::RuleBook& next) {
  std::vector<std::optional<RuleId>> numbers;
  for (const Rule& rule : book.rules) numbers.push_back(number_in(next, rule, *book.schema));
  return numbers;
}

// Whether every rule keeps its number, and every kind its domain.
bool is_numbered_alike(const rulebook::RuleBook& before, const rulebook::RuleBook& after,
                       std::span<const std::optional<RuleId>> numbers) {
  if (numbers.size() != after.rules.size()) return false;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!numbers[i] || numbers[i]->value != i) return false;
  }
  return before.schema->domains == after.schema->domains &&
         std::ranges::equal(before.schema->kinds, after.schema->kinds, {}, &model::Kind::domain,
                            &model::Kind::domain);
}

std::vector<ElementRef> elements_of(const registry::Registry& registry) {
  std::vector<ElementRef> elements;
  registry.for_each(std::nullopt, [&](ElementRef element) { elements.push_back(element); });
  return elements;
}

bool judges_alike(const Rule& before, const Rule& after) {
  if (PATUH_DEFECT("rules rewritten are not judged again")) return true;
  return before.version == after.version;
}

bool weighs_alike(const Rule& before, const Rule& after) {
  return before.severity == after.severity && before.mode == after.mode &&
         before.grace == after.grace;
}

}  // namespace

void Verdicts::withdraw(const rulebook::RuleBook& next, const Moment& moment) {
  const rulebook::RuleBook& book = *now_->book;
  for (const Rule& rule : book.rules) {
    if (number_in(next, rule, *book.schema)) continue;
    registry_.for_each(rule.kind, [&](ElementRef element) {
      const PairRef ref{rule.number, element};
      Pair& pair = now_->pairs.at(ref);
      PATUH_MARK("switch: a rule is withdrawn");
      close(ref, pair, model::Closing::kRuleWithdrawn, moment);
      forget(ref, pair);
    });
  }
}

void Verdicts::switch_to(std::shared_ptr<const rulebook::RuleBook> next, bool everything,
                         const Moment& moment) {
  auto after = std::make_unique<UnderBook>(std::move(next), registry_, options_);
  const auto numbers = new_numbers(*now_->book, *after->book);
  const bool stays = !everything && is_numbered_alike(*now_->book, *after->book, numbers);
  if (stays) {
    keep_pairs(*after);
  } else {
    drop_gone(moment);
    backlog_.renumber(numbers);
    move_pairs(*after, numbers, everything);
  }
  const auto before = std::exchange(now_, std::move(after));
  now_->history.go_on_from(before->history, *before->book->schema, registry_, !everything,
                           moment.at);
  if (stays) {
    find_overdue(*before->book, moment);
    count_graded_anew(*before->book, *now_->book, 1);
  } else {
    recount(moment);
  }
  look_again(*before, numbers, everything, moment);
}

// Another schema may leave elements without a place.
void Verdicts::drop_gone(const Moment& moment) {
  for (const ElementRef element : now_->pairs.elements()) {
    if (!registry_.exists(element)) remove_element(element, moment);
  }
}

void Verdicts::keep_pairs(UnderBook& next) {
  PATUH_MARK("switch: pairs stay in place");
  std::vector<bool> alike;
  for (const Rule& rule : now_->book->rules) {
    alike.push_back(judges_alike(rule, next.book->rules[rule.number.value]));
    if (alike.back()) next.self_reads.carry(now_->self_reads, rule.number, rule.number);
  }
  count_graded_anew(*now_->book, *next.book, -1);
  next.pairs = std::move(now_->pairs);
  next.counts.take_over(now_->counts);
  next.runs.take_over(now_->runs, alike);
}

// Under the book that is in force, whose severities and modes it counts by.
void Verdicts::count_graded_anew(const rulebook::RuleBook& before, const rulebook::RuleBook& after,
                                 int by) {
  for (const Rule& rule : after.rules) {
    if (weighs_alike(before.rules[rule.number.value], rule)) continue;
    registry_.for_each(rule.kind, [&](ElementRef element) {
      const PairRef ref{rule.number, element};
      count(ref, now_->pairs.at(ref), by);
    });
  }
}

void Verdicts::find_overdue(const rulebook::RuleBook& before, const Moment& moment) {
  for (const Rule& rule : now_->book->rules) {
    if (weighs_alike(before.rules[rule.number.value], rule)) continue;
    registry_.for_each(rule.kind, [&](ElementRef element) {
      const PairRef ref{rule.number, element};
      Pair& pair = now_->pairs.at(ref);
      pair.overdue = pair.state == model::VerdictState::kViolating && moment.at >= due(ref, pair);
    });
  }
}

void Verdicts::move_pairs(UnderBook& next, NewNumbers numbers, bool everything) {
  for (std::size_t i = 0; i < numbers.size() && !everything; ++i) {
    const RuleId old{static_cast<std::uint16_t>(i)};
    if (!numbers[i]) continue;
    if (judges_alike(now_->book->rules[i], next.book->rules[numbers[i]->value])) {
      next.self_reads.carry(now_->self_reads, old, *numbers[i]);
    }
  }
  next.pairs.adopt_extras(now_->pairs);
  for (const ElementRef element : elements_of(registry_)) {
    registry_.touch(element);
    const std::uint32_t agency =
        next.counts.agency(registry_.agency_of(element), registry_.agency_code(element));
    next.pairs.add(element, registry_.kind_of(element), agency);
    if (now_->pairs.holds(element)) {
      const std::string& before = now_->counts.code(now_->pairs.agency(element));
      if (before != next.counts.code(agency)) moved_.push_back({element, before});
    }
    for (const RuleId old : rules_of(element)) {
      const auto number = numbers[old.value];
      if (number) move_pair({old, element}, next, {*number, element}, everything);
    }
  }
}

// What a pair read stands only under the book it was read by, unless its rule judges as before.
void Verdicts::move_pair(const PairRef& from, UnderBook& next, const PairRef& to, bool everything) {
  Pair& pair = next.pairs.at(to);
  pair = now_->pairs.at(from);
  const Rule& before = rule(from);
  if (everything || !judges_alike(before, next.book->rules[to.rule.value])) {
    pair.reads = reads_.replace(pair.reads, from, {});
    pair.self_reads = 0;
  } else {
    PATUH_MARK("switch: reads move to a rule's new number");
    reads_.rename(pair.reads, to);
  }
  if (judges_alike(before, next.book->rules[to.rule.value])) {
    next.runs.take_over(now_->runs, from, to);
  }
  const Extra* const extra = next.pairs.extra(pair);
  if (extra == nullptr || extra->timer == kNone) return;
  if (!PATUH_DEFECT("timers keep the old rule's number")) timers_.rename(extra->timer, to);
}

// Counts begin anew, since severities, domains and modes may be others.
void Verdicts::recount(const Moment& moment) {
  applicable_ = 0;
  for (const ElementRef element : now_->pairs.elements()) {
    for (const RuleId number : rules_of(element)) {
      const PairRef ref{number, element};
      Pair& pair = now_->pairs.at(ref);
      pair.overdue = pair.state == model::VerdictState::kViolating && moment.at >= due(ref, pair);
      count(ref, pair, 1);
    }
  }
}

void Verdicts::look_again(const UnderBook& before, NewNumbers numbers, bool everything,
                          const Moment& moment) {
  std::vector<const Rule*> was(now_->book->rules.size(), nullptr);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i]) was[numbers[i]->value] = &before.book->rules[i];
  }
  std::size_t left = options_.slice;
  for (const Rule& rule : now_->book->rules) {
    const Rule* const old = was[rule.number.value];
    const bool is_judged = everything || old == nullptr || !judges_alike(*old, rule);
    if (!is_judged && weighs_alike(*old, rule)) continue;
    // A row has a place for each condition under held_for().
    const bool holds = now_->runs.conditions(rule.number) != 0 ||
                       (old != nullptr && before.runs.conditions(old->number) != 0);
    registry_.for_each(rule.kind, [&](ElementRef element) {
      const PairRef ref{rule.number, element};
      Pair& pair = now_->pairs.at(ref);
      if (is_judged || !pair.judged) {
        if (holds) registry_.touch(element);
        if (left == 0) return postpone(ref, moment);
        --left;
        pair.self_reads = 0;  // bits that the rule gave before it was rewritten
        registry_.touch(element);
        judge(ref, moment);
      } else {
        PATUH_MARK("switch: a rule only weighs otherwise");
        keep_gap(ref, pair, moment);
        refresh(ref, pair, moment);
      }
    });
  }
}

}  // namespace patuh::engine
