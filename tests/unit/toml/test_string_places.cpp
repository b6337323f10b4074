// Where the bytes of a string's value stand in its file.
#include <gtest/gtest.h>

#include "toml/toml.h"

namespace patuh::toml {
namespace {

struct Spot {
  std::uint32_t line;
  std::uint32_t column;
  friend bool operator==(const Spot&, const Spot&) = default;
};
std::ostream& operator<<(std::ostream& out, const Spot& spot) {
  return out << spot.line << ":" << spot.column;
}

// The place of the first X in the value of `s`.
Spot place_of_x(const std::string& text) {
  base::Diagnostics out;
  Report report(out, "T");
  const auto document = Document::parse("t.toml", text, report);
  if (!document) {
    ADD_FAILURE() << out.render();
    return {0, 0};
  }
  const Node& node = *document->root().find("s");
  const std::size_t offset = node.string().find('X');
  EXPECT_NE(offset, std::string::npos);
  const At at = node.at_offset(offset);
  return {at.line(), at.column()};
}

TEST(StringPlaces, SingleLine) {
  EXPECT_EQ(place_of_x("s = 'abX'\n"), (Spot{1, 8}));
  EXPECT_EQ(place_of_x("s = \"abX\"\n"), (Spot{1, 8}));
  EXPECT_EQ(place_of_x("\n  s = \"X\"\n"), (Spot{2, 8}));
}

TEST(StringPlaces, EscapesCountAsTheyAreWritten) {
  EXPECT_EQ(place_of_x("s = \"\\\"\\n\\\\X\"\n"), (Spot{1, 12}));
  EXPECT_EQ(place_of_x("s = \"\\u00e9\\U0001F600X\"\n"), (Spot{1, 22}));
  EXPECT_EQ(place_of_x("s = '\\n\\X'\n"), (Spot{1, 9}));  // no escapes in a literal string
}

TEST(StringPlaces, ColumnsAreCodePoints) { EXPECT_EQ(place_of_x("s = \"é–X\"\n"), (Spot{1, 8})); }

TEST(StringPlaces, MultiLine) {
  EXPECT_EQ(place_of_x("s = \"\"\"\nabX\"\"\"\n"), (Spot{2, 3}));
  EXPECT_EQ(place_of_x("s = \"\"\"a\n bX\"\"\"\n"), (Spot{2, 3}));
  EXPECT_EQ(place_of_x("s = '''\n\n  X'''\n"), (Spot{3, 3}));
  EXPECT_EQ(place_of_x("s = \"\"\"X\"\"\"\n"), (Spot{1, 8}));
}

TEST(StringPlaces, CarriageReturns) {
  EXPECT_EQ(place_of_x("s = \"\"\"\r\nab\r\ncX\"\"\"\r\n"), (Spot{3, 2}));
}

TEST(StringPlaces, ALineEndingBackslashSwallowsBlanks) {
  EXPECT_EQ(place_of_x("s = \"\"\"a \\\n    \n   bX\"\"\"\n"), (Spot{3, 5}));
  EXPECT_EQ(place_of_x("s = \"\"\"\\\n  X\"\"\"\n"), (Spot{2, 3}));
}

TEST(StringPlaces, TheEndIsTheClosingQuotes) {
  base::Diagnostics out;
  Report report(out, "T");
  const auto document = Document::parse("t.toml", "s = 'ab'\n", report);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find("s")->at_offset(2).column(), 8U);
}

}  // namespace
}  // namespace patuh::toml
