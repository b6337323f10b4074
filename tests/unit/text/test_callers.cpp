// Whoever asks the catalogue for a text asks for one that is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "text/text.h"

namespace patuh::text {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Calls visit(file, key, whole) for each constant key; `whole` is false for the beginning of a key
// that is put together.
template <class Visit>
void for_each_key(Visit visit) {
  const std::regex call(R"re(\bof\(\s*(?:[\w:]+,\s*)?"([a-z0-9_]+(?:\.[a-z0-9_]*)+)"\s*([,)+]))re");
  for (const auto& entry : fs::recursive_directory_iterator(PATUH_SOURCE_DIR "/daemon")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string source = read_file(entry.path());
    for (std::sregex_iterator at(source.begin(), source.end(), call), end; at != end; ++at) {
      visit(entry.path().filename().string(), (*at)[1].str(), (*at)[2] != "+");
    }
  }
}

TEST(Callers, AskForTextsThatAreThere) {
  std::size_t asked = 0;
  for_each_key([&](const std::string& file, const std::string& key, bool whole) {
    ++asked;
    const bool there =
        whole ? find(key) != nullptr : std::ranges::any_of(entries(), [&](const Entry& entry) {
          return entry.key.starts_with(key);
        });
    EXPECT_TRUE(there) << file << " asks for '" << key << "'";
  });
  EXPECT_GT(asked, 20U);
}

// Whatever an evaluation can say went wrong has its text, and no text is there for nothing.
TEST(Callers, NameTheErrorsThatAreThere) {
  const std::regex literal(R"re("(error\.[a-z0-9_]+)")re");
  std::set<std::string> named;
  for (const auto& entry : fs::recursive_directory_iterator(PATUH_SOURCE_DIR "/daemon")) {
    if (entry.path().extension() != ".cpp" || entry.path().filename() == "entries.cpp") continue;
    const std::string source = read_file(entry.path());
    for (std::sregex_iterator at(source.begin(), source.end(), literal), end; at != end; ++at) {
      named.insert((*at)[1]);
    }
  }
  std::set<std::string> there;
  for (const Entry& entry : entries()) {
    if (!entry.key.starts_with("error.")) continue;
    there.emplace(entry.key);
    EXPECT_NE(entry.id, entry.en) << entry.key;
  }
  EXPECT_EQ(named, there);
}

}  // namespace
}  // namespace patuh::text
