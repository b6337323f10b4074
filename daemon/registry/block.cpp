#include "registry/block.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "registry/draft.h"

namespace patuh::registry {

using expr::Kind;
using expr::Value;

namespace {

// How a cell's payload is to be read. In memory only.
enum class Tag : std::uint8_t {
  kCleared,
  kBool,
  kInt,
  kUint,
  kDouble,
  kText,       // offset and size of bytes in the tail
  kShared,     // Interned*
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

constexpr std::uint64_t place(std::size_t offset, std::size_t size) {
  return static_cast<std::uint64_t>(offset) | static_cast<std::uint64_t>(size) << 32U;
}
constexpr std::size_t offset_of(std::uint64_t payload) { return payload & UINT32_MAX; }
constexpr std::size_t size_of(std::uint64_t payload) { return payload >> 32U; }

// Whole microseconds within the range of base::Instant fit a payload.
bool fits_micros(const Value& value) {
  constexpr std::int64_t kSecondsMax = INT64_MAX / 1'000'000 - 1;
  return value.nanos() % 1000 == 0 && value.seconds() < kSecondsMax &&
         value.seconds() > -kSecondsMax;
}

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

}  // namespace

class BlockMaker {
 public:
  BlockMaker(const Draft& draft, const KindPlan& kind, std::string_view id, Pool& pool)
      : draft_(draft), kind_(kind), id_(id), pool_(pool) {}

  Block* make(Heap& heap) {
    pack_writes();
    Block head;
    head.marks_ = static_cast<std::uint16_t>(draft_.marks().size());
    head.patches_ = static_cast<std::uint16_t>(patches_.size());
    head.cells_ = static_cast<std::uint16_t>(cells_);
    head.unknown_ = static_cast<std::uint32_t>(draft_.unknown().size());
    head.words_ = kind_.words;
    head.id_size_ = static_cast<std::uint8_t>(id_.size());
    Tail measure(head.tail_at(), nullptr);
    fill_tail(measure, nullptr);
    head.bytes_ = static_cast<std::uint32_t>(measure.end());
    Block* const block = new (heap.take(head.bytes_)) Block(head);
    fill_front(*block);
    Tail tail(block->tail_at(), block->at<char>(0));
    fill_tail(tail, block);
    return block;
  }

