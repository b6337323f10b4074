#include "registry/state.h"

namespace patuh::registry {

State::State(Ground& ground, std::shared_ptr<const model::Schema> schema)
    : heap(ground.heap),
      pool(ground.pool),
      sources(ground.sources),
      layout(std::move(schema)),
      store(&ground.heap, &ground.pool) {
  for (std::uint32_t i = 0; i < layout.indexes; ++i) indexes.emplace_back(&heap, &pool);
}

State::~State() {
  wholes.clear(heap);
  whole_owned.clear(heap);
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

void State::pin(ElementRef agency, ElementRef by) {
  if (agency != kNobody && agency != by) ++store.slot(agency).pins;
}

void State::unpin(ElementRef agency, ElementRef by) {
  if (agency == kNobody || agency == by) return;
  Slot& slot = store.slot(agency);
  PATUH_ASSERT(slot.pins > 0);
  if (--slot.pins == 0) loose.push_back(agency);
}

void State::release(ElementRef element) {
  const Slot& slot = store.slot(element);
  const ElementRef agency = slot.agency;
  const ElementRef fallback = slot.fallback;
  store.release(element);
  unpin(agency, element);
  unpin(fallback, element);
}

void State::release_leaving() {
  for (const ElementRef element : leaving) {
    const Slot& slot = store.slot(element);
    if (slot.life == Life::kRemoved && !slot.is(Slot::kTombstone) && store.is_alone(element)) {
      release(element);
    }
  }
  leaving.clear();
}

void State::forget_marks(ElementRef element) {
  Slot& slot = store.slot(element);
  const KindPlan& plan = plan_of(element);
  draft.begin(plan);
  Block* const bare = Block::make(draft, plan, slot.block->id(), pool, heap);
  Block::drop(slot.block, pool, heap);
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
    slot.set(Slot::kTombstone, false);
    --tombstone_count;
    if (store.is_alone(due.element)) {
      release(due.element);
    } else {
      forget_marks(due.element);
    }
  }
}

}  // namespace patuh::registry
