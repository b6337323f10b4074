#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "base/base.h"

namespace patuh::base {
namespace {

using namespace std::chrono_literals;

// Long enough for any machine: what waits so long hangs.
constexpr auto kLong = 60s;

TEST(Queue, HandsOutInOrderAndAtMostWhatIsAsked) {
  Queue<int> queue(10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(int{i}));
  EXPECT_EQ(queue.size(), 5U);
  EXPECT_EQ(queue.capacity(), 10U);
  EXPECT_EQ(queue.pop_some(3, 0ms), (std::vector{0, 1, 2}));
  EXPECT_EQ(queue.pop_some(3, 0ms), (std::vector{3, 4}));
  EXPECT_TRUE(queue.pop_some(3, 1ms).empty());
}

TEST(Queue, TryPushLeavesTheItemWhenFullOrClosed) {
  Queue<std::unique_ptr<int>> queue(1);
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  EXPECT_TRUE(queue.try_push(first));
  EXPECT_EQ(first, nullptr);
  EXPECT_FALSE(queue.try_push(second));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*queue.pop_some(1, 0ms).front(), 1);
  queue.close();
  EXPECT_FALSE(queue.try_push(second));
  EXPECT_NE(second, nullptr);
}

TEST(Queue, AFullOneMakesThePusherWait) {
  Queue<int> queue(1);
  ASSERT_TRUE(queue.push(1));
  std::jthread pusher([&] { EXPECT_TRUE(queue.push(2)); });
  EXPECT_EQ(queue.pop_some(1, kLong), std::vector{1});
  EXPECT_EQ(queue.pop_some(1, kLong), std::vector{2});
}

TEST(Queue, ClosingWakesWhoWaitsAndKeepsWhatIsQueued) {
  Queue<int> queue(1);
  ASSERT_TRUE(queue.push(1));
  std::jthread pusher([&] { EXPECT_FALSE(queue.push(2)); });
  queue.close();
  pusher.join();
  EXPECT_TRUE(queue.closed());
  EXPECT_EQ(queue.pop_some(5, kLong), std::vector{1});
  EXPECT_TRUE(queue.pop_some(5, kLong).empty()) << "drained: no waiting";
}

TEST(Queue, ClosingWakesAnEmptyQueuesReader) {
  Queue<int> queue(1);
  std::jthread reader([&] { EXPECT_TRUE(queue.pop_some(1, kLong).empty()); });
  queue.close();
}

TEST(Queue, AStopRequestWakesBothEnds) {
  Queue<int> full(1);
  ASSERT_TRUE(full.push(1));
  Queue<int> empty(1);
  std::jthread pusher([&](std::stop_token stop) { EXPECT_FALSE(full.push(2, stop)); });
  std::jthread reader(
      [&](std::stop_token stop) { EXPECT_TRUE(empty.pop_some(1, kLong, stop).empty()); });
  pusher.request_stop();
  reader.request_stop();
}

TEST(Queue, ManyPushersAndReadersLoseNothing) {
  constexpr int kEach = 2000;
  constexpr int kPushers = 3;
  Queue<int> queue(7);
  std::mutex mutex;
  std::vector<int> taken;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        for (std::vector<int> some = queue.pop_some(5, kLong); !some.empty();
             some = queue.pop_some(5, kLong)) {
          const std::scoped_lock lock(mutex);
          taken.insert(taken.end(), some.begin(), some.end());
        }
      });
    }
    {
      std::vector<std::jthread> pushers;
      for (int p = 0; p < kPushers; ++p) {
        pushers.emplace_back([&queue, p] {
          for (int i = 0; i < kEach; ++i) ASSERT_TRUE(queue.push(p * kEach + i));
        });
      }
    }
    queue.close();
  }
  std::ranges::sort(taken);
  std::vector<int> wanted(kEach * kPushers);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(taken, wanted);
}

}  // namespace
}  // namespace patuh::base
