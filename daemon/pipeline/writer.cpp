#include "pipeline/writer.h"

#include <sys/prctl.h>

namespace patuh::pipeline {
namespace {

constexpr std::chrono::milliseconds kWait{10'000};  // any: waiting goes on afterwards

// What comes next; nothing once the queue is closed.
template <class T>
std::vector<T> next_of(base::Queue<T>& queue) {
  while (true) {
    auto found = queue.pop_some(1, kWait);
    if (!found.empty() || queue.closed()) return found;
  }
}

}  // namespace

Writer::Writer(store::Store& store) : store_(store), thread_([this] { run(); }) {}

Writer::~Writer() {
  batches_.close();
  thread_.join();
}

void Writer::start(const store::Batch& batch) {
  const bool taken = batches_.push(&batch);
  PATUH_ASSERT(taken);
}

base::Result<model::Seq> Writer::finish() {
  auto result = next_of(results_);
  PATUH_ASSERT(!result.empty());
  return std::move(result.front());
}

void Writer::run() {
  ::prctl(PR_SET_NAME, "store");
  for (auto batch = next_of(batches_); !batch.empty(); batch = next_of(batches_)) {
    results_.push(store_.append(*batch.front()));
  }
}

}  // namespace patuh::pipeline
