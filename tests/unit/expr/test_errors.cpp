// What an evaluation says went wrong: every text that it can come to, in both languages.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cases.h"
#include "tests/unit/error_keys.h"
#include "text/text.h"
#include "world.h"

namespace patuh::expr {
namespace {

// Nothing can bring these about: a string of the language is UTF-8, and RE2 has no faults of its
// own; what is not checked is only told to the conformance suite.
const std::set<std::string> kOutOfReach = {"error.regex_class", "error.regex_internal",
                                           "error.regex_utf8", "error.unchecked"};

struct Told {
  std::string key, text;
};

Told told_of(World& world, const std::string& expression) {
  const auto program = compile(world.environment(),
                               {.text = expression, .place = {}, .keeps_state = true}, Type::dyn());
  if (!program) return {"", program.error().render()};
  Arena arena;
  const std::vector<Value> variables = world.variables(0);
  Context context{.arena = &arena, .host = &world, .now = World::kNow};
  const Value value = evaluate(*program, variables, context);
  if (!value.is_error()) return {"", to_text(value)};
  const ErrorRep& error = value.as_error();
  return {std::string(error.detail),
          message_of(error) + " ;; " +
              text::of(text::Lang::kIndonesian, error.detail, error.arguments)};
}

TEST(Errors, AreToldInBothLanguagesAndNoneIsLeftOut) {
  World world;
  const Value x = Value::string("-");
  Arena arena;
  world.set(0, 0, "tag", make_list(arena, std::array{x, x, x, x, x, x}));
  std::set<std::string> seen;
  for (const Case& c : read_cases("errors.txt")) {
    const Told told = told_of(world, c.expression);
    EXPECT_EQ(told.text, c.outcome) << c.where << ": " << c.expression;
    seen.insert(told.key);
  }
  std::set<std::string> wanted = error_keys_of("daemon/expr");
  EXPECT_GT(wanted.size(), 40U);
  for (const std::string& key : kOutOfReach) EXPECT_EQ(wanted.erase(key), 1U) << key;
  EXPECT_EQ(seen, wanted);
}

TEST(Errors, OfWhatIsNotCheckedSayWhatTheCheckerWouldSay) {
  Environment environment;
  environment.set_checking(false);
  const auto program = compile(environment, {.text = "nonesuch", .place = {}}, Type::dyn());
  ASSERT_TRUE(program);
  Arena arena;
  Context context{.arena = &arena};
  const Value value = evaluate(*program, {}, context);
  ASSERT_TRUE(value.is_error());
  EXPECT_EQ(value.as_error().detail, "error.unchecked");
  EXPECT_TRUE(message_of(value.as_error()).contains("nonesuch")) << message_of(value.as_error());
}

}  // namespace
}  // namespace patuh::expr
