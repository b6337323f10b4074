#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

using model::AttributeType;
using model::FieldId;
using testing::ElementsAre;

class SchemaTest : public testing::Test {
 protected:
  std::shared_ptr<const RuleBook> book_ = fixtures::loaded(fixtures::base_pack());
  const model::Schema& schema_ = *book_->schema;

  const model::Kind& kind(std::string_view name) const {
    return schema_.kind(*schema_.kind_of(name));
  }
  const model::Field& field(std::string_view kind_name, std::string_view name) const {
    return kind(kind_name).fields[kind(kind_name).field_of(name)->value];
  }
  std::string instant(std::string_view kind_name, std::string_view name) const {
    return base::to_rfc3339(field(kind_name, name).attribute().default_value.as_instant());
  }
  static std::vector<std::string> names(const model::Kind& kind) {
    std::vector<std::string> names;
    for (const model::Field& each : kind.fields) names.push_back(each.name);
    return names;
  }
};

TEST_F(SchemaTest, SaysWhatItIs) {
  EXPECT_EQ(schema_.pack, "town");
  EXPECT_EQ(schema_.version, "1");
  EXPECT_EQ(schema_.time_zone, "Asia/Jakarta");
  EXPECT_THAT(schema_.domains, ElementsAre("systems", "services"));
  EXPECT_EQ(schema_.domain_titles.at("services").id, "Layanan");
}

TEST_F(SchemaTest, KindsAreNumberedInTheOrderOfThePack) {
  EXPECT_EQ(schema_.kinds[0].name, "agency");
  EXPECT_EQ(schema_.kinds[1].name, "system");
  for (std::size_t i = 0; i < schema_.kinds.size(); ++i) {
    EXPECT_EQ(schema_.kinds[i].id.value, i);
    EXPECT_EQ(schema_.kind_of(schema_.kinds[i].name), schema_.kinds[i].id);
  }
}

TEST_F(SchemaTest, FieldsThatEveryKindHasComeFirst) {
  EXPECT_THAT(names(kind("agency")), ElementsAre("code", "name", "plain_name", "changed", "sort",
                                                 "short", "ict", "parent"));
  EXPECT_THAT(names(kind("service")),
              ElementsAre("code", "name", "plain_name", "changed", "year", "agency", "active",
                          "systems", "reference", "seen_by"));
}

TEST_F(SchemaTest, AKindMayDeclareACommonFieldAgain) {
  EXPECT_TRUE(field("system", "code").attribute().indexed);
  EXPECT_EQ(field("system", "code").attribute().size_max, 20U);
  EXPECT_FALSE(field("service", "code").attribute().indexed);
}

TEST_F(SchemaTest, TitlesDomainsAndNames) {
  EXPECT_EQ(kind("service").title.id, "Layanan");
  EXPECT_EQ(kind("service").title.en, "");
  EXPECT_EQ(kind("source").title.id, "source");  // without a title its own name
  EXPECT_EQ(kind("system").domain, "systems");
  EXPECT_EQ(kind("waiver").domain, "");
  EXPECT_EQ(kind("system").title_field, kind("system").field_of("name"));
  EXPECT_EQ(kind("service").title_field, std::nullopt);
  EXPECT_EQ(field("service", "name").title.id, "Nama");
}

TEST_F(SchemaTest, DefaultsAreTypedAndDatesAreOfThePacksZone) {
  EXPECT_EQ(field("system", "status").attribute().default_value.as_string(), "plan");
  EXPECT_TRUE(field("system", "public").attribute().default_value.is_false());
  EXPECT_TRUE(field("system", "name").attribute().default_value.is_null());
  EXPECT_EQ(field("system", "weight").attribute().default_value.as_double(), 1.0);
  EXPECT_EQ(field("system", "tags").attribute().default_value.as_list().size, 2U);
  EXPECT_EQ(instant("system", "began"), "2025-12-31T17:00:00Z");
  EXPECT_EQ(instant("system", "support_until"), "2026-12-31T16:59:59.999999Z");
}

TEST_F(SchemaTest, SizesHaveTheirDefaults) {
  EXPECT_EQ(field("system", "tags").attribute().size_max, 1000U);
  EXPECT_EQ(field("system", "documents").attribute().size_max, 50U);
  EXPECT_EQ(field("system", "name").attribute().size_max, UINT32_MAX);
  EXPECT_EQ(field("system", "services").relation().size_max, 200U);
  EXPECT_EQ(field("service", "systems").relation().size_max, 1000U);
  EXPECT_EQ(field("system", "successor").relation().size_max, 1U);
  EXPECT_EQ(field("service", "seen_by").relation().referrers_max, 10U);
  EXPECT_EQ(field("service", "systems").relation().referrers_max, 1000U);
}

TEST_F(SchemaTest, EnumerationsOfListsKeepTheirValues) {
  const model::Attribute& documents = field("system", "documents").attribute();
  EXPECT_EQ(documents.type, AttributeType::kList);
  EXPECT_EQ(documents.item, AttributeType::kEnum);
  EXPECT_THAT(documents.values, ElementsAre("needs", "manual"));
  EXPECT_TRUE(field("agency", "sort").attribute().closed);
  EXPECT_TRUE(field("system", "last_backup").attribute().telemetry);
}

TEST_F(SchemaTest, RelationsKnowTheirEnds) {
  EXPECT_THAT(field("service", "seen_by").relation().to,
              ElementsAre(*schema_.kind_of("agency"), *schema_.kind_of("system")));
  EXPECT_TRUE(field("attestation", "about").relation().to.empty());
  EXPECT_EQ(kind("system").agency_field, kind("system").field_of("agency"));
  EXPECT_EQ(kind("agency").agency_field, std::nullopt);
}

