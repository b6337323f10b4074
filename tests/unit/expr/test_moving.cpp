// For random expressions with now: nothing changes before the instant that was noted.
#include <gtest/gtest.h>

#include <random>

#include "world.h"

namespace patuh::expr {
namespace {

class Writer {
 public:
  explicit Writer(std::uint32_t seed) : random_(seed) {}

  std::string condition(int depth) {
    switch (depth <= 0 ? 0 : pick(6)) {
      case 0:
      case 1:
        return comparison(depth);
      case 2:
        return "(" + condition(depth - 1) + " && " + condition(depth - 1) + ")";
      case 3:
        return "(" + condition(depth - 1) + " || " + condition(depth - 1) + ")";
      case 4:
        return "!(" + condition(depth - 1) + ")";
      default:
        return "(" + condition(depth - 1) + " ? " + condition(depth - 1) + " : " +
               condition(depth - 1) + ")";
    }
  }

 private:
  std::uint32_t pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }
  std::string one_of(std::initializer_list<std::string_view> words) {
    return std::string(*(words.begin() + pick(static_cast<std::uint32_t>(words.size()))));
  }
  std::string operator_text() { return " " + one_of({"<", "<=", ">", ">=", "==", "!="}) + " "; }

  std::string comparison(int depth) {
    switch (pick(4)) {
      case 0:
        return span(depth) + operator_text() + span(depth);
      case 1:
        return part(depth) + operator_text() + std::to_string(pick(60));
      default:
        return stamp(depth) + operator_text() + stamp(depth);
    }
  }

  // Around the instant of the test, down to nanoseconds.
  std::string literal() {
    static constexpr std::array<std::string_view, 8> kTexts = {
        "2026-01-01T00:00:00Z",         "2026-01-01T00:00:00.000001Z",
        "2026-01-01T00:00:00.0000015Z", "2025-12-31T23:59:59.999999999Z",
        "2026-01-01T00:00:07.5Z",       "2026-03-29T01:00:00Z",
        "2025-12-31T23:59:30Z",         "2026-02-28T12:00:00Z"};
    return "timestamp('" + std::string(kTexts[pick(kTexts.size())]) + "')";
  }

  std::string stamp(int depth) {
    switch (depth <= 0 ? pick(3) : pick(7)) {
      case 0:
        return literal();
      case 1:
      case 2:
        return "now";
      case 3:
        return "(" + stamp(depth - 1) + " + " + span(depth - 1) + ")";
      case 4:
        return "(" + stamp(depth - 1) + " - " + span(depth - 1) + ")";
      case 5:
        return "start_of('" + one_of({"month", "quarter", "year"}) + "', " + stamp(depth - 1) + ")";
      default:
        return "(" + condition(depth - 2) + " ? " + stamp(depth - 1) + " : " + stamp(depth - 1) +
               ")";
    }
  }

  std::string span(int depth) {
    if (depth <= 0 || pick(3) == 0) {
      return one_of({"days(1)", "days(-3)", "duration('1.5s')", "duration('1us')",
                     "duration('999ns')", "hours(7)", "duration('0s')", "days(100000)"});
    }
    return "(" + stamp(depth - 1) + " - " + stamp(depth - 1) + ")";
  }

  std::string part(int depth) {
    static constexpr std::array<std::string_view, 4> kOfBoth = {"getHours", "getMinutes",
                                                                "getSeconds", "getMilliseconds"};
    if (pick(3) == 0) return span(depth) + "." + std::string(kOfBoth[pick(4)]) + "()";
    const std::string zone =
        one_of({"", "'Asia/Jakarta'", "'America/New_York'", "'Australia/Lord_Howe'"});
    return stamp(depth) + "." +
           one_of({"getFullYear", "getMonth", "getDate", "getDayOfWeek", "getDayOfYear", "getHours",
                   "getMinutes", "getSeconds", "getMilliseconds"}) +
           "(" + zone + ")";
  }

