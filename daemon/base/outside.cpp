// Texts and files from outside.
#include <algorithm>
#include <array>
#include <fstream>

#include "base/base.h"

namespace patuh::base {
namespace {

// Bytes of the control character, or of the sign that turns the direction of writing, with which
// `text` begins; 0 when it begins with neither.
std::size_t steering(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kTurning = {
      "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (at(0) < ' ' || at(0) == 0x7F) return 1;
  if (at(0) == 0xC2 && text.size() > 1 && at(1) >= 0x80 && at(1) < 0xA0) return 2;
  const auto* const turning =
      std::ranges::find_if(kTurning, [&](std::string_view one) { return text.starts_with(one); });
  return turning == kTurning.end() ? 0 : turning->size();
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<unsigned> nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::string printable(std::string_view text, std::string_view sign, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const bool stays = kept.find(text[i]) != std::string_view::npos;
    const std::size_t size = stays ? 0 : steering(text.substr(i));
    out += size == 0 ? text.substr(i, 1) : sign;
    i += std::max<std::size_t>(size, 1);
  }
  return out;
}

std::string percent_encoded(std::string_view text, std::string_view plain) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c) || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out.append(1, '%').append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    }
  }
  return out;
}

PercentDecoded percent_decoded(std::string_view text) {
  PercentDecoded out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.text += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    const auto high = digits.size() == 2 ? nibble(digits[0]) : std::nullopt;
    const auto low = digits.size() == 2 ? nibble(digits[1]) : std::nullopt;
    if (high && low) {
      out.text += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out.text += '%';
      out.is_whole = false;
    }
  }
  return out;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string out;
  std::array<char, 4096> block{};
  do {
    in.read(block.data(), block.size());
    out.append(block.data(), static_cast<std::size_t>(in.gcount()));
  } while (in);
  // A folder can be opened, but not read.
  if (!in.is_open() || in.bad()) return std::nullopt;
  return out;
}

}  // namespace patuh::base
