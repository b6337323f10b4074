#include "engine/self_reads.h"

#include <algorithm>

#include "marks/marks.h"

namespace patuh::engine {

using model::KindId;
using registry::Key;

std::uint16_t BitSets::find_or_add(std::uint32_t bits) {
  const auto found = numbers_.find(bits);
  if (found != numbers_.end()) return found->second;
  if (sets_.size() > UINT16_MAX) return kAll;
  const auto number = static_cast<std::uint16_t>(sets_.size());
  sets_.push_back(bits);
  numbers_.emplace(bits, number);
  return number;
}

SelfReads::SelfReads(const rulebook::RuleBook& book, const Seats& seats)
    : rules_(seats.size()), kinds_(book.schema->kinds.size()) {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    kinds_[i].fields.resize(book.schema->kinds[i].fields.size());
  }
  for (const rulebook::Rule& rule : book.rules) {
    OfRule& of = rules_[seats.of(rule.number).value];
    of.kind = rule.kind;
    of.fields.resize(kinds_[rule.kind.value].fields.size());
  }
}

std::uint32_t SelfReads::bit_slow(Seat rule, const Key& key) {
  OfRule& of = rules_[rule.value];
  const Thing thing = thing_of(key);
  for (const auto& [known, bits] : of.others) {
    if (known == thing) return bits;
  }
  if (of.given >= kBits) PATUH_MARK("own reads: more than there are bits");
  const std::uint32_t bits = 1U << std::min(of.given++, kBits - 1);
  enter(rule, thing, bits);
  return bits;
}

void SelfReads::enter(Seat rule, const Thing& thing, std::uint32_t bits) {
  OfRule& of = rules_[rule.value];
  OfKind& kind = kinds_[of.kind.value];
  if (thing.of == Key::Of::kField) {
    of.fields[thing.field] = bits;
    kind.fields[thing.field].push_back({rule, bits});
    return;
  }
  of.others.emplace_back(thing, bits);
  const auto found =
      std::ranges::find(kind.others, thing, &std::pair<Thing, std::vector<Reader>>::first);
  if (found != kind.others.end()) {
    found->second.push_back({rule, bits});
  } else {
    kind.others.emplace_back(thing, std::vector<Reader>{{rule, bits}});
  }
}

const std::vector<SelfReads::Reader>& SelfReads::readers_of(KindId kind, const Key& key) const {
  const OfKind& of = kinds_[kind.value];
  if (key.of == Key::Of::kField) {
    return key.field < of.fields.size() ? of.fields[key.field] : nobody_;
  }
  const Thing thing = thing_of(key);
  for (const auto& [known, readers] : of.others) {
    if (known == thing) return readers;
  }
  return nobody_;
}

void SelfReads::carry(const SelfReads& from, Seat rule) {
  const OfRule& old = from.rules_[rule.value];
  PATUH_ASSERT(rules_[rule.value].given == 0);
  for (std::size_t field = 0; field < old.fields.size(); ++field) {
    if (old.fields[field] == 0) continue;
    enter(rule, {Key::Of::kField, 0, static_cast<std::uint16_t>(field)}, old.fields[field]);
  }
  for (const auto& [thing, bits] : old.others) enter(rule, thing, bits);
  rules_[rule.value].given = old.given;
}

}  // namespace patuh::engine
