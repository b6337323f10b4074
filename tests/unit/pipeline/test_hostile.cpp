// What is read back from the disk, with a few bytes of it changed by somebody who can count: taken
// or refused, in all presets. ./run fuzz store looks longer.
#include <gtest/gtest.h>

#include <random>

#include "tests/fuzz/hostile.h"

namespace patuh::hostile {
namespace {

constexpr int kTries = 1500;  // of each kind

class Hand {
 public:
  explicit Hand(unsigned seed) : random_(seed) {}

  std::string changed(const std::vector<std::string>& good) {
    std::string out = good[below(good.size())];
    for (std::uint64_t times = 1 + below(3); times > 0; --times) change(out, good);
    return out;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void change(std::string& bytes, const std::vector<std::string>& good) {
    if (bytes.empty()) {
      bytes = std::string(1 + below(9), '\x7f');
      return;
    }
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) + 1);
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(at, 1 + below(4));
        break;
      case 4:  // the greatest number that can be written
        bytes.replace(at, 1, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
        break;
      default: {
        const std::string& other = good[below(good.size())];
        bytes.replace(at, std::string::npos, other, std::min(at, other.size()));
      }
    }
  }

  std::mt19937_64 random_;
};

class Hostile : public ::testing::TestWithParam<int> {};

TEST_P(Hostile, BytesAreTakenOrRefused) {
  const auto of = static_cast<Of>(GetParam());
  for (std::size_t i = 0; i < good(of).size(); ++i) {
    if (of == Of::kBody || of == Of::kOutline) {
      EXPECT_TRUE(try_bytes(of, good(of)[i]));
    }
  }
  Hand hand(static_cast<unsigned>(GetParam()));
  int refused = 0;
  for (int i = 0; i < kTries; ++i) refused += try_bytes(of, hand.changed(good(of))) ? 0 : 1;
  EXPECT_GT(refused, kTries / 4);
}

INSTANTIATE_TEST_SUITE_P(Each, Hostile, ::testing::Range(0, int{kKinds}));

}  // namespace
}  // namespace patuh::hostile
