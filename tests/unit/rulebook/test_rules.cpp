#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

using testing::ElementsAre;

class RulesTest : public testing::Test {
 protected:
  std::shared_ptr<const RuleBook> book_ = fixtures::loaded(fixtures::base_pack());

  const Rule& rule(std::string_view id) const {
    const Rule* const found = book_->rule(id);
    EXPECT_NE(found, nullptr) << id;
    return *found;
  }
  const Parameter& parameter(std::string_view name) const {
    return *std::ranges::find(book_->parameters, name, &Parameter::name);
  }
};

TEST_F(RulesTest, CarryAllThatIsWritten) {
  const Rule& r = rule("SYS-01");
  EXPECT_EQ(book_->schema->kind(r.kind).name, "system");
  EXPECT_EQ(r.mode, Mode::kEnforced);
  EXPECT_EQ(r.severity, model::Severity::kCritical);
  EXPECT_EQ(r.grace, std::chrono::hours(72));
  EXPECT_EQ(r.family, "security");
  EXPECT_EQ(r.owner, "PD");
  EXPECT_EQ(r.title.in(model::Language::kEnglish), "The system is supported");
  EXPECT_EQ(r.remedy.id, "Perpanjang dukungan");
  EXPECT_THAT(r.indicators, ElementsAre("S1", "D2"));
  ASSERT_EQ(r.basis.size(), 2U);
  EXPECT_EQ(r.basis[0].law, "L1");
  EXPECT_EQ(r.basis[0].article, "Ps. 3");
  EXPECT_EQ(r.basis[0].confidence, Confidence::kArticle);
  EXPECT_EQ(r.basis[1].confidence, Confidence::kLaw);
  EXPECT_EQ(base::to_rfc3339(*r.effective_from), "2024-12-31T17:00:00Z");
  EXPECT_EQ(base::to_rfc3339(*r.effective_until), "2029-12-31T17:00:00Z");
  EXPECT_EQ(r.confirmed_by, "");
  EXPECT_EQ(r.place.file, "rules.toml");
  EXPECT_TRUE(r.when && r.require);
  EXPECT_FALSE(r.occurrence);
}

TEST_F(RulesTest, HaveModestDefaults) {
  const Rule& r = rule("SYS-02");
  EXPECT_EQ(r.mode, Mode::kShadow);
  EXPECT_EQ(r.grace, base::Duration(0));
  EXPECT_FALSE(r.when);
  EXPECT_TRUE(r.basis.empty());
  EXPECT_FALSE(r.effective_from || r.effective_until);
  EXPECT_TRUE(r.message.id.parts.empty());
  EXPECT_TRUE(r.remedy.id.empty());
}

TEST_F(RulesTest, AreNumberedByTheirIdsAndFoundByThem) {
  for (std::size_t i = 0; i < book_->rules.size(); ++i) {
    EXPECT_EQ(book_->rules[i].number.value, i);
    EXPECT_EQ(book_->rule(book_->rules[i].id), &book_->rules[i]);
  }
  EXPECT_EQ(book_->rule("SYS"), nullptr);
  EXPECT_EQ(book_->rule(""), nullptr);
  EXPECT_EQ(book_->rule("ZZZ"), nullptr);
}

TEST_F(RulesTest, AreListedByKind) {
  const auto& of_system = book_->by_kind[book_->schema->kind_of("system")->value];
  std::vector<std::string> ids;
  for (const model::RuleId id : of_system) ids.push_back(book_->rules[id.value].id);
  EXPECT_THAT(ids,
              ElementsAre("DOC-01.manual", "DOC-01.needs", "NAME-01.system", "SYS-01", "SYS-02"));
  EXPECT_TRUE(book_->by_kind[book_->schema->kind_of("waiver")->value].empty());
}

TEST_F(RulesTest, KindsStampOutOneRuleAKind) {
  EXPECT_EQ(rule("NAME-01.system").title.id, "Nama system ada");
  EXPECT_EQ(rule("NAME-01.service").title.id, "Nama service ada");
  EXPECT_EQ(book_->schema->kind(rule("NAME-01.service").kind).name, "service");
}

TEST_F(RulesTest, ForEachStampsOutOneRuleAValueWithItsOwnTextsAndVersion) {
  EXPECT_EQ(rule("DOC-01.needs").title.en, "Document needs");
  EXPECT_NE(rule("DOC-01.needs").version, rule("DOC-01.manual").version);
  const auto& parts = rule("DOC-01.needs").message.id.parts;
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(parts[0].text, "Dokumen ");
  EXPECT_TRUE(parts[1].program);
}

