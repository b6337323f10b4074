// Relations from both ends, inverse ones, and large sets.
#include <random>
#include <set>

#include "regency.h"

namespace patuh::registry::test {
namespace {

using Relations = Regency;

TEST_F(Relations, EndsAreReadFromBothSides) {
  const Applied applied = apply(upsert("s", 1, "note/n").end("about", {"app/a", "service/x"}));
  EXPECT_EQ(related("note/n", "about"), (Names{"app/a", "service/x"}));
  EXPECT_EQ(referrers("app/a", "note", "about"), Names{"note/n"});
  EXPECT_EQ(referrers("service/x", "note", "about"), Names{"note/n"});
  EXPECT_EQ(registry_.stats().edges, 2U);
  EXPECT_EQ(applied.delta.created.size(), 3U);
}

TEST_F(Relations, EndsNamedTwiceCountOnce) {
  apply(upsert("s", 1, "note/n").end("about", {"app/a", "app/a", "app/b"}));
  EXPECT_EQ(related("note/n", "about"), (Names{"app/a", "app/b"}));
}

TEST_F(Relations, AnElementMayReferToItself) {
  apply(upsert("s", 1, "app/a").end("next", {"a"}));
  EXPECT_FALSE(registry_.is_stub(ref("app/a")));
  EXPECT_EQ(value("app/a", "next").object_index(), ref("app/a").value);
  EXPECT_EQ(referrers("app/a", "app", "next"), Names{"app/a"});
  apply(remove("s", 2, "app/a"));
  EXPECT_EQ(registry_.stats().edges, 0U);
}

TEST_F(Relations, ASingleRelationIsTheObjectAndIndexesItsEnd) {
  apply(upsert("s", 1, "app/a").end("next", {"c"}));
  apply(upsert("s", 1, "app/b").end("next", {"c"}));
  const Value end = value("app/a", "next");
  EXPECT_EQ(end.kind(), expr::Kind::kObject);
  EXPECT_EQ(end.object_kind(), kind("app").value);
  EXPECT_EQ(ElementRef(end.object_index()), ref("app/c"));
  EXPECT_EQ(with("next", end), (Names{"app/a", "app/b"}));
  EXPECT_EQ(index_key(kind("app"), field("app", "next"), end),
            referrers_key(ref("app/c"), kind("app"), field("app", "next")));
  EXPECT_TRUE(with("next", Value()).empty());
}

TEST_F(Relations, InverseRelationsAreOneEdgeWrittenFromEitherEnd) {
  apply(upsert("s", 1, "service/x"));
  const Applied applied = apply(upsert("s", 1, "app/a").end("services", {"x"}));
  EXPECT_EQ(related("app/a", "services"), Names{"service/x"});
  EXPECT_EQ(related("service/x", "apps"), Names{"app/a"});
  EXPECT_EQ(referrers("service/x", "app", "services"), Names{"app/a"});
  EXPECT_EQ(referrers("app/a", "service", "apps"), Names{"service/x"});
  EXPECT_TRUE(has_key(applied, field_key(ref("service/x"), field("service", "apps"))));
  EXPECT_EQ(registry_.stats().edges, 1U);
}

TEST_F(Relations, AnEdgeStandsWhileOneEndsWriterKeepsIt) {
  apply(upsert("s", 1, "app/a").end("services", {"x"}));
  EXPECT_EQ(outcome(upsert("t", 1, "service/x").end("apps", {"a"})), Outcome::kApplied);
  EXPECT_EQ(registry_.stats().edges, 1U);
  EXPECT_EQ(outcome(patch("s", 2, "app/a").null("services")), Outcome::kNoChange);
  EXPECT_EQ(related("app/a", "services"), Names{"service/x"});
  const Applied applied = apply(patch("t", 2, "service/x").null("apps"));
  EXPECT_TRUE(related("app/a", "services").empty());
  EXPECT_TRUE(has_key(applied, field_key(ref("app/a"), field("app", "services"))));
}

TEST_F(Relations, OfSeveralEndsThroughAnInverseTheElementsOwnComesFirst) {
  apply(upsert("s", 1, "app/b").end("mains", {"x"}));
  apply(upsert("s", 1, "app/a").end("mains", {"x"}));
  EXPECT_EQ(value("service/x", "main").object_index(), ref("app/a").value) << "the least id";
  const Applied applied = apply(upsert("t", 1, "service/x").end("main", {"b"}));
  EXPECT_EQ(value("service/x", "main").object_index(), ref("app/b").value);
  EXPECT_TRUE(has_key(applied, field_key(ref("service/x"), field("service", "main"))));
  EXPECT_EQ(related("service/x", "main"), (Names{"app/a", "app/b"}));
}

TEST_F(Relations, ARemovalTakesTheEdgesItsElementWroteAndLeavesTheOthers) {
  apply(upsert("s", 1, "app/a").end("services", {"x", "y"}));
  apply(upsert("t", 1, "service/x").end("apps", {"a"}));
  apply(remove("s", 2, "app/a"));
  EXPECT_EQ(related("service/x", "apps"), Names{"app/a"});
  EXPECT_FALSE(find("service/y")) << "a stub that only app/a named";
  EXPECT_EQ(registry_.stats().edges, 1U);
}

TEST_F(Relations, AChangeOfEndsNamesBothOldAndNew) {
  apply(upsert("s", 1, "app/b"));
  apply(upsert("s", 1, "app/c"));
  apply(upsert("s", 1, "app/a").end("next", {"b"}));
  const Applied applied = apply(patch("s", 2, "app/a").end("next", {"c"}));
  const std::vector<Key> wanted = {referrers_key(ref("app/b"), kind("app"), field("app", "next")),
                                   referrers_key(ref("app/c"), kind("app"), field("app", "next")),
                                   field_key(ref("app/a"), field("app", "next")),
                                   changed_at_key(ref("app/a"))};
  EXPECT_EQ(applied.delta.changed, wanted) << text_of(applied.delta.changed);
}

// Sets of thousands lie in pieces: they must stay what a std::set is.
TEST_F(Relations, LargeSetsStayExactUnderRandomChange) {
  constexpr std::uint32_t kElements = 1500;
  std::mt19937_64 dice(7);
  std::vector<std::set<ElementRef>> wanted(2);
  std::vector<int> home(kElements, -1);
  apply(upsert("s", 1, "agency/0"));
  apply(upsert("s", 1, "agency/1"));
  for (std::int64_t version = 1; version < 12'000; ++version) {
    const bool filling = version < 3000 || (version > 6000 && version < 9000);
    const auto at = static_cast<std::uint32_t>(
        version < 1500 ? version : static_cast<std::int64_t>(dice() % kElements));
    const int to = filling ? 0 : (dice() % 8 == 0 ? 0 : 1);
    const std::string key = "app/" + std::to_string(at);
    apply(patch("s", version, key).end("agency", {std::to_string(to)}));
    const ElementRef moved = ref(key);
    if (home[at] >= 0) wanted[static_cast<std::size_t>(home[at])].erase(moved);
    wanted[static_cast<std::size_t>(to)].insert(moved);
    home[at] = to;
    if (version % 500 != 0) continue;
    for (std::size_t agency = 0; agency < 2; ++agency) {
      const Refs refs = registry_.members(ref("agency/" + std::to_string(agency)), kind("app"));
      ASSERT_EQ(std::set(refs.begin(), refs.end()), wanted[agency]);
      ASSERT_EQ(refs.size(), wanted[agency].size());
      std::uint32_t place = 0;
      for (const ElementRef each : wanted[agency]) {
        ASSERT_EQ(refs[place++], each);
        ASSERT_TRUE(refs.contains(each));
      }
      if (place > 0) {
        ASSERT_EQ(refs[0], refs.front());
      }
      for (const ElementRef each : wanted[1 - agency]) ASSERT_FALSE(refs.contains(each));
    }
  }
}

}  // namespace
}  // namespace patuh::registry::test
