// docs/expressions.md: every example gives what stands behind it, and no function is left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "cases.h"
#include "expr/library.h"
#include "world.h"

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

// The rows of the table whose head begins so: cells without their blanks.
std::vector<std::vector<std::string>> rows_below(std::string_view head) {
  std::ifstream in(PATUH_SOURCE_DIR "/docs/expressions.md");
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    inside = line.starts_with(head) || (inside && line.starts_with("|"));
    if (!inside || line.starts_with(head) || line.starts_with("| ---")) continue;
    auto& cells = rows.emplace_back();
    for (std::size_t at = 1, end = line.find(" |", at); end != std::string::npos;
         at = end + 2, end = line.find(" |", at)) {
      cells.push_back(trimmed(std::string_view(line).substr(at + 1, end - at - 1)));
    }
  }
  EXPECT_FALSE(rows.empty()) << head;
  return rows;
}

// What stands between backticks.
std::vector<std::string> codes_in(std::string_view cell) {
  std::vector<std::string> out;
  for (std::size_t at = cell.find('`'); at != std::string_view::npos; at = cell.find('`', at)) {
    const std::size_t end = cell.find('`', at + 1);
    if (end == std::string_view::npos) break;
    out.emplace_back(cell.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

TEST(Reference, WhatIsWrittenForATypeIsOfIt) {
  std::set<std::string> types;
  for (const auto& row : rows_below("| Type |")) {
    const std::string type = codes_in(row[0]).at(0);
    types.insert(type);
    const std::vector<std::string> written = codes_in(row[1]);
    EXPECT_FALSE(written.empty()) << type;
    for (const std::string& text : written) {
      const std::string given = outcome_of("type(" + text + ")");
      EXPECT_EQ(given.substr(0, given.find('(')), type) << text;
    }
  }
  EXPECT_EQ(types.size(), 13U);
}

// The levels at which wrong.txt, and what is made here, meet each code.
std::map<std::string, std::set<std::string>> levels_met() {
  World world;
  std::string met;
  for (const Case& c : read_blocks("wrong.txt")) met += c.outcome;
  for (const std::string& text :
       {std::string(kSourceBytesMax + 1, ' '), std::string(1'000, '('), std::string("'\xff'")}) {
    const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::boolean());
    if (!program) met += program.error().render();
  }
  std::map<std::string, std::set<std::string>> levels;
  for (std::size_t at = met.find("[EXPR-"); at != std::string::npos;
       at = met.find("[EXPR-", at + 1)) {
    const std::string code = met.substr(at + 1, met.find(']', at) - at - 1);
    const std::size_t line = met.rfind('\n', at) == std::string::npos ? 0 : met.rfind('\n', at);
    const bool warns = met.substr(line, at - line).contains(": warning: ");
    levels[code].insert(warns ? "warning" : "fault");
  }
  return levels;
}

TEST(Reference, TellsEveryCodeAndItsLevel) {
  std::map<std::string, std::set<std::string>> met = levels_met();
  for (const auto& row : rows_below("| Code |")) {
    for (const std::string& code : codes_in(row[0])) {
      for (const std::string& level : met[code]) EXPECT_TRUE(row[1].contains(level)) << code;
      EXPECT_FALSE(met[code].empty()) << code << " is met nowhere";
      met.erase(code);
    }
  }
  for (const auto& [code, levels] : met) ADD_FAILURE() << code << " stands in no row";
}

TEST(Reference, ShowsEveryMacro) {
  std::string all;
  for (const Example& example : examples()) all += " " + example.expression;
  for (const std::string_view macro : {"has", "all", "exists", "exists_one", "existsOne", "filter",
                                       "map", "transformList", "transformMap", "transformMapEntry",
                                       "sortBy", "optMap", "optFlatMap", "cel.bind", "held_for"}) {
    const std::string name(macro);
    EXPECT_TRUE(all.contains(" " + name + "(") || all.contains("." + name + "(")) << name;
  }
}

TEST(Reference, EveryFunctionHasACost) {
  for (const LibraryFunction& function : library()) EXPECT_GT(function.cost, 0U) << function.name;
}

}  // namespace
}  // namespace patuh::expr