TEST_F(RulesTest, KindsAndForEachTogetherStampOutTheirProduct) {
  const auto book = fixtures::loaded(fixtures::small_pack(
      "[[rule]]\nid = 'R'\nkinds = ['a', 'b']\nfor_each = { t = ['x', 'y'] }\nseverity = 'low'\n"
      "require = \"each.t != '' && each.kind != ''\"\ntitle.id = '{each.kind} { each.t } {{}}'\n"));
  ASSERT_NE(book, nullptr);
  ASSERT_EQ(book->rules.size(), 4U);
  EXPECT_EQ(book->rules[1].id, "R.a.y");
  EXPECT_EQ(book->rules[1].title.id, "a y {}");
}

TEST_F(RulesTest, MessagesAreTextAndExpressions) {
  const auto& parts = rule("SYS-01").message.en.parts;
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].text, "System ");
  EXPECT_EQ(parts[1].program->text(), "self.name");
  EXPECT_EQ(parts[2].text, " {old} is supported until ");
  EXPECT_EQ(parts[3].program->text(), "self.support_until");
}

TEST_F(RulesTest, AMessageWithoutEnglishIsIndonesian) {
  const Message& message = rule("DOC-01.needs").message;
  EXPECT_EQ(&message.in(model::Language::kEnglish), &message.id);
  const Message& both = rule("SYS-01").message;
  EXPECT_EQ(&both.in(model::Language::kEnglish), &both.en);
}

TEST_F(RulesTest, ExpressionsInMessagesMayHoldBracesAndQuotes) {
  const auto book = fixtures::loaded(
      fixtures::small_pack(fixtures::rule_requiring("true") +
                           "message.id = \"{ {'}': '{'}['}'] }–{self.ready ? '' : 'x'}\"\n"));
  ASSERT_NE(book, nullptr);
  const auto& parts = book->rules[0].message.id.parts;
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].program->text(), " {'}': '{'}['}'] ");
  EXPECT_EQ(parts[1].text, "–");
}

// The hint of the only fault of a rule that requires `expression`.
std::string hint_for(std::string_view expression) {
  const Loaded book = load(fixtures::small_pack(fixtures::rule_requiring(expression)));
  if (book || book.error().list().size() != 1) {
    ADD_FAILURE() << (book ? "loaded" : book.error().render());
    return "";
  }
  return book.error().list()[0].hint;
}

TEST_F(RulesTest, HintsSayWhatWasMeant) {
  EXPECT_EQ(hint_for("self.redy"), "did you mean 'ready'?");
  EXPECT_EQ(hint_for("size(self.many) > 0"),
            "a relation of many ends is read with related(…, 'many')");
  EXPECT_EQ(hint_for("count(related(self, 'mny')) > 0"), "did you mean 'many'?");
  EXPECT_EQ(hint_for("count(referrers(self.b, 'zzz', 'b')) > 0"), "one of: a, b");
  EXPECT_EQ(hint_for("count(same(self, 'name')) > 0"),
            "add index = true to the attribute in schema.toml");
}

TEST_F(RulesTest, ParametersAreTyped) {
  using expr::Type;
  EXPECT_EQ(parameter("margin").type, Type::duration());
  EXPECT_EQ(parameter("margin").value.as_duration(), std::chrono::hours(720));
  EXPECT_EQ(parameter("margin").title.id, "Jeda");
  EXPECT_EQ(parameter("least").type, Type::number());
  EXPECT_EQ(parameter("count_max").type, Type::integer());
  EXPECT_EQ(parameter("domain").type, Type::string());
  EXPECT_EQ(parameter("strict").type, Type::boolean());
  EXPECT_EQ(parameter("states").type, Type::list(Type::string()));
  EXPECT_EQ(parameter("weights").type, Type::map(Type::string(), Type::integer()));
  EXPECT_EQ(base::to_rfc3339(parameter("target").value.as_instant()), "2026-12-30T17:00:00Z");
  EXPECT_EQ(base::to_rfc3339(parameter("moment").value.as_instant()), "2026-12-31T05:00:00Z");
  EXPECT_EQ(base::to_rfc3339(parameter("noon").value.as_instant()), "2026-12-31T05:00:00Z");
}

TEST_F(RulesTest, LawsAreKept) {
  ASSERT_EQ(book_->laws.size(), 1U);
  EXPECT_EQ(book_->laws[0].key, "L1");
  EXPECT_EQ(book_->laws[0].title.en, "Regulation 1");
  EXPECT_EQ(base::to_rfc3339(*book_->laws[0].from), "2019-12-31T17:00:00Z");
  EXPECT_FALSE(book_->laws[0].until);
}

}  // namespace
}  // namespace patuh::rulebook
