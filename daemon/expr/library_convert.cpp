// Conversions between kinds, size, type.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/library.h"
#include "expr/numbers.h"

namespace patuh::expr::native {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

const Type* type_of(Kind kind) {
  static const std::array<Type, 13> kTypes = {Type::null(),
                                              Type::boolean(),
                                              Type::integer(),
                                              Type::unsigned_integer(),
                                              Type::number(),
                                              Type::string(),
                                              Type::bytes(),
                                              Type::timestamp(),
                                              Type::duration(),
                                              Type::list(Type::dyn()),
                                              Type::map(Type::dyn(), Type::dyn()),
                                              Type::type(),
                                              Type::object("*")};
  static const Type kOptionalType = Type::optional(Type::dyn());
  if (kind == Kind::kOptional) return &kOptionalType;
  PATUH_ASSERT(static_cast<std::size_t>(kind) < kTypes.size());
  return &kTypes[static_cast<std::size_t>(kind)];
}

}  // namespace

Value size(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  switch (value.kind()) {
    case Kind::kString:
      return Value::integer(code_points(value.as_string()));
    case Kind::kBytes:
      return Value::integer(static_cast<std::int64_t>(value.as_bytes().size()));
    case Kind::kList:
      return Value::integer(value.as_list().size);
    case Kind::kMap:
      return Value::integer(value.as_map().size);
    default:
      return fail_overload(frame, site, "size", value);
  }
}

Value filled(Frame& frame, const Node& /*site*/, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() != Kind::kObject) return Value::boolean(is_filled(value));
  return Value::boolean(frame.host.known(frame.context, value));
}

Value type(Frame& /*frame*/, const Node& /*site*/, const Value* arguments) {
  return Value::type(type_of(arguments[0].kind()));
}

Value dyn(Frame& /*frame*/, const Node& /*site*/, const Value* arguments) { return arguments[0]; }

Value to_bool(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() == Kind::kBool) return arguments[0];
  if (arguments[0].kind() != Kind::kString) {
    return fail_overload(frame, site, "bool", arguments[0]);
  }
  static constexpr std::array<std::string_view, 5> kTrue = {"1", "t", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 5> kFalse = {"0", "f", "false", "FALSE", "False"};
  const std::string_view text = arguments[0].as_string();
  if (std::ranges::find(kTrue, text) != kTrue.end()) return Value::boolean(true);
  if (std::ranges::find(kFalse, text) != kFalse.end()) return Value::boolean(false);
  return fail_invalid(frame, site, "error.not_bool");
}

Value to_bytes(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() == Kind::kBytes) return arguments[0];
  if (arguments[0].kind() == Kind::kString) return Value::bytes(arguments[0].as_string());
  return fail_overload(frame, site, "bytes", arguments[0]);
}

Value to_double(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  if (value.kind() == Kind::kDouble) return value;
  if (value.kind() == Kind::kInt) return Value::number(static_cast<double>(value.as_int()));
  if (value.kind() == Kind::kUint) return Value::number(static_cast<double>(value.as_uint()));
  if (value.kind() != Kind::kString) return fail_overload(frame, site, "double", value);
  const std::optional<double> parsed = parse_double(value.as_string());
  return parsed ? Value::number(*parsed) : fail_invalid(frame, site, "error.not_double");
}

Value to_int(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  if (value.kind() == Kind::kInt) return value;
  if (value.kind() == Kind::kTimestamp) return Value::integer(value.seconds());
  if (value.kind() == Kind::kUint) {
    if (value.as_uint() > INT64_MAX) return fail_too_large(frame, site);
    return Value::integer(static_cast<std::int64_t>(value.as_uint()));
  }
  if (value.kind() == Kind::kDouble) {
    // −2^63 itself is left out: so many doubles round to it that it says nothing.
    const double number = value.as_double();
    if (!(number > -0x1p63 && number < 0x1p63)) return fail_too_large(frame, site);
    return Value::integer(static_cast<std::int64_t>(number));
  }
  if (value.kind() != Kind::kString) return fail_overload(frame, site, "int", value);
  const auto parsed = parse_whole<std::int64_t>(value.as_string());
  return parsed ? Value::integer(*parsed) : fail_invalid(frame, site, "error.not_int");
}

Value to_uint(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  if (value.kind() == Kind::kUint) return value;
  if (value.kind() == Kind::kInt) {
    if (value.as_int() < 0) return fail_too_large(frame, site);
    return Value::unsigned_integer(static_cast<std::uint64_t>(value.as_int()));
  }
  if (value.kind() == Kind::kDouble) {
    const double number = value.as_double();
    if (!(number >= 0 && number < 0x1p64)) return fail_too_large(frame, site);
    return Value::unsigned_integer(static_cast<std::uint64_t>(number));
  }
  if (value.kind() != Kind::kString) return fail_overload(frame, site, "uint", value);
  const auto parsed = parse_whole<std::uint64_t>(value.as_string());
  return parsed ? Value::unsigned_integer(*parsed) : fail_invalid(frame, site, "error.not_uint");
}

Value to_string(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  const auto text = [&](const std::string& made) {
    return Value::string(frame.arena().copy(made));
  };
  switch (value.kind()) {
    case Kind::kString:
      return value;
    case Kind::kBool:
      return Value::string(value.as_bool() ? "true" : "false");
    case Kind::kInt:
      return text(std::to_string(value.as_int()));
    case Kind::kUint:
      return text(std::to_string(value.as_uint()));
    case Kind::kDouble:
      return text(double_text(value.as_double()));
    case Kind::kBytes:
      if (!base::is_utf8(value.as_bytes())) return fail_invalid(frame, site, "error.not_utf8");
      return Value::string(value.as_bytes());
    case Kind::kTimestamp:
      return text(timestamp_text(value));
    case Kind::kDuration:
      return text(duration_text(value));
    default:
      return fail_overload(frame, site, "string", value);
  }
}

}  // namespace patuh::expr::native
