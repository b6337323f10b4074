// Random numbers that are the same everywhere: SplitMix64, and our own ways from it to choices,
// since the standard library's distributions differ between implementations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patuh::sample {

class Prng {
 public:
  // Each purpose has a sequence of its own, so that one part's choices do not move another's.
  Prng(std::uint64_t seed, std::string_view purpose) : state_(seed) {
    for (const char c : purpose) {
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    next();
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // 0 … n − 1; n > 0. Refuses the uneven rest, so that every value is equally likely.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t uneven = (0 - n) % n;
    std::uint64_t value = next();
    while (value < uneven) value = next();
    return value % n;
  }
  // Both ends included; from ≤ to.
  int between(int from, int to) {
    return from + static_cast<int>(below(static_cast<std::uint64_t>(to - from) + 1));
  }
  bool chance(int permille) { return between(0, 999) < permille; }
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<std::uint64_t>(list.size())))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace patuh::sample
