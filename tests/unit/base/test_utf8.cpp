#include <gtest/gtest.h>

#include <string>

#include "base/base.h"

namespace patuh::base {
namespace {

using namespace std::string_view_literals;

// By the definition: decode, then ask whether the shortest form of a scalar value was used.
bool well_formed(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t length = 1;
    std::uint32_t point = lead;
    if (lead >= 0xF0) {
      length = 4;
      point = lead & 0x07U;
    } else if (lead >= 0xE0) {
      length = 3;
      point = lead & 0x0FU;
    } else if (lead >= 0xC0) {
      length = 2;
      point = lead & 0x1FU;
    } else if (lead >= 0x80) {
      return false;
    }
    if (lead >= 0xF8 || at + length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = point << 6U | (next & 0x3FU);
    }
    const std::size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (length != shortest || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      return false;
    }
    at += length;
  }
  return true;
}

TEST(Utf8, TakesTextOfEveryLength) {
  for (const std::string_view text : {""sv, "plain"sv, "Kesehatan – é"sv, "日本"sv, "🙂"sv, "\0x"sv,
                                      "\xF4\x8F\xBF\xBF"sv, "\xEF\xBF\xBD"sv}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesBrokenOverlongAndImpossibleForms) {
  for (const std::string_view text :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3("sv, "\xE2\x82"sv,
        "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv,
        "\xF0\x80\x80\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv,
        "\xFF"sv, "ok\xFE"sv, "\xF0\x9F\x99"sv}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, AgreesWithTheDefinitionOnAllShortSequences) {
  static constexpr unsigned char kBytes[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                             0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED,
                                             0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  constexpr std::size_t kCount = sizeof(kBytes);
  for (std::size_t code = 0; code < kCount * kCount * kCount * kCount; ++code) {
    std::string text;
    for (std::size_t rest = code, i = 0; i < 4; ++i, rest /= kCount) {
      text += static_cast<char>(kBytes[rest % kCount]);
    }
    ASSERT_EQ(is_utf8(text), well_formed(text)) << code;
  }
}

// Eight bytes are looked at together: a fault is found wherever it stands among them.
TEST(Utf8, AgreesWithTheDefinitionBehindTextsOfEveryLength) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (const std::string_view end : {"é"sv, "\x80"sv, "\xC3"sv, "\xED\xA0\x80"sv, "🙂z"sv}) {
      const std::string text = std::string(before, 'a') + std::string(end);
      ASSERT_EQ(is_utf8(text), well_formed(text)) << before;
      ASSERT_EQ(is_utf8(text + "plain text behind"), well_formed(text + "plain text behind"));
    }
  }
}

TEST(Utf8, WhatIsPartOfNoCharacterBecomesASign) {
  EXPECT_EQ(as_utf8("Kesehatan – é 🙂"), "Kesehatan – é 🙂");
  EXPECT_EQ(as_utf8("x\xFFy"), "x\uFFFDy");
  EXPECT_EQ(as_utf8("caf\xC3"), "caf\uFFFD") << "cut in a letter";
  EXPECT_EQ(as_utf8("\xED\xA0\x80é"), "\uFFFD\uFFFD\uFFFDé");
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_TRUE(is_utf8(as_utf8(std::string("é") + static_cast<char>(byte) + "z"))) << byte;
  }
}

TEST(Controls, AreFoundAtEveryPlaceAndNothingElseIs) {
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_FALSE(has_controls(std::string(size, ' ')));
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, '\x80');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(has_controls(text), byte < 0x20 || byte == 0x7F)
            << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

}  // namespace
}  // namespace patuh::base
