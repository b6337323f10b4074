// Which facts decided, and what would have to change.
#include <gtest/gtest.h>

#include <algorithm>

#include "world.h"

namespace patuh::expr {
namespace {

// Tries on the test's world, and leaves it as it was.
class WorldTrial final : public Trial {
 public:
  // `capitals`: the fields hold texts in capitals only.
  WorldTrial(World& world, const Program& program, bool capitals = false)
      : world_(world), program_(program), capitals_(capitals) {}

  std::optional<Value> settle(std::uint16_t field, const Value& wanted) override {
    const bool text = capitals_ && wanted.kind() == Kind::kString;
    const Value value = text ? in_capitals(wanted.as_string()) : wanted;
    const Value now = world_.select(context_, self_, field);
    const bool same = now.kind() == value.kind() && equals(now, value);
    return same || value.is_null() ? std::nullopt : std::optional(value);
  }
  bool holds(std::span<const Change> changes) override {
    std::vector<Value> before;
    for (const Change& change : changes) {
      before.push_back(world_.select(context_, self_, change.field));
      world_.set(0, 0, name_of(change), change.value);
    }
    const std::vector<Value> variables = world_.variables(0);
    const bool held = evaluate(program_, variables, context_).is_true();
    for (std::size_t i = 0; i < changes.size(); ++i) {
      world_.set(0, 0, name_of(changes[i]), before[i]);
    }
    return held;
  }
  bool goes_on() const override { return true; }

 private:
  Value in_capitals(std::string_view given) {
    std::string text(given);
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    });
    return Value::string(arena_.copy(text));
  }
  static std::string name_of(const Change& change) { return change.attribute.substr(5); }

  World& world_;
  const Program& program_;
  bool capitals_;
  const Value self_ = Value::object(0, 0);
  Arena arena_;
  Context context_{.arena = &arena_, .host = &world_, .now = World::kNow};
};

class Explaining : public testing::Test {
 protected:
  Program compiled(std::string_view text) {
    auto program = compile(world_.environment(), {.text = text, .place = {}}, Type::dyn());
    EXPECT_TRUE(program) << program.error().render();
    return *program;
  }

  // "self.nama = 'x'; …"
  std::string decided(std::string_view text) {
    const Program program = compiled(text);
    std::vector<TraceStep> trace;
    Context context{.arena = &arena_, .host = &world_, .now = World::kNow, .trace = &trace};
    const std::vector<Value> variables = world_.variables(0);
    evaluate(program, variables, context);
    std::string told;
    for (const TraceStep& step : deciding_steps(program, trace)) {
      told += (told.empty() ? "" : "; ") +
              std::string(text.substr(step.begin, step.end - step.begin)) + " = " +
              to_text(step.value);
    }
    return told;
  }

  Remedy remedy_of(std::string_view text, std::size_t tries_max = 2'000) {
    const Program program = compiled(text);
    WorldTrial trial(world_, program);
    const std::array programs = {&program};
    return smallest_change(programs, trial, World::kNow, arena_, tries_max);
  }

  // "self.status := 'operasional', …"
  std::string remedied(std::string_view text) {
    std::string told;
    for (const Change& change : remedy_of(text).changes) {
      told += (told.empty() ? "" : ", ") + change.attribute + " := " + to_text(change.value);
    }
    return told;
  }

  World world_;
  Arena arena_;
};

TEST_F(Explaining, TellsAValueAsTheFieldWouldHoldIt) {
  const Program program = compiled("self.nama.lowerAscii() == 'abc'");
  WorldTrial trial(world_, program, true);
  const std::array programs = {&program};
  const Remedy remedy = smallest_change(programs, trial, World::kNow, arena_);
  ASSERT_EQ(remedy.changes.size(), 1U);
  EXPECT_EQ(to_text(remedy.changes[0].value), "'ABC'");
}

TEST_F(Explaining, OfAFalseAndTheTermThatIsFalse) {
  EXPECT_EQ(decided("filled(self.nama) && self.tingkat > 4"),
            "self.tingkat > 4 = false; self.tingkat = 3");
}

TEST_F(Explaining, OfATrueAndAllTerms) {
  EXPECT_EQ(decided("self.tingkat > 2 && self.tingkat < 4"),
            "self.tingkat > 2 = true; self.tingkat = 3; self.tingkat < 4 = true");
}

TEST_F(Explaining, OfAnOrTheTermThatHolds) {
  EXPECT_EQ(decided("self.tingkat > 5 || self.tingkat == 3 || self.nama == 'x'"),
            "self.tingkat == 3 = true; self.tingkat = 3");
}

TEST_F(Explaining, OfALoopTheRoundThatDecided) {
  EXPECT_EQ(decided("[1, 5, 7].exists(x, x > self.tingkat)"),
            "[1, 5, 7].exists(x, x > self.tingkat) = true; [1, 5, 7] = [1, 5, 7]; "
            "x > self.tingkat = true; x = 5; self.tingkat = 3");
}

TEST_F(Explaining, IsNoLongerThanAsked) {
  std::string text = "self.tingkat > 0";
  for (int i = 1; i < 30; ++i) text += " && self.tingkat > -" + std::to_string(i);
  const Program program = compiled(text);
  std::vector<TraceStep> trace;
  Context context{.arena = &arena_, .host = &world_, .now = World::kNow, .trace = &trace};
  const std::vector<Value> variables = world_.variables(0);
  evaluate(program, variables, context);
  EXPECT_EQ(deciding_steps(program, trace).size(), 10U);
  EXPECT_EQ(deciding_steps(program, trace, 3).size(), 3U);
}

TEST_F(Explaining, FindsTheOneAttributeThatHeals) {
  EXPECT_EQ(remedied("self.tingkat > 4"), "self.tingkat := 5");
  EXPECT_EQ(remedied("self.tingkat == 4 || self.nama == 'Tidak Ada'"), "self.tingkat := 4");
}

TEST_F(Explaining, TriesTheValuesOfAnEnumeration) {
  const std::string change = remedied("self.status != 'operasional' && self.tingkat == 3");
  EXPECT_TRUE(change.starts_with("self.status := '")) << change;
  EXPECT_FALSE(change.contains(',')) << change;
}

TEST_F(Explaining, ChangesSeveralOnlyWhenOneIsNotEnough) {
  EXPECT_EQ(remedied("self.tingkat == 9 && self.nama == 'Baru'"),
            "self.tingkat := 9, self.nama := 'Baru'");
}

TEST_F(Explaining, StandsInOnlyWhereNothingIsNamed) {
  const Remedy any = remedy_of("self.nama != 'SIMPEG'");
  ASSERT_EQ(any.changes.size(), 1U);
  EXPECT_TRUE(any.changes[0].stand_in);
  EXPECT_EQ(to_text(any.changes[0].value), "'…'");
  const Remedy named = remedy_of("self.nama == 'Baru' || self.nama == ''");
  ASSERT_EQ(named.changes.size(), 1U);
  EXPECT_FALSE(named.changes[0].stand_in);
}

TEST_F(Explaining, SaysWhenNothingWasFound) {
  const Remedy none = remedy_of("self.tingkat != self.tingkat && self.nama == 'x'");
  EXPECT_TRUE(none.changes.empty());
  EXPECT_EQ(none.attributes, 2U);
  EXPECT_EQ(none.tries, 5U) << "'x', a stand-in of each, and both together";
  const Remedy short_of = remedy_of("self.tingkat == 9 && self.nama == 'Baru'", 3);
  EXPECT_TRUE(short_of.changes.empty());
  EXPECT_EQ(short_of.tries, 3U);
}

}  // namespace
}  // namespace patuh::expr
