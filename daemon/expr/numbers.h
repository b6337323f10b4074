// Comparison of numbers of different kinds, and how numbers read as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expr/expr.h"

namespace patuh::expr {

inline constexpr int kUnordered = 2;  // one side is not a number (NaN)

// −1, 0, 1 by exact value; kUnordered. For sorting: a total order but for NaN.
int compare_numbers(const Value& a, const Value& b);
// What the operators say of an int, uint or double beside another: against a double, a whole
// number within its type's range is rounded to double first, as CEL has it.
int relate_numbers(const Value& a, const Value& b);

// Up to here (exclusive) whole numbers are doubles without rounding, and both orders agree.
inline constexpr double kExactWholeMax = 0x1p53;
bool is_exact(const Value& number);  // a number of less than that

// equals(), taking a unit of `budget` for each pair of items and 64 bytes of text; nothing when
// that does not suffice, with the budget spent.
std::optional<bool> equals_within(const Value& a, const Value& b, std::uint64_t& budget);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
// The shortest text that reads back as the same number: 1.5, 1e+06, NaN, +Inf.
std::string double_text(double value);
// Decimal notation with or without exponent, also NaN and infinities; nothing when it is none.
// Too large gives an infinity, too small 0.
std::optional<double> parse_double(std::string_view text);

}  // namespace patuh::expr
