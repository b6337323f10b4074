// rules/README.md is the reference of the pack format: held to the code and to the bad packs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

namespace fs = std::filesystem;

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

std::string reference() { return fixtures::read_file(PATUH_SOURCE_DIR "/rules/README.md"); }

std::string all_files_in(const std::string& folder, std::string_view extension) {
  std::string text;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) text += fixtures::read_file(entry.path().string());
  }
  return text;
}

// The rows of the table of codes.
std::set<std::string> documented_codes() {
  return matches(reference(), std::regex(R"(\| `(PACK-[A-Z-]+)` \|)"));
}

TEST(Reference, EveryCodeInTheSourcesIsDocumented) {
  const std::string sources = all_files_in(PATUH_SOURCE_DIR "/daemon/rulebook", ".cpp") +
                              all_files_in(PATUH_SOURCE_DIR "/daemon/toml", ".cpp");
  std::set<std::string> used;
  for (const std::string& word : matches(sources, std::regex(R"re("((?:[A-Z]+-)*[A-Z]{2,})")re"))) {
    used.insert(word.starts_with("PACK-") ? word : "PACK-" + word);
  }
  for (const char* const other : {"PACK-PACK", "PACK-UTC", "PACK-EXPR-UNKNOWN-FIELD"})
    used.erase(other);
  EXPECT_EQ(used, documented_codes());
}

TEST(Reference, EveryDocumentedCodeOfAnErrorHasABadPack) {
  const std::set<std::string> shown =
      matches(all_files_in(fixtures::folder() + "/bad", ".toml"), std::regex(R"((PACK-[A-Z-]+)@)"));
  std::set<std::string> wanted = documented_codes();
  for (const char* const elsewhere : {"PACK-READ",              // test_good_packs.cpp
                                      "PACK-UNUSED-PARAMETER",  // warnings: test_good_packs.cpp
                                      "PACK-NO-AGENCY", "PACK-LIMIT"}) {  // test_schema.cpp
    wanted.erase(elsewhere);
  }
  EXPECT_EQ(shown, wanted);
}

TEST(Reference, NamesEveryKeyThatTheReadersAskFor) {
  const std::string sources = all_files_in(PATUH_SOURCE_DIR "/daemon/rulebook", ".cpp");
  const std::set<std::string> keys = matches(
      sources, std::regex(R"re((?:string|boolean|integer|strings|choice|table|array|any|tables|)re"
                          R"re(of_type|required|optional|field|value_of|texts|expression|)re"
                          R"re(read_text)\((?:\w+, )?"([a-z_]+)")re"));
  EXPECT_GT(keys.size(), 60U);
  const std::string text = reference();
  for (const std::string& key : keys) {
    const bool named =
        std::regex_search(text, std::regex("`" + key + "`|\\b" + key + " = |\\[" + key +
                                           "[\\].]|\\." + key + "\\]|\\." + key + "\\b"));
    EXPECT_TRUE(named) << key;
  }
}

TEST(Reference, ItsExampleLoads) {
  const std::string text = reference();
  const auto block = [&](std::string_view title) {
    const std::size_t head = text.find("<!-- " + std::string(title) + " -->");
    EXPECT_NE(head, std::string::npos) << title;
    const std::size_t begin = text.find("```toml\n", head) + 8;
    return text.substr(begin, text.find("```", begin) - begin);
  };
  base::Diagnostics warnings;
  const std::vector<PackFile> files = {{"schema.toml", block("example schema.toml")},
                                       {"rules.toml", block("example rules.toml")},
                                       {"1:local.toml", block("example site")},
                                       {"rules.test.toml", block("example rules.test.toml")}};
  const auto book = fixtures::loaded(files, &warnings);
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(warnings.empty()) << warnings.render();
  const auto tests = load_tests(files, *book);
  EXPECT_TRUE(tests) << tests.error().render();
}

}  // namespace
}  // namespace patuh::rulebook
