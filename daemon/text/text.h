// text: the one door to languages and time zones. Civil days and months of an instant, dates and
// numbers as people write them, and the catalogue of every sentence that the programs show.
//
// It knows nothing of elements or rules; texts that a pack brings are the pack's own. The system's
// zone data (tzdata) is read once a zone; nothing else is read or owned.
//
//   auto jakarta = text::zone("Asia/Jakarta");
//   base::Instant ends = jakarta->last_of(2026y / 11 / 24);         // …T16:59:59.999999Z
//   text::of(Lang::kEnglish, "report.page", {"2", "7"});            // "page 2 of 7"
//
// Threads: everything may be used from any thread. Load zones before threads are started (the zone
// library's first load is not understood by the thread sanitizer).
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/base.h"

namespace patuh::text {

// ── Civil time ──────────────────────────────────────────────────────────────────────────────────

using Day = std::chrono::year_month_day;
using Month = std::chrono::year_month;

// An instant on the wall clock of a zone.
struct CivilTime {
  Day day;
  std::int32_t hour = 0, minute = 0, second = 0;
  std::int32_t microsecond = 0;
  std::int32_t day_of_year = 0;  // from 0
  std::int32_t weekday = 0;      // 0 = Sunday
  std::int32_t offset_s = 0;     // east of UTC, in seconds
  std::string abbreviation;      // "WIB"
};

// A time zone; copies share what was loaded.
class Zone {
 public:
  const std::string& name() const;

  // First instant of a day: 00:00, or the first that exists where a change skips it. For years 1 to
  // 9999.
  base::Instant first_of(Day day) const;
  // Last microsecond of a day.
  base::Instant last_of(Day day) const;
  // First instant of a month; `month + std::chrono::months(1)` is the next.
  base::Instant first_of(Month month) const;

  CivilTime civil(base::Instant instant) const;
  // Of a wall-clock time that a change skips or repeats, the instant by the offset before the
  // change. Uses day, hour, minute, second, microsecond; a day beyond its month's end is asserted
  // out.
  base::Instant instant(const CivilTime& civil) const;
  Day day_of(base::Instant instant) const;
  Month month_of(base::Instant instant) const;

  struct Impl;
  explicit Zone(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// An IANA name ("Asia/Jakarta", "UTC") or a fixed offset ("+07:00", "-03:30"). kNotFound for any
// other, also where tzdata is not installed.
base::Result<Zone> zone(std::string_view name);
Zone utc();
// "Asia/Jakarta" and the like by its tzdata release where it can be told, e.g. "2025b"; else "".
std::string zone_data_version();

// Strictly "YYYY-MM-DD", an existing day of the years 1 to 9999; kInvalid otherwise.
base::Result<Day> parse_day(std::string_view text);
// Strictly "YYYY-MM".
base::Result<Month> parse_month(std::string_view text);
std::string to_text(Day day);      // "2026-11-24"
std::string to_text(Month month);  // "2026-11"

// ── Languages ───────────────────────────────────────────────────────────────────────────────────

enum class Lang : std::uint8_t { kIndonesian, kEnglish };
std::string_view name_of(Lang lang);                // "id", "en"
std::optional<Lang> lang_of(std::string_view tag);  // also "id-ID", "en_GB"; case ignored
// The best of an HTTP Accept-Language header; Indonesian when it names neither.
Lang preferred_lang(std::string_view accept_language);

std::string day_in(Lang lang, Day day);        // "24 November 2026"
std::string day_short_in(Lang lang, Day day);  // "24 Nov 2026"
std::string month_in(Lang lang, Month month);  // "November 2026"
// "24 Nov 2026 17.16 WIB", "24 Nov 2026 17:16 WIB".
std::string time_in(Lang lang, const Zone& zone, base::Instant instant);
// Groups of three and a decimal sign: "1.234.567,8", "1,234,567.8". NaN and infinity print as –.
std::string number_in(Lang lang, double value, int decimals = 0);
std::string number_in(Lang lang, std::int64_t value);
// The largest whole unit below `span`, rounded down: "3 hari", "3 days", "1 hour", "0 minutes".
std::string span_in(Lang lang, base::Duration span);

// ── Catalogue ───────────────────────────────────────────────────────────────────────────────────

// One text in both languages. {0} to {9} stand for arguments, {0|try|tries} for the first word
// where the argument is 1 and for the second otherwise; "{{" and "}}" for braces.
struct Entry {
  std::string_view key;  // "report.page"; lower case, dots between parts
  std::string_view id;
  std::string_view en;
};
// All entries, sorted by key. A new text is a new line in entries.cpp.
std::span<const Entry> entries();
const Entry* find(std::string_view key);
// The text of a key that is in the catalogue (asserted: a missing key is our own bug; tests hold
// the callers to it). A placeholder without an argument prints as –.
std::string of(Lang lang, std::string_view key,
               std::initializer_list<std::string_view> arguments = {});
std::string of(Lang lang, std::string_view key, std::span<const std::string_view> arguments);
// Puts arguments into a text of the same form.
std::string fill(std::string_view form, std::span<const std::string_view> arguments);

}  // namespace patuh::text
