#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "history.h"

namespace patuh::sample {
namespace {

using std::chrono::seconds;

const base::Instant kNow = *base::from_rfc3339("2026-11-24T02:00:00Z");

TEST(SampleLive, GoesOnWithTheSameRegencyForEver) {
  Live live(small(7, {}));
  std::set<std::string> types;
  base::Instant at = kNow;
  for (int i = 0; i < 400; ++i, at += seconds(3)) {
    const model::ChangeEvent event = read(live.next(at));
    EXPECT_EQ(event.time, at);
    EXPECT_TRUE(event.unknown.empty());
    types.insert(pack()->schema->kind(event.kind).name);
  }
  for (const char* kind : {"aplikasi", "sumber", "data_informasi", "pernyataan", "penerapan"}) {
    EXPECT_TRUE(types.contains(kind)) << kind;
  }
}

TEST(SampleLive, EqualOptionsAndTimesGiveEqualEvents) {
  Live one(small(7, {}));
  Live two(small(7, {}));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(one.next(kNow + seconds(i)), two.next(kNow + seconds(i)));
  }
}

class SampleDeployment : public testing::Test {
 protected:
  SampleDeployment() : engine_(pack(), {}) {
    apply(R"({"op":"upsert","source":"r","id":"1","subject":"perangkat_daerah/diskominfo",)"
          R"("time":"2026-11-24T00:00:00Z","data":{"nama":"Diskominfo","singkatan":"diskominfo",)"
          R"("pengelola_tik":true}})");
  }
  engine::StepResult apply(const std::string& line) {
    const model::ChangeEvent event = read(line);
    return engine_.apply(std::max(event.time, engine_.now()), event);
  }
  model::VerdictState state() const {
    model::VerdictState out = model::VerdictState::kNotApplicable;
    engine_.for_each_verdict([&](const engine::Verdict& verdict) {
      if (pack()->rules[verdict.rule.value].id == "APP-DEP-01") out = verdict.state;
    });
    return out;
  }
  engine::Engine engine_;
};

TEST_F(SampleDeployment, ABadOneFiresAtOnceAndIsHealed) {
  const engine::StepResult bad = apply(bad_deployment(7, 0, kNow));
  const bool fired = std::ranges::any_of(bad.notices, [](const alerts::Notice& notice) {
    return notice.rule == "APP-DEP-01" && notice.firing && notice.agency == "diskominfo";
  });
  EXPECT_TRUE(fired);
  EXPECT_EQ(state(), model::VerdictState::kViolating);
  for (const std::string& line : healing_events(7, 0, kNow + seconds(60))) {
    const engine::StepResult mended = apply(line);
    EXPECT_EQ(mended.outcome, registry::Outcome::kApplied) << mended.message;
  }
  EXPECT_EQ(state(), model::VerdictState::kCompliant);
}

TEST_F(SampleDeployment, TheSameApplicationTwiceIsTwoAlerts) {
  std::set<std::string> episodes;
  for (const auto at : {kNow, kNow + seconds(5)}) {
    for (const alerts::Notice& notice : apply(bad_deployment(7, 3, at)).notices) {
      if (notice.rule == "APP-DEP-01" && notice.firing) episodes.insert(notice.key);
    }
  }
  EXPECT_EQ(episodes.size(), 2U);
}

TEST_F(SampleDeployment, EachNumberIsAnotherApplication) {
  std::set<std::string> elements;
  for (std::uint64_t n = 0; n < 20; ++n) {
    elements.insert(read(bad_deployment(7, n, kNow)).element_id);
  }
  EXPECT_EQ(elements.size(), 20U);
}

}  // namespace
}  // namespace patuh::sample
