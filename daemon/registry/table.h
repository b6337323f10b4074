// An open-addressing hash table for small trivial entries, without a hash kept beside them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/base.h"
#include "registry/heap.h"

namespace patuh::registry {

// Linear probing; at most three quarters full; erasing shifts back, so there are no tombstones.
// `Hash` gives an entry's hash, a default-made Entry means free. Never shrinks.
// The answers depend on the entries alone, never on the order in which they were put in.
template <class Entry, class Hash>
class Table {
  static_assert(std::is_trivially_copyable_v<Entry>);

 public:
  Table(Heap* heap, Hash hash) : heap_(heap), hash_(hash) {}
  ~Table() { clear(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::size_t size() const { return size_; }

  // The entry with this hash for which `is` holds; null when there is none.
  template <class Is>
  Entry* find(std::uint64_t hash, const Is& is) const {
    if (size_ == 0) return nullptr;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      if (entries_[at] == Entry{}) return nullptr;
      if (is(entries_[at])) return &entries_[at];
    }
  }
  // An entry with this hash will soon be looked for.
  void prefetch(std::uint64_t hash) const {
    if (size_ > 0) __builtin_prefetch(entries_ + (hash & mask()));
  }
  // The entry must not be there yet. Pointers into the table end.
  Entry* insert(const Entry& entry) {
    if (4 * (size_ + 1) > 3 * capacity_) grow_to(capacity_ == 0 ? 8 : capacity_ * 2);
    ++size_;
    return place(entry);
  }
  // Room for so many in one go. Pointers into the table end.
  void reserve(std::size_t size) {
    std::size_t capacity = std::max<std::size_t>(capacity_, 8);
    while (4 * size > 3 * capacity) capacity *= 2;
    if (capacity > capacity_) grow_to(capacity);
  }
  // `entry` points into the table. Pointers into the table end.
  void erase(Entry* entry) {
    auto hole = static_cast<std::size_t>(entry - entries_);
    for (std::size_t at = (hole + 1) & mask(); !(entries_[at] == Entry{}); at = (at + 1) & mask()) {
      const std::size_t home = hash_(entries_[at]) & mask();
      // May it move to the hole? Only if the hole is not before its home.
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      entries_[hole] = entries_[at];
      hole = at;
    }
    entries_[hole] = Entry{};
    --size_;
  }
  void clear() {
    heap_->give(entries_, capacity_ * sizeof(Entry));
    entries_ = nullptr;
    capacity_ = size_ = 0;
  }
  template <class Visit>
  void for_each(const Visit& visit) {
    for (std::size_t at = 0; at < capacity_; ++at) {
      if (!(entries_[at] == Entry{})) visit(entries_[at]);
    }
  }

 private:
  std::size_t mask() const { return capacity_ - 1; }
  Entry* place(const Entry& entry) {
    std::size_t at = hash_(entry) & mask();
    while (!(entries_[at] == Entry{})) at = (at + 1) & mask();
    entries_[at] = entry;
    return &entries_[at];
  }
  void grow_to(std::size_t capacity) {
    Entry* const old = entries_;
    const std::size_t old_capacity = std::exchange(capacity_, capacity);
    entries_ = static_cast<Entry*>(heap_->take(capacity_ * sizeof(Entry)));
    std::uninitialized_fill_n(entries_, capacity_, Entry{});
    for (std::size_t at = 0; at < old_capacity; ++at) {
      if (!(old[at] == Entry{})) place(old[at]);
    }
    heap_->give(old, old_capacity * sizeof(Entry));
  }

  Heap* heap_;
  Hash hash_;
  Entry* entries_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace patuh::registry
