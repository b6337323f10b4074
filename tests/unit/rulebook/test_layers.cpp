#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

using testing::HasSubstr;

std::shared_ptr<const RuleBook> with_site() {
  const std::vector<std::filesystem::path> layers = {fixtures::folder() + "/base",
                                                     fixtures::folder() + "/layered/site"};
  Loaded book = load(layers);
  if (!book) {
    ADD_FAILURE() << book.error().render();
    return nullptr;
  }
  return *book;
}

const Parameter& parameter(const RuleBook& book, std::string_view name) {
  return *std::ranges::find(book.parameters, name, &Parameter::name);
}

TEST(Layers, ASiteChangesParametersAndKeepsTheirTypeAndTitle) {
  const auto book = with_site();
  const Parameter& margin = parameter(*book, "margin");
  EXPECT_EQ(margin.value.as_duration(), std::chrono::hours(60 * 24));
  EXPECT_EQ(margin.title.en, "Margin");
  EXPECT_THAT(margin.set_by, HasSubstr("local.toml"));
  const Parameter& least = parameter(*book, "least");
  EXPECT_EQ(least.value.as_double(), 90.0);
  EXPECT_THAT(parameter(*book, "count_max").set_by, HasSubstr("rules.toml"));
}

TEST(Layers, ASiteOverridesRulesByIdAndStampedOnesTogether) {
  const auto book = with_site();
  const Rule& rule = *book->rule("SYS-01");
  EXPECT_EQ(rule.severity, model::Severity::kHigh);
  EXPECT_EQ(rule.grace, std::chrono::hours(240));
  EXPECT_EQ(rule.confirmed_by, "Bagian Hukum");
  EXPECT_EQ(rule.mode, Mode::kEnforced);
  EXPECT_EQ(book->rule("DOC-01.needs")->mode, Mode::kShadow);
  EXPECT_EQ(book->rule("DOC-01.manual")->mode, Mode::kShadow);
  EXPECT_EQ(book->rule("DOC-01.needs")->severity, model::Severity::kHigh);
  EXPECT_EQ(book->rule("DOC-01.manual")->severity, model::Severity::kLow);
}

TEST(Layers, ASiteAddsRulesAndGrants) {
  const auto book = with_site();
  ASSERT_NE(book->rule("SITE-01"), nullptr);
  ASSERT_EQ(book->grants.size(), 2U);
  EXPECT_EQ(book->grants[0].source, "central");
  EXPECT_EQ(book->grants[0].kind, "system");
  EXPECT_EQ(book->grants[1].kind, "*");
}

TEST(Layers, SeverityModeAndGraceLeaveTheVersionAloneParametersDoNot) {
  const auto plain = fixtures::loaded(fixtures::base_pack());
  const auto book = with_site();
  EXPECT_EQ(book->rule("DOC-01.needs")->version, plain->rule("DOC-01.needs")->version);
  EXPECT_EQ(book->rule("NAME-01.system")->version, plain->rule("NAME-01.system")->version);
  EXPECT_NE(book->rule("SYS-01")->version, plain->rule("SYS-01")->version);  // params.margin
}

TEST(Layers, TheBookCarriesAllLayersAndCanBeBuiltAgain) {
  const auto book = with_site();
  ASSERT_EQ(book->files.size(), 3U);
  EXPECT_EQ(book->files[2].name, "1:local.toml");
  const auto again = fixtures::loaded(book->files);
  EXPECT_EQ(again->hash, book->hash);
  EXPECT_EQ(again->rule("SYS-01")->grace, book->rule("SYS-01")->grace);
}

TEST(Layers, TheHighestLayerWins) {
  std::vector<PackFile> files =
      fixtures::base_with("2:b.toml",
                          "[params]\ncount_max = { value = 9 }\n"
                          "[[override]]\nrule = 'SYS-01'\ngrace = '9d'\n");
  files.push_back({"1:a.toml",
                   "[params]\ncount_max = { value = 8 }\n"
                   "[[override]]\nrule = 'SYS-01'\ngrace = '8d'\n"});
  const auto book = fixtures::loaded(files);
  EXPECT_EQ(parameter(*book, "count_max").value.as_int(), 9);
  EXPECT_EQ(book->rule("SYS-01")->grace, std::chrono::hours(9 * 24));
}

}  // namespace
}  // namespace patuh::rulebook
