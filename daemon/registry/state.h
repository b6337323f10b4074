// All that a registry holds, and the reading that both the public door and a change need.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "registry/draft.h"
#include "registry/heap.h"
#include "registry/index.h"
#include "registry/layout.h"
#include "registry/packer.h"
#include "registry/pool.h"
#include "registry/ref_set.h"
#include "registry/registry.h"
#include "registry/sources.h"
#include "registry/store.h"

namespace patuh::registry {

// Sources that may write to one element; beyond them events are set aside.
inline constexpr std::size_t kSourcesPerElementMax = 1000;

// Removed elements in the order of removal; one that came back, or went again, is passed over.
struct Tombstone {
  base::Instant at{};
  ElementRef element;
  std::uint32_t removal = 0;
};

// Who belonged where before the change under way.
struct Noted {
  ElementRef element;
  ElementRef agency;
  bool member = false;
};

// A value that is written over in place, as it was.
struct Poke {
  FieldId field;
  std::uint32_t cell = 0;
  expr::Value before;
  Interned* text = nullptr;  // behind it, when the pool's: given back once it is no longer read
};

// Lists of a change, kept to save allocations.
struct Scratch {
  std::vector<ElementRef> fresh;                       // made by this change
  std::vector<ElementRef> stubs;                       // ends of relations that become stubs
  std::vector<ElementRef> revived;                     // removed ones that are stubs again
  std::vector<ElementRef> lenders;                     // whose own word on their agency changed
  std::vector<std::pair<FieldId, ElementRef>> gained;  // ends that the subject names from now on
  std::vector<ElementRef> agenda;                      // to be settled
  std::vector<Noted> noted;
  std::vector<Poke> pokes;       // of the element being rewritten
  std::vector<FieldId> patched;  // likewise
  void clear() {
    fresh.clear();
    stubs.clear();
    revived.clear();
    lenders.clear();
    gained.clear();
    agenda.clear();
    noted.clear();
    pokes.clear();
  }
};

// Places whose row in a snapshot is not what it was: each once until it is saved.
class Touched {
 public:
  void touch(ElementRef element) {
    if (marks_.size() <= element.value) marks_.resize(element.value + 1);
    if (std::exchange(marks_[element.value], std::uint8_t{1}) == 0) places_.push_back(element);
  }
  void saved(ElementRef element) {
    if (element.value < marks_.size()) marks_[element.value] = 0;
  }
  std::vector<ElementRef> take() { return std::exchange(places_, {}); }
  void clear() {
    marks_.clear();
    places_.clear();
  }

 private:
  std::vector<std::uint8_t> marks_;  // by place
  std::vector<ElementRef> places_;
};

// What outlives a change of schema.
struct Ground {
  explicit Ground(Options options) : sources(&heap, std::move(options)) {}
  Heap heap;
  Touched touched;
  Pool pool{&heap};
  Sources sources;
};

struct State {
  State(Ground& ground, std::shared_ptr<const model::Schema> schema);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Heap& heap;
  Touched& touched;
  Pool& pool;
  Sources& sources;
  Layout layout;
  Packer packer{&pool, &heap};
  Store store;
  std::deque<ValueIndex> indexes;  // by FieldPlan::index
  RefSet wholes;                   // visible agencies that answer for the whole
  RefSet whole_owned;              // stubs that belong to it
  RefSet bereft;                   // stubs that asked for a fallback that is removed
  std::deque<Tombstone> tombstones;
  std::uint32_t removals = 0;
  std::vector<ElementRef> loose;    // may have lost the last that pointed at them
  std::vector<ElementRef> leaving;  // gone for all; kept nameable until the next change
  std::uint64_t known_count = 0;
  std::uint64_t stub_count = 0;
  std::uint64_t tombstone_count = 0;
  std::uint64_t edges = 0;
  std::uint64_t index_entries = 0;
  mutable std::uint64_t probes = 0;

  Scratch scratch;
  expr::Arena arena;
  Draft draft;
  Draft stub_draft;

  KindId kind_of(ElementRef element) const { return KindId(store.slot(element).kind); }
  const KindPlan& plan_of(ElementRef element) const { return layout.kind(kind_of(element)); }

  // A field of a visible element as the language reads it; `held` is what its block holds.
  static expr::Value effective(const FieldPlan& field, const std::optional<expr::Value>& held) {
    return held ? *held : field.default_value;
  }
  // The ends of a relation, from both sides where it has an inverse.
  Refs related(ElementRef element, FieldId relation) const;
  Refs referrers(ElementRef element, KindId from, FieldId relation) const;
  // The end that a single relation stands for; `own` are the ends that the element itself names.
  ElementRef end_of(ElementRef element, FieldId relation, std::span<const ElementRef> own) const;
  ElementRef end_of(ElementRef element, FieldId relation) const;
  // The agency that answers for the whole; kNobody when none is known.
  ElementRef whole() const;

  // Moves an element from one agency to another (kNobody for none), on the slots' books only.
  void move_agency(ElementRef element, ElementRef agency);
  void move_fallback(ElementRef element, ElementRef agency);
  // Nothing visible needs the stub any more; nothing at all needs the place of a removed element.
  bool is_needless(ElementRef element) const;
  // Gives back what left with the last change.
  void release_leaving();
  void expire(base::Instant now);

 private:
  void release(ElementRef element);
  void forget_marks(ElementRef element);
};

}  // namespace patuh::registry
