// Who belongs to which agency, stubs that come into being, and what nothing holds any more.
#include <algorithm>

#include "marks/marks.h"
#include "registry/change.h"

namespace patuh::registry {
namespace {

bool is_written(const Block& block) {
  bool written = !block.marks().empty() || block.unknown() > 0;
  block.for_each_cell(
      [&](FieldId, std::uint32_t cell) { written |= block.write(cell).mark == Write::kEngine; });
  return written;
}

}  // namespace

void Change::key_of(ElementRef element, const Key& what) {
  if (!is_fresh(element)) key(what);
}

void Change::bring_stubs(const model::ChangeEvent* event) {
  const KindPlan& plan = state_.layout.kind(kind_);
  std::span<const ElementRef> deployed;
  if (event != nullptr && event->through_deployment && plan.follows) {
    deployed = store_.slot(subject_).block->ends_of(*plan.follows);
  }
  for (const ElementRef stub : stubs_) {
    stand_in(stub, std::ranges::binary_search(deployed, stub));
  }
  for (const ElementRef end : deployed) {
    if (!is_fresh(end) && store_.slot(end).life == Life::kStub) stand_in(end, true);
  }
}

// Makes the element a stub if it is none yet; through the deployment role with the role's values.
void Change::stand_in(ElementRef element, bool role) {
  Draft& draft = state_.stub_draft;
  const KindPlan& plan = state_.plan_of(element);
  draft.load(*store_.slot(element).block, plan);
  if (role) {
    PATUH_MARK("stub: through the deployment role");
    const model::Schema& schema = *state_.layout.schema;
    const model::Roles::Deployment& deployment = *schema.roles.deployment;
    const auto& to = schema.field(deployment.kind, deployment.of).relation().to;
    const bool meant = to.size() == 1 && to.front() == state_.kind_of(element);
    for (const auto& [field, value] : deployment.stub_values) {
      if (meant && draft[field].is == Cell::Is::kAbsent && !value.is_null()) {
        draft.set_value(field, value, {Write::kStub});
      }
    }
  }
  rewrite(element, draft, Life::kStub);
  if (role) own_by_whole(element, true);
  agenda_.push_back(element);
}

void Change::own_by_whole(ElementRef element, bool owned) {
  mark(state_.whole_owned, Slot::kWholeOwned, element, owned);
}

// Keeps the flag and the set of those that have it in step.
void Change::mark(RefSet& set, std::uint8_t flag, ElementRef element, bool on) {
  Slot& slot = store_.slot(element);
  if (slot.is(flag) == on) return;
  state_.touched.touch(element);
  slot.set(flag, on);
  if (on) {
    set.insert(element, state_.heap);
  } else {
    set.erase(element, state_.heap);
  }
}

// A removed agency owns no stub that had it for want of a better one; one that is back does.
void Change::agency_turns(ElementRef agency, bool visible) {
  if (visible) {
    for (const ElementRef stub : state_.bereft.view()) {
      PATUH_MARK("agency: back for the stubs it owned");
      agenda_.push_back(stub);
    }
    return;
  }
  if (store_.slot(agency).fallbacks == 0) return;
  store_.for_each_set(agency, [&](std::uint32_t label, const Refs& set) {
    if ((label & 0xFFFFU) != kMembersField.value) return;
    for (const ElementRef member : set) {
      if (store_.slot(member).fallback == agency) agenda_.push_back(member);
    }
  });
}

// A stub that has nobody yet belongs to the agency of whoever refers to it first.
void Change::adopt(ElementRef element, ElementRef agency) {
  const Slot& slot = store_.slot(element);
  if (slot.life != Life::kStub || slot.fallback != kNobody || agency == kNobody) return;
  if (state_.plan_of(element).is_agency) return;
  state_.move_fallback(element, agency);
  agenda_.push_back(element);
}

// An element that comes back as a stub while others already refer to it: of those with an agency
// the least by kind and id counts as the first.
void Change::adopt_from_referrers(ElementRef element) {
  ElementRef first = kNobody;
  store_.for_each_set(element, [&](std::uint32_t label, const Refs& set) {
    if ((label & 0xFFFFU) == kMembersField.value) return;
    for (const ElementRef other : set) {
      const FieldId relation = naming_relation(label);
      if (!names(other, relation, element) || lends(other, relation) == kNobody) continue;
      if (first == kNobody || comes_before(other, first)) first = other;
    }
  });
  if (first != kNobody) PATUH_MARK("agency: a stub that is back takes its referrer's");
  if (first != kNobody) adopt(element, store_.slot(first).agency);
}

// By which of its relations a member of the set under `label` may name the set's owner.
FieldId Change::naming_relation(std::uint32_t label) const {
  const FieldId relation(static_cast<std::uint16_t>(label & 0xFFFFU));
  const KindId kind(static_cast<std::uint16_t>(label >> 16U));
  const auto& inverse = state_.layout.field(kind, relation).inverse;
  return inverse ? inverse->second : relation;
}

// Itself, not only the other way about.
bool Change::names(ElementRef element, FieldId relation, ElementRef end) const {
  return std::ranges::binary_search(store_.slot(element).block->ends_of(relation), end);
}

// The agency that a stub at the end of this relation may take. What only follows its end has none
// to give: the two would hold each other up.
ElementRef Change::lends(ElementRef from, FieldId relation) const {
  const KindPlan& plan = state_.plan_of(from);
  const bool follows =
      plan.follows == relation && (!plan.agency || state_.end_of(from, *plan.agency) == kNobody);
  return follows ? kNobody : store_.slot(from).agency;
}

bool Change::comes_before(ElementRef a, ElementRef b) const {
  const Slot& left = store_.slot(a);
  const Slot& right = store_.slot(b);
  return std::pair(left.kind, left.block->id()) < std::pair(right.kind, right.block->id());
}

void Change::adopt_ends(ElementRef of) {
  const Slot& slot = store_.slot(of);
  slot.block->for_each_cell([&](FieldId field, std::uint32_t cell) {
    if (!state_.plan_of(of).fields[field.value].relation) return;
    for (const ElementRef end : slot.block->ends(cell)) adopt(end, lends(of, field));
  });
}

ElementRef Change::resolve(ElementRef element) const {
  const Slot& slot = store_.slot(element);
  const KindPlan& plan = state_.plan_of(element);
  if (plan.is_agency) return element;
  if (slot.life == Life::kRemoved) return slot.agency;
  if (plan.agency) {
    if (const ElementRef own = state_.end_of(element, *plan.agency); own != kNobody) return own;
  }
  if (plan.follows) {
    const ElementRef followed = state_.end_of(element, *plan.follows);
    // Never one of its own kind: a circle of followers would hold itself up.
    if (followed != kNobody && store_.slot(followed).kind != slot.kind &&
        store_.slot(followed).agency != kNobody) {
      return store_.slot(followed).agency;
    }
  }
  if (slot.life != Life::kStub) return kNobody;
  const bool bereft = is_bereft(slot);
  if (slot.is(Slot::kWholeOwned) || bereft) {
    if (const ElementRef whole = state_.whole(); whole != kNobody) return whole;
  }
  return bereft ? kNobody : slot.fallback;
}

bool Change::is_bereft(const Slot& slot) const {
  return slot.life == Life::kStub && slot.fallback != kNobody &&
         !is_visible(store_.slot(slot.fallback).life);
}

void Change::settle_all() {
  for (std::size_t i = 0; i < agenda_.size(); ++i) settle(agenda_[i]);
  agenda_.clear();
}

void Change::settle(ElementRef element) {
  Slot& slot = store_.slot(element);
  if (slot.life == Life::kFree) return;
  mark(state_.bereft, Slot::kBereft, element, is_bereft(slot));
  const ElementRef next = resolve(element);
  const bool member = is_visible(slot.life) && next != kNobody;
  if (next == slot.agency && member == slot.is(Slot::kMember)) return;
  if (!slot.is(Slot::kNoted)) {
    slot.set(Slot::kNoted, true);
    noted_.push_back({element, slot.agency, slot.is(Slot::kMember)});
  }
  const bool moves = next != slot.agency;
  move_member(element, next, member);
  if (!moves) return;
  if (const auto& role = state_.layout.schema->roles.deployment) {
    for (const ElementRef follower : state_.referrers(element, role->kind, role->of)) {
      PATUH_MARK("agency: a deployment follows its application");
      agenda_.push_back(follower);
    }
  }
  adopt_ends(element);
}

void Change::move_member(ElementRef element, ElementRef agency, bool member) {
  state_.touched.touch(element);
  Slot& slot = store_.slot(element);
  const std::uint32_t label = label_of(KindId(slot.kind), kMembersField);
  if (slot.is(Slot::kMember)) {
    store_.erase(slot.agency, label, element);
    state_.loose.push_back(slot.agency);
  }
  if (member) store_.insert(agency, label, element);
  slot.set(Slot::kMember, member);
  if (agency != slot.agency) state_.move_agency(element, agency);
}

void Change::tell_agencies() {
  for (const Noted& before : noted_) {
    Slot& slot = store_.slot(before.element);
    slot.set(Slot::kNoted, false);
    const KindId kind(slot.kind);
    const bool moved = slot.agency != before.agency;
    if (moved && !PATUH_DEFECT("agency not told")) {
      key_of(before.element, agency_key(before.element));
    }
    if (!moved && slot.is(Slot::kMember) == before.member) continue;
    if (before.member && !PATUH_DEFECT("leaving an agency not told"))
      key_of(before.agency, members_key(before.agency, kind));
    if (slot.is(Slot::kMember) && !PATUH_DEFECT("joining an agency not told"))
      key_of(slot.agency, members_key(slot.agency, kind));
  }
  noted_.clear();
}

// Stubs that only references made go with the last of them; removed elements whose tombstone has
// expired likewise.
void Change::let_go() {
  while (!state_.loose.empty()) {
    const ElementRef element = state_.loose.back();
    state_.loose.pop_back();
    const Slot& slot = store_.slot(element);
    if (slot.life == Life::kFree || !state_.is_needless(element)) continue;
    if (slot.life == Life::kStub && is_written(*slot.block)) continue;
    if (slot.life == Life::kStub) {
      PATUH_MARK("stub: gone with its last referrer");
      vanish(element);
    }
    state_.leaving.push_back(element);
  }
}

void Change::vanish(ElementRef element) {
  Draft& draft = state_.stub_draft;
  draft.load(*store_.slot(element).block, state_.plan_of(element));
  draft.forget_all();
  rewrite(element, draft, Life::kRemoved);
  settle(element);
}

}  // namespace patuh::registry
