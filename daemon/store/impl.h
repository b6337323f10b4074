// What stands behind the writer's door. Private to store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/append.h"
#include "store/elements.h"
#include "store/folder.h"
#include "store/history.h"
#include "store/open_pairs.h"
#include "store/store.h"

namespace patuh::store {

inline constexpr std::uint64_t kPageBytes = 4096;

struct Store::Impl {
  // In the order of destruction: the lock is let go of last.
  std::unique_ptr<FolderLock> lock;
  std::unique_ptr<Database> database;
  std::unique_ptr<Reader> reader;
  Options options;
  std::string id;
  End end;
  std::vector<IndexEntry> unindexed;
  AlertTail alert_tail;
  std::vector<OpenEntry> unopened;    // of the same transitions, for what agencies owe
  std::size_t unindexed_records = 0;  // they are of
  OpenPairs open_pairs;
  ElementRuns runs;
  std::uint64_t quarantined_before = 0;  // when it was opened
  std::uint64_t checkpoint_at_pages = 0;
  Stats stats;

  base::Status load();
  base::Result<Prepared> commit(const Batch& batch);
  base::Status write(const Batch& batch, const Prepared& prepared);
  void note(const Batch& batch, const Prepared& prepared);
  base::Status look_after_rules();
  void note_unindexed(const model::Transition& transition, std::uint64_t number);
  void look_after_indexes();
  base::Status write_run();
  void look_after_wal();
  base::Status index();
  base::Status checkpoint(bool truncate);
  // Runs `work` in a transaction of its own.
  template <class Work>
  base::Status within(const Work& work) {
    auto transaction = Transaction::begin(*database, Transaction::For::kWriting);
    if (!transaction) return std::unexpected(transaction.error());
    if (base::Status done = work(); !done) return done;
    return transaction->commit();
  }
  std::uint64_t checkpoint_pages() const { return options.checkpoint_wal_bytes / kPageBytes; }
};

}  // namespace patuh::store
