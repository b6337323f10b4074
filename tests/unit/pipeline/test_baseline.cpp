// What a baseline makes inherited is counted and silent until it is fixed; nothing else is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "pipeline/pipeline.h"
#include "tests/unit/deliver.h"
#include "tests/unit/pack.h"
#include "tests/unit/test_clock.h"

namespace patuh::pipeline {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");

std::shared_ptr<const rulebook::RuleBook> book(
    const std::string& approved = "filled(self.approved)") {
  return testing::book_of(
      testing::schema_of_apps("approved = { type = \"string\" }\nplan = { type = \"string\" }"),
      testing::rule_of("R-1", "critical", approved) +
          testing::rule_of("R-2", "low", "filled(self.plan)", "grace = \"36h\"\n"));
}

class Baseline : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-baseline-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    clock_.set(kBegin);
  }
  void TearDown() override {
    stop();
    fs::remove_all(folder_);
  }

  void open(ClockMode clock = ClockMode::kWall, SnapshotOptions snapshots = {}) {
    stop();
    auto store = store::Store::open(folder_.string(), {});
    ASSERT_TRUE(store) << store.error().message;
    Options options;
    options.clock = clock;
    options.wall = &clock_;
    options.sinks = {"am"};
    options.stop_at_disagreement = true;
    options.jump_stays = jump_stays_;
    options.engine.slice = slice_;
    options.snapshots = snapshots;
    auto opened = Pipeline::open(std::move(*store), book(), options);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = std::move(*opened);
    pipeline_->start();
  }
  void stop() {
    if (pipeline_) pipeline_->stop();
    pipeline_.reset();
  }

  void app(const std::string& id, const std::string& data) {
    const std::string number = std::to_string(++events_);
    const auto receipts = testing::deliver(
        *pipeline_, {R"({"op":"upsert","source":"//s","id":")" + number + R"(","version":)" +
                     number + R"(,"subject":"app/)" + id + R"(","time":")" +
                     base::to_rfc3339(clock_.now() - hours(1)) + R"(","data":)" + data + "}"});
    ASSERT_EQ(receipts.size(), 1U);
    ASSERT_EQ(receipts[0].taken, decode::Taken::kApplied) << receipts[0].message;
  }
  base::Status draw(const std::string& detail = std::string(kDraw)) {
    return pipeline_->baseline({"baseline", "sri", "day one", detail});
  }
  void pass(hours span) {
    clock_.set(clock_.now() + span);
    for (int i = 0; i < 1000; ++i) {
      const auto wake = pipeline_->ask([](const engine::Engine& e) { return e.next_wake(); });
      ASSERT_TRUE(wake);
      if (*wake > clock_.now()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    FAIL() << "what is due is not judged";
  }

  // "violating inherited none", "violating firing", …
  std::string state_of(const std::string& rule, const std::string& id) {
    const auto found = pipeline_->ask([&](const engine::Engine& engine) -> std::string {
      const auto element = engine.registry().find(*engine.book().schema->kind_of("app"), id);
      const auto verdict = engine.verdict(engine.book().rule(rule)->number, *element);
      return std::string(model::name_of(verdict->state)) +
             (verdict->inherited ? " inherited " : " ") +
             std::string(alerts::name_of(verdict->alert));
    });
    return found ? *found : found.error().message;
  }
  std::int64_t inherited() const {
    std::int64_t out = 0;
    const auto view = pipeline_->view();  // held: another may be published meanwhile
    for (const auto& [code, domains] : view->tallies->agencies) {
      for (const auto& [domain, tally] : domains) out += model::total(tally.inherited);
    }
    return out;
  }
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    const auto reader = store::Reader::open(folder_.string());
    const auto rows = (*reader)->outbox("am", 1000);
    for (const auto& row : *rows) out.push_back(row.row.payload);
    return out;
  }

  std::chrono::milliseconds jump_stays_{0};
  std::size_t slice_ = 1000;
  fs::path folder_;
  testing::TestClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
  int events_ = 0;
};

constexpr const char* kWell = R"({"approved":"y","plan":"p"})";
constexpr const char* kNotApproved = R"({"plan":"p"})";
constexpr const char* kNotPlanned = R"({"approved":"y"})";

