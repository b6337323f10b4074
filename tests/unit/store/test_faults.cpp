#include <set>
#include <thread>

#include "make.h"
#include "store/files.h"
#include "store/sqlite.h"

namespace patuh::store {
namespace {

// Lets calls pass until the n-th that counts, which has another fate.
class FaultAt {
 public:
  FaultAt(std::uint64_t n, Fate fate, bool lasting = false) {
    base::set_log_level(base::LogLevel::kError);
    decide_file_fates([this, n, fate, lasting](const FileCall& call) {
      if (call.operation == FileOperation::kShare) return Fate::kPass;
      ++calls_;
      const bool now = lasting ? calls_ >= n : calls_ == n;
      if (now) ++faults_;
      return now ? fate : Fate::kPass;
    });
  }
  ~FaultAt() {
    decide_file_fates({});
    base::set_log_level(base::LogLevel::kInfo);
  }
  FaultAt(const FaultAt&) = delete;
  FaultAt& operator=(const FaultAt&) = delete;
  std::uint64_t calls() const { return calls_; }
  bool happened() const { return faults_ > 0; }

 private:
  std::uint64_t calls_ = 0, faults_ = 0;
};

// The entries of a chain that was never disturbed.
std::vector<base::Digest> undisturbed(std::uint64_t batches) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  std::vector<base::Digest> out;
  for (std::uint64_t n = 1; n <= batches; ++n) {
    must(store->append(make_batch(n)));
    out.push_back(store->chain_head().entry);
  }
  return out;
}

constexpr std::uint64_t kBatches = 8;

// Appends all batches, each again until it is taken.
std::uint64_t append_all(Store& store) {
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1; n <= kBatches; ++n) {
    for (int attempt = 0;; ++attempt) {
      const auto seq = store.append(make_batch(n));
      if (seq) {
        EXPECT_EQ(*seq, Seq{n});
        break;
      }
      ++failures;
      EXPECT_EQ(seq.error().code, base::Code::kUnavailable) << seq.error().message;
      if (attempt > 3) {
        ADD_FAILURE() << "batch " << n << " is never taken: " << seq.error().message;
        return failures;
      }
    }
  }
  return failures;
}

// A small WAL limit puts checkpoints among the calls that fail.
std::unique_ptr<Store> open_small(const TemporaryFolder& folder) {
  return must(Store::open(folder.data(), {.checkpoint_wal_bytes = std::uint64_t{8} * 4096}));
}

TEST(Faults, ABatchIsRetriedAfterAFaultInAnyCallAndNothingDiffers) {
  const std::vector<base::Digest> right = undisturbed(kBatches);
  std::uint64_t points = 0;
  for (const Fate fate : {Fate::kFails, Fate::kDiskFull, Fate::kHalfDone}) {
    std::uint64_t failures = 0;
    for (std::uint64_t n = 1;; ++n) {
      SCOPED_TRACE("call " + std::to_string(n));
      const TemporaryFolder folder;
      auto store = open_small(folder);
      bool happened = false;
      {
        const FaultAt fault(n, fate);
        failures += append_all(*store);
        happened = fault.happened();
      }
      EXPECT_EQ(store->chain_head().entry, right.back());
      store.reset();
      store = open_store(folder);
      EXPECT_EQ(store->chain_head().entry, right.back());
      for (std::uint64_t batch = 1; batch <= kBatches; ++batch) expect_holds(store->read(), batch);
      EXPECT_TRUE(must(store->read().verify_chain()).injuries.empty());
      if (!happened || HasFailure()) break;
      ++points;
    }
    EXPECT_GT(failures, 0U) << "some of the faults hit a commit";
  }
  RecordProperty("points", static_cast<int>(points));
  EXPECT_GT(points, 300U);
}

TEST(Faults, AFullDiskStopsAppendingUntilThereIsRoomAgain) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(make_batch(1)));
  {
    const FaultAt full(1, Fate::kDiskFull, true);
    for (int i = 0; i < 3; ++i) {
      const auto refused = store->append(make_batch(2));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, base::Code::kUnavailable);
      EXPECT_NE(refused.error().message.find("patuh.db"), std::string::npos);
    }
    EXPECT_FALSE(store->set_meta("clock", "wall"));
  }
  EXPECT_EQ(store->tail().seq, Seq{1});
  EXPECT_EQ(must(store->append(make_batch(2))), Seq{2});
  EXPECT_EQ(store->stats().failed_commits, 3U);
  must(store->set_meta("clock", "wall"));
  expect_holds(store->read(), 2);
}

TEST(Faults, AFailedOutboxChangeLeavesTheRowsAsTheyWere) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(make_batch(3)));
  const auto pending = must(store->read().outbox("alertmanager", 9));
  ASSERT_EQ(pending.size(), 1U);
  {
    const FaultAt fault(1, Fate::kFails, true);
    EXPECT_FALSE(store->outbox_delivered(std::vector{pending[0].id}));
    EXPECT_FALSE(store->outbox_failed(std::vector{pending[0].id}, at(1)));
  }
  EXPECT_EQ(must(store->read().outbox("alertmanager", 9)).front().attempts, 0U);
  must(store->outbox_delivered(std::vector{pending[0].id}));
  EXPECT_TRUE(must(store->read().outbox("alertmanager", 9)).empty());
}

TEST(Faults, OpeningFailsCleanlyWhenTheDiskDoes) {
  std::set<base::Code> codes;
  for (std::uint64_t n = 1;; ++n) {
    const TemporaryFolder folder;
    bool happened = false;
    {
      const FaultAt fault(n, Fate::kFails);
      const auto store = Store::open(folder.data(), {});
      happened = fault.happened();
      if (!store) codes.insert(store.error().code);
    }
    // Whatever was left half made, the next start makes whole.
    const auto store = open_store(folder);
    must(store->append(make_batch(1)));
    if (!happened) break;
  }
  EXPECT_EQ(codes, std::set{base::Code::kUnavailable});
}

TEST(Faults, AReaderHoldsUpCheckpointsButNotCommits) {
  const TemporaryFolder folder;
  const auto store = open_small(folder);
  must(store->append(make_batch(1)));
  {
    const auto other = must(Database::open(folder.data() + "/patuh.db", Database::Access::kRead));
    const Transaction reading = must(Transaction::begin(*other, Transaction::For::kReading));
    {
      Query query = other->query("SELECT count(*) FROM records");
      EXPECT_TRUE(must(query.row()));
    }
    for (std::uint64_t n = 2; n <= 60; ++n) EXPECT_EQ(must(store->append(make_batch(n))), Seq{n});
    EXPECT_GT(store->stats().blocked_checkpoints, 0U);
    must(store->idle());
    EXPECT_GT(store->stats().files.wal, 0U) << "the reader still needs it";
  }
  must(store->idle());
  EXPECT_EQ(store->stats().files.wal, 0U);
}

TEST(Faults, ReadersOnOtherThreadsSeeWholeBatchesOnly) {
  const TemporaryFolder folder;
  const auto store = open_small(folder);
  must(store->append(make_batch(1)));
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      const auto reader = open_reader(folder);
      for (std::uint64_t seen = 0; seen < 400;) {
        const Tail tail = must(reader->tail());
        EXPECT_GE(tail.seq.value, seen);
        seen = tail.seq.value;
        expect_holds(*reader, seen);
        EXPECT_EQ(tail.transition.value, transitions_in(seen));
        must(reader->transitions({.agency = "opd-1", .newest_first = true, .limit = 5}));
      }
    });
  }
  for (std::uint64_t n = 2; n <= 400; ++n) must(store->append(make_batch(n)));
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace patuh::store
