#include <gtest/gtest.h>

#include <array>

#include "base/base.h"

namespace patuh::base {
namespace {

Diagnostic fault(std::string file, std::uint32_t line, std::uint32_t column, std::string code) {
  Diagnostic made;
  made.place = {std::move(file), line, column};
  made.code = std::move(code);
  made.message = "it is wrong";
  return made;
}

TEST(Diagnostics, ShowPlaceSnippetCaretAndHint) {
  Diagnostic made = fault("pack/schema.toml", 3, 5, "PACK-TYPE");
  made.snippet = "x = \"text\"";
  made.hint = "write a number";
  Diagnostics all;
  all.add(made);
  EXPECT_EQ(all.render(),
            "pack/schema.toml:3:5: error: it is wrong [PACK-TYPE]\n"
            "  | x = \"text\"\n"
            "  |     ^\n"
            "  = write a number\n");
}

TEST(Diagnostics, TheCaretStandsUnderTabs) {
  Diagnostic made = fault("a", 1, 3, "X");
  made.snippet = "\t\tx";
  Diagnostics all;
  all.add(made);
  EXPECT_EQ(all.render(), "a:1:3: error: it is wrong [X]\n  | \t\tx\n  | \t\t^\n");
}

TEST(Diagnostics, TheCaretStandsUnderTabsBehindLetters) {
  Diagnostic made = fault("a", 1, 4, "X");
  made.snippet = "é\t😀x";
  Diagnostics all;
  all.add(made);
  EXPECT_EQ(all.render(), "a:1:4: error: it is wrong [X]\n  | é\t😀x\n  |  \t ^\n");
}

TEST(Diagnostics, NothingOfWhatIsShownSteersATerminal) {
  Diagnostic made = fault("a", 1, 2, "X");
  made.message = "a\x1b[31m\x7f";
  made.snippet = "\u202E\u2066x\u0085é\r";
  made.hint = "\x07";
  Diagnostics all;
  all.add(made);
  EXPECT_EQ(all.render(),
            "a:1:2: error: a\uFFFD[31m\uFFFD [X]\n"
            "  | \uFFFD\uFFFDx\uFFFDé\uFFFD\n"
            "  |  ^\n"
            "  = \uFFFD\n");
}

TEST(Diagnostics, WhatIsUnknownIsLeftOut) {
  Diagnostics all;
  Diagnostic made = fault("a", 0, 0, "X");
  made.level = Diagnostic::Level::kWarning;
  all.add(made);
  EXPECT_EQ(all.render(), "a: warning: it is wrong [X]\n");
  EXPECT_FALSE(all.has_errors());
  all.add(fault("a", 4, 0, "Y"));
  EXPECT_TRUE(all.has_errors());
  EXPECT_EQ(all.render(), "a: warning: it is wrong [X]\na:4: error: it is wrong [Y]\n");
}

TEST(Diagnostics, SortByFileLineColumnCode) {
  Diagnostics all;
  all.add(fault("b", 1, 1, "A"));
  all.add(fault("a", 10, 1, "A"));
  Diagnostics more;
  more.add(fault("a", 2, 7, "B"));
  more.add(fault("a", 2, 7, "A"));
  more.add(fault("a", 2, 1, "Z"));
  all.append(more);
  all.sort();
  std::string order;
  for (const Diagnostic& each : all.list()) {
    order += each.place.file + std::to_string(each.place.line) + each.code + " ";
  }
  EXPECT_EQ(order, "a2Z a2A a2B a10A b1A ");
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  constexpr std::array<std::string_view, 4> kWords = {"severity", "grace", "require", "when"};
  EXPECT_EQ(nearest("severty", kWords), "severity");
  EXPECT_EQ(nearest("requires", kWords), "require");
  EXPECT_EQ(nearest("wehn", kWords), "") << "a swap of two is two edits, too many for four letters";
  EXPECT_EQ(nearest("wen", kWords), "when");
  EXPECT_EQ(nearest("gravel", kWords), "grace");
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  constexpr std::array<std::string_view, 2> kWords = {"severity", "grace"};
  EXPECT_EQ(nearest("title", kWords), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Nearest, AmongEqualsTakesTheFirst) {
  constexpr std::array<std::string_view, 3> kWords = {"cat", "bat", "rat"};
  EXPECT_EQ(nearest("mat", kWords), "cat");
  EXPECT_EQ(nearest("bat", kWords), "bat");
}

}  // namespace
}  // namespace patuh::base
