#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <fstream>

#include "pipeline_test.h"

namespace patuh::pipeline {
namespace {

TEST_F(PipelineTest, AnEmptyStoreHasNoRecordBeforeTheFirstInput) {
  ASSERT_TRUE(open());
  EXPECT_FALSE(pipeline_->ask([](const engine::Engine&) { return 0; }));
  stop();
  auto reader = store::Reader::open(folder_.string());
  EXPECT_EQ((*reader)->tail()->seq.value, 0u);
}

TEST_F(PipelineTest, TellsWhatBecameOfEachEventInOrder) {
  ASSERT_TRUE(open());
  const std::string wrong = event(2, "app/a", R"({"approved":  1})", kThen);
  const auto receipts =
      send({event(1, "app/a", "{}", kThen), "nonsense", event(1, "app/a", "{}", kThen), wrong,
            event(3, "app/b", "{}", "2026-06-01T00:06:00Z"),
            event(4, "app/a", R"({"approved":"old"})", "2026-04-01T00:00:00Z")});
  ASSERT_EQ(receipts.size(), 6u);
  EXPECT_EQ(receipts[0].taken, decode::Taken::kApplied);
  EXPECT_EQ(receipts[1].reason, "not_json");
  EXPECT_EQ(receipts[2].taken, decode::Taken::kDuplicate);
  EXPECT_EQ(receipts[3].reason, "wrong_type");
  EXPECT_EQ(receipts[4].reason, "future_time");
  EXPECT_EQ(receipts[5].taken, decode::Taken::kStale);
  EXPECT_EQ(state_of("R-1", "a"), "violating");
  stop();
  auto reader = store::Reader::open(folder_.string());
  EXPECT_EQ((*reader)->counts()->quarantined, 3u);
  const auto aside = (*reader)->quarantine({});
  ASSERT_TRUE(aside && aside->size() == 3u);
  const auto kept = (*reader)->quarantined(aside->at(1).id);
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->input.bytes, wrong) << "what came, not what was made of it";
  EXPECT_EQ((*kept)->input.sha256, base::sha256(wrong));
}

// CloudEvents need no time: what comes later is later, also within one batch or one microsecond.
TEST_F(PipelineTest, EventsWithoutATimeAreOrderedAsTheyCame) {
  const auto untimed = [](int id, const char* data) {
    return R"({"op":"upsert","source":"//s","id":")" + std::to_string(id) +
           R"(","subject":"app/x","data":)" + data + "}";
  };
  ASSERT_TRUE(open());
  auto receipts = send({untimed(1, "{}"), untimed(2, R"({"approved":"yes"})")});
  const auto more = send({untimed(3, "{}"), untimed(4, R"({"approved":"no"})")});
  receipts.insert(receipts.end(), more.begin(), more.end());
  for (const decode::Receipt& receipt : receipts) {
    EXPECT_EQ(receipt.taken, decode::Taken::kApplied) << decode::name_of(receipt.taken);
  }
  EXPECT_EQ(state_of("R-1", "x"), "compliant");
}

TEST_F(PipelineTest, GoesOnAfterARestartWhereItStood) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)}, {{"kafka", "t", 2, 17}});
  EXPECT_EQ(pipeline_->next_offset("kafka", "t", 2), 17);
  stop();
  ASSERT_TRUE(open());
  EXPECT_EQ(pipeline_->next_offset("kafka", "t", 2), 17);
  EXPECT_EQ(pipeline_->next_offset("kafka", "t", 3), std::nullopt);
  EXPECT_EQ(state_of("R-1", "a"), "violating");
  EXPECT_EQ(send({event(1, "app/a", "{}", kThen)}).at(0).taken, decode::Taken::kDuplicate);
  send({event(2, "app/a", R"({"approved":"y"})", "2026-05-02T00:00:00Z")});
  EXPECT_EQ(state_of("R-1", "a"), "compliant");
}

