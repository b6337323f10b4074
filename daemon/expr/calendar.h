// Civil time in a zone, and the texts of timestamps and durations. The only includer of Abseil's
// time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expr/expr.h"

namespace patuh::expr {

// Half-open range of seconds since 1970.
struct Seconds {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

enum class Part : std::uint8_t {
  kYear,
  kMonth,       // 0..11
  kDayOfYear,   // 0..365
  kDayOfMonth,  // 0..30
  kDate,        // 1..31
  kDayOfWeek,   // Sunday is 0
  kHour,
  kMinute,
  kSecond,
};

enum class Period : std::uint8_t { kMonth, kQuarter, kYear };
std::optional<Period> period_of(std::string_view name);

// A time zone: a cheap handle on data that lives as long as the process. UTC by default. The first
// find() of a name reads a file.
class Zone {
 public:
  Zone() = default;
  // An IANA name, or a fixed offset as "+07:00", "07:00", "-02:30". Nothing when there is none.
  static std::optional<Zone> find(std::string_view name);

  std::int64_t part(std::int64_t seconds, Part part) const;
  // The longest range around `seconds` known to hold no change of that part.
  Seconds span_of(std::int64_t seconds, Part part) const;
  Seconds span_of(std::int64_t seconds, Period period) const;
  // The same civil time `months` later, the day cut to the month's last.
  std::int64_t add_months(std::int64_t seconds, std::int64_t months) const;

 private:
  std::array<unsigned char, sizeof(void*)> rep_{};  // an absl::TimeZone
};

inline constexpr std::int64_t kTimestampSecondsMin = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr std::int64_t kTimestampSecondsMax = 253402300799;  // 9999-12-31T23:59:59Z
inline constexpr std::int64_t kDurationSecondsMax = INT64_MAX / 1'000'000'000;  // about 292 years
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

bool timestamp_in_range(std::int64_t seconds);
// The whole duration fits 64 bits of nanoseconds.
bool duration_in_range(std::int64_t seconds, std::uint32_t nanos);

struct Parsed {
  Value value;
  bool malformed = false;  // else a null value means out of range
};
// RFC 3339 with up to nine digits of a second.
Parsed parse_timestamp(std::string_view text);
// "1h30m", "-1.5s", "0": units h, m, s, ms, us, µs, ns.
Parsed parse_duration(std::string_view text);
std::string timestamp_text(const Value& value);  // RFC 3339 in UTC
std::string duration_text(const Value& value);   // seconds: "90s", "-1.5s"

}  // namespace patuh::expr
