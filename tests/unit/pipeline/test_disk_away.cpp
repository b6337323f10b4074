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
    for (int i = 0; i < kInputs; ++i) hand_over(delivery_of(i, {input(i)}));
    until([&] { return !pipeline_->view()->trouble.empty(); });
    EXPECT_TRUE(answers().empty());
  }
  decode::Delivery delivery_of(int number, const std::vector<std::string>& events) {
    decode::Delivery delivery;
    for (const std::string& text : events) {
      delivery.items.push_back(decode::decode_one(text, {"http", "", 0, 0}));
    }
    delivery.done = [this, number](std::span<const decode::Receipt> receipts) {
      const std::scoped_lock lock(mutex_);
      answers_.emplace_back(number, receipts.size());
    };
    return delivery;
  }
  void hand_over(decode::Delivery delivery) {
    ASSERT_TRUE(pipeline_->intake().push(std::move(delivery)));
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

// Two batches of 40 MB are not on their way at once: what comes behind stays in the queue.
TEST_F(DiskAwayTest, FewerAreOnTheirWayWhenTheyAreLarge) {
  constexpr int kEvents = 40;
  ASSERT_TRUE(open(ClockMode::kEvent, kEvents));
  send({event(1, "app/first", "{}", kThen)});
  away_ = true;
  const std::string data = R"({"note":")" + std::string(1'000'000, 'x') + "\"}";
  std::vector<decode::Delivery> deliveries;
  for (int batch = 0; batch < 2; ++batch) {
    std::vector<std::string> events;
    for (int i = 0; i < kEvents; ++i) {
      const int number = 2 + batch * kEvents + i;
      events.push_back(event(number, "app/a" + std::to_string(number), data, kThen));
    }
    deliveries.push_back(delivery_of(batch, events));
  }
  deliveries.push_back(delivery_of(2, {event(1000, "app/last", "{}", kThen)}));
  for (decode::Delivery& each : deliveries) hand_over(std::move(each));
  until([&] { return !pipeline_->view()->trouble.empty(); });
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(pipeline_->intake().size(), 1U);
  away_ = false;
  until([&] { return answers().size() == 3; });
}

}  // namespace
}  // namespace patuh::pipeline
