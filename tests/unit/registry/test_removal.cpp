// Removal, tombstones, and what still refers to the removed.
#include "regency.h"

namespace patuh::registry::test {
namespace {

class Removal : public Regency {
 protected:
  Removal() : Regency({.tombstone_age = std::chrono::seconds(100), .grants = {{"root", "*"}}}) {}
};

TEST_F(Removal, ARemovedElementIsNotSeenAndSaysSo) {
  apply(upsert("s", 1, "app/a").set("name", "A").end("agency", {"x"}).end("next", {"b"}));
  const ElementRef gone = ref("app/a");
  const Applied applied = apply(remove("s", 2, "app/a"));
  EXPECT_EQ(applied.outcome, Outcome::kApplied);
  EXPECT_EQ(applied.element, gone);
  EXPECT_FALSE(find("app/a"));
  EXPECT_FALSE(registry_.exists(gone));
  EXPECT_EQ(registry_.key_of(gone).text(), "app/a");
  EXPECT_EQ(registry_.id_of(*registry_.agency_of(gone)), "x");
  EXPECT_NE(std::ranges::find(applied.delta.removed, gone), applied.delta.removed.end());
  EXPECT_TRUE(with("name", Value::string("A")).empty());
  EXPECT_FALSE(find("app/b")) << "a stub that nothing else needed";
  for (const Key& key :
       {life_key(gone), field_key(gone, field("app", "name")),
        index_key(kind("app"), field("app", "name"), Value::string("A")), changed_at_key(gone)}) {
    EXPECT_TRUE(has_key(applied, key)) << text_of(key);
  }
}

TEST_F(Removal, AStaleRemovalIsIgnored) {
  apply(upsert("s", 5, "app/a"));
  EXPECT_EQ(outcome(remove("s", 5, "app/a")), Outcome::kStale);
  EXPECT_TRUE(find("app/a"));
}

TEST_F(Removal, TheTombstoneKeepsOlderEventsOut) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(remove("s", 5, "app/a"));
  EXPECT_EQ(registry_.stats().tombstones, 1U);
  EXPECT_EQ(outcome(upsert("s", 4, "app/a").set("name", "A")), Outcome::kStale);
  EXPECT_EQ(outcome(patch("s", 4, "app/a").set("name", "A")), Outcome::kLate);
  EXPECT_FALSE(find("app/a"));
  const Applied back = apply(upsert("s", 6, "app/a").set("name", "B"));
  EXPECT_EQ(back.delta.created, std::vector{ref("app/a")});
  EXPECT_TRUE(has_key(back, name_key(kind("app"), "a")));
  EXPECT_EQ(registry_.stats().tombstones, 0U);
}

TEST_F(Removal, OfTheUnknownLeavesATombstoneToo) {
  const Applied applied = apply(remove("s", 5, "app/a"));
  EXPECT_EQ(applied.outcome, Outcome::kUnknownRemoved);
  EXPECT_TRUE(applied.delta.changed.empty());
  EXPECT_EQ(outcome(upsert("s", 4, "app/a")), Outcome::kStale);
  EXPECT_EQ(outcome(remove("s", 6, "app/a")), Outcome::kUnknownRemoved);
  EXPECT_EQ(outcome(upsert("s", 7, "app/a")), Outcome::kApplied);
}

TEST_F(Removal, OnlyTheRemoverMayGoOnPatching) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(patch("t", 1, "app/a").set("users", Value::integer(1)));
  apply(remove("s", 2, "app/a"));
  EXPECT_EQ(outcome(patch("t", 9, "app/a").set("users", Value::integer(2))), Outcome::kLate);
  EXPECT_FALSE(find("app/a"));
  EXPECT_EQ(outcome(patch("s", 3, "app/a").set("name", "B")), Outcome::kApplied);
  EXPECT_TRUE(registry_.is_stub(ref("app/a")));
}

TEST_F(Removal, AnElementThatTwoSourcesHoldOutlivesTheRemovalOfOne) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  apply(upsert("t", 1, "app/a").set("users", Value::integer(1)));
  EXPECT_EQ(outcome(remove("s", 2, "app/a")), Outcome::kApplied);
  EXPECT_TRUE(value("app/a", "name").is_null());
  EXPECT_EQ(text("app/a", "users"), "1");
  EXPECT_FALSE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(outcome(patch("s", 1, "app/a").set("name", "A")), Outcome::kLate);
  EXPECT_EQ(outcome(remove("t", 2, "app/a")), Outcome::kApplied);
  EXPECT_FALSE(find("app/a"));
}

TEST_F(Removal, WhoNeitherHoldsNorWroteAllMayNotRemove) {
  apply(upsert("s", 1, "app/a").set("name", "A"));
  const Applied refused = apply(remove("t", 1, "app/a"));
  EXPECT_EQ(refused.outcome, Outcome::kNotPermitted);
  EXPECT_EQ(refused.message, "a was written by s; t has no grant to write it");
  apply(patch("t", 1, "app/b").set("name", "B"));
  apply(patch("u", 1, "app/b").set("users", Value::integer(1)));
  EXPECT_EQ(outcome(remove("t", 2, "app/b")), Outcome::kNotPermitted);
  EXPECT_EQ(outcome(remove("root", 1, "app/b")), Outcome::kApplied);
  EXPECT_EQ(outcome(remove("root", 1, "app/a")), Outcome::kApplied);
}

