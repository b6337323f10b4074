// From a draft to a block, and what differs.
#include "marks/marks.h"
#include "registry/change.h"
#include "registry/values.h"

namespace patuh::registry {

using expr::Value;

namespace {

// What a derived attribute reads: the draft of its own element.
class DraftHost final : public expr::Host {
 public:
  DraftHost(const Draft& draft, const model::Kind& kind, std::string_view id, bool known)
      : draft_(draft), kind_(kind), id_(id), known_(known) {}

  Value select(expr::Context&, Value object, std::uint16_t field) override {
    if (FieldId(field) == model::kIdField) return Value::string(id_);
    if (FieldId(field) == model::kKindField) return Value::string(kind_.name);
    const expr::Origin origin{object.object_kind(), object.object_index(), field};
    if (field >= kind_.fields.size() || kind_.fields[field].is_relation()) {
      return Value::null(origin);
    }
    const Cell& cell = draft_[FieldId(field)];
    if (cell.is == Cell::Is::kValue) return cell.value();
    const Value& otherwise = kind_.fields[field].attribute().default_value;
    return otherwise.is_null() ? Value::null(origin) : otherwise;
  }
  bool has(expr::Context&, const Value&, std::uint16_t field) override {
    return field >= kind_.fields.size() || draft_[FieldId(field)].present();
  }
  Value select_dynamic(expr::Context& context, const Value& object,
                       std::string_view field) override {
    if (field == "id") return Value::string(id_);
    if (field == "kind") return Value::string(kind_.name);
    const auto number = kind_.field_of(field);
    return number ? select(context, object, number->value) : Value();
  }
  bool known(expr::Context&, const Value&) override { return known_; }

