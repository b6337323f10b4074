#include "engine/pairs.h"

#include <algorithm>
#include <utility>

namespace patuh::engine {

using model::ElementRef;
using model::KindId;
using model::RuleId;

namespace {

std::uint64_t bytes_of(const Sent& sent) {
  return sizeof(Sent) + sent.summary_id.capacity() + sent.summary_en.capacity();
}

}  // namespace

PairTable::PairTable(const rulebook::RuleBook& book)
    : kinds_(book.schema->kinds.size()), position_(book.rules.size()) {
  for (const rulebook::Rule& rule : book.rules) {
    std::vector<RuleId>& rules = kinds_[rule.kind.value].rules;
    position_[rule.number.value] = static_cast<std::uint32_t>(rules.size());
    rules.push_back(rule.number);
  }
}

bool PairTable::holds(ElementRef element) const {
  return element.value < rows_.size() && rows_[element.value].slot != kNone;
}

std::vector<ElementRef> PairTable::elements() const {
  std::vector<ElementRef> held;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].slot != kNone) held.emplace_back(i);
  }
  return held;
}

void PairTable::add(ElementRef element, KindId kind, std::uint32_t agency) {
  if (rows_.size() <= element.value) rows_.resize(element.value + 1);
  Row& row = rows_[element.value];
  PATUH_ASSERT(row.slot == kNone);
  OfKind& of = kinds_[kind.value];
  if (of.free_slots.empty()) {
    row.slot = of.slots++;
    if (row.slot / kRowsPerBlock == of.blocks.size()) {
      of.blocks.push_back(std::make_unique<Pair[]>(kRowsPerBlock * of.rules.size()));
    }
  } else {
    row.slot = of.free_slots.back();
    of.free_slots.pop_back();
  }
  row.kind = kind;
  row.agency = agency;
}

void PairTable::remove(ElementRef element) {
  std::ranges::fill(pairs(element), Pair{});
  Row& row = rows_[element.value];
  kinds_[row.kind.value].free_slots.push_back(row.slot);
  row = Row{};
}

void PairTable::set_agency(ElementRef element, std::uint32_t agency) {
  rows_[element.value].agency = agency;
}

Pair* PairTable::first_pair(ElementRef element) const {
  const Row& row = rows_[element.value];
  const OfKind& of = kinds_[row.kind.value];
  return &of.blocks[row.slot / kRowsPerBlock][(row.slot % kRowsPerBlock) * of.rules.size()];
}

Pair& PairTable::at(const PairRef& pair) {
  return first_pair(pair.element)[position_[pair.rule.value]];
}

const Pair& PairTable::at(const PairRef& pair) const {
  return first_pair(pair.element)[position_[pair.rule.value]];
}

std::span<Pair> PairTable::pairs(ElementRef element) {
  const std::size_t count = rules(kind(element)).size();
  if (count == 0) return {};
  return {first_pair(element), count};
}

Extra& PairTable::make_extra(Pair& pair) {
  if (pair.extra != kNone) return extras_[pair.extra];
  if (free_extras_.empty()) {
    pair.extra = static_cast<std::uint32_t>(extras_.size());
    extras_.emplace_back();
  } else {
    pair.extra = free_extras_.back();
    free_extras_.pop_back();
  }
  return extras_[pair.extra];
}

Episode& PairTable::make_episode(Pair& pair) {
  Extra& found = make_extra(pair);
  if (found.episode == nullptr) {
    found.episode = std::make_unique<Episode>();
    episode_bytes_ += sizeof(Episode);
  }
  return *found.episode;
}

void PairTable::end_episode(Pair& pair) {
  if (pair.extra == kNone || extras_[pair.extra].episode == nullptr) return;
  keep_sent(*extras_[pair.extra].episode, nullptr);
  extras_[pair.extra].episode = nullptr;
  episode_bytes_ -= sizeof(Episode);
}

void PairTable::keep_sent(Episode& episode, std::unique_ptr<Sent> sent) {
  if (episode.sent != nullptr) episode_bytes_ -= bytes_of(*episode.sent);
  episode.sent = std::move(sent);
  if (episode.sent != nullptr) episode_bytes_ += bytes_of(*episode.sent);
}

void PairTable::tidy(Pair& pair) {
  if (pair.extra == kNone || !extras_[pair.extra].is_empty()) return;
  free_extras_.push_back(pair.extra);
  pair.extra = kNone;
}

void PairTable::adopt_extras(PairTable& other) {
  extras_ = std::move(other.extras_);
  free_extras_ = std::move(other.free_extras_);
  episode_bytes_ = std::exchange(other.episode_bytes_, 0);
}

std::uint64_t PairTable::bytes() const {
  std::uint64_t bytes =
      rows_.capacity() * sizeof(Row) + extras_.capacity() * sizeof(Extra) + episode_bytes_;
  for (const OfKind& of : kinds_) {
    bytes += of.blocks.size() * kRowsPerBlock * of.rules.size() * sizeof(Pair);
  }
  return bytes;
}

}  // namespace patuh::engine
