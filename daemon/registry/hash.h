// Hashes that are the same on every run and machine of one byte order: they stand in Keys.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patuh::registry {

// Spreads every bit over all: neighbouring numbers land far apart.
inline std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32U;
  value *= 0xD6E8FEB86659FD93U;
  value ^= value >> 32U;
  value *= 0xD6E8FEB86659FD93U;
  value ^= value >> 32U;
  return value;
}

inline std::uint64_t hash_of(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t state = seed ^ (bytes.size() * 0x9E3779B97F4A7C15U);
  const auto absorb = [&state](std::uint64_t word) {
    state = std::rotl((state ^ word) * 0xFF51AFD7ED558CCDU, 31);
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    absorb(word);
  }
  std::uint64_t rest = 0;
  if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  absorb(rest);
  return mix(state);
}

}  // namespace patuh::registry
