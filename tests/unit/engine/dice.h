// Random numbers that are the same on every machine (splitmix64); the first of them may come from
// bytes, so that a fuzzer can turn every single one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace patuh::engine::naive {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  // Two bytes a number; when they are used up, numbers that follow from their count.
  explicit Dice(std::span<const std::uint8_t> bytes) : state_(bytes.size()), bytes_(bytes) {}
  std::uint64_t next() {
    if (bytes_.size() >= 2) {
      const std::uint64_t two = bytes_[0] + 256U * bytes_[1];
      bytes_ = bytes_.subspan(2);
      return two;
    }
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool percent(std::size_t chance) { return below(100) < chance; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + below(from.size()));
  }

 private:
  std::uint64_t state_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace patuh::engine::naive
