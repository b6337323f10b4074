// held_for(): its conditions are evaluated apart, the whole asks since when they are true.
#include <gtest/gtest.h>

#include <array>

#include "expr/expr.h"

namespace patuh::expr {
namespace {

constexpr base::Instant kNow{std::chrono::hours(1000)};

class HeldFor : public ::testing::Test {
 protected:
  HeldFor() {
    environment_.add_variable("x", Type::integer());
    environment_.add_variable("span", Type::duration());
  }
  Program compiled(std::string_view text) {
    auto program =
        compile(environment_, {.text = text, .place = {}, .keeps_state = true}, Type::boolean());
    EXPECT_TRUE(program) << program.error().render();
    return std::move(*program);
  }
  Value whole(const Program& program, base::Instant since) {
    const std::array<base::Instant, 2> all = {since, base::kNever};
    context_ = {.arena = &arena_, .now = kNow};
    context_.held_since = all;
    return evaluate(program, variables_, context_);
  }
  Value condition(const Program& program, std::size_t number) {
    context_ = {.arena = &arena_, .now = kNow};
    return evaluate_held(program, number, variables_, context_);
  }

  Environment environment_;
  Arena arena_;
  Context context_;
  std::array<Value, 2> variables_ = {Value::integer(5), Value::duration(std::chrono::hours(2))};
};

TEST_F(HeldFor, IsTrueFromTheInstantOnAtWhichTheSpanIsFull) {
  const Program program = compiled("held_for(x > 3, hours(2))");
  EXPECT_TRUE(whole(program, kNow - std::chrono::hours(2)).is_true());
  EXPECT_EQ(context_.next_change, base::kNever);
  EXPECT_TRUE(whole(program, kNow - std::chrono::hours(2) + base::Duration(1)).is_false());
  EXPECT_EQ(context_.next_change, kNow + base::Duration(1));
  EXPECT_TRUE(whole(program, base::kNever).is_false());
  EXPECT_EQ(context_.next_change, base::kNever);
}

TEST_F(HeldFor, ItsConditionsStandInOrderInnerOnesFirst) {
  const Program program =
      compiled("held_for(held_for(x > 3, hours(1)) || x == 0, hours(2)) && held_for(x < 9, span)");
  EXPECT_EQ(program.facts().held_conditions, 3U);
  EXPECT_EQ(held_text(program, 0), "x > 3");
  EXPECT_EQ(held_text(program, 1), "held_for(x > 3, hours(1)) || x == 0");
  EXPECT_EQ(held_text(program, 2), "x < 9");
  EXPECT_TRUE(condition(program, 0).is_true());
  EXPECT_TRUE(condition(program, 1).is_false());
  variables_[0] = Value();
  EXPECT_TRUE(condition(program, 2).is_error());
}

TEST_F(HeldFor, ASpanThatIsNotAboveZeroIsAnErrorWhenItIsMet) {
  variables_[1] = Value::duration(base::Duration(0));
  EXPECT_EQ(whole(compiled("held_for(x > 3, span)"), kNow).as_error().code,
            ErrorCode::kInvalidArgument);
  variables_[1] = Value();
  EXPECT_EQ(whole(compiled("held_for(x > 3, span)"), kNow).as_error().code, ErrorCode::kMissing);
}

TEST_F(HeldFor, ItsLoopsAreItsOwnAndCostIsDeclared) {
  const Program loops = compiled("[1, 2].all(a, held_for([x, 7].exists(b, b == 7), hours(1)))");
  EXPECT_TRUE(condition(loops, 0).is_true());
  EXPECT_GT(compiled("held_for([x, 7].exists(b, b == 7), hours(1))").facts().cost_max,
            compiled("held_for(x == 7, hours(1))").facts().cost_max + 4);
}

}  // namespace
}  // namespace patuh::expr