TEST_F(Baseline, WhatViolatesIsInheritedAndItsAlertResolved) {
  open();
  app("old", kNotApproved);
  app("well", kWell);
  EXPECT_EQ(state_of("R-1", "old"), "violating firing");
  ASSERT_EQ(told().size(), 1U);
  ASSERT_TRUE(draw());
  EXPECT_EQ(state_of("R-1", "old"), "violating inherited none");
  EXPECT_EQ(inherited(), 1);
  ASSERT_EQ(told().size(), 2U);
  EXPECT_NE(told()[1].find(R"("firing":false)"), std::string::npos);
  EXPECT_NE(told()[1].find(R"("baseline":true)"), std::string::npos);
  const auto reader = store::Reader::open(folder_.string());
  EXPECT_TRUE((*reader)->open_alerts()->empty());
  // It changes, and violates still.
  app("old", R"({"plan":"q"})");
  EXPECT_EQ(state_of("R-1", "old"), "violating inherited none");
  EXPECT_EQ(told().size(), 2U);
}

// The clock stands still: what comes after is after it all the same.
TEST_F(Baseline, WhatBeginsAfterItAlertsAsEver) {
  open();
  app("old", kNotApproved);
  app("new", kWell);
  ASSERT_TRUE(draw());
  app("new", kNotApproved);
  app("newer", kNotApproved);
  EXPECT_EQ(state_of("R-1", "new"), "violating firing");
  EXPECT_EQ(state_of("R-1", "newer"), "violating firing");
  EXPECT_EQ(inherited(), 1);
}

TEST_F(Baseline, WhatIsFixedAndBreaksAgainIsNotInherited) {
  open();
  app("old", kNotApproved);
  ASSERT_TRUE(draw());
  app("old", kWell);
  EXPECT_EQ(inherited(), 0);
  EXPECT_EQ(told().size(), 2U) << "its alert was resolved by the baseline";
  app("old", kNotApproved);
  EXPECT_EQ(state_of("R-1", "old"), "violating firing");
  EXPECT_EQ(inherited(), 0);
  EXPECT_EQ(told().size(), 3U);
}

TEST_F(Baseline, GraceThatEndsLaterEndsInSilence) {
  open();
  app("old", kNotPlanned);
  EXPECT_EQ(state_of("R-2", "old"), "violating pending");
  ASSERT_TRUE(draw());
  app("new", kNotPlanned);
  pass(hours(40));
  EXPECT_EQ(state_of("R-2", "old"), "violating inherited none");
  EXPECT_EQ(state_of("R-2", "new"), "violating firing");
  ASSERT_EQ(told().size(), 1U);
  EXPECT_NE(told()[0].find("app/new"), std::string::npos);
}

TEST_F(Baseline, LiftedItAlertsAtOnce) {
  open();
  EXPECT_EQ(draw().error().code, base::Code::kConflict) << "the log is empty";
  app("old", kNotApproved);
  EXPECT_EQ(draw("lift").error().code, base::Code::kConflict) << "none stands";
  ASSERT_TRUE(draw());
  ASSERT_TRUE(draw("lift"));
  EXPECT_EQ(state_of("R-1", "old"), "violating firing");
  EXPECT_EQ(inherited(), 0);
  EXPECT_EQ(told().size(), 3U);
}

