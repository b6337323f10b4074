// Sets of elements: referrers, members, index entries. Most hold one or two, some a million.
#pragma once

#include <cstdint>

#include "registry/heap.h"
#include "registry/registry.h"

namespace patuh::registry {

inline constexpr ElementRef kNobody{UINT32_MAX};

// A large set: ascending runs of at most kRunRefsMax, none of them empty.
inline constexpr std::uint32_t kRunRefsMax = 256;
struct Run {
  ElementRef first;  // kept here too, so that searching touches no other memory
  std::uint32_t size = 0;
  ElementRef* refs = nullptr;  // room for kRunRefsMax
};
struct Chunks {
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;
  Run* runs = nullptr;
};

// Sixteen bytes: up to two refs in place, up to 256 in one array (as large as the next power of
// two), beyond in runs, so that a change moves at most a kilobyte. Trivially copyable so that
// tables can move it: whoever owns it calls clear() before forgetting it.
class RefSet {
 public:
  RefSet() = default;
  explicit RefSet(std::uint32_t label) : label_(label) {}

  // What its owner knows it by.
  std::uint32_t label() const { return label_; }
  void set_label(std::uint32_t label) { label_ = label; }
  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Refs view() const;  // until the next change; of two or fewer: until the set moves

  bool insert(ElementRef ref, Heap& heap);  // false when it is there
  bool erase(ElementRef ref, Heap& heap);   // false when it is not there
  bool contains(ElementRef ref) const { return view().contains(ref); }
  void clear(Heap& heap);

 private:
  bool in_place() const { return size_ <= 2; }
  ElementRef* flat() { return in_place() ? store_.few : store_.flat; }
  const ElementRef* flat() const { return in_place() ? store_.few : store_.flat; }
  void insert_flat(std::uint32_t at, ElementRef ref, Heap& heap);
  void erase_flat(std::uint32_t at, Heap& heap);
  bool insert_large(ElementRef ref, Heap& heap);
  bool erase_large(ElementRef ref, Heap& heap);
  void to_large(Heap& heap);
  void to_flat(Heap& heap);

  std::uint32_t label_ = 0;
  std::uint32_t size_ : 31 = 0;
  std::uint32_t large_ : 1 = 0;
  union Store {
    Store() : few{} {}
    ElementRef few[2];
    ElementRef* flat;
    Chunks* chunks;
  } store_;
};
static_assert(sizeof(RefSet) == 16);

}  // namespace patuh::registry
