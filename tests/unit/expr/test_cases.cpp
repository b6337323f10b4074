// The language by tables of cases.
#include <gtest/gtest.h>

#include "cases.h"
#include "world.h"

namespace patuh::expr {
namespace {

constexpr std::uint32_t kFull = 0;
constexpr std::uint32_t kEmpty = 1;

TEST(Language, GivesTheOutcomesOfTheTable) {
  World world;
  for (const Case& c : read_cases("language.txt")) {
    EXPECT_EQ(run_in(world, c.expression, kFull).text, c.outcome)
        << c.where << ": " << c.expression;
  }
}

TEST(Language, HasTheExtensionsThatTheTableShows) {
  World world;
  for (const Case& c : read_cases("extensions.txt")) {
    EXPECT_EQ(run_in(world, c.expression, kFull).text, c.outcome)
        << c.where << ": " << c.expression;
  }
}

TEST(Language, TreatsMissingValuesAsTheTableSays) {
  World world;
  for (const Case& c : read_cases("missing.txt")) {
    EXPECT_EQ(run_in(world, c.expression, kEmpty).text, c.outcome)
        << c.where << ": " << c.expression;
  }
}

TEST(Language, NotesTheNextChangeOfComparisonsWithNow) {
  World world;
  for (const Case& c : read_cases("now.txt")) {
    const Outcome outcome = run_in(world, c.expression, kFull);
    const bool never = outcome.next_change == base::kNever;
    const std::string next = never ? "never" : base::to_rfc3339(outcome.next_change);
    EXPECT_EQ(outcome.text + " ; " + next, c.outcome) << c.where << ": " << c.expression;
  }
}

// Whatever can be folded gives the same when it is not: a variable stands for each literal.
TEST(Language, FoldsConstantsWithoutChangingTheirMeaning) {
  for (const Case& c : read_cases("language.txt")) {
    World world;
    Environment env = world.environment();
    const auto folded = compile(env, {.text = c.expression, .place = {}}, Type::dyn());
    if (!folded) continue;
    const std::string hidden = "[0].map(nol__, " + c.expression + ")[0]";
    const auto kept = compile(env, {.text = hidden, .place = {}}, Type::dyn());
    if (!kept) continue;
    const std::vector<Value> variables = world.variables(0);
    Arena arena;
    Context context{.arena = &arena, .host = &world, .now = World::kNow};
    const Value a = evaluate(*folded, variables, context);
    const Value b = evaluate(*kept, variables, context);
    EXPECT_EQ(a.is_error() ? error_text(world, a) : to_text(a),
              b.is_error() ? error_text(world, b) : to_text(b))
        << c.where << ": " << c.expression;
  }
}

TEST(Language, ReadsExpressionsOfSeveralLines) {
  World world;
  EXPECT_EQ(run_in(world, "1 +\n  // and\n  2").text, "3");
  EXPECT_EQ(run_in(world, "'''a\r\nb'''").text, "'a\\nb'");
}

TEST(Language, CalendarUsesTheEnvironmentsZone) {
  World world;
  Environment env = world.environment();
  EXPECT_FALSE(env.set_time_zone("Asia/Nowhere"));
  ASSERT_TRUE(env.set_time_zone("Asia/Jakarta"));
  const auto program =
      compile(env,
              {.text = "[start_of('month', now), add_months(timestamp('2026-01-31T20:00:00Z'), 1)]",
               .place = {}},
              Type::dyn());
  ASSERT_TRUE(program) << program.error().render();
  Arena arena;
  const std::vector<Value> variables = world.variables(0);
  Context context{.arena = &arena, .host = &world, .now = World::kNow};
  EXPECT_EQ(to_text(evaluate(*program, variables, context)),
            "[timestamp('2025-12-31T17:00:00Z'), timestamp('2026-02-28T20:00:00Z')]");
  EXPECT_EQ(base::to_rfc3339(context.next_change), "2026-01-31T17:00:00Z");
}

TEST(Language, TracesEverySubExpressionThatWasEvaluated) {
  World world;
  const std::string text =
      "self.tingkat > params.batas && self.nama.size() == 6 || self.biaya > 9.0";
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::boolean());
  ASSERT_TRUE(program) << program.error().render();
  Arena arena;
  std::vector<TraceStep> trace;
  const std::vector<Value> variables = world.variables(0);
  Context context{.arena = &arena, .host = &world, .now = World::kNow, .trace = &trace};
  EXPECT_TRUE(evaluate(*program, variables, context).is_true());
  std::vector<std::string> steps;
  for (const TraceStep& step : trace) {
    steps.push_back(text.substr(step.begin, step.end - step.begin) + " = " + to_text(step.value));
  }
  const std::vector<std::string> expected = {
      "self.tingkat = 3",
      "params.batas = 2",
      "self.tingkat > params.batas = true",
      "self.nama = 'SIMPEG'",
      "self.nama.size() = 6",
      "self.nama.size() == 6 = true",
      "self.tingkat > params.batas && self.nama.size() == 6 = true",
      text + " = true"};
  EXPECT_EQ(steps, expected);
}

}  // namespace
}  // namespace patuh::expr
