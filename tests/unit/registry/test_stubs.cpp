// Elements that nobody has sent yet, and who answers for what.
#include "regency.h"

namespace patuh::registry::test {
namespace {

using Stubs = Regency;
using Agencies = Regency;

TEST_F(Stubs, AReferenceToAnUnknownElementMakesAStubOfTheReferrersAgency) {
  const Applied applied = apply(upsert("s", 1, "app/a").end("agency", {"x"}).end("next", {"b"}));
  EXPECT_TRUE(registry_.is_stub(ref("app/b")));
  EXPECT_TRUE(registry_.is_stub(ref("agency/x")));
  EXPECT_EQ(agency("app/b"), "agency/x");
  EXPECT_EQ(text("app/b", "status"), "'plan'");
  EXPECT_EQ(applied.delta.created.size(), 3U);
  EXPECT_TRUE(has_key(applied, name_key(kind("app"), "b")));
}

TEST_F(Stubs, AStubTurnsKnownAndThenBelongsOnlyToItsOwnAgency) {
  apply(upsert("s", 1, "app/a").end("agency", {"x"}).end("next", {"b"}));
  const ElementRef stub = ref("app/b");
  const Applied applied = apply(upsert("t", 1, "app/b").set("name", "B"));
  EXPECT_EQ(ref("app/b"), stub);
  EXPECT_FALSE(registry_.is_stub(stub));
  EXPECT_TRUE(has_key(applied, life_key(stub)));
  EXPECT_TRUE(has_key(applied, agency_key(stub)));
  EXPECT_TRUE(applied.delta.created.empty());
  EXPECT_EQ(agency("app/b"), "");
}

TEST_F(Stubs, APatchOfAnUnknownElementMakesAStubWithItsValues) {
  apply(patch("s", 1, "app/a").set("name", "A").end("agency", {"x"}));
  EXPECT_TRUE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(text("app/a", "name"), "'A'");
  EXPECT_EQ(agency("app/a"), "agency/x");
  apply(upsert("t", 1, "app/a").set("status", "live"));
  EXPECT_FALSE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(text("app/a", "name"), "'A'");
}

TEST_F(Stubs, AStubThatOnlyReferencesMadeGoesWithTheLastOfThem) {
  apply(upsert("s", 1, "app/a").end("next", {"c"}));
  apply(upsert("s", 1, "app/b").end("next", {"c"}));
  const ElementRef stub = ref("app/c");
  apply(patch("s", 2, "app/a").null("next"));
  EXPECT_TRUE(find("app/c"));
  const Applied applied = apply(patch("s", 2, "app/b").null("next"));
  EXPECT_FALSE(find("app/c"));
  EXPECT_EQ(applied.delta.removed, std::vector{stub});
  EXPECT_TRUE(has_key(applied, life_key(stub)));
  EXPECT_EQ(registry_.id_of(stub), "c");
}

TEST_F(Stubs, AStubThatASourceWroteToStays) {
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  apply(patch("t", 1, "app/b").set("name", "B"));
  apply(patch("s", 2, "app/a").null("next"));
  EXPECT_TRUE(registry_.is_stub(ref("app/b")));
}

TEST_F(Stubs, AStubWithoutAnAgencyTakesTheFirstThatItsReferrersGet) {
  apply(upsert("s", 1, "app/a").end("next", {"c"}));
  EXPECT_EQ(agency("app/c"), "");
  apply(upsert("s", 2, "app/a").end("next", {"c"}).end("agency", {"x"}));
  EXPECT_EQ(agency("app/c"), "agency/x");
  apply(upsert("s", 1, "app/b").end("next", {"c"}).end("agency", {"y"}));
  EXPECT_EQ(agency("app/c"), "agency/x");
}

TEST_F(Stubs, TheSameAgencyStubOfManyGoesWithTheLast) {
  apply(upsert("s", 1, "app/a").end("agency", {"x"}).end("next", {"b"}));
  apply(patch("s", 2, "app/a").end("agency", {"y"}));
  EXPECT_EQ(agency("app/b"), "agency/x");
  EXPECT_TRUE(find("agency/x"));
  apply(patch("s", 3, "app/a").null("next"));
  EXPECT_FALSE(find("app/b"));
  EXPECT_FALSE(find("agency/x"));
}

TEST_F(Stubs, TheDeploymentRolesStubBelongsToTheWholeAndHasItsValues) {
  apply(upsert("s", 1, "agency/kom").set("code", "KOM").set("whole", Value::boolean(true)));
  const Applied applied = apply(upsert("ci", 1, "deploy/a@prod")
                                    .set("env", "prod")
                                    .end("of", {"a"})
                                    .end("agency", {"x"})
                                    .by_deployment());
  EXPECT_TRUE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(agency("app/a"), "agency/kom");
  EXPECT_EQ(registry_.agency_code(ref("app/a")), "KOM");
  EXPECT_EQ(text("app/a", "status"), "'live'");
  EXPECT_EQ(writer("app/a", "status"), "");
  EXPECT_EQ(agency("deploy/a@prod"), "agency/x");
  EXPECT_TRUE(has_key(applied, members_key(ref("agency/kom"), kind("app"))));
  EXPECT_EQ(with("status", Value::string("live")), Names{"app/a"});
}

TEST_F(Stubs, ThatTheWholeOwnsAStubDoesNotDependOnWhatCameFirst) {
  apply(upsert("s", 1, "app/b").end("agency", {"x"}).end("next", {"a"}));
  EXPECT_EQ(agency("app/a"), "agency/x");
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  EXPECT_EQ(agency("app/a"), "agency/x") << "nobody answers for the whole yet";
  apply(upsert("s", 1, "agency/kom").set("whole", Value::boolean(true)));
  EXPECT_EQ(agency("app/a"), "agency/kom");
  EXPECT_EQ(agency("deploy/a@prod"), "agency/kom");
  EXPECT_EQ(text("app/a", "status"), "'live'");
}

TEST_F(Stubs, ARemovedAgencyOwnsNoStubAnyMore) {
  apply(upsert("s", 1, "agency/x"));
  apply(upsert("s", 1, "app/a").end("agency", {"x"}).end("next", {"b"}));
  ASSERT_EQ(agency("app/b"), "agency/x");
  const Applied removal = apply(remove("s", 2, "agency/x"));
  EXPECT_EQ(agency("app/b"), "") << "nobody answers for the whole";
  EXPECT_TRUE(has_key(removal, agency_key(ref("app/b"))));
  EXPECT_EQ(agency("app/a"), "agency/x") << "it says so itself";
  apply(upsert("s", 1, "agency/kom").set("whole", Value::boolean(true)));
  EXPECT_EQ(agency("app/b"), "agency/kom");
  const Applied back = apply(upsert("s", 3, "agency/x"));
  EXPECT_EQ(agency("app/b"), "agency/x");
  EXPECT_TRUE(has_key(back, members_key(ref("agency/kom"), kind("app"))));
}

TEST_F(Stubs, WhenTheAgencyOfTheWholeIsRemovedTheNextOneOwnsThenNobody) {
  for (const char* id : {"agency/k", "agency/l", "agency/m"}) {
    apply(upsert("s", 1, id).set("whole", Value::boolean(true)));
  }
  // What the deployment's stub refers to has its agency from it.
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  apply(patch("t", 1, "app/a").end("next", {"b"}));
  ASSERT_EQ(agency("app/a"), "agency/k");
  ASSERT_EQ(agency("app/b"), "agency/k");
  apply(remove("s", 2, "agency/k"));
  EXPECT_EQ(agency("app/a"), "agency/l");
  EXPECT_EQ(agency("app/b"), "agency/l");
  EXPECT_EQ(agency("deploy/a@prod"), "agency/l");
  apply(remove("s", 2, "agency/l"));
  apply(remove("s", 2, "agency/m"));
  for (const char* key : {"app/a", "app/b", "deploy/a@prod"}) EXPECT_EQ(agency(key), "") << key;
  EXPECT_EQ(registry_.agency_code(ref("app/a")), "");
  apply(upsert("s", 3, "agency/k"));
  EXPECT_EQ(agency("app/a"), "") << "back, but it does not answer for the whole";
  EXPECT_EQ(agency("app/b"), "agency/k") << "whose agency it was from its first referrer";
}

TEST_F(Stubs, TheRolesValuesEndWhenTheElementIsSent) {
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  EXPECT_EQ(text("app/a", "status"), "'live'");
  apply(patch("s", 1, "app/a").set("name", "A"));
  EXPECT_EQ(text("app/a", "status"), "'live'");
  apply(upsert("s", 2, "app/a").set("name", "A").end("agency", {"y"}));
  EXPECT_EQ(text("app/a", "status"), "'plan'");
  EXPECT_EQ(agency("app/a"), "agency/y");
}

TEST_F(Stubs, AnElementAlreadyKnownIsNotTouchedByTheRole) {
  apply(upsert("s", 1, "app/a").set("status", "plan").end("agency", {"y"}));
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  EXPECT_EQ(text("app/a", "status"), "'plan'");
  EXPECT_EQ(agency("app/a"), "agency/y");
}

TEST_F(Stubs, PutMakesAStubOfTheGivenAgencyAndIsNotTakenAwayByUpserts) {
  apply(upsert("s", 1, "agency/x"));
  const Value heard = Value::timestamp(at_second(60));
  const FieldId field_heard = field("note", "heard");
  const Applied first = registry_.put(kind("note"), "n", field_heard, heard, ref("agency/x"), now_);
  EXPECT_EQ(first.outcome, Outcome::kApplied);
  EXPECT_TRUE(registry_.is_stub(ref("note/n")));
  EXPECT_EQ(agency("note/n"), "agency/x");
  EXPECT_EQ(registry_.put(kind("note"), "n", field_heard, heard, {}, now_).outcome,
            Outcome::kNoChange);
  apply(upsert("s", 1, "note/n"));
  EXPECT_FALSE(registry_.is_stub(ref("note/n")));
  EXPECT_TRUE(registry_.has(ref("note/n"), field_heard));
  EXPECT_EQ(outcome(patch("t", 1, "note/n").set("heard", Value::timestamp(1, 0))),
            Outcome::kApplied);
  const Applied again = registry_.put(kind("note"), "n", field_heard, heard, {}, now_);
  EXPECT_EQ(again.delta.changed, std::vector{field_key(ref("note/n"), field_heard)});
}

TEST_F(Agencies, AnAgencyBelongsToItself) {
  apply(upsert("s", 1, "agency/x").set("code", "X"));
  EXPECT_EQ(agency("agency/x"), "agency/x");
  EXPECT_EQ(names(registry_.members(ref("agency/x"), kind("agency"))), Names{"agency/x"});
  EXPECT_EQ(registry_.agency_code(ref("agency/x")), "X");
}

TEST_F(Agencies, TheCodeOfAnAgencyThatNobodySentIsItsId) {
  apply(upsert("s", 1, "app/a").end("agency", {"dinkes"}));
  EXPECT_EQ(registry_.agency_code(ref("app/a")), "dinkes");
  apply(upsert("s", 1, "app/b"));
  EXPECT_EQ(registry_.agency_code(ref("app/b")), "");
}

TEST_F(Agencies, MembersMoveWithTheRelation) {
  apply(upsert("s", 1, "agency/y"));
  apply(upsert("s", 1, "app/a").end("agency", {"x"}));
  apply(upsert("s", 1, "app/b").end("agency", {"x"}));
  EXPECT_EQ(names(registry_.members(ref("agency/x"), kind("app"))), (Names{"app/a", "app/b"}));
  const Applied applied = apply(patch("s", 2, "app/a").end("agency", {"y"}));
  EXPECT_EQ(names(registry_.members(ref("agency/x"), kind("app"))), Names{"app/b"});
  EXPECT_EQ(names(registry_.members(ref("agency/y"), kind("app"))), Names{"app/a"});
  for (const Key& key :
       {agency_key(ref("app/a")), members_key(ref("agency/x"), kind("app")),
        members_key(ref("agency/y"), kind("app")), field_key(ref("app/a"), field("app", "agency")),
        referrers_key(ref("agency/x"), kind("app"), field("app", "agency")),
        referrers_key(ref("agency/y"), kind("app"), field("app", "agency"))}) {
    EXPECT_TRUE(has_key(applied, key)) << text_of(key);
  }
}

TEST_F(Agencies, ADeploymentFollowsItsApplication) {
  apply(upsert("s", 1, "agency/y"));
  apply(upsert("s", 1, "app/a").end("agency", {"x"}));
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  EXPECT_EQ(agency("deploy/a@prod"), "agency/x");
  const Applied applied = apply(patch("s", 2, "app/a").end("agency", {"y"}));
  EXPECT_EQ(agency("deploy/a@prod"), "agency/y");
  EXPECT_TRUE(has_key(applied, agency_key(ref("deploy/a@prod"))));
  EXPECT_TRUE(has_key(applied, members_key(ref("agency/y"), kind("deploy"))));
}

TEST_F(Agencies, ADeploymentWithAnAgencyOfItsOwnDoesNotFollow) {
  apply(upsert("s", 1, "app/a").end("agency", {"x"}));
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).end("agency", {"z"}));
  EXPECT_EQ(agency("deploy/a@prod"), "agency/z");
  apply(patch("ci", 2, "deploy/a@prod").null("agency"));
  EXPECT_EQ(agency("deploy/a@prod"), "agency/x");
}

TEST_F(Agencies, OfSeveralThatAnswerForTheWholeTheLeastIdCounts) {
  apply(upsert("ci", 1, "deploy/a@prod").end("of", {"a"}).by_deployment());
  apply(upsert("s", 1, "agency/m").set("whole", Value::boolean(true)));
  EXPECT_EQ(agency("app/a"), "agency/m");
  apply(upsert("s", 1, "agency/k").set("whole", Value::boolean(true)));
  EXPECT_EQ(agency("app/a"), "agency/k");
  apply(patch("s", 2, "agency/k").set("whole", Value::boolean(false)));
  EXPECT_EQ(agency("app/a"), "agency/m");
  apply(remove("s", 3, "agency/m"));
  EXPECT_EQ(agency("app/a"), "");
  EXPECT_EQ(agency("deploy/a@prod"), "") << "it follows, and lends nothing to what it follows";
}

}  // namespace
}  // namespace patuh::registry::test
