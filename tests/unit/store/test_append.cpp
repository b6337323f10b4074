#include <sys/stat.h>

#include <filesystem>

#include "make.h"
#include "store/schema.h"
#include "store/sqlite.h"

namespace patuh::store {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

TEST(Append, WhatWasAppendedIsReadBack) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 60; ++n) EXPECT_EQ(must(store->append(make_batch(n))), Seq{n});
  const auto reader = open_reader(folder);
  for (std::uint64_t n = 1; n <= 60; ++n) expect_holds(*reader, n);
  EXPECT_FALSE(must(reader->record(Seq{61})));
  EXPECT_FALSE(must(reader->record(Seq{0})));
}

TEST(Append, AnEmptyBatchIsARecord) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch;
  batch.record = {.kind = RecordKind::kTimeStep, .now = at(5)};
  EXPECT_EQ(must(store->append(batch)), Seq{1});
  EXPECT_EQ(must(store->read().record(Seq{1}))->record.kind, RecordKind::kTimeStep);
  EXPECT_EQ(store->tail().now, at(5));
  EXPECT_EQ(store->tail().transition, TransitionNumber{0});
}

TEST(Append, BytesOfAnySortSurvive) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch;
  batch.record.now = at(0);
  batch.record.payload = std::string("\0\xff{\n", 4);
  batch.outbox.push_back({"sink", "kind", std::string("a\0b", 3)});
  must(store->append(batch));
  EXPECT_EQ(must(store->read().record(Seq{1}))->record.payload, batch.record.payload);
  EXPECT_EQ(must(store->read().outbox("sink", 1)).front().row.payload, batch.outbox[0].payload);
}

TEST(Append, GoesOnWhereItEndedAfterReopening) {
  const TemporaryFolder folder;
  std::string id;
  ChainHead head;
  {
    const auto store = open_store(folder);
    id = store->store_id();
    for (std::uint64_t n = 1; n <= 20; ++n) must(store->append(make_batch(n)));
    head = store->chain_head();
  }
  const auto store = open_store(folder);
  EXPECT_EQ(store->store_id(), id);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(store->tail().seq, Seq{20});
  EXPECT_EQ(store->tail().now, make_batch(20).record.now);
  EXPECT_EQ(store->tail().transition, TransitionNumber{transitions_in(20)});
  EXPECT_EQ(store->chain_head().entry, head.entry);
  for (std::uint64_t n = 21; n <= 40; ++n) EXPECT_EQ(must(store->append(make_batch(n))), Seq{n});
  for (std::uint64_t n = 1; n <= 40; ++n) expect_holds(store->read(), n);
  EXPECT_TRUE(must(store->read().verify_chain()).injuries.empty());
}

TEST(Append, TheSameBatchesGiveTheSameChainInAnyStore) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  const auto first = open_store(a);
  const auto second = open_store(b);
  for (std::uint64_t n = 1; n <= 30; ++n) {
    must(first->append(make_batch(n)));
    must(second->append(make_batch(n)));
    ASSERT_EQ(first->chain_head().entry, second->chain_head().entry);
  }
  EXPECT_NE(first->store_id(), second->store_id());
}

TEST(Append, TimeThatGoesBackIsRefusedAndNothingIsWritten) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(make_batch(3)));
  Batch early = make_batch(2);
  const auto refused = store->append(early);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::kInvalid);

  Batch backwards = make_batch(7);
  backwards.transitions = {make_transition(1, at(800)), make_transition(2, at(700))};
  EXPECT_EQ(store->append(backwards).error().code, base::Code::kInvalid);
  EXPECT_EQ(must(store->read().counts()).records, 1U);
  EXPECT_EQ(must(store->append(make_batch(4))), Seq{2});
}

