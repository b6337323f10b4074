// Snapshots as the store keeps them: which parts count for which, what goes, what comes back.
#include "make.h"

namespace patuh::store {
namespace {

SnapshotPart part(std::uint32_t bucket, bool whole, const std::string& bytes) {
  return {.bucket = bucket, .whole = whole, .rows = 10, .bytes = bytes, .packed = "p" + bytes};
}

// A batch of a month of its own.
Batch in_month(std::uint64_t n) {
  Batch out = make_batch(n);
  out.record.now += std::chrono::days(31 * n);
  return out;
}

SnapshotId newest(Store& store) { return must(store.read().snapshots()).front().id; }

SnapshotId take(Store& store, std::vector<SnapshotPart> parts, std::size_t keep_months = 99) {
  must(store.write_snapshot({.begins = true, .parts = std::move(parts)}));
  must(store.write_snapshot({.end = SnapshotStep::End{"head", "packed", keep_months}}));
  return newest(store);
}

std::uint64_t tidy(Store& store, std::size_t most) {
  const std::uint64_t before = store.stats().snapshot_parts_deleted;
  must(store.write_snapshot({.tidy = most}));
  return store.stats().snapshot_parts_deleted - before;
}

std::string read(Reader& reader, SnapshotId id, std::uint32_t bucket,
                 SnapshotSpace space = SnapshotSpace::kElements) {
  std::string out;
  for (const SnapshotPart& one : must(reader.snapshot_parts(id, space, bucket))) {
    EXPECT_EQ(one.packed, "p" + one.bytes);
    out += one.bytes + " ";
  }
  return out;
}

TEST(Snapshot, EachIsReadFromItsNewestWholePartsOn) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(in_month(1)));
  SnapshotPart late = part(0, false, "late");
  late.space = SnapshotSpace::kLateElements;
  const SnapshotId first = take(*store, {part(0, true, "a"), part(1, true, "b"), late});
  must(store->append(in_month(2)));
  const SnapshotId second = take(*store, {part(0, false, "c"), part(0, false, "d")});
  must(store->append(in_month(3)));
  const SnapshotId third = take(*store, {part(0, true, "e")});
  const auto reader = open_reader(folder);
  EXPECT_EQ(read(*reader, first, 0), "a ");
  EXPECT_EQ(read(*reader, second, 0), "a c d ");
  EXPECT_EQ(read(*reader, third, 0), "e ");
  EXPECT_EQ(read(*reader, third, 1), "b ");
  EXPECT_EQ(read(*reader, first, 0, SnapshotSpace::kLateElements), "late ");
  EXPECT_EQ(read(*reader, second, 0, SnapshotSpace::kLateElements), "");
  const auto all = must(reader->snapshots());
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.front().seq, Seq{3});
  const auto buckets = must(reader->snapshot_buckets(second));
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[0].rows, 10U);
  EXPECT_EQ(buckets[0].later_rows, 20U);
  const Snapshot snapshot = must(reader->snapshot(second));
  EXPECT_EQ(snapshot.head, "head");
  EXPECT_EQ(snapshot.packed, "packed");
  EXPECT_EQ(snapshot.info.now, must(reader->record(Seq{2}))->record.now);
}

TEST(Snapshot, TidyingTakesOnlyWhatNoneNeeds) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(in_month(1)));
  take(*store, {part(0, true, "a"), part(1, true, "b")});
  must(store->append(in_month(2)));
  take(*store, {part(0, false, "c")});
  EXPECT_EQ(tidy(*store, 100), 0U);
  must(store->append(in_month(3)));
  const SnapshotId third = take(*store, {part(0, true, "e")}, 1);
  EXPECT_EQ(must(store->read().snapshots()).back().id.value, 2U) << "one month back stays";
  EXPECT_EQ(tidy(*store, 100), 0U) << "the second is read from all of them";
  must(store->append(in_month(4)));
  const SnapshotId fourth = take(*store, {part(1, false, "f")}, 1);
  EXPECT_EQ(tidy(*store, 1), 1U);
  EXPECT_EQ(tidy(*store, 100), 1U);
  EXPECT_EQ(tidy(*store, 100), 0U);
  EXPECT_EQ(read(store->read(), third, 0), "e ");
  EXPECT_EQ(read(store->read(), fourth, 1), "b f ");
}

TEST(Snapshot, WhatWasNotFinishedIsGoneAndOneOfAnotherLogIsRefused) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(in_month(1)));
  const SnapshotId first = take(*store, {part(0, true, "a")});
  must(store->write_snapshot({.begins = true, .parts = {part(0, false, "x")}}));
  EXPECT_EQ(read(store->read(), first, 0), "a ");
  must(store->append(in_month(2)));
  const SnapshotId second = take(*store, {part(0, false, "b")});
  EXPECT_EQ(second.value, first.value + 1) << "its number is given again";
  EXPECT_EQ(read(store->read(), second, 0), "a b ");
}

