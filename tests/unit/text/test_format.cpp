#include <gtest/gtest.h>

#include <limits>

#include "text/text.h"

namespace patuh::text {
namespace {

using namespace std::chrono_literals;
constexpr Lang kId = Lang::kIndonesian;
constexpr Lang kEn = Lang::kEnglish;

TEST(Dates, AreWrittenAsPeopleDo) {
  EXPECT_EQ(day_in(kId, 2026y / 8 / 7), "7 Agustus 2026");
  EXPECT_EQ(day_in(kEn, 2026y / 8 / 7), "7 August 2026");
  EXPECT_EQ(day_short_in(kId, 2026y / 8 / 17), "17 Agu 2026");
  EXPECT_EQ(month_in(kId, 2026y / 12), "Desember 2026");
  const Zone jakarta = *zone("Asia/Jakarta");
  const base::Instant instant = *base::from_rfc3339("2026-11-24T02:06:59Z");
  EXPECT_EQ(time_in(kId, jakarta, instant), "24 Nov 2026 09.06 WIB");
  EXPECT_EQ(time_in(kEn, jakarta, instant), "24 Nov 2026 09:06 WIB");
}

TEST(Numbers, AreGroupedByTheLanguage) {
  EXPECT_EQ(number_in(kId, std::int64_t{1234567}), "1.234.567");
  EXPECT_EQ(number_in(kEn, std::int64_t{-1234567}), "-1,234,567");
  EXPECT_EQ(number_in(kEn, std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(number_in(kId, std::int64_t{999}), "999");
  EXPECT_EQ(number_in(kId, 1234.56, 1), "1.234,6");
  EXPECT_EQ(number_in(kEn, 76.61, 2), "76.61");
  EXPECT_EQ(number_in(kEn, -0.04, 1), "0.0");
  EXPECT_EQ(number_in(kEn, -0.06, 1), "-0.1");
  EXPECT_EQ(number_in(kEn, 0.5), "0");
}

TEST(Numbers, ThatAreNonePrintAsADash) {
  EXPECT_EQ(number_in(kEn, std::numeric_limits<double>::quiet_NaN()), "–");
  EXPECT_EQ(number_in(kEn, std::numeric_limits<double>::infinity()), "–");
}

TEST(Spans, AreInTheirLargestWholeUnit) {
  EXPECT_EQ(span_in(kId, 73h), "3 hari");
  EXPECT_EQ(span_in(kEn, 73h), "3 days");
  EXPECT_EQ(span_in(kEn, 24h), "1 day");
  EXPECT_EQ(span_in(kEn, 119min), "1 hour");
  EXPECT_EQ(span_in(kEn, 59s), "0 minutes");
  EXPECT_EQ(span_in(kEn, -48h), "2 days");
  EXPECT_EQ(span_in(kId, 24h * 1500), "1.500 hari");
}

TEST(Languages, AreKnownByTheirTags) {
  EXPECT_EQ(lang_of("id-ID"), kId);
  EXPECT_EQ(lang_of("EN_gb"), kEn);
  EXPECT_EQ(lang_of("in"), kId);
  EXPECT_EQ(lang_of("jv"), std::nullopt);
  EXPECT_EQ(lang_of(""), std::nullopt);
}

TEST(Languages, ThePreferredOneIsTheHeaviest) {
  EXPECT_EQ(preferred_lang(""), kId);
  EXPECT_EQ(preferred_lang("en"), kEn);
  EXPECT_EQ(preferred_lang("jv, en-GB;q=0.8, id;q=0.7"), kEn);
  EXPECT_EQ(preferred_lang("en;q=0.3,id"), kId);
  EXPECT_EQ(preferred_lang("id,en"), kId);
  EXPECT_EQ(preferred_lang("en;q=0"), kId);
  EXPECT_EQ(preferred_lang("en;q=nonsense"), kId);
  EXPECT_EQ(preferred_lang(",;q=,,"), kId);
}

}  // namespace
}  // namespace patuh::text
