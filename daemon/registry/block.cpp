#include "registry/block.h"

#include <algorithm>

namespace patuh::registry {

using expr::Kind;
using expr::Value;

namespace {

// Whole microseconds within the range of base::Instant.
bool fits_micros(const Value& value) {
  constexpr std::int64_t kSecondsMax = INT64_MAX / 1'000'000 - 1;
  return value.nanos() % 1000 == 0 && value.seconds() < kSecondsMax &&
         value.seconds() > -kSecondsMax;
}

bool is_scalar(Tag tag) {
  return tag == Tag::kBool || tag == Tag::kInt || tag == Tag::kUint || tag == Tag::kDouble ||
         tag == Tag::kInstant || tag == Tag::kSpan;
}

}  // namespace

std::optional<Scalar> scalar_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return Scalar{Tag::kBool, value.as_bool() ? 1U : 0U};
    case Kind::kInt:
      return Scalar{Tag::kInt, static_cast<std::uint64_t>(value.as_int())};
    case Kind::kUint:
      return Scalar{Tag::kUint, value.as_uint()};
    case Kind::kDouble:
      return Scalar{Tag::kDouble, std::bit_cast<std::uint64_t>(value.as_double())};
    case Kind::kTimestamp:
      if (!fits_micros(value)) return std::nullopt;
      return Scalar{Tag::kInstant,
                    static_cast<std::uint64_t>(value.as_instant().time_since_epoch().count())};
    case Kind::kDuration:
      if (!fits_micros(value)) return std::nullopt;
      return Scalar{Tag::kSpan, static_cast<std::uint64_t>(value.as_duration().count())};
    default:
      return std::nullopt;
  }
}

namespace {

// std::popcount() is a call where the processor is not known to count by itself.
std::uint32_t count_of_bits(std::uint64_t bits) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  bits -= bits >> 1U & 0x55 * kEach;
  bits = (bits & 0x33 * kEach) + (bits >> 2U & 0x33 * kEach);
  bits = (bits + (bits >> 4U)) & 0x0F * kEach;
  return static_cast<std::uint32_t>(bits * kEach >> 56U);
}

}  // namespace

std::uint32_t Block::cell_of(FieldId field) const {
  const std::uint32_t word = field.value / 64U;
  if (word >= words_) return kNoCell;
  const auto* const bitmap = at<std::uint64_t>(bitmap_at());
  const std::uint64_t bit = std::uint64_t{1} << field.value % 64U;
  if ((bitmap[word] & bit) == 0) return kNoCell;
  std::uint32_t before = count_of_bits(bitmap[word] & (bit - 1));
  for (std::uint32_t i = 0; i < word; ++i) before += count_of_bits(bitmap[i]);
  return before;
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
    case Tag::kLent:
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

Interned* Block::shared(std::uint32_t cell) const {
  if (at<Tag>(tags_at())[cell] != Tag::kShared) return nullptr;
  return std::bit_cast<Interned*>(payload(cell));
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

// Whether the cell was patched by an event that wrote no other cell.
bool Block::is_patched_alone(std::uint32_t cell) const {
  const std::uint16_t packed = packed_write(cell);
  if (packed < marks_ || packed >= Write::kDerived || unknown_ > 0) return false;
  if (one_write_ != 0) return cells_ == 1;
  const auto* const all = at<std::uint16_t>(writes_at());
  return std::count(all, all + cells_, packed) == 1;
}

// How much more it takes with one patch more, and a write for each cell.
std::size_t Block::patch_bytes() const {
  return sizeof(PatchMark) + (cells_ - writes()) * sizeof(std::uint16_t);
}

// Lists and maps point at their parts; what is aligned must stay so.
bool Block::takes_patch() const {
  constexpr std::size_t kAligned = 8;
  if (unknown_ > 0 || patches_ >= kPatchesMoved) return false;
  const bool stays_aligned = patch_bytes() % kAligned == 0;
  const Tag* const tags = at<Tag>(tags_at());
  return std::all_of(tags, tags + cells_, [&](Tag tag) {
    if (tag == Tag::kList || tag == Tag::kMap) return false;
    const bool is_aligned = tag == Tag::kTimestamp || tag == Tag::kDuration || tag == Tag::kEnds;
    return stays_aligned || !is_aligned;
  });
}

bool Block::has_room(std::uint32_t cell, const Value& value) const {
  switch (at<Tag>(tags_at())[cell]) {
    case Tag::kShared:
      return value.kind() == Kind::kString;
    case Tag::kText:
      return value.kind() == Kind::kString && value.as_string().size() <= size_of(payload(cell));
    default:
      return is_scalar(at<Tag>(tags_at())[cell]) && scalar_of(value).has_value();
  }
}

bool Block::can_take(std::uint32_t cell, const Value& value, const Write& write) const {
  if (!has_room(cell, value)) return false;
  if (write.by_source() && write.by_patch) return is_patched_alone(cell);
  return one_write_ == 0 || packed_write(cell) == write.mark;
}

Write Block::write(std::uint32_t cell) const { return unpack(packed_write(cell)); }

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