TEST(Append, ManyTransitionsOfOneBatchAreAllThere) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  Batch batch;
  batch.record.now = at(0);
  for (std::uint64_t i = 1; i <= 10'000; ++i)
    batch.transitions.push_back(make_transition(i, at(0)));
  must(store->append(batch));
  must(store->append(make_batch(5)));
  const auto all = must(store->read().transitions({.limit = 20'000}));
  ASSERT_EQ(all.size(), 10'001U);
  for (std::uint64_t i = 0; i < 10'000; i += 37) {
    EXPECT_EQ(all[i].number.value, i + 1);
    expect_equal(all[i].transition, batch.transitions[i]);
  }
  EXPECT_EQ(all.back().seq, Seq{2});
  EXPECT_TRUE(must(store->read().verify_chain()).injuries.empty());
}

TEST(Append, FolderAndFilesAreForTheOwnerOnly) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(make_batch(1)));
  EXPECT_EQ(mode_of(folder.data()), 0700U);
  for (const auto& file : std::filesystem::directory_iterator(folder.data())) {
    EXPECT_EQ(mode_of(file.path().string()), 0600U) << file.path();
  }
  EXPECT_EQ(mode_of(folder.data() + "/patuh.db-wal"), 0600U);
}

TEST(Append, ALockedFolderIsRefusedWithTheHolderAndTheRemedy) {
  const TemporaryFolder folder;
  auto store = open_store(folder);
  const auto second = Store::open(folder.data(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::kConflict);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
            std::string::npos);
  EXPECT_NE(second.error().message.find("--url"), std::string::npos);
  store.reset();
  EXPECT_TRUE(Store::open(folder.data(), {}));
}

TEST(Append, AFormatOfANewerReleaseIsRefusedByWriterAndReader) {
  const TemporaryFolder folder;
  open_store(folder);
  {
    const auto database =
        must(Database::open(folder.data() + "/patuh.db", Database::Access::kWrite));
    must(write_meta(*database, kMetaFormat, std::to_string(kFormatVersion + 1)));
  }
  for (const base::Error& error :
       {Store::open(folder.data(), {}).error(), Reader::open(folder.data()).error()}) {
    EXPECT_EQ(error.code, base::Code::kConflict);
    EXPECT_NE(error.message.find("format " + std::to_string(kFormatVersion + 1)), std::string::npos)
        << error.message;
  }
}

TEST(Append, AFolderWithoutAStoreIsNotFoundByReaders) {
  const TemporaryFolder folder;
  EXPECT_EQ(Reader::open(folder.data()).error().code, base::Code::kNotFound);
  EXPECT_EQ(Store::open(folder.path() + "/no/such", {}).error().code, base::Code::kNotFound);
}

TEST(Append, AnotherProgramsDatabaseIsLeftAlone) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.data());
  const std::string path = folder.data() + "/patuh.db";
  std::fclose(std::fopen(path.c_str(), "w"));
  {
    const auto theirs = must(Database::open(path, Database::Access::kWrite));
    ASSERT_TRUE(theirs->execute("CREATE TABLE diary(day TEXT)"));
  }
  const auto size = std::filesystem::file_size(path);
  const auto store = Store::open(folder.data(), {});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, base::Code::kConflict);
  EXPECT_NE(store.error().message.find("another program's"), std::string::npos)
      << store.error().message;
  EXPECT_EQ(Reader::open(folder.data()).error().code, base::Code::kNotFound);
  EXPECT_EQ(std::filesystem::file_size(path), size);
}

TEST(Append, AFileThatIsNoDatabaseIsCorrupt) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.data());
  std::FILE* file = std::fopen((folder.data() + "/patuh.db").c_str(), "w");
  ASSERT_NE(file, nullptr);
  for (int i = 0; i < 1000; ++i) std::fputs("this is a diary, not a database\n", file);
  std::fclose(file);
  EXPECT_EQ(Store::open(folder.data(), {}).error().code, base::Code::kCorrupt);
  EXPECT_EQ(Reader::open(folder.data()).error().code, base::Code::kCorrupt);
}

TEST(Append, MetaIsKeptAndTheStoresOwnKeysAreRefused) {
  const TemporaryFolder folder;
  {
    const auto store = open_store(folder);
    must(store->set_meta("clock", "event"));
    must(store->set_meta("clock", "wall"));
    EXPECT_EQ(store->set_meta("store.format", "9").error().code, base::Code::kInvalid);
  }
  const auto reader = open_reader(folder);
  EXPECT_EQ(must(reader->meta("clock")), "wall");
  EXPECT_EQ(must(reader->meta("store.format")), std::to_string(kFormatVersion));
  EXPECT_EQ(must(reader->meta("nothing")), std::nullopt);
}

TEST(Append, StatsCountWhatWasDone) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= 14; ++n) must(store->append(make_batch(n)));
  const Stats stats = store->stats();
  EXPECT_EQ(stats.commits, 14U);
  EXPECT_EQ(stats.failed_commits, 0U);
  EXPECT_EQ(stats.events, events_in(14));
  EXPECT_EQ(stats.transitions, transitions_in(14));
  EXPECT_EQ(stats.quarantined, 2U);
  EXPECT_GT(stats.raw_bytes, 0U);
  EXPECT_GT(stats.stored_bytes, 0U);
  EXPECT_GT(stats.commit_seconds, 0);
  EXPECT_GT(stats.files.database, 0U);
  EXPECT_GT(stats.files.wal, 0U);
}

TEST(Append, TheWalIsMovedOnByItselfAndEmptiedWhenIdle) {
  const TemporaryFolder folder;
  const auto store =
      must(Store::open(folder.data(), {.checkpoint_wal_bytes = std::uint64_t{64} * 4096}));
  for (std::uint64_t n = 1; n <= 300; ++n) must(store->append(make_batch(n)));
  EXPECT_GT(store->stats().checkpoints, 2U);
  EXPECT_LT(store->stats().files.wal, 200U * 4096U);
  must(store->idle());
  EXPECT_EQ(store->stats().files.wal, 0U);
  const std::uint64_t checkpoints = store->stats().checkpoints;
  must(store->idle());
  EXPECT_EQ(store->stats().checkpoints, checkpoints) << "nothing to do, nothing done";
  expect_holds(store->read(), 300);
}

}  // namespace
}  // namespace patuh::store
