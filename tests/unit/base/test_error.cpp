#include <gtest/gtest.h>

#include <set>

#include "base/base.h"

namespace patuh::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Code::kInvalid, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  const Result<int> first = half(number);
  if (!first) return fail(first, "in the first half");
  return half(*first);
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
}

TEST(Result, ContextIsPutBeforeTheMessageAndTheCodeKept) {
  const Result<int> failed = quarter(3);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Code::kInvalid);
  EXPECT_EQ(failed.error().message, "in the first half: odd");
}

TEST(Code, NamesAreDistinctAndStable) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    names.insert(name_of(static_cast<Code>(code)));
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_TRUE(names.contains("unavailable"));
}

TEST(AssertDeathTest, AbortsWhenABugShows) {
  const auto check = [](int number) { PATUH_ASSERT(number == 1); };
  check(1);
  EXPECT_DEATH(check(2), "assertion failed");
}

TEST(StrongId, IsOnlyItself) {
  using Apple = StrongId<struct AppleTag, std::uint32_t>;
  using Pear = StrongId<struct PearTag, std::uint32_t>;
  static_assert(!std::is_convertible_v<std::uint32_t, Apple>);
  static_assert(!std::is_convertible_v<Apple, std::uint32_t>);
  static_assert(!std::is_convertible_v<Apple, Pear>);
  EXPECT_LT(Apple(1), Apple(2));
  EXPECT_EQ(std::hash<Apple>{}(Apple(7)), std::hash<std::uint32_t>{}(7));
}

}  // namespace
}  // namespace patuh::base
