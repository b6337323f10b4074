#include "make.h"

namespace patuh::store {
namespace {

Batch with_now(std::int64_t seconds) {
  Batch out;
  out.record = {.kind = RecordKind::kTimeStep, .now = at(seconds)};
  return out;
}

std::vector<std::string> keys(const std::vector<AlertRow>& alerts) {
  std::vector<std::string> out;
  for (const AlertRow& alert : alerts) out.push_back(alert.element.id);
  return out;
}

TEST(Rows, AnEpisodeIsWrittenOverByItsKeyAndLeavesTheOpenOnesWhenResolved) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  AlertRow alert = make_alert(1);
  alert.phase = Phase::kPending;
  alert.fired = base::kNever;
  alert.told = false;
  Batch batch = with_now(1);
  batch.alerts = {alert, make_alert(2)};
  must(store->append(batch));
  expect_equal(*must(store->read().alert(alert.key)), alert);
  EXPECT_EQ(must(store->read().open_alerts()).size(), 2U);

  alert.phase = Phase::kResolved;
  alert.fired = at(20);
  alert.resolved = at(30);
  alert.told = true;
  batch = with_now(2);
  batch.alerts = {alert};
  must(store->append(batch));
  EXPECT_EQ(keys(must(store->read().open_alerts())), std::vector<std::string>{"app-2"});
  expect_equal(*must(store->read().alert(alert.key)), alert);
  EXPECT_FALSE(must(store->read().alert("no such episode")));
  EXPECT_EQ(must(store->read().counts()).open_alerts, 1U);
}

TEST(Rows, EpisodesOfASpanAreThoseThatBeganFiredOrEndedInIt) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch = with_now(1000);
  for (std::uint64_t i = 0; i < 3; ++i) {
    AlertRow alert = make_alert(i);
    alert.started = at(100 + static_cast<std::int64_t>(i));
    alert.fired = at(200 + static_cast<std::int64_t>(i));
    alert.resolved = i == 2 ? base::kNever : at(300 + static_cast<std::int64_t>(i));
    alert.phase = i == 2 ? Phase::kFiring : Phase::kResolved;
    batch.alerts.push_back(alert);
  }
  must(store->append(batch));
  using Keys = std::vector<std::string>;
  Reader& reader = store->read();
  EXPECT_EQ(keys(must(reader.alerts_within(at(101), at(102)))), Keys{"app-1"});
  EXPECT_EQ(keys(must(reader.alerts_within(at(201), at(203)))), (Keys{"app-1", "app-2"}));
  EXPECT_EQ(keys(must(reader.alerts_within(at(300), at(301)))), Keys{"app-0"});
  EXPECT_EQ(keys(must(reader.alerts_within(at(150), at(160)))), Keys{});
  EXPECT_EQ(keys(must(reader.alerts_within(at(100), at(301)))), (Keys{"app-0", "app-1", "app-2"}));
  EXPECT_EQ(keys(must(reader.alerts_within(kAlways, base::kNever))).size(), 3U);
}

TEST(Rows, TheOutboxOfASinkIsOldestFirstUntilDelivered) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (int i = 1; i <= 3; ++i) {
    Batch batch = with_now(i);
    batch.outbox = {{"alertmanager", "notice", "n" + std::to_string(i)},
                    {"webhook", "notice", "w"}};
    must(store->append(batch));
  }
  auto pending = must(store->read().outbox("alertmanager", 10));
  ASSERT_EQ(pending.size(), 3U);
  EXPECT_EQ(pending[0].row.payload, "n1");
  EXPECT_EQ(pending[2].row.payload, "n3");
  EXPECT_EQ(pending[1].queued, at(2));
  EXPECT_EQ(pending[1].attempts, 0U);
  EXPECT_EQ(pending[1].next_attempt, kAlways);
  EXPECT_EQ(must(store->read().outbox("alertmanager", 2)).size(), 2U);

  const std::vector<OutboxId> failed = {pending[1].id};
  must(store->outbox_failed(failed, at(99)));
  must(store->outbox_failed(failed, at(100)));
  const std::vector<OutboxId> delivered = {pending[0].id, OutboxId{12345}};
  must(store->outbox_delivered(delivered));
  pending = must(store->read().outbox("alertmanager", 10));
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].attempts, 2U);
  EXPECT_EQ(pending[0].next_attempt, at(100));
  EXPECT_EQ(must(store->read().outbox("webhook", 10)).size(), 3U);
  EXPECT_TRUE(must(store->read().outbox("nobody", 10)).empty());
  EXPECT_EQ(must(store->read().counts()).outbox, 5U);
}

TEST(Rows, ADeliveredRowsIdIsNeverGivenAgain) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch = with_now(1);
  batch.outbox = {{"s", "k", "p"}};
  must(store->append(batch));
  const OutboxId first = must(store->read().outbox("s", 1)).front().id;
  must(store->outbox_delivered(std::vector{first}));
  must(store->append(batch));
  EXPECT_GT(must(store->read().outbox("s", 1)).front().id, first);
}

