#include "engine/reads.h"

#include <utility>

#include "marks/marks.h"

namespace patuh::engine {

using registry::Key;

namespace {

template <class T>
std::uint32_t take(Pages<T>& all, std::uint32_t& free, std::uint32_t T::* next) {
  if (free == kNone) return all.add();
  const std::uint32_t at = free;
  free = all[at].*next;
  return at;
}

}  // namespace

ReadIndex::ReadIndex() : table_(kTableMin) {}

void ReadIndex::expect(const Key& key) const {
  if (is_read(key)) __builtin_prefetch(&table_[home(hash(key))]);
}

// Most judgements read what the one before did. Of nodes that others alone read no key is looked
// at.
bool ReadIndex::is_the_same(std::uint32_t list, std::uint32_t column,
                            std::span<const Key> keys) const {
  const std::uint32_t group = column / kGroup;
  auto wanted = keys.begin();
  for (std::uint32_t n = list; n != kNone && nodes_[n].group <= group;
       n = nodes_[n].next_of_element) {
    if (!nodes_[n].is_of(column)) continue;
    if (wanted == keys.end() || entries_[nodes_[n].entry].key() != *wanted++) return false;
  }
  return wanted == keys.end();
}

// Both lists are in order, so that one walk over them tells what came and what went.
void ReadIndex::replace(std::uint32_t& list, const Reader& reader, std::span<const Key> keys) {
  if (is_the_same(list, reader.column, keys)) return;
  const std::uint32_t group = reader.column / kGroup;
  bool is_other = false;
  std::uint32_t* at = &list;
  for (std::size_t i = 0; i < keys.size() || *at != kNone;) {
    auto order = std::strong_ordering::greater;
    if (*at != kNone) {
      order = i < keys.size() ? compare(*at, group, keys[i]) : std::strong_ordering::less;
    }
    if (order > 0) {
      const std::uint32_t node = link(find_or_add(keys[i]), reader);
      nodes_[node].next_of_element = std::exchange(*at, node);
    }
    is_other |= turn(*at, reader.column, order >= 0);
    if (order >= 0) ++i;
    if (nodes_[*at].columns != 0) {
      at = &nodes_[*at].next_of_element;
    } else {
      const std::uint32_t node = std::exchange(*at, nodes_[*at].next_of_element);
      unlink(node);
    }
  }
  changes_ += is_other ? 1 : 0;
}

std::strong_ordering ReadIndex::compare(std::uint32_t at, std::uint32_t group,
                                        const Key& key) const {
  const Node& node = nodes_[at];
  if (node.group != group) return node.group <=> group;
  return entries_[node.entry].key() <=> key;
}

// Whether the rule of this column reads the node's key from now on. True: it did not before, or
// does no more.
bool ReadIndex::turn(std::uint32_t at, std::uint32_t column, bool on) {
  Node& node = nodes_[at];
  if (node.group != column / kGroup || node.is_of(column) == on) return false;
  node.columns = (node.columns ^ (1U << (column % kGroup))) & kColumns;
  size_ = on ? size_ + 1 : size_ - 1;
  return true;
}

// A node that no rule reads by yet.
std::uint32_t ReadIndex::link(std::uint32_t entry, const Reader& reader) {
  const std::uint32_t at = take(nodes_, free_node_, &Node::next_of_element);
  const std::uint32_t next = entries_[entry].first;
  Node& node = nodes_[at];
  node = Node{};
  node.element = reader.element;
  node.group = (reader.column / kGroup) & kGroups;
  node.entry = entry;
  node.next = next;
  if (next != kNone) nodes_[next].previous = at;
  entries_[entry].first = at;
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
  node.next_of_element = free_node_;
  free_node_ = at;
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
    if (here.tag == tag && entries_[here.entry].key() == key) return here.entry;
  }
}

std::uint32_t ReadIndex::find_or_add(const Key& key) {
  const std::uint32_t found = find(key);
  if (found != kNone) return found;
  if ((entries_used_ + 1) * 4 > table_.size() * 3) grow();
  const std::uint32_t at = take(entries_, free_entry_, &Entry::first);
  entries_[at] = Entry(key);
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
  std::size_t hole = home(hash(entries_[entry].key()));
  while (table_[hole].entry != entry) hole = (hole + 1) & mask;
  for (std::size_t i = (hole + 1) & mask; table_[i].entry != kNone; i = (i + 1) & mask) {
    const std::size_t wanted = home(hash(entries_[table_[i].entry].key()));
    if (((i - wanted) & mask) < ((i - hole) & mask)) continue;
    PATUH_MARK("reads: an entry moves to close a hole");
    if (PATUH_DEFECT("a hole in the table of reads")) continue;
    table_[hole] = table_[i];
    hole = i;
  }
  table_[hole] = Place{};
  use(entries_[entry].key(), false);
  entries_[entry].first = free_entry_;
  free_entry_ = entry;
  --entries_used_;
}

void ReadIndex::grow() {
  const std::vector<Place> old = std::exchange(table_, std::vector<Place>(table_.size() * 2));
  for (const Place& one : old) {
    if (one.entry != kNone) place(one, hash(entries_[one.entry].key()));
  }
}

std::uint64_t ReadIndex::bytes() const {
  return nodes_.bytes() + entries_.bytes() + table_.capacity() * sizeof(Place);
}

}  // namespace patuh::engine
