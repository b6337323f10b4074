#include <algorithm>

#include "registry/loading.h"

namespace patuh::registry {
namespace {

constexpr std::size_t kWaitMost = 1024;  // edges, and names

}  // namespace

bool Follow::place(ElementRef element) {
  const Slot& slot = store_.slot(element);
  if (slot.is(Slot::kMember) && slot.agency == kNobody) return false;
  if (slot.life == Life::kKnown) ++state_.known_count;
  if (slot.life == Life::kStub) ++state_.stub_count;
  if (slot.is(Slot::kTombstone)) ++state_.tombstone_count;
  if (slot.is(Slot::kWholeOwned)) state_.whole_owned.insert(element, state_.heap);
  if (slot.is(Slot::kBereft)) state_.bereft.insert(element, state_.heap);
  if (slot.agency != kNobody && slot.agency != element) ++store_.slot(slot.agency).pins;
  if (slot.fallback != kNobody) ++store_.slot(slot.fallback).fallbacks;
  if (slot.is(Slot::kMember)) {
    store_.insert(slot.agency, label_of(KindId(slot.kind), kMembersField), element);
  }
  unnamed_.push_back(element);
  fields(element, slot);
  if (unnamed_.size() >= kWaitMost || edges_.size() >= kWaitMost) catch_up();
  return true;
}

bool Follow::end() {
  catch_up();
  std::ranges::sort(state_.tombstones, {}, &Tombstone::removal);
  for (std::uint32_t at = 0; at < store_.end(); ++at) {
    const Slot& slot = store_.slot(ElementRef(at));
    const bool is_meant = slot.sets != nullptr || slot.pins > 0 || slot.fallbacks > 0;
    if (slot.life == Life::kFree && is_meant) return false;
  }
  return true;
}

void Follow::fields(ElementRef element, const Slot& slot) {
  const KindPlan& plan = state_.plan_of(element);
  const bool visible = is_visible(slot.life);
  for (std::uint16_t number = 0; number < plan.fields.size(); ++number) {
    const FieldPlan& field = plan.fields[number];
    if (field.relation) {
      for (const ElementRef end : slot.block->ends_of(FieldId(number))) {
        edges_.push_back({element, end, FieldId(number)});
      }
    } else if (visible && field.index != kNoIndex) {
      index(element, FieldId(number), field);
    }
  }
  if (visible) whole(element, plan);
}

void Follow::edge(const Edge& edge) {
  const KindId kind = state_.kind_of(edge.from);
  const std::uint32_t label = label_of(kind, edge.field);
  const auto& inverse = state_.layout.field(kind, edge.field).inverse;
  if (!inverse) {
    if (store_.insert(edge.to, label, edge.from)) ++state_.edges;
    return;
  }
  // Either end may have said it already.
  if (!store_.insert(edge.from, label, edge.to)) return;
  store_.insert(edge.to, label_of(inverse->first, inverse->second), edge.from);
  ++state_.edges;
}

void Follow::index(ElementRef element, FieldId field, const FieldPlan& plan) {
  const auto held = store_.slot(element).block->value_of(field);
  const IndexKey key = index_key_of(State::effective(plan, held));
  if (key.tag == IndexKey::Tag::kNone) return;
  state_.indexes[plan.index].insert(key, element);
  ++state_.index_entries;
}

void Follow::whole(ElementRef element, const KindPlan& plan) {
  const auto& role = state_.layout.schema->roles.agency;
  if (!role || !role->whole || !plan.is_agency) return;
  const auto held = store_.slot(element).block->value_of(*role->whole);
  if (State::effective(plan.fields[role->whole->value], held).is_true()) {
    state_.wholes.insert(element, state_.heap);
  }
}

void Follow::catch_up() {
  for (const Edge& edge : edges_) store_.expect(edge.to);
  for (const ElementRef element : unnamed_) store_.name(element);
  for (const Edge& edge : edges_) store_.expect_sets(edge.to);
  for (const Edge& one : edges_) edge(one);
  unnamed_.clear();
  edges_.clear();
}

}  // namespace patuh::registry
