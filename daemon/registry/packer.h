// Makes blocks from drafts, and takes them apart.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/block.h"
#include "registry/draft.h"
#include "registry/heap.h"
#include "registry/layout.h"
#include "registry/pool.h"

namespace patuh::registry {

class Tail;

class Packer {
 public:
  Packer(Pool* pool, Heap* heap) : pool_(pool), heap_(heap) {}

  // `from` is the block that the draft was loaded from, null for none: texts that it shares and
  // that the draft has not touched go over to the new one. It may still be read.
  Block* pack(const Draft& draft, const KindPlan& kind, std::string_view id, Block* from);
  void drop(Block* block);
  // The same with room for a patch behind its others, which no cell names yet; takes the place of
  // `block`, which takes_patch().
  Block* with_patch(Block* block);
  // The same as the draft that was loaded from it has it, where that differs in these fields alone,
  // whose values lie in their payloads and which one patch wrote. Takes over all of its texts.
  Block* patched(const Draft& draft, const KindPlan& kind, std::span<const FieldId> fields,
                 Block* from);
  // The cell is written by the patch at this place from now on; poke() says which it is.
  static void name_patch(Block& block, std::uint32_t cell, std::uint16_t place);
  static std::uint16_t newest_patch(const Block& block);
  // Its fields have other numbers from now on, in the same order and as many words.
  static void renumber(Block& block, std::span<const FieldId> numbers);
  // Writes over what the field's cell holds, which can_take() these. The text of the pool that lay
  // there, for the caller to give back once nobody reads it any more; else null.
  Interned* poke(Block& block, FieldId field, const expr::Value& value, const Write& write);

 private:
  struct Laid {
    Tag tag = Tag::kCleared;
    std::uint64_t payload = 0;
  };
  Laid written_over(Block& block, std::uint32_t cell, const expr::Value& value);
  void pack_writes(const Draft& draft);
  bool has_one_write() const;
  std::uint16_t packed(const Draft& draft, const Write& write);
  void fill_front(Block& block, const Draft& draft, std::string_view id);
  // `block` is null while measuring.
  void fill_tail(Tail& tail, const Draft& draft, const KindPlan& kind, Block* block);
  Laid lay_out(const Cell& cell, const FieldPlan& field, Tail& tail);
  Laid lay_out_value(const expr::Value& value, const FieldPlan& field, Tail& tail);
  static Laid lay_out_ends(std::span<const ElementRef> ends, Tail& tail);
  static void lend(Block* from, const Draft& draft);
  static void lend_all(const Block& from);
  Block* copy(const Block& block, std::uint16_t patches);
  static void move_front(const Block& from, Block& to);
  static void move_tail(const Block& from, Block& to);

  Pool* pool_;
  Heap* heap_;
  // Of the block under way: kept to save allocations.
  std::size_t cells_ = 0;
  std::vector<Block::PatchMark> patches_;
  std::vector<std::uint16_t> writes_;  // of the cells, then of the unknown members
};

}  // namespace patuh::registry
