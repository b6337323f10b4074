// docs/expressions.md: every example gives what stands behind it, and no function is left out.
#include <gtest/gtest.h>

#include <fstream>

#include "expr/library.h"

namespace patuh::expr {
namespace {

using std::chrono::days;

struct Example {
  std::size_t line = 0;
  std::string expression;
  std::string outcome;
};

std::string trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

// The lines "EXPRESSION // OUTCOME" of all blocks marked cel.
std::vector<Example> examples() {
  std::ifstream in(PATUH_SOURCE_DIR "/docs/expressions.md");
  std::vector<Example> out;
  bool inside = false;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("```")) {
      inside = line == "```cel";
    } else if (inside && !line.empty()) {
      const std::size_t mark = line.rfind(" // ");
      EXPECT_NE(mark, std::string::npos) << number;
      out.push_back({number, trimmed(std::string_view(line).substr(0, mark)),
                     mark == std::string::npos ? "" : line.substr(mark + 4)});
    }
  }
  return out;
}

std::string outcome_of(const std::string& text) {
  const Environment environment;
  const Source source{.text = text, .place = {}, .keeps_state = true};
  const auto program = compile(environment, source, Type::dyn());
  if (!program) return program.error().render();
  Arena arena;
  Context context{.arena = &arena, .now = base::Instant(days(100))};
  // What is true has been so for two days.
  std::vector<base::Instant> since;
  for (std::size_t i = 0; i < program->facts().held_conditions; ++i) {
    const bool holds = evaluate_held(*program, i, {}, context).is_true();
    since.push_back(holds ? context.now - days(2) : base::kNever);
  }
  context.held_since = since;
  return to_text(evaluate(*program, {}, context));
}

TEST(Reference, EveryExampleGivesWhatItSays) {
  const std::vector<Example> all = examples();
  EXPECT_GE(all.size(), 140U);
  for (const Example& example : all) {
    EXPECT_EQ(outcome_of(example.expression), example.outcome)
        << "docs/expressions.md:" << example.line << ": " << example.expression;
  }
}

TEST(Reference, ShowsEveryFunction) {
  std::string all;
  for (const Example& example : examples()) all += " " + example.expression;
  for (const LibraryFunction& function : library()) {
    const std::string name(function.name);
    const bool shown = all.contains(" " + name + "(") || all.contains("." + name + "(");
    EXPECT_TRUE(shown) << name;
  }
}

TEST(Reference, EveryFunctionHasACost) {
  for (const LibraryFunction& function : library()) EXPECT_GT(function.cost, 0U) << function.name;
}

}  // namespace
}  // namespace patuh::expr
