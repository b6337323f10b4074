// Indexes, derived attributes, changed_at, and what a delta names.
#include "regency.h"

namespace patuh::registry::test {
namespace {

using Indexes = Regency;
using Derived = Regency;
using ChangedAt = Regency;
using Deltas = Regency;

TEST_F(Indexes, ElementsAreFoundByTheirValue) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(upsert("s", 1, "app/b").set("name", "A"));
  EXPECT_EQ(with("name", Value::string("A")), (Names{"app/a", "app/b"}));
  const Applied applied = apply(patch("s", 2, "app/b").set("name", "B"));
  EXPECT_EQ(with("name", Value::string("A")), Names{"app/a"});
  EXPECT_EQ(with("name", Value::string("B")), Names{"app/b"});
  EXPECT_TRUE(has_key(applied, index_key(kind("app"), field("app", "name"), Value::string("A"))));
  EXPECT_TRUE(has_key(applied, index_key(kind("app"), field("app", "name"), Value::string("B"))));
}

TEST_F(Indexes, NullFindsNothingAndTheDefaultCounts) {
  apply(upsert("s", 1, "app/a"));
  EXPECT_TRUE(with("name", Value()).empty());
  EXPECT_EQ(with("status", Value::string("plan")), Names{"app/a"});
  apply(patch("s", 2, "app/a").set("status", "live"));
  EXPECT_TRUE(with("status", Value::string("plan")).empty());
}

TEST_F(Indexes, NumbersAreFoundByValueWhateverTheirKind) {
  apply(upsert("s", 1, "app/a").set("users", Value::integer(3)).set("load", Value::number(2)));
  EXPECT_EQ(with("users", Value::number(3.0)), Names{"app/a"});
  EXPECT_EQ(with("load", Value::unsigned_integer(2)), Names{"app/a"});
  EXPECT_TRUE(with("load", Value::number(2.5)).empty());
  apply(patch("s", 2, "app/a").set("load", Value::number(2.5)));
  EXPECT_EQ(with("load", Value::number(2.5)), Names{"app/a"});
  apply(patch("s", 3, "app/a").set("load", Value::number(1e300)));
  EXPECT_EQ(with("load", Value::number(1e300)), Names{"app/a"});
}

TEST_F(Indexes, ANumberThatIsNoneIsNotIndexed) {
  const Value none = Value::number(std::numeric_limits<double>::quiet_NaN());
  apply(upsert("s", 1, "app/a").set("load", none));
  EXPECT_TRUE(with("load", none).empty());
  EXPECT_EQ(outcome(upsert("s", 2, "app/a").set("load", none)), Outcome::kNoChange);
}

TEST_F(Indexes, StubsAreInTheIndexAndGoWithTheirLife) {
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  EXPECT_EQ(with("status", Value::string("plan")), (Names{"app/a", "app/b"}));
  EXPECT_EQ(registry_.stats().index_entries, 2U);
  apply(remove("s", 2, "app/a"));
  EXPECT_TRUE(with("status", Value::string("plan")).empty());
  EXPECT_EQ(registry_.stats().index_entries, 0U);
}

TEST_F(Derived, AnAttributeOverOwnAttributesIsComputedAtApply) {
  apply(upsert("s", 1, "app/a").set("name", "ABC"));
  EXPECT_EQ(text("app/a", "lower"), "'abc'");
  EXPECT_EQ(text("app/a", "label"), "'abc/a'");
  EXPECT_EQ(with("lower", Value::string("abc")), Names{"app/a"});
  EXPECT_EQ(writer("app/a", "lower"), "");
  const Applied applied = apply(patch("s", 2, "app/a").set("name", "X"));
  EXPECT_EQ(text("app/a", "label"), "'x/a'");
  EXPECT_TRUE(has_key(applied, field_key(ref("app/a"), field("app", "lower"))));
  EXPECT_TRUE(has_key(applied, field_key(ref("app/a"), field("app", "label"))));
}

TEST_F(Derived, WhatCannotBeComputedIsAbsent) {
  apply(upsert("s", 1, "app/a"));
  EXPECT_TRUE(value("app/a", "lower").is_null());
  EXPECT_TRUE(value("app/a", "label").is_null());
  EXPECT_FALSE(registry_.has(ref("app/a"), field("app", "lower")));
}

TEST_F(Derived, AChangeThatItDoesNotReadLeavesItAlone) {
  apply(upsert("s", 1, "app/a").set("name", "ABC"));
  const Applied applied = apply(patch("s", 2, "app/a").set("users", Value::integer(1)));
  EXPECT_FALSE(has_key(applied, field_key(ref("app/a"), field("app", "lower"))));
  const Applied cased = apply(patch("s", 3, "app/a").set("name", "abc"));
  EXPECT_TRUE(has_key(cased, field_key(ref("app/a"), field("app", "name"))));
  EXPECT_FALSE(has_key(cased, field_key(ref("app/a"), field("app", "lower"))));
}

TEST_F(ChangedAt, IsTheTimeOfTheLastRealChange) {
  apply(upsert("s", 1, "app/a").set("name", "A").at(100));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(100));
  apply(upsert("s", 2, "app/a").set("name", "A").at(200));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(100));
  const Applied applied = apply(patch("s", 3, "app/a").set("name", "B").at(300));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(300));
  EXPECT_TRUE(has_key(applied, changed_at_key(ref("app/a"))));
}