TEST(Rows, OffsetsAreTheLastOnesWritten) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch = with_now(1);
  batch.offsets = {{"kafka", "b", 0, 5}, {"kafka", "a", 1, 7}, {"kafka", "a", 0, INT64_MAX}};
  must(store->append(batch));
  batch.offsets = {{"kafka", "a", 1, 9}};
  must(store->append(batch));
  const auto offsets = must(store->read().offsets());
  ASSERT_EQ(offsets.size(), 3U);
  EXPECT_EQ(offsets[0].topic, "a");
  EXPECT_EQ(offsets[0].next, INT64_MAX);
  EXPECT_EQ(offsets[1].partition, 1);
  EXPECT_EQ(offsets[1].next, 9);
  EXPECT_EQ(offsets[2].next, 5);
}

TEST(Rows, QuarantineKeepsReasonPlaceDigestAndTheFirstBytes) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Quarantined input;
  input.reason = "too-large";
  input.message = "an event has at most 1 MiB";
  input.position = {"kafka", "patuh.changes", 3, 77};
  input.bytes = std::string(kQuarantineBytesMax + 5, 'x');
  input.size = 20'000'000;
  input.sha256 = base::sha256("the whole input");
  input.source = "/simda";
  input.id = "e-1";
  Batch batch = with_now(4);
  batch.quarantined = {input, input};
  batch.quarantined[1].reason = "not-json";
  must(store->append(batch));

  const auto listed = must(store->read().quarantine({}));
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_TRUE(listed[0].input.bytes.empty()) << "a list does not carry the bytes";
  EXPECT_EQ(must(store->read().quarantine({.reason = "not-json"})).size(), 1U);
  const auto row = must(store->read().quarantined(listed[0].id));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->seq, Seq{1});
  EXPECT_EQ(row->at, at(4));
  EXPECT_EQ(row->input.reason, input.reason);
  EXPECT_EQ(row->input.message, input.message);
  EXPECT_EQ(row->input.position.topic, "patuh.changes");
  EXPECT_EQ(row->input.position.partition, 3);
  EXPECT_EQ(row->input.position.offset, 77);
  EXPECT_EQ(row->input.size, input.size);
  EXPECT_EQ(row->input.sha256, input.sha256);
  EXPECT_EQ(row->input.bytes.size(), kQuarantineBytesMax);
  EXPECT_EQ(row->input.source, "/simda");
  EXPECT_EQ(row->input.id, "e-1");
  EXPECT_FALSE(row->redriven);
  EXPECT_FALSE(must(store->read().quarantined(QuarantineId{99})));
}

TEST(Rows, ARedrivenInputIsMarkedAndStays) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 20; ++n) must(store->append(make_batch(n)));
  const auto all = must(store->read().quarantine({.limit = SIZE_MAX}));
  ASSERT_EQ(all.size(), 4U);
  Batch batch = with_now(5000);
  batch.redriven = {{all[1].id, "operator", "applied"}, {QuarantineId{99}, "nobody", "nothing"}};
  must(store->append(batch));
  const auto row = must(store->read().quarantined(all[1].id));
  EXPECT_EQ(row->redriven, at(5000));
  EXPECT_EQ(row->redriven_by, "operator");
  EXPECT_EQ(row->redriven_result, "applied");
  EXPECT_EQ(must(store->read().quarantine({.only_waiting = true})).size(), 3U);
  EXPECT_EQ(must(store->read().quarantine({.after = all[1].id})).size(), 2U);
  const Counts counts = must(store->read().counts());
  EXPECT_EQ(counts.quarantined, 4U);
  EXPECT_EQ(counts.quarantine_waiting, 3U);
  EXPECT_TRUE(must(store->read().verify_chain()).injuries.empty());
}

TEST(Rows, CountsAndTailAreThoseOfTheLog) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  EXPECT_EQ(must(store->read().counts()).records, 0U);
  EXPECT_EQ(must(store->read().tail()).seq, Seq{0});
  EXPECT_EQ(must(store->read().chain_head()).entry, base::Digest{});
  for (std::uint64_t n = 1; n <= 33; ++n) must(store->append(make_batch(n)));
  const auto reader = open_reader(folder);
  const Counts counts = must(reader->counts());
  EXPECT_EQ(counts.records, 33U);
  EXPECT_EQ(counts.events, events_in(33));
  EXPECT_EQ(counts.transitions, transitions_in(33));
  EXPECT_EQ(must(reader->tail()).transition, TransitionNumber{transitions_in(33)});
  EXPECT_EQ(must(reader->chain_head()).entry, store->chain_head().entry);
  EXPECT_EQ(reader->file_sizes().database, store->stats().files.database);
}

}  // namespace
}  // namespace patuh::store
