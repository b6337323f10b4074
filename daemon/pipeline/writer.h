// Appends batches to the store on a thread of its own, in their order, so that the next ones can be
// judged meanwhile. Private to pipeline.
//
//   writer.start(batch);             // the store is the writer's now
//   … judge and start more batches …
//   auto written = writer.finish();  // of the oldest; after the last one the store is the caller's
#pragma once

#include <thread>

#include "store/store.h"

namespace patuh::pipeline {

// What the store said of itself right behind a batch.
struct StoreState {
  store::Tail tail{};
  store::Stats stats{};
  store::ChainHead head{};
};
StoreState state_of(const store::Store& store);

struct Written {
  base::Result<model::Seq> seq = model::Seq{};
  StoreState behind{};
};

class Writer {
 public:
  static constexpr std::size_t kBatchesMost = 4;  // started and not finished

  // The store must outlive it.
  explicit Writer(store::Store& store);
  // Waits for what was started, unless it was given up.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Begins to append, behind all that was started before. Until it is finished the batch must stay
  // as it is and where it is, and nobody else may use the store.
  void start(const store::Batch& batch);
  // What append() said of the oldest batch; waits at most `wait`, and says nothing when that was
  // too short. After an error nothing behind it is appended until one of the next two is called.
  std::optional<Written> finish(std::chrono::milliseconds wait);
  // The oldest batch once more, from its beginning.
  void again();
  // No batch that was started is appended any more.
  void give_up();

 private:
  enum class Then : std::uint8_t { kAgain, kGiveUp };

  void run();
  bool append(const store::Batch& batch);

  store::Store& store_;
  base::Queue<const store::Batch*> batches_{kBatchesMost};
  base::Queue<Written> results_{kBatchesMost};
  base::Queue<Then> after_error_{1};
  std::jthread thread_;
};

}  // namespace patuh::pipeline