TEST_F(PipelineTest, EventClockGivesTheSameHistoryForEveryBatchSize) {
  std::vector<std::string> events;
  for (int i = 0; i < 60; ++i) {
    const std::string day = std::to_string(10 + i % 20);
    const std::string id = "app/" + std::to_string(i % 9);
    events.push_back(
        event(i, id,
              i % 3 == 0 ? R"({"approved":"x"})" : R"({"ends":"2026-03-)" + day + R"(T12:00:00Z"})",
              "2026-0" + std::to_string(1 + i / 15) + "-" + day + "T00:00:00Z"));
  }
  std::vector<std::vector<std::string>> histories;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    fs::remove_all(folder_);
    ASSERT_TRUE(open(ClockMode::kEvent, batch));
    for (std::size_t at = 0; at < events.size(); at += batch) {
      send({events.begin() + static_cast<std::ptrdiff_t>(at),
            events.begin() + static_cast<std::ptrdiff_t>(std::min(at + batch, events.size()))});
    }
    stop();
    histories.push_back(transitions());
  }
  EXPECT_GT(histories[0].size(), 15u);
  EXPECT_EQ(histories[0], histories[1]);
  EXPECT_EQ(histories[0], histories[2]);
}

TEST_F(PipelineTest, AnEventOfTheFutureDoesNotBeginTheEventClock) {
  ASSERT_TRUE(open(ClockMode::kEvent));
  const auto receipts =
      send({event(1, "app/a", "{}", "2099-01-01T00:00:00Z"), event(2, "app/a", "{}", kThen)});
  EXPECT_EQ(receipts.at(0).reason, "future_time");
  EXPECT_EQ(receipts.at(1).taken, decode::Taken::kApplied);
  stop();
  auto reader = store::Reader::open(folder_.string());
  EXPECT_EQ(base::to_rfc3339((*reader)->tail()->now), kThen);
}

TEST_F(PipelineTest, ImportingTellsNobodyAndItsEndSendsADigest) {
  ASSERT_TRUE(open(ClockMode::kEvent));
  send({event(1, "agency/x", R"({"code":"x"})", kThen),
        event(2, "app/a", R"({"owner":"x"})", kThen),
        event(3, "app/b", R"({"owner":"x"})", kThen)});
  EXPECT_EQ(outbox(), 0u);
  ASSERT_TRUE(pipeline_->clock_wall({"clock", "test", "", "wall"}));
  EXPECT_EQ(outbox(), 1u);
  // The end of an episode that nobody was told of is not told either; a new one is.
  send({event(4, "app/a", R"({"owner":"x","approved":"y"})", "2026-05-02T00:00:00Z")});
  EXPECT_EQ(outbox(), 1u);
  send({event(5, "app/c", R"({"owner":"x"})", "2026-05-02T00:00:00Z")});
  EXPECT_EQ(outbox(), 2u);
  EXPECT_FALSE(pipeline_->clock_wall({"clock", "test", "", "wall"}));
}

TEST_F(PipelineTest, EventClockIsRefusedOnceWallTimeStandsInTheLog) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  stop();
  const auto again = open(ClockMode::kEvent);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::kConflict);
}

TEST_F(PipelineTest, TimeAloneTurnsAVerdictAtItsInstant) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", R"({"approved":"y","ends":"2026-06-01T01:00:00Z"})", kThen)});
  EXPECT_EQ(state_of("R-2", "a"), "compliant");
  clock_.set(*base::from_rfc3339("2026-06-01T02:00:00Z"));
  for (int i = 0; i < 400 && state_of("R-2", "a") != "violating"; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_EQ(state_of("R-2", "a"), "violating");
  stop();
  EXPECT_EQ(transitions().back(),
            "R-2 app/a compliant>violating 2026-06-01T01:00:00Z 2026-06-01T02:00:00Z ");
}

TEST_F(PipelineTest, AnotherRulebookIsSwitchedToAtOneRecordAndSurvivesARestart) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  EXPECT_EQ(state_of("R-1", "a"), "violating");
  ASSERT_TRUE(
      pipeline_->activate(book("true || filled(self.approved)"), {"reload", "test", "", ""}));
  EXPECT_EQ(state_of("R-1", "a"), "compliant");
  stop();
  ASSERT_TRUE(open(ClockMode::kWall, 1000, book("true || filled(self.approved)")));
  EXPECT_EQ(state_of("R-1", "a"), "compliant");
}

