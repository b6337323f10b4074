// The same elements under another schema.
#include "regency.h"

namespace patuh::registry::test {
namespace {

using model::AttributeType;

class OtherSchema : public Regency {
 protected:
  // Fields in another order, of other types, some gone, some new; no kind "note".
  static std::shared_ptr<const model::Schema> other() {
    SchemaMaker maker({"service", "app", "agency", "deploy"});
    maker.relation("app", "services", {"service"}, many());
    maker.relation("app", "agency", {"agency"}, to_agency());
    maker.attribute(
        "app", "users",
        Attr(AttributeType::kNumber).indexed().between(Value::number(0), Value::number(1000)));
    maker.attribute("app", "status", Attr(AttributeType::kEnum).values({"plan"}, true));
    maker.attribute("app", "name", Attr(AttributeType::kText).most(5));
    maker.attribute("app", "targets", Attr(AttributeType::kMap).most(1));
    maker.derived("app", "shout", "self.name + '!'", Attr().indexed());
    maker.attribute("service", "name");
    maker.relation("service", "agency", {"agency"}, to_agency());
    maker.attribute("agency", "code", Attr().indexed());
    maker.attribute("agency", "whole", Attr(AttributeType::kBool).otherwise(Value::boolean(false)));
    maker.attribute("deploy", "env");
    maker.relation("deploy", "of", {"app"});
    const model::Kind& agency = maker.schema().kinds[2];
    model::Roles::Agency role;
    role.kind = agency.id;
    role.code = *agency.field_of("code");
    role.whole = agency.field_of("whole");
    maker.schema().roles.agency = role;
    return maker.make();
  }
  std::uint64_t change() {
    schema_ = other();
    return registry_.change_schema(schema_, {});
  }
};

TEST_F(OtherSchema, ValuesMoveByNameAndRefsStay) {
  apply(upsert("s", 1, "app/a")
            .set("name", "A")
            .set("users", Value::integer(7))
            .end("services", {"x"})
            .end("agency", {"k"}));
  apply(upsert("s", 1, "agency/k").set("code", "K"));
  const ElementRef before = ref("app/a");
  EXPECT_EQ(change(), 0U);
  EXPECT_EQ(ref("app/a"), before);
  EXPECT_EQ(text("app/a", "name"), "'A'");
  EXPECT_EQ(text("app/a", "shout"), "'A!'");
  EXPECT_EQ(with("shout", Value::string("A!")), Names{"app/a"});
  EXPECT_EQ(value("app/a", "users").kind(), expr::Kind::kDouble);
  EXPECT_EQ(related("app/a", "services"), Names{"service/x"});
  EXPECT_EQ(registry_.agency_code(ref("app/a")), "K");
  EXPECT_TRUE(registry_.is_stub(ref("service/x")));
  EXPECT_EQ(agency("service/x"), "agency/k");
  EXPECT_EQ(writer("app/a", "name"), "s");
  EXPECT_EQ(registry_.schema().kinds.size(), 4U);
}

TEST_F(OtherSchema, WhatDoesNotFitIsDroppedAndCounted) {
  apply(upsert("s", 1, "app/a").set("status", "live").list("tags", {"t"}).end("next", {"b"}));
  EXPECT_EQ(change(), 3U);
  EXPECT_FALSE(registry_.has(ref("app/a"), field("app", "status")));
  EXPECT_FALSE(find("app/b")) << "nothing refers to the stub any more";
}

TEST_F(OtherSchema, ATextBeyondItsNewMaxIsDroppedAndALongMapIsKept) {
  apply(upsert("s", 1, "app/a").set("name", "12345"));
  apply(upsert("s", 1, "app/b").set("name", "123456"));
  expr::Arena arena;
  const std::array entries = {expr::MapEntry{Value::string("k"), Value::integer(1)},
                              expr::MapEntry{Value::string("l"), Value::integer(2)}};
  apply(upsert("s", 1, "app/c").set("targets", expr::make_map(arena, entries)));
  EXPECT_EQ(change(), 1U);
  EXPECT_EQ(text("app/a", "name"), "'12345'");
  EXPECT_FALSE(registry_.has(ref("app/b"), field("app", "name")));
  EXPECT_EQ(value("app/c", "targets").as_map().size, 2U);
}

TEST_F(OtherSchema, ANumberBeyondItsNewBoundsIsDropped) {
  apply(upsert("s", 1, "app/a").set("users", Value::integer(1000)));
  apply(upsert("s", 1, "app/b").set("users", Value::integer(1001)));
  apply(upsert("s", 1, "app/c").set("users", Value::integer(-1)));
  EXPECT_EQ(change(), 2U);
  EXPECT_TRUE(registry_.has(ref("app/a"), field("app", "users")));
  EXPECT_FALSE(registry_.has(ref("app/b"), field("app", "users")));
  EXPECT_FALSE(registry_.has(ref("app/c"), field("app", "users")));
}

TEST_F(OtherSchema, ElementsOfAKindThatIsGoneAreGone) {
  apply(upsert("s", 1, "note/n").end("about", {"app/a"}));
  apply(upsert("s", 1, "app/a"));
  change();
  EXPECT_EQ(registry_.stats().elements, 1U);
  EXPECT_EQ(registry_.stats().edges, 0U);
  EXPECT_TRUE(find("app/a"));
}

TEST_F(OtherSchema, VersionsIdsAndTombstonesAreRemembered) {
  apply(upsert("s", 5, "app/a").set("name", "A").id("e1"));
  apply(upsert("s", 5, "app/b"));
  apply(remove("s", 6, "app/b"));
  change();
  EXPECT_EQ(outcome(upsert("s", 9, "app/a").id("e1")), Outcome::kDuplicate);
  EXPECT_EQ(outcome(upsert("s", 5, "app/a")), Outcome::kStale);
  EXPECT_EQ(outcome(upsert("s", 6, "app/b")), Outcome::kStale);
  EXPECT_EQ(registry_.stats().tombstones, 1U);
  registry_.expire(now_ + std::chrono::hours(24 * 90));
  EXPECT_EQ(registry_.stats().tombstones, 0U);
  EXPECT_EQ(outcome(upsert("s", 6, "app/b")), Outcome::kApplied);
}

TEST_F(OtherSchema, ChangedAtAndDriftAreKept) {
  apply(upsert("s", 1, "app/a").set("name", "A").unknown("u", "[1]").at(123));
  change();
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(123));
  EXPECT_EQ(registry_.unknown_of(ref("app/a")).size(), 1U);
}

TEST_F(OtherSchema, AStubOfARemovedAgencyStaysTheWholes) {
  apply(upsert("s", 1, "agency/x"));
  apply(upsert("s", 1, "app/a").end("agency", {"x"}).end("services", {"v"}));
  apply(remove("s", 2, "agency/x"));
  change();
  EXPECT_EQ(agency("service/v"), "");
  apply(upsert("s", 1, "agency/kom").set("whole", Value::boolean(true)));
  EXPECT_EQ(agency("service/v"), "agency/kom");
  apply(upsert("s", 3, "agency/x"));
  EXPECT_EQ(agency("service/v"), "agency/x");
}

TEST_F(OtherSchema, ASmallerWindowKeepsTheNewestIds) {
  for (int i = 0; i < 5; ++i) {
    apply(patch("s", i, "app/a").id("e" + std::to_string(i)));
  }
  registry_.change_schema(schema_, {.duplicate_window = 2});
  EXPECT_EQ(outcome(patch("s", 9, "app/a").id("e2")), Outcome::kNoChange);
  EXPECT_EQ(outcome(patch("s", 9, "app/a").id("e4")), Outcome::kDuplicate);
  EXPECT_EQ(outcome(patch("s", 9, "app/a").id("e3")), Outcome::kNoChange);
}

// Of a regency with a relation, an index, limits and a default.
class SchemaInPlace : public ::testing::Test {
 protected:
  static std::shared_ptr<const model::Schema> schema(
      const std::function<void(SchemaMaker&)>& before = {},
      const Attr& name = Attr().indexed().most(20), const Attr& users = Attr(AttributeType::kInt)) {
    SchemaMaker maker({"app", "part"});
    if (before) before(maker);
    maker.attribute("app", "name", name);
    maker.attribute("app", "users", users);
    maker.relation("app", "parts", {"part"}, many());
    maker.attribute("part", "name");
    return maker.make();
  }
  SchemaInPlace() : schema_(schema()), registry_(schema_, {}) {
    Says app(*schema_, Operation::kUpsert, "s", 1, "app/a");
    app.set("name", "lima5").set("users", Value::integer(7)).end("parts", {"x"});
    registry_.apply(app, at_second(1));
  }
  bool take(std::shared_ptr<const model::Schema> next) {
    if (!registry_.recast_schema(next, {})) return false;
    schema_ = std::move(next);
    return true;
  }
  ElementRef app() const { return *registry_.find(KindId(0), "a"); }
  FieldId field(std::string_view name) const { return *schema_->kinds[0].field_of(name); }
  std::string text(std::string_view name) const {
    return expr::to_text(registry_.value(app(), field(name)));
  }

