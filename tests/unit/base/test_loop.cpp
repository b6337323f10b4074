#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <thread>

#include "base/base.h"

namespace patuh::base {
namespace {

using namespace std::chrono_literals;

TEST(Loop, RunsWhatWasPostedInOrderOnItsOwnThread) {
  Loop loop;
  std::string order;
  std::thread::id ran_on;
  loop.post([&] { order += 'a'; });
  loop.post([&] {
    order += 'b';
    ran_on = std::this_thread::get_id();
    loop.stop();
  });
  std::jthread runner([&] { loop.run(); });
  const std::thread::id runner_id = runner.get_id();
  runner.join();
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(ran_on, runner_id);
}

TEST(Loop, OtherThreadsMayPostAndStop) {
  Loop loop;
  int ran = 0;
  std::jthread runner([&] { loop.run(); });
  for (int i = 0; i < 100; ++i) loop.post([&] { ++ran; });
  loop.post([&] { loop.stop(); });
  runner.join();
  EXPECT_EQ(ran, 100);
}

TEST(Loop, TimersRunInTheOrderOfTheirDelays) {
  Loop loop;
  std::string order;
  loop.after(30ms, [&] {
    order += 'c';
    loop.stop();
  });
  loop.after(0ms, [&] { order += 'a'; });
  loop.after(10ms, [&] { order += 'b'; });
  loop.run();
  EXPECT_EQ(order, "abc");
}

TEST(Loop, ARepeatedTimerComesAgainAndAgain) {
  Loop loop;
  int beats = 0;
  loop.every(1ms, [&] {
    if (++beats == 5) loop.stop();
  });
  loop.run();
  EXPECT_EQ(beats, 5);
}

TEST(Loop, WaitingTimersEndWithIt) {
  bool ran = false;
  {
    Loop loop;
    loop.after(1h, [&] { ran = true; });
    loop.every(1h, [&] { ran = true; });
    loop.post([&] { loop.stop(); });
    loop.run();
  }
  EXPECT_FALSE(ran);
}

TEST(Loop, EachArrivalOfASignalIsHandled) {
  Loop loop;
  int seen = 0;
  const int number = SIGUSR1;
  loop.on_signal(std::span(&number, 1), [&](int signal) {
    EXPECT_EQ(signal, SIGUSR1);
    if (++seen == 2) {
      loop.stop();
    } else {
      std::raise(SIGUSR1);
    }
  });
  std::raise(SIGUSR1);
  loop.run();
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace patuh::base
