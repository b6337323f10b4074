// all, exists, exists_one, filter, map and their forms over pairs; sortBy, optMap, optFlatMap.
#include <vector>

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
      wrong_ = fail(frame, node, ErrorCode::kLimit, "error.list_long");
    }
  }

  const Value& wrong() const { return wrong_; }  // an error when nothing can be looped over
  std::uint32_t size() const { return size_; }

  // Binds the loop variable; false when the budget is spent.
  bool enter(std::uint32_t i) {
    if (!frame_.charge(node_.cost)) return false;
    Value* const variables = frame_.locals + node_.slot;
    if (node_.pairs) {
      variables[0] = list_ != nullptr ? Value::integer(i) : map_->entries[i].key;
      variables[1] = list_ != nullptr ? item(*list_, i) : map_->entries[i].value;
    } else {
      variables[0] = list_ != nullptr ? item(*list_, i) : map_->entries[i].key;
    }
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

Value run_sort_by(const Node& node, Frame& frame) {
  Range range(node, frame);
  if (range.wrong().is_error()) return range.wrong();
  if (!frame.charge(std::uint64_t{range.size()} * 2)) return fail_budget(frame, node);
  auto items = frame.arena().make_array<Value>(range.size());
  auto keys = frame.arena().make_array<Value>(range.size());
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    if (!range.enter(i)) return fail_budget(frame, node);
    items[i] = frame.locals[node.slot];
    keys[i] = run(*node.b, frame);
    if (keys[i].is_error()) return keys[i];
  }
  return sort_by_keys(frame, node, items, keys);
}

// A list's places are keys as a map's are.
bool append_entry(const Node& node, Frame& frame, const Value& value, bool whole_entries,
                  std::vector<MapEntry>& entries) {
  if (!whole_entries) {
    entries.push_back({frame.locals[node.slot], value});
    return true;
  }
  if (value.kind() != Kind::kMap) return false;
  const MapRep& map = value.as_map();
  entries.insert(entries.end(), map.entries, map.entries + map.size);
  return true;
}

Value collect_map(const Node& node, Frame& frame, const Node* condition, bool whole_entries) {
  const Node& body = condition == nullptr ? *node.b : *node.c;
  Range range(node, frame);
  if (range.wrong().is_error()) return range.wrong();
  if (!frame.charge(range.size())) return fail_budget(frame, node);
  std::vector<MapEntry> entries;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    if (!range.enter(i)) return fail_budget(frame, node);
    const Value kept = condition == nullptr ? Value::boolean(true) : run(*condition, frame);
    if (kept.kind() != Kind::kBool) return not_decided(frame, *condition, kept);
    if (!kept.as_bool()) continue;
    const Value value = run(body, frame);
    if (value.is_error()) return value;
    const std::size_t before = entries.size();
    if (!append_entry(node, frame, value, whole_entries, entries)) {
      return fail_overload(frame, body, "transformMapEntry", value);
    }
    if (!frame.charge(entries.size() - before)) return fail_budget(frame, node);
  }
  return checked_map(frame, node, entries);
}

Value run_transform_map(const Node& node, Frame& frame) {
  return collect_map(node, frame, nullptr, false);
}
Value run_transform_map_if(const Node& node, Frame& frame) {
  return collect_map(node, frame, node.b, false);
}
Value run_transform_entry(const Node& node, Frame& frame) {
  return collect_map(node, frame, nullptr, true);
}
Value run_transform_entry_if(const Node& node, Frame& frame) {
  return collect_map(node, frame, node.b, true);
}

template <bool flat>
Value run_optional_map(const Node& node, Frame& frame) {
  const Value optional = run(*node.a, frame);
  if (optional.kind() != Kind::kOptional) return fail_overload(frame, *node.a, "optMap", optional);
  if (optional.as_optional() == nullptr) return optional;
  if (!frame.charge(node.cost)) return fail_budget(frame, node);
  frame.locals[node.slot] = *optional.as_optional();
  const Value value = run(*node.b, frame);
  if (value.is_error()) return value;
  if (!flat) return optional_of(frame, value);
  return value.kind() == Kind::kOptional ? value
                                         : fail_overload(frame, *node.b, "optFlatMap", value);
}

}  // namespace

Run loop(Loop kind) {
  static constexpr std::array<Run, 13> kRuns = {
      run_quantifier<false>, run_quantifier<true>,   run_exists_one,    run_filter,
      run_transform,         run_transform_if,       run_transform_map, run_transform_map_if,
      run_transform_entry,   run_transform_entry_if, run_sort_by,       run_optional_map<false>,
      run_optional_map<true>};
  return kRuns[static_cast<std::size_t>(kind)];
}

}  // namespace patuh::expr
