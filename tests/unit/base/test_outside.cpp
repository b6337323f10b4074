#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/base.h"

namespace patuh::base {
namespace {

using namespace std::string_view_literals;

TEST(Printable, WhatWouldSteerATerminalIsASign) {
  EXPECT_EQ(printable("a\x1b[31m\x07\x7f", "?"), "a?[31m??");
  EXPECT_EQ(printable("x\u009by", "?"), "x?y") << "the second set of controls";
  EXPECT_EQ(printable("\u202Egnp\u2069", "."), ".gnp.") << "the direction of writing";
  EXPECT_EQ(printable("Kesehatan – é 日本 🙂 \u00a0", "?"), "Kesehatan – é 日本 🙂 \u00a0");
  EXPECT_EQ(printable("\xC2"sv, "?"), "\xC2") << "a letter cut off";
}

TEST(Printable, LinesStayOnlyWhereTheyAreAskedFor) {
  EXPECT_EQ(printable("a\tb\nc\rd", " "), "a b c d");
  EXPECT_EQ(printable("a\tb\nc\rd", " ", "\t\n"), "a\tb\nc d");
}

TEST(Case, OfAsciiLettersOnly) {
  EXPECT_EQ(ascii_lower("@AZ[`az{ÀÉ-09"), "@az[`az{ÀÉ-09");
  EXPECT_TRUE(equal_without_case("Content-TYPE", "cONTENT-type"));
  EXPECT_FALSE(equal_without_case("ab", "abc"));
  EXPECT_FALSE(equal_without_case("@", "`"));
  EXPECT_FALSE(equal_without_case("É", "é"));
}

TEST(Percent, EncodesAllButUnreservedCharactersAndWhatIsPlain) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a/b é,%"), "a%2Fb%20%C3%A9%2C%25");
  EXPECT_EQ(percent_encoded("a/b,c", "/,"), "a/b,c");
}

TEST(Percent, DecodesEachByteOnce) {
  EXPECT_EQ(percent_decoded("a%2Fb%c3%A9%2525").text, "a/bé%25");
  EXPECT_TRUE(percent_decoded("a%2Fb").is_whole);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decoded(percent_encoded(all)).text, all);
}

TEST(Percent, ASignThatBeginsNothingStandsForItselfAndIsTold) {
  for (const std::string_view text : {"%"sv, "%2"sv, "a%zzb"sv, "%+1"sv, "%% 1"sv}) {
    const auto [decoded, is_whole] = percent_decoded(text);
    EXPECT_EQ(decoded, text);
    EXPECT_FALSE(is_whole) << text;
  }
}

TEST(ReadFile, GivesItsBytesAndNothingOfAFolder) {
  std::string folder = (std::filesystem::temp_directory_path() / "patuh-read-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 20000U}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 7);
    std::ofstream(folder + "/file", std::ios::binary) << bytes;
    EXPECT_EQ(read_file(folder + "/file"), bytes) << size;
  }
  EXPECT_EQ(read_file(folder), std::nullopt);
  EXPECT_EQ(read_file(folder + "/none"), std::nullopt);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace patuh::base
