#include "engine/backlog.h"

#include <algorithm>

#include "engine/verdicts.h"

namespace patuh::engine {

using base::Decoder;
using base::Encoder;
using model::RuleId;

void Backlog::add(const PairRef& pair, const Moment& moment) {
  const bool is_same = !causes_.empty() && causes_.back().id == moment.cause_id &&
                       causes_.back().source == moment.cause_source &&
                       causes_.back().at == moment.recorded;
  if (!is_same) {
    Counted cause;
    cause.at = moment.recorded;
    cause.source = moment.cause_source;
    cause.id = moment.cause_id;
    cause.type = moment.cause_type;
    causes_.push_back(std::move(cause));
  }
  ++causes_.back().count;
  entries_.push_back(pair);
}

void Backlog::pop() {
  entries_.pop_front();
  if (--causes_.front().count == 0) causes_.pop_front();
}

void Backlog::renumber(std::span<const std::optional<RuleId>> numbers) {
  auto cause = causes_.begin();
  std::uint64_t left = cause == causes_.end() ? 0 : cause->count;
  std::deque<PairRef> kept;
  for (const PairRef& pair : entries_) {
    if (const auto number = numbers[pair.rule.value]) {
      kept.push_back({*number, pair.element});
    } else {
      --cause->count;
    }
    if (--left == 0 && ++cause != causes_.end()) left = cause->count;
  }
  entries_ = std::move(kept);
  std::erase_if(causes_, [](const Counted& one) { return one.count == 0; });
}

std::uint64_t Backlog::bytes() const {
  return entries_.size() * sizeof(PairRef) + causes_.size() * sizeof(Counted);
}

void Backlog::save(const rulebook::RuleBook& book, base::Encoder& out,
                   const std::function<bool(const PairRef&)>& is_live) const {
  out.number(causes_.size());
  for (const Counted& cause : causes_) {
    out.instant(cause.at);
    out.text(cause.source);
    out.text(cause.id);
    out.text(cause.type);
    out.number(cause.count);
  }
  out.number(entries_.size());
  for (const PairRef& pair : entries_) {
    out.text(book.rules[pair.rule.value].id);
    out.number(pair.element.value);
    out.byte(is_live(pair) ? 1 : 0);
  }
}

bool Backlog::load(const rulebook::RuleBook& book, base::Decoder& in, std::vector<PairRef>& live) {
  std::uint64_t counted = 0;
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    Counted cause;
    cause.at = in.instant();
    cause.source = in.text();
    cause.id = in.text();
    cause.type = in.text();
    cause.count = in.number();
    counted += cause.count;
    causes_.push_back(std::move(cause));
  }
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    const rulebook::Rule* const rule = book.rule(in.text());
    const auto element = static_cast<std::uint32_t>(in.number_below(UINT32_MAX));
    const bool is_live = in.byte() == 1;
    if (rule == nullptr) return false;
    entries_.push_back({rule->number, model::ElementRef{element}});
    if (is_live) live.push_back(entries_.back());
  }
  return in.ok() && counted == entries_.size();
}

// ── What the verdicts do with it ──

void Verdicts::judge_waiting(const Moment& moment) {
  std::ranges::sort(waiting_);
  std::size_t left = options_.slice;
  for (const PairRef& ref : waiting_) {
    const Pair* const found = find(ref);
    // The element may have gone since, and its place been taken.
    if (found == nullptr || !found->waiting) continue;
    if (left == 0) {
      postpone(ref, moment);
    } else {
      --left;
      judge(ref, moment);
    }
  }
  waiting_.clear();
}

// What waits already keeps its place.
void Verdicts::postpone(const PairRef& ref, const Moment& moment) {
  Pair& pair = now_->pairs.at(ref);
  pair.waiting = false;
  if (pair.put_off) return;
  pair.put_off = true;
  backlog_.add(ref, moment);
}

void Verdicts::work_off(const Moment& moment) {
  for (std::size_t left = options_.slice; left > 0 && !backlog_.empty(); --left) {
    const PairRef ref = backlog_.next();
    const Pair* const found = find(ref);
    if (found != nullptr && found->put_off) {
      const Backlog::Cause& cause = backlog_.cause();
      judge(ref, {moment.at, moment.recorded, cause.source, cause.id, cause.type, moment.out});
    }
    backlog_.pop();
  }
}

// After loading, when waiting_ holds them: each pair knows again that it waits.
void Verdicts::mark_put_off() {
  for (const PairRef& ref : waiting_) {
    if (find(ref) != nullptr) now_->pairs.at(ref).put_off = true;
  }
  waiting_.clear();
}

}  // namespace patuh::engine
