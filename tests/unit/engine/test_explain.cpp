// What an explanation tells: what decided, and the smallest change. Each change that is found is
// sent, and must heal.
#include <gtest/gtest.h>

#include "estate.h"

namespace patuh::engine::naive {
namespace {

using Outcome = SmallestChange::Outcome;

std::string data_of(const SmallestChange& change) {
  std::string out;
  for (const SmallestChange::Change& one : change.changes) {
    out += (out.empty() ? "{\"" : ",\"") + one.attribute + "\":" + one.json;
  }
  return out + "}";
}

// The change found for R of app/a, as an event's data; the event is sent, and heals.
std::string healed_by(Estate& estate) {
  const SmallestChange change = estate.explain("R", "app/a").smallest_change;
  if (change.outcome != Outcome::kFound) return std::string(name_of(change.outcome));
  const std::string data = data_of(change);
  estate.patch("app/a", data);
  EXPECT_EQ(estate.state("R", "app/a"), "compliant") << data;
  return data;
}

std::string healed_by(const std::string& require, const std::string& data) {
  Estate estate(rule("R", "app", "require = \"" + require + "\""));
  estate.upsert("app/a", data);
  return healed_by(estate);
}

TEST(Explanation, TellsWhatDecidedInBothLanguagesAndWhere) {
  Estate estate(rule("R", "app", "require = \"filled(self.name) && self.until > now\""));
  estate.upsert("app/a", R"({"name":"A","until":"2025-12-31T17:00:00Z"})");
  const Explanation told = estate.explain("R", "app/a");
  ASSERT_EQ(told.decided.size(), 3U);
  EXPECT_EQ(told.decided[0].text, "self.until > now");
  EXPECT_EQ(told.decided[0].told.id, "tidak");
  EXPECT_EQ(told.decided[0].told.en, "no");
  EXPECT_EQ(told.decided[1].text, "self.until");
  EXPECT_EQ(told.decided[1].part, "require");
  EXPECT_EQ(told.decided[1].begin, 21U);
  EXPECT_EQ(told.decided[1].end, 31U);
  EXPECT_EQ(told.decided[1].told.id, "1 Januari 2026");
  EXPECT_EQ(told.decided[1].told.en, "1 January 2026");
  EXPECT_EQ(told.steps[0].text, "filled(self.name) && self.until > now");
  EXPECT_GT(told.steps.size(), told.decided.size());
}

TEST(Explanation, OfWhatWhenDecidesNamesIt) {
  Estate estate(rule("R", "app", "when = \"self.users > 3\"\nrequire = \"self.public\""));
  estate.upsert("app/a", R"({"public":false})");
  const Explanation told = estate.explain("R", "app/a");
  ASSERT_FALSE(told.decided.empty());
  EXPECT_EQ(told.decided[0].part, "when");
  EXPECT_EQ(told.decided[0].told.en, "a value is missing");
  EXPECT_EQ(told.decided[0].told.id, "nilai belum diisi");
  EXPECT_EQ(healed_by(estate), R"({"public":true,"users":4})");
}

std::string in_one(const Explanation& told, model::Language language) {
  std::string out;
  for (const model::Text& line : told.lines) out += line.in(language) + "\n";
  return out;
}

TEST(Explanation, IsToldInAFewLinesOfEitherLanguage) {
  Estate estate(rule("R", "app", "require = \"filled(self.name) && self.users > 3\""));
  estate.upsert("app/a", R"({"name":"A"})");
  const Explanation told = estate.explain("R", "app/a");
  EXPECT_EQ(told.reason, "missing: users");
  EXPECT_EQ(told.reason_told.id, "users belum diisi");
  EXPECT_EQ(told.reason_told.en, "users is not filled in");
  const std::string en = in_one(told, model::Language::kEnglish);
  EXPECT_TRUE(
      en.starts_with("violating · since 1 Jan 2026 07:00 WIB\n"
                     "a violates\n"
                     "reason: users is not filled in\n"
                     "What decided:\n"
                     "  filled(self.name)  →  yes  (require 1)\n"
                     "  self.name  →  A  (require 8)\n"
                     "  self.users > 3  →  a value is missing  (require 22)\n"
                     "  self.users  →  nothing  (require 22)\n"
                     "The smallest change that makes it comply: users: 4\n"
                     "With this change the element complies; checked by judging again ("))
      << en;
  const std::string id = in_one(told, model::Language::kIndonesian);
  EXPECT_NE(id.find("\nalasan: users belum diisi\nYang menentukan:\n"), std::string::npos) << id;
  EXPECT_EQ(id.find("missing"), std::string::npos) << id;
}

TEST(Explanation, OfAnotherElementsMissingValueNamesIt) {
  Estate estate(rule("R", "part", "require = \"self.app.users > 3\""));
  estate.upsert("app/a", "{}").upsert("part/p", R"({"app":"a"})");
  const Explanation told = estate.explain("R", "part/p");
  EXPECT_EQ(told.reason_told.id, "users pada app/a belum diisi");
  EXPECT_EQ(told.reason_told.en, "users of app/a is not filled in");
}

TEST(Explanation, HasAtMostTenLinesHoweverMuchDecided) {
  std::string require = "self.users > 0";
  for (int i = 1; i < 9; ++i) require += " && self.users != " + std::to_string(100 + i);
  Estate estate(rule("R", "app",
                     "require = \"!(" + require + ")\"\nmessage.id = \"a\\u001b\\nb\"\n" +
                         "message.en = \"a\\nb\""));
  estate.upsert("app/a", R"({"users":7})");
  const Explanation told = estate.explain("R", "app/a");
  EXPECT_EQ(told.decided.size(), kDecidingStepsMax);
  ASSERT_EQ(told.lines.size(), kExplainedLinesMax);
  EXPECT_EQ(told.lines[1].id, "a  b") << "no controls, no further lines";
  EXPECT_EQ(told.lines[7].en, "  … and 6 more");
  EXPECT_EQ(told.lines[7].id, "  … dan 6 lagi");
}

// "x has no number" beside "compliant" would be a lie.
TEST(Explanation, SaysWhatIsWrongOnlyWhereSomethingIs) {
  const std::string words = "\nmessage.id = \"bukan\"\nmessage.en = \"not so\"";
  Estate estate(rule("R", "app", "when = \"self.users > 3\"\nrequire = \"self.public\"" + words));
  estate.upsert("app/a", R"({"public":false,"users":4})");
  EXPECT_EQ(estate.explain("R", "app/a").message_en, "not so");
  for (const char* const data : {R"({"public":true,"users":4})", R"({"public":false,"users":3})"}) {
    estate.upsert("app/a", data);
    const Explanation told = estate.explain("R", "app/a");
    EXPECT_TRUE(told.message_id.empty() && told.message_en.empty()) << data;
    EXPECT_EQ(in_one(told, model::Language::kEnglish).find("not so"), std::string::npos) << data;
  }
}

TEST(Explanation, OfACompliantVerdictWantsNoChange) {
  Estate estate(rule("R", "app", "require = \"self.public\""));
  estate.upsert("app/a", R"({"public":true})");
  const SmallestChange change = estate.explain("R", "app/a").smallest_change;
  EXPECT_EQ(change.outcome, Outcome::kNotNeeded);
  EXPECT_EQ(change.tries, 0U);
  EXPECT_TRUE(change.told.id.empty());
}

TEST(SmallestChange, OfEachType) {
  EXPECT_EQ(healed_by("self.public", R"({"public":false})"), R"({"public":true})");
  EXPECT_EQ(healed_by("self.users >= 10", R"({"users":1})"), R"({"users":10})");
  EXPECT_EQ(healed_by("self.status == 'live'", "{}"), R"({"status":"live"})");
  EXPECT_EQ(healed_by("self.status != 'live'", R"({"status":"live"})"), R"({"status":"plan"})");
  EXPECT_EQ(healed_by("filled(self.name)", "{}"), R"({"name":"…"})");
  EXPECT_EQ(healed_by("self.note == null", R"({"note":"x"})"), R"({"note":null})");
  EXPECT_EQ(healed_by("self.until > now + days(30)", "{}"), R"({"until":"2026-02-01T00:00:00Z"})");
  EXPECT_EQ(healed_by("self.deadline > now", "{}"), R"({"deadline":"2026-01-01"})");
}

TEST(SmallestChange, IsWhatBringsTheVerdictAboutNotOnlyTheRequirement) {
  // Another status would make the requirement true, but then the rule no longer applies.
  Estate estate(rule("R", "app",
                     "when = \"self.status == 'live'\"\n"
                     "require = \"self.status == 'plan' || self.users > 5\""));
  estate.upsert("app/a", R"({"status":"live","users":1})");
  EXPECT_EQ(healed_by(estate), R"({"users":6})");
}

TEST(SmallestChange, LastsUntilPeopleCanMakeIt) {
  EXPECT_EQ(healed_by("self.until >= now && self.until < now + days(9)", "{}"),
            R"({"until":"2026-01-02T00:00:00Z"})")
      << "not now itself, which is over at once";
}

TEST(SmallestChange, TouchesSeveralOnlyWhereOneIsNotEnough) {
  EXPECT_EQ(healed_by("self.public && self.users > 2 && filled(self.name)", R"({"public":true})"),
            R"({"users":3,"name":"…"})");
  EXPECT_EQ(healed_by("self.public && self.users > 2 && filled(self.name) && filled(self.note)",
                      R"({"public":false})"),
            "none")
      << "four would be needed";
}

TEST(SmallestChange, GoesThroughWhatOtherElementsMakeOfIt) {
  Estate estate(rule("R", "app",
                     "require = \"referrers(self, 'part', 'app').all(p, p.size < p.app.users)\""));
  estate.upsert("part/p", R"({"app":"a","size":7})").upsert("app/a", R"({"users":7})");
  EXPECT_EQ(healed_by(estate), "elsewhere") << "the rule names no attribute of its own element";
}

TEST(SmallestChange, SaysThatOthersDecide) {
  Estate estate(
      rule("R", "app",
           "require = \"self.users == 1 && referrers(self, 'part', 'app').exists(p, p.open)\""));
  estate.upsert("app/a", R"({"users":1})");
  const SmallestChange change = estate.explain("R", "app/a").smallest_change;
  EXPECT_EQ(change.outcome, Outcome::kNotHere);
  EXPECT_NE(change.told.id.find("juga membaca elemen lain"), std::string::npos) << change.told.id;
  EXPECT_NE(change.told.en.find("reads other elements, too"), std::string::npos) << change.told.en;
  EXPECT_NE(change.told.en.find(std::to_string(change.tries) + " tries"), std::string::npos);
}

TEST(SmallestChange, GivesNoDerivedAttributeAnotherValue) {
  Estate estate(rule("R", "app", "require = \"self.parts_open == 0\""));
  estate.upsert("app/a", "{}").upsert("part/p", R"({"app":"a","open":true})");
  EXPECT_EQ(healed_by(estate), "elsewhere");
}

TEST(SmallestChange, KnowsThatItsOwnValueLeavesAnIndexAndJoinsAnother) {
  const auto healed = [](const std::string& counted) {
    Estate estate(
        rule("R", "app", "require = \"self.url in ['x', 'y', 'z'] && count(" + counted + "\""));
    estate.upsert("app/b", R"({"url":"y"})").upsert("app/a", R"({"url":"x"})");
    return healed_by(estate);
  };
  EXPECT_EQ(healed("same(self, 'url')) == 1"), R"({"url":"y"})");
  EXPECT_EQ(healed("where('app', 'url', 'x')) == 0"), R"({"url":"y"})");
  EXPECT_EQ(healed("where('app', 'url', 'y')) == 2"), R"({"url":"y"})");
  EXPECT_EQ(healed("where('app', 'url', 'z')) == 1"), R"({"url":"z"})");
  EXPECT_EQ(healed("same(self, 'url')) == 2"), "none-here");
}

TEST(SmallestChange, TakesNoNameForAValue) {
  EXPECT_EQ(healed_by("filled(self.name) && count(referrers(self, 'part', 'app')) == 0", "{}"),
            R"({"name":"…"})");
}

TEST(SmallestChange, MovesChangedAtAndThePast) {
  Estate stale(
      rule("R", "app", "require = \"changed_at(self) > now - days(7) && self.users != 5\""));
  stale.upsert("app/a", R"({"users":4})").at("+30d").pass();
  EXPECT_EQ(healed_by(stale), R"({"users":6})");
  Estate past(rule("R", "app", "require = \"previous(self.users) == 4 && self.users > 0\""));
  past.upsert("app/a", R"({"users":4})");
  EXPECT_EQ(healed_by(past), R"({"users":5})");
  Estate often(
      rule("R", "app", "require = \"changes(self.users, days(7)) == 1 && self.users > 0\""));
  often.upsert("app/a", R"({"users":4})");
  EXPECT_EQ(healed_by(often), R"({"users":1})");
}

TEST(SmallestChange, IsBoundedAndChangesNothing) {
  std::string require = "(self.users == 0";
  for (int i = 1; i < 40; ++i) require += " || self.users == " + std::to_string(i * 10);
  require += ") && self.name == 'x' && self.note == 'y' && self.url == 'z' && self.public";
  Estate estate(rule("R", "app", "require = \"" + require + "\""));
  estate.upsert("app/a", "{}");
  const auto judged = estate.engine().stats().judgements;
  const SmallestChange change = estate.explain("R", "app/a").smallest_change;
  EXPECT_EQ(change.outcome, Outcome::kNotFound);
  EXPECT_GT(change.tries, 50U);
  EXPECT_LE(change.tries, 500U);
  EXPECT_EQ(estate.engine().stats().judgements, judged);
  EXPECT_EQ(estate.state("R", "app/a"), "violating");
  estate.patch("app/a", R"({"users":10,"name":"x","note":"y","url":"z","public":true})");
  EXPECT_EQ(estate.state("R", "app/a"), "compliant");
}

}  // namespace
}  // namespace patuh::engine::naive
