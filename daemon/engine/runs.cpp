#include "engine/runs.h"

#include <algorithm>

#include "marks/marks.h"

namespace patuh::engine {

using base::Instant;
using base::kNever;

Runs::Runs(const rulebook::RuleBook& book) {
  std::size_t most = 0;
  for (const rulebook::Rule& rule : book.rules) {
    std::size_t count = rule.require->facts().held_conditions;
    if (rule.when) count += rule.when->facts().held_conditions;
    conditions_.push_back(static_cast<std::uint16_t>(count));
    most = std::max(most, count);
  }
  none_.assign(most, kNever);
}

std::span<const Instant> Runs::since(const PairRef& pair) const {
  const std::size_t count = conditions(pair.rule);
  if (count == 0) return {};
  const auto found = since_.find(place(pair));
  return std::span(found == since_.end() ? none_ : found->second).first(count);
}

void Runs::look(const PairRef& pair, std::size_t condition, bool is_true, Instant at) {
  const Instant before = since(pair)[condition];
  if (is_true == (before != kNever)) return;
  if (!is_true && PATUH_DEFECT("a break goes unnoticed")) return;
  ++changes_;
  if (is_true) {
    auto& all = since_.try_emplace(place(pair), conditions(pair.rule), kNever).first->second;
    all[condition] = at;
    return;
  }
  PATUH_MARK("held: a break");
  const auto found = since_.find(place(pair));
  found->second[condition] = kNever;
  if (std::ranges::all_of(found->second, [](Instant one) { return one == kNever; })) {
    since_.erase(found);
  }
}

void Runs::end(const PairRef& pair) {
  if (conditions(pair.rule) != 0) since_.erase(place(pair));
}

void Runs::take_over(Runs& before, const PairRef& from, const PairRef& to) {
  if (before.conditions(from.rule) == 0) return;
  auto held = before.since_.extract(place(from));
  if (held.empty()) return;
  PATUH_MARK("held: goes on under another book");
  if (PATUH_DEFECT("what holds begins anew with another book")) return;
  held.key() = place(to);
  since_.insert(std::move(held));
}

void Runs::take_over(Runs& before, const std::vector<bool>& alike) {
  since_ = std::move(before.since_);
  std::erase_if(since_, [&](const auto& one) {
    return !alike[one.first >> 32U] || PATUH_DEFECT("what holds begins anew with another book");
  });
}

// ── Snapshots ──

void Runs::save(const PairRef& pair, base::Encoder& out) const {
  for (const Instant at : since(pair)) out.instant(at);
}

bool Runs::load(const PairRef& pair, base::Decoder& in) {
  for (std::size_t i = 0; i < conditions(pair.rule) && in.ok(); ++i) {
    const Instant at = in.instant();
    if (at != kNever) look(pair, i, true, at);
  }
  return in.ok();
}

std::uint64_t Runs::bytes() const {
  return since_.size() * (sizeof(std::pair<std::uint64_t, std::vector<Instant>>) + 32);
}

}  // namespace patuh::engine
