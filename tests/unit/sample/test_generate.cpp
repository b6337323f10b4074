#include <gtest/gtest.h>

#include <algorithm>

#include "history.h"
#include "json/json.h"

namespace patuh::sample {
namespace {

TEST(SampleGenerate, EqualOptionsGiveEqualBytes) {
  Folder one("one");
  Folder two("two");
  const auto first = generate(small(7, one.path()));
  const auto second = generate(small(7, two.path()));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(lines_of(first->events), lines_of(second->events));
  EXPECT_EQ(lines_of(one.path() / "manifest.json"), lines_of(two.path() / "manifest.json"));
}

// Written down, so that a change of a compiler or a library shows.
TEST(SampleGenerate, TheFirstAgencyOfASeedIsTheSameEverywhere) {
  Folder folder("fixed");
  const auto written = generate(small(7, folder.path()));
  ASSERT_TRUE(written);
  std::vector<std::string> heads;
  for (const std::string& line : lines_of(written->events)) {
    if (line.find("\"subject\":\"pic/pic-diskominfo-1\"") != std::string::npos) {
      heads.push_back(line);
    }
  }
  ASSERT_FALSE(heads.empty());
  EXPECT_EQ(heads.front(),
            R"({"specversion":"1.0","id":"000226","source":"//spbe.lumajangkab.go.id/registri",)"
            R"("type":"id.patuh.element.upserted.v1","time":"2026-06-23T17:00:08.362Z",)"
            R"("subject":"pic/pic-diskominfo-1","datacontenttype":"application/json",)"
            R"("data":{"akun":"pic-diskominfo-1","peran":"pic","perangkat_daerah":"diskominfo",)"
            R"("aktif":true,"berlaku_sampai":"2026-12-30"}})");
}

TEST(SampleGenerate, AnotherSeedIsAnotherHistory) {
  Folder one("one");
  Folder two("two");
  const auto first = generate(small(7, one.path()));
  const auto second = generate(small(8, two.path()));
  ASSERT_TRUE(first && second);
  EXPECT_NE(lines_of(first->events), lines_of(second->events));
}

TEST(SampleGenerate, ProgressGoesUpToTheEnd) {
  Folder folder("progress");
  std::vector<Progress> told;
  const auto written = generate(small(1, folder.path()),
                                [&](const Progress& progress) { told.push_back(progress); });
  ASSERT_TRUE(written);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().events_written, written->count);
  for (std::size_t i = 1; i < told.size(); ++i) {
    EXPECT_LT(told[i - 1].events_written, told[i].events_written);
    EXPECT_EQ(told[i].events_total, written->count);
  }
}

TEST(SampleGenerate, TheManifestTellsWhatWasWritten) {
  Folder folder("manifest");
  const auto written = generate(small(1, folder.path()));
  ASSERT_TRUE(written);
  const auto manifest = json::parse(lines_of(folder.path() / "manifest.json").at(0), {});
  ASSERT_TRUE(manifest);
  const json::Node& told = *manifest->root().find("written");
  EXPECT_EQ(told.find("events")->integer(), static_cast<std::int64_t>(written->count));
  EXPECT_EQ(told.find("elements")->integer(), static_cast<std::int64_t>(written->elements));
  EXPECT_EQ(lines_of(written->events).size(), written->count);
}

TEST(SampleGenerate, NothingHalfWrittenIsLeft) {
  Folder folder("whole");
  ASSERT_TRUE(generate(small(1, folder.path())));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"events.ndjson", "manifest.json"}));
}

}  // namespace
}  // namespace patuh::sample
