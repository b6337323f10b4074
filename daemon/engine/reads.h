// What pairs read outside their own element, both ways: for each Key the pairs that noted it, for
// each pair its keys. Private to engine.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/pair.h"
#include "registry/registry.h"

namespace patuh::engine {

// Entries are nodes of 24 bytes in two linked lists, so that one is taken out in constant time
// however many pairs read the same key. Readers come in no order that may reach an output.
class ReadIndex {
 public:
  ReadIndex();

  // Makes `keys` (sorted, unique) the keys of `pair`, whose handle was `list` (kNone: none), and
  // returns the new handle. Equal keys cost one walk and change nothing.
  std::uint32_t replace(std::uint32_t list, const PairRef& pair,
                        std::span<const registry::Key> keys);
  // Calls visit(const PairRef&) for each reader; the index must not change meanwhile.
  template <class Visit>
  void readers(const registry::Key& key, const Visit& visit) const {
    if (!is_read(key)) return;
    const std::uint32_t at = find(key);
    if (at == kNone) return;
    for (std::uint32_t n = entries_[at].first; n != kNone; n = nodes_[n].next) {
      visit(nodes_[n].pair);
    }
  }
  // Calls visit(const registry::Key&) for each key of a pair, in order.
  template <class Visit>
  void keys_of(std::uint32_t list, const Visit& visit) const {
    for (std::uint32_t n = list; n != kNone; n = nodes_[n].next_of_pair) {
      visit(entries_[nodes_[n].entry].key);
    }
  }
  // How often replace() found other keys.
  std::uint64_t changes() const { return changes_; }

  std::uint64_t size() const { return size_; }
  std::uint64_t bytes() const;

 private:
  struct Node {
    PairRef pair;
    std::uint32_t entry;           // of the key
    std::uint32_t previous, next;  // among the readers of the key
    std::uint32_t next_of_pair;
  };
  struct Entry {
    registry::Key key;
    std::uint32_t first = kNone;  // reader; of a free entry the next free one
  };
  // A place of the table keeps a part of the hash, so that other keys are passed over unseen.
  struct Place {
    std::uint32_t tag = 0;
    std::uint32_t entry = kNone;
  };

  // Whether any key of this sort and field number has readers: most fields of most kinds have none.
  bool is_read(const registry::Key& key) const {
    const std::vector<std::uint32_t>& of = in_use_[static_cast<std::size_t>(key.of)];
    return key.field < of.size() && of[key.field] != 0;
  }
  void use(const registry::Key& key, bool more);

  bool equal(std::uint32_t list, std::span<const registry::Key> keys) const;
  void drop(std::uint32_t list);
  std::uint32_t link(const registry::Key& key, const PairRef& pair, std::uint32_t next_of_pair);
  void unlink(std::uint32_t node);

  static std::uint64_t hash(const registry::Key& key);
  std::size_t home(std::uint64_t hashed) const { return (hashed >> 32) & (table_.size() - 1); }
  void place(const Place& what, std::uint64_t hashed);
  std::uint32_t find(const registry::Key& key) const;
  std::uint32_t find_or_add(const registry::Key& key);
  void erase(std::uint32_t entry);
  void grow();

  std::vector<Node> nodes_;
  std::vector<Entry> entries_;
  std::vector<Place> table_;  // open addressing, linear probing; a power of two
  std::array<std::vector<std::uint32_t>, 8> in_use_;  // entries by Key::Of and field
  std::uint32_t free_node_ = kNone;
  std::uint32_t free_entry_ = kNone;
  std::uint64_t size_ = 0;  // nodes in use
  std::uint64_t changes_ = 0;
  std::uint64_t entries_used_ = 0;
};

}  // namespace patuh::engine
