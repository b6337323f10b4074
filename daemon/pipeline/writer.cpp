#include "pipeline/writer.h"

#include <sys/prctl.h>

namespace patuh::pipeline {
namespace {

constexpr std::chrono::milliseconds kAtATime{10'000};  // any: waiting goes on afterwards

// What comes next; nothing once the queue is closed.
template <class T>
std::vector<T> next_of(base::Queue<T>& queue) {
  while (true) {
    auto found = queue.pop_some(1, kAtATime);
    if (!found.empty() || queue.closed()) return found;
  }
}

}  // namespace

StoreState state_of(const store::Store& store) {
  return {.tail = store.tail(), .stats = store.stats(), .head = store.chain_head()};
}

Writer::Writer(store::Store& store) : store_(store), thread_([this] { run(); }) {}

Writer::~Writer() {
  batches_.close();
  after_error_.close();
  thread_.join();
}

void Writer::start(const store::Batch& batch) {
  const bool taken = batches_.push(&batch);
  PATUH_ASSERT(taken);
}

std::optional<Written> Writer::finish(std::chrono::milliseconds wait) {
  auto written = results_.pop_some(1, wait);
  if (written.empty()) return std::nullopt;
  return std::move(written.front());
}

void Writer::again() { after_error_.push(Then::kAgain); }

void Writer::give_up() { after_error_.push(Then::kGiveUp); }

void Writer::run() {
  ::prctl(PR_SET_NAME, "store");
  for (auto batch = next_of(batches_); !batch.empty(); batch = next_of(batches_)) {
    if (!append(*batch.front())) return;
  }
}

bool Writer::append(const store::Batch& batch) {
  while (true) {
    auto seq = store_.append(batch);
    const bool done = seq.has_value();
    results_.push(Written{std::move(seq), state_of(store_)});
    if (done) return true;
    const auto then = next_of(after_error_);
    if (then.empty() || then.front() == Then::kGiveUp) return false;
  }
}

}  // namespace patuh::pipeline