TEST_F(PipelineTest, RedrivesWhatWasSetAsideAndMarksTheRowInTheSameTransaction) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", R"({"approved":"y"})", "2026-06-01T00:06:00Z"), "nonsense",
        "not kept whole: " + std::string(store::kQuarantineBytesMax, 'x')});
  EXPECT_EQ(state_of("R-1", "a"), "unknown");
  clock_.set(*base::from_rfc3339("2026-06-01T00:10:00Z"));
  const auto ids = [](std::initializer_list<std::uint64_t> numbers) {
    std::vector<store::QuarantineId> out;
    for (const std::uint64_t number : numbers) out.emplace_back(number);
    return out;
  };
  const auto results = pipeline_->redrive(ids({1, 2, 3, 9, 1}), {"sri", "mended"});
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 5U);
  EXPECT_EQ((*results)[0].receipt.taken, decode::Taken::kApplied);
  EXPECT_EQ((*results)[0].refusal, "");
  EXPECT_EQ((*results)[1].receipt.reason, "not_json");
  EXPECT_NE((*results)[2].refusal.find("only 65536 are kept"), std::string::npos);
  EXPECT_EQ((*results)[3].refusal, "nothing is set aside under this number");
  EXPECT_EQ((*results)[4].refusal, "it is named twice");
  EXPECT_EQ(state_of("R-1", "a"), "compliant");
  EXPECT_NE(pipeline_->redrive(ids({1}), {"sri", "mended"})->at(0).refusal.find("re-driven"),
            std::string::npos);
  stop();

  auto reader = store::Reader::open(folder_.string());
  const auto rows = (*reader)->quarantine({});
  ASSERT_EQ(rows->size(), 4U) << "what is set aside again is a new row";
  EXPECT_EQ((*rows)[0].redriven, *base::from_rfc3339("2026-06-01T00:10:00Z"));
  EXPECT_EQ((*rows)[0].redriven_by, "sri");
  EXPECT_EQ((*rows)[0].redriven_result, "applied");
  EXPECT_EQ((*rows)[1].redriven_result, "set_aside: not_json");
  EXPECT_FALSE((*rows)[2].redriven);
  EXPECT_FALSE((*rows)[3].redriven);
  EXPECT_EQ((*rows)[3].input.position.channel, kQuarantineChannel);
  EXPECT_EQ((*rows)[3].input.position.offset, 2);
  // One record took both events and marked both rows.
  const auto last = (*reader)->record((*reader)->tail()->seq);
  EXPECT_EQ((*last)->event_count, 1U);
  EXPECT_EQ((*rows)[3].seq, (*last)->seq);
  // Who asked, and why, stands in the record before it.
  const auto before = (*reader)->record(model::Seq((*last)->seq.value - 1));
  const auto asked = decode_action((*before)->record.payload);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->name + " " + asked->principal + " " + asked->reason + " " + asked->detail,
            "redrive sri mended 1 2");

  ASSERT_TRUE(open());
  EXPECT_EQ(state_of("R-1", "a"), "compliant") << "the log holds the event";
}

TEST_F(PipelineTest, RedrivingReadsByTheRulesOfNow) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen), event(2, "svc/x", "{}", kThen)});
  const std::vector id = {store::QuarantineId(1)};
  ASSERT_TRUE(pipeline_->activate(book("true", "[kinds.svc]\ntitle.id = \"s\"\n"),
                                  {"reload", "t", "", ""}));
  const auto results = pipeline_->redrive(id, {"sri", "mended"});
  ASSERT_TRUE(results);
  EXPECT_EQ(results->at(0).receipt.taken, decode::Taken::kApplied);
  stop();
}

