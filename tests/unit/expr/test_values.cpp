// Arena and values.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "expr/expr.h"

namespace patuh::expr {
namespace {

TEST(Arena, GivesAlignedMemoryThatLivesUntilReset) {
  Arena arena(64);
  std::vector<std::pair<std::string_view, std::string>> copies;
  for (int i = 0; i < 1'000; ++i) {
    const std::string text(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    copies.emplace_back(arena.copy(text), text);
    const auto numbers = arena.make_array<std::uint64_t>(3);
    EXPECT_EQ(std::bit_cast<std::uintptr_t>(numbers.data()) % alignof(std::uint64_t), 0U);
    EXPECT_EQ(numbers[2], 0U);
  }
  for (const auto& [copy, text] : copies) EXPECT_EQ(copy, text);
  EXPECT_GE(arena.bytes_used(), 1'000U * 24U);
  arena.reset();
  EXPECT_EQ(arena.bytes_used(), 0U);
}

TEST(Arena, ReusesItsMemoryAfterReset) {
  Arena arena(64);
  for (int i = 0; i < 100; ++i) arena.make_array<std::uint64_t>(10);
  arena.reset();
  const void* const first = arena.allocate(8, 8);
  arena.allocate(4'000, 8);
  arena.reset();
  EXPECT_EQ(arena.allocate(8, 8), first);
}

TEST(Arena, TakesObjectsLargerThanABlock) {
  Arena arena(16);
  const auto big = arena.make_array<char>(5'000'000);
  big[4'999'999] = 'x';
  EXPECT_EQ(arena.bytes_used() >= 5'000'000U, true);
  arena.reset();
  EXPECT_EQ(arena.copy("after"), "after");
}

TEST(Arena, MovesWithWhatItHolds) {
  Arena from;
  const std::string_view text = from.copy("stays");
  Arena to(std::move(from));
  EXPECT_EQ(text, "stays");
  EXPECT_EQ(to.bytes_used(), 5U);
}

TEST(Values, KeepTheOriginOfNull) {
  EXPECT_FALSE(Value().origin().has_value());
  const Origin origin{.object_kind = 3, .object_index = 4'000'000'000, .field = 0};
  EXPECT_EQ(Value::null(origin).origin(), origin);
}

TEST(Values, ConvertInstantsAndDurations) {
  const base::Instant before{std::chrono::microseconds{-1'500'000}};
  EXPECT_EQ(Value::timestamp(before).seconds(), -2);
  EXPECT_EQ(Value::timestamp(before).nanos(), 500'000'000U);
  EXPECT_EQ(Value::timestamp(before).as_instant(), before);
  EXPECT_EQ(Value::duration(base::Duration{-1}).as_duration(), base::Duration{-1});
  EXPECT_EQ(Value::timestamp(base::Instant{}).as_instant(), base::Instant{});
}

TEST(Values, CompareNumbersAcrossKinds) {
  EXPECT_TRUE(equals(Value::integer(1), Value::number(1.0)));
  EXPECT_TRUE(equals(Value::unsigned_integer(1), Value::integer(1)));
  EXPECT_FALSE(equals(Value::integer(-1), Value::unsigned_integer(UINT64_MAX)));
  EXPECT_FALSE(equals(Value::number(std::nan("")), Value::number(std::nan(""))));
  EXPECT_EQ(compare(Value::number(std::nan("")), Value::number(std::nan(""))), 0);
  EXPECT_LT(compare(Value::number(std::nan("")), Value::integer(INT64_MIN)), 0);
  EXPECT_GT(compare(Value::integer(9'007'199'254'740'993), Value::number(9'007'199'254'740'992.0)),
            0);
  EXPECT_LT(compare(Value::integer(INT64_MAX), Value::number(0x1p63)), 0);
  EXPECT_GT(compare(Value::unsigned_integer(UINT64_MAX), Value::integer(-1)), 0);
}

Value random_value(std::mt19937& random, Arena& arena, int depth) {
  static constexpr std::array<std::int64_t, 7> kWhole = {
      INT64_MIN, -1, 0, 1, 9'007'199'254'740'993, INT64_MAX - 1, INT64_MAX};
  static constexpr std::array<double, 7> kReal = {-0x1p63, -0.5,  0, 1, 9'007'199'254'740'992.0,
                                                  0x1p63,  0x1p64};
  const std::size_t pick = random() % 7;
  switch (random() % (depth > 0 ? 10U : 8U)) {
    case 0:
      return {};
    case 1:
      return Value::boolean(pick % 2 == 0);
    case 2:
      return Value::integer(kWhole[pick]);
    case 3:
      return Value::unsigned_integer(static_cast<std::uint64_t>(kWhole[pick]));
    case 4:
      return Value::number(pick == 6 && random() % 2 == 0 ? std::nan("") : kReal[pick]);
    case 5:
      return Value::string(arena.copy(std::string(pick, 'a')));
    case 6:
      return Value::timestamp(static_cast<std::int64_t>(pick), 5);
    case 7:
      return Value::object(static_cast<std::uint32_t>(pick % 2), static_cast<std::uint32_t>(pick));
    case 8: {
      std::vector<Value> items(pick % 3);
      for (Value& item : items) item = random_value(random, arena, depth - 1);
      return make_list(arena, items);
    }
    default: {
      std::vector<MapEntry> entries(pick % 3);
      for (MapEntry& entry : entries) {
        entry = {Value::integer(static_cast<std::int64_t>(random() % 3)),
                 random_value(random, arena, depth - 1)};
      }
      return make_map(arena, entries);
    }
  }
}

TEST(Values, HaveATotalOrder) {
  std::mt19937 random(7);
  Arena arena;
  std::vector<Value> values;
  for (int i = 0; i < 120; ++i) values.push_back(random_value(random, arena, 2));
  for (const Value& a : values) {
    EXPECT_EQ(compare(a, a), 0);
    for (const Value& b : values) {
      EXPECT_EQ(compare(a, b) < 0, compare(b, a) > 0) << to_text(a) << " " << to_text(b);
      for (const Value& c : values) {
        if (compare(a, b) <= 0 && compare(b, c) <= 0) {
          ASSERT_LE(compare(a, c), 0) << to_text(a) << " " << to_text(b) << " " << to_text(c);
        }
      }
    }
  }
}

class Squares final : public Sequence {
 public:
  std::uint32_t size() const override { return 4; }
  Value at(std::uint32_t index) const override { return Value::integer(index * index); }
};

TEST(Values, LazyListsReadAsBuiltOnes) {
  const Squares squares;
  const ListRep lazy{.size = squares.size(), .items = nullptr, .lazy = &squares};
  Arena arena;
  const Value built = make_list(arena, std::array{Value::integer(0), Value::integer(1),
                                                  Value::integer(4), Value::integer(9)});
  EXPECT_TRUE(equals(Value::list(&lazy), built));
  EXPECT_EQ(to_text(Value::list(&lazy)), "[0, 1, 4, 9]");
  const Value copy = deep_copy(Value::list(&lazy), arena);
  EXPECT_EQ(copy.as_list().lazy, nullptr);
  EXPECT_TRUE(equals(copy, built));
}

TEST(Values, DeepCopiesOutliveTheirSource) {
  Arena kept;
  Value copy;
  {
    Arena source;
    const Value list = make_list(
        source, std::array{Value::string(source.copy("satu")), Value::bytes(source.copy("dua"))});
    copy = deep_copy(make_map(source, std::array{MapEntry{Value::string(source.copy("k")), list}}),
                     kept);
  }
  EXPECT_EQ(to_text(copy), "{'k': ['satu', b'dua']}");
}

TEST(Values, MapsKeepTheFirstOfEqualKeysAndFindByValue) {
  Arena arena;
  const Value map =
      make_map(arena, std::array{MapEntry{Value::integer(2), Value::string("b")},
                                 MapEntry{Value::integer(1), Value::string("a")},
                                 MapEntry{Value::unsigned_integer(1), Value::string("c")}});
  EXPECT_EQ(to_text(map), "{1: 'a', 2: 'b'}");
  EXPECT_EQ(to_text(*find(map.as_map(), Value::number(1.0))), "'a'");
  EXPECT_EQ(find(map.as_map(), Value::number(1.5)), nullptr);
  EXPECT_EQ(find(map.as_map(), "x"), nullptr);
}

TEST(Values, FilledMeansPresentAndNotEmpty) {
  Arena arena;
  EXPECT_FALSE(is_filled(Value()));
  EXPECT_FALSE(is_filled(Value::string("")));
  EXPECT_FALSE(is_filled(Value::bytes("")));
  EXPECT_FALSE(is_filled(make_list(arena, {})));
  EXPECT_FALSE(is_filled(make_map(arena, {})));
  EXPECT_FALSE(is_filled(Value::optional(nullptr)));
  EXPECT_TRUE(is_filled(Value::boolean(false)));
  EXPECT_TRUE(is_filled(Value::string(" ")));
  EXPECT_TRUE(is_filled(Value::integer(0)));
}

TEST(Types, ReadAsTheyAreWritten) {
  EXPECT_EQ(Type::map(Type::string(), Type::list(Type::object("*"))).text(),
            "map(string, list(object))");
  EXPECT_EQ(Type::optional(Type::object("aplikasi")).text(), "optional(aplikasi)");
  EXPECT_TRUE(Type::list(Type::integer()) == Type::list(Type::integer()));
  EXPECT_FALSE(Type::list(Type::integer()) == Type::list(Type::number()));
}

}  // namespace
}  // namespace patuh::expr