 private:
  void pack_writes() {
    for (const Cell& cell : draft_.cells()) {
      if (cell.is == Cell::Is::kAbsent) continue;
      ++cells_;
      writes_.push_back(pack(cell.write));
    }
    for (const UnknownCell& member : draft_.unknown()) writes_.push_back(pack(member.write));
  }
  std::uint16_t pack(const Write& write) {
    if (!write.by_source() || !write.by_patch) return write.mark;
    const SourceMark& mark = draft_.marks()[write.mark];
    // The same place in the source's order as its upsert: nothing else to remember.
    if (mark.is(SourceMark::kUpserted) && mark.upserted == write.version) return write.mark;
    const auto same = [&](const Block::PatchMark& patch) {
      return patch.mark == write.mark && patch.version == write.version;
    };
    auto found = std::ranges::find_if(patches_, same);
    if (found == patches_.end()) {
      found = patches_.insert(patches_.end(), {write.version, write.mark});
    }
    const auto packed = draft_.marks().size() + static_cast<std::size_t>(found - patches_.begin());
    PATUH_ASSERT(packed < Write::kDerived);
    return static_cast<std::uint16_t>(packed);
  }
  void fill_front(Block& block) {
    std::ranges::copy(draft_.marks(), block.at<SourceMark>(Block::kHead));
    std::ranges::copy(patches_, block.at<Block::PatchMark>(block.patches_at()));
    std::copy_n(writes_.begin(), cells_, block.at<std::uint16_t>(block.writes_at()));
    std::memcpy(block.at<char>(block.id_at()), id_.data(), id_.size());
    auto* const bitmap = block.at<std::uint64_t>(block.bitmap_at());
    std::fill_n(bitmap, block.words_, 0);
    const std::span<const Cell> cells = draft_.cells();
    for (std::size_t field = 0; field < cells.size(); ++field) {
      if (cells[field].is != Cell::Is::kAbsent) {
        bitmap[field / 64] |= std::uint64_t{1} << field % 64;
      }
    }
  }
  // `block` is null while measuring.
  void fill_tail(Tail& tail, Block* block) {
    std::uint32_t place = 0;
    const std::span<const Cell> cells = draft_.cells();
    for (std::size_t field = 0; field < cells.size(); ++field) {
      if (cells[field].is == Cell::Is::kAbsent) continue;
      const auto [tag, payload] = lay_out(cells[field], kind_.fields[field], tail);
      if (block != nullptr) {
        block->at<std::uint64_t>(block->payloads_at())[place] = payload;
        block->at<Tag>(block->tags_at())[place] = tag;
      }
      ++place;
    }
    for (std::uint32_t i = 0; i < draft_.unknown().size(); ++i) {
      const UnknownCell& member = draft_.unknown()[i];
      const std::uint64_t at = tail.text(member.json);
      if (block == nullptr) continue;
      new (block->at<Block::Unknown>(block->unknown_at()) + i)
          Block::Unknown{pool_.intern(member.name), static_cast<std::uint32_t>(offset_of(at)),
                         static_cast<std::uint32_t>(size_of(at)), writes_[cells_ + i]};
    }
  }
  struct Laid {
    Tag tag;
    std::uint64_t payload;
  };
  Laid lay_out(const Cell& cell, const FieldPlan& field, Tail& tail) {
    if (cell.is == Cell::Is::kCleared) return {Tag::kCleared, 0};
    if (cell.is == Cell::Is::kEnds) return lay_out_ends(cell.ends, tail);
    return lay_out_value(cell.value, field, tail);
  }
  static Laid lay_out_ends(std::span<const ElementRef> ends, Tail& tail) {
    if (ends.size() > 2) return {Tag::kEnds, tail.refs(ends)};
    std::uint64_t payload = 0;
    std::memcpy(&payload, ends.data(), ends.size_bytes());
    return {ends.size() == 1 ? Tag::kEnd : Tag::kEndPair, payload};
  }
  Laid lay_out_value(const Value& value, const FieldPlan& field, Tail& tail) {
    switch (value.kind()) {
      case Kind::kBool:
        return {Tag::kBool, value.as_bool() ? 1U : 0U};
      case Kind::kInt:
        return {Tag::kInt, static_cast<std::uint64_t>(value.as_int())};
      case Kind::kUint:
        return {Tag::kUint, value.as_uint()};
      case Kind::kDouble:
        return {Tag::kDouble, std::bit_cast<std::uint64_t>(value.as_double())};
      case Kind::kString:
        if (!field.shared) return {Tag::kText, tail.text(value.as_string())};
        if (tail.measures()) return {Tag::kShared, 0};
        return {Tag::kShared, std::bit_cast<std::uint64_t>(pool_.intern(value.as_string()))};
      case Kind::kBytes:
        return {Tag::kBytes, tail.text(value.as_bytes())};
      case Kind::kTimestamp:
        if (!fits_micros(value)) return {Tag::kTimestamp, tail.value(value)};
        return {Tag::kInstant,
                static_cast<std::uint64_t>(value.as_instant().time_since_epoch().count())};
      case Kind::kDuration:
        if (!fits_micros(value)) return {Tag::kDuration, tail.value(value)};
        return {Tag::kSpan, static_cast<std::uint64_t>(value.as_duration().count())};
      case Kind::kList:
        return {Tag::kList, tail.list(value.as_list())};
      case Kind::kMap:
        return {Tag::kMap, tail.map(value.as_map())};
      default:
        PATUH_ASSERT(value.is_null());  // no attribute holds objects, types or errors
    }
    return {Tag::kCleared, 0};
  }

