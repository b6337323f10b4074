// reach: level by level along a relation, each element once.
#include <algorithm>

#include "engine/sets.h"
#include "engine/world.h"

namespace patuh::engine {
namespace {

using expr::Context;
using expr::Value;
using model::ElementRef;
using registry::Refs;

// What was met so far, in order, and what was met at all.
class Met {
 public:
  explicit Met(ElementRef start) : seen_{start} {}

  // False beyond the limits.
  bool take(const Refs& ends) {
    edges_ += ends.size();
    if (edges_ > rulebook::kReachEdgesMax) return false;
    for (const ElementRef end : ends) {
      const auto at = std::ranges::lower_bound(seen_, end);
      if (at != seen_.end() && *at == end) continue;
      seen_.insert(at, end);
      order_.push_back(end);
    }
    return order_.size() <= rulebook::kReachMax;
  }
  std::size_t size() const { return order_.size(); }
  ElementRef operator[](std::size_t index) const { return order_[index]; }
  const std::vector<ElementRef>& order() const { return order_; }

 private:
  std::vector<ElementRef> seen_;   // ascending
  std::vector<ElementRef> order_;  // nearest first
  std::size_t edges_ = 0;
};

// `next(element)` gives the ends of one step and notes that it did.
template <class Next>
Value walk(Context& context, const registry::Registry& registry, ElementRef start,
           const Next& next) {
  Met met(start);
  bool within = met.take(next(start));
  for (std::size_t i = 0; within && i < met.size(); ++i) within = met.take(next(met[i]));
  if (!within) {
    return context.fail(
        expr::ErrorCode::kLimit, "error.reach",
        {std::to_string(rulebook::kReachMax), std::to_string(rulebook::kReachEdgesMax)});
  }
  std::vector<Value> items;
  items.reserve(met.size());
  for (const ElementRef element : met.order()) items.push_back(object_of(registry, element));
  return expr::make_list(*context.arena, items);
}

ElementRef start_of(const Value& object) { return ElementRef{object.object_index()}; }

}  // namespace

Value RegistryWorld::reach(Context& context, const Value& object, std::string_view relation) {
  const Value list = walk(context, registry_, start_of(object), [&](ElementRef element) {
    const auto field = schema_.kind(registry_.kind_of(element)).field_of(relation);
    if (!field || !schema_.field(registry_.kind_of(element), *field).is_relation()) return Refs();
    note(registry::field_key(element, *field));
    return registry_.related(element, *field);
  });
  if (facts_ != nullptr && !list.is_error()) {
    keep_size(start_of(object), {{">", relation}}, list);
  }
  return list;
}

Value RegistryWorld::reach_back(Context& context, const Value& object, model::KindId from,
                                model::FieldId relation) {
  const Value list = walk(context, registry_, start_of(object), [&](ElementRef element) {
    return referrers_of(element, from, relation);
  });
  if (facts_ != nullptr && !list.is_error()) {
    const model::Kind& kind = schema_.kind(from);
    keep_size(start_of(object), {{"^^", kind.name, ".", kind.fields[relation.value].name}}, list);
  }
  return list;
}

}  // namespace patuh::engine
