#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"
#include "rulebook/object_types.h"

namespace patuh::rulebook {
namespace {

using expr::Type;
using testing::Contains;
using testing::Not;

class ObjectTypesTest : public testing::Test {
 protected:
  std::shared_ptr<const RuleBook> book_ = fixtures::loaded(fixtures::base_pack());
  SchemaTypes types_{*book_->schema};

  Type type_of(std::string_view object, std::string_view field) const {
    const auto found = types_.field(object, field);
    EXPECT_TRUE(found) << object << "." << field;
    return found ? found->type : Type::dyn();
  }
};

TEST_F(ObjectTypesTest, AttributesReadAsValuesOfTheLanguage) {
  EXPECT_EQ(type_of("system", "name"), Type::string());
  EXPECT_EQ(type_of("system", "status"), Type::string());
  EXPECT_EQ(type_of("system", "public"), Type::boolean());
  EXPECT_EQ(type_of("system", "year"), Type::integer());
  EXPECT_EQ(type_of("system", "weight"), Type::number());
  EXPECT_EQ(type_of("system", "began"), Type::timestamp());
  EXPECT_EQ(type_of("system", "support_until"), Type::timestamp());
  EXPECT_EQ(type_of("system", "last_backup"), Type::timestamp());
  EXPECT_EQ(type_of("system", "documents"), Type::list(Type::string()));
  EXPECT_EQ(type_of("system", "targets"), Type::map(Type::string(), Type::integer()));
  EXPECT_EQ(type_of("system", "extra"), Type::dyn());
}

TEST_F(ObjectTypesTest, SingleRelationsReadAsObjects) {
  EXPECT_EQ(type_of("system", "successor"), Type::object("system"));
  EXPECT_EQ(type_of("waiver", "about"), Type::object("*"));
  EXPECT_EQ(types_.field("system", "services"), std::nullopt);  // of many: related() only
  EXPECT_THAT(types_.field_names("system"), Not(Contains("services")));
}

TEST_F(ObjectTypesTest, EveryObjectHasIdAndKind) {
  EXPECT_EQ(types_.field("system", "id")->number, model::kIdField.value);
  EXPECT_EQ(types_.field("*", "kind")->number, model::kKindField.value);
  EXPECT_THAT(types_.field_names("agency"), Contains("id"));
}

TEST_F(ObjectTypesTest, NumbersAreTheSchemas) {
  const model::Kind& system = book_->schema->kind(*book_->schema->kind_of("system"));
  for (const model::Field& field : system.fields) {
    const auto found = types_.field("system", field.name);
    if (found) {
      EXPECT_EQ(found->number, system.field_of(field.name)->value);
    }
  }
}

TEST_F(ObjectTypesTest, AnObjectOfAnyKindHasWhatAllKindsHaveUnderOneNumber) {
  const auto name = types_.field("*", "name");
  ASSERT_TRUE(name);
  for (const model::Kind& kind : book_->schema->kinds) {
    EXPECT_EQ(types_.field(kind.name, "name")->number, name->number) << kind.name;
  }
  EXPECT_EQ(types_.field("*", "agency"), std::nullopt);  // agencies have none
  EXPECT_EQ(types_.field("*", "status"), std::nullopt);
  EXPECT_THAT(types_.field_names("*"), Contains("plain_name"));
}

TEST_F(ObjectTypesTest, SizesAndEnumerationsAreHandedOn) {
  EXPECT_EQ(types_.field("system", "documents")->size_max, 50U);
  EXPECT_EQ(types_.field("system", "tags")->size_max, 1000U);
  EXPECT_EQ(types_.field("system", "name")->size_max, 0U);
  const auto sort = types_.field("agency", "sort");
  EXPECT_TRUE(sort->closed);
  EXPECT_EQ(sort->values.size(), 3U);
  EXPECT_FALSE(types_.field("system", "status")->closed);
}

TEST_F(ObjectTypesTest, WhatIsNotThereIsNothing) {
  EXPECT_TRUE(types_.has_type("system"));
  EXPECT_TRUE(types_.has_type("*"));
  EXPECT_FALSE(types_.has_type("sistem"));
  EXPECT_EQ(types_.field("sistem", "name"), std::nullopt);
  EXPECT_EQ(types_.field("system", "nam"), std::nullopt);
}

}  // namespace
}  // namespace patuh::rulebook