  const Draft& draft_;
  const KindPlan& kind_;
  std::string_view id_;
  Pool& pool_;
  std::size_t cells_ = 0;
  std::vector<Block::PatchMark> patches_;
  std::vector<std::uint16_t> writes_;  // of the cells, then of the unknown members
};

Block* Block::make(const Draft& draft, const KindPlan& kind, std::string_view id, Pool& pool,
                   Heap& heap) {
  return BlockMaker(draft, kind, id, pool).make(heap);
}

void Block::drop(Block* block, Pool& pool, Heap& heap) {
  if (block == nullptr) return;
  for (std::uint32_t cell = 0; cell < block->cells_; ++cell) {
    if (block->at<Tag>(block->tags_at())[cell] == Tag::kShared) {
      pool.give_back(std::bit_cast<Interned*>(block->payload(cell)));
    }
  }
  for (std::uint32_t i = 0; i < block->unknown_; ++i) {
    pool.give_back(block->at<Unknown>(block->unknown_at())[i].name);
  }
  heap.give(block, block->bytes_);
}

std::uint32_t Block::cell_of(FieldId field) const {
  const std::uint32_t word = field.value / 64U;
  if (word >= words_) return kNoCell;
  const auto* const bitmap = at<std::uint64_t>(bitmap_at());
  const std::uint64_t bit = std::uint64_t{1} << field.value % 64U;
  if ((bitmap[word] & bit) == 0) return kNoCell;
  int before = std::popcount(bitmap[word] & (bit - 1));
  for (std::uint32_t i = 0; i < word; ++i) before += std::popcount(bitmap[i]);
  return static_cast<std::uint32_t>(before);
}

bool Block::is_cleared(std::uint32_t cell) const {
  return at<Tag>(tags_at())[cell] == Tag::kCleared;
}

Value Block::value(std::uint32_t cell) const {
  const std::uint64_t held = payload(cell);
  switch (at<Tag>(tags_at())[cell]) {
    case Tag::kBool:
      return Value::boolean(held != 0);
    case Tag::kInt:
      return Value::integer(static_cast<std::int64_t>(held));
    case Tag::kUint:
      return Value::unsigned_integer(held);
    case Tag::kDouble:
      return Value::number(std::bit_cast<double>(held));
    case Tag::kText:
      return Value::string({bytes_at(offset_of(held)), size_of(held)});
    case Tag::kShared:
      return Value::string(std::bit_cast<const Interned*>(held)->text());
    case Tag::kBytes:
      return Value::bytes({bytes_at(offset_of(held)), size_of(held)});
    case Tag::kInstant:
      return Value::timestamp(base::Instant(base::Duration(static_cast<std::int64_t>(held))));
    case Tag::kSpan:
      return Value::duration(base::Duration(static_cast<std::int64_t>(held)));
    case Tag::kTimestamp:
    case Tag::kDuration:
      return *at<Value>(offset_of(held));
    case Tag::kList:
      return Value::list(at<expr::ListRep>(offset_of(held)));
    case Tag::kMap:
      return Value::map(at<expr::MapRep>(offset_of(held)));
    case Tag::kCleared:
    case Tag::kEnd:
    case Tag::kEndPair:
    case Tag::kEnds:
      return {};
  }
  return {};
}

std::span<const ElementRef> Block::ends(std::uint32_t cell) const {
  const ElementRef* const in_place = at<ElementRef>(payloads_at() + cell * sizeof(std::uint64_t));
  switch (at<Tag>(tags_at())[cell]) {
    case Tag::kEnd:
      return {in_place, 1};
    case Tag::kEndPair:
      return {in_place, 2};
    case Tag::kEnds:
      return {at<ElementRef>(offset_of(payload(cell))), size_of(payload(cell))};
    default:
      return {};
  }
}

Write Block::unpack(std::uint16_t packed) const {
  if (packed >= Write::kDerived || packed < marks_) return {packed, false, 0};
  const PatchMark& patch = at<PatchMark>(patches_at())[packed - marks_];
  return {static_cast<std::uint16_t>(patch.mark), true, patch.version};
}

Write Block::write(std::uint32_t cell) const {
  return unpack(at<std::uint16_t>(writes_at())[cell]);
}

std::optional<Value> Block::value_of(FieldId field) const {
  const std::uint32_t cell = cell_of(field);
  if (cell == kNoCell || is_cleared(cell)) return std::nullopt;
  return value(cell);
}

std::span<const ElementRef> Block::ends_of(FieldId field) const {
  const std::uint32_t cell = cell_of(field);
  if (cell == kNoCell) return {};
  return ends(cell);
}

UnknownView Block::unknown(std::uint32_t place) const {
  const Unknown& member = at<Unknown>(unknown_at())[place];
  return {member.name->text(), {bytes_at(member.offset), member.size}, unpack(member.write)};
}

}  // namespace patuh::registry
