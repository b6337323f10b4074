#include "registry/state.h"

#include "marks/marks.h"

namespace patuh::registry {

State::State(Ground& ground, std::shared_ptr<const model::Schema> schema)
    : heap(ground.heap),
      touched(ground.touched),
      pool(ground.pool),
      sources(ground.sources),
      layout(std::move(schema)),
      store(&ground.heap, &packer) {
  for (std::uint32_t i = 0; i < layout.indexes; ++i) indexes.emplace_back(&heap, &pool);
}

State::~State() {
  wholes.clear(heap);
  whole_owned.clear(heap);
  bereft.clear(heap);
}

Refs State::related(ElementRef element, FieldId relation) const {
  const Slot& slot = store.slot(element);
  if (plan_of(element).fields[relation.value].inverse) {
    return store.set_of(element, label_of(KindId(slot.kind), relation));
  }
  const std::span<const ElementRef> ends = slot.block->ends_of(relation);
  return {ends.data(), static_cast<std::uint32_t>(ends.size())};
}

Refs State::referrers(ElementRef element, KindId from, FieldId relation) const {
  const auto& inverse = layout.field(from, relation).inverse;
  if (!inverse) return store.set_of(element, label_of(from, relation));
  if (inverse->first != kind_of(element)) return {};
  return store.set_of(element, label_of(inverse->first, inverse->second));
}

ElementRef State::end_of(ElementRef element, FieldId relation,
                         std::span<const ElementRef> own) const {
  if (own.size() == 1) return own.front();
  const Refs candidates = own.empty() ? related(element, relation)
                                      : Refs(own.data(), static_cast<std::uint32_t>(own.size()));
  ElementRef least = kNobody;
  for (const ElementRef end : candidates) {
    if (least == kNobody || store.slot(end).block->id() < store.slot(least).block->id())
      least = end;
  }
  return least;
}

ElementRef State::end_of(ElementRef element, FieldId relation) const {
  return end_of(element, relation, store.slot(element).block->ends_of(relation));
}

ElementRef State::whole() const {
  ElementRef least = kNobody;
  for (const ElementRef agency : wholes.view()) {
    if (least == kNobody || store.slot(agency).block->id() < store.slot(least).block->id()) {
      least = agency;
    }
  }
  return least;
}

void State::move_agency(ElementRef element, ElementRef agency) {
  touched.touch(element);
  Slot& slot = store.slot(element);
  const ElementRef before = std::exchange(slot.agency, agency);
  if (agency != kNobody && agency != element) ++store.slot(agency).pins;
  if (before == kNobody || before == element) return;
  --store.slot(before).pins;
  loose.push_back(before);
}

void State::move_fallback(ElementRef element, ElementRef agency) {
  touched.touch(element);
  Slot& slot = store.slot(element);
  const ElementRef before = std::exchange(slot.fallback, agency);
  if (agency != kNobody) ++store.slot(agency).fallbacks;
  if (before == kNobody) return;
  --store.slot(before).fallbacks;
  loose.push_back(before);
}

bool State::is_needless(ElementRef element) const {
  const Slot& slot = store.slot(element);
  if (slot.fallbacks > 0 || !store.is_alone(element)) return false;
  if (slot.life == Life::kStub) return true;
  return slot.life == Life::kRemoved && !slot.is(Slot::kTombstone) && slot.pins == 0;
}

void State::release(ElementRef element) {
  move_agency(element, kNobody);
  move_fallback(element, kNobody);
  store.release(element);
}

void State::release_leaving() {
  for (const ElementRef element : leaving) {
    if (store.slot(element).life == Life::kRemoved && is_needless(element)) release(element);
  }
  leaving.clear();
}

void State::forget_marks(ElementRef element) {
  Slot& slot = store.slot(element);
  const KindPlan& plan = plan_of(element);
  draft.begin(plan);
  Block* const bare = packer.pack(draft, plan, slot.block->id(), nullptr);
  packer.drop(slot.block);
  slot.block = bare;
}

void State::expire(base::Instant now) {
  const base::Duration age = sources.options().tombstone_age;
  while (!tombstones.empty() && now - tombstones.front().at >= age) {
    const Tombstone due = tombstones.front();
    tombstones.pop_front();
    if (!store.is_place(due.element)) continue;
    Slot& slot = store.slot(due.element);
    if (!slot.is(Slot::kTombstone) || slot.removal != due.removal) continue;
    touched.touch(due.element);
    slot.set(Slot::kTombstone, false);
    slot.set(Slot::kMoved, false);
    --tombstone_count;
    if (is_needless(due.element)) {
      PATUH_MARK("tombstone: expires");
      release(due.element);
    } else {
      PATUH_MARK("tombstone: expires while others refer to it");
      forget_marks(due.element);
    }
  }
}

}  // namespace patuh::registry