TEST_F(Removal, WhatStillRefersToTheRemovedReadsItAsMissing) {
  apply(upsert("s", 1, "app/b").set("name", "B").set("status", "live").end("agency", {"x"}));
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  const ElementRef gone = ref("app/b");
  const Applied applied = apply(remove("s", 2, "app/b"));
  EXPECT_EQ(value("app/a", "next").object_index(), gone.value);
  EXPECT_FALSE(registry_.exists(gone));
  EXPECT_TRUE(registry_.value(gone, field("app", "name")).is_null());
  EXPECT_EQ(registry_.value(gone, field("app", "status")).as_string(), "plan");
  EXPECT_TRUE(has_key(applied, field_key(gone, field("app", "name"))));
  EXPECT_TRUE(with("status", Value::string("live")).empty());
  EXPECT_FALSE(find("agency/x")) << "a stub goes with the last that refers to it";
  EXPECT_EQ(names(registry_.referrers(gone, kind("app"), field("app", "next"))), Names{"app/a"});
}

TEST_F(Removal, ADeploymentOfTheRemovedStaysWithItsAgency) {
  apply(upsert("s", 1, "app/a").end("agency", {"x"}));
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  apply(remove("s", 2, "app/a"));
  EXPECT_EQ(agency("deploy/a@prod"), "agency/x");
  EXPECT_EQ(
      outcome(upsert("ci", 2, "deploy/a@prod").set("env", "p").end("of", {"a"}).by_deployment()),
      Outcome::kApplied);
  EXPECT_FALSE(find("app/a")) << "a reference does not bring the removed back";
  EXPECT_EQ(agency("deploy/a@prod"), "agency/x");
}

TEST_F(Removal, ATombstoneIsForgottenAtItsAge) {
  apply(upsert("s", 5, "app/a"));
  apply(remove("s", 6, "app/a"));
  registry_.expire(now_ + std::chrono::seconds(99));
  EXPECT_EQ(outcome(upsert("s", 4, "app/a")), Outcome::kStale);
  registry_.expire(now_ + std::chrono::seconds(100));
  EXPECT_EQ(registry_.stats().tombstones, 0U);
  EXPECT_EQ(outcome(upsert("s", 4, "app/a")), Outcome::kApplied);
}

TEST_F(Removal, TheAgeCountsFromTheLatestRemoval) {
  apply(upsert("s", 1, "app/a"));
  apply(remove("s", 2, "app/a"));
  now_ += std::chrono::seconds(60);
  apply(upsert("s", 3, "app/a"));
  apply(remove("s", 4, "app/a"));
  registry_.expire(now_ + std::chrono::seconds(50));
  EXPECT_EQ(outcome(upsert("s", 4, "app/a")), Outcome::kStale);
}

TEST_F(Removal, APlaceIsGivenAgainOnlyWhenNothingPointsThere) {
  apply(upsert("s", 1, "app/b"));
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  const ElementRef gone = ref("app/b");
  apply(remove("s", 2, "app/b"));
  registry_.expire(now_ + std::chrono::seconds(100));
  apply(upsert("s", 2, "app/c"));
  EXPECT_NE(ref("app/c"), gone);
  EXPECT_EQ(registry_.id_of(gone), "b");
  apply(patch("s", 3, "app/a").null("next"));
  apply(upsert("s", 2, "app/d"));
  EXPECT_EQ(ref("app/d"), gone);
}

TEST_F(Removal, OfAForgottenElementANewReferenceMakesAStub) {
  apply(upsert("s", 1, "app/b"));
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  apply(remove("s", 2, "app/b"));
  apply(upsert("s", 1, "app/c").end("next", {"b"}));
  EXPECT_FALSE(find("app/b"));
  registry_.expire(now_ + std::chrono::seconds(100));
  apply(upsert("s", 1, "app/d").end("next", {"b"}).end("agency", {"x"}));
  EXPECT_TRUE(registry_.is_stub(ref("app/b")));
  EXPECT_EQ(agency("app/b"), "agency/x");
}

TEST_F(Removal, EverythingGoneLeavesNothingBehind) {
  const std::uint64_t empty = registry_.stats().bytes;
  for (int i = 0; i < 3000; ++i) {
    apply(upsert("s", 1, "app/" + std::to_string(i))
              .set("name", "N" + std::to_string(i % 7))
              .end("agency", {"x"})
              .end("services", {std::to_string(i % 50)}));
  }
  const Stats full = registry_.stats();
  EXPECT_EQ(full.elements, 3000U);
  EXPECT_EQ(full.stubs, 51U);
  for (int i = 0; i < 3000; ++i) apply(remove("s", 2, "app/" + std::to_string(i)));
  registry_.expire(now_ + std::chrono::seconds(100));
  registry_.expire(now_ + std::chrono::seconds(100));
  const Stats left = registry_.stats();
  EXPECT_EQ(left.elements + left.stubs + left.tombstones + left.edges + left.index_entries, 0U);
  // Pages and tables keep their room; what elements held is given back.
  EXPECT_LT(left.bytes - empty, (full.bytes - empty) / 2);
}

}  // namespace
}  // namespace patuh::registry::test
