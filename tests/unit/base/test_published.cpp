#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/base.h"

namespace patuh::base {
namespace {

TEST(Published, IsNullBeforeTheFirstAndThenTheNewest) {
  Published<int> slot;
  EXPECT_EQ(slot.load(), nullptr);
  slot.store(std::make_shared<const int>(1));
  const auto kept = slot.load();
  slot.store(std::make_shared<const int>(2));
  EXPECT_EQ(*slot.load(), 2);
  EXPECT_EQ(*kept, 1) << "what was taken stays as it was";
  EXPECT_EQ(*Published<int>(std::make_shared<const int>(3)).load(), 3);
}

TEST(Published, ReadersSeeWholeValuesThatNeverGoBack) {
  using Pair = std::array<int, 2>;
  Published<Pair> slot(std::make_shared<const Pair>(Pair{0, 0}));
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!done) {
        const auto value = slot.load();
        ASSERT_EQ((*value)[0], (*value)[1]);
        ASSERT_GE((*value)[0], last);
        last = (*value)[0];
      }
    });
  }
  for (int i = 1; i <= 5000; ++i) slot.store(std::make_shared<const Pair>(Pair{i, i}));
  done = true;
}

}  // namespace
}  // namespace patuh::base
