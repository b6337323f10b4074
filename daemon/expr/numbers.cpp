#include "expr/numbers.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace patuh::expr {
namespace {

// from_chars leaves out of range undecided; a wider type tells too large from too small.
double beyond_range(std::string_view text) {
  long double wide = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), wide);
  if (error == std::errc()) return static_cast<double>(wide);
  const std::size_t exponent = text.find_first_of("eE");
  const bool small = exponent != std::string_view::npos && text.substr(exponent + 1, 1) == "-";
  const double size = small ? 0.0 : std::numeric_limits<double>::infinity();
  return text.starts_with('-') ? -size : size;
}

std::optional<double> parse_special(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN" || text == "nan") return std::numeric_limits<double>::quiet_NaN();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "Inf" || text == "inf" || text == "Infinity" || text == "infinity") {
    return negative ? -kInfinity : kInfinity;
  }
  return std::nullopt;
}

}  // namespace

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> buffer{};
  const double size = std::fabs(value);
  const bool plain = value == 0 || (size >= 1e-4 && size < 1e21);
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  PATUH_ASSERT(error == std::errc());
  return {buffer.data(), end};
}

std::optional<double> parse_double(std::string_view text) {
  if (const auto special = parse_special(text)) return special;
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  if (first >= text.size() || (text[first] != '.' && (text[first] < '0' || text[first] > '9'))) {
    return std::nullopt;
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (stop != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return beyond_range(text);
  if (error != std::errc()) return std::nullopt;
  return value;
}

bool is_exact(const Value& v) {
  if (v.kind() == Kind::kInt) return std::fabs(static_cast<double>(v.as_int())) < kExactWholeMax;
  if (v.kind() == Kind::kUint) return static_cast<double>(v.as_uint()) < kExactWholeMax;
  return v.kind() == Kind::kDouble && std::fabs(v.as_double()) < kExactWholeMax;
}

}  // namespace patuh::expr
