#include <algorithm>
#include <numeric>

#include "registry/change.h"
#include "registry/hash.h"
#include "registry/registry.h"
#include "registry/values.h"

namespace patuh::registry {

std::size_t KeyHash::operator()(const Key& key) const noexcept {
  const std::uint64_t head = static_cast<std::uint64_t>(key.of) << 32U |
                             static_cast<std::uint64_t>(key.kind) << 16U | key.field;
  return mix(key.what ^ mix(head + 0x9E3779B97F4A7C15U));
}

Key field_key(ElementRef element, FieldId field) {
  return {Key::Of::kField, 0, field.value, element.value};
}
Key life_key(ElementRef element) { return {Key::Of::kLife, 0, 0, element.value}; }
Key agency_key(ElementRef element) { return {Key::Of::kAgency, 0, 0, element.value}; }
Key changed_at_key(ElementRef element) { return {Key::Of::kChangedAt, 0, 0, element.value}; }
Key name_key(KindId kind, std::string_view id) {
  return {Key::Of::kName, kind.value, 0, Store::name_hash(kind, id)};
}
Key referrers_key(ElementRef element, KindId from, FieldId relation) {
  return {Key::Of::kReferrers, from.value, relation.value, element.value};
}
Key index_key(KindId kind, FieldId attribute, const expr::Value& value) {
  if (value.kind() == expr::Kind::kObject) {
    return referrers_key(ElementRef(value.object_index()), kind, attribute);
  }
  return {Key::Of::kIndex, kind.value, attribute.value, hash_of_key(index_key_of(value))};
}
Key members_key(ElementRef agency, KindId kind) {
  return {Key::Of::kMembers, kind.value, 0, agency.value};
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kApplied:
      return "applied";
    case Outcome::kNoChange:
      return "no_change";
    case Outcome::kDuplicate:
      return "duplicate";
    case Outcome::kStale:
      return "stale";
    case Outcome::kLate:
      return "late";
    case Outcome::kUnknownRemoved:
      return "unknown_removed";
    case Outcome::kNotPermitted:
      return "not_permitted";
  }
  return "applied";
}

void unique_keys(std::vector<Key>& keys) {
  constexpr std::size_t kFew = 24;
  if (keys.size() <= kFew) {
    auto end = keys.begin();
    for (const Key& key : keys) {
      if (std::find(keys.begin(), end, key) == end) *end++ = key;
    }
    keys.erase(end, keys.end());
    return;
  }
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t at) { return keys[at]; });
  std::vector<bool> repeated(keys.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    repeated[order[i]] = keys[order[i]] == keys[order[i - 1]];
  }
  std::size_t at = 0;
  std::erase_if(keys, [&](const Key&) { return repeated[at++]; });
}

}  // namespace patuh::registry
