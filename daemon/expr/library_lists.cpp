// Lists and sets: the extensions of that name.
#include <algorithm>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/kinds.h"
#include "expr/library_extensions.h"
#include "expr/numbers.h"
#include "expr/typing.h"

namespace patuh::expr {
namespace {

// n · log2 n comparisons, and the texts that they read.
bool charge_sorting(Frame& frame, std::span<const Value> keys) {
  std::uint64_t rounds = 1;
  for (std::size_t n = keys.size(); n > 1; n /= 2) ++rounds;
  std::uint64_t text_bytes = 0;
  for (const Value& key : keys) {
    if (key.kind() == Kind::kString) text_bytes += key.as_string().size();
    if (key.kind() == Kind::kBytes) text_bytes += key.as_bytes().size();
  }
  return frame.charge(rounds * (keys.size() + text_bytes / kTextBytesPerUnit));
}

// The places of `keys` in their order; an error in `wrong` when they have none.
std::vector<std::uint32_t> sorted_places(Frame& frame, const Node& site,
                                         std::span<const Value> keys, Value& wrong) {
  std::vector<std::uint32_t> places(keys.size());
  for (std::uint32_t i = 0; i < places.size(); ++i) places[i] = i;
  for (const Value& key : keys) {
    const bool alike =
        key.kind() == keys[0].kind() || (is_number(key.kind()) && is_number(keys[0].kind()));
    if (alike && is_ordered(key.kind())) continue;
    wrong = fail_overload(frame, site, "sort", keys[0], key);
    return places;
  }
  if (!charge_sorting(frame, keys)) {
    wrong = fail_budget(frame, site);
    return places;
  }
  std::ranges::stable_sort(
      places, [&](std::uint32_t a, std::uint32_t b) { return compare(keys[a], keys[b]) < 0; });
  return places;
}

Value sorted(Frame& frame, const Node& site, std::span<const Value> items,
             std::span<const Value> keys) {
  Value wrong;
  const std::vector<std::uint32_t> places = sorted_places(frame, site, keys, wrong);
  if (wrong.is_error()) return wrong;
  auto out = frame.arena().make_array<Value>(items.size());
  for (std::size_t i = 0; i < places.size(); ++i) out[i] = items[places[i]];
  return make_list(frame.arena(), out);
}

// The items of a list in an array of their own; nothing when the budget is spent.
std::optional<std::span<Value>> items_of(Frame& frame, const ListRep& list) {
  if (!frame.charge(list.size)) return std::nullopt;
  auto items = frame.arena().make_array<Value>(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) items[i] = item(list, i);
  return items;
}

// Nothing when the budget is spent.
std::optional<bool> holds(Frame& frame, std::span<const Value> items, const Value& value) {
  for (const Value& other : items) {
    const std::optional<bool> equal = equals_within(other, value, frame.context.budget);
    frame.spent = frame.spent || !equal;
    if (!equal || *equal) return equal;
  }
  return false;
}

// Whether all, or any, of `items` are in `list`; an error when the budget is spent.
Value are_in(Frame& frame, const Node& site, const ListRep& items, const ListRep& list, bool all) {
  const auto left = items_of(frame, items);
  const auto right = items_of(frame, list);
  if (!left || !right) return fail_budget(frame, site);
  for (const Value& value : *left) {
    const std::optional<bool> found = holds(frame, *right, value);
    if (!found) return fail_budget(frame, site);
    if (*found != all) return Value::boolean(!all);
  }
  return Value::boolean(all);
}

bool are_lists(const Value* arguments) {
  return arguments[0].kind() == Kind::kList && arguments[1].kind() == Kind::kList;
}

bool flatten_into(Frame& frame, const ListRep& list, std::int64_t depth, std::vector<Value>& out) {
  for (std::uint32_t i = 0; i < list.size; ++i) {
    if (!frame.charge(1)) return false;
    const Value value = item(list, i);
    if (value.kind() == Kind::kList && depth > 0) {
      if (!flatten_into(frame, value.as_list(), depth - 1, out)) return false;
    } else {
      out.push_back(value);
    }
  }
  return true;
}

}  // namespace

namespace native {

Value lists_range(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kInt) return fail_overload(frame, site, site.name, arguments[0]);
  const std::int64_t size = std::max<std::int64_t>(arguments[0].as_int(), 0);
  if (!frame.charge(static_cast<std::uint64_t>(size))) return fail_budget(frame, site);
  auto items = frame.arena().make_array<Value>(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) items[static_cast<std::size_t>(i)] = Value::integer(i);
  return make_list(frame.arena(), items);
}

Value slice(Frame& frame, const Node& site, const Value* arguments) {
  const bool kinds = arguments[0].kind() == Kind::kList && arguments[1].kind() == Kind::kInt &&
                     arguments[2].kind() == Kind::kInt;
  if (!kinds) {
    return fail_overload(frame, site, site.name,
                         std::array{arguments[0], arguments[1], arguments[2]});
  }
  const std::int64_t begin = arguments[1].as_int();
  const std::int64_t end = arguments[2].as_int();
  if (begin < 0 || end < begin || end > arguments[0].as_list().size) {
    return fail(frame, site, ErrorCode::kOutOfRange, "error.slice");
  }
  const auto items = items_of(frame, arguments[0].as_list());
  if (!items) return fail_budget(frame, site);
  return make_list(frame.arena(), items->subspan(static_cast<std::size_t>(begin),
                                                 static_cast<std::size_t>(end - begin)));
}

// One level, or as many as the second argument says; no deeper than values may nest.
Value flatten(Frame& frame, const Node& site, const Value* arguments) {
  const bool told = site.count == 2;
  if (arguments[0].kind() != Kind::kList || (told && arguments[1].kind() != Kind::kInt)) {
    return fail_overload(frame, site, site.name, {arguments, site.count});
  }
  const std::int64_t depth = told ? arguments[1].as_int() : 1;
  if (depth < 0) return fail(frame, site, ErrorCode::kInvalidArgument, "error.depth");
  std::vector<Value> out;
  const std::int64_t bounded = std::min<std::int64_t>(depth, 1'000);
  if (!flatten_into(frame, arguments[0].as_list(), bounded, out)) return fail_budget(frame, site);
  return make_list(frame.arena(), out);
}

Value sort(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const auto items = items_of(frame, arguments[0].as_list());
  if (!items) return fail_budget(frame, site);
  return sorted(frame, site, *items, *items);
}

Value distinct(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const auto items = items_of(frame, arguments[0].as_list());
  if (!items) return fail_budget(frame, site);
  std::vector<Value> kept;
  for (const Value& value : *items) {
    const std::optional<bool> known = holds(frame, kept, value);
    if (!known) return fail_budget(frame, site);
    if (!*known) kept.push_back(value);
  }
  return make_list(frame.arena(), kept);
}

Resolved resolve_sort(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  if (arguments[0].type.of() != Type::Of::kList) return resolved;
  const Type& item = arguments[0].type.parameter(0);
  if (may_be_ordered(item, item)) return resolved;
  resolved.error = "sort() has no order for " + item.text();
  resolved.hint = "by something of each item: list.sortBy(x, …)";
  return resolved;
}

Resolved resolve_sets(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  const Type& a = arguments[0].type;
  const Type& b = arguments[1].type;
  if (a.of() != Type::Of::kList || b.of() != Type::Of::kList || may_be_equal(a, b)) return resolved;
  resolved.error = b.parameter(0).text() + " is never in " + a.text();
  resolved.error_argument = 1;
  return resolved;
}

Value sets_contains(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_lists(arguments)) {
    return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  }
  return are_in(frame, site, arguments[1].as_list(), arguments[0].as_list(), true);
}

Value sets_intersects(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_lists(arguments)) {
    return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  }
  return are_in(frame, site, arguments[0].as_list(), arguments[1].as_list(), false);
}

Value sets_equivalent(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_lists(arguments)) {
    return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  }
  const ListRep& a = arguments[0].as_list();
  const ListRep& b = arguments[1].as_list();
  const Value there = are_in(frame, site, a, b, true);
  return there.is_true() ? are_in(frame, site, b, a, true) : there;
}

}  // namespace native

Value sort_by_keys(Frame& frame, const Node& site, std::span<const Value> items,
                   std::span<const Value> keys) {
  return sorted(frame, site, items, keys);
}

}  // namespace patuh::expr
