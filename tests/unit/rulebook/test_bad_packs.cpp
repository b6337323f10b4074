// Every file of packs/bad is a pack with faults. Lines "#== name" begin a file of it ("1:name" a
// file of the site's layer); without a schema of its own, or "#== alone", the base pack's files are
// added. "#! CODE@COLUMN …" at a line's end names the faults that stand in it, at the line "#== …"
// those of the whole file. A pack must have these faults and no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

namespace fs = std::filesystem;

struct BadPack {
  std::vector<PackFile> files;
  std::multiset<std::string> faults;  // "file:line:column CODE"
};

void note_faults(const std::string& file, std::size_t line, std::string_view text, BadPack& pack) {
  const std::size_t mark = text.find("#! ");
  if (mark == std::string_view::npos) return;
  std::istringstream words{std::string(text.substr(mark + 3))};
  for (std::string word; words >> word;) {
    const std::size_t at = word.find('@');
    const std::string column = at == std::string::npos ? "?" : word.substr(at + 1);
    pack.faults.insert(file + ":" + std::to_string(line) + ":" + column + " " + word.substr(0, at));
  }
}

BadPack parse(const std::string& text) {
  BadPack pack;
  bool with_base = true;
  std::size_t line_number = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#== ")) {
      const std::string name = line.substr(4, line.find("  #!") - 4);
      if (name == "alone" || name == "schema.toml") with_base = false;
      line_number = 0;
      if (name != "alone") pack.files.push_back({name, ""});
    } else {
      ++line_number;
      pack.files.back().text += line + "\n";
    }
    if (!pack.files.empty()) note_faults(pack.files.back().name, line_number, line, pack);
  }
  if (with_base) {
    for (PackFile& file : fixtures::base_pack()) pack.files.push_back(std::move(file));
  }
  return pack;
}

std::multiset<std::string> faults_in(const base::Diagnostics& found) {
  std::multiset<std::string> faults;
  for (const base::Diagnostic& each : found.list()) {
    if (each.level != base::Diagnostic::Level::kError) continue;
    faults.insert(each.place.file + ":" + std::to_string(each.place.line) + ":" +
                  std::to_string(each.place.column) + " " + each.code);
  }
  return faults;
}

base::Diagnostics diagnose(const std::vector<PackFile>& files) {
  const Loaded book = load(files);
  if (!book) return book.error();
  const auto tests = load_tests(files, **book);
  return tests ? base::Diagnostics() : tests.error();
}

std::vector<fs::path> bad_packs() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fixtures::folder() + "/bad")) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

class BadPacks : public testing::TestWithParam<fs::path> {};

TEST_P(BadPacks, HasItsFaultsInTheirPlacesAndNoOther) {
  const BadPack pack = parse(fixtures::read_file(GetParam().string()));
  ASSERT_FALSE(pack.faults.empty()) << "the fixture names no fault";
  const base::Diagnostics found = diagnose(pack.files);
  EXPECT_EQ(faults_in(found), pack.faults) << found.render();
}

TEST_P(BadPacks, ShowsTheLineOfEachFault) {
  const BadPack pack = parse(fixtures::read_file(GetParam().string()));
  const base::Diagnostics found = diagnose(pack.files);
  for (const base::Diagnostic& each : found.list()) {
    if (each.place.line == 0) continue;
    const auto file = std::ranges::find(pack.files, each.place.file, &PackFile::name);
    ASSERT_NE(file, pack.files.end()) << each.place.file;
    EXPECT_NE(file->text.find(each.snippet), std::string::npos) << each.snippet;
    EXPECT_FALSE(each.snippet.empty()) << each.message;
    EXPECT_FALSE(each.message.empty());
  }
}

std::string name_of_pack(const testing::TestParamInfo<fs::path>& pack) {
  return pack.param.stem().string();
}
INSTANTIATE_TEST_SUITE_P(All, BadPacks, testing::ValuesIn(bad_packs()), name_of_pack);

TEST(BadPacksFolder, HoldsAtLeastForty) { EXPECT_GE(bad_packs().size(), 40U); }

}  // namespace
}  // namespace patuh::rulebook
