#include "expr/calendar.h"
#include "expr/numbers.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace patuh::expr {
namespace {

static_assert(sizeof(absl::TimeZone) == sizeof(void*));
static_assert(std::is_trivially_copyable_v<absl::TimeZone>);

// A null handle is UTC in Abseil too.
absl::TimeZone native(const std::array<unsigned char, sizeof(void*)>& rep) {
  return std::bit_cast<absl::TimeZone>(rep);
}

// "+07:00", "-02:30", "07:00" in seconds east of Greenwich.
std::optional<int> parse_offset(std::string_view text) {
  int sign = 1;
  if (text.starts_with('+') || text.starts_with('-')) {
    sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

// The first instant at which the zone's clocks show `civil` or, when they skip it, something later.
std::int64_t start(const absl::TimeZone& zone, absl::CivilSecond civil) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixSeconds(skipped ? info.trans : info.pre);
}

// Cuts `span` at changes of the zone's offset, where clocks jump.
Seconds within_offset(const absl::TimeZone& zone, std::int64_t seconds, Seconds span) {
  const absl::Time at = absl::FromUnixSeconds(seconds);
  absl::TimeZone::CivilTransition change;
  if (zone.NextTransition(at, &change)) {
    span.end = std::min(span.end, absl::ToUnixSeconds(zone.At(change.to).trans));
  }
  if (zone.PrevTransition(absl::FromUnixSeconds(seconds + 1), &change)) {
    span.begin = std::max(span.begin, absl::ToUnixSeconds(zone.At(change.to).trans));
  }
  return span;
}

template <class Civil>
Seconds civil_span(const absl::TimeZone& zone, std::int64_t seconds, Civil begin, Civil end) {
  return within_offset(
      zone, seconds, {start(zone, absl::CivilSecond(begin)), start(zone, absl::CivilSecond(end))});
}

absl::CivilMonth start_of(absl::CivilMonth month, Period period) {
  if (period == Period::kYear) return absl::CivilMonth(month.year(), 1);
  if (period == Period::kMonth) return month;
  return absl::CivilMonth(month.year(), (month.month() - 1) / 3 * 3 + 1);
}

int months_in(Period period) {
  return period == Period::kYear ? 12 : (period == Period::kQuarter ? 3 : 1);
}

// Asked first, for the loader keeps every name that it was ever given, and opens any file.
bool is_installed(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  });
  if (name.empty() || name.size() > kNameBytesMax || !plain || name.front() == '/') return false;
  if (name == "UTC") return true;
  // What lies beside the zones: the machine's own, and tables that count leap seconds.
  static constexpr std::array<std::string_view, 4> kOthers = {"localtime", "posixrules", "posix/",
                                                              "right/"};
  if (std::ranges::any_of(kOthers, [&](std::string_view other) { return name.starts_with(other); }))
    return false;
  const char* const told = std::getenv("TZDIR");
  const std::filesystem::path folder = told != nullptr ? told : "/usr/share/zoneinfo";
  std::error_code error;
  return std::filesystem::is_regular_file(folder / name, error);
}

}  // namespace

std::optional<Period> period_of(std::string_view name) {
  if (name == "month") return Period::kMonth;
  if (name == "quarter") return Period::kQuarter;
  if (name == "year") return Period::kYear;
  return std::nullopt;
}

std::optional<Zone> Zone::find(std::string_view name) {
  absl::TimeZone zone;
  if (const std::optional<int> offset = parse_offset(name)) {
    zone = absl::FixedTimeZone(*offset);
  } else if (!is_installed(name) || !absl::LoadTimeZone(std::string(name), &zone)) {
    return std::nullopt;
  }
  Zone found;
  found.rep_ = std::bit_cast<decltype(found.rep_)>(zone);
  return found;
}

std::int64_t Zone::part(std::int64_t seconds, Part part) const {
  const absl::CivilSecond civil = native(rep_).At(absl::FromUnixSeconds(seconds)).cs;
  const absl::CivilDay day(civil);
  switch (part) {
    case Part::kYear:
      return civil.year();
    case Part::kMonth:
      return civil.month() - 1;
    case Part::kDayOfYear:
      return absl::GetYearDay(day) - 1;
    case Part::kDayOfMonth:
      return civil.day() - 1;
    case Part::kDate:
      return civil.day();
    case Part::kDayOfWeek:
      return (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
    case Part::kHour:
      return civil.hour();
    case Part::kMinute:
      return civil.minute();
    case Part::kSecond:
      return civil.second();
  }
  return 0;
}

Seconds Zone::span_of(std::int64_t seconds, Part part) const {
  const absl::TimeZone zone = native(rep_);
  const absl::CivilSecond civil = zone.At(absl::FromUnixSeconds(seconds)).cs;
  const auto span = [&](auto unit) { return civil_span(zone, seconds, unit, unit + 1); };
  switch (part) {
    case Part::kYear:
      return span(absl::CivilYear(civil));
    case Part::kMonth:
      return span(absl::CivilMonth(civil));
    case Part::kHour:
      return span(absl::CivilHour(civil));
    case Part::kMinute:
      return span(absl::CivilMinute(civil));
    case Part::kSecond:
      return {seconds, seconds + 1};
    default:
      return span(absl::CivilDay(civil));
  }
}

Seconds Zone::span_of(std::int64_t seconds, Period period) const {
  const absl::TimeZone zone = native(rep_);
  const absl::CivilMonth month(zone.At(absl::FromUnixSeconds(seconds)).cs);
  const absl::CivilMonth begin = start_of(month, period);
  return {start(zone, absl::CivilSecond(begin)),
          start(zone, absl::CivilSecond(begin + months_in(period)))};
}

std::int64_t Zone::add_months(std::int64_t seconds, std::int64_t months) const {
  const absl::TimeZone zone = native(rep_);
  const absl::CivilSecond civil = zone.At(absl::FromUnixSeconds(seconds)).cs;
  const absl::CivilMonth target = absl::CivilMonth(civil) + months;
  const absl::CivilDay last = absl::CivilDay(target + 1) - 1;
  const int day = std::min(civil.day(), last.day());
  return start(zone, absl::CivilSecond(target.year(), target.month(), day, civil.hour(),
                                       civil.minute(), civil.second()));
}

bool timestamp_in_range(std::int64_t seconds) {
  return seconds >= kTimestampSecondsMin && seconds <= kTimestampSecondsMax;
}

}  // namespace patuh::expr
