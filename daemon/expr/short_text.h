// Texts as rules name them are short: told apart without a call of the library's.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace patuh::expr {

// Of most texts that differ, another: the size, the first and the last byte.
constexpr std::uint32_t print_of(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [](char c) { return std::uint32_t{static_cast<unsigned char>(c)}; };
  return static_cast<std::uint32_t>(text.size()) << 16 | byte(text.front()) << 8 |
         byte(text.back());
}

// The eight bytes from `at` on, which are there.
inline std::uint64_t word_of(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

// From 8 to 16 bytes two words say it, which may overlap.
inline bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (a.size() < kWord || a.size() > 2 * kWord) return a == b;
  const std::size_t last = a.size() - kWord;
  return ((word_of(a, 0) ^ word_of(b, 0)) | (word_of(a, last) ^ word_of(b, last))) == 0;
}

inline bool begins_with(std::string_view text, std::string_view prefix) {
  constexpr std::size_t kShort = 8;
  if (text.size() < prefix.size()) return false;
  if (prefix.size() > kShort) return text.starts_with(prefix);
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (text[i] != prefix[i]) return false;
  }
  return true;
}

}  // namespace patuh::expr
