#include "engine/runs.h"

#include <algorithm>

#include "marks/marks.h"

namespace patuh::engine {

using base::Instant;
using base::kNever;
using model::ElementRef;

std::span<const Instant> Runs::since(const Version& version, ElementRef element) const {
  if (version.conditions == 0) return {};
  const auto found = since_.find(place(version, element));
  if (found != since_.end()) return found->second;
  if (none_.size() < version.conditions) none_.resize(version.conditions, kNever);
  return std::span(none_).first(version.conditions);
}

void Runs::look(const PairRef& pair, std::size_t condition, bool is_true, Instant now) {
  const std::uint64_t at = place(seats_.version(pair.seat), pair.element);
  const Instant before = since(pair)[condition];
  if (is_true == (before != kNever)) return;
  if (!is_true && PATUH_DEFECT("a break goes unnoticed")) return;
  ++changes_;
  if (is_true) {
    auto& all = since_.try_emplace(at, conditions(pair.seat), kNever).first->second;
    all[condition] = now;
    return;
  }
  PATUH_MARK("held: a break");
  const auto found = since_.find(at);
  found->second[condition] = kNever;
  if (std::ranges::all_of(found->second, [](Instant one) { return one == kNever; })) {
    since_.erase(found);
  }
}

void Runs::end(const Version& version, ElementRef element) {
  if (version.conditions != 0) since_.erase(place(version, element));
}

// ── Snapshots ──

void Runs::save(const Version& version, ElementRef element, base::Encoder& out) const {
  for (const Instant at : since(version, element)) out.instant(at);
}

bool Runs::load(const Version& version, ElementRef element, base::Decoder& in) {
  std::vector<Instant> since(version.conditions, kNever);
  for (Instant& at : since) at = in.instant();
  if (std::ranges::all_of(since, [](Instant one) { return one == kNever; })) return in.ok();
  since_[place(version, element)] = std::move(since);
  return in.ok();
}

std::uint64_t Runs::bytes() const {
  return since_.size() * (sizeof(std::pair<std::uint64_t, std::vector<Instant>>) + 32);
}

}  // namespace patuh::engine