  std::mt19937 random_;
};

// What a rule would see: the value, or that it is an error.
std::string seen(const Program& program, World& world, const std::vector<Value>& variables,
                 base::Instant now, base::Instant* next = nullptr) {
  Arena arena;
  Context context{.arena = &arena, .host = &world, .now = now};
  const Value value = evaluate(program, variables, context);
  if (next != nullptr) *next = context.next_change;
  return value.is_error() ? error_text(world, value) : to_text(value);
}

// Instants between `now` and `next`: near both ends, and spread over orders of magnitude. That sums
// of time may overflow more than 150 years ahead is not noted, so nothing is asked of those years.
std::vector<base::Instant> probes(base::Instant now, base::Instant next, std::mt19937_64& random) {
  constexpr std::int64_t kFar = std::int64_t{140} * 366 * 86'400 * 1'000'000;
  const bool never = next == base::kNever;
  const std::int64_t room = never ? kFar : std::min(kFar, (next - now).count());
  std::vector<base::Instant> out;
  const auto add = [&](std::int64_t micros) {
    if (micros > 0 && micros < room) out.push_back(now + base::Duration{micros});
  };
  for (std::int64_t i = 1; i <= 3; ++i) {
    add(i);
    add(room - i);
  }
  for (std::int64_t size = 10; size < room; size *= 10) {
    add(size + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size * 9)));
  }
  return out;
}

class MovingTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MovingTest, NothingChangesBeforeTheNotedInstant) {
  World world;
  const Environment env = world.environment();
  const std::vector<Value> variables = world.variables(0);
  Writer writer(GetParam());
  std::mt19937_64 random(GetParam());
  int changes = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string text = writer.condition(3);
    const auto program = compile(env, {.text = text, .place = {}}, Type::boolean());
    ASSERT_TRUE(program) << text << "\n" << program.error().render();
    base::Instant now = World::kNow;
    for (int step = 0; step < 4; ++step) {
      base::Instant next = base::kNever;
      const std::string first = seen(*program, world, variables, now, &next);
      for (const base::Instant at : probes(now, next, random)) {
        ASSERT_EQ(seen(*program, world, variables, at), first)
            << text << "\nnow " << base::to_rfc3339(now) << " at " << base::to_rfc3339(at);
      }
      if (next == base::kNever) break;
      changes += seen(*program, world, variables, next) != first ? 1 : 0;
      now = next;
    }
  }
  EXPECT_GT(changes, 100) << "the expressions must change at noted instants often";
}

INSTANTIATE_TEST_SUITE_P(Seeds, MovingTest, testing::Range(1U, 9U));

// A single comparison of simple sums is exact: at the noted instant its outcome does differ.
TEST(Moving, SimpleComparisonsChangeExactlyAtTheNotedInstant) {
  World world;
  const Environment env = world.environment();
  const std::vector<Value> variables = world.variables(0);
  for (const std::string_view left : {"now", "now + days(3)", "now - duration('1.5s')"}) {
    for (const std::string_view op : {"<", "<=", ">", ">=", "==", "!="}) {
      for (const std::string_view right :
           {"timestamp('2026-02-01T00:00:00Z')",
            "timestamp('2026-01-01T00:00:00.000003Z') + duration('72h')",
            "timestamp('2026-01-04T00:00:00.0000015Z')"}) {
        const std::string text =
            std::string(left) + " " + std::string(op) + " " + std::string(right);
        const auto program = compile(env, {.text = text, .place = {}}, Type::boolean());
        ASSERT_TRUE(program);
        base::Instant next = base::kNever;
        const std::string before = seen(*program, world, variables, World::kNow, &next);
        if (next == base::kNever) continue;
        EXPECT_NE(seen(*program, world, variables, next), before) << text;
        EXPECT_EQ(seen(*program, world, variables, next - base::Duration{1}), before) << text;
      }
    }
  }
}

}  // namespace
}  // namespace patuh::expr
