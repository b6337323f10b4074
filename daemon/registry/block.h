// One element's own facts in one piece of memory: id, who wrote what, attributes, ends of
// relations, undeclared members. Built once from a Draft, then only its marks change; a change of a
// field makes a new block.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "expr/expr.h"
#include "registry/heap.h"
#include "registry/pool.h"
#include "registry/ref_set.h"
#include "registry/sources.h"

namespace patuh::registry {

// What one source did to one element.
struct SourceMark {
  std::int64_t version = 0;   // the newest of its events
  std::int64_t upserted = 0;  // the newest of its upserts, when it sent one
  SourceNumber source = 0;
  std::uint32_t flags = 0;
  static constexpr std::uint32_t kUpserted = 1;  // `upserted` says something
  static constexpr std::uint32_t kHolds = 2;     // its upsert stands
  static constexpr std::uint32_t kRemoved = 4;   // it removed the element
  bool is(std::uint32_t flag) const { return (flags & flag) != 0; }
};

// Who wrote a field, and when in that source's order.
struct Write {
  static constexpr std::uint16_t kEngine = 0xFFFF;   // put()
  static constexpr std::uint16_t kStub = 0xFFFE;     // the deployment role's values for a stub
  static constexpr std::uint16_t kDerived = 0xFFFD;  // computed
  std::uint16_t mark = kDerived;                     // place among the marks, or one of these
  bool by_patch = false;                             // else by the source's newest upsert
  std::int64_t version = 0;                          // of a patch
  bool by_source() const { return mark < kDerived; }
  friend bool operator==(const Write&, const Write&) = default;
};

struct UnknownView {
  std::string_view name;
  std::string_view json;
  Write write;
};

// How a cell's payload is to be read. In memory only.
enum class Tag : std::uint8_t {
  kCleared,
  kBool,
  kInt,
  kUint,
  kDouble,
  kText,       // offset and size of bytes in the tail
  kShared,     // Interned*
  kLent,       // Interned* that a newer block took over
  kBytes,      // as kText
  kInstant,    // microseconds
  kTimestamp,  // offset of a Value in the tail
  kSpan,       // microseconds
  kDuration,   // offset of a Value in the tail
  kList,       // offset of a ListRep in the tail
  kMap,        // offset of a MapRep in the tail
  kEnd,        // one ref in place
  kEndPair,    // two refs in place
  kEnds,       // offset and number of refs in the tail
};

// A value that a payload holds whole.
struct Scalar {
  Tag tag;
  std::uint64_t payload;
};
std::optional<Scalar> scalar_of(const expr::Value& value);

// Where something lies in a block, and how large it is.
constexpr std::uint64_t place(std::size_t offset, std::size_t size) {
  return static_cast<std::uint64_t>(offset) | static_cast<std::uint64_t>(size) << 32U;
}
constexpr std::size_t offset_of(std::uint64_t payload) { return payload & UINT32_MAX; }
constexpr std::size_t size_of(std::uint64_t payload) { return payload >> 32U; }

// Memory, in this order (8-byte parts first):
//   head | marks | patches | payloads, one a cell | unknown | bitmap of fields |
//   writes, one a cell or one for all | tags, one a cell | id | tail: what does not fit a payload
class Block {
 public:
  static constexpr std::uint32_t kNoCell = UINT32_MAX;
  struct PatchMark {
    std::int64_t version = 0;
    std::uint32_t mark = 0;
  };

  // Soon all of it will be read: most lie in so many lines of the processor's memory.
  void prefetch() const {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kLines = 5;
    for (std::size_t i = 0; i < kLines; ++i) __builtin_prefetch(bytes_at(i * kLine));
  }

  std::string_view id() const { return {bytes_at(id_at()), id_size_}; }
  std::span<SourceMark> marks() { return {at<SourceMark>(kHead), marks_}; }
  std::span<const SourceMark> marks() const { return {at<SourceMark>(kHead), marks_}; }

  // The cell that holds the field, cleared ones too; kNoCell when there is none.
  std::uint32_t cell_of(FieldId field) const;
  std::uint32_t cells() const { return cells_; }
  template <class Visit>  // visit(FieldId, cell), ascending
  void for_each_cell(const Visit& visit) const;

  bool is_cleared(std::uint32_t cell) const;
  expr::Value value(std::uint32_t cell) const;  // of attributes
  Interned* shared(std::uint32_t cell) const;   // the pool's text behind the value, else null
  std::span<const ElementRef> ends(std::uint32_t cell) const;  // of relations
  Write write(std::uint32_t cell) const;

