#include <algorithm>
#include <cstring>

#include "base/base.h"

namespace patuh::base {
namespace {

struct Lead {
  int length;         // bytes of the sequence, 0 for a byte that cannot begin one
  std::uint8_t low;   // least and greatest allowed second byte: excludes overlong forms,
  std::uint8_t high;  // surrogates and what lies beyond U+10FFFF
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Eight bytes are looked at together: most texts are ASCII, and every name is looked at.
using Word = std::uint64_t;

constexpr Word of_each(std::uint8_t byte) { return ~Word{0} / 0xFF * byte; }

// From `at` on; behind the end of the text there are spaces.
Word word_of(std::string_view text, std::size_t at) {
  Word word = of_each(' ');
  const std::size_t left = text.size() - at;
  if (left >= sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
  } else {
    std::memcpy(&word, text.data() + at, left);
  }
  return word;
}

// Exact for whether there is one, not for which byte it is.
constexpr bool has_below(Word word, std::uint8_t limit) {
  return ((word - of_each(limit)) & ~word & of_each(0x80)) != 0;
}

std::size_t ascii_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && (word_of(text, i) & of_each(0x80)) == 0) i += sizeof(Word);
  return std::min(i, text.size());
}

// Bytes of the character that begins there; 0: none does.
std::size_t character_at(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
  const Lead lead = lead_of(at(i));
  const auto length = static_cast<std::size_t>(lead.length);
  if (length == 0 || i + length > text.size()) return 0;
  if (length > 1 && (at(i + 1) < lead.low || at(i + 1) > lead.high)) return 0;
  for (std::size_t k = 2; k < length; ++k) {
    if ((at(i + k) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

}  // namespace

bool has_controls(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); i += sizeof(Word)) {
    const Word word = word_of(text, i);
    if (has_below(word, 0x20) || has_below(word ^ of_each(0x7F), 1)) return true;
  }
  return false;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = ascii_length(text); i < text.size();) {
    const std::size_t length = character_at(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string as_utf8(std::string text) {
  if (is_utf8(text)) return text;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_at(text, i);
    out += length == 0 ? std::string_view("\uFFFD") : std::string_view(text).substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace patuh::base