// Waits for what the pipeline shows of itself.
template <class Is>
bool comes_to_be(const Pipeline& pipeline, const Is& is) {
  for (int i = 0; i < 1000; ++i) {
    if (is(*pipeline.view())) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

TEST_F(PipelineTest, ALeapOfTheWallClockHoldsUpIntakeUntilItIsAccepted) {
  jump_stays_ = std::chrono::hours(1);
  ASSERT_TRUE(open());
  send({event(1, "app/a", R"({"ends":"2026-06-01T01:00:00Z","approved":"y"})", kThen)});
  EXPECT_EQ(pipeline_->clock_accept({"clock", "sri", "", "accept"}).error().code,
            base::Code::kConflict);
  clock_.set(*base::from_rfc3339("2026-06-01T00:59:00Z"));  // less than an hour: no leap
  send({event(2, "app/b", "{}", kThen)});
  clock_.set(*base::from_rfc3339("2026-06-01T02:30:00Z"));
  ASSERT_TRUE(comes_to_be(*pipeline_, [](const View& view) { return !view.trouble.empty(); }));
  EXPECT_NE(pipeline_->view()->trouble.find("leapt ahead by 1 h 3"), std::string::npos)
      << pipeline_->view()->trouble;
  EXPECT_EQ(state_of("R-2", "a"), "compliant") << "nothing falls due by a time that may be wrong";
  decode::Delivery waits;
  waits.items.push_back(decode::decode_one(event(3, "app/c", "{}", kThen), {"http", "", 0, 0}));
  EXPECT_FALSE(decode::deliver(std::move(waits), pipeline_->intake(), milliseconds(200)));
  ASSERT_TRUE(pipeline_->clock_accept({"clock", "sri", "the time server was away", "accept"}));
  ASSERT_TRUE(comes_to_be(*pipeline_, [](const View& view) { return view.trouble.empty(); }));
  send({event(4, "app/d", "{}", kThen)});
  EXPECT_EQ(state_of("R-2", "a"), "violating");
  EXPECT_EQ(state_of("R-1", "c"), "violating") << "what waited was taken";
  stop();
  ASSERT_TRUE(open()) << "the record of it is understood";
}

TEST_F(PipelineTest, ALeapWhileInputIsAwaitedIsNotWrittenDown) {
  jump_stays_ = std::chrono::hours(1);
  ASSERT_TRUE(open());
  send({event(1, "app/a", R"({"ends":"2026-06-01T01:00:00Z","approved":"y"})", kThen)});
  std::this_thread::sleep_for(milliseconds(20));  // by then it awaits the next
  clock_.set(*base::from_rfc3339("2026-06-01T02:30:00Z"));
  decode::Delivery wakes;
  wakes.items.push_back(decode::decode_one(event(2, "app/b", "{}", kThen), {"http", "", 0, 0}));
  static_cast<void>(decode::deliver(std::move(wakes), pipeline_->intake(), milliseconds(200)));
  ASSERT_TRUE(comes_to_be(*pipeline_, [](const View& view) { return !view.trouble.empty(); }));
  EXPECT_LT(pipeline_->view()->now, *base::from_rfc3339("2026-06-01T01:00:00Z"));
  EXPECT_EQ(state_of("R-2", "a"), "compliant");
}

TEST_F(PipelineTest, ALeapThatIsTakenBackOrStaysEndsByItself) {
  jump_stays_ = milliseconds(500);
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  const auto held = [](const View& view) { return view.clock_jump > base::Duration(0); };
  const auto free = [](const View& view) { return view.clock_jump == base::Duration(0); };
  clock_.set(*base::from_rfc3339("2026-06-01T09:00:00Z"));
  ASSERT_TRUE(comes_to_be(*pipeline_, held));
  clock_.set(*base::from_rfc3339("2026-06-01T00:00:01Z"));
  ASSERT_TRUE(comes_to_be(*pipeline_, free));
  EXPECT_LT(pipeline_->view()->now, *base::from_rfc3339("2026-06-01T00:01:00Z"));
  clock_.set(*base::from_rfc3339("2026-06-01T09:00:00Z"));
  ASSERT_TRUE(comes_to_be(*pipeline_, held));
  ASSERT_TRUE(comes_to_be(*pipeline_, free)) << "it stayed";
  send({event(2, "app/b", "{}", kThen)});
  stop();
  EXPECT_EQ(*base::from_rfc3339("2026-06-01T09:00:00Z"),
            (*store::Reader::open(folder_.string()))->tail()->now);
}

TEST_F(PipelineTest, AWallClockBehindTheLogHoldsItsTime) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  clock_.set(*base::from_rfc3339("2026-05-31T23:00:00Z"));
  send({event(2, "app/b", "{}", kThen)});
  EXPECT_TRUE(comes_to_be(*pipeline_, [](const View& view) {
    return view.clock_behind > 0 && view.clock_behind_by == std::chrono::hours(1);
  }));
  EXPECT_EQ(pipeline_->view()->now, *base::from_rfc3339("2026-06-01T00:00:00Z"));
}

TEST_F(PipelineTest, AWallClockBehindTheLogIsToldBeforeAnEventComes) {
  const auto is_behind = [](const View& view) { return view.clock_behind_by > base::Duration(0); };
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  clock_.set(*base::from_rfc3339("2026-05-31T23:00:00Z"));
  EXPECT_TRUE(comes_to_be(*pipeline_, is_behind));
  clock_.set(*base::from_rfc3339("2026-06-01T00:00:01Z"));
  EXPECT_TRUE(comes_to_be(*pipeline_, [&](const View& view) { return !is_behind(view); }));
}

TEST_F(PipelineTest, WhatIsOfTheLogsTimeIsNoFutureWhileTheWallClockStandsBehind) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", "{}", kThen)});
  clock_.set(*base::from_rfc3339("2026-05-31T20:00:00Z"));
  const std::string untimed =
      R"({"op":"upsert","source":"//s","id":"2","subject":"app/b","data":{}})";
  const auto receipts = send({untimed, event(3, "app/c", "{}", "2026-06-01T00:00:00Z"),
                              event(4, "app/d", "{}", "2026-06-01T00:06:00Z")});
  EXPECT_EQ(receipts.at(0).taken, decode::Taken::kApplied) << receipts.at(0).message;
  EXPECT_EQ(receipts.at(1).taken, decode::Taken::kApplied) << receipts.at(1).message;
  EXPECT_EQ(receipts.at(2).reason, "future_time");
}

