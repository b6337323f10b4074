// all, exists, exists_one, filter, map.
#include "expr/errors.h"
#include "expr/instructions.h"

namespace patuh::expr {
namespace {

// What is looped over: the items of a list, the keys of a map.
class Range {
 public:
  Range(const Node& node, Frame& frame) : node_(node), frame_(frame) {
    const Value range = run(*node.a, frame);
    if (range.kind() == Kind::kList) {
      list_ = &range.as_list();
      size_ = list_->size;
    } else if (range.kind() == Kind::kMap) {
      map_ = &range.as_map();
      size_ = map_->size;
    } else {
      wrong_ = fail_overload(frame, *node.a, "loop", range);
    }
    if (node.size_max != 0 && size_ > node.size_max) {
      wrong_ = fail(frame, node, ErrorCode::kLimit, "the list is longer than the schema allows");
    }
  }

  const Value& wrong() const { return wrong_; }  // an error when nothing can be looped over
  std::uint32_t size() const { return size_; }

  // Binds the loop variable; false when the budget is spent.
  bool enter(std::uint32_t i) {
    if (!frame_.charge(node_.cost)) return false;
    frame_.locals[node_.slot] = list_ != nullptr ? item(*list_, i) : map_->entries[i].key;
    return true;
  }

 private:
  const Node& node_;
  Frame& frame_;
  const ListRep* list_ = nullptr;
  const MapRep* map_ = nullptr;
  std::uint32_t size_ = 0;
  Value wrong_;
};

Value not_decided(Frame& frame, const Node& body, const Value& value) {
  return value.is_error() ? value : fail_overload(frame, body, "condition", value);
}

// all stops at the first false, exists at the first true; errors count only when neither came.
template <bool stops_at>
Value run_quantifier(const Node& node, Frame& frame) {
  Range range(node, frame);
  if (range.wrong().is_error()) return range.wrong();
  Value error;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    if (!range.enter(i)) return fail_budget(frame, node);
    const Value value = run(*node.b, frame);
    const bool decided = value.kind() == Kind::kBool;
    if (decided && value.as_bool() == stops_at) return value;
    if (!decided && error.is_null()) error = not_decided(frame, *node.b, value);
  }
  return error.is_null() ? Value::boolean(!stops_at) : error;
}

Value run_exists_one(const Node& node, Frame& frame) {
  Range range(node, frame);
  if (range.wrong().is_error()) return range.wrong();
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    if (!range.enter(i)) return fail_budget(frame, node);
    const Value value = run(*node.b, frame);
    if (value.kind() != Kind::kBool) return not_decided(frame, *node.b, value);
    found += value.as_bool() ? 1U : 0U;
  }
  return Value::boolean(found == 1);
}

// filter: condition b, the item itself; map: no condition, item b; map of three: condition b, item
// c.
Value collect(const Node& node, Frame& frame, const Node* condition, const Node* body) {
  Range range(node, frame);
  if (range.wrong().is_error()) return range.wrong();
  if (!frame.charge(range.size())) return fail_budget(frame, node);
  auto items = frame.arena().make_array<Value>(range.size());
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    if (!range.enter(i)) return fail_budget(frame, node);
    const Value kept = condition == nullptr ? Value::boolean(true) : run(*condition, frame);
    if (kept.kind() != Kind::kBool) return not_decided(frame, *condition, kept);
    if (!kept.as_bool()) continue;
    const Value value = body == nullptr ? frame.locals[node.slot] : run(*body, frame);
    if (value.is_error()) return value;
    items[size++] = value;
  }
  return Value::list(frame.arena().make(ListRep{size, items.data(), nullptr}));
}

Value run_filter(const Node& node, Frame& frame) { return collect(node, frame, node.b, nullptr); }
Value run_transform(const Node& node, Frame& frame) {
  return collect(node, frame, nullptr, node.b);
}
Value run_transform_if(const Node& node, Frame& frame) {
  return collect(node, frame, node.b, node.c);
}

}  // namespace

Run loop(Loop kind) {
  static constexpr std::array<Run, 6> kRuns = {run_quantifier<false>, run_quantifier<true>,
                                               run_exists_one,        run_filter,
                                               run_transform,         run_transform_if};
  return kRuns[static_cast<std::size_t>(kind)];
}

}  // namespace patuh::expr
