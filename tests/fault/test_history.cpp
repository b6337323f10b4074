// The same history whatever the batches, and the same bytes whatever the compiler.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "script.h"

namespace patuh::fault {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSteps = 120;

class Folder {
 public:
  Folder() { fs::remove_all(path_); }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_; }

 private:
  fs::path path_ = fs::path(::testing::TempDir()) / ("patuh-history-" + std::to_string(::getpid()));
};

// All inputs of the course by event clock, so many a batch.
Seen in_batches_of(std::size_t size) {
  const Folder folder;
  auto store = store::Store::open(folder.path(), {});
  EXPECT_TRUE(store);
  pipeline::Options options;
  options.clock = pipeline::ClockMode::kEvent;
  options.batch_events = size;
  options.sinks = {"am"};
  options.stop_at_disagreement = true;
  auto pipeline = pipeline::Pipeline::open(std::move(*store), book_of(true), options);
  EXPECT_TRUE(pipeline);
  (*pipeline)->start();
  std::vector<std::string> inputs;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    for (std::string& input : inputs_of(step)) inputs.push_back(std::move(input));
  }
  for (std::size_t at = 0; at < inputs.size(); at += size) {
    decode::Delivery delivery;
    for (std::size_t i = at; i < std::min(at + size, inputs.size()); ++i) {
      delivery.items.push_back(decode::decode_one(inputs[i], {"http", "", 0, 0}));
    }
    const auto receipts =
        decode::deliver(std::move(delivery), (*pipeline)->intake(), std::chrono::seconds(60));
    EXPECT_TRUE(receipts && !receipts->empty());
  }
  Seen out = see(**pipeline, folder.path());
  (*pipeline)->stop();
  return out;
}

TEST(History, IsTheSameInBatchesOf1And7And1000) {
  const Seen one = in_batches_of(1);
  const Seen seven = in_batches_of(7);
  const Seen thousand = in_batches_of(1000);
  EXPECT_TRUE(one.means_the_same(seven));
  EXPECT_TRUE(one.means_the_same(thousand));
  EXPECT_GT(one.record, seven.record);
  EXPECT_GT(seven.record, thousand.record);
  EXPECT_NE(one.chain, thousand.chain);
}

// A change of this digest is a change of what a history means: of verdicts, times, alerts or what
// is told. Say why where you change it.
constexpr const char* kKnown = "030d48616f9dacafa30e9c412d2967ba71d0beb2fb93b34fd1a66e3f69b2c223";

TEST(History, IsTheSameBytesInEveryBuild) {
  const Folder folder;
  Script script(folder.path());
  ASSERT_EQ(script.open(), "");
  for (std::uint64_t step = 0; step < kSteps; ++step) ASSERT_TRUE(script.step());
  const Seen seen = script.see();
  std::string all;
  for (const base::Digest& digest : {seen.elements, seen.transitions, seen.alerts, seen.outbox}) {
    all += base::to_hex(digest);
  }
  EXPECT_EQ(base::to_hex(base::sha256(all)), kKnown);
}

}  // namespace
}  // namespace patuh::fault
