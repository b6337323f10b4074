#include "registry/packer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace patuh::registry {

using expr::Kind;
using expr::Value;

// Lays out what does not fit a payload. Runs twice over the same cells: without memory to measure,
// then with it.
class Tail {
 public:
  Tail(std::size_t begin, char* memory) : at_(begin), memory_(memory) {}

  std::size_t end() const { return at_; }
  bool measures() const { return memory_ == nullptr; }

  std::uint64_t text(std::string_view text) {
    const std::size_t offset = at_;
    at_ += text.size();
    if (memory_ != nullptr && !text.empty()) {
      std::memcpy(memory_ + offset, text.data(), text.size());
    }
    return place(offset, text.size());
  }
  std::uint64_t refs(std::span<const ElementRef> refs) {
    ElementRef* const room = make_room<ElementRef>(refs.size());
    if (room != nullptr) std::uninitialized_copy(refs.begin(), refs.end(), room);
    return place(offset_of_room(refs.size() * sizeof(ElementRef)), refs.size());
  }
  std::uint64_t value(const Value& value) {
    put(value);
    return place(offset_of_room(sizeof(Value)), 0);
  }
  std::uint64_t list(const expr::ListRep& list) {
    Value* const items = make_room<Value>(list.size);
    for (std::uint32_t i = 0; i < list.size; ++i) {
      const Value item = copy(expr::item(list, i));
      if (items != nullptr) new (items + i) Value(item);
    }
    put(expr::ListRep{list.size, items, nullptr});
    return place(offset_of_room(sizeof(expr::ListRep)), 0);
  }
  std::uint64_t map(const expr::MapRep& map) {
    expr::MapEntry* const entries = make_room<expr::MapEntry>(map.size);
    for (std::uint32_t i = 0; i < map.size; ++i) {
      const expr::MapEntry entry{copy(map.entries[i].key), copy(map.entries[i].value)};
      if (entries != nullptr) new (entries + i) expr::MapEntry(entry);
    }
    put(expr::MapRep{map.size, entries});
    return place(offset_of_room(sizeof(expr::MapRep)), 0);
  }

 private:
  // Null while measuring; aligned either way.
  template <class T>
  T* make_room(std::size_t count) {
    at_ = (at_ + alignof(T) - 1) & ~(alignof(T) - 1);
    const std::size_t offset = at_;
    at_ += count * sizeof(T);
    return memory_ == nullptr ? nullptr
                              : std::bit_cast<T*>(std::bit_cast<std::uintptr_t>(memory_) + offset);
  }
  std::size_t offset_of_room(std::size_t bytes) const { return at_ - bytes; }
  template <class T>
  void put(const T& thing) {
    if (T* const room = make_room<T>(1)) new (room) T(thing);
  }
  Value copy(const Value& value) {
    switch (value.kind()) {
      case Kind::kString: {
        const std::uint64_t at = text(value.as_string());
        return measures() ? Value() : Value::string({memory_ + offset_of(at), size_of(at)});
      }
      case Kind::kBytes: {
        const std::uint64_t at = text(value.as_bytes());
        return measures() ? Value() : Value::bytes({memory_ + offset_of(at), size_of(at)});
      }
      case Kind::kList: {
        const std::uint64_t at = list(value.as_list());
        return measures() ? Value() : Value::list(made<expr::ListRep>(at));
      }
      case Kind::kMap: {
        const std::uint64_t at = map(value.as_map());
        return measures() ? Value() : Value::map(made<expr::MapRep>(at));
      }
      default:
        return value;
    }
  }
  template <class T>
  const T* made(std::uint64_t at) const {
    return std::bit_cast<const T*>(std::bit_cast<std::uintptr_t>(memory_) + offset_of(at));
  }

  std::size_t at_;
  char* memory_;
};

