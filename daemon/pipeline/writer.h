// Appends batches to the store on a thread of its own, one at a time, so that the next one can be
// judged meanwhile. Private to pipeline.
//
//   writer.start(batch);           // the store is the writer's now
//   … judge the next batch …
//   auto seq = writer.finish();    // durable, and the store is the caller's again
#pragma once

#include <thread>

#include "store/store.h"

namespace patuh::pipeline {

class Writer {
 public:
  // The store must outlive it.
  explicit Writer(store::Store& store);
  // Waits for what was started.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Begins to append. Between start() and finish() the batch must stay as it is, and nobody else
  // may use the store.
  void start(const store::Batch& batch);
  // Waits for the end of what start() began, and says what append() said.
  base::Result<model::Seq> finish();

 private:
  void run();

  store::Store& store_;
  base::Queue<const store::Batch*> batches_{1};
  base::Queue<base::Result<model::Seq>> results_{1};
  std::jthread thread_;
};

}  // namespace patuh::pipeline
