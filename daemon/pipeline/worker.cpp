#include "pipeline/worker.h"

#include <sys/prctl.h>

#include <algorithm>

namespace patuh::pipeline {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kPatience{100};  // between looks at the time when nothing comes
constexpr std::chrono::seconds kIdleAfter{1};
constexpr std::size_t kSlicesAtOnce = 16;  // of judging, for which intake may wait

void give_back(std::vector<decode::Delivery> deliveries) {
  for (decode::Delivery& left : deliveries) {
    if (left.done) left.done({});
  }
}

}  // namespace

Worker::Worker(std::unique_ptr<store::Store> store, std::shared_ptr<const rulebook::RuleBook> book,
               Options options, Recovered recovered)
    : store_(std::move(store)),
      book_(std::move(book)),
      options_(std::move(options)),
      driver_(std::move(recovered.driver)),
      // What waits for the disk, and what is being judged.
      careful_(
          options_.careful_inputs.value_or((Writer::kBatchesMost + 1) * options_.batch_events)),
      clock_watch_(options_.jump_max, options_.jump_stays),
      intake_(options_.queue_deliveries),
      snapshotter_(*store_, options_.snapshots, std::move(recovered.snapshot), recovered.tail,
                   driver_.get()),
      writer_(*store_) {
  state_.replay_disagreements = recovered.disagreements;
}

base::Status Worker::prepare() {
  auto rows = store_->read().offsets();
  if (!rows) return base::fail(rows, "reading offsets");
  for (const store::OffsetRow& row : *rows) {
    offsets_now_[{row.channel, row.topic, row.partition}] = row.next;
  }
  offsets_.store(std::make_shared<const Offsets>(offsets_now_));
  last_now_ = store_->tail().now;
  const store::Stats stats = store_->stats();
  log_counts_ = {.events = stats.log_events, .set_aside = stats.log_quarantined};
  if (driver_ && driver_->clock() == ClockMode::kWall && options_.clock == ClockMode::kEvent) {
    return base::fail(base::Code::kConflict,
                      "event clock works only before a store's first wall-time record; start "
                      "without it, or on an empty data folder");
  }
  publish_now();
  return {};
}

void Worker::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "pipeline");
  stop_ = stop;
  last_input_ = Steady::now();
  begin_run();
  while (!stop.stop_requested()) {
    run_tasks();
    if (clock_holds_up()) {
      wait_for_clock();
      continue;
    }
    std::vector<decode::Delivery> deliveries = gather(stop);
    if (deliveries.empty()) {
      pass_time(stop);
    } else if (is_to_take_care(deliveries)) {
      take_carefully(std::move(deliveries), stop);
    } else {
      take_events(std::move(deliveries), stop);
    }
    // Nobody waits for an answer longer than the disk needs.
    if (intake_.size() == 0) static_cast<void>(settle(stop));
    if (is_snapshot_alone()) take_snapshot(stop);
    if (in_hand_.empty() && is_publishing_due()) publish_now();
    on_beat_();
  }
  static_cast<void>(settle(stop));
  end_run();
  // What was taken in but not written is the sender's still: nobody is told otherwise.
  give_back(intake_.pop_some(intake_.capacity(), milliseconds(0)));
  tasks_.close();
  run_tasks();
  if (!adrift_) publish_now();
}

milliseconds Worker::patience() const {
  if (snapshotter_.has_step()) return milliseconds(0);
  if (driver_ == nullptr || driver_->clock() == ClockMode::kEvent) return kPatience;
  const base::Instant wake = driver_->engine().next_wake();
  if (wake == base::kNever) return kPatience;
  const auto left = std::chrono::ceil<milliseconds>(wake - options_.wall->now());
  return std::clamp(left, milliseconds(0), kPatience);
}

std::vector<decode::Delivery> Worker::gather(const std::stop_token& stop) {
  std::vector<decode::Delivery> out;
  std::size_t events = 0;
  milliseconds wait = patience();
  const std::size_t most = std::min(options_.batch_events, snapshotter_.batch_most());
  while (events < most) {
    auto next = intake_.pop_some(1, wait, stop);
    if (next.empty()) break;
    wait = milliseconds(0);
    events += next.front().items.size();
    // A delivery of nothing only woke this thread.
    if (!next.front().items.empty() || next.front().done || !next.front().next.empty()) {
      out.push_back(std::move(next.front()));
    } else if (out.empty()) {
      break;
    }
  }
  return out;
}

base::Status Worker::run_task(Task task, milliseconds wait) {
  auto done = std::make_shared<std::promise<base::Status>>();
  std::future<base::Status> answer = done->get_future();
  Waiting waiting{std::move(task), done};
  if (!tasks_.try_push(waiting)) {
    return base::fail(base::Code::kUnavailable, "the pipeline is busy or has stopped");
  }
  decode::Delivery nudge;
  static_cast<void>(intake_.try_push(nudge));  // a full queue keeps the worker awake anyway
  if (answer.wait_for(wait) != std::future_status::ready) {
    return base::fail(base::Code::kUnavailable, "the pipeline did not answer in time");
  }
  return answer.get();
}

