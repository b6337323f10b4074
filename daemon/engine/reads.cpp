#include "engine/reads.h"

#include <utility>

#include "marks/marks.h"

namespace patuh::engine {

using registry::Key;

namespace {

constexpr std::size_t kTableMin = 16;

template <class T>
std::uint32_t take(std::vector<T>& pool, std::uint32_t& free, std::uint32_t T::* next) {
  if (free == kNone) {
    PATUH_ASSERT(pool.size() < kNone);
    pool.emplace_back();
    return static_cast<std::uint32_t>(pool.size() - 1);
  }
  const std::uint32_t at = free;
  free = pool[at].*next;
  return at;
}

}  // namespace

ReadIndex::ReadIndex() : table_(kTableMin) {}

std::uint32_t ReadIndex::replace(std::uint32_t list, const PairRef& pair,
                                 std::span<const Key> keys) {
  if (equal(list, keys)) return list;
  ++changes_;
  // New entries first: a key in both lists keeps its place in the table.
  std::uint32_t first = kNone;
  for (std::size_t i = keys.size(); i-- > 0;) first = link(keys[i], pair, first);
  drop(list);
  return first;
}

bool ReadIndex::equal(std::uint32_t list, std::span<const Key> keys) const {
  for (const Key& key : keys) {
    if (list == kNone || entries_[nodes_[list].entry].key != key) return false;
    list = nodes_[list].next_of_pair;
  }
  return list == kNone;
}

void ReadIndex::drop(std::uint32_t list) {
  while (list != kNone) {
    const std::uint32_t next = nodes_[list].next_of_pair;
    unlink(list);
    list = next;
  }
}

std::uint32_t ReadIndex::link(const Key& key, const PairRef& pair, std::uint32_t next_of_pair) {
  const std::uint32_t entry = find_or_add(key);
  const std::uint32_t at = take(nodes_, free_node_, &Node::next_of_pair);
  const std::uint32_t next = entries_[entry].first;
  nodes_[at] = {pair, entry, kNone, next, next_of_pair};
  if (next != kNone) nodes_[next].previous = at;
  entries_[entry].first = at;
  ++size_;
  return at;
}

void ReadIndex::unlink(std::uint32_t at) {
  Node& node = nodes_[at];
  if (node.next != kNone) nodes_[node.next].previous = node.previous;
  if (node.previous != kNone) {
    PATUH_MARK("reads: a reader among several goes");
    nodes_[node.previous].next =
        PATUH_DEFECT("a reader takes the next with it") ? kNone : node.next;
  } else {
    entries_[node.entry].first = node.next;
    if (node.next == kNone) erase(node.entry);
  }
  node.next_of_pair = free_node_;
  free_node_ = at;
  --size_;
}

void ReadIndex::use(const Key& key, bool more) {
  std::vector<std::uint32_t>& of = in_use_[static_cast<std::size_t>(key.of)];
  if (of.size() <= key.field) of.resize(key.field + 1U);
  of[key.field] += more ? 1U : UINT32_MAX;
}

// The upper half of a multiplication says the place, the lower the tag: KeyHash itself need not be
// good in all its bits.
std::uint64_t ReadIndex::hash(const Key& key) {
  return registry::KeyHash{}(key) * 0x9E3779B97F4A7C15U;
}

std::uint32_t ReadIndex::find(const Key& key) const {
  const std::uint64_t hashed = hash(key);
  const auto tag = static_cast<std::uint32_t>(hashed);
  for (std::size_t i = home(hashed);; i = (i + 1) & (table_.size() - 1)) {
    const Place& here = table_[i];
    if (here.entry == kNone) return kNone;
    if (here.tag == tag && entries_[here.entry].key == key) return here.entry;
  }
}

std::uint32_t ReadIndex::find_or_add(const Key& key) {
  const std::uint32_t found = find(key);
  if (found != kNone) return found;
  if ((entries_used_ + 1) * 2 > table_.size()) grow();
  const std::uint32_t at = take(entries_, free_entry_, &Entry::first);
  entries_[at] = {key, kNone};
  ++entries_used_;
  use(key, true);
  const std::uint64_t hashed = hash(key);
  place({static_cast<std::uint32_t>(hashed), at}, hashed);
  return at;
}

void ReadIndex::place(const Place& what, std::uint64_t hashed) {
  std::size_t i = home(hashed);
  while (table_[i].entry != kNone) i = (i + 1) & (table_.size() - 1);
  table_[i] = what;
}

// Takes the entry out of the table and moves those behind it that probing would no longer reach.
void ReadIndex::erase(std::uint32_t entry) {
  const std::size_t mask = table_.size() - 1;
  std::size_t hole = home(hash(entries_[entry].key));
  while (table_[hole].entry != entry) hole = (hole + 1) & mask;
  for (std::size_t i = (hole + 1) & mask; table_[i].entry != kNone; i = (i + 1) & mask) {
    const std::size_t wanted = home(hash(entries_[table_[i].entry].key));
    if (((i - wanted) & mask) < ((i - hole) & mask)) continue;
    PATUH_MARK("reads: an entry moves to close a hole");
    if (PATUH_DEFECT("a hole in the table of reads")) continue;
    table_[hole] = table_[i];
    hole = i;
  }
  table_[hole] = Place{};
  use(entries_[entry].key, false);
  entries_[entry].first = free_entry_;
  free_entry_ = entry;
  --entries_used_;
}

void ReadIndex::grow() {
  const std::vector<Place> old = std::exchange(table_, std::vector<Place>(table_.size() * 2));
  for (const Place& one : old) {
    if (one.entry != kNone) place(one, hash(entries_[one.entry].key));
  }
}

std::uint64_t ReadIndex::bytes() const {
  return nodes_.capacity() * sizeof(Node) + entries_.capacity() * sizeof(Entry) +
         table_.capacity() * sizeof(Place);
}

}  // namespace patuh::engine
