#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "collectors/file/file.h"

namespace patuh::file {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class FileCollector : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-spool-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    sink_ = std::jthread([this](const std::stop_token& stop) { drain(stop); });
  }
  void TearDown() override {
    sink_.request_stop();
    sink_.join();
    fs::remove_all(folder_);
  }

  // Stands in for the pipeline: takes every delivery and gives a receipt for each item.
  void drain(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (decode::Delivery& delivery : intake_.pop_some(1, milliseconds(10), stop)) {
        std::vector<decode::Receipt> receipts;
        for (const decode::Item& item : delivery.items) {
          const auto* const refused = std::get_if<decode::Rejected>(&item);
          receipts.push_back(
              {refused ? decode::Taken::kSetAside : decode::Taken::kApplied, {}, {}});
          lines_.push_back(refused ? refused->position.offset
                                   : std::get<decode::Event>(item).position.offset);
        }
        interpreted_ += delivery.changes.size();
        next_ = delivery.next.front();
        delivery.done(receipts);
      }
    }
  }

  fs::path write(const std::string& name, const std::string& text) const {
    const fs::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  static std::string line(int i) {
    return R"({"op":"upsert","source":"s","subject":"k/e)" + std::to_string(i) + R"(","data":{}})" +
           "\n";
  }

  fs::path folder_;
  decode::Intake intake_{4};
  std::vector<std::int64_t> lines_;  // of the sink's thread; read after feed() returned
  std::size_t interpreted_ = 0;      // events, likewise
  model::Position next_;
  std::jthread sink_;
};

TEST_F(FileCollector, FeedsEveryLineOnceAndCountsWhatIsSetAside) {
  std::string text;
  for (int i = 1; i <= 1200; ++i) text += i == 7 ? "not json\n" : line(i);
  const auto done = feed(write("a.ndjson", text + "\n  \n" + line(0)), intake_, {});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->lines, 1201u);
  EXPECT_EQ(done->set_aside, 1u);
  EXPECT_EQ(done->bytes, done->bytes_all);
  EXPECT_EQ(lines_.back(), 1203);
  EXPECT_EQ(next_.offset, 1204);
}

TEST_F(FileCollector, GoesOnAtTheLineItIsTold) {
  std::string text;
  for (int i = 1; i <= 10; ++i) text += line(i);
  FeedOptions options;
  options.first_line = 8;
  const auto done = feed(write("a.ndjson", text), intake_, options);
  ASSERT_TRUE(done);
  EXPECT_EQ(lines_, (std::vector<std::int64_t>{8, 9, 10}));
}

TEST_F(FileCollector, TakesAFileWithoutANewlineAtItsEndAndAnEmptyOne) {
  std::string text = line(1);
  text.pop_back();
  EXPECT_EQ(feed(write("a.ndjson", text), intake_, {})->lines, 1u);
  EXPECT_EQ(feed(write("b.ndjson", ""), intake_, {})->lines, 0u);
}

// The file is read in blocks: lines end before, at and behind the end of one, and reach over many.
TEST_F(FileCollector, LinesMayEndAnywhereInABlock) {
  constexpr std::size_t kBlock = std::size_t{256} * 1024;
  std::string text;
  for (const std::size_t end : {kBlock - 1, kBlock, kBlock + 1, 2 * kBlock + 1, 7 * kBlock}) {
    const std::string rest = R"({"op":"upsert","source":"s","subject":"k/e","data":{}})";
    const std::size_t spaces = end > text.size() ? (end - text.size()) % kBlock : 0;
    text += std::string(spaces, ' ') + rest + "\n";
  }
  text += "{\"op\":\"" + std::string(5 * kBlock, 'x') + "\"}\n" + line(1);
  for (std::size_t blank = 0; blank < 70; ++blank) {  // shifts all ends by one byte after another
    lines_.clear();
    const auto done = feed(write("a.ndjson", std::string(blank, ' ') + text), intake_, {});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->lines, 7U);
    EXPECT_EQ(done->set_aside, 1U);  // the one beyond a mebibyte
    EXPECT_EQ(lines_, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7}));
  }
}

TEST_F(FileCollector, InterpretsAheadBySchemaIfItIsTold) {
  FeedOptions options;
  options.schema = [] { return std::make_shared<const model::Schema>(); };
  ASSERT_TRUE(feed(write("a.ndjson", line(1) + "no json\n" + line(2)), intake_, options));
  EXPECT_EQ(interpreted_, 3U);
  ASSERT_TRUE(feed(write("b.ndjson", line(1)), intake_, {}));
  EXPECT_EQ(interpreted_, 3U);
}

TEST_F(FileCollector, ReportsAFileThatIsNotThere) {
  const auto done = feed(folder_ / "none.ndjson", intake_, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::kNotFound);
}

TEST_F(FileCollector, StopsWhenTheIntakeIsClosed) {
  intake_.close();
  const auto done = feed(write("a.ndjson", line(1)), intake_, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::kCancelled);
}

TEST_F(FileCollector, KnowsAFileByNameAndContent) {
  const auto a = identity_of(write("a.ndjson", line(1)));
  const auto b = identity_of(write("a.ndjson", line(2)));
  const auto c = identity_of(write("c.ndjson", line(2)));
  ASSERT_TRUE(a && b && c);
  EXPECT_NE(*a, *b);
  EXPECT_NE(*b, *c);
}

TEST_F(FileCollector, SpoolTakesFilesInOrderAndRenamesThem) {
  write("2.ndjson", line(2));
  write("1.ndjson", line(1));
  write("3.tmp", line(3));
  Spool spool({folder_, [](const std::string&) { return std::nullopt; }, {}, {}}, intake_);
  ASSERT_TRUE(spool.start());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (spool.stats().files < 2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  spool.stop();
  EXPECT_EQ(spool.stats().files, 2u);
  EXPECT_TRUE(fs::exists(folder_ / "1.ndjson.done"));
  EXPECT_TRUE(fs::exists(folder_ / "2.ndjson.done"));
  EXPECT_TRUE(fs::exists(folder_ / "3.tmp"));
}

// Five times a second it would be taken for another one, and complained of.
TEST_F(FileCollector, SpoolLeavesAFileAloneThatCannotBeRenamed) {
  fs::create_directories(folder_ / "1.ndjson.done");
  write("1.ndjson", line(1));
  Spool spool({folder_, [](const std::string&) { return std::optional<std::int64_t>(2); }, {}, {}},
              intake_);
  ASSERT_TRUE(spool.start());
  std::this_thread::sleep_for(milliseconds(1200));
  EXPECT_EQ(spool.stats().files, 1u);
  fs::rename(write("1.tmp", line(1) + line(2)), folder_ / "1.ndjson");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (spool.stats().files < 2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(spool.stats().files, 2u) << "another content is another file";
  spool.stop();
}

}  // namespace
}  // namespace patuh::file
