#include <gtest/gtest.h>

#include <string>

#include "model/model.h"

namespace patuh::model {
namespace {

using namespace std::string_literals;

TEST(ElementKey, IsSplitAtTheFirstSlash) {
  const auto key = element_key_of("aplikasi/a/b c");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->kind, "aplikasi");
  EXPECT_EQ(key->id, "a/b c");
  EXPECT_EQ(key->text(), "aplikasi/a/b c");
}

TEST(ElementKey, NeedsAKindAndAnId) {
  for (const std::string_view subject : {"", "aplikasi", "/a", "aplikasi/", "/"}) {
    EXPECT_FALSE(element_key_of(subject).has_value()) << subject;
  }
  EXPECT_FALSE(element_key_of("aplikasi/a\nb").has_value());
}

TEST(ElementKey, IsOrderedByKindThenId) {
  EXPECT_LT((ElementKey{"a", "z"}), (ElementKey{"b", "a"}));
  EXPECT_LT((ElementKey{"a", "a"}), (ElementKey{"a", "b"}));
}

TEST(ElementId, IsUpTo200BytesOfTextWithoutControls) {
  EXPECT_TRUE(is_element_id("a"));
  EXPECT_TRUE(is_element_id("a b/c@prod é 日本"));
  EXPECT_TRUE(is_element_id(std::string(200, 'x')));
  EXPECT_FALSE(is_element_id(""));
  EXPECT_FALSE(is_element_id(std::string(201, 'x')));
  EXPECT_FALSE(is_element_id("a\tb"));
  EXPECT_FALSE(is_element_id("a\0b"s));
  EXPECT_FALSE(is_element_id("a\x7F"));
  EXPECT_FALSE(is_element_id("a\xFF"));
  EXPECT_FALSE(is_element_id("\xED\xA0\x80"));
}

TEST(Schema, FindsKindsAndFieldsByName) {
  Schema schema;
  Kind& kind = schema.kinds.emplace_back();
  kind.id = KindId(0);
  kind.name = "aplikasi";
  schema.by_name.add("aplikasi", 0);
  Field field;
  field.name = "nama";
  field.is = Attribute{};
  kind.fields.push_back(field);
  field.name = "layanan";
  field.is = Relation{};
  kind.fields.push_back(field);
  kind.by_name.add("nama", 0);
  kind.by_name.add("layanan", 1);
  EXPECT_EQ(schema.kind_of("aplikasi"), KindId(0));
  EXPECT_EQ(schema.kind_of("layanan"), std::nullopt);
  EXPECT_EQ(schema.kind(KindId(0)).field_of("layanan"), FieldId(1));
  EXPECT_EQ(schema.kind(KindId(0)).field_of("x"), std::nullopt);
  EXPECT_FALSE(schema.field(KindId(0), FieldId(0)).is_relation());
  EXPECT_TRUE(schema.field(KindId(0), FieldId(1)).is_relation());
  EXPECT_FALSE(schema.field(KindId(0), FieldId(0)).attribute().is_derived());
}

TEST(Schema, ValuesAreTheSameByKindAndContent) {
  using expr::Value;
  EXPECT_TRUE(same_value(Value(), Value()));
  EXPECT_TRUE(same_value(Value::integer(1), Value::integer(1)));
  EXPECT_TRUE(same_value(Value::string("a"), Value::string("a")));
  EXPECT_FALSE(same_value(Value::integer(1), Value::integer(2)));
  EXPECT_FALSE(same_value(Value::string("a"), Value::string("b")));
  EXPECT_FALSE(same_value(Value::integer(1), Value()));
  EXPECT_FALSE(same_value(Value::integer(1), Value::number(1)))
      << "rules compare them as equal; packs tell them apart";
}

TEST(NameIndex, FindsEachOfManyNamesAndNoOther) {
  NameIndex index;
  EXPECT_EQ(index.find("x"), std::nullopt);
  for (std::uint16_t i = 0; i < 1000; ++i) index.add("name" + std::to_string(i), i);
  index.add("", 1000);
  for (std::uint16_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(index.find("name" + std::to_string(i)), i);
    EXPECT_EQ(index.find("nama" + std::to_string(i)), std::nullopt);
    EXPECT_EQ(index.find("name" + std::to_string(i + 1000)), std::nullopt);
  }
  EXPECT_EQ(index.find(""), 1000);
}

TEST(NameIndex, TellsNamesApartThatBeginAndEndAlike) {
  NameIndex index;
  for (std::uint16_t i = 0; i < 26; ++i) {
    index.add("the same" + std::string(1, static_cast<char>('a' + i)) + "the same", i);
  }
  for (std::uint16_t i = 0; i < 26; ++i) {
    EXPECT_EQ(index.find("the same" + std::string(1, static_cast<char>('a' + i)) + "the same"), i);
  }
  EXPECT_EQ(index.find("the same!the same"), std::nullopt);
}

TEST(NameIndex, ANameKeepsItsFirstNumber) {
  NameIndex index;
  index.add("nama", 1);
  index.add("nama", 2);
  EXPECT_EQ(index.find("nama"), 1);
}

TEST(Schema, TheBuiltInFieldsAreOutsideEverySchemasNumbers) {
  EXPECT_NE(kIdField, kKindField);
  EXPECT_GT(kKindField.value, 60'000);
  EXPECT_LT(kIdField.value, UINT16_MAX) << "an origin keeps field numbers below this";
}

}  // namespace
}  // namespace patuh::model
