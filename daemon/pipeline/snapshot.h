// Snapshots of the engine: taken in slices between events, and read back by recovery and replay.
// Private to pipeline.
//
// A snapshot is consistent without stopping the engine, because rows that change after they were
// written are written again, and later ones count. What is left when little is left is written in
// one go, behind one record of the log, and that makes the whole of it the state at that record:
//
//   begin ─► slices: rows that changed, bucket by bucket ─► the rest and the head ─► tidy
//              ▲            │ what changed meanwhile
//              └────────────┘
//
// Beside the rows stands which place an element's mark leads to: places that came to another mark
// since it was last written.
//
// A bucket is written whole now and then, so that reading stays in proportion to the estate: those
// in which most rows stand behind the whole ones come first, and of one snapshot together they add
// no more rows than changed, so that writing stays in proportion to what changed. While input
// flows, a slice is written by the writer's thread in the transaction of the batch that was judged
// last; else in one of its own. How much a slice takes follows from how far the tail is (pace.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/driver.h"
#include "pipeline/pace.h"
#include "pipeline/writer.h"

namespace patuh::pipeline {

inline constexpr std::uint32_t kBucketPlaces = 1024;
inline constexpr std::uint32_t kBucketSources = 16;

// What a loaded snapshot leaves to be known by whoever takes the next one.
struct SnapshotState {
  std::map<std::pair<store::SnapshotSpace, std::uint32_t>, store::SnapshotBucket> buckets;
  std::vector<model::ElementRef> late;    // their rows count for this snapshot only
  std::vector<std::uint64_t> remembered;  // by source: ids that stand in buckets
  std::vector<std::uint32_t> marks;       // by place: under which it is known; 0: under none
  model::Seq seq;                         // it stands behind this record; 0: there is none
  // Parts that stand cannot be built on: a newer one was unusable, or another engine packed them.
  bool is_foreign = false;
  base::Instant now = store::kAlways;
};

struct LoadedSnapshot {
  std::unique_ptr<Driver> driver;
  SnapshotState state;
  bool packed = false;
};
// kCorrupt when it cannot be used, for whatever reason.
base::Result<LoadedSnapshot> load_snapshot(store::Reader& reader, const store::SnapshotInfo& info,
                                           const engine::Options& options);

// On the pipeline's thread. The store may be the writer's, but in the calls that say otherwise.
class Snapshotter {
 public:
  // `tail`: events and records behind the snapshot of `state`; `driver` may be null.
  Snapshotter(store::Store& store, SnapshotOptions options, SnapshotState state, std::uint64_t tail,
              const Driver* driver);

  // Told of each record that was judged.
  void note(const store::Batch& batch);
  // There is a step to write, or bodies to delete.
  bool has_step() const;
  bool retains() const { return stage_ == Stage::kRetain; }
  // Events that the next batch may bring, so that its slice is no longer than a pause may be.
  std::size_t batch_most() const {
    return stage_ == Stage::kSlices ? pace_.batch_most() : SIZE_MAX;
  }
  // Between events of a batch: a part of what is to be written with it.
  void between(Driver& driver);
  // What is to be written next, as of all that the driver has applied: with the last record that it
  // applied, or once that is durable, and before anything else is.
  store::SnapshotStep next(Driver& driver);

  // The step is durable, and `behind` what the store said right behind it.
  void written(const store::SnapshotStep& step, const StoreState& behind);
  // Wants the store to be free.
  // A step in a transaction of its own. After an error the snapshot begins anew later.
  base::Status step(Driver& driver);
  SnapshotStats stats() const;

 private:
  using Bucket = std::pair<store::SnapshotSpace, std::uint32_t>;
  enum class Stage : std::uint8_t { kRest, kSlices, kTidy, kRetain };
  struct Pending {
    std::vector<std::uint32_t> numbers{};  // of places or sources
    bool whole = false;                    // the others of the bucket as well
  };

  bool is_due() const;
  void look_at_size(const Driver& driver);
  void begin(Driver& driver);
  void write_everything(Driver& driver);
  void gather(Driver& driver);
  void gather_sources(const engine::Engine& engine);
  void choose_whole(std::uint32_t places);
  std::size_t rows_waiting(std::uint32_t places) const;
  void slice(Driver& driver, store::SnapshotStep& step);
  static std::size_t weight_of(const Bucket& bucket, const Pending& pending, std::uint32_t places);
  std::size_t take_pending(Driver& driver, std::size_t most, std::vector<store::SnapshotPart>& out);
  store::SnapshotPart part_of(Driver& driver, const Bucket& bucket, Pending& pending);
  void add_places(Driver& driver, const std::vector<model::ElementRef>& places,
                  store::SnapshotPart& part);
  void add_sources(const engine::Engine& engine, const std::vector<std::uint32_t>& sources,
                   store::SnapshotPart& part, bool whole);
  void note_place(std::uint32_t place, std::uint32_t mark);
  std::size_t weight_of_places(std::uint32_t shard) const;
  void write_places(std::size_t rows, store::SnapshotStep& step);
  store::SnapshotPart part_of_places(std::uint32_t shard);
  void end(Driver& driver, store::SnapshotStep& step);
  std::vector<store::SnapshotPart> late_parts(Driver& driver);
  base::Status retain();
  base::Result<model::Seq> retained_from() const;

  store::Store& store_;
  SnapshotOptions options_;
  SnapshotState state_;
  Stage stage_ = Stage::kRest;
  std::map<Bucket, Pending> pending_;       // to be written
  std::vector<store::SnapshotPart> ahead_;  // taken between events of this batch
  std::vector<model::ElementRef> changed_;  // since the pending ones were gathered
  std::map<std::uint32_t, std::vector<std::uint32_t>> unplaced_;  // places new to a mark, by shard
  Pace pace_;
  bool is_untidy_ = false;       // there may be parts that no snapshot needs
  bool is_ending_ = false;       // what ends it is on its way to the disk
  std::uint64_t since_end_ = 0;  // events and records that came meanwhile
  std::uint64_t deleted_ = 0;    // parts, as the store counts them
  SnapshotStats stats_;
};

}  // namespace patuh::pipeline
