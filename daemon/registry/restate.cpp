// The everyday event: a source says again what it said before, with a value or two that lie where
// the old ones lay. Such an event is held against the block as it stands, without taking it apart.
// Whatever is not so plain goes the whole way; both ways lead to the same state.
#include <algorithm>

#include "marks/marks.h"
#include "registry/change.h"
#include "registry/values.h"

namespace patuh::registry {

using model::ChangeEvent;
using model::FieldChange;
using model::Operation;

// The outcome when the event was plain; nothing, and nothing touched, when it was not.
std::optional<Outcome> Change::restate(const ChangeEvent& event, SourceNumber source) {
  if (life_ != Life::kKnown || event.operation == Operation::kRemove) return std::nullopt;
  if (event.through_deployment || !event.unknown.empty()) return std::nullopt;
  Block& block = *store_.slot(subject_).block;
  SourceMark* const mark = plain_mark(block, event, source);
  if (mark == nullptr || !says_it_again(event, block, place_of(*mark, block))) return std::nullopt;
  const std::uint16_t place = place_of(*mark, block);
  const bool names_patch = event.operation == Operation::kPatch && !pokes_.empty();
  const auto spare = names_patch ? spare_patch(block) : std::nullopt;
  if (names_patch && !spare && !block.takes_patch()) return std::nullopt;
  PATUH_MARK("event: says again what stands");
  state_.touched.touch(subject_);
  mark->version = event.version;
  if (event.operation == Operation::kUpsert) mark->upserted = event.version;
  if (names_patch) name_patch(spare);
  write_over(event, place);
  return Outcome::kApplied;
}

// A patch's write lies where that of an older one lay, all of whose fields it writes anew …
std::optional<std::uint16_t> Change::spare_patch(const Block& block) const {
  return block.spare_patch([&](std::uint32_t cell) {
    if (PATUH_DEFECT("a patch takes another's place")) return true;
    return std::ranges::find(pokes_, cell, &Poke::cell) != pokes_.end();
  });
}

// … or the block grows by it.
void Change::name_patch(std::optional<std::uint16_t> spare) {
  Block*& block = store_.slot(subject_).block;
  if (!spare) {
    PATUH_MARK("block: grows by a patch");
    block = state_.packer.with_patch(block);
    spare = Packer::newest_patch(*block);
  }
  for (const Poke& poke : pokes_) Packer::name_patch(*block, poke.cell, *spare);
}

std::uint16_t Change::place_of(const SourceMark& mark, const Block& block) {
  return static_cast<std::uint16_t>(&mark - block.marks().data());
}

// Its source's mark, when the event is newer than all that source said, and goes on from there.
SourceMark* Change::plain_mark(Block& block, const ChangeEvent& event, SourceNumber source) const {
  if (!state_.layout.kind(kind_).restates || block.unknown() > 0) return nullptr;
  const auto found = std::ranges::find(block.marks(), source, &SourceMark::source);
  if (found == block.marks().end() || event.version <= found->version) return nullptr;
  const bool stands = found->is(SourceMark::kUpserted) && found->is(SourceMark::kHolds);
  return stands ? &*found : nullptr;
}

Write Change::write_of(const ChangeEvent& event, std::uint16_t mark) {
  if (event.operation == Operation::kUpsert) return {mark};
  return {mark, true, event.version};
}

// Leaves in pokes_ what is to be written over. Fields come in order, each once, and so do cells.
bool Change::says_it_again(const ChangeEvent& event, const Block& block, std::uint16_t mark) {
  const bool whole = event.operation == Operation::kUpsert;
  const Write write = write_of(event, mark);
  pokes_.clear();
  if (!whole) {
    return std::ranges::all_of(event.fields, [&](const FieldChange& change) {
      const std::uint32_t cell = block.cell_of(change.field);
      return cell != Block::kNoCell && fits(change, block, cell, write);
    });
  }
  const auto end = event.fields.end();
  auto said = event.fields.begin();
  const auto says_nothing = [&] {
    return is_empty(state_.layout.field(kind_, said->field), *said);
  };
  bool plain = true;
  block.for_each_cell([&](FieldId field, std::uint32_t cell) {
    while (said != end && said->field < field && says_nothing()) ++said;
    if (said != end && said->field == field) {
      plain = plain && fits(*said++, block, cell, write);
    } else if (block.write(cell).mark == mark) {
      PATUH_MARK("event: an upsert says less than before");
      plain = plain && PATUH_DEFECT("what is not said again stays");
    }
  });
  while (said != end && says_nothing()) ++said;
  return plain && said == end;
}

bool Change::fits(const FieldChange& change, const Block& block, std::uint32_t cell,
                  const Write& write) {
  const Write there = block.write(cell);
  if (there.mark != write.mark) return false;
  const FieldPlan& plan = state_.layout.field(kind_, change.field);
  if (plan.relation) return there == write && names_the_same(block.ends(cell), change);
  const expr::Value held = block.value(cell);
  if (there == write && identical(held, change.value)) return true;
  const bool derives = plan.feeds_derived && !PATUH_DEFECT("written over without deriving");
  const bool takes = write.by_patch ? block.has_room(cell, change.value)
                                    : block.can_take(cell, change.value, write);
  if (derives || !takes) return false;
  PATUH_MARK("event: a value written over in place");
  keep_for_comparison(change.field, cell, held);
  return true;
}

// The ends are those that the event names, and each is there.
bool Change::names_the_same(std::span<const ElementRef> ends, const FieldChange& change) const {
  constexpr std::size_t kFew = 4;
  if (ends.size() != change.ends.size() || ends.size() > kFew) return false;
  return std::ranges::all_of(ends, [&](ElementRef end) {
    return std::ranges::any_of(change.ends,
                               [&](const model::NamedElement& name) { return is(end, name); });
  });
}

bool Change::is(ElementRef element, const model::NamedElement& name) const {
  const Slot& slot = store_.slot(element);
  const bool there = is_visible(slot.life) || PATUH_DEFECT("a removed end is named again");
  if (!there || slot.block->id() != name.id) return false;
  // Without a kind the relation has one alone.
  return name.kind.empty() || state_.layout.schema->kind(KindId(slot.kind)).name == name.kind;
}

void Change::write_over(const ChangeEvent& event, std::uint16_t mark) {
  Block& block = *store_.slot(subject_).block;
  auto poke = pokes_.begin();
  for (const FieldChange& change : event.fields) {
    if (poke == pokes_.end()) break;
    if (poke->field != change.field) continue;
    poke->text = state_.packer.poke(block, change.field, change.value, write_of(event, mark));
    ++poke;
  }
  const Turn turn{subject_, block, true, true};
  bool moved = false;
  for (const Poke& each : pokes_) moved |= diff_attribute(turn, each.field, true);
  if (moved) move_changed_at(subject_);
  give_back_texts();
}

}  // namespace patuh::registry
