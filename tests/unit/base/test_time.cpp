#include <gtest/gtest.h>

#include "base/base.h"

namespace patuh::base {
namespace {

std::int64_t micros(std::string_view text) {
  const auto instant = from_rfc3339(text);
  EXPECT_TRUE(instant.has_value()) << text;
  return instant ? instant->time_since_epoch().count() : 0;
}

TEST(Rfc3339, ReadsInstantsToTheMicrosecond) {
  EXPECT_EQ(micros("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(micros("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(micros("2026-01-31T08:00:00Z"), 1'769'846'400'000'000);
  EXPECT_EQ(micros("2000-02-29T12:30:15.5Z"), 951'827'415'500'000);
}

TEST(Rfc3339, AppliesTheOffset) {
  EXPECT_EQ(micros("1970-01-01T07:00:00+07:00"), 0);
  EXPECT_EQ(micros("1969-12-31T18:30:00-05:30"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00:00-00:00"), 0);
}

TEST(Rfc3339, CutsDigitsBeyondTheSixth) {
  EXPECT_EQ(micros("1970-01-01T00:00:00.123456789Z"), 123456);
  EXPECT_EQ(micros("1970-01-01T00:00:00.0000009Z"), 0);
}

TEST(Rfc3339, TakesTheWholeRangeOfYears) {
  EXPECT_EQ(micros("0000-01-01T00:00:00Z"), -62'167'219'200'000'000);
  EXPECT_EQ(micros("9999-12-31T23:59:59.999999Z"), 253'402'300'799'999'999);
}

TEST(Rfc3339, RefusesWhatIsNotStrict) {
  for (const std::string_view text : {"",
                                      "2026-01-31",
                                      "2026-01-31T08:00:00",
                                      "2026-01-31 08:00:00Z",
                                      "2026-01-31t08:00:00Z",
                                      "2026-01-31T08:00:00z",
                                      "2026-01-31T08:00Z",
                                      "2026-1-31T08:00:00Z",
                                      "2026-02-30T08:00:00Z",
                                      "2025-02-29T08:00:00Z",
                                      "2026-13-01T08:00:00Z",
                                      "2026-00-01T08:00:00Z",
                                      "2026-01-00T08:00:00Z",
                                      "2026-01-31T24:00:00Z",
                                      "2026-01-31T08:60:00Z",
                                      "2026-01-31T08:00:60Z",
                                      "2026-01-31T08:00:00.Z",
                                      "2026-01-31T08:00:00.1234567890Z",
                                      "2026-01-31T08:00:00+7:00",
                                      "2026-01-31T08:00:00+0700",
                                      "2026-01-31T08:00:00+24:00",
                                      "2026-01-31T08:00:00+07:60",
                                      "2026-01-31T08:00:00Zx",
                                      " 2026-01-31T08:00:00Z",
                                      "2026-01-31T08:00:00Z ",
                                      "-026-01-31T08:00:00Z",
                                      "2026-01-31T08:00:00,5Z",
                                      "2026-01-31T08:00:+0Z"}) {
    const auto instant = from_rfc3339(text);
    ASSERT_FALSE(instant.has_value()) << text;
    EXPECT_EQ(instant.error().code, Code::kInvalid);
  }
}

TEST(Rfc3339, WritesAsManyDigitsAsAreNeeded) {
  const auto text = [](std::int64_t count) { return to_rfc3339(Instant(Duration(count))); };
  EXPECT_EQ(text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(text(500'000), "1970-01-01T00:00:00.5Z");
  EXPECT_EQ(text(120), "1970-01-01T00:00:00.00012Z");
  EXPECT_EQ(text(1'769'846'400'000'000), "2026-01-31T08:00:00Z");
}

TEST(Rfc3339, WhatIsWrittenReadsBackTheSame) {
  for (std::int64_t count = -62'167'219'200'000'000; count < 253'402'300'799'999'999;
       count += 1'234'567'890'123'457) {
    EXPECT_EQ(micros(to_rfc3339(Instant(Duration(count)))), count);
  }
}

TEST(SystemClock, DoesNotStandAtTheEpoch) {
  EXPECT_GT(system_clock().now(), *from_rfc3339("2020-01-01T00:00:00Z"));
}

TEST(Time, AnOffsetDoesNotLeadOutOfTheYearsThatCanBeWritten) {
  for (const char* wrong : {"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_FALSE(from_rfc3339(wrong)) << wrong;
  }
  for (const char* edge : {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}) {
    const auto at = from_rfc3339(edge);
    ASSERT_TRUE(at) << edge;
    EXPECT_EQ(to_rfc3339(*at), edge);
  }
}

}  // namespace
}  // namespace patuh::base