  // Null, no ends, when the field is absent or cleared.
  std::optional<expr::Value> value_of(FieldId field) const;
  std::span<const ElementRef> ends_of(FieldId field) const;

  // Whether the value can lie where the cell's lies.
  bool has_room(std::uint32_t cell, const expr::Value& value) const;
  // Whether the value and its write can lie where the cell's lie: Packer::poke() puts them there.
  bool can_take(std::uint32_t cell, const expr::Value& value, const Write& write) const;
  // A patch's place that no cell names but those for which `leaves(cell)` holds; nothing: there is
  // none, or all cells share one write.
  template <class Leaves>
  std::optional<std::uint16_t> spare_patch(const Leaves& leaves) const;
  // Whether Packer::with_patch() can move it.
  bool takes_patch() const;

  std::uint32_t unknown() const { return unknown_; }
  UnknownView unknown(std::uint32_t place) const;

 private:
  friend class Packer;
  struct Unknown {
    Interned* name = nullptr;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint16_t write = 0;
  };
  std::size_t patch_bytes() const;
  bool is_patched_alone(std::uint32_t cell) const;
  // A write in 16 bits: the special ones; a place among the marks; beyond them among the patches.
  Write unpack(std::uint16_t packed) const;

  // As many as the bits that spare_patch() counts in; with more a block is made anew, and tidied.
  static constexpr std::uint32_t kPatchesMoved = 64;
  static constexpr std::size_t kHead = 16;
  std::size_t patches_at() const { return kHead + marks_ * sizeof(SourceMark); }
  std::size_t payloads_at() const { return patches_at() + patches_ * sizeof(PatchMark); }
  std::size_t unknown_at() const { return payloads_at() + cells_ * sizeof(std::uint64_t); }
  std::size_t bitmap_at() const { return unknown_at() + unknown_ * sizeof(Unknown); }
  std::size_t writes_at() const { return bitmap_at() + words_ * sizeof(std::uint64_t); }
  std::size_t writes() const { return one_write_ != 0 ? 1 : cells_; }
  std::size_t tags_at() const { return writes_at() + writes() * sizeof(std::uint16_t); }
  std::uint16_t& packed_write(std::uint32_t cell) const {
    return at<std::uint16_t>(writes_at())[one_write_ != 0 ? 0 : cell];
  }
  std::size_t id_at() const { return tags_at() + cells_; }
  std::size_t tail_at() const { return id_at() + id_size_; }

  std::uintptr_t address() const { return std::bit_cast<std::uintptr_t>(this); }
  const char* bytes_at(std::size_t offset) const {
    return std::bit_cast<const char*>(address() + offset);
  }
  template <class T>
  T* at(std::size_t offset) const {
    return std::bit_cast<T*>(address() + offset);
  }
  std::uint64_t payload(std::uint32_t cell) const { return at<std::uint64_t>(payloads_at())[cell]; }

  std::uint32_t bytes_ = 0;
  std::uint32_t unknown_ : 31 = 0;
  std::uint32_t one_write_ : 1 = 0;  // all cells have the same: most elements were sent whole
  std::uint16_t marks_ = 0;
  std::uint16_t cells_ = 0;
  std::uint16_t patches_ = 0;
  std::uint8_t words_ = 0;
  std::uint8_t id_size_ = 0;
};
static_assert(sizeof(Block) == 16);

template <class Visit>
void Block::for_each_cell(const Visit& visit) const {
  std::uint32_t cell = 0;
  for (std::uint32_t word = 0; word < words_; ++word) {
    for (std::uint64_t bits = at<std::uint64_t>(bitmap_at())[word]; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
      visit(FieldId(static_cast<std::uint16_t>(word * 64 + bit)), cell++);
    }
  }
}

template <class Leaves>
std::optional<std::uint16_t> Block::spare_patch(const Leaves& leaves) const {
  if (one_write_ != 0 || patches_ > kPatchesMoved) return std::nullopt;
  const auto* const writes = at<std::uint16_t>(writes_at());
  std::uint64_t named = 0;
  for (std::uint32_t cell = 0; cell < cells_; ++cell) {
    const std::uint32_t place = std::uint32_t{writes[cell]} - marks_;
    if (place < patches_ && !leaves(cell)) named |= std::uint64_t{1} << place;
  }
  const auto spare = static_cast<std::uint32_t>(std::countr_one(named));
  if (spare >= patches_) return std::nullopt;
  return static_cast<std::uint16_t>(marks_ + spare);
}

}  // namespace patuh::registry
