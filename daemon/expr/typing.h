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
std::size_t signature_size(std::string_view signature);  // number of parameters
Type signature_result(std::string_view signature);
std::string signature_text(std::string_view signature);  // "string, string"

// The type of `a op b` for + − * / %; nothing when there is no such operation.
std::optional<Type> arithmetic_type(std::string_view op, const Type& a, const Type& b);

}  // namespace patuh::expr
