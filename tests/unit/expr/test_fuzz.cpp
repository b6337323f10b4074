// A short seeded run of what the fuzzer does for longer.
#include <gtest/gtest.h>

#include <random>

#include "cases.h"
#include "mutate.h"
#include "world.h"

namespace patuh::expr {
namespace {

constexpr int kInputs = 20'000;

std::vector<std::string> corpus() {
  std::vector<std::string> texts;
  for (const std::string_view table :
       {"language.txt", "missing.txt", "now.txt", "extensions.txt"}) {
    for (const Case& c : read_cases(table)) texts.push_back(c.expression);
  }
  return texts;
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed), corpus_(corpus()) {}

  std::string next() {
    std::string text = pick_one();
    for (std::size_t edits = 1 + random_() % 3; edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
  const std::string& pick_one() { return corpus_[below(corpus_.size())]; }

  void edit(std::string& text) {
    static constexpr std::array<std::string_view, 34> kPieces = {"(",
                                                                 ")",
                                                                 "[",
                                                                 "]",
                                                                 "{",
                                                                 "}",
                                                                 ".",
                                                                 ",",
                                                                 "?",
                                                                 ":",
                                                                 "&&",
                                                                 "||",
                                                                 "!",
                                                                 "-",
                                                                 "now",
                                                                 "self",
                                                                 "null",
                                                                 "'",
                                                                 "\"",
                                                                 "\\",
                                                                 "9223372036854775807",
                                                                 ".map(x, x)",
                                                                 "\xff",
                                                                 "in",
                                                                 ".?",
                                                                 "[?",
                                                                 "?",
                                                                 ".transformMap(k, v, v)",
                                                                 ".sortBy(x, x)",
                                                                 ".optMap(x, x)",
                                                                 "cel.bind(x, ",
                                                                 ".format(",
                                                                 ".reverse()",
                                                                 ".flatten(9)"};
    const std::size_t at = below(text.size() + 1);
    switch (below(8)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        return;
      case 1:
        text.erase(at, 1 + below(4));
        return;
      case 2:
        text.insert(at, pick_one());
        return;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random_() % 256);
        return;
      default:
        return join(text);
    }
  }

  // Any two values meet in any operator.
  void join(std::string& text) {
    static constexpr std::array<std::string_view, 15> kOperators = {
        "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in", "&&", "||", "? 1 :"};
    const std::string op(kOperators[below(kOperators.size())]);
    text = "dyn(" + text + ") " + op + " dyn(" + pick_one() + ")";
  }

  std::mt19937 random_;
  std::vector<std::string> corpus_;
};

TEST(Fuzz, AnyTextEndsInDiagnosticsOrABoundedRun) {
  Mutator mutator(20'260'101);
  int compiled = 0;
  for (int i = 0; i < kInputs; ++i) compiled += try_expression(mutator.next()) ? 1 : 0;
  EXPECT_GT(compiled, kInputs / 10) << "mutations must leave some expressions whole";
  EXPECT_LT(compiled, kInputs / 2);
}

std::string refusal(std::string_view text) {
  World world;
  return run_in(world, text).text;
}

std::string repeated(std::string_view piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(Hostile, DepthEndsInOneDiagnostic) {
  EXPECT_EQ(refusal(repeated("(", 10'000)), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("[", 10'000)), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("{1:", 5'000)), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("!", 10'000) + "true"), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("-", 10'000) + "1"), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("1+", 5'000) + "1"), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal("self" + repeated(".a", 5'000)), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal("self" + repeated("[0]", 5'000)), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("true ? 1 : ", 1'000) + "1"), "refused EXPR-TOO-DEEP");
  EXPECT_EQ(refusal(repeated("size(", 3'000)), "refused EXPR-TOO-DEEP");
}

TEST(Hostile, LongChainsOfLogicAreNotDeep) {
  World world;
  EXPECT_EQ(run_in(world, repeated("self.tingkat == 3 && ", 500) + "true").text, "true");
  EXPECT_EQ(run_in(world, repeated("self.tingkat == 4 || ", 500) + "false").text, "false");
}

TEST(Hostile, SixtyLevelsAreFine) {
  World world;
  EXPECT_EQ(run_in(world, repeated("(", 60) + "1" + repeated(")", 60)).text, "1");
  EXPECT_EQ(run_in(world, repeated("1 + ", 60) + "1").text, "61");
}

TEST(Hostile, LengthEndsInADiagnostic) {
  EXPECT_EQ(refusal(std::string(kSourceBytesMax + 1, ' ')), "refused EXPR-TOO-LONG");
  EXPECT_EQ(refusal("'" + std::string(kSourceBytesMax - 2, 'x') + "'"),
            "'" + std::string(kSourceBytesMax - 2, 'x') + "'");
}

TEST(Hostile, RegularExpressionsAreBounded) {
  EXPECT_EQ(refusal("'x'.matches('((a{100}){100}){100}')"), "refused EXPR-CALL");
  EXPECT_EQ(refusal("'" + std::string(2'000, 'a') + "'.matches('(a*)*(a*)*(a*)*b')"), "false");
}

TEST(Hostile, FaultsAreCounted) {
  World world;
  const auto program =
      compile(world.environment(), {.text = repeated("x + ", 60) + "x", .place = {}}, Type::dyn());
  ASSERT_FALSE(program);
  EXPECT_LE(program.error().list().size(), 20U);
}

TEST(Hostile, ManyWarningsHideNoError) {
  EXPECT_EQ(refusal("[" + repeated("[1].all(x, true),", 40) + "tidak_ada]").find("refused"), 0U);
}

TEST(Hostile, OddBytesAreRefused) {
  EXPECT_EQ(refusal("'\xff'"), "refused EXPR-UTF8");
  EXPECT_EQ(refusal(std::string_view("1 + \0 2", 7)), "refused EXPR-CHARACTER");
  EXPECT_EQ(refusal(""), "refused EXPR-SYNTAX");
}

}  // namespace
}  // namespace patuh::expr
