// Packs that are nobody's intention: a short run of what tests/fuzz/pack_fuzz.cpp does for long.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "fixtures.h"
#include "tests/unit/rulebook/mutate.h"

namespace patuh::rulebook {
namespace {

std::vector<std::string> seeds() {
  std::vector<std::string> texts = {hostile::join_files(fixtures::base_pack())};
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(fixtures::folder() + "/bad")) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const auto& path : paths) texts.push_back(fixtures::read_file(path.string()));
  return texts;
}

TEST(HostilePacks, EndInDiagnosticsOrInABookThatCanBeBuiltAgain) {
  constexpr std::uint32_t kSeed = 20261124;
  constexpr std::size_t kRounds = 600;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const std::vector<std::string> texts = seeds();
  std::size_t loaded = 0;
  for (std::size_t i = 0; i < kRounds; ++i) {
    // Every other one grows from the good pack: faults of faulty packs hide what comes after them.
    const std::string& text = i % 2 == 0 ? texts[0] : texts[random() % texts.size()];
    const std::string& other = texts[random() % texts.size()];
    loaded +=
        hostile::try_pack(hostile::split_files(hostile::mutated(text, other, random))) ? 1U : 0U;
  }
  EXPECT_GT(loaded, kRounds / 50);  // else the mutations are too wild to reach the later stages
  EXPECT_LT(loaded, kRounds);
}

TEST(HostilePacks, HugeAndDeepFilesAreRefused) {
  std::vector<PackFile> files = fixtures::base_pack();
  files.push_back({"deep.toml", "[params]\na = { value = " + std::string(100'000, '[') + " }\n"});
  files.push_back({"huge.toml", std::string(9 * 1024 * 1024, ' ')});
  EXPECT_FALSE(hostile::try_pack(files));
}

TEST(HostilePacks, DeepExpressionsAreRefused) {
  std::vector<PackFile> files = fixtures::small_pack(
      fixtures::rule_requiring(std::string(5000, '(') + "true" + std::string(5000, ')')));
  EXPECT_FALSE(hostile::try_pack(files));
}

}  // namespace
}  // namespace patuh::rulebook
