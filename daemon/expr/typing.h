// Rules about types: what fits where, what can be compared.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/expr.h"

namespace patuh::expr {

// Whether a value of `actual` may stand where `wanted` is asked for. dyn fits on both sides.
bool fits(const Type& actual, const Type& wanted);
// The type of a value that is one of two; dyn when they differ. A null takes the other's.
Type join_types(const Type& a, const Type& b);
// Whether == can ever be true of two values that are not null.
bool may_be_equal(const Type& a, const Type& b);
// Whether < is defined.
bool may_be_ordered(const Type& a, const Type& b);
Type type_of_value(const Value& value);

// Reading of LibraryFunction's signatures.
bool signature_fits(std::string_view signature, std::span<const Argument> arguments);
struct ParameterCount {
  std::size_t min;
  std::size_t max;
};
ParameterCount signature_size(std::string_view signature);
Type signature_result(std::string_view signature, std::span<const Argument> arguments);
std::string signature_text(std::string_view signature);  // "string, string"

// What the language itself calls a type: "list", "null_type", "google.protobuf.Timestamp".
std::string cel_name(const Type& type);

// The type of `a op b` for + − * / %; nothing when there is no such operation.
std::optional<Type> arithmetic_type(std::string_view op, const Type& a, const Type& b);

}  // namespace patuh::expr
