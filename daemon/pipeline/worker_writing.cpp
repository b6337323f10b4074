// From a judged batch to the disk, and what may be told once it is there.
#include <algorithm>

#include "pipeline/worker.h"

namespace patuh::pipeline {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kPublishEvery{200};  // while input waits; a view costs a millisecond or two
constexpr milliseconds kRetryMost{5000};

// Each delivery gets the receipts of its own items; none of them when it was not written.
void answer(InHand& batch, std::span<const decode::Receipt> receipts) {
  std::size_t at = 0;
  for (decode::Delivery& delivery : batch.deliveries) {
    const std::size_t count = receipts.empty() ? 0 : delivery.items.size();
    if (delivery.done) delivery.done(receipts.subspan(at, count));
    at += count;
  }
}

}  // namespace

void Worker::begin_log(base::Instant now, const std::stop_token& stop) {
  if (driver_ != nullptr && book_->hash == driver_->engine().book().hash) return;
  store::Batch batch;
  batch.record.now = now;
  if (driver_ == nullptr && options_.clock == ClockMode::kEvent) {
    batch.record.kind = store::RecordKind::kOperatorAction;
    batch.record.payload = encode_action({"clock", "start", "event clock asked for", "event"});
    if (!write(std::move(batch), stop)) return;
  }
  store::Batch pack;
  pack.record.now = now;
  pack.record.kind = store::RecordKind::kPackActivated;
  pack.record.payload = encode_pack(*book_);
  if (driver_ == nullptr) {
    if (!write(std::move(pack), stop)) return;
    driver_ = std::make_unique<Driver>(book_, options_.engine, options_.clock);
    return;
  }
  add_rows(driver_->activate(now, book_), options_.sinks, pack);
  static_cast<void>(write(std::move(pack), stop));
}

bool Worker::write(store::Batch batch, const std::stop_token& stop) {
  InHand next;
  next.batch = std::move(batch);
  return hand_over(std::move(next), stop) && settle(stop);
}

bool Worker::hand_over(InHand next, const std::stop_token& stop) {
  if (!settle(stop)) {
    answer(next, {});
    return false;
  }
  last_now_ = next.batch.record.now;
  if (driver_ != nullptr) outline(next.batch);
  snapshotter_.note(next.batch);
  in_hand_.emplace(std::move(next));
  writer_.start(in_hand_->batch);
  if (is_publishing_due()) in_hand_->outlook = outlook_of(engine(), clock());
  return true;
}

// Nothing is on its way to the disk: what the log counts is what the store says, and this batch.
void Worker::outline(store::Batch& batch) {
  const store::Stats stats = store_->stats();
  batch.outlines.push_back(
      outliner_.behind(driver_->engine(), driver_->clock(), batch.record.now,
                       {.events = stats.log_events + batch.record.events.size(),
                        .set_aside = stats.log_quarantined + batch.quarantined.size()}));
}

bool Worker::settle(const std::stop_token& stop) {
  if (!in_hand_) return !adrift_;
  milliseconds wait = options_.retry_first;
  for (auto seq = writer_.finish(); !seq; seq = writer_.finish()) {
    complain(seq.error());
    on_beat_();
    if (stop.stop_requested()) {
      adrift_ = true;
      answer(*in_hand_, {});
      in_hand_.reset();
      return false;
    }
    std::this_thread::sleep_for(wait);
    wait = std::min(wait * 2, kRetryMost);
    writer_.start(in_hand_->batch);
  }
  if (!in_hand_->batch.snapshot.empty()) snapshotter_.written(in_hand_->batch.snapshot);
  tell(*in_hand_);
  in_hand_.reset();
  return true;
}

// No batch will take the next step along.
bool Worker::is_snapshot_alone() const {
  if (driver_ == nullptr || !snapshotter_.has_step()) return false;
  return intake_.size() == 0 || careful_.on() || snapshotter_.retains();
}

void Worker::take_snapshot(const std::stop_token& stop) {
  if (!settle(stop)) return;
  if (auto done = snapshotter_.step(*driver_); !done) {
    base::log(base::LogLevel::kWarning, "no snapshot could be taken; the log is whole without it",
              {{"error", done.error().message}});
  }
}

void Worker::complain(const base::Error& error) {
  // Anything but a disk that is away means that what the engine did cannot be kept: stop, and be
  // recovered from what is durable.
  if (error.code != base::Code::kUnavailable) {
    base::log(base::LogLevel::kError, "the store refuses a batch", {{"error", error.message}});
  }
  PATUH_ASSERT(error.code == base::Code::kUnavailable);
  state_.trouble = "the store cannot write: " + error.message;
  base::log(base::LogLevel::kError, "intake stands still: the store cannot write",
            {{"error", error.message}});
  publish_trouble();
}

void Worker::tell(InHand& done) {
  state_.trouble.clear();
  count(done);
  if (!done.batch.offsets.empty()) {
    for (const store::OffsetRow& row : done.batch.offsets) {
      offsets_now_[{row.channel, row.topic, row.partition}] = row.next;
    }
    offsets_.store(std::make_shared<const Offsets>(offsets_now_));
  }
  if (!done.batch.outbox.empty()) on_outbox_();
  // Before the answer, so that whoever gets it and looks sees what was written.
  if (done.outlook) publish(std::move(*done.outlook));
  answer(done, done.receipts);
}

void Worker::count(const InHand& done) {
  ++state_.batches;
  for (const store::Quarantined& row : done.batch.quarantined) ++state_.set_aside[row.reason];
  for (const model::Transition& row : done.batch.transitions) {
    ++state_.transitions[std::string(model::name_of(row.to))];
  }
  for (const store::AlertRow& row : done.batch.alerts) {
    ++(row.phase == store::Phase::kFiring ? state_.alerts_fired : state_.alerts_resolved);
  }
  for (const decode::Receipt& receipt : done.receipts) {
    ++state_.taken[std::string(decode::name_of(receipt.taken))];
  }
}

bool Worker::is_publishing_due() const {
  return Steady::now() - published_ >= kPublishEvery || intake_.size() == 0;
}

void Worker::publish(Outlook outlook) {
  published_ = Steady::now();
  auto view = std::make_shared<View>(state_);
  put(std::move(outlook), *view);
  view->wall = options_.wall->now();
  view->careful = careful_.on();
  view->now = store_->tail().now;
  view->book = book_;
  view->store = store_->stats();
  view->tail = store_->tail();
  view->chain = store_->chain_head();
  view->store_id = store_->store_id();
  view->snapshots = snapshotter_.stats();
  view->queue_length = intake_.size();
  view->queue_capacity = intake_.capacity();
  view_.store(std::move(view));
}

// The engine is ahead of the disk: all but the trouble stays as it was shown last.
void Worker::publish_trouble() {
  auto view = std::make_shared<View>(*view_.load());
  view->wall = options_.wall->now();
  view->trouble = state_.trouble;
  view->clock_jump = state_.clock_jump;
  view->store = store_->stats();
  view->queue_length = intake_.size();
  view_.store(std::move(view));
}

}  // namespace patuh::pipeline