TEST_F(Baseline, SurvivesRestartsFromTheLogAndFromASnapshot) {
  open();
  app("old", kNotApproved);
  app("grace", kNotPlanned);
  ASSERT_TRUE(draw());
  const base::Instant drawn = pipeline_->view()->baseline;
  EXPECT_GT(drawn, kBegin);
  const auto stands = [&] {
    EXPECT_EQ(pipeline_->view()->baseline, drawn);
    EXPECT_EQ(state_of("R-1", "old"), "violating inherited none");
    EXPECT_EQ(state_of("R-2", "grace"), "violating inherited none");
    EXPECT_EQ(inherited(), 2);
  };
  open();
  stands();
  open(ClockMode::kWall, {.tail_events = 2});
  for (int i = 0; i < 1000 && pipeline_->view()->snapshots.seq.value == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  open(ClockMode::kWall, {.tail_events = 1000});
  ASSERT_GT(pipeline_->view()->snapshots.seq.value, 0U);
  stands();
  app("old", R"({"plan":"q"})");
  pass(hours(40));
  stands();
  EXPECT_EQ(told().size(), 2U) << "fired and resolved, once";
}

TEST_F(Baseline, WaitsUntilMostOfABigBacklogIsJudgedBetweenOtherWork) {
  slice_ = 2;
  jump_stays_ = std::chrono::hours(1);
  open();
  constexpr int kApps = 60;
  for (int i = 0; i < kApps; ++i) app("a" + std::to_string(i), kWell);
  // While a leap of the clock holds up intake nothing is judged but what a task judges itself.
  clock_.set(clock_.now() + hours(5));
  while (pipeline_->view()->trouble.empty()) std::this_thread::yield();
  const auto backlog = [&] {
    return *pipeline_->ask([](const engine::Engine& e) { return e.stats().backlog; });
  };
  ASSERT_TRUE(pipeline_->activate(book("false"), {"reload", "sri", "", ""}));
  const std::uint64_t before = backlog();
  ASSERT_GT(before, 16U * slice_);
  auto drawn = std::async(std::launch::async, [&] { return draw(); });
  EXPECT_EQ(drawn.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  EXPECT_EQ(backlog(), before);
  ASSERT_TRUE(pipeline_->clock_accept({"clock", "sri", "", "accept"}));
  const base::Status done = drawn.get();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(inherited(), kApps);
}

TEST_F(Baseline, StandsInTheLogWithWhoAndWhy) {
  open();
  app("old", kNotApproved);
  ASSERT_TRUE(draw());
  const auto reader = store::Reader::open(folder_.string());
  const auto record = (*reader)->record((*reader)->tail()->seq);
  const std::optional<store::StoredRecord>& stored = *record;
  if (!stored) FAIL() << "no record";
  const auto action = decode_action(stored->record.payload);
  ASSERT_TRUE(action);
  EXPECT_EQ(action->name, "baseline");
  EXPECT_EQ(action->principal, "sri");
  EXPECT_EQ(action->reason, "day one");
  EXPECT_EQ(stored->record.now, pipeline_->view()->baseline);
}

// Drawn at the end of an import, it leaves nothing for the digest.
TEST_F(Baseline, OfAnImportedHistoryNobodyIsTold) {
  open(ClockMode::kEvent);
  app("old", kNotApproved);
  app("old2", kNotApproved);
  ASSERT_TRUE(draw());
  app("new", kNotApproved);
  ASSERT_TRUE(pipeline_->clock_wall({"clock", "sri", "", "wall"}));
  ASSERT_EQ(told().size(), 1U);
  EXPECT_NE(told()[0].find(R"("critical":1)"), std::string::npos) << told()[0];
  EXPECT_EQ(state_of("R-1", "old"), "violating inherited none");
}

TEST_F(Baseline, IsKnownOfThePast) {
  open();
  app("old", kNotApproved);
  const base::Instant before = pipeline_->view()->now;
  clock_.set(clock_.now() + hours(1));
  ASSERT_TRUE(draw());
  const base::Instant drawn = pipeline_->view()->baseline;
  clock_.set(clock_.now() + hours(1));
  app("new", kNotApproved);
  app("old", kWell);
  const auto reader = store::Reader::open(folder_.string());
  Books books;
  Past past(**reader, books);
  const auto owed = [&](base::Instant at) {
    const auto view = past.view(at);
    std::string out = std::to_string(model::total(view->tallies.rules.at("R-1").inherited)) + ":";
    const auto pairs = past.owed_by(*view, "", at);
    for (const PastPair& pair : *pairs) {
      out += " " + pair.pair.element.id + (pair.inherited ? " inherited" : "");
    }
    const auto old = past.element({"app", "old"}, at);
    return out + ", " + ((*old)->pairs[0].inherited ? "inherited" : "not");
  };
  EXPECT_EQ(owed(before), "0: old, not");
  EXPECT_EQ(past.view(before)->baseline, base::Instant::min());
  EXPECT_EQ(owed(drawn), "1: old inherited, inherited");
  EXPECT_EQ(past.view(drawn)->baseline, drawn);
  EXPECT_EQ(owed(pipeline_->view()->now), "0: new, not");
}

}  // namespace
}  // namespace patuh::pipeline
