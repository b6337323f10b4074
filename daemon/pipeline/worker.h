// The pipeline's thread: gathers deliveries, applies and writes batches, answers tasks. Private to
// pipeline.
#pragma once

#include <tuple>

#include "pipeline/driver.h"
#include "pipeline/recovery.h"
#include "pipeline/rows.h"

namespace patuh::pipeline {

class Worker {
 public:
  using Task = std::function<base::Status(Worker&)>;
  using Offsets = std::map<std::tuple<std::string, std::string, std::int32_t>, std::int64_t>;

  Worker(std::unique_ptr<store::Store> store, std::shared_ptr<const rulebook::RuleBook> book,
         Options options, Recovered recovered);

  // Reads what is durable; before run().
  base::Status prepare();
  void run(const std::stop_token& stop);

  // ── From any thread ──
  decode::Intake& intake() { return intake_; }
  const base::Published<Offsets>& offsets() const { return offsets_; }
  std::shared_ptr<const View> view() const { return view_.load(); }
  // Runs on the worker's thread; kUnavailable when it does not come to it within `wait`.
  base::Status run_task(Task task, std::chrono::milliseconds wait);
  // Before run().
  void on_outbox(std::function<void()> notify) { on_outbox_ = std::move(notify); }
  void on_beat(std::function<void()> notify) { on_beat_ = std::move(notify); }

  // ── On the worker's thread, from tasks ──
  const engine::Engine* engine() const { return driver_ ? &driver_->engine() : nullptr; }
  store::Store& store() { return *store_; }
  base::Status activate(std::shared_ptr<const rulebook::RuleBook> book, const Action& action);
  base::Status clock_wall(const Action& action);

 private:
  std::vector<decode::Delivery> gather(const std::stop_token& stop);
  std::chrono::milliseconds patience() const;
  void run_tasks();
  void write_events(std::vector<decode::Delivery> deliveries, const std::stop_token& stop);
  void pass_time(const std::stop_token& stop);

  // The first records of an empty store, and a book that is not the log's.
  void begin_log(base::Instant now, const std::stop_token& stop);
  base::Instant wall_now();
  base::Instant first_now(std::span<const decode::Delivery> deliveries) const;
  model::Decoded<model::ChangeEvent> admit(model::Envelope& envelope, base::Instant now) const;
  // Durable when it returns true; false when stopped before. Keeps trying while the disk is away.
  bool append(const store::Batch& batch, const std::stop_token& stop);
  void count(const store::Batch& batch);
  void publish(bool always);

  std::unique_ptr<store::Store> store_;
  std::shared_ptr<const rulebook::RuleBook> book_;  // the one to judge by
  Options options_;
  std::unique_ptr<Driver> driver_;
  decode::Intake intake_;
  struct Waiting {
    Task task;
    std::shared_ptr<std::promise<base::Status>> done;
  };
  base::Queue<Waiting> tasks_{256};
  Offsets offsets_now_;
  base::Published<Offsets> offsets_;
  base::Published<View> view_;
  View state_;  // the next view's counters
  std::chrono::steady_clock::time_point published_{};
  std::chrono::steady_clock::time_point last_input_{};
  bool idle_done_ = false;
  std::stop_token stop_;
  std::function<void()> on_outbox_ = [] {};
  std::function<void()> on_beat_ = [] {};
};

}  // namespace patuh::pipeline
