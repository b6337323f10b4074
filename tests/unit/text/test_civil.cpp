#include <gtest/gtest.h>

#include "text/text.h"

namespace patuh::text {
namespace {

using namespace std::chrono_literals;

Zone zone_named(std::string_view name) {
  base::Result<Zone> found = zone(name);
  EXPECT_TRUE(found) << name;
  return *found;
}
base::Instant at(std::string_view text) { return *base::from_rfc3339(text); }

TEST(Zones, AreFoundByNameOrOffset) {
  EXPECT_EQ(zone_named("Asia/Jakarta").name(), "Asia/Jakarta");
  EXPECT_EQ(zone_named("UTC").first_of(2026y / 1 / 1), at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(zone_named("+07:00").first_of(2026y / 1 / 1), at("2025-12-31T17:00:00Z"));
  EXPECT_EQ(zone_named("-03:30").first_of(2026y / 1 / 1), at("2026-01-01T03:30:00Z"));
}

TEST(Zones, RefuseWhatIsNoZone) {
  for (const char* const name :
       {"", "Asia/Nowhere", "/etc/localtime", "../etc/passwd", "localtime", "+7:00", "+24:00",
        "+07:60", "07:00", ":UTC", "Fixed/UTC+07:00:00"}) {
    EXPECT_FALSE(zone(name)) << name;
  }
  EXPECT_EQ(zone("Asia/Nowhere").error().code, base::Code::kNotFound);
}

TEST(Days, BeginAndEndInTheirZone) {
  const Zone jakarta = zone_named("Asia/Jakarta");
  EXPECT_EQ(jakarta.first_of(2026y / 11 / 24), at("2026-11-23T17:00:00Z"));
  EXPECT_EQ(jakarta.last_of(2026y / 11 / 24), at("2026-11-24T16:59:59.999999Z"));
  EXPECT_EQ(jakarta.last_of(2026y / 12 / 31) + 1us, jakarta.first_of(2027y / 1 / 1));
}

TEST(Days, FollowChangesOfTheClock) {
  const Zone berlin = zone_named("Europe/Berlin");
  EXPECT_EQ(berlin.last_of(2026y / 3 / 29) + 1us - berlin.first_of(2026y / 3 / 29), 23h);
  EXPECT_EQ(berlin.last_of(2026y / 10 / 25) + 1us - berlin.first_of(2026y / 10 / 25), 25h);
}

TEST(Days, BeginAfterAMidnightThatDoesNotExist) {
  const Zone beirut = zone_named("Asia/Beirut");  // clocks go from 00:00 to 01:00
  EXPECT_EQ(beirut.civil(beirut.first_of(2022y / 3 / 27)).hour, 1);
  EXPECT_EQ(beirut.last_of(2022y / 3 / 26) + 1us, beirut.first_of(2022y / 3 / 27));
}

TEST(Months, BeginOnTheirFirstDay) {
  const Zone jakarta = zone_named("Asia/Jakarta");
  EXPECT_EQ(jakarta.first_of(2026y / 2), at("2026-01-31T17:00:00Z"));
  EXPECT_EQ(jakarta.month_of(at("2026-01-31T16:59:59.999999Z")), 2026y / 1);
  EXPECT_EQ(jakarta.month_of(at("2026-01-31T17:00:00Z")), 2026y / 2);
  EXPECT_EQ(jakarta.first_of(2026y / 12 + std::chrono::months(1)), at("2026-12-31T17:00:00Z"));
}

TEST(Civil, SaysWhatTheClockOnTheWallShows) {
  const Zone jakarta = zone_named("Asia/Jakarta");
  const CivilTime civil = jakarta.civil(at("2026-11-24T17:16:32.5Z"));
  EXPECT_EQ(civil.day, 2026y / 11 / 25);
  EXPECT_EQ(civil.hour, 0);
  EXPECT_EQ(civil.minute, 16);
  EXPECT_EQ(civil.second, 32);
  EXPECT_EQ(civil.microsecond, 500'000);
  EXPECT_EQ(civil.weekday, 3);  // a Wednesday
  EXPECT_EQ(civil.day_of_year, 328);
  EXPECT_EQ(civil.offset_s, 7 * 3600);
  EXPECT_EQ(civil.abbreviation, "WIB");
  EXPECT_EQ(jakarta.instant(civil), at("2026-11-24T17:16:32.5Z"));
  EXPECT_EQ(jakarta.civil(at("2026-11-22T05:00:00Z")).weekday, 0);  // a Sunday
}

TEST(Civil, GoesBackBeforeTheEpoch) {
  const Zone utc = zone_named("UTC");
  const CivilTime civil = utc.civil(base::Instant(-1us));
  EXPECT_EQ(civil.day, 1969y / 12 / 31);
  EXPECT_EQ(civil.microsecond, 999'999);
  EXPECT_EQ(utc.instant(civil), base::Instant(-1us));
}

TEST(ParseDay, TakesExistingDaysOnly) {
  EXPECT_EQ(*parse_day("2024-02-29"), 2024y / 2 / 29);
  for (const char* const text :
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "20260101", "2026-01-01T00:00:00Z",
        "", "0000-01-01", "+026-01-01", " 2026-01-1"}) {
    EXPECT_FALSE(parse_day(text)) << text;
  }
}

TEST(ParseMonth, TakesYearAndMonth) {
  EXPECT_EQ(*parse_month("2026-10"), 2026y / 10);
  for (const char* const text : {"2026-13", "2026-1", "2026", "2026-10-01", "10-2026"}) {
    EXPECT_FALSE(parse_month(text)) << text;
  }
}

TEST(ToText, IsWhatParseReads) {
  EXPECT_EQ(to_text(*parse_day("0987-03-04")), "0987-03-04");
  EXPECT_EQ(to_text(*parse_month("2026-10")), "2026-10");
}

TEST(ZoneData, HasAVersionWhereTheSystemSaysIt) {
  const std::string version = zone_data_version();
  EXPECT_TRUE(version.empty() || version.starts_with("20")) << version;
}

}  // namespace
}  // namespace patuh::text