TEST_F(PipelineTest, AnErasedEventLeavesTheChainWholeAndSaysWhoAndWhy) {
  ASSERT_TRUE(open());
  send({event(1, "app/a", R"({"approved":"budi"})", kThen), event(2, "app/b", "{}", kThen)});
  send({event(3, "app/a", R"({"approved":"y"})", "2026-05-02T00:00:00Z")});
  const store::EventPlace place{model::Seq(2), 0};
  EXPECT_EQ(pipeline_->erase({{model::Seq(2), 9}}, {"erase", "sri", "r", "2/9"}).error().code,
            base::Code::kNotFound);
  EXPECT_FALSE(pipeline_->erase({place, place}, {"erase", "sri", "r", "2/0 2/0"}));
  ASSERT_TRUE(
      pipeline_->erase({place}, {"erase", "sri", "a name was in it", text_of({&place, 1})}));
  EXPECT_EQ(pipeline_->erase({place}, {"erase", "sri", "again", "2/0"}).error().code,
            base::Code::kNotFound);
  stop();

  auto reader = store::Reader::open(folder_.string());
  const auto record = (*reader)->record(model::Seq(2));
  ASSERT_EQ((*record)->erased.size(), 1U);
  EXPECT_EQ((*record)->erased[0].by, model::Seq(4));
  EXPECT_EQ((*record)->record.events.at(0).data, "");
  EXPECT_EQ((*record)->record.events.at(1).subject, "app/b");
  const auto action = decode_action((*(*reader)->record(model::Seq(4)))->record.payload);
  EXPECT_EQ(action->principal + ": " + action->reason, "sri: a name was in it");
  EXPECT_EQ(event_places_of(action->detail)->at(0), place);
  const auto found = (*reader)->verify_chain();
  EXPECT_TRUE(found->injuries.empty());
  EXPECT_EQ(found->erased, 1U);
  for (const char* file : {"/patuh.db", "/patuh.db-wal"}) {
    std::ifstream in(folder_.string() + file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(bytes.find("budi"), std::string::npos) << file;
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(state_of("R-1", "a"), "compliant");
}

TEST_F(PipelineTest, ReplayGivesTheEngineOfAnInstant) {
  ASSERT_TRUE(open(ClockMode::kEvent));
  send({event(1, "app/a", "{}", "2026-01-01T00:00:00Z"),
        event(2, "app/a", R"({"approved":"y"})", "2026-02-01T00:00:00Z"),
        event(3, "app/b", "{}", "2026-03-01T00:00:00Z")});
  stop();
  auto reader = store::Reader::open(folder_.string());
  const auto pairs_at = [&](std::string_view at) {
    const auto engine = replay(**reader, *base::from_rfc3339(at));
    EXPECT_TRUE(engine);
    std::string out;
    (*engine)->for_each_verdict([&](const engine::Verdict& v) {
      out += (*engine)->registry().key_of(v.element).text() + "=" +
             std::string(model::name_of(v.state)) + " ";
    });
    return out;
  };
  EXPECT_EQ(pairs_at("2026-01-15T00:00:00Z"), "app/a=violating ");
  EXPECT_EQ(pairs_at("2026-02-01T00:00:00Z"), "app/a=compliant ");
  EXPECT_EQ(pairs_at("2026-03-02T00:00:00Z"), "app/a=compliant app/b=violating ");
}

}  // namespace
}  // namespace patuh::pipeline
