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

}  // namespace

bool is_utf8(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::size_t i = 0;
  while (i < text.size()) {
    const Lead lead = lead_of(at(i));
    const auto length = static_cast<std::size_t>(lead.length);
    if (length == 0 || i + length > text.size()) return false;
    if (length > 1 && (at(i + 1) < lead.low || at(i + 1) > lead.high)) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((at(i + k) & 0xC0U) != 0x80U) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace patuh::base
