// Fields, indexes, list and map literals.
#include <cmath>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/kinds.h"

namespace patuh::expr {
namespace {

Value no_such_key(Frame& frame, const Node& node, std::string_view key) {
  return fail(frame, node, ErrorCode::kNoSuchField, "error.no_key", {key});
}

class NoHost final : public Host {
 public:
  Value select(Context&, Value, std::uint16_t) override { return refuse(); }
  bool has(Context&, const Value&, std::uint16_t) override { return refuse().is_null(); }
  Value select_dynamic(Context&, const Value&, std::string_view) override { return refuse(); }
  bool known(Context&, const Value&) override { return refuse().is_null(); }

 private:
  static Value refuse() {
    base::assertion_failed("an object is read without a host", __FILE__, __LINE__);
  }
};

// Only what can be a key is shown, and no long one.
std::string key_text(const Value& key) {
  constexpr std::size_t kShownBytesMax = 100;
  const bool shown = key.kind() == Kind::kString
                         ? key.as_string().size() <= kShownBytesMax
                         : is_key(key.kind()) || key.kind() == Kind::kDouble;
  return shown ? to_text(key) : std::string(name_of(key.kind()));
}

// Sorting n keys takes n · log2 n comparisons.
bool charge_keys(Frame& frame, std::span<const MapEntry> entries) {
  std::uint64_t rounds = 1, text_bytes = 0;
  for (std::size_t n = entries.size(); n > 1; n /= 2) ++rounds;
  for (const MapEntry& entry : entries) {
    if (entry.key.kind() == Kind::kString) text_bytes += entry.key.as_string().size();
  }
  return frame.charge(text_bytes / kTextBytesPerUnit * rounds);
}

// A whole number of any kind, as a list index; nothing when it is none.
std::optional<std::int64_t> whole(const Value& value) {
  if (value.kind() == Kind::kInt) return value.as_int();
  if (value.kind() == Kind::kUint && value.as_uint() <= INT64_MAX) {
    return static_cast<std::int64_t>(value.as_uint());
  }
  if (value.kind() != Kind::kDouble) return std::nullopt;
  const double number = value.as_double();
  if (std::trunc(number) != number || std::fabs(number) > 0x1p53) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

Value list_item(Frame& frame, const Node& node, const Value& range, const Value& key) {
  const std::optional<std::int64_t> at = whole(key);
  if (!at) return fail_overload(frame, node, "[]", range, key);
  const ListRep& list = range.as_list();
  if (*at < 0 || *at >= list.size) {
    return fail(frame, node, ErrorCode::kOutOfRange, "error.index");
  }
  return item(list, static_cast<std::uint32_t>(*at));
}

// What a value is, and none when it is none.
struct Held {
  const Value* value;  // null: none
  bool optional;       // it was an optional
};

Held held_of(const Value& value) {
  if (value.kind() != Kind::kOptional) return {&value, false};
  return {value.as_optional(), true};
}

Value optional_field(Frame& frame, const Node& site, const Value& operand, std::uint32_t field) {
  const Held held = held_of(operand);
  if (held.value == nullptr) return Value::optional(nullptr);
  if (held.value->kind() == Kind::kMap) {
    const Value* const found = find(held.value->as_map(), site.name);
    return found == nullptr ? Value::optional(nullptr) : optional_of(frame, *found);
  }
  const Value value = select(frame, site, *held.value, field);
  if (value.is_error()) return value;
  return value.is_null() ? Value::optional(nullptr) : optional_of(frame, value);
}

Value optional_index(Frame& frame, const Node& node, const Value& range, const Value& key) {
  const Held held = held_of(range);
  if (held.value == nullptr) return Value::optional(nullptr);
  if (held.value->kind() == Kind::kMap) {
    if (!frame.charge_reading(key)) return fail_budget(frame, node);
    const Value* const found = find(held.value->as_map(), key);
    return found == nullptr ? Value::optional(nullptr) : optional_of(frame, *found);
  }
  if (held.value->kind() != Kind::kList) return fail_overload(frame, node, "[?]", *held.value, key);
  const Value value = list_item(frame, node, *held.value, key);
  const bool beyond = value.is_error() && value.as_error().code == ErrorCode::kOutOfRange;
  if (beyond) return Value::optional(nullptr);
  return value.is_error() ? value : optional_of(frame, value);
}

}  // namespace

Value optional_of(Frame& frame, const Value& held) {
  return Value::optional(frame.arena().make(held));
}

Value checked_map(Frame& frame, const Node& site, std::span<const MapEntry> entries) {
  for (const MapEntry& entry : entries) {
    if (!is_key(entry.key.kind())) return fail_overload(frame, site, "map key", entry.key);
  }
  if (!charge_keys(frame, entries)) return fail_budget(frame, site);
  const Value map = make_map(frame.arena(), entries);
  if (map.as_map().size == entries.size()) return map;
  return fail(frame, site, ErrorCode::kInvalidArgument, "error.key_twice");
}

Host& no_host() {
  static NoHost host;
  return host;
}

Value run_leaf(const Node& node, Frame& frame) { return run_shape(node, frame); }

Value run_now(const Node& /*node*/, Frame& frame) {
  return Value::timestamp(frame.context.now).moving(1);
}

Value select(Frame& frame, const Node& site, const Value& operand, std::uint32_t field) {
  if (operand.kind() == Kind::kObject) {
    if (field == kNoField) return frame.host.select_dynamic(frame.context, operand, site.name);
    return frame.host.select(frame.context, operand, static_cast<std::uint16_t>(field));
  }
  if (operand.kind() == Kind::kMap) {
    const Value* const found = find(operand.as_map(), site.name);
    return found != nullptr ? *found : no_such_key(frame, site, site.name);
  }
  if (operand.kind() == Kind::kOptional) return optional_field(frame, site, operand, field);
  return fail_overload(frame, site, "select", operand);
}

Value run_field(const Node& node, Frame& frame) {
  const Value operand = run(*node.a, frame);
  if (operand.kind() == Kind::kObject) [[likely]] {
    return frame.host.select(frame.context, operand, static_cast<std::uint16_t>(node.slot));
  }
  return select(frame, node, operand, node.slot);
}

Value run_dynamic_field(const Node& node, Frame& frame) {
  return select(frame, node, run(*node.a, frame), kNoField);
}

Value run_optional_field(const Node& node, Frame& frame) {
  const Value operand = run(*node.a, frame);
  return operand.is_error() ? operand : optional_field(frame, node, operand, node.slot);
}

Value run_optional_dynamic(const Node& node, Frame& frame) {
  const Value operand = run(*node.a, frame);
  return operand.is_error() ? operand : optional_field(frame, node, operand, kNoField);
}

Value run_has_field(const Node& node, Frame& frame) {
  Value operand = run(*node.a, frame);
  if (operand.kind() == Kind::kOptional) {
    if (operand.as_optional() == nullptr) return Value::boolean(false);
    operand = *operand.as_optional();
  }
  if (operand.kind() != Kind::kObject) return fail_overload(frame, node, "has", operand);
  return Value::boolean(
      frame.host.has(frame.context, operand, static_cast<std::uint16_t>(node.slot)));
}

Value run_has_dynamic(const Node& node, Frame& frame) {
  Value operand = run(*node.a, frame);
  if (operand.kind() == Kind::kOptional) {
    if (operand.as_optional() == nullptr) return Value::boolean(false);
    operand = *operand.as_optional();
  }
  if (operand.kind() == Kind::kMap) {
    return Value::boolean(find(operand.as_map(), node.name) != nullptr);
  }
  if (operand.kind() != Kind::kObject) return fail_overload(frame, node, "has", operand);
  const Value field = frame.host.select_dynamic(frame.context, operand, node.name);
  return field.is_error() ? field : Value::boolean(!field.is_null());
}

Value run_index(const Node& node, Frame& frame) {
  const Value range = run(*node.a, frame);
  const Value key = run(*node.b, frame);
  const bool unusable = range.is_null() || range.is_error() || key.is_null() || key.is_error();
  if (unusable) return fail_overload(frame, node, "[]", range, key);
  if (range.kind() == Kind::kList) return list_item(frame, node, range, key);
  if (range.kind() == Kind::kOptional) return optional_index(frame, node, range, key);
  if (range.kind() != Kind::kMap) return fail_overload(frame, node, "[]", range, key);
  if (!frame.charge_reading(key)) return fail_budget(frame, node);
  const Value* const found = find(range.as_map(), key);
  return found != nullptr ? *found : no_such_key(frame, node, key_text(key));
}

Value run_optional_index(const Node& node, Frame& frame) {
  const Value range = run(*node.a, frame);
  const Value key = run(*node.b, frame);
  const bool unusable = range.is_null() || range.is_error() || key.is_null() || key.is_error();
  if (unusable) return fail_overload(frame, node, "[?]", range, key);
  return optional_index(frame, node, range, key);
}

Value run_optional_item(const Node& node, Frame& frame) {
  const Value value = run(*node.a, frame);
  return value.kind() == Kind::kOptional ? value : fail_overload(frame, node, "?", value);
}

Value run_list(const Node& node, Frame& frame) {
  auto items = frame.arena().make_array<Value>(node.count);
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    Value value = run(*node.items[i], frame);
    if (value.is_error()) return value;
    if (node.items[i]->optional) {
      if (value.as_optional() == nullptr) continue;
      value = *value.as_optional();
    }
    items[size++] = value;
  }
  return Value::list(frame.arena().make(ListRep{size, items.data(), nullptr}));
}

Value run_map(const Node& node, Frame& frame) {
  auto entries = frame.arena().make_array<MapEntry>(node.count / 2);
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i + 1 < node.count; i += 2) {
    const Value key = run(*node.items[i], frame);
    if (key.is_error()) return key;
    Value value = run(*node.items[i + 1], frame);
    if (value.is_error()) return value;
    if (node.items[i + 1]->optional) {
      if (value.as_optional() == nullptr) continue;
      value = *value.as_optional();
    }
    entries[size++] = {key, value};
  }
  return checked_map(frame, node, entries.first(size));
}

Value run_bind(const Node& node, Frame& frame) {
  for (std::uint32_t i = 0; i + 1 < node.count; ++i) {
    frame.locals[node.slot + i] = run(*node.items[i], frame);
  }
  return run(*node.items[node.count - 1], frame);
}

Value run_failure(const Node& node, Frame& frame) {
  return fail(frame, node, ErrorCode::kNoSuchOverload, "error.unchecked", {node.name});
}

}  // namespace patuh::expr
