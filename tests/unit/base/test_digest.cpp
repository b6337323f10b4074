#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/base.h"

namespace patuh::base {
namespace {

std::string sha(std::string_view text) { return to_hex(sha256(text)); }

// The examples of FIPS 180-2.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  const std::array<std::string_view, 4> parts = {"a", "", "b", "c"};
  EXPECT_EQ(sha256(parts), sha256("abc"));
}

TEST(Sha256, OfEachIsThatOfOne) {
  std::vector<std::string> texts = {"", "abc", std::string(70'000, 'x'), ""};
  for (std::size_t size = 0; size < 300; ++size) texts.emplace_back(size, static_cast<char>(size));
  for (std::size_t count = 0; count <= texts.size(); count += count < 40 ? 1 : 88) {
    const std::vector<std::string_view> views(texts.begin(),
                                              texts.begin() + static_cast<std::ptrdiff_t>(count));
    const std::vector<Digest> digests = sha256_each(views);
    ASSERT_EQ(digests.size(), count);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(digests[i], sha256(texts[i])) << i;
  }
}

TEST(Hex, GoesThereAndBack) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  const auto back = from_hex(to_hex(bytes));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, bytes);
  EXPECT_EQ(*from_hex("00fFA7"), (std::vector<std::uint8_t>{0x00, 0xFF, 0xA7}));
  EXPECT_TRUE(from_hex("")->empty());
}

TEST(Hex, RefusesWhatIsNone) {
  for (const std::string_view text : {"0", "0g", "zz", "0x", " 0"}) {
    const auto bytes = from_hex(text);
    ASSERT_FALSE(bytes.has_value()) << text;
    EXPECT_EQ(bytes.error().code, Code::kInvalid);
  }
}

}  // namespace
}  // namespace patuh::base
