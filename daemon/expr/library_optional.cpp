// Optional values.
#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/library_extensions.h"

namespace patuh::expr {
namespace native {
namespace {

// What "nothing in it" means to ofNonZeroValue().
bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return !value.as_bool();
    case Kind::kInt:
      return value.as_int() == 0;
    case Kind::kUint:
      return value.as_uint() == 0;
    case Kind::kDouble:
      return value.as_double() == 0;
    case Kind::kBytes:
      return value.as_bytes().empty();
    case Kind::kTimestamp:
    case Kind::kDuration:
      return value.seconds() == 0 && value.nanos() == 0;
    default:
      return !is_filled(value);
  }
}

}  // namespace

Value optional_of(Frame& frame, const Node& /*site*/, const Value* arguments) {
  return patuh::expr::optional_of(frame, arguments[0]);
}

Value optional_none(Frame& /*frame*/, const Node& /*site*/, const Value* /*arguments*/) {
  return Value::optional(nullptr);
}

Value optional_of_non_zero(Frame& frame, const Node& /*site*/, const Value* arguments) {
  if (is_zero(arguments[0])) return Value::optional(nullptr);
  return patuh::expr::optional_of(frame, arguments[0]);
}

Value optional_has_value(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kOptional) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  return Value::boolean(arguments[0].as_optional() != nullptr);
}

Value optional_value(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kOptional) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  if (arguments[0].as_optional() != nullptr) return *arguments[0].as_optional();
  return fail(frame, site, ErrorCode::kInvalidArgument, "error.no_optional");
}

// The values that are held, in their order.
Resolved resolve_unwrap(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  if (arguments[0].type.of() != Type::Of::kList) return resolved;
  const Type& item = arguments[0].type.parameter(0);
  if (item.of() == Type::Of::kOptional || item.of() == Type::Of::kDyn) return resolved;
  resolved.error = "the list holds " + item.text() + ", no optional values";
  resolved.hint = "[optional.of(1), optional.none()].unwrapOpt()";
  return resolved;
}

Value optional_unwrap(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const ListRep& list = arguments[0].as_list();
  if (!frame.charge(list.size)) return fail_budget(frame, site);
  auto items = frame.arena().make_array<Value>(list.size);
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const Value optional = item(list, i);
    if (optional.kind() != Kind::kOptional) return fail_overload(frame, site, site.name, optional);
    if (optional.as_optional() != nullptr) items[size++] = *optional.as_optional();
  }
  return Value::list(frame.arena().make(ListRep{size, items.data(), nullptr}));
}

Value first(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const ListRep& list = arguments[0].as_list();
  return list.size == 0 ? Value::optional(nullptr) : patuh::expr::optional_of(frame, item(list, 0));
}

Value last(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const ListRep& list = arguments[0].as_list();
  return list.size == 0 ? Value::optional(nullptr)
                        : patuh::expr::optional_of(frame, item(list, list.size - 1));
}

}  // namespace native

// The second operand of both is evaluated only when the first holds nothing.
Value run_optional_or(const Node& node, Frame& frame) {
  const Value value = run(*node.items[0], frame);
  if (value.kind() != Kind::kOptional) return fail_overload(frame, *node.items[0], "or", value);
  if (value.as_optional() != nullptr) return value;
  const Value other = run(*node.items[1], frame);
  if (other.kind() == Kind::kOptional) return other;
  return fail_overload(frame, *node.items[1], "or", other);
}

Value run_optional_or_value(const Node& node, Frame& frame) {
  const Value value = run(*node.items[0], frame);
  if (value.kind() != Kind::kOptional) {
    return fail_overload(frame, *node.items[0], "orValue", value);
  }
  return value.as_optional() != nullptr ? *value.as_optional() : run(*node.items[1], frame);
}

}  // namespace patuh::expr
