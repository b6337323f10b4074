#include <gtest/gtest.h>

#include "peers.h"

namespace patuh::sinks {
namespace {

TEST(Encode, ANoticeSurvives) {
  for (const bool firing : {true, false}) {
    alerts::Notice notice = make_notice(7, firing);
    notice.occurrence = "rilis-2";
    notice.deployment = firing;
    notice.started += std::chrono::microseconds(123456);
    const std::string payload = encode(notice);
    const auto read = decode_notice(payload);
    ASSERT_TRUE(read) << payload;
    EXPECT_EQ(read->key, notice.key);
    EXPECT_EQ(read->firing, firing);
    EXPECT_EQ(read->agency, notice.agency);
    EXPECT_EQ(read->rule, notice.rule);
    EXPECT_EQ(read->element, notice.element);
    EXPECT_EQ(read->severity, notice.severity);
    EXPECT_EQ(read->cause, notice.cause);
    EXPECT_EQ(read->occurrence, "rilis-2");
    EXPECT_EQ(read->started, notice.started);
    EXPECT_EQ(read->at, notice.at);
    EXPECT_EQ(read->deployment, firing);
    EXPECT_EQ(read->summary_id, notice.summary_id);
    EXPECT_EQ(read->summary_en, notice.summary_en);
    EXPECT_EQ(read->remedy_id, notice.remedy_id);
    EXPECT_EQ(read->remedy_en, notice.remedy_en);
    EXPECT_EQ(encode(*read), payload);
  }
}

TEST(Encode, WhatIsNoNoticeIsCorrupt) {
  const std::string good = encode(make_notice(1));
  for (const std::string& payload :
       {std::string(), std::string("[]"), std::string("{}"), std::string("null"), good + "x",
        good.substr(0, good.size() / 2)}) {
    EXPECT_EQ(decode_notice(payload).error().code, base::Code::kCorrupt) << payload;
  }
  // Each member by itself is needed, and of its type.
  for (const std::string member :
       {"key", "firing", "agency", "rule", "element", "severity", "cause", "occurrence", "started",
        "at", "deployment", "summary_id"}) {
    std::string without = good;
    without.replace(without.find("\"" + member + "\""), member.size() + 2, "\"other\"");
    EXPECT_FALSE(decode_notice(without)) << member;
  }
}

TEST(Encode, ADigestSurvives) {
  Digest digest{"DINKES", *base::from_rfc3339("2026-05-06T07:08:09Z"), {1, 2, 3, 40}};
  const auto read = decode_digest(encode(digest));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->agency, digest.agency);
  EXPECT_EQ(read->at, digest.at);
  EXPECT_EQ(read->firing, digest.firing);
  EXPECT_FALSE(decode_digest("{}"));
  EXPECT_FALSE(decode_digest(R"({"agency":"A","at":"2026-05-06T07:08:09Z","critical":-1,"high":0,)"
                             R"("medium":0,"low":0})"));
}

TEST(Encode, DigestsCountBySeverityOneAnAgency) {
  std::vector<alerts::Notice> open = {make_notice(1), make_notice(2), make_notice(3)};
  open[1].severity = model::Severity::kLow;
  open[2].agency = "BAPPEDA";
  const base::Instant at = *base::from_rfc3339("2026-05-06T07:08:09Z");
  Digests counted;
  EXPECT_TRUE(counted.as_of(at).empty());
  for (const alerts::Notice& notice : open) counted.add(notice);
  const auto digests = counted.as_of(at);
  ASSERT_EQ(digests.size(), 2U);
  EXPECT_EQ(digests[0].agency, "BAPPEDA");
  EXPECT_EQ(digests[0].firing, (std::array<std::uint64_t, 4>{0, 0, 0, 1}));
  EXPECT_EQ(digests[1].agency, "DISKOMINFO");
  EXPECT_EQ(digests[1].firing, (std::array<std::uint64_t, 4>{1, 0, 0, 1}));
  EXPECT_EQ(digests[1].at, at);
}

}  // namespace
}  // namespace patuh::sinks
