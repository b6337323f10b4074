// Which elements have a value: one index for each attribute that the pack says to index.
#pragma once

#include <cstdint>
#include <deque>

#include "expr/expr.h"
#include "registry/heap.h"
#include "registry/pool.h"
#include "registry/ref_set.h"
#include "registry/table.h"
#include "registry/values.h"

namespace patuh::registry {

class ValueIndex {
 public:
  ValueIndex(Heap* heap, Pool* pool) : heap_(heap), pool_(pool), table_(heap, Hash{}) {}
  ~ValueIndex();
  ValueIndex(const ValueIndex&) = delete;
  ValueIndex& operator=(const ValueIndex&) = delete;

  // The key is not none. False when it was (not) there.
  bool insert(const IndexKey& key, ElementRef element);
  bool erase(const IndexKey& key, ElementRef element);
  Refs find(const IndexKey& key) const;

 private:
  struct Entry {
    std::uint64_t payload = 0;  // a number, a bool, or an Interned*
    RefSet elements;            // its label is the key's tag; none = free
    friend bool operator==(const Entry& a, const Entry& b) {
      return a.payload == b.payload && a.elements.label() == b.elements.label();
    }
  };
  struct Hash {
    std::uint64_t operator()(const Entry& entry) const;
  };
  // The key as an entry without elements; nothing when its text is nowhere in use.
  std::optional<Entry> entry_of(const IndexKey& key) const;
  Entry* find_entry(const Entry& wanted) const;

  Heap* heap_;
  Pool* pool_;
  Table<Entry, Hash> table_;
};

}  // namespace patuh::registry