Block* Packer::pack(const Draft& draft, const KindPlan& kind, std::string_view id, Block* from) {
  pack_writes(draft);
  Block head;
  head.marks_ = static_cast<std::uint16_t>(draft.marks().size());
  head.patches_ = static_cast<std::uint16_t>(patches_.size());
  head.cells_ = static_cast<std::uint16_t>(cells_);
  head.unknown_ = static_cast<std::uint32_t>(draft.unknown().size()) & (UINT32_MAX >> 1U);
  head.one_write_ = has_one_write() ? 1 : 0;
  head.words_ = kind.words;
  head.id_size_ = static_cast<std::uint8_t>(id.size());
  Tail measure(head.tail_at(), nullptr);
  fill_tail(measure, draft, kind, nullptr);
  head.bytes_ = static_cast<std::uint32_t>(measure.end());
  Block* const block = new (heap_->take(head.bytes_)) Block(head);
  fill_front(*block, draft, id);
  Tail tail(block->tail_at(), block->at<char>(0));
  fill_tail(tail, draft, kind, block);
  if (from != nullptr) lend(from, draft);
  return block;
}

// What the draft took over untouched is no longer the old block's to give back.
void Packer::lend(Block* from, const Draft& draft) {
  from->for_each_cell([&](FieldId field, std::uint32_t cell) {
    Tag& tag = from->at<Tag>(from->tags_at())[cell];
    if (tag == Tag::kShared && draft[field].shared != nullptr) tag = Tag::kLent;
  });
}

Interned* Packer::poke(Block& block, FieldId field, const Value& value, const Write& write) {
  const std::uint32_t cell = block.cell_of(field);
  Interned* const before = block.shared(cell);
  const Laid now = written_over(block, cell, value);
  block.at<Tag>(block.tags_at())[cell] = now.tag;
  block.at<std::uint64_t>(block.payloads_at())[cell] = now.payload;
  std::uint16_t& packed = block.packed_write(cell);
  if (write.by_source() && write.by_patch) {
    block.at<Block::PatchMark>(block.patches_at())[packed - block.marks_] = {write.version,
                                                                             write.mark};
  } else {
    packed = write.mark;
  }
  return before;
}

Packer::Laid Packer::written_over(Block& block, std::uint32_t cell, const Value& value) {
  if (const auto scalar = scalar_of(value)) return {scalar->tag, scalar->payload};
  const std::string_view text = value.as_string();
  if (block.shared(cell) != nullptr) {
    return {Tag::kShared, std::bit_cast<std::uint64_t>(pool_->intern(text))};
  }
  const std::size_t offset = offset_of(block.payload(cell));
  if (!text.empty()) std::memcpy(block.at<char>(offset), text.data(), text.size());
  return {Tag::kText, place(offset, text.size())};
}

void Packer::renumber(Block& block, std::span<const FieldId> numbers) {
  std::array<std::uint64_t, UINT8_MAX + 1> words{};
  block.for_each_cell([&](FieldId field, std::uint32_t) {
    const std::uint16_t number = numbers[field.value].value;
    words[number / 64U] |= std::uint64_t{1} << number % 64U;
  });
  std::copy_n(words.begin(), block.words_, block.at<std::uint64_t>(block.bitmap_at()));
}

Block* Packer::with_patch(Block* block) {
  Block* const moved = copy(*block, 1);
  heap_->give(block, block->bytes_);
  return moved;
}

Block* Packer::patched(const Draft& draft, const KindPlan& kind, std::span<const FieldId> fields,
                       Block* from) {
  const auto spare = from->spare_patch([&](std::uint32_t cell) {
    return std::ranges::any_of(fields, [&](FieldId field) { return from->cell_of(field) == cell; });
  });
  Block* const block = copy(*from, spare ? 0 : 1);
  const std::uint16_t place = spare.value_or(newest_patch(*block));
  Tail none(0, nullptr);
  for (const FieldId field : fields) {
    const std::uint32_t cell = block->cell_of(field);
    const auto [tag, payload] = lay_out(draft[field], kind.fields[field.value], none);
    block->at<Tag>(block->tags_at())[cell] = tag;
    block->at<std::uint64_t>(block->payloads_at())[cell] = payload;
    name_patch(*block, cell, place);
  }
  const Write& write = draft[fields.front()].write;
  block->at<Block::PatchMark>(block->patches_at())[place - block->marks_] = {write.version,
                                                                             write.mark};
  std::ranges::copy(draft.marks(), block->marks().begin());
  lend_all(*from);
  return block;
}

void Packer::lend_all(const Block& from) {
  Tag* const tags = from.at<Tag>(from.tags_at());
  std::replace(tags, tags + from.cells_, Tag::kShared, Tag::kLent);
}

