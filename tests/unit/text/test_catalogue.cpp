#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "text/text.h"

namespace patuh::text {
namespace {

std::multiset<char> placeholders(std::string_view form) {
  std::multiset<char> found;
  for (std::size_t i = 0; i + 2 < form.size(); ++i) {
    if (form[i] == '{' && form[i + 2] == '}') found.insert(form[i + 1]);
  }
  return found;
}

TEST(Catalogue, KeysAreSortedAndUnique) {
  const std::span<const Entry> all = entries();
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_LT(all[i - 1].key, all[i].key) << all[i].key;
  }
}

TEST(Catalogue, EveryEntryHasBothLanguagesWithTheSamePlaceholders) {
  for (const Entry& entry : entries()) {
    EXPECT_FALSE(entry.id.empty()) << entry.key;
    EXPECT_FALSE(entry.en.empty()) << entry.key;
    EXPECT_EQ(placeholders(entry.id), placeholders(entry.en)) << entry.key;
    EXPECT_TRUE(base::is_utf8(entry.id)) << entry.key;
  }
}

TEST(Catalogue, KeysAreLowerCaseWordsWithDots) {
  for (const Entry& entry : entries()) {
    const bool formed = std::ranges::all_of(entry.key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    });
    EXPECT_TRUE(formed) << entry.key;
  }
}

TEST(Catalogue, FindsEveryEntryAndNothingElse) {
  for (const Entry& entry : entries()) EXPECT_EQ(find(entry.key), &entry);
  EXPECT_EQ(find("no.such.key"), nullptr);
  EXPECT_EQ(find(""), nullptr);
}

TEST(Catalogue, AnswersInTheLanguageAskedFor) {
  EXPECT_EQ(of(Lang::kIndonesian, "severity.critical"), "kritis");
  EXPECT_EQ(of(Lang::kEnglish, "severity.critical"), "critical");
  EXPECT_EQ(of(Lang::kEnglish, "span.day.many", {"3"}), "3 days");
}

TEST(Fill, OneIsNotMany) {
  const auto filled = [](std::string_view count) {
    return fill("{0} {0|try|tries}.", std::span(&count, 1));
  };
  EXPECT_EQ(filled("1"), "1 try.");
  EXPECT_EQ(filled("0"), "0 tries.");
  EXPECT_EQ(filled("11"), "11 tries.");
  EXPECT_TRUE(of(Lang::kEnglish, "explain.found", {"1"}).contains("(1 try)"));
  EXPECT_TRUE(of(Lang::kEnglish, "explain.found", {"2"}).contains("(2 tries)"));
}

TEST(Fill, PutsArgumentsIn) {
  const std::array<std::string_view, 2> arguments = {"a", "b"};
  EXPECT_EQ(fill("{1} before {0}, {0}", arguments), "b before a, a");
  EXPECT_EQ(fill("{{0}} {", arguments), "{0} {");
  EXPECT_EQ(fill("{2}", arguments), "–");
  EXPECT_EQ(fill("{} {x} {0", arguments), "{} {x} {0");
  EXPECT_EQ(fill("", arguments), "");
}

}  // namespace
}  // namespace patuh::text
