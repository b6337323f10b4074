#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "text/text.h"

namespace patuh::text {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

std::string month_key(std::chrono::month month, std::string_view form) {
  const auto number = static_cast<unsigned>(month);
  return std::string(form) + (number < 10 ? "0" : "") + std::to_string(number);
}

std::string day_with(Lang lang, Day day, std::string_view form) {
  return std::to_string(static_cast<unsigned>(day.day())) + " " +
         of(lang, month_key(day.month(), form)) + " " +
         std::to_string(static_cast<int>(day.year()));
}

std::string two_digits(std::int32_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

// "1234567" → "1.234.567"
std::string grouped(std::string_view digits, char group) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += group;
    out += digits[i];
  }
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "en-GB;q=0.8" → ("en-GB", 800); a weight that is none counts as 0.
struct Wish {
  std::string_view tag;
  int weight = 1000;
};
Wish wish_of(std::string_view part) {
  Wish wish{trimmed(part.substr(0, part.find(';')))};
  const std::size_t at = part.find("q=");
  if (at == std::string_view::npos) return wish;
  const std::string_view number = trimmed(part.substr(at + 2));
  double weight = 0;
  std::from_chars(number.data(), number.data() + number.size(), weight);
  wish.weight = std::isfinite(weight) ? static_cast<int>(std::clamp(weight, 0.0, 1.0) * 1000) : 0;
  return wish;
}

}  // namespace

std::optional<Lang> lang_of(std::string_view tag) {
  std::string primary;
  for (const char c : tag.substr(0, tag.find_first_of("-_"))) primary += lower(c);
  if (primary == "id" || primary == "in") return Lang::kIndonesian;  // "in" is the older code
  if (primary == "en") return Lang::kEnglish;
  return std::nullopt;
}

Lang preferred_lang(std::string_view accept_language) {
  Lang best = Lang::kIndonesian;
  int best_weight = 0;
  while (!accept_language.empty()) {
    const std::size_t comma = accept_language.find(',');
    const Wish wish = wish_of(accept_language.substr(0, comma));
    const std::optional<Lang> lang = lang_of(wish.tag);
    if (lang && wish.weight > best_weight) {
      best = *lang;
      best_weight = wish.weight;
    }
    if (comma == std::string_view::npos) break;
    accept_language.remove_prefix(comma + 1);
  }
  return best;
}

std::string day_in(Lang lang, Day day) { return day_with(lang, day, "month.long."); }

std::string day_short_in(Lang lang, Day day) { return day_with(lang, day, "month.short."); }

std::string month_in(Lang lang, Month month) {
  return of(lang, month_key(month.month(), "month.long.")) + " " +
         std::to_string(static_cast<int>(month.year()));
}

std::string time_in(Lang lang, const Zone& zone, base::Instant instant) {
  const CivilTime civil = zone.civil(instant);
  return day_short_in(lang, civil.day) + " " + two_digits(civil.hour) +
         (lang == Lang::kIndonesian ? "." : ":") + two_digits(civil.minute) + " " +
         civil.abbreviation;
}

std::string number_in(Lang lang, double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::fixed, decimals)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t point = text.find('.');
  const bool indonesian = lang == Lang::kIndonesian;
  std::string out = grouped(text.substr(0, point), indonesian ? '.' : ',');
  if (point != std::string_view::npos) {
    out += indonesian ? ',' : '.';
    out += text.substr(point + 1);
  }
  const bool zero = text.find_first_not_of("0.") == std::string_view::npos;
  return std::signbit(value) && !zero ? "-" + out : out;
}

std::string number_in(Lang lang, std::int64_t value) {
  const std::string text = std::to_string(value);
  const bool negative = value < 0;
  const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  return (negative ? "-" : "") + grouped(digits, lang == Lang::kIndonesian ? '.' : ',');
}

std::string span_in(Lang lang, base::Duration span) {
  const base::Duration size = span < base::Duration::zero() ? -span : span;
  std::string_view unit = "minute";
  std::int64_t count = std::chrono::duration_cast<minutes>(size).count();
  if (size >= days(1)) {
    unit = "day";
    count = std::chrono::duration_cast<days>(size).count();
  } else if (size >= hours(1)) {
    unit = "hour";
    count = std::chrono::duration_cast<hours>(size).count();
  }
  const std::string key = "span." + std::string(unit) + (count == 1 ? ".one" : ".many");
  return of(lang, key, {number_in(lang, count)});
}

}  // namespace patuh::text
