#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids_of(const RuleBook& book) {
  std::vector<std::string> ids;
  for (const Rule& rule : book.rules) ids.push_back(rule.id);
  return ids;
}

// A folder that goes when the test ends.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "patuh-rulebook-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Loaded load_folder(const fs::path& path) { return load(std::span(&path, 1)); }

TEST(GoodPacks, TheBasePackLoadsWithoutAWord) {
  base::Diagnostics warnings;
  const auto book = fixtures::loaded(fixtures::base_pack(), &warnings);
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(warnings.empty()) << warnings.render();
  EXPECT_THAT(ids_of(*book), ElementsAre("DEP-01", "DOC-01.manual", "DOC-01.needs",
                                         "NAME-01.service", "NAME-01.system", "SYS-01", "SYS-02"));
}

TEST(GoodPacks, AFolderGivesTheSameBookAsTheFilesOfItsLogRecord) {
  const Loaded from_folder = load_folder(fixtures::folder() + "/base");
  ASSERT_TRUE(from_folder) << from_folder.error().render();
  const RuleBook& first = **from_folder;
  const auto again = fixtures::loaded(first.files);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->hash, first.hash);
  ASSERT_EQ(again->rules.size(), first.rules.size());
  for (std::size_t i = 0; i < first.rules.size(); ++i) {
    EXPECT_EQ(again->rules[i].id, first.rules[i].id);
    EXPECT_EQ(again->rules[i].version, first.rules[i].version);
  }
}

TEST(GoodPacks, FilesOfAnyDepthAreReadAndHiddenOnesAreNot) {
  const Folder folder;
  folder.write("schema.toml", fixtures::small_schema());
  folder.write("deep/er/rules.toml", fixtures::rule_requiring("self.ready"));
  folder.write(".git/rules.toml", "not toml");
  folder.write(".draft.toml", "not toml");
  folder.write("notes.txt", "not toml");
  folder.write("rules.test.toml", "[[test]]\n");
  const Loaded book = load_folder(folder.path());
  ASSERT_TRUE(book) << book.error().render();
  ASSERT_EQ((*book)->files.size(), 2U);
  EXPECT_EQ((*book)->files[0].name, "0:deep/er/rules.toml");
  EXPECT_EQ((*book)->files[1].name, "0:schema.toml");
  EXPECT_THAT((*book)->rules[0].place.file, HasSubstr(folder.path().string()));
}

TEST(GoodPacks, AFolderThatIsNotThereIsReported) {
  const Loaded book = load_folder("/nowhere/at/all");
  ASSERT_FALSE(book);
  ASSERT_EQ(book.error().list().size(), 1U) << book.error().render();
  EXPECT_EQ(book.error().list()[0].code, "PACK-READ");
  EXPECT_EQ(book.error().list()[0].place.file, "/nowhere/at/all");
  EXPECT_THAT(book.error().list()[0].hint, HasSubstr("rules.pack"));
}

TEST(GoodPacks, TwoFilesOfOneNameAreRefused) {
  const Loaded book = load(fixtures::base_with("rules.toml", ""));
  ASSERT_FALSE(book);
  EXPECT_EQ(book.error().list()[0].code, "PACK-READ");
}

TEST(GoodPacks, TheHashIsOverNamesAndTextsOfAllFilesThatJudge) {
  const std::string rules = fixtures::rule_requiring("self.ready");
  const auto first = fixtures::loaded(fixtures::small_pack(rules));
  const auto changed = fixtures::loaded(fixtures::small_pack(rules + "\n"));
  const auto renamed =
      fixtures::loaded({{"schema.toml", fixtures::small_schema()}, {"rule.toml", rules}});
  std::vector<PackFile> tested = fixtures::small_pack(rules);
  tested.push_back({"x.test.toml", "[[test]]\nname = 'x'\n"});
  const auto with_tests = fixtures::loaded(tested);
  EXPECT_NE(first->hash, changed->hash);
  EXPECT_NE(first->hash, renamed->hash);
  EXPECT_EQ(first->hash, with_tests->hash);
  EXPECT_EQ(with_tests->files.size(), 2U);
}

TEST(GoodPacks, TheOrderInWhichFilesAreGivenDoesNotMatter) {
  std::vector<PackFile> files = fixtures::base_pack();
  const auto first = fixtures::loaded(files);
  std::ranges::reverse(files);
  EXPECT_EQ(fixtures::loaded(files)->hash, first->hash);
}

TEST(GoodPacks, AnUnusedParameterIsAWarning) {
  base::Diagnostics warnings;
  const auto book =
      fixtures::loaded(fixtures::small_pack("[params]\nlone = { value = 1 }\n"), &warnings);
  ASSERT_NE(book, nullptr);
  ASSERT_EQ(warnings.list().size(), 1U);
  EXPECT_EQ(warnings.list()[0].code, "PACK-UNUSED-PARAMETER");
  EXPECT_EQ(warnings.list()[0].place.line, 2U);
}

TEST(GoodPacks, AKindThatCountsButHasNoAgencyIsAWarning) {
  base::Diagnostics warnings;
  std::vector<PackFile> files = fixtures::base_pack();
  files[1].text += "[kinds.orphan]\ndomain = \"systems\"\nwithout = [\"agency\"]\n";
  ASSERT_NE(fixtures::loaded(files, &warnings), nullptr);
  ASSERT_EQ(warnings.list().size(), 1U);
  EXPECT_EQ(warnings.list()[0].code, "PACK-NO-AGENCY");
}

}  // namespace
}  // namespace patuh::rulebook
