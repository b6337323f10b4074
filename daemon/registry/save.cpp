// A place, as it is written into a snapshot.
#include "registry/saved.h"

#include <algorithm>

#include "registry/impl.h"

namespace patuh::registry {

using expr::Kind;
using expr::Value;

namespace {

void save_value(const Value& value, base::Encoder& out);

void tag(SavedValue of, base::Encoder& out) { out.byte(static_cast<std::uint8_t>(of)); }

void save_span(SavedValue of, const Value& value, base::Encoder& out) {
  tag(of, out);
  out.integer(value.seconds());
  out.number(value.nanos());
}

void save_text(SavedValue of, std::string_view text, base::Encoder& out) {
  tag(of, out);
  out.text(text);
}

void save_list(const expr::ListRep& list, base::Encoder& out) {
  tag(SavedValue::kList, out);
  out.number(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) save_value(expr::item(list, i), out);
}

void save_map(const expr::MapRep& map, base::Encoder& out) {
  tag(SavedValue::kMap, out);
  out.number(map.size);
  for (std::uint32_t i = 0; i < map.size; ++i) {
    save_value(map.entries[i].key, out);
    save_value(map.entries[i].value, out);
  }
}

void save_value(const Value& value, base::Encoder& out) {
  switch (value.kind()) {
    case Kind::kBool:
      return tag(value.as_bool() ? SavedValue::kTrue : SavedValue::kFalse, out);
    case Kind::kInt:
      tag(SavedValue::kInt, out);
      return out.integer(value.as_int());
    case Kind::kUint:
      tag(SavedValue::kUint, out);
      return out.number(value.as_uint());
    case Kind::kDouble:
      tag(SavedValue::kDouble, out);
      return out.fixed(std::bit_cast<std::uint64_t>(value.as_double()));
    case Kind::kString:
      return save_text(SavedValue::kString, value.as_string(), out);
    case Kind::kBytes:
      return save_text(SavedValue::kBytes, value.as_bytes(), out);
    case Kind::kTimestamp:
      return save_span(SavedValue::kTimestamp, value, out);
    case Kind::kDuration:
      return save_span(SavedValue::kDuration, value, out);
    case Kind::kList:
      return save_list(value.as_list(), out);
    case Kind::kMap:
      return save_map(value.as_map(), out);
    default:
      // Within a list or map; no attribute holds objects, types or errors.
      PATUH_ASSERT(value.is_null());
      return tag(SavedValue::kCleared, out);
  }
}

void save_write(const Write& write, base::Encoder& out) {
  switch (write.mark) {
    case Write::kEngine:
      return out.byte(static_cast<std::uint8_t>(SavedWrite::kEngine));
    case Write::kStub:
      return out.byte(static_cast<std::uint8_t>(SavedWrite::kStub));
    case Write::kDerived:
      return out.byte(static_cast<std::uint8_t>(SavedWrite::kDerived));
    default:
      break;
  }
  out.byte(static_cast<std::uint8_t>(write.by_patch ? SavedWrite::kPatch : SavedWrite::kUpsert));
  out.number(write.mark);
  if (write.by_patch) out.integer(write.version);
}

void save_marks(std::span<const SourceMark> marks, base::Encoder& out) {
  out.number(marks.size());
  for (const SourceMark& mark : marks) {
    out.number(mark.source);
    out.byte(static_cast<std::uint8_t>(mark.flags));
    out.integer(mark.version);
    if (mark.is(SourceMark::kUpserted)) out.integer(mark.upserted);
  }
}

void save_cells(const Block& block, const KindPlan& kind, base::Encoder& out) {
  out.number(block.cells());
  block.for_each_cell([&](FieldId field, std::uint32_t cell) {
    out.number(field.value);
    save_write(block.write(cell), out);
    if (block.is_cleared(cell)) return tag(SavedValue::kCleared, out);
    if (!kind.fields[field.value].relation) return save_value(block.value(cell), out);
    const std::span<const ElementRef> ends = block.ends(cell);
    tag(SavedValue::kEnds, out);
    out.number(ends.size());
    for (const ElementRef end : ends) out.number(end.value);
  });
}

void save_unknown(const Block& block, base::Encoder& out) {
  out.number(block.unknown());
  for (std::uint32_t i = 0; i < block.unknown(); ++i) {
    const UnknownView member = block.unknown(i);
    out.text(member.name);
    save_write(member.write, out);
    out.text(member.json);
  }
}

// 0 stands for nobody.
void save_ref(ElementRef element, base::Encoder& out) {
  out.number(element == kNobody ? 0 : std::uint64_t{element.value} + 1);
}

void save_refs(std::span<const ElementRef> elements, base::Encoder& out) {
  out.number(elements.size());
  for (const ElementRef element : elements) out.number(element.value);
}

void save_tombstone(const State& state, const Slot& slot, base::Encoder& out) {
  const auto at = std::ranges::lower_bound(state.tombstones, slot.removal, {}, &Tombstone::removal);
  PATUH_ASSERT(at != state.tombstones.end() && at->removal == slot.removal);
  out.number(slot.removal);
  out.instant(at->at);
}

}  // namespace

std::vector<ElementRef> Registry::take_touched() { return impl_->ground.touched.take(); }
void Registry::touch(ElementRef element) const { impl_->ground.touched.touch(element); }
std::uint32_t Registry::places() const { return impl_->state->store.end(); }

void Registry::save(ElementRef place, base::Encoder& out) const {
  const State& state = *impl_->state;
  const Slot& slot = state.store.slot(place);
  impl_->ground.touched.saved(place);
  out.byte(static_cast<std::uint8_t>(slot.life));
  if (slot.life == Life::kFree) return save_ref(slot.fallback, out);
  out.number(slot.kind);
  out.text(slot.block->id());
  out.byte(slot.flags & kSavedFlags);
  out.integer(slot.changed_at);
  save_ref(slot.agency, out);
  save_ref(slot.fallback, out);
  if (slot.is(Slot::kTombstone)) save_tombstone(state, slot, out);
  save_marks(slot.block->marks(), out);
  save_cells(*slot.block, state.plan_of(place), out);
  save_unknown(*slot.block, out);
}

std::uint32_t Registry::source_count() const {
  return static_cast<std::uint32_t>(impl_->ground.sources.size());
}
std::uint64_t Registry::remembered(std::uint32_t source) const {
  return impl_->ground.sources.remembered(source);
}
void Registry::save_source(std::uint32_t source, std::uint64_t first, base::Encoder& out) const {
  impl_->ground.sources.save(source, first, out);
}

void Registry::save_head(base::Encoder& out) const {
  const State& state = *impl_->state;
  out.number(state.layout.schema->kinds.size());
  for (const model::Kind& kind : state.layout.schema->kinds) {
    out.text(kind.name);
    out.number(kind.fields.size());
    for (const model::Field& field : kind.fields) out.text(field.name);
  }
  out.number(state.store.end());
  save_ref(state.store.first_free(), out);
  out.number(state.removals);
  save_refs(state.loose, out);
  save_refs(state.leaving, out);
}

}  // namespace patuh::registry