// With room for so many patches more: one, or none.
Block* Packer::copy(const Block& block, std::uint16_t patches) {
  Block head = block;
  if (patches > 0) {
    head.bytes_ += static_cast<std::uint32_t>(block.patch_bytes());
    head.one_write_ = 0;
    ++head.patches_;
  }
  PATUH_ASSERT(newest_patch(head) < Write::kDerived);
  Block* const copied = new (heap_->take(head.bytes_)) Block(head);
  move_front(block, *copied);
  move_tail(block, *copied);
  return copied;
}

void Packer::move_front(const Block& from, Block& to) {
  std::copy_n(from.at<SourceMark>(Block::kHead), from.marks_, to.at<SourceMark>(Block::kHead));
  const std::size_t patches = from.patches_at();
  std::copy_n(from.at<Block::PatchMark>(patches), from.patches_, to.at<Block::PatchMark>(patches));
  if (to.patches_ > from.patches_) to.at<Block::PatchMark>(patches)[from.patches_] = {};
  std::copy_n(from.at<std::uint64_t>(from.payloads_at()), from.cells_,
              to.at<std::uint64_t>(to.payloads_at()));
  std::copy_n(from.at<std::uint64_t>(from.bitmap_at()), from.words_,
              to.at<std::uint64_t>(to.bitmap_at()));
  auto* const writes = to.at<std::uint16_t>(to.writes_at());
  if (to.writes() == from.writes()) {
    std::copy_n(from.at<std::uint16_t>(from.writes_at()), from.writes(), writes);
  } else {
    std::fill_n(writes, to.writes(), from.packed_write(0));
  }
}

// Tags, id and all behind lie in one piece; what points there moves with it.
void Packer::move_tail(const Block& from, Block& to) {
  std::memcpy(to.at<char>(to.tags_at()), from.at<char>(from.tags_at()),
              from.bytes_ - from.tags_at());
  const std::size_t shift = to.tags_at() - from.tags_at();
  for (std::uint32_t cell = 0; cell < to.cells_; ++cell) {
    switch (to.at<Tag>(to.tags_at())[cell]) {
      case Tag::kText:
      case Tag::kBytes:
      case Tag::kTimestamp:
      case Tag::kDuration:
      case Tag::kEnds:
        to.at<std::uint64_t>(to.payloads_at())[cell] += shift;
        break;
      default:
        break;
    }
  }
}

std::uint16_t Packer::newest_patch(const Block& block) {
  return static_cast<std::uint16_t>(block.marks_ + block.patches_ - 1);
}

void Packer::name_patch(Block& block, std::uint32_t cell, std::uint16_t place) {
  block.packed_write(cell) = place;
}

void Packer::drop(Block* block) {
  if (block == nullptr) return;
  for (std::uint32_t cell = 0; cell < block->cells_; ++cell) {
    if (block->at<Tag>(block->tags_at())[cell] == Tag::kShared) {
      pool_->give_back(std::bit_cast<Interned*>(block->payload(cell)));
    }
  }
  for (std::uint32_t i = 0; i < block->unknown_; ++i) {
    pool_->give_back(block->at<Block::Unknown>(block->unknown_at())[i].name);
  }
  heap_->give(block, block->bytes_);
}

void Packer::pack_writes(const Draft& draft) {
  cells_ = 0;
  patches_.clear();
  writes_.clear();
  for (const Cell& cell : draft.cells()) {
    if (cell.is == Cell::Is::kAbsent) continue;
    ++cells_;
    writes_.push_back(packed(draft, cell.write));
  }
  for (const UnknownCell& member : draft.unknown()) writes_.push_back(packed(draft, member.write));
}

bool Packer::has_one_write() const {
  const auto cells = std::span(writes_).first(cells_);
  return !cells.empty() && std::ranges::all_of(cells, [&](auto one) { return one == cells[0]; });
}

std::uint16_t Packer::packed(const Draft& draft, const Write& write) {
  if (!write.by_source() || !write.by_patch) return write.mark;
  const SourceMark& mark = draft.marks()[write.mark];
  // The same place in the source's order as its upsert: nothing else to remember.
  if (mark.is(SourceMark::kUpserted) && mark.upserted == write.version) return write.mark;
  const auto same = [&](const Block::PatchMark& patch) {
    return patch.mark == write.mark && patch.version == write.version;
  };
  auto found = std::ranges::find_if(patches_, same);
  if (found == patches_.end()) {
    found = patches_.insert(patches_.end(), {write.version, write.mark});
  }
  const auto place = draft.marks().size() + static_cast<std::size_t>(found - patches_.begin());
  PATUH_ASSERT(place < Write::kDerived);
  return static_cast<std::uint16_t>(place);
}

