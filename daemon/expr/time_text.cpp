// The texts of timestamps and durations.
#include <algorithm>

#include "expr/calendar.h"
#include "expr/numbers.h"
#include "expr/wide.h"

namespace patuh::expr {
namespace {

// The digits behind a decimal point as nanoseconds.
std::uint32_t nanos_of(std::string_view digits) {
  std::uint32_t nanos = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanos = nanos * 10 + (i < digits.size() ? static_cast<std::uint32_t>(digits[i] - '0') : 0U);
  }
  return nanos;
}

std::string fraction_text(std::uint32_t nanos) {
  if (nanos == 0) return {};
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return "." + digits;
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
// The longer name of two that begin alike comes first.
constexpr std::array<Unit, 8> kUnits = {{{"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"µs", 1'000},
                                         {"μs", 1'000},
                                         {"ns", 1},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000}}};

std::string_view take_digits(std::string_view& text) {
  const std::size_t count =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// One "1.5h" from the front of `text`; nothing when malformed. Too large values saturate.
std::optional<Wide> take_component(std::string_view& text) {
  constexpr Wide kSaturated = Wide{1} << 100;
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto unit =
      std::ranges::find_if(kUnits, [&](const Unit& u) { return text.starts_with(u.name); });
  if (unit == kUnits.end()) return std::nullopt;
  text.remove_prefix(unit->name.size());
  if (whole.size() > 20) return kSaturated;
  Wide value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  return value * unit->nanos + Wide{nanos_of(fraction)} * unit->nanos / kNanosPerSecond;
}

}  // namespace

bool duration_in_range(std::int64_t seconds, std::uint32_t nanos) {
  const Wide total = Wide{seconds} * kNanosPerSecond + nanos;
  return total >= INT64_MIN && total <= INT64_MAX;
}

Parsed parse_timestamp(std::string_view text) {
  const auto instant = base::from_rfc3339(text);
  if (!instant) return {.value = {}, .malformed = true};
  const std::size_t point = text.find('.');
  std::string_view digits;
  if (point != std::string_view::npos) {
    std::string_view rest = text.substr(point + 1);
    digits = take_digits(rest);
  }
  const Value cut = Value::timestamp(*instant);
  if (!timestamp_in_range(cut.seconds())) return {};
  return {.value = Value::timestamp(cut.seconds(), nanos_of(digits))};
}

Parsed parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return {.value = Value::duration(0, 0)};
  if (text.empty()) return {.value = {}, .malformed = true};
  Wide total = 0;
  while (!text.empty()) {
    const std::optional<Wide> component = take_component(text);
    if (!component) return {.value = {}, .malformed = true};
    total = std::min(total + *component, Wide{1} << 100);
  }
  if (negative) total = -total;
  if (total < INT64_MIN || total > INT64_MAX) return {};
  return {.value = duration_of(total)};
}

std::string timestamp_text(const Value& value) {
  std::string text = base::to_rfc3339(base::Instant{std::chrono::seconds{value.seconds()}});
  text.insert(text.size() - 1, fraction_text(value.nanos()));
  return text;
}

std::string duration_text(const Value& value) {
  const Wide total = nanos_of(value);
  const bool negative = total < 0;
  const Wide size = negative ? -total : total;
  return (negative ? "-" : "") + std::to_string(static_cast<std::int64_t>(size / kNanosPerSecond)) +
         fraction_text(static_cast<std::uint32_t>(size % kNanosPerSecond)) + "s";
}

}  // namespace patuh::expr
