// Upserts and patches, versions and duplicates, and who may write what.
#include "regency.h"

namespace patuh::registry::test {
namespace {

class Writing : public Regency {
 protected:
  Writing() : Regency({.duplicate_window = 3, .grants = {{"desk", "app"}, {"root", "*"}}}) {}
};

TEST_F(Writing, AnUpsertMakesAKnownElementWithItsValues) {
  const Applied applied =
      apply(upsert("s", 1, "app/a").set("name", "A").set("users", Value::integer(7)));
  EXPECT_EQ(applied.outcome, Outcome::kApplied);
  EXPECT_EQ(applied.element, find("app/a"));
  EXPECT_EQ(applied.delta.created, std::vector{ref("app/a")});
  EXPECT_FALSE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(text("app/a", "name"), "'A'");
  EXPECT_EQ(text("app/a", "users"), "7");
  EXPECT_EQ(writer("app/a", "name"), "s");
  EXPECT_EQ(registry_.key_of(ref("app/a")).text(), "app/a");
}

TEST_F(Writing, AnAbsentAttributeReadsAsItsDefaultOrAsNullWithItsOrigin) {
  apply(upsert("s", 1, "app/a"));
  EXPECT_EQ(text("app/a", "status"), "'plan'");
  EXPECT_FALSE(registry_.has(ref("app/a"), field("app", "status")));
  const Value name = value("app/a", "name");
  EXPECT_TRUE(name.is_null());
  const expr::Origin origin{kind("app").value, ref("app/a").value, field("app", "name").value};
  EXPECT_EQ(name.origin(), origin);
  EXPECT_EQ(value("app/a", "next").origin(),
            (expr::Origin{kind("app").value, ref("app/a").value, field("app", "next").value}));
}

TEST_F(Writing, IdAndKindReadAsFields) {
  apply(upsert("s", 1, "app/a"));
  EXPECT_EQ(registry_.value(ref("app/a"), model::kIdField).as_string(), "a");
  EXPECT_EQ(registry_.value(ref("app/a"), model::kKindField).as_string(), "app");
}

TEST_F(Writing, AnUpsertReplacesOnlyItsOwnSourcesFields) {
  apply(upsert("s", 1, "app/a").set("name", "A").set("status", "live"));
  apply(patch("t", 1, "app/a").set("users", Value::integer(3)));
  apply(upsert("s", 2, "app/a").set("name", "B"));
  EXPECT_EQ(text("app/a", "name"), "'B'");
  EXPECT_EQ(text("app/a", "status"), "'plan'");
  EXPECT_EQ(text("app/a", "users"), "3");
  EXPECT_EQ(writer("app/a", "users"), "t");
}

TEST_F(Writing, AnUpsertTakesWhatItsSourcePatchedBefore) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(patch("s", 2, "app/a").set("users", Value::integer(3)));
  apply(upsert("s", 3, "app/a").set("name", "A"));
  EXPECT_TRUE(value("app/a", "users").is_null());
}

TEST_F(Writing, APatchChangesWhatItNamesAndNullRemoves) {
  apply(upsert("s", 1, "app/a").set("name", "A").set("status", "live"));
  apply(patch("s", 2, "app/a").set("name", "B").null("status"));
  EXPECT_EQ(text("app/a", "name"), "'B'");
  EXPECT_FALSE(registry_.has(ref("app/a"), field("app", "status")));
  EXPECT_EQ(writer("app/a", "status"), "");
}

TEST_F(Writing, APatchOfAMapIsMergedMemberByMember) {
  const Value one = Value::integer(1);
  apply(upsert("s", 1, "app/a").map("targets", {{"x", one}, {"y", one}, {"z", Value()}}));
  EXPECT_EQ(text("app/a", "targets"), "{'x': 1, 'y': 1}");
  apply(patch("s", 2, "app/a").map("targets", {{"y", Value()}, {"w", Value::integer(2)}}));
  EXPECT_EQ(text("app/a", "targets"), "{'w': 2, 'x': 1}");
}

TEST_F(Writing, ListsAndTextsOfAnyLengthComeBackAsSent) {
  const std::string text(5000, 'x');
  apply(upsert("s", 1, "app/a").set("name", std::string_view(text)).list("tags", {"p", "", "q"}));
  EXPECT_EQ(value("app/a", "name").as_string(), text);
  EXPECT_EQ(Regency::text("app/a", "tags"), "['p', '', 'q']");
}

TEST_F(Writing, InstantsKeepTheirNanoseconds) {
  apply(upsert("s", 1, "app/a").set("backup", Value::timestamp(1'700'000'000, 123'456'789)));
  EXPECT_EQ(value("app/a", "backup").nanos(), 123'456'789U);
  apply(patch("s", 2, "app/a").set("backup", Value::timestamp(-5, 1000)));
  EXPECT_EQ(value("app/a", "backup").seconds(), -5);
  EXPECT_EQ(value("app/a", "backup").nanos(), 1000U);
}

TEST_F(Writing, AnUpsertThatIsNotNewerIsStale) {
  apply(upsert("s", 5, "app/a").set("name", "A"));
  EXPECT_EQ(outcome(upsert("s", 5, "app/a").set("name", "B")), Outcome::kStale);
  EXPECT_EQ(outcome(upsert("s", 4, "app/a").set("name", "B")), Outcome::kStale);
  EXPECT_EQ(text("app/a", "name"), "'A'");
}

TEST_F(Writing, VersionsOfDifferentSourcesAreNotCompared) {
  apply(upsert("s", 100, "app/a").set("name", "A"));
  EXPECT_EQ(outcome(upsert("t", 1, "app/a").set("users", Value::integer(1))), Outcome::kApplied);
  EXPECT_EQ(text("app/a", "name"), "'A'");
}

TEST_F(Writing, NegativeVersionsAreVersions) {
  EXPECT_EQ(outcome(upsert("s", -10, "app/a").set("name", "A")), Outcome::kApplied);
  EXPECT_EQ(outcome(upsert("s", -11, "app/a").set("name", "B")), Outcome::kStale);
  EXPECT_EQ(outcome(upsert("s", -9, "app/a").set("name", "B")), Outcome::kApplied);
}

TEST_F(Writing, ALatePatchWritesOnlyWhatNothingNewerWrote) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(patch("s", 5, "app/a").set("name", "B"));
  EXPECT_EQ(outcome(patch("s", 3, "app/a").set("name", "C").set("users", Value::integer(3))),
            Outcome::kLate);
  EXPECT_EQ(text("app/a", "name"), "'B'");
  EXPECT_EQ(text("app/a", "users"), "3");
  EXPECT_EQ(outcome(patch("s", 4, "app/a").set("users", Value::integer(4))), Outcome::kApplied);
  EXPECT_EQ(text("app/a", "users"), "4");
}

TEST_F(Writing, ALatePatchDoesNotBringBackWhatANewerOneRemoved) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(patch("s", 5, "app/a").null("users"));
  EXPECT_EQ(outcome(patch("s", 3, "app/a").set("users", Value::integer(3))), Outcome::kLate);
  EXPECT_TRUE(value("app/a", "users").is_null());
}

TEST_F(Writing, ALatePatchComesToNothingAfterANewerUpsert) {
  apply(upsert("s", 5, "app/a").set("name", "A"));
  EXPECT_EQ(outcome(patch("s", 3, "app/a").set("users", Value::integer(3))), Outcome::kLate);
  EXPECT_TRUE(value("app/a", "users").is_null());
}

TEST_F(Writing, APatchOfTheSameVersionApplies) {
  apply(upsert("s", 5, "app/a").set("name", "A"));
  EXPECT_EQ(outcome(patch("s", 5, "app/a").set("users", Value::integer(3))), Outcome::kApplied);
  EXPECT_EQ(text("app/a", "users"), "3");
}

TEST_F(Writing, ADuplicateHasNoEffectWithinTheWindow) {
  EXPECT_EQ(outcome(patch("s", 1, "app/a").set("name", "A").id("e1")), Outcome::kApplied);
  EXPECT_EQ(outcome(patch("s", 2, "app/a").set("name", "B").id("e1")), Outcome::kDuplicate);
  EXPECT_EQ(outcome(patch("t", 2, "app/b").set("name", "B").id("e1")), Outcome::kApplied);
  EXPECT_EQ(text("app/a", "name"), "'A'");
  for (const char* id : {"e2", "e3", "e4"}) apply(patch("s", 2, "app/b").id(id));
  EXPECT_EQ(outcome(patch("s", 3, "app/a").set("name", "B").id("e1")), Outcome::kApplied);
  EXPECT_EQ(registry_.stats().window_ids, 4U);
}

TEST_F(Writing, WritingAnothersFieldNeedsAGrant) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  const Applied refused =
      apply(patch("t", 1, "app/a").set("name", "B").set("users", Value::integer(1)));
  EXPECT_EQ(refused.outcome, Outcome::kNotPermitted);
  EXPECT_EQ(refused.message, "name was written by s; t has no grant to write it");
  EXPECT_TRUE(refused.delta.changed.empty());
  EXPECT_TRUE(value("app/a", "users").is_null());
  EXPECT_EQ(outcome(patch("t", 1, "app/a").null("name")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(upsert("t", 1, "app/a").set("name", "B")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(upsert("t", 1, "app/a").null("name")), Outcome::kNoChange);
  EXPECT_EQ(text("app/a", "name"), "'A'");
}

TEST_F(Writing, AGrantHoldsForItsKindOnly) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(upsert("s", 1, "service/x").set("name", "X"));
  EXPECT_EQ(outcome(patch("desk", 1, "app/a").set("name", "B")), Outcome::kApplied);
  EXPECT_EQ(writer("app/a", "name"), "desk");
  EXPECT_EQ(outcome(patch("desk", 1, "service/x").set("name", "Y")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(patch("root", 1, "service/x").set("name", "Y")), Outcome::kApplied);
}

TEST_F(Writing, WhatWasSetAsideMayComeAgainUnderItsId) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  EXPECT_EQ(outcome(patch("t", 1, "app/a").set("name", "B").id("e")), Outcome::kNotPermitted);
  registry_.change_schema(schema_, {.grants = {{"t", "*"}}});
  EXPECT_EQ(outcome(patch("t", 1, "app/a").set("name", "B").id("e")), Outcome::kApplied);
}

TEST_F(Writing, SayingWhatAnotherSaidIsNoWriting) {
  apply(upsert("s", 1, "app/a").set("name", "A").end("agency", {"x"}));
  EXPECT_EQ(outcome(patch("t", 1, "app/a").set("name", "A").end("agency", {"x"})),
            Outcome::kNoChange);
  EXPECT_EQ(writer("app/a", "name"), "s");
  EXPECT_EQ(outcome(patch("t", 2, "app/a").end("agency", {"y"})), Outcome::kNotPermitted);
  EXPECT_FALSE(find("agency/y"));
}

TEST_F(Writing, UnknownMembersAreKeptCountedAndOwned) {
  const Applied applied =
      apply(upsert("s", 1, "app/a").unknown("colour", "'red'").unknown("n", "1"));
  EXPECT_EQ(applied.delta.unknown_attributes, 2U);
  const std::vector<std::pair<std::string, std::string>> kept = {{"colour", "'red'"}, {"n", "1"}};
  EXPECT_EQ(registry_.unknown_of(ref("app/a")), kept);
  EXPECT_EQ(outcome(patch("t", 1, "app/a").unknown("n", "2")), Outcome::kNotPermitted);
  apply(patch("s", 2, "app/a").unknown("n", "null"));
  EXPECT_EQ(registry_.unknown_of(ref("app/a")).size(), 1U);
  EXPECT_EQ(outcome(patch("s", 1, "app/a").unknown("n", "3")), Outcome::kLate);
  apply(upsert("s", 3, "app/a"));
  EXPECT_TRUE(registry_.unknown_of(ref("app/a")).empty());
}

TEST_F(Writing, NoMoreThan256UnknownMembersAreKept) {
  Says says = upsert("s", 1, "app/a");
  for (int i = 0; i < 300; ++i) says.unknown("u" + std::to_string(i), "1");
  EXPECT_EQ(apply(says).delta.unknown_attributes, 300U);
  EXPECT_EQ(registry_.unknown_of(ref("app/a")).size(), 256U);
}

TEST_F(Writing, ADerivedAttributeCannotBeSent) {
  const Applied applied = apply(upsert("s", 1, "app/a").set("name", "A").set("lower", "zzz"));
  EXPECT_EQ(applied.delta.unknown_attributes, 1U);
  EXPECT_EQ(text("app/a", "lower"), "'a'");
}

TEST_F(Writing, TheSameUpsertAgainChangesNothingButTheVersion) {
  const auto says = [&](std::int64_t version) {
    return upsert("s", version, "app/a").set("name", "A").end("services", {"x"});
  };
  apply(says(1));
  EXPECT_EQ(outcome(says(2)), Outcome::kNoChange);
  EXPECT_EQ(outcome(says(2)), Outcome::kStale);
}

TEST_F(Writing, AnElementTakesOnlySoManySources) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(outcome(patch("s" + std::to_string(i), 1, "app/a").null("users")),
              i == 0 ? Outcome::kApplied : Outcome::kNoChange);
  }
  EXPECT_EQ(outcome(patch("one more", 1, "app/a").null("users")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(remove("one more", 1, "app/a")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(patch("s7", 2, "app/a").set("name", "A")), Outcome::kApplied);
}

}  // namespace
}  // namespace patuh::registry::test
