#include <gtest/gtest.h>

#include "json/json.h"
#include "peers.h"
#include "sinks/alert.h"

namespace patuh::sinks {
namespace {

const base::Instant kUntil = *base::from_rfc3339("2026-12-01T00:00:00Z");

TEST(Alert, LabelsAreTheEpisodesIdentityAndTheSameWhenItEnds) {
  const AlertMaker maker("https://patuh.example.go.id/");
  alerts::Notice notice = make_notice(3);
  notice.occurrence = "rilis-9";
  notice.deployment = true;
  const Alert firing = maker.of(notice, kUntil);
  EXPECT_EQ(firing.labels, (std::map<std::string, std::string>{{"alertname", "APP-SEC-01"},
                                                               {"rule", "APP-SEC-01"},
                                                               {"agency", "DISKOMINFO"},
                                                               {"element", "aplikasi/app 3"},
                                                               {"severity", "critical"},
                                                               {"cause", "e-1"},
                                                               {"occurrence", "rilis-9"},
                                                               {"deployment", "true"}}));
  EXPECT_EQ(firing.starts, notice.started);
  EXPECT_EQ(firing.ends, kUntil);
  notice.firing = false;
  notice.at = notice.started + std::chrono::hours(5);
  const Alert resolved = maker.of(notice, kUntil);
  EXPECT_EQ(resolved.labels, firing.labels);
  EXPECT_EQ(resolved.starts, firing.starts);
  EXPECT_EQ(resolved.ends, notice.at);
}

TEST(Alert, TextsInBothLanguagesAndALinkToTheVerdict) {
  const Alert alert = AlertMaker("https://patuh.example.go.id/").of(make_notice(3), kUntil);
  EXPECT_EQ(alert.annotations.at("summary"), "Aplikasi \"3\" tanpa ITSA");
  EXPECT_EQ(alert.annotations.at("summary_en"), "Application \"3\" without a security test");
  EXPECT_EQ(alert.annotations.at("remedy"), "Jadwalkan ITSA");
  EXPECT_EQ(alert.annotations.at("remedy_en"), "Schedule a security test");
  EXPECT_EQ(alert.link, "https://patuh.example.go.id/verdicts/APP-SEC-01/aplikasi/app%203");
  EXPECT_EQ(alert.annotations.at("link"), alert.link);
  EXPECT_EQ(alert.annotations.at("agency_link"), "https://patuh.example.go.id/agencies/DISKOMINFO");
}

TEST(Alert, AnEndIsNeverBeforeTheStart) {
  alerts::Notice notice = make_notice(3, false);
  notice.at = notice.started - std::chrono::hours(1);
  const AlertMaker maker("http://x");
  EXPECT_EQ(maker.of(notice, kUntil).ends, notice.started);
  EXPECT_EQ(maker.of_group(notice, 0, notice.at).ends, notice.started);
}

TEST(Alert, AGroupHasItsCountAndLinksToTheAgency) {
  const Alert alert = AlertMaker("http://x").of_group(make_notice(3), 1234, kUntil);
  EXPECT_EQ(alert.labels.at("element"), "*");
  EXPECT_EQ(alert.annotations.at("count"), "1234");
  EXPECT_NE(alert.annotations.at("summary").find("1.234 pelanggaran APP-SEC-01"),
            std::string::npos);
  EXPECT_NE(alert.annotations.at("summary_en").find("1,234 violations of APP-SEC-01"),
            std::string::npos);
  EXPECT_EQ(alert.link, "http://x/agencies/DISKOMINFO");
}

TEST(Alert, ADigestNamesTheSeveritiesThatOccur) {
  const Alert alert =
      AlertMaker("http://x")
          .of(Digest{"DINKES", kUntil - std::chrono::hours(1), {0, 7, 0, 2}}, kUntil);
  EXPECT_EQ(alert.labels.at("alertname"), "PatuhDigest");
  EXPECT_EQ(alert.labels.at("agency"), "DINKES");
  EXPECT_TRUE(alert.annotations.at("summary").ends_with("kritis 2, sedang 7"));
  EXPECT_TRUE(alert.annotations.at("summary_en").ends_with("critical 2, medium 7"));
  EXPECT_EQ(alert.annotations.at("count_critical"), "2");
  EXPECT_EQ(alert.annotations.at("count_high"), "0");
  EXPECT_EQ(alert.link, "http://x/agencies/DINKES");
}

TEST(Alert, TheBodyIsAnArrayOfTheApisObjects) {
  const AlertMaker maker("http://x");
  const std::vector<Alert> alerts = {maker.of(make_notice(1), kUntil),
                                     maker.of(make_notice(2, false), kUntil)};
  const auto document = json::parse(body_of(alerts), {});
  ASSERT_TRUE(document);
  const auto items = document->root().items();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].find("startsAt")->string(), "2026-01-02T03:04:06Z");
  EXPECT_EQ(items[0].find("endsAt")->string(), "2026-12-01T00:00:00Z");
  EXPECT_EQ(items[1].find("endsAt")->string(), "2026-01-02T03:05:07Z");
  EXPECT_EQ(items[0].find("labels")->find("occurrence"), nullptr) << "empty labels are left out";
  EXPECT_EQ(items[0].find("labels")->find("deployment"), nullptr);
  EXPECT_EQ(body_of({}), "[]");
}

}  // namespace
}  // namespace patuh::sinks
