// Exact comparison of numbers of different kinds, and how numbers read as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expr/expr.h"

namespace patuh::expr {

inline constexpr int kUnordered = 2;  // one side is not a number (NaN)

// −1, 0, 1 by value, without rounding; kUnordered. compare_numbers takes int, uint and double.
int compare_int_uint(std::int64_t a, std::uint64_t b);
int compare_int_double(std::int64_t a, double b);
int compare_uint_double(std::uint64_t a, double b);
int compare_doubles(double a, double b);
int compare_numbers(const Value& a, const Value& b);

// The shortest text that reads back as the same number: 1.5, 1e+06, NaN, +Inf.
std::string double_text(double value);
// Decimal notation with or without exponent, also NaN and infinities; nothing when it is none.
// Too large gives an infinity, too small 0.
std::optional<double> parse_double(std::string_view text);

}  // namespace patuh::expr
