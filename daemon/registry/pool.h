// Strings that many elements share, each kept once for as long as someone uses it.
#pragma once

#include <cstdint>
#include <string_view>

#include "registry/heap.h"
#include "registry/table.h"

namespace patuh::registry {

// Its text lies behind it in memory.
struct Interned {
  std::uint64_t hash = 0;
  std::uint32_t uses = 0;
  std::uint32_t size = 0;
  std::string_view text() const;
};

class Pool {
 public:
  explicit Pool(Heap* heap);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One more use of `text`; to be given back.
  Interned* intern(std::string_view text);
  static void use(Interned* interned) { ++interned->uses; }
  void give_back(Interned* interned);
  // Null when nobody uses such a text.
  Interned* find(std::string_view text) const;
  std::size_t size() const { return table_.size(); }

 private:
  struct Hash {
    std::uint64_t operator()(const Interned* interned) const { return interned->hash; }
  };
  Heap* heap_;
  Table<Interned*, Hash> table_;
};

}  // namespace patuh::registry