TEST_F(ChangedAt, TelemetryDoesNotMoveIt) {
  apply(upsert("s", 1, "app/a").set("name", "A").at(100));
  const Applied applied =
      apply(patch("s", 2, "app/a").set("backup", Value::timestamp(5, 0)).at(200));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(100));
  EXPECT_EQ(applied.delta.changed, std::vector{field_key(ref("app/a"), field("app", "backup"))});
}

TEST_F(ChangedAt, AnOlderEventDoesNotMoveItBack) {
  apply(upsert("s", 1, "app/a").set("name", "A").at(300));
  apply(patch("t", 1, "app/a").set("users", Value::integer(1)).at(200));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), at_second(300));
}

TEST_F(ChangedAt, OfAStubIsItsFirstReferenceUntilItIsSent) {
  apply(upsert("s", 1, "app/a").end("next", {"b"}).at(500));
  EXPECT_EQ(registry_.changed_at(ref("app/b")), at_second(500));
  apply(upsert("s", 1, "app/b").at(400));
  EXPECT_EQ(registry_.changed_at(ref("app/b")), at_second(400));
}

TEST_F(ChangedAt, AnEventWithoutATimeHappensNow) {
  apply(upsert("s", 1, "app/a").set("name", "A").at(0));
  EXPECT_EQ(registry_.changed_at(ref("app/a")), now_);
}

TEST_F(Deltas, APatchOfOneFieldNamesThatFieldOnly) {
  apply(upsert("s", 1, "app/a").set("users", Value::integer(1)).end("agency", {"x"}).at(100));
  const Applied applied = apply(patch("s", 2, "app/a").set("users", Value::integer(2)).at(100));
  const std::vector<Key> wanted = {
      field_key(ref("app/a"), field("app", "users")),
      index_key(kind("app"), field("app", "users"), Value::integer(1)),
      index_key(kind("app"), field("app", "users"), Value::integer(2))};
  EXPECT_EQ(applied.delta.changed, wanted) << text_of(applied.delta.changed);
  EXPECT_TRUE(applied.delta.created.empty());
  EXPECT_TRUE(applied.delta.removed.empty());
}

TEST_F(Deltas, SayingTheDefaultOutLoudIsAChangeOfPresence) {
  apply(upsert("s", 1, "app/a"));
  const Applied applied = apply(patch("s", 2, "app/a").set("status", "plan"));
  EXPECT_TRUE(has_key(applied, field_key(ref("app/a"), field("app", "status"))));
  EXPECT_FALSE(
      has_key(applied, index_key(kind("app"), field("app", "status"), Value::string("plan"))));
}

TEST_F(Deltas, TheSameEventsAnswerTheSameBytes) {
  Registry other(schema_, {});
  for (int i = 0; i < 200; ++i) {
    const Says says = upsert("s", i, "app/" + std::to_string(i % 37))
                          .set("name", std::string_view(i % 3 == 0 ? "A" : "B"))
                          .end("services", {std::to_string(i % 5), std::to_string(i % 11)})
                          .end("agency", {std::to_string(i % 4)});
    const Applied one = apply(says);
    const Applied two = other.apply(says, now_);
    ASSERT_EQ(one.delta.changed, two.delta.changed);
    ASSERT_EQ(one.delta.created, two.delta.created);
  }
  EXPECT_EQ(registry_.stats().bytes, other.stats().bytes);
}

TEST_F(Deltas, KeysOfEqualFactsHashAlike) {
  const Key key = index_key(kind("app"), field("app", "users"), Value::integer(1));
  EXPECT_EQ(key, index_key(kind("app"), field("app", "users"), Value::number(1.0)));
  EXPECT_EQ(KeyHash{}(key),
            KeyHash{}(index_key(kind("app"), field("app", "users"), Value::unsigned_integer(1))));
  EXPECT_NE(key, index_key(kind("app"), field("app", "users"), Value::integer(2)));
  EXPECT_NE(name_key(kind("app"), "a"), name_key(kind("service"), "a"));
}

TEST_F(Deltas, OutcomesHaveStableNames) {
  EXPECT_EQ(name_of(Outcome::kApplied), "applied");
  EXPECT_EQ(name_of(Outcome::kNoChange), "no_change");
  EXPECT_EQ(name_of(Outcome::kDuplicate), "duplicate");
  EXPECT_EQ(name_of(Outcome::kStale), "stale");
  EXPECT_EQ(name_of(Outcome::kLate), "late");
  EXPECT_EQ(name_of(Outcome::kUnknownRemoved), "unknown_removed");
  EXPECT_EQ(name_of(Outcome::kNotPermitted), "not_permitted");
}

}  // namespace
}  // namespace patuh::registry::test