TEST_F(SchemaTest, InversesPointAtEachOther) {
  const auto& there = field("system", "services").relation().inverse;
  const auto& back = field("service", "systems").relation().inverse;
  ASSERT_TRUE(there && back);
  EXPECT_EQ(*there, std::pair(*schema_.kind_of("service"), *kind("service").field_of("systems")));
  EXPECT_EQ(*back, std::pair(*schema_.kind_of("system"), *kind("system").field_of("services")));
  EXPECT_FALSE(field("system", "successor").relation().inverse);
}

TEST_F(SchemaTest, OneSideMayDeclareTheInverseForBoth) {
  const auto book = fixtures::loaded(
      {{"schema.toml",
        "[pack]\nid = 'p'\nversion = '1'\n[kinds.a.relations]\n"
        "b = { to = 'b', inverse = 'b.a' }\n[kinds.b.relations]\na = { to = 'a' }\n"}});
  ASSERT_NE(book, nullptr);
  EXPECT_TRUE(book->schema->kinds[1].fields[0].relation().inverse);
}

TEST_F(SchemaTest, OwnDerivedAttributesAreComputedInOrderOthersWhereRead) {
  const model::Kind& system = kind("system");
  EXPECT_FALSE(field("system", "plain_name").attribute().derived_on_read);
  EXPECT_FALSE(field("system", "label").attribute().derived_on_read);
  EXPECT_TRUE(field("system", "changed").attribute().derived_on_read);
  EXPECT_TRUE(field("system", "attested").attribute().derived_on_read);
  EXPECT_TRUE(field("system", "attested").attribute().program.has_value());
  EXPECT_THAT(system.derived,
              ElementsAre(*system.field_of("plain_name"), *system.field_of("label")));
  EXPECT_EQ(field("system", "label").attribute().derive_place.line, 55U);
}

TEST_F(SchemaTest, ADerivedAttributeComesAfterThoseItReadsHoweverTheyAreWritten) {
  const auto book = fixtures::loaded(
      {{"schema.toml",
        "[pack]\nid = 'p'\nversion = '1'\n[kinds.a.attributes]\nn = { type = 'int' }\n"
        "z = { type = 'int', derive = 'self.y + self.x' }\ny = { type = 'int', derive = 'self.x + "
        "1' }\n"
        "x = { type = 'int', derive = 'self.n + 1' }\n"}});
  ASSERT_NE(book, nullptr);
  const model::Kind& kind = book->schema->kinds[0];
  EXPECT_THAT(kind.derived,
              ElementsAre(*kind.field_of("x"), *kind.field_of("y"), *kind.field_of("z")));
}

std::string many(std::size_t count, std::string_view head, std::string_view tail) {
  std::string text = "[pack]\nid = 'p'\nversion = '1'\n[kinds.a.attributes]\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += std::string(head) + "x" + std::to_string(i) + std::string(tail) + "\n";
  }
  return text;
}

TEST_F(SchemaTest, ASchemaHasAThousandKindsAndAKindAThousandFieldsAtMost) {
  const auto code_of = [](std::string text) {
    const Loaded book = load(std::vector<PackFile>{{"schema.toml", std::move(text)}});
    return book ? std::string("loaded") : book.error().list()[0].code;
  };
  EXPECT_EQ(code_of(many(999, "[kinds.", "]")), "loaded");
  EXPECT_EQ(code_of(many(1000, "[kinds.", "]")), "PACK-LIMIT");
  EXPECT_EQ(code_of(many(1000, "", " = { type = 'int' }")), "loaded");
  EXPECT_EQ(code_of(many(1001, "", " = { type = 'int' }")), "PACK-LIMIT");
}

TEST_F(SchemaTest, RolesNameKindsAndFields) {
  const model::Roles& roles = schema_.roles;
  ASSERT_TRUE(roles.agency && roles.source && roles.deployment && roles.attestation &&
              roles.waiver && roles.follow_up);
  EXPECT_EQ(roles.agency->code, kind("agency").field_of("short"));
  EXPECT_EQ(roles.agency->parent, kind("agency").field_of("parent"));
  EXPECT_EQ(roles.agency->whole, kind("agency").field_of("ict"));
  EXPECT_EQ(roles.agency->owes, kind("agency").field_of("sort"));
  EXPECT_THAT(roles.agency->owing, ElementsAre("office"));
  EXPECT_THAT(roles.agency->domains, ElementsAre("systems", "services"));
  EXPECT_EQ(roles.source->last_heard, kind("source").field_of("heard"));
  EXPECT_EQ(roles.deployment->occurrence, kind("deployment").field_of("run"));
  EXPECT_EQ(roles.deployment->artifact, kind("deployment").field_of("image"));
  using Named = std::pair<std::string, std::string>;
  EXPECT_THAT(roles.deployment->environments,
              ElementsAre(Named("prod", "production"), Named("staging", "test")));
  EXPECT_EQ(roles.attestation->about, kind("attestation").field_of("about"));
  EXPECT_EQ(roles.waiver->condition, kind("waiver").field_of("condition"));
  EXPECT_EQ(roles.waiver->granted, "granted");
  EXPECT_EQ(roles.follow_up->promised, kind("follow_up").field_of("promised"));
}

TEST_F(SchemaTest, AStubGetsTypedValues) {
  const auto& values = schema_.roles.deployment->stub_values;
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].first, kind("system").field_of("status"));
  EXPECT_EQ(values[0].second.as_string(), "live");
  EXPECT_TRUE(values[1].second.is_true());
  EXPECT_EQ(base::to_rfc3339(values[2].second.as_instant()), "2020-02-28T17:00:00Z");
}

}  // namespace
}  // namespace patuh::rulebook