TEST(Snapshot, OneThatRidesWithABatchStandsBehindItsRecordAndGoesWithItWhenItFails) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch one = make_batch(1);
  one.snapshot = {.begins = true, .parts = {part(0, true, "a")}};
  one.snapshot.end = SnapshotStep::End{};
  must(store->append(one));
  const SnapshotInfo first = must(store->read().snapshots()).front();
  EXPECT_EQ(first.seq, Seq{1});
  Batch two = make_batch(2);
  two.snapshot = {.begins = true, .parts = {part(0, false, "b")}};
  two.snapshot.end = SnapshotStep::End{};
  two.erased = {{Seq{7}, 0}};  // there is no such event: the batch is refused
  EXPECT_FALSE(store->append(two));
  EXPECT_EQ(must(store->read().snapshots()).size(), 1U);
  EXPECT_EQ(read(store->read(), first.id, 0), "a ");
  two.erased.clear();
  must(store->append(two));
  EXPECT_EQ(must(store->read().snapshots()).front().seq, Seq{2});
  EXPECT_EQ(read(store->read(), newest(*store), 0), "a b ");
}

TEST(Snapshot, BodiesGoOnlyBehindOne) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 6; ++n) must(store->append(make_batch(n)));
  EXPECT_EQ(store->delete_bodies(Seq{3}, 10).error().code, base::Code::kInvalid);
  take(*store, {part(0, true, "a")});
  for (std::uint64_t n = 7; n <= 9; ++n) must(store->append(make_batch(n)));
  EXPECT_EQ(store->delete_bodies(Seq{9}, 10).error().code, base::Code::kInvalid);
  EXPECT_EQ(must(store->read().kept()).seq, Seq{1});
  EXPECT_EQ(must(store->delete_bodies(Seq{7}, 4)), 4U);
  EXPECT_EQ(must(store->delete_bodies(Seq{7}, 4)), 2U);
  EXPECT_EQ(must(store->delete_bodies(Seq{7}, 4)), 0U);
  const Kept kept = must(store->read().kept());
  EXPECT_EQ(kept.seq, Seq{7});
  EXPECT_EQ(kept.from, must(store->read().record(Seq{6}))->record.now);
  const Verification audit = must(store->read().verify_chain());
  EXPECT_TRUE(audit.injuries.empty());
  EXPECT_EQ(audit.deleted_bodies, 6U);
  EXPECT_EQ(must(store->read().record_at(kept.from)), Seq{6});
  EXPECT_EQ(must(store->read().record_at(kAlways)), Seq{0});
}

TEST(Snapshot, WithoutAnyBodyThePastBeginsAtTheSnapshot) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  EXPECT_EQ(must(store->read().kept()).seq, Seq{1}) << "of an empty store";
  for (std::uint64_t n = 1; n <= 3; ++n) must(store->append(make_batch(n)));
  take(*store, {part(0, true, "a")});
  must(store->delete_bodies(Seq{4}, 10));
  const Kept kept = must(store->read().kept());
  EXPECT_EQ(kept.seq, Seq{4});
  EXPECT_EQ(kept.from, store->tail().now);
}

TEST(Snapshot, ABackupIsTheStoreOfOneInstantWhileTheWriterGoesOn) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 40; ++n) must(store->append(make_batch(n)));
  const ChainHead head = store->chain_head();
  const std::string copy = folder.path() + "/copy";
  bool wrote = false;
  must(backup(folder.data(), copy, [&](std::uint64_t, std::uint64_t) {
    if (!std::exchange(wrote, true)) must(store->append(make_batch(41)));
  }));
  EXPECT_TRUE(wrote);
  const auto reader = must(Reader::open(copy));
  EXPECT_EQ(must(reader->chain_head()).entry, head.entry);
  EXPECT_TRUE(must(reader->integrity()).empty());
  EXPECT_TRUE(must(reader->verify_chain()).injuries.empty());
  EXPECT_EQ(backup(folder.data(), copy, {}).error().code, base::Code::kExists);
  must(must(Store::open(copy, {}))->append(make_batch(41)));
}

TEST(Snapshot, CompactingGivesBackWhatWasDeleted) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 40; ++n) must(store->append(make_batch(n)));
  take(*store, {part(0, true, std::string(5'000'000, 'a'))});
  must(store->delete_bodies(Seq{41}, 100));
  must(store->idle());
  const std::uint64_t before = store->stats().files.database;
  must(store->compact());
  EXPECT_LT(store->stats().files.database, before);
  EXPECT_TRUE(must(store->read().integrity()).empty());
  EXPECT_TRUE(must(store->read().verify_chain()).injuries.empty());
}

}  // namespace
}  // namespace patuh::store
