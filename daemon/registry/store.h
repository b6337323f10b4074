// The elements' places: slots by ElementRef, their names, and the sets that point at each.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "registry/block.h"
#include "registry/heap.h"
#include "registry/packer.h"
#include "registry/ref_set.h"
#include "registry/table.h"

namespace patuh::registry {

enum class Life : std::uint8_t {
  kFree,     // the slot waits to be given again
  kRemoved,  // nameable, not visible: removed, or about to become something
  kStub,
  kKnown,
};
constexpr bool is_visible(Life life) { return life == Life::kStub || life == Life::kKnown; }

// The sets of one element: sorted by label, none empty; they lie behind it in memory. An element
// without any has no Sets.
struct Sets {
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;

  RefSet* begin() {
    return std::bit_cast<RefSet*>(std::bit_cast<std::uintptr_t>(this) + sizeof(Sets));
  }
  std::span<RefSet> all() { return {begin(), count}; }
  RefSet* place_of(std::uint32_t label);
  static std::size_t bytes(std::uint32_t capacity) {
    return sizeof(Sets) + capacity * sizeof(RefSet);
  }
};

struct Slot {
  Block* block = nullptr;  // none of a free slot
  Sets* sets = nullptr;    // who points here, inverse ends, members
  std::int64_t changed_at = 0;
  ElementRef agency = kNobody;
  // The agency of a stub's first referrer; of a free slot the one that is given after it.
  ElementRef fallback = kNobody;
  std::uint32_t pins = 0;       // slots, removed ones too, that name this one as their agency
  std::uint32_t fallbacks = 0;  // stubs that have this one to fall back on
  std::uint32_t name_hash = 0;
  std::uint32_t removal = 0;  // number of the removal, to know its tombstone by
  std::uint16_t kind = 0;
  Life life = Life::kFree;
  std::uint8_t flags = 0;

  static constexpr std::uint8_t kFresh = 1;       // made by the change that is under way
  static constexpr std::uint8_t kMember = 2;      // stands among its agency's members
  static constexpr std::uint8_t kMoved = 4;       // changed_at says a real change
  static constexpr std::uint8_t kWholeOwned = 8;  // a stub of the deployment role
  static constexpr std::uint8_t kTombstone = 16;  // removed, and its marks are still wanted
  static constexpr std::uint8_t kNoted = 32;      // the change under way knows its old agency
  static constexpr std::uint8_t kBereft = 64;     // a stub whose fallback is removed
  bool is(std::uint8_t flag) const { return (flags & flag) != 0; }
  void set(std::uint8_t flag, bool on) {
    flags = static_cast<std::uint8_t>(on ? flags | flag : flags & ~flag);
  }
};
static_assert(sizeof(Slot) == 56);

// A set's name within its element. Referrers are filed under the referring kind and relation, the
// ends of a relation that has an inverse under the own kind and relation, members under their kind.
constexpr std::uint32_t label_of(KindId kind, FieldId field) {
  return std::uint32_t{kind.value} << 16U | field.value;
}
constexpr std::pair<KindId, FieldId> parts_of_label(std::uint32_t label) {
  return {KindId(static_cast<std::uint16_t>(label >> 16U)),
          FieldId(static_cast<std::uint16_t>(label))};
}
inline constexpr FieldId kMembersField{0xFFFF};

class Store {
 public:
  Store(Heap* heap, Packer* packer) : heap_(heap), packer_(packer), names_(heap, NameHash{}) {}
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // One past the greatest ref ever given.
  std::uint32_t end() const { return end_; }
  Slot& slot(ElementRef element) { return pages_[element.value / kPage][element.value % kPage]; }
  const Slot& slot(ElementRef element) const {
    return pages_[element.value / kPage][element.value % kPage];
  }
  bool is_place(ElementRef element) const { return element.value < end_; }
  bool is_visible(ElementRef element) const {
    return is_place(element) && registry::is_visible(slot(element).life);
  }

  static std::uint64_t name_hash(KindId kind, std::string_view id);
  std::optional<ElementRef> find(KindId kind, std::string_view id) const;  // also removed ones
  // A removed place without a block: the caller gives it one at once.
  ElementRef create(KindId kind, std::string_view id);
  // For another schema: the places [0, end) in an empty store, then some of them given by name,
  // then the rest made free, the least first.
  void make_places(std::uint32_t end);
  void take(ElementRef element, KindId kind, std::string_view id);
  // As take(), but what others said of the place stands, and find() knows it once it is named:
  // names lie anywhere in a table, and waiting for one after another is dear.
  void fill(ElementRef element, KindId kind, std::string_view id);
  void name(ElementRef element) { names_.insert({slot(element).name_hash, element.value + 1}); }
  void expect_names(std::uint32_t count) { names_.reserve(count); }
  void free_the_rest();
  ElementRef first_free() const { return first_free_; }
  void set_first_free(ElementRef element) { first_free_ = element; }
  // Gives the place back with all it holds; nothing may point at it.
  void release(ElementRef element);
  // Hints, which change nothing: something will soon be filed at the element; and by the time of
  // the second that is near which says where its sets lie.
  void expect(ElementRef element) const { __builtin_prefetch(&slot(element)); }
  void expect_sets(ElementRef element) const { __builtin_prefetch(slot(element).sets); }
  // The set filed under `label`; empty when there is none.
  Refs set_of(ElementRef element, std::uint32_t label) const;
  // False when it was (not) there.
  bool insert(ElementRef element, std::uint32_t label, ElementRef member);
  bool erase(ElementRef element, std::uint32_t label, ElementRef member);
  // No relation ends here, and nobody but itself is its member.
  bool is_alone(ElementRef element) const;
  template <class Visit>  // visit(label, Refs), ascending
  void for_each_set(ElementRef element, const Visit& visit) const;

  std::uint64_t bytes() const;  // beside what the heap counted

 private:
  void drop_sets(ElementRef element);
  // The hash stands here too, so that looking for a name touches only slots that have it.
  struct Name {
    std::uint32_t hash = 0;
    std::uint32_t ref_and_one = 0;  // 0 = free
    friend bool operator==(const Name&, const Name&) = default;
  };
  struct NameHash {
    std::uint64_t operator()(const Name& name) const { return name.hash; }
  };
  static constexpr std::uint32_t kPage = 1024;

  Heap* heap_;
  Packer* packer_;
  std::vector<std::unique_ptr<Slot[]>> pages_;
  ElementRef first_free_ = kNobody;  // the one given back last
  std::uint32_t end_ = 0;
  Table<Name, NameHash> names_;
};

template <class Visit>
void Store::for_each_set(ElementRef element, const Visit& visit) const {
  Sets* const sets = slot(element).sets;
  if (sets == nullptr) return;
  for (const RefSet& set : sets->all()) visit(set.label(), set.view());
}

}  // namespace patuh::registry
