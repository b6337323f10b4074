// Conditions that are always true or always false: what is said of them is so.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cases.h"
#include "world.h"

namespace patuh::expr {
namespace {

constexpr std::string_view kTrue = "EXPR-ALWAYS-TRUE";
constexpr std::string_view kFalse = "EXPR-ALWAYS-FALSE";

std::string warned(World& world, const std::string& text) {
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::boolean());
  if (!program) return program.error().render();
  return program->warnings().list().empty() ? "nothing" : program->warnings().render();
}

std::string code_of(World& world, const std::string& text) {
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::boolean());
  EXPECT_TRUE(program) << program.error().render();
  if (!program || program->warnings().list().empty()) return {};
  return program->warnings().list()[0].code;
}

TEST(Conditions, ThatDependOnTheirFieldsGetNoWarning) {
  World world;
  for (const Case& c : read_cases("sound.txt")) {
    EXPECT_EQ(warned(world, c.expression), c.outcome) << c.where << ": " << c.expression;
  }
}

// One claim about a field of few values.
struct Claims {
  std::mt19937 dice;
  std::size_t pick(std::size_t n) { return dice() % n; }
  std::string literal(bool text) {
    static constexpr std::array<std::string_view, 3> kTexts = {"rencana", "operasional",
                                                               "dihentikan"};
    return text ? "'" + std::string(kTexts[pick(3)]) + "'" : std::to_string(1 + pick(5));
  }
  std::string one() {
    static constexpr std::array<std::string_view, 3> kFields = {"self.kapabilitas", "self.tingkat",
                                                                "self.status"};
    static constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<",
                                                                   "<=", ">",  ">="};
    const std::size_t field = pick(kFields.size());
    const bool text = field == 2;
    const std::string name(kFields[field]);
    std::string claim;
    if (pick(4) == 0) {
      claim = name + " in [" + literal(text) + ", " + literal(text) + "]";
    } else if (pick(5) == 0) {
      claim = literal(text) + " " + std::string(kOperators[pick(6)]) + " " + name;
    } else {
      claim = name + " " + std::string(kOperators[pick(6)]) + " " + literal(text);
    }
    return pick(5) == 0 ? "!(" + claim + ")" : claim;
  }
};

// The outcomes over every element that the schema allows.
std::set<bool> outcomes(World& world, const std::string& text) {
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::boolean());
  std::set<bool> out;
  for (int level = 1; level <= 5; ++level) {
    for (int grade = 0; grade <= 6; ++grade) {
      for (const std::string_view status : {"rencana", "operasional", "dihentikan"}) {
        world.set(0, 0, "kapabilitas", Value::integer(level));
        world.set(0, 0, "tingkat", Value::integer(grade));
        world.set(0, 0, "status", Value::string(status));
        Arena arena;
        const std::vector<Value> variables = world.variables(0);
        Context context{.arena = &arena, .host = &world, .now = World::kNow};
        out.insert(evaluate(*program, variables, context).is_true());
      }
    }
  }
  return out;
}

// Both ways: what is said is so, and of two claims about one field nothing is overlooked.
TEST(Conditions, AreSaidToBeAlwaysTrueOrFalseWhereNoElementMakesThemOtherwise) {
  World world;
  Claims claims{std::mt19937(5)};
  std::size_t said = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string a = claims.one();
    const std::string b = claims.one();
    if (!code_of(world, a).empty() || !code_of(world, b).empty()) continue;
    const std::string text = a + (claims.pick(2) == 0 ? " && " : " || ") + b;
    const std::string code = code_of(world, text);
    if (code == "EXPR-REPEATED") continue;
    const std::set<bool> all = outcomes(world, text);
    const std::string expected(all.size() == 2 ? "" : *all.begin() ? kTrue : kFalse);
    EXPECT_EQ(code, expected) << text;
    if (!expected.empty()) ++said;
  }
  EXPECT_GT(said, 100U);
}

TEST(Conditions, OfManyTermsAreLookedAtInBoundedTime) {
  World world;
  std::string text = "self.nama == 'x'";
  for (int i = 0; i < 600; ++i) text += " || self.nama == '" + std::to_string(i) + "'";
  EXPECT_EQ(code_of(world, text), "");
  EXPECT_EQ(code_of(world, "self.nama != 'x' || " + text), kTrue);
}

}  // namespace
}  // namespace patuh::expr
