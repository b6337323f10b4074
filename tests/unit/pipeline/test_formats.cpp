// Stores that earlier releases wrote are brought forward, and go on.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "pipeline/pipeline.h"

namespace patuh::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead =
    "9c1f906da97ecd83dae67dce6c00f766cbbf698c87287d25248bb374a0b9b4c0";

// Of the releases before this one.
class Formats : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("patuh-format-" + std::to_string(GetParam()) + "-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ifstream file(fs::path(PATUH_SOURCE_DIR) / "tests/unit/pipeline/formats" /
                       ("format-" + std::to_string(GetParam()) + ".sql"));
    std::stringstream sql;
    sql << "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;\n" << file.rdbuf();
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "patuh.db").c_str(), &connection), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(connection, sql.str().c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_P(Formats, IsBroughtForwardByTheWriterAndLosesNothing) {
  const auto before = store::Reader::open(folder_.string());
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, base::Code::kConflict);
  EXPECT_NE(before.error().message.find("brings it forward"), std::string::npos);
  std::vector<std::uint64_t> told;
  store::Options options;
  options.upgrading = [&](std::uint64_t done, std::uint64_t all) { told = {done, all}; };
  const auto store = store::Store::open(folder_.string(), options);
  ASSERT_TRUE(store) << store.error().message;
  // Of those before the third no transition is indexed yet: only lists of rules begin, of an
  // agency.
  const std::uint64_t all = GetParam() < 3 ? 1 : 8;
  EXPECT_EQ(told, (std::vector<std::uint64_t>{all, all})) << "transitions of which it was told";
  EXPECT_EQ(*(*store)->read().meta("store.format"), std::to_string(store::kFormatVersion));
  const auto audit = (*store)->read().verify_chain();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->injuries.empty());
  EXPECT_EQ(base::to_hex(audit->head.entry), kHead);
  EXPECT_EQ(audit->events, 12U);
  EXPECT_EQ((*store)->read().quarantine({})->size(), 2U);
  EXPECT_EQ((*store)->read().count_transitions({}), 8U);
  EXPECT_TRUE((*store)->read().integrity()->empty());
}

TEST_P(Formats, ItsLogGivesTheVerdictsItRecorded) {
  auto store = store::Store::open(folder_.string(), {});
  ASSERT_TRUE(store);
  const auto engine = replay((*store)->read(), base::kNever);
  ASSERT_TRUE(engine);
  Options options;
  options.stop_at_disagreement = true;
  auto pipeline = Pipeline::open(std::move(*store), (*engine)->shared_book(), options);
  ASSERT_TRUE(pipeline) << pipeline.error().message;
  EXPECT_EQ((*pipeline)->view()->engine.registry.elements, 6U);
  EXPECT_EQ((*pipeline)->view()->engine.pairs, 7U);
}

INSTANTIATE_TEST_SUITE_P(Earlier, Formats, ::testing::Range(1, store::kFormatVersion));

}  // namespace
}  // namespace patuh::pipeline