  std::shared_ptr<const model::Schema> schema_;
  Registry registry_;
};

TEST_F(SchemaInPlace, NumbersMoveAndAllThatIsHeldStands) {
  const auto more = [](SchemaMaker& maker) {
    maker.attribute("app", "size", Attr(AttributeType::kInt).otherwise(Value::integer(3)));
    maker.attribute("app", "code", Attr().indexed());
    maker.relation("app", "next", {"app"});
  };
  ASSERT_TRUE(take(schema(more)));
  EXPECT_EQ(text("name"), "'lima5'");
  EXPECT_EQ(text("users"), "7");
  EXPECT_EQ(text("size"), "3");
  EXPECT_TRUE(registry_.related(app(), field("next")).empty());
  const ElementRef part = *registry_.find(KindId(1), "x");
  EXPECT_EQ(registry_.related(app(), field("parts")).front(), part);
  EXPECT_EQ(registry_.referrers(part, KindId(0), field("parts")).front(), app());
  EXPECT_TRUE(registry_.referrers(part, KindId(0), field("next")).empty());
  EXPECT_EQ(registry_.with_value(KindId(0), field("name"), Value::string("lima5")).front(), app());
  // What comes finds its place beside it.
  Says says(*schema_, Operation::kPatch, "s", 2, "app/a");
  says.set("code", "K").set("size", Value::integer(9));
  registry_.apply(says, at_second(2));
  EXPECT_EQ(text("size"), "9");
  EXPECT_EQ(text("name"), "'lima5'");
  EXPECT_EQ(registry_.with_value(KindId(0), field("code"), Value::string("K")).front(), app());
}

TEST_F(SchemaInPlace, LimitsMoveThatAllValuesKeep) {
  const Attr users = Attr(AttributeType::kInt).between(Value::integer(7), Value::integer(7));
  EXPECT_TRUE(take(schema({}, Attr().indexed().most(5), users)));
  EXPECT_EQ(text("name"), "'lima5'");
  EXPECT_FALSE(take(schema({}, Attr().indexed().most(4), users)));
  const Attr fewer = Attr(AttributeType::kInt).between(Value::integer(0), Value::integer(6));
  EXPECT_FALSE(take(schema({}, Attr().indexed().most(5), fewer)));
  EXPECT_EQ(text("users"), "7");
}

TEST_F(SchemaInPlace, WhatWouldReadOtherwiseIsNotTaken) {
  const auto with = [](const std::function<void(SchemaMaker&)>& more) { return schema(more); };
  EXPECT_FALSE(take(schema({}, Attr().most(20))));  // no index any more
  EXPECT_FALSE(take(schema({}, Attr().indexed(), Attr(AttributeType::kNumber))));
  EXPECT_FALSE(
      take(schema({}, Attr().indexed(), Attr(AttributeType::kInt).otherwise(Value::integer(1)))));
  EXPECT_FALSE(
      take(with([](SchemaMaker& maker) { maker.derived("app", "shout", "self.name + '!'"); })));
  EXPECT_FALSE(take(with([](SchemaMaker& maker) {
    maker.attribute("app", "code", Attr().indexed().otherwise(Value::string("?")));
  })));
  EXPECT_FALSE(take(
      with([](SchemaMaker& maker) { maker.relation("app", "agency", {"part"}, to_agency()); })));
  SchemaMaker fewer({"app", "part"});
  fewer.attribute("app", "name", Attr().indexed().most(20));
  fewer.relation("app", "parts", {"part"}, many());
  fewer.attribute("part", "name");
  EXPECT_FALSE(take(fewer.make()));
  SchemaMaker others({"part", "app"});
  EXPECT_FALSE(take(others.make()));
  EXPECT_EQ(text("users"), "7");
}

}  // namespace
}  // namespace patuh::registry::test
