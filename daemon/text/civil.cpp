#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <charconv>
#include <cstdlib>
#include <fstream>

#include "text/text.h"

namespace patuh::text {

struct Zone::Impl {
  std::string name;
  absl::TimeZone zone;
};

namespace {

using std::chrono::microseconds;

absl::CivilDay civil_day(Day day) {
  PATUH_ASSERT(day.ok());
  return absl::CivilDay(static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                        static_cast<unsigned>(day.day()));
}

base::Instant to_instant(absl::Time time) {
  return base::Instant(microseconds(absl::ToUnixMicros(time)));
}

absl::Time to_time(base::Instant instant) {
  return absl::FromUnixMicros(instant.time_since_epoch().count());
}

// When a day begins: at midnight, or at the end of the gap that swallows midnight. Of a midnight
// that comes twice the first.
base::Instant start_of(absl::CivilSecond civil, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return to_instant(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
}

// "+07:00" → 25200 s; the form only.
std::optional<int> fixed_offset_s(std::string_view name) {
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  const char* const begin = name.data();
  if (std::from_chars(begin + 1, begin + 3, hours).ptr != begin + 3) return std::nullopt;
  if (std::from_chars(begin + 4, begin + 6, minutes).ptr != begin + 6) return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int offset = (hours * 60 + minutes) * 60;
  return name[0] == '-' ? -offset : offset;
}

// Digits only, all of them, without a sign.
std::optional<unsigned> digits_of(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::string padded(unsigned value, std::size_t digits) {
  const std::string text = std::to_string(value);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

base::Result<Zone> zone(std::string_view name) {
  auto impl = std::make_shared<Zone::Impl>();
  impl->name = std::string(name);
  if (const std::optional<int> offset = fixed_offset_s(name)) {
    impl->zone = absl::FixedTimeZone(*offset);
    return Zone(std::move(impl));
  }
  // The zone library also takes paths and its own spellings of offsets; neither is a zone's name.
  const bool plain = !name.empty() && name[0] != '/' && name[0] != '.' && name[0] != ':' &&
                     !name.starts_with("Fixed/") && name != "localtime";
  if (!plain || !absl::LoadTimeZone(impl->name, &impl->zone)) {
    return base::fail(
        base::Code::kNotFound,
        "time zone '" + impl->name + "' is not known; is the package tzdata installed?");
  }
  return Zone(std::move(impl));
}

Zone utc() {
  return Zone(std::make_shared<const Zone::Impl>(Zone::Impl{"UTC", absl::UTCTimeZone()}));
}

std::string zone_data_version() {
  const char* const folder = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe)
  const std::string base = folder != nullptr ? folder : "/usr/share/zoneinfo";
  std::ifstream file(base + "/tzdata.zi");
  std::string line;
  static constexpr std::string_view kHead = "# version ";
  if (!std::getline(file, line) || !line.starts_with(kHead)) return "";
  return line.substr(kHead.size());
}

const std::string& Zone::name() const { return impl_->name; }

base::Instant Zone::first_of(Day day) const {
  return start_of(absl::CivilSecond(civil_day(day)), impl_->zone);
}

base::Instant Zone::last_of(Day day) const {
  return start_of(absl::CivilSecond(civil_day(day) + 1), impl_->zone) - microseconds(1);
}

base::Instant Zone::first_of(Month month) const { return first_of(month / std::chrono::day(1)); }

CivilTime Zone::civil(base::Instant instant) const {
  const absl::TimeZone::CivilInfo info = impl_->zone.At(to_time(instant));
  const absl::CivilSecond& at = info.cs;
  CivilTime out;
  out.day = Day(std::chrono::year(static_cast<int>(at.year())),
                std::chrono::month(static_cast<unsigned>(at.month())),
                std::chrono::day(static_cast<unsigned>(at.day())));
  out.hour = at.hour();
  out.minute = at.minute();
  out.second = at.second();
  out.microsecond = static_cast<std::int32_t>(absl::ToInt64Microseconds(info.subsecond));
  out.day_of_year = absl::GetYearDay(at) - 1;
  out.weekday =
      (static_cast<int>(absl::GetWeekday(at)) + 1) % 7;  // the library's week starts on Monday
  out.offset_s = info.offset;
  out.abbreviation = info.zone_abbr;
  return out;
}

base::Instant Zone::instant(const CivilTime& civil) const {
  const absl::CivilDay day = civil_day(civil.day);
  const absl::CivilSecond at(day.year(), day.month(), day.day(), civil.hour, civil.minute,
                             civil.second);
  return to_instant(impl_->zone.At(at).pre) + microseconds(civil.microsecond);
}

Day Zone::day_of(base::Instant instant) const { return civil(instant).day; }

Month Zone::month_of(base::Instant instant) const {
  const Day day = day_of(instant);
  return day.year() / day.month();
}

base::Result<Day> parse_day(std::string_view text) {
  const auto wrong = [&] {
    return base::fail(base::Code::kInvalid,
                      "'" + std::string(text) + "' is not a day of the form YYYY-MM-DD");
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong();
  const auto year = digits_of(text.substr(0, 4));
  const auto month = digits_of(text.substr(5, 2));
  const auto day = digits_of(text.substr(8, 2));
  if (!year || !month || !day || *year == 0) return wrong();
  const Day found{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                  std::chrono::day(*day)};
  if (!found.ok()) return wrong();
  return found;
}

base::Result<Month> parse_month(std::string_view text) {
  const base::Result<Day> first = parse_day(std::string(text) + "-01");
  if (text.size() != 7 || !first) {
    return base::fail(base::Code::kInvalid,
                      "'" + std::string(text) + "' is not a month of the form YYYY-MM");
  }
  return first->year() / first->month();
}

std::string to_text(Month month) {
  return padded(static_cast<unsigned>(static_cast<int>(month.year())), 4) + "-" +
         padded(static_cast<unsigned>(month.month()), 2);
}

std::string to_text(Day day) {
  return to_text(day.year() / day.month()) + "-" + padded(static_cast<unsigned>(day.day()), 2);
}

}  // namespace patuh::text
