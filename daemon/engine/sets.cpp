#include "engine/sets.h"

namespace patuh::engine {

using expr::Value;
using model::ElementRef;
using registry::Refs;
using registry::Registry;

namespace {

class Whole final : public expr::Sequence {
 public:
  Whole() = default;
  Whole(const Registry* registry, const Refs& refs) : registry_(registry), refs_(refs) {}
  std::uint32_t size() const override { return refs_.size(); }
  Value at(std::uint32_t index) const override { return object_of(*registry_, refs_[index]); }

 private:
  const Registry* registry_ = nullptr;
  Refs refs_;
};

class Without final : public expr::Sequence {
 public:
  Without() = default;
  Without(const Registry* registry, const Refs& refs, ElementRef left_out)
      : registry_(registry), refs_(refs), left_out_(left_out) {}
  std::uint32_t size() const override { return refs_.size() - 1; }
  Value at(std::uint32_t index) const override {
    // Ascending: from its place on everything is one further.
    const ElementRef here = refs_[index];
    return object_of(*registry_, here < left_out_ ? here : refs_[index + 1]);
  }

 private:
  const Registry* registry_ = nullptr;
  Refs refs_;
  ElementRef left_out_;
};

class Chain final : public expr::Sequence {
 public:
  Chain() = default;
  Chain(const Registry* registry, std::span<const Refs> sets) : registry_(registry), sets_(sets) {
    for (const Refs& set : sets_) size_ += set.size();
  }
  std::uint32_t size() const override { return size_; }
  Value at(std::uint32_t index) const override {
    for (const Refs& set : sets_) {
      if (index < set.size()) return object_of(*registry_, set[index]);
      index -= set.size();
    }
    PATUH_ASSERT(false);
    return {};
  }

 private:
  const Registry* registry_ = nullptr;
  std::span<const Refs> sets_;
  std::uint32_t size_ = 0;
};

template <class Set>
Value wrap(expr::Arena& arena, const Set& set) {
  const Set* const kept = arena.make(set);
  return Value::list(arena.make(expr::ListRep{kept->size(), nullptr, kept}));
}

}  // namespace

Value list_of(expr::Arena& arena, const Registry& registry, const Refs& refs) {
  return wrap(arena, Whole(&registry, refs));
}

Value list_without(expr::Arena& arena, const Registry& registry, const Refs& refs,
                   ElementRef left_out) {
  if (!refs.contains(left_out)) return list_of(arena, registry, refs);
  return wrap(arena, Without(&registry, refs, left_out));
}

Value list_of_all(expr::Arena& arena, const Registry& registry, std::span<const Refs> sets) {
  std::span<Refs> kept = arena.make_array<Refs>(sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) kept[i] = sets[i];
  return wrap(arena, Chain(&registry, kept));
}

}  // namespace patuh::engine
