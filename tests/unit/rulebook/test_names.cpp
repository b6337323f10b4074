#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Durations, TakeDaysHoursMinutesSeconds) {
  EXPECT_EQ(duration_of("365d"), 365 * 24h);
  EXPECT_EQ(duration_of("72h"), 72h);
  EXPECT_EQ(duration_of("1d2h3m4s"), 26h + 3min + 4s);
  EXPECT_EQ(duration_of("1h30m"), 90min);
  EXPECT_EQ(duration_of("0"), base::Duration(0));
  EXPECT_EQ(duration_of("0s"), base::Duration(0));
}

TEST(Durations, RefuseEveryOtherForm) {
  for (const char* const text :
       {"", "d", "5", "5 d", "-5d", "+5d", "1.5d", "5D", "5w", "30m1h", "1d1d",
        "99999999999999999999d", "9223372036854775807s", "40000d", "5d "}) {
    EXPECT_EQ(duration_of(text), std::nullopt) << text;
  }
}

TEST(Codes, AreShortAndPlain) {
  EXPECT_TRUE(is_code("APP-SEC-01"));
  EXPECT_TRUE(is_code("a_b"));
  for (const char* const text : {"", "a b", "a.b", "-a", "é", "a/b"})
    EXPECT_FALSE(is_code(text)) << text;
  EXPECT_FALSE(is_code(std::string(65, 'a')));
}

TEST(Words, AreThoseOfExpressionAndStrings) {
  EXPECT_THAT(words_of("related(self, 'a_b').x1 >= 5"),
              ElementsAre("related", "self", "a_b", "x1", "5"));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("() – &&").empty());
}

}  // namespace
}  // namespace patuh::rulebook
