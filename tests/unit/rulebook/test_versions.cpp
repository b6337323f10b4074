// A rule's version changes with what decides its verdicts, and with nothing else.
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class VersionsTest : public testing::Test {
 protected:
  std::vector<PackFile> files_ = fixtures::base_pack();  // rules.toml, schema.toml
  std::shared_ptr<const RuleBook> before_ = fixtures::loaded(files_);

  void edit_rules(std::string_view from, std::string_view to) {
    files_[0].text = replaced(files_[0].text, from, to);
  }
  void edit_schema(std::string_view from, std::string_view to) {
    files_[1].text = replaced(files_[1].text, from, to);
  }
  bool changes(std::string_view id) const {
    const auto after = fixtures::loaded(files_);
    return after->rule(id)->version != before_->rule(id)->version;
  }
};

TEST_F(VersionsTest, TextsSeverityAndOwnerDoNotDecide) {
  edit_rules("severity = \"critical\"", "severity = \"low\"");
  edit_rules("grace = \"72h\"", "grace = \"1h\"");
  edit_rules("owner = \"PD\"", "owner = \"KOM\"");
  edit_rules("title.id = \"Sistem didukung\"", "title.id = \"Lain\"");
  edit_rules("Sistem {self.name}", "{self.code}");
  edit_rules("indicators = [\"S1\", \"D2\"]", "");
  EXPECT_FALSE(changes("SYS-01"));
}

TEST_F(VersionsTest, ExpressionsDecide) {
  edit_rules("self.status == 'live' && self.public", "self.status == 'live'");
  EXPECT_TRUE(changes("SYS-01"));
  EXPECT_FALSE(changes("SYS-02"));
}

TEST_F(VersionsTest, EffectiveDatesDecide) {
  edit_rules("from = 2025-01-01", "from = 2025-01-02");
  EXPECT_TRUE(changes("SYS-01"));
}

TEST_F(VersionsTest, TheParametersOfTheRuleDecide) {
  edit_rules("margin = { value = \"30d\"", "margin = { value = \"31d\"");
  EXPECT_TRUE(changes("SYS-01"));
  EXPECT_FALSE(changes("SYS-02"));
}

TEST_F(VersionsTest, DefaultsOfFieldsReadDecide) {
  edit_schema("default = \"2026-12-31\"", "default = \"2027-12-31\"");
  EXPECT_TRUE(changes("SYS-01"));
  EXPECT_FALSE(changes("DOC-01.needs"));
}

TEST_F(VersionsTest, WhatAnotherKindsFieldIsDecidesToo) {
  edit_schema("active = { type = \"bool\" }", "active = { type = \"bool\", default = true }");
  EXPECT_TRUE(changes("SYS-01"));
}

TEST_F(VersionsTest, WhatADerivedFieldIsDerivedFromDecides) {
  edit_schema("self.name.lowerAscii()", "self.name.upperAscii()");
  EXPECT_TRUE(changes("NAME-01.system"));
  EXPECT_FALSE(changes("DOC-01.needs"));
}

TEST_F(VersionsTest, TheAgencyRelationDecidesWhereMembersAreRead) {
  edit_schema("agency = { to = \"agency\", agency = true }",
              "agency = { to = \"agency\", agency = true, max_referrers = 5 }");
  EXPECT_TRUE(changes("DEP-01"));
  EXPECT_FALSE(changes("SYS-02"));
}

TEST_F(VersionsTest, TheTimeZoneDecidesAll) {
  edit_schema("Asia/Jakarta", "Asia/Makassar");
  EXPECT_TRUE(changes("DOC-01.needs"));
  EXPECT_TRUE(changes("SYS-02"));
}

TEST_F(VersionsTest, TitlesAndUnreadFieldsOfTheSchemaDoNot) {
  edit_schema("title.en = \"Agencies\"", "title.en = \"Offices\"");
  edit_schema("extra = { type = \"any\" }",
              "extra = { type = \"any\" }\nmore = { type = \"int\" }");
  for (const Rule& rule : before_->rules) EXPECT_FALSE(changes(rule.id)) << rule.id;
}

}  // namespace
}  // namespace patuh::rulebook
