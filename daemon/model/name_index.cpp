#include "model/name_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace patuh::model {
namespace {

constexpr std::size_t kSlotsLeast = 16;

// Of the first eight bytes, the last eight and the length: names that share all of these are told
// apart by being compared.
std::uint32_t hash_of(std::string_view name) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (name.size() >= sizeof first) {
    std::memcpy(&first, name.data(), sizeof first);
    std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
  } else if (!name.empty()) {
    std::memcpy(&first, name.data(), name.size());
  }
  const std::uint64_t mixed = (first ^ std::rotl(last, 29) ^ name.size()) * 0x9E3779B97F4A7C15U;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

}  // namespace

void NameIndex::add(std::string_view name, std::uint16_t number) {
  if (taken_ * 2 >= slots_.size()) grow();
  const std::uint32_t hash = hash_of(name);
  Slot& slot = slots_[slot_of(hash, name)];
  if (slot.taken) return;
  slot = {hash, static_cast<std::uint32_t>(names_.size()), static_cast<std::uint32_t>(name.size()),
          number, true};
  names_ += name;
  ++taken_;
}

std::optional<std::uint16_t> NameIndex::find(std::string_view name) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(hash_of(name), name)];
  if (!slot.taken) return std::nullopt;
  return slot.number;
}

std::size_t NameIndex::slot_of(std::uint32_t hash, std::string_view name) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (!slot.taken) return i;
    if (slot.hash == hash && std::string_view(names_).substr(slot.at, slot.size) == name) return i;
  }
}

void NameIndex::grow() {
  std::vector<Slot> before(std::max(kSlotsLeast, slots_.size() * 2));
  before.swap(slots_);
  for (const Slot& slot : before) {
    if (!slot.taken) continue;
    const std::string_view name = std::string_view(names_).substr(slot.at, slot.size);
    slots_[slot_of(slot.hash, name)] = slot;
  }
}

}  // namespace patuh::model
