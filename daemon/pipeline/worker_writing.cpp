// From a judged batch to the disk, and what may be told once it is there.
#include <algorithm>

#include "pipeline/worker.h"

namespace patuh::pipeline {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kPublishEvery{200};  // while input waits; a view costs a millisecond or two
constexpr milliseconds kRetryMost{5000};
constexpr milliseconds kWait{10'000};  // any: waiting goes on afterwards
constexpr std::size_t kInHandBytesMost = std::size_t{64} << 20;

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
  if (!make_room(next.size, stop)) {
    answer(next, {});
    return false;
  }
  last_now_ = next.batch.record.now;
  log_counts_.events += next.batch.record.events.size();
  log_counts_.set_aside += next.batch.quarantined.size();
  if (driver_ != nullptr) outline(next.batch);
  snapshotter_.note(next.batch);
  in_hand_bytes_ += next.size;
  in_hand_.push_back(std::move(next));
  InHand& batch = in_hand_.back();
  const bool due = is_publishing_due();
  if (due) published_ = Steady::now();  // the batches behind it need not bring one along
  writer_.start(batch.batch);
  if (due) batch.outlook = outlook_of(engine(), clock());
  return true;
}

void Worker::outline(store::Batch& batch) {
  batch.outlines.push_back(
      outliner_.behind(driver_->engine(), driver_->clock(), batch.record.now, log_counts_));
}

StoreState Worker::store_state() const { return in_hand_.empty() ? state_of(*store_) : durable_; }

bool Worker::has_room(std::size_t size) const {
  return in_hand_.size() < Writer::kBatchesMost &&
         (in_hand_.empty() || in_hand_bytes_ + size <= kInHandBytesMost);
}

bool Worker::make_room(std::size_t size, const std::stop_token& stop) {
  while (!in_hand_.empty()) {
    auto written = writer_.finish(has_room(size) ? milliseconds(0) : kWait);
    if (!written && has_room(size)) break;
    if (written && !take_written(std::move(*written), stop)) return false;
  }
  return !adrift_;
}

bool Worker::settle(const std::stop_token& stop) {
  while (!in_hand_.empty()) {
    auto written = writer_.finish(kWait);
    if (written && !take_written(std::move(*written), stop)) return false;
  }
  return !adrift_;
}

bool Worker::take_written(Written written, const std::stop_token& stop) {
  milliseconds wait = options_.retry_first;
  while (!written.seq) {
    durable_ = written.behind;
    complain(written.seq.error());
    on_beat_();
    if (stop.stop_requested()) {
      give_up();
      return false;
    }
    std::this_thread::sleep_for(wait);
    wait = std::min(wait * 2, kRetryMost);
    writer_.again();
    std::optional<Written> next;
    while (!next) next = writer_.finish(kWait);
    written = std::move(*next);
  }
  durable_ = std::move(written.behind);
  InHand& done = in_hand_.front();
  if (!done.batch.snapshot.empty()) snapshotter_.written(done.batch.snapshot, durable_);
  tell(done);
  in_hand_bytes_ -= done.size;
  in_hand_.pop_front();
  return true;
}

void Worker::give_up() {
  adrift_ = true;
  writer_.give_up();
  for (InHand& batch : in_hand_) answer(batch, {});
  in_hand_.clear();
  in_hand_bytes_ = 0;
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
  std::map<model::VerdictState, std::uint64_t> turned;
  for (const model::Transition& row : done.batch.transitions) ++turned[row.to];
  for (const auto& [to, count] : turned) {
    state_.transitions[std::string(model::name_of(to))] += count;
  }
  for (const store::AlertRow& row : done.batch.alerts) {
    ++(row.phase == store::Phase::kFiring ? state_.alerts_fired : state_.alerts_resolved);
  }
  std::map<decode::Taken, std::uint64_t> taken;
  for (const decode::Receipt& receipt : done.receipts) ++taken[receipt.taken];
  for (const auto& [what, count] : taken) state_.taken[std::string(decode::name_of(what))] += count;
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
  const StoreState store = store_state();
  view->now = store.tail.now;
  view->book = book_;
  view->store = store.stats;
  view->tail = store.tail;
  view->chain = store.head;
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
  view->store = store_state().stats;
  view->queue_length = intake_.size();
  view_.store(std::move(view));
}

}  // namespace patuh::pipeline