 private:
  const Draft& draft_;
  const model::Kind& kind_;
  std::string_view id_;
  bool known_;
};

// What an attribute can hold; anything else a derived one yields counts as nothing.
bool is_storable(const Value& value) {
  switch (value.kind()) {
    case expr::Kind::kNull:
    case expr::Kind::kType:
    case expr::Kind::kObject:
    case expr::Kind::kOptional:
    case expr::Kind::kError:
      return false;
    default:
      return true;
  }
}

// Whether a touched cell may read otherwise than the block: an upsert says most again as it was.
bool differs(const Cell& cell, const Block& block, FieldId field) {
  if (cell.is == Cell::Is::kEnds) return true;
  const auto before = block.value_of(field);
  if (cell.is != Cell::Is::kValue || !before) return before || cell.is == Cell::Is::kValue;
  return !identical(cell.value(), *before);
}

// Whether a derived attribute may come out otherwise than it did from the block.
bool reads_changed(const expr::Program& program, const Draft& draft, const KindPlan& plan,
                   const Block& block) {
  const bool only_fields = program.facts().only_variable_fields && !program.facts().reads_now;
  for (const std::uint16_t number : program.facts().variable_fields) {
    if (number >= draft.cells().size()) continue;
    const FieldId field(number);
    if (!draft[field].touched || (only_fields && draft[field].same)) continue;
    if (!only_fields || plan.fields[number].relation || differs(draft[field], block, field)) {
      return true;
    }
  }
  return false;
}

// The write as a block keeps it: a patch at the place of its source's upsert counts as that.
Write normal(const Draft& draft, const Write& write) {
  if (!write.by_source() || !write.by_patch) return write;
  const SourceMark& mark = draft.marks()[write.mark];
  const bool with_upsert = mark.is(SourceMark::kUpserted) && mark.upserted == write.version;
  return with_upsert ? Write{write.mark} : write;
}

bool same_cell(const Draft& draft, const Cell& cell, const Block& block, FieldId field) {
  const std::uint32_t place = block.cell_of(field);
  if (place == Block::kNoCell || cell.is == Cell::Is::kAbsent) {
    return (place == Block::kNoCell) == (cell.is == Cell::Is::kAbsent);
  }
  if (block.is_cleared(place) != (cell.is == Cell::Is::kCleared)) return false;
  if (normal(draft, cell.write) != block.write(place)) return false;
  if (cell.is == Cell::Is::kValue) return identical(cell.value(), block.value(place));
  return std::ranges::equal(cell.ends, block.ends(place));
}

bool same_unknown(const Draft& draft, const Block& block) {
  if (draft.unknown().size() != block.unknown()) return false;
  for (std::uint32_t i = 0; i < block.unknown(); ++i) {
    const UnknownCell& member = draft.unknown()[i];
    if (!member.touched) continue;
    const UnknownView there = block.unknown(i);
    if (member.name != there.name || member.json != there.json ||
        normal(draft, member.write) != there.write) {
      return false;
    }
  }
  return true;
}

// The ends of a relation, or a value, that lie in the payload before and after.
bool lies_in_place(const Cell& cell, const Block& block, std::uint32_t place) {
  constexpr std::size_t kEndsInPlace = 2;
  if (cell.is == Cell::Is::kEnds) {
    const std::size_t before = block.ends(place).size();
    return before > 0 && before <= kEndsInPlace && cell.ends.size() <= kEndsInPlace;
  }
  if (cell.is != Cell::Is::kValue) return false;
  return block.has_room(place, cell.value()) && scalar_of(cell.value()).has_value();
}

}  // namespace

bool Change::rewrite(ElementRef element, Draft& draft, Life after) {
  state_.touched.touch(element);
  Slot& slot = store_.slot(element);
  const bool was = is_visible(slot.life);
  const bool will = is_visible(after);
  if (will) derive(element, draft, !was);
  Block* const old = slot.block;
  slot.block = repack(element, draft);
  const Turn turn{element, *old, was, will};
  bool moved = false;
  const std::span<const Cell> cells = draft.cells();
  for (std::uint16_t field = 0; field < cells.size(); ++field) {
    const bool touched = cells[field].touched && !cells[field].same;
    if (!touched && was == will) continue;
    if (!state_.plan_of(element).fields[field].relation) {
      moved |= diff_attribute(turn, FieldId(field), touched);
    } else if (touched) {
      moved |= diff_relation(element, FieldId(field), *old);
    }
  }
  change_life(element, after);
  if (slot.block != old) state_.packer.drop(old);
  give_back_texts();
  return moved;
}

// A text may be written over where it lies.
void Change::keep_for_comparison(FieldId field, std::uint32_t cell, Value before) {
  if (before.kind() == expr::Kind::kString) {
    before = Value::string(state_.arena.copy(before.as_string()));
  }
  pokes_.push_back({field, cell, before, nullptr});
}

// Of values that were written over, once they are no longer compared.
void Change::give_back_texts() {
  for (Poke& poke : pokes_) {
    if (poke.text != nullptr) state_.pool.give_back(std::exchange(poke.text, nullptr));
  }
}

// A block is made anew only when what changed does not fit in place.
Block* Change::repack(ElementRef element, const Draft& draft) {
  Block* const block = store_.slot(element).block;
  if (!fits_in_place(draft, *block)) {
    pokes_.clear();
    if (is_one_patch(draft, *block)) {
      PATUH_MARK("block: moved with a patch");
      return state_.packer.patched(draft, state_.plan_of(element), patched_, block);
    }
    return state_.packer.pack(draft, state_.plan_of(element), block->id(), block);
  }
  for (Poke& poke : pokes_) {
    PATUH_MARK("block: written in place");
    const Cell& cell = draft[poke.field];
    poke.text = state_.packer.poke(*block, poke.field, cell.value(), normal(draft, cell.write));
  }
  std::ranges::copy(draft.marks(), block->marks().begin());
  return block;
}

// Collects the values that go, for the comparison afterwards.
bool Change::fits_in_place(const Draft& draft, const Block& block) {
  pokes_.clear();
  if (draft.marks().size() != block.marks().size() || !same_unknown(draft, block)) return false;
  const std::span<const Cell> cells = draft.cells();
  for (std::uint16_t field = 0; field < cells.size(); ++field) {
    const Cell& cell = cells[field];
    if (!cell.touched || cell.same || same_cell(draft, cell, block, FieldId(field))) continue;
    const std::uint32_t place = block.cell_of(FieldId(field));
    if (place == Block::kNoCell || cell.is != Cell::Is::kValue ||
        !block.can_take(place, cell.value(), normal(draft, cell.write))) {
      return false;
    }
    keep_for_comparison(FieldId(field), place, block.value(place));
  }
  return true;
}

// Leaves in patched_ what differs, all of it written by one patch.
bool Change::is_one_patch(const Draft& draft, const Block& block) {
  patched_.clear();
  if (draft.marks().size() != block.marks().size() || !same_unknown(draft, block)) return false;
  if (!block.takes_patch()) return false;
  const std::span<const Cell> cells = draft.cells();
  for (std::uint16_t number = 0; number < cells.size(); ++number) {
    const Cell& cell = cells[number];
    const FieldId field(number);
    if (!cell.touched || cell.same || same_cell(draft, cell, block, field)) continue;
    const std::uint32_t place = block.cell_of(field);
    const Write write = normal(draft, cell.write);
    const bool is_patch = write.by_source() && write.by_patch;
    if (place == Block::kNoCell || !is_patch || !lies_in_place(cell, block, place)) return false;
    if (!patched_.empty() && draft[patched_.front()].write != write) return false;
    patched_.push_back(field);
  }
  return !patched_.empty();
}

std::optional<Value> Change::held_before(const Block& old, FieldId field) const {
  for (const Poke& poke : pokes_) {
    if (poke.field == field) return poke.before;
  }
  return old.value_of(field);
}

void Change::derive(ElementRef element, Draft& draft, bool all) {
  const KindPlan& plan = state_.plan_of(element);
  if (plan.derived.empty()) return;
  const Slot& slot = store_.slot(element);
  DraftHost host(draft, state_.layout.schema->kind(KindId(slot.kind)), slot.block->id(),
                 slot.life == Life::kKnown);
  const Value self = Value::object(slot.kind, element.value);
  for (const FieldId field : plan.derived) {
    const expr::Program& program = *plan.fields[field.value].program;
    if (!all && !reads_changed(program, draft, plan, *slot.block)) continue;
    if (!all && PATUH_DEFECT("derived once only")) continue;
    expr::Context context{.arena = &state_.arena, .host = &host, .now = now_};
    const Value value = expr::evaluate(program, std::span(&self, 1), context);
    if (is_storable(value)) {
      draft.set_value(field, value, {Write::kDerived});
    } else {
      PATUH_MARK("derived: yields nothing");
      draft.forget(field);
    }
  }
}

bool Change::diff_attribute(const Turn& turn, FieldId field, bool touched) {
  const FieldPlan& plan = state_.plan_of(turn.element).fields[field.value];
  const auto before = held_before(turn.old, field);
  const auto after = store_.slot(turn.element).block->value_of(field);
  const bool differs = touched && (before.has_value() != after.has_value() ||
                                   (before && !identical(*before, *after)));
  if (differs) key_of(turn.element, field_key(turn.element, field));
  if (differs || turn.was != turn.will) {
    const Value read_before = turn.was ? State::effective(plan, before) : Value();
    const Value read_after = turn.will ? State::effective(plan, after) : Value();
    if (plan.index != kNoIndex) reindex(turn.element, field, read_before, read_after);
    note_whole(turn.element, field, read_before.is_true(), read_after.is_true());
  }
  return differs && !plan.telemetry && !plan.derived;
}

void Change::reindex(ElementRef element, FieldId field, const Value& before, const Value& after) {
  const KindId kind = state_.kind_of(element);
  ValueIndex& index = state_.indexes[state_.layout.field(kind, field).index];
  const IndexKey from = index_key_of(before);
  const IndexKey to = index_key_of(after);
  if (from == to) return;
  if (from.tag != IndexKey::Tag::kNone) {
    if (!PATUH_DEFECT("index keeps the old value")) index.erase(from, element);
    --state_.index_entries;
    if (!PATUH_DEFECT("leaving an index not told")) key(index_key(kind, field, before));
  }
  if (to.tag != IndexKey::Tag::kNone) {
    index.insert(to, element);
    ++state_.index_entries;
    if (!PATUH_DEFECT("entering an index not told")) key(index_key(kind, field, after));
  }
}

// Another agency answers for the whole: what belongs to the whole moves with it.
void Change::note_whole(ElementRef element, FieldId field, bool before, bool after) {
  const auto& role = state_.layout.schema->roles.agency;
  if (before == after || !role || role->whole != field || !state_.plan_of(element).is_agency) {
    return;
  }
  PATUH_MARK("agency: another answers for the whole");
  if (after) {
    state_.wholes.insert(element, state_.heap);
  } else {
    state_.wholes.erase(element, state_.heap);
  }
  for (const ElementRef owned : state_.whole_owned.view()) agenda_.push_back(owned);
  for (const ElementRef stub : state_.bereft.view()) agenda_.push_back(stub);
}

void Change::change_life(ElementRef element, Life after) {
  Slot& slot = store_.slot(element);
  const Life before = slot.life;
  if (before == after) return;
  if (before == Life::kKnown) --state_.known_count;
  if (before == Life::kStub) --state_.stub_count;
  if (after == Life::kKnown) ++state_.known_count;
  if (after == Life::kStub) ++state_.stub_count;
  slot.life = after;
  if (!PATUH_DEFECT("life not told")) key_of(element, life_key(element));
  if (is_visible(after) && !is_visible(before)) {
    if (slot.is(Slot::kTombstone)) {
      slot.set(Slot::kTombstone, false);
      --state_.tombstone_count;
    } else {
      begin_changed_at(element);
    }
    delta_.created.push_back(element);
    if (!PATUH_DEFECT("a name's first element not told")) {
      key(name_key(KindId(slot.kind), slot.block->id()));
    }
  }
  if (is_visible(before) && !is_visible(after)) delta_.removed.push_back(element);
  if (is_visible(before) != is_visible(after) && state_.plan_of(element).is_agency) {
    agency_turns(element, is_visible(after));
  }
  if (before == Life::kRemoved && after == Life::kStub) {
    adopt(element, slot.agency);
    PATUH_MARK("stub: of an element that was removed");
    if (!is_fresh(element)) revived_.push_back(element);
  } else if (after != Life::kStub) {
    own_by_whole(element, false);
    mark(state_.bereft, Slot::kBereft, element, false);
    state_.move_fallback(element, kNobody);
  }
}

// Of an element that nobody knew of: until one of its own facts moves.
void Change::begin_changed_at(ElementRef element) {
  Slot& slot = store_.slot(element);
  const std::int64_t at = at_.time_since_epoch().count();
  if (slot.changed_at == at) return;
  slot.changed_at = at;
  key_of(element, changed_at_key(element));
}

void Change::move_changed_at(ElementRef element) {
  Slot& slot = store_.slot(element);
  const std::int64_t at = at_.time_since_epoch().count();
  const std::int64_t next = slot.is(Slot::kMoved) ? std::max(slot.changed_at, at) : at;
  slot.set(Slot::kMoved, true);
  if (next == slot.changed_at) return;
  slot.changed_at = next;
  if (PATUH_DEFECT("changed_at not told")) return;
  key_of(element, changed_at_key(element));
}

}  // namespace patuh::registry
