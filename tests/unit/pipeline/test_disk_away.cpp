#include <atomic>
#include <mutex>
#include <thread>

#include "pipeline_test.h"
#include "store/files.h"

namespace patuh::pipeline {
namespace {

class DiskAwayTest : public PipelineTest {
 protected:
  static constexpr int kInputs = 12;  // more than are on their way at a time
  void SetUp() override {
    PipelineTest::SetUp();
    store::decide_file_fates([this](const store::FileCall& call) {
      const bool writes = call.operation == store::FileOperation::kWrite;
      return away_ && writes ? store::Fate::kDiskFull : store::Fate::kPass;
    });
  }
  void TearDown() override {
    PipelineTest::TearDown();
    store::decide_file_fates({});
  }

  // Hands all inputs over, one a batch, and waits until the pipeline says that it cannot write.
  void hand_over_while_away() {
    away_ = true;
    for (int i = 0; i < kInputs; ++i) {
      decode::Delivery delivery;
      delivery.items.push_back(decode::decode_one(input(i), {"http", "", 0, 0}));
      delivery.done = [this, i](std::span<const decode::Receipt> receipts) {
        const std::scoped_lock lock(mutex_);
        answers_.emplace_back(i, receipts.size());
      };
      ASSERT_TRUE(pipeline_->intake().push(delivery));
    }
    until([&] { return !pipeline_->view()->trouble.empty(); });
    EXPECT_TRUE(answers().empty());
  }
  static std::string input(int number) {
    return event(number + 2, "app/a" + std::to_string(number), "{}", kThen);
  }
  static void until(const std::function<bool()>& is_so) {
    for (int i = 0; i < 6000 && !is_so(); ++i) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_TRUE(is_so());
  }
  // Of each input in the order of the answers, with the number of its receipts.
  std::vector<std::pair<int, std::size_t>> answers() {
    const std::scoped_lock lock(mutex_);
    return answers_;
  }
  static std::vector<std::pair<int, std::size_t>> all_answered(std::size_t receipts) {
    std::vector<std::pair<int, std::size_t>> out;
    for (int i = 0; i < kInputs; ++i) out.emplace_back(i, receipts);
    return out;
  }

  std::atomic<bool> away_ = false;
  std::mutex mutex_;
  std::vector<std::pair<int, std::size_t>> answers_;
};

TEST_F(DiskAwayTest, WhatIsOnItsWayWaitsAndIsWrittenInItsOrder) {
  ASSERT_TRUE(open(ClockMode::kEvent, 1));
  send({event(1, "app/first", "{}", kThen)});
  const std::uint64_t before = pipeline_->view()->tail.seq.value;
  hand_over_while_away();
  away_ = false;
  until([&] { return answers().size() == kInputs; });
  EXPECT_EQ(answers(), all_answered(1));
  stop();
  auto reader = store::Reader::open(folder_.string());
  EXPECT_EQ((*reader)->tail()->seq.value, before + kInputs);
  EXPECT_EQ(transitions().size(), kInputs + 1u);
}

TEST_F(DiskAwayTest, WhatIsOnItsWayIsGivenBackWhenItStopsMeanwhile) {
  ASSERT_TRUE(open(ClockMode::kEvent, 1));
  send({event(1, "app/first", "{}", kThen)});
  const std::uint64_t before = pipeline_->view()->tail.seq.value;
  hand_over_while_away();
  stop();
  EXPECT_EQ(answers(), all_answered(0));
  away_ = false;
  {
    auto reader = store::Reader::open(folder_.string());
    EXPECT_EQ((*reader)->tail()->seq.value, before);
  }
  ASSERT_TRUE(open(ClockMode::kEvent, 1));
  for (int i = 0; i < kInputs; ++i) send({input(i)});
  stop();
  EXPECT_EQ(transitions().size(), kInputs + 1u);
}

}  // namespace
}  // namespace patuh::pipeline
