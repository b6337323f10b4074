// What pairs read outside their own element, both ways: for each Key the pairs that noted it, for
// each pair its keys. Private to engine.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/pages.h"
#include "engine/pair.h"
#include "registry/registry.h"

namespace patuh::engine {

// A pair as PairTable files it: rules of one kind side by side.
struct Reader {
  model::ElementRef element;
  std::uint32_t column = 0;
  friend bool operator==(const Reader&, const Reader&) = default;
};

// Rules of one element often read the same: an entry is a node of 24 bytes that stands for up to 20
// of them. It is in two lists: that of its element, in the order of keys, and that of its key, out
// of which it is taken in constant time however many read the same. Readers come in no order that
// may reach an output.
class ReadIndex {
 public:
  ReadIndex();

  // Makes `keys` (sorted, unique) the keys of the reader. `list` is its element's, which all its
  // readers share (kNone: there is none yet).
  void replace(std::uint32_t& list, const Reader& reader, std::span<const registry::Key> keys);
  // Calls visit(const Reader&) for each; the index must not change meanwhile.
  template <class Visit>
  void readers(const registry::Key& key, const Visit& visit) const {
    if (!is_read(key)) return;
    const std::uint32_t at = find(key);
    if (at == kNone) return;
    for (std::uint32_t n = entries_[at].first; n != kNone; n = nodes_[n].next) {
      const Node& node = nodes_[n];
      visit_columns(node, [&](std::uint32_t column) { visit(Reader{node.element, column}); });
    }
  }
  // Calls visit(column, const registry::Key&) for each key of each of an element's readers, those
  // of one reader in order.
  template <class Visit>
  void all_keys(std::uint32_t list, const Visit& visit) const {
    for (std::uint32_t n = list; n != kNone; n = nodes_[n].next_of_element) {
      const registry::Key key = entries_[nodes_[n].entry].key();
      visit_columns(nodes_[n], [&](std::uint32_t column) { visit(column, key); });
    }
  }
  // Hints, which change nothing: the element's list will soon be looked at; and then how it begins;
  // readers of the key will soon be asked for.
  void expect(std::uint32_t list) const {
    if (list != kNone) __builtin_prefetch(&nodes_[list]);
  }
  void expect_first(std::uint32_t list) const {
    if (list == kNone) return;
    __builtin_prefetch(&entries_[nodes_[list].entry]);
    expect(nodes_[list].next_of_element);
  }
  void expect(const registry::Key& key) const;
  // How often replace() found other keys.
  std::uint64_t changes() const { return changes_; }

  std::uint64_t size() const { return size_; }
  std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t kGroup = 20;  // columns a node stands for
  static constexpr std::uint32_t kColumns = (1U << kGroup) - 1;
  static constexpr std::uint32_t kGroups = (1U << (32 - kGroup)) - 1;
  struct Node {
    model::ElementRef element;
    std::uint32_t columns : kGroup = 0;  // those of its group that read
    std::uint32_t group : 32 - kGroup = 0;
    std::uint32_t entry = kNone;                   // of the key
    std::uint32_t previous = kNone, next = kNone;  // among the readers of the key
    std::uint32_t next_of_element = kNone;
    bool is_of(std::uint32_t column) const {
      return group == column / kGroup && (columns >> (column % kGroup) & 1U) != 0;
    }
  };
  static_assert(sizeof(Node) == 24);
  template <class Visit>
  static void visit_columns(const Node& node, const Visit& visit) {
    for (std::uint32_t columns = node.columns; columns != 0; columns &= columns - 1) {
      visit(node.group * kGroup + static_cast<std::uint32_t>(std::countr_zero(columns)));
    }
  }
  struct Entry {  // a key in parts, so that nothing lies empty between
    std::uint32_t what_low = 0, what_high = 0;
    std::uint16_t kind = 0, field = 0;
    registry::Key::Of of = registry::Key::Of::kField;
    std::uint32_t first = kNone;  // reader; of a free entry the next free one
    Entry() = default;
    explicit Entry(const registry::Key& key)
        : what_low(static_cast<std::uint32_t>(key.what)),
          what_high(static_cast<std::uint32_t>(key.what >> 32U)),
          kind(key.kind),
          field(key.field),
          of(key.of) {}
    registry::Key key() const {
      return {of, kind, field, std::uint64_t{what_high} << 32U | what_low};
    }
  };
  static_assert(sizeof(Entry) == 20);
  // A place of the table keeps a part of the hash, so that other keys are passed over unseen.
  struct Place {
    std::uint32_t tag = 0;
    std::uint32_t entry = kNone;
  };
  static constexpr std::size_t kTableMin = 16;

  // Whether any key of this sort and field number has readers: most fields of most kinds have none.
  bool is_read(const registry::Key& key) const {
    const std::vector<std::uint32_t>& of = in_use_[static_cast<std::size_t>(key.of)];
    return key.field < of.size() && of[key.field] != 0;
  }
  void use(const registry::Key& key, bool more);

  bool is_the_same(std::uint32_t list, std::uint32_t column,
                   std::span<const registry::Key> keys) const;
  std::strong_ordering compare(std::uint32_t node, std::uint32_t group,
                               const registry::Key& key) const;
  std::uint32_t link(std::uint32_t entry, const Reader& reader);
  void unlink(std::uint32_t node);
  bool turn(std::uint32_t node, std::uint32_t column, bool on);

  static std::uint64_t hash(const registry::Key& key);
  std::size_t home(std::uint64_t hashed) const { return (hashed >> 32) & (table_.size() - 1); }
  void place(const Place& what, std::uint64_t hashed);
  std::uint32_t find(const registry::Key& key) const;
  std::uint32_t find_or_add(const registry::Key& key);
  void erase(std::uint32_t entry);
  void grow();

  Pages<Node> nodes_;
  Pages<Entry> entries_;
  std::vector<Place> table_;  // open addressing, linear probing; a power of two
  std::array<std::vector<std::uint32_t>, 8> in_use_;  // entries by Key::Of and field
  std::uint32_t free_node_ = kNone;
  std::uint32_t free_entry_ = kNone;
  std::uint64_t size_ = 0;  // of all readers' keys
  std::uint64_t changes_ = 0;
  std::uint64_t entries_used_ = 0;
};

}  // namespace patuh::engine