void Packer::fill_front(Block& block, const Draft& draft, std::string_view id) {
  std::ranges::copy(draft.marks(), block.at<SourceMark>(Block::kHead));
  std::ranges::copy(patches_, block.at<Block::PatchMark>(block.patches_at()));
  std::copy_n(writes_.begin(), block.writes(), block.at<std::uint16_t>(block.writes_at()));
  std::memcpy(block.at<char>(block.id_at()), id.data(), id.size());
  auto* const bitmap = block.at<std::uint64_t>(block.bitmap_at());
  std::fill_n(bitmap, block.words_, 0);
  const std::span<const Cell> cells = draft.cells();
  for (std::size_t field = 0; field < cells.size(); ++field) {
    if (cells[field].is != Cell::Is::kAbsent) {
      bitmap[field / 64] |= std::uint64_t{1} << field % 64;
    }
  }
}

void Packer::fill_tail(Tail& tail, const Draft& draft, const KindPlan& kind, Block* block) {
  std::uint32_t place = 0;
  const std::span<const Cell> cells = draft.cells();
  for (std::size_t field = 0; field < cells.size(); ++field) {
    if (cells[field].is == Cell::Is::kAbsent) continue;
    const auto [tag, payload] = lay_out(cells[field], kind.fields[field], tail);
    if (block != nullptr) {
      block->at<std::uint64_t>(block->payloads_at())[place] = payload;
      block->at<Tag>(block->tags_at())[place] = tag;
    }
    ++place;
  }
  for (std::uint32_t i = 0; i < draft.unknown().size(); ++i) {
    const UnknownCell& member = draft.unknown()[i];
    const std::uint64_t at = tail.text(member.json);
    if (block == nullptr) continue;
    new (block->at<Block::Unknown>(block->unknown_at()) + i)
        Block::Unknown{pool_->intern(member.name), static_cast<std::uint32_t>(offset_of(at)),
                       static_cast<std::uint32_t>(size_of(at)), writes_[cells_ + i]};
  }
}

Packer::Laid Packer::lay_out(const Cell& cell, const FieldPlan& field, Tail& tail) {
  if (cell.is == Cell::Is::kCleared) return {Tag::kCleared, 0};
  if (cell.is == Cell::Is::kEnds) return lay_out_ends(cell.ends, tail);
  if (cell.shared == nullptr) return lay_out_value(cell.value(), field, tail);
  return {Tag::kShared, std::bit_cast<std::uint64_t>(cell.shared)};
}

Packer::Laid Packer::lay_out_ends(std::span<const ElementRef> ends, Tail& tail) {
  if (ends.size() > 2) return {Tag::kEnds, tail.refs(ends)};
  std::uint64_t payload = 0;
  std::memcpy(&payload, ends.data(), ends.size_bytes());
  return {ends.size() == 1 ? Tag::kEnd : Tag::kEndPair, payload};
}

Packer::Laid Packer::lay_out_value(const Value& value, const FieldPlan& field, Tail& tail) {
  if (const auto scalar = scalar_of(value)) return {scalar->tag, scalar->payload};
  switch (value.kind()) {
    case Kind::kString:
      if (!field.shared) return {Tag::kText, tail.text(value.as_string())};
      if (tail.measures()) return {Tag::kShared, 0};
      return {Tag::kShared, std::bit_cast<std::uint64_t>(pool_->intern(value.as_string()))};
    case Kind::kBytes:
      return {Tag::kBytes, tail.text(value.as_bytes())};
    case Kind::kTimestamp:
      return {Tag::kTimestamp, tail.value(value)};
    case Kind::kDuration:
      return {Tag::kDuration, tail.value(value)};
    case Kind::kList:
      return {Tag::kList, tail.list(value.as_list())};
    case Kind::kMap:
      return {Tag::kMap, tail.map(value.as_map())};
    default:
      PATUH_ASSERT(value.is_null());  // no attribute holds objects, types or errors
  }
  return {Tag::kCleared, 0};
}

}  // namespace patuh::registry
