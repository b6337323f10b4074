#include "registry/store.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "registry/hash.h"

namespace patuh::registry {

RefSet* Sets::place_of(std::uint32_t label) {
  return std::ranges::lower_bound(begin(), begin() + count, label, {}, &RefSet::label);
}

namespace {

Sets* with_capacity(Sets* old, std::uint32_t capacity, Heap& heap) {
  Sets* const sets = new (heap.take(Sets::bytes(capacity))) Sets();
  sets->capacity = capacity;
  if (old != nullptr) {
    sets->count = old->count;
    std::uninitialized_copy_n(old->begin(), old->count, sets->begin());
    heap.give(old, Sets::bytes(old->capacity));
  }
  std::uninitialized_fill_n(sets->begin() + sets->count, capacity - sets->count, RefSet());
  return sets;
}

RefSet* find_set(Sets* sets, std::uint32_t label) {
  if (sets == nullptr) return nullptr;
  RefSet* const at = sets->place_of(label);
  return at != sets->begin() + sets->count && at->label() == label ? at : nullptr;
}

}  // namespace

Store::~Store() {
  for (std::uint32_t at = 0; at < end_; ++at) {
    drop_sets(ElementRef(at));
    packer_->drop(slot(ElementRef(at)).block);
  }
}

std::uint64_t Store::name_hash(KindId kind, std::string_view id) { return hash_of(id, kind.value); }

std::optional<ElementRef> Store::find(KindId kind, std::string_view id) const {
  const auto hash = static_cast<std::uint32_t>(name_hash(kind, id));
  const Name* const found = names_.find(hash, [&](const Name& name) {
    if (name.hash != hash) return false;
    const Slot& candidate = slot(ElementRef(name.ref_and_one - 1));
    if (candidate.kind != kind.value) return false;
    candidate.block->prefetch();
    return candidate.block->id() == id;
  });
  if (found == nullptr) return std::nullopt;
  return ElementRef(found->ref_and_one - 1);
}

ElementRef Store::create(KindId kind, std::string_view id) {
  ElementRef element(end_);
  if (first_free_ == kNobody) {
    PATUH_ASSERT(end_ + 1 < kNobody.value);
    make_places(end_ + 1);
  } else {
    element = first_free_;
    first_free_ = slot(element).fallback;
  }
  take(element, kind, id);
  return element;
}

void Store::make_places(std::uint32_t end) {
  while (pages_.size() * kPage < end) pages_.push_back(std::make_unique<Slot[]>(kPage));
  end_ = end;
}

void Store::take(ElementRef element, KindId kind, std::string_view id) {
  slot(element) = Slot{};
  fill(element, kind, id);
  name(element);
}

void Store::fill(ElementRef element, KindId kind, std::string_view id) {
  Slot& place = slot(element);
  place.kind = kind.value;
  place.life = Life::kRemoved;
  place.name_hash = static_cast<std::uint32_t>(name_hash(kind, id));
}

void Store::free_the_rest() {
  for (std::uint32_t at = end_; at-- > 0;) {
    Slot& place = slot(ElementRef(at));
    if (place.life == Life::kFree) place.fallback = std::exchange(first_free_, ElementRef(at));
  }
}

void Store::release(ElementRef element) {
  Slot& place = slot(element);
  const Name name{place.name_hash, element.value + 1};
  names_.erase(names_.find(name.hash, [&](const Name& candidate) { return candidate == name; }));
  drop_sets(element);
  packer_->drop(place.block);
  place = Slot{};
  place.fallback = std::exchange(first_free_, element);
}

bool Store::is_alone(ElementRef element) const {
  const Slot& place = slot(element);
  if (place.sets == nullptr) return true;
  const std::span<RefSet> sets = place.sets->all();
  return sets.size() == 1 && sets[0].label() == label_of(KindId(place.kind), kMembersField) &&
         sets[0].size() == 1 && sets[0].contains(element);
}

Refs Store::set_of(ElementRef element, std::uint32_t label) const {
  const RefSet* const found = find_set(slot(element).sets, label);
  return found == nullptr ? Refs() : found->view();
}

bool Store::insert(ElementRef element, std::uint32_t label, ElementRef member) {
  Slot& place = slot(element);
  if (RefSet* const found = find_set(place.sets, label)) return found->insert(member, *heap_);
  if (place.sets == nullptr) {
    place.sets = with_capacity(nullptr, 1, *heap_);
  } else if (place.sets->count == place.sets->capacity) {
    // Most have two or three.
    const std::uint32_t capacity = place.sets->capacity;
    place.sets = with_capacity(place.sets, capacity + std::max(1U, capacity / 2), *heap_);
  }
  Sets& sets = *place.sets;
  RefSet* const at = sets.place_of(label);
  std::copy_backward(at, sets.begin() + sets.count, sets.begin() + sets.count + 1);
  *at = RefSet(label);
  ++sets.count;
  return at->insert(member, *heap_);
}

bool Store::erase(ElementRef element, std::uint32_t label, ElementRef member) {
  Slot& place = slot(element);
  RefSet* const found = find_set(place.sets, label);
  if (found == nullptr || !found->erase(member, *heap_)) return false;
  if (!found->empty()) return true;
  Sets& sets = *place.sets;
  std::copy(found + 1, sets.begin() + sets.count, found);
  --sets.count;
  if (sets.count == 0) {
    heap_->give(place.sets, Sets::bytes(sets.capacity));
    place.sets = nullptr;
  }
  return true;
}

void Store::drop_sets(ElementRef element) {
  Slot& place = slot(element);
  if (place.sets == nullptr) return;
  for (RefSet& set : place.sets->all()) set.clear(*heap_);
  heap_->give(place.sets, Sets::bytes(place.sets->capacity));
  place.sets = nullptr;
}

std::uint64_t Store::bytes() const { return pages_.size() * kPage * sizeof(Slot); }

}  // namespace patuh::registry
