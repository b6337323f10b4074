#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toml/toml.h"

namespace patuh::toml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A table of one document with what its getters report.
class FieldsTest : public testing::Test {
 protected:
  Fields& read(std::string text) {
    document_ = Document::parse("t.toml", std::move(text), report_);
    EXPECT_TRUE(document_.has_value()) << out_.render();
    fields_.emplace(document_->root(), report_, "the table");
    return *fields_;
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const base::Diagnostic& each : out_.list()) codes.push_back(each.code);
    return codes;
  }

  base::Diagnostics out_;
  Report report_{out_, "T"};
  std::optional<Document> document_;
  std::optional<Fields> fields_;
};

TEST_F(FieldsTest, AnswersWhatIsThere) {
  Fields& fields =
      read("s = 'x'\ni = 5\nn = 5\nb = true\nl = ['a', 'b']\nt = {}\nc = 'red'\n[[r]]\n");
  EXPECT_EQ(fields.string("s"), "x");
  EXPECT_EQ(fields.integer("i", {.min = 1, .max = 5}), 5);
  EXPECT_EQ(fields.number("n"), 5.0);
  EXPECT_EQ(fields.boolean("b"), true);
  EXPECT_THAT(*fields.strings("l"), ElementsAre("a", "b"));
  EXPECT_NE(fields.table("t"), nullptr);
  constexpr std::array<std::string_view, 2> kColours = {"blue", "red"};
  EXPECT_EQ(fields.choice("c", kColours), 1U);
  EXPECT_EQ(fields.tables("r").size(), 1U);
  fields.finish();
  EXPECT_TRUE(out_.empty()) << out_.render();
}

TEST_F(FieldsTest, AbsentKeysAreNothingUnlessRequired) {
  Fields& fields = read("");
  EXPECT_EQ(fields.string("s"), std::nullopt);
  EXPECT_EQ(fields.tables("r").size(), 0U);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(fields.string("s", Need::kRequired), std::nullopt);
  EXPECT_EQ(fields.number("n", Need::kRequired), std::nullopt);
  EXPECT_THAT(codes(), ElementsAre("T-MISSING-KEY", "T-MISSING-KEY"));
  EXPECT_EQ(out_.list()[0].message, "the table has no 's'");
}

TEST_F(FieldsTest, WrongTypesAreNamed) {
  Fields& fields = read("s = 1\ni = 'x'\nf = 1.5\nn = 'x'\nl = ['a', 1]\nr = [1]\nt = []\n");
  EXPECT_EQ(fields.string("s"), std::nullopt);
  EXPECT_EQ(fields.integer("i"), std::nullopt);
  EXPECT_EQ(fields.integer("f"), std::nullopt);
  EXPECT_EQ(fields.number("n"), std::nullopt);
  EXPECT_THAT(*fields.strings("l"), ElementsAre("a"));
  EXPECT_TRUE(fields.tables("r").empty());
  EXPECT_EQ(fields.table("t"), nullptr);
  EXPECT_EQ(out_.list().size(), 7U);
  for (const base::Diagnostic& each : out_.list()) EXPECT_EQ(each.code, "T-WRONG-TYPE");
  EXPECT_EQ(out_.list()[0].message, "'s' must be a string, not an integer");
  EXPECT_EQ(out_.list()[0].place.column, 5U);
  EXPECT_EQ(out_.list()[4].message, "'l' must hold strings, not an integer");
  EXPECT_EQ(out_.list()[4].place.column, 11U);
}

TEST_F(FieldsTest, IntegersOutsideTheirRangeAreRefused) {
  Fields& fields = read("a = 0\nb = 0\n");
  EXPECT_EQ(fields.integer("a", {.min = 1, .max = 65535}), std::nullopt);
  EXPECT_EQ(fields.integer("b", {.min = 1}), std::nullopt);
  EXPECT_THAT(codes(), ElementsAre("T-OUT-OF-RANGE", "T-OUT-OF-RANGE"));
  EXPECT_EQ(out_.list()[0].message, "'a' must be 1 to 65535");
  EXPECT_EQ(out_.list()[1].message, "'b' must be at least 1");
}

TEST_F(FieldsTest, ChoicesSuggestTheNearest) {
  Fields& fields = read("c = 'critcal'\n");
  constexpr std::array<std::string_view, 2> kChoices = {"critical", "high"};
  EXPECT_EQ(fields.choice("c", kChoices), std::nullopt);
  EXPECT_THAT(codes(), ElementsAre("T-BAD-CHOICE"));
  EXPECT_EQ(out_.list()[0].hint, "did you mean 'critical'?");
}

TEST_F(FieldsTest, UnknownKeysAreReportedAtTheKeyWithTheNearestKnownOne) {
  Fields& fields = read("grace = '1d'\n  grce = '1d'\nxyzzy = 1\n");
  fields.string("grace");
  fields.string("owner");
  fields.finish();
  EXPECT_THAT(codes(), ElementsAre("T-UNKNOWN-KEY", "T-UNKNOWN-KEY"));
  EXPECT_EQ(out_.list()[0].message, "unknown key 'grce' in the table");
  EXPECT_EQ(out_.list()[0].hint, "did you mean 'grace'?");
  EXPECT_EQ(out_.list()[0].place.line, 2U);
  EXPECT_EQ(out_.list()[0].place.column, 3U);
  EXPECT_EQ(out_.list()[1].hint, "one of: grace, owner");
}

TEST_F(FieldsTest, WarningsDoNotMakeAnError) {
  Fields& fields = read("a = 1\n");
  report_.warning(fields.at("a"), "ODD", "odd");
  EXPECT_FALSE(out_.has_errors());
  EXPECT_EQ(out_.list()[0].code, "T-ODD");
}

}  // namespace
}  // namespace patuh::toml