void Worker::run_tasks() {
  auto waiting = tasks_.pop_some(tasks_.capacity(), milliseconds(0));
  // A task sees, and tells, what is durable.
  if (!waiting.empty()) static_cast<void>(settle(stop_));
  for (Waiting& each : waiting) each.done->set_value(each.task(*this));
}

void Worker::pass_time(const std::stop_token& stop) {
  if (driver_ == nullptr || !settle(stop)) return;
  if (!idle_done_ && Steady::now() - last_input_ > kIdleAfter) {
    idle_done_ = store_->idle().has_value();
  }
  if (driver_->clock() == ClockMode::kEvent) return;
  const bool book_waits = book_->hash != driver_->engine().book().hash;
  const base::Instant now = wall_now();
  if (book_waits) begin_log(now, stop);
  if (driver_->engine().next_wake() > now) return;
  store::Batch batch;
  batch.record.kind = store::RecordKind::kTimeStep;
  batch.record.now = now;
  add_rows(driver_->time_step(now), options_.sinks, batch);
  static_cast<void>(write(std::move(batch), stop));  // false only when stopping
}

base::Instant Worker::wall_now() {
  base::Instant wall = options_.wall->now();
  clock_watch_.look(wall, ClockWatch::passed_now());
  // After a leap that came while input was awaited: the time as it was expected. From the next
  // round on intake stands still.
  wall -= clock_watch_.jump();
  if (wall < last_now_) ++state_.clock_behind;
  return std::max(wall, last_now_);
}

base::Status Worker::activate(std::shared_ptr<const rulebook::RuleBook> book,
                              const Action& action) {
  book_ = std::move(book);
  if (driver_ == nullptr) return {};
  const base::Instant now = driver_->clock() == ClockMode::kEvent ? driver_->now() : wall_now();
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now = now;
  batch.record.payload = encode_action(action);
  if (!write(std::move(batch), stop_)) {
    return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  }
  begin_log(now, stop_);
  publish_now();
  return {};
}

base::Status Worker::clock_wall(const Action& action) {
  if (driver_ == nullptr) {
    options_.clock = ClockMode::kWall;
    return {};
  }
  if (driver_->clock() == ClockMode::kWall) {
    return base::fail(base::Code::kConflict, "the store runs on wall time already");
  }
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now = std::max(options_.wall->now(), driver_->now());
  batch.record.payload = encode_action(action);
  add_rows(driver_->clock_wall(batch.record.now), options_.sinks, batch);
  if (!write(std::move(batch), stop_)) {
    return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  }
  publish_now();
  return {};
}

// Everything so far is before it, and nothing that comes: its time is its own.
base::Status Worker::baseline(const Action& action) {
  if (driver_ == nullptr) {
    return base::fail(base::Code::kConflict, "the log is empty: there is nothing to inherit");
  }
  const bool stands = action.detail == kDraw;
  if (!stands && driver_->engine().baseline() == base::Instant::min()) {
    return base::fail(base::Code::kConflict, "no baseline stands");
  }
  const base::Instant before =
      std::max(last_now_, clock() == ClockMode::kEvent ? driver_->now() : wall_now());
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now = before + base::Duration(1);
  batch.record.payload = encode_action(action);
  begin_log(before, stop_);
  const std::uint64_t waiting = driver_->engine().stats().backlog;
  if (clock() == ClockMode::kWall && waiting > kSlicesAtOnce * options_.engine.slice) {
    return base::fail(base::Code::kExhausted, std::to_string(waiting) +
                                                  " pairs wait to be judged: they come first, a "
                                                  "slice with each record; try again later");
  }
  bool done = judge_what_waits(before);
  if (done) {
    add_rows(driver_->baseline(batch.record.now, stands), options_.sinks, batch);
    done = write(std::move(batch), stop_);
  }
  if (!done) return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  publish_now();
  return {};
}

base::Status Worker::compact() {
  auto done = store_->compact(on_beat_);
  publish_now();
  return done;
}

// What is due by `now`, and what was put off. False when stopped before.
bool Worker::judge_what_waits(base::Instant now) {
  while (!adrift_ && driver_->engine().next_wake() <= now) {
    store::Batch batch;
    batch.record.kind = store::RecordKind::kTimeStep;
    batch.record.now = now;
    add_rows(driver_->time_step(now), options_.sinks, batch);
    if (!write(std::move(batch), stop_)) return false;
    on_beat_();
  }
  return !adrift_;
}

}  // namespace patuh::pipeline
