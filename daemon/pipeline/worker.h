// The pipeline's thread: gathers deliveries, judges and hands over batches, answers tasks. Private
// to pipeline.
//
// While the writer makes one batch durable, the next ones are judged: a few, since the disk takes
// its time now and then.
//
//   gather ─► read ─► judge ─► hand_over ─► (the writer's thread) ─► settle ─► tell
//
// The engine is then ahead of the disk, so whatever shows its state to anybody waits for settle()
// first: tasks, other records, the view.
#pragma once

#include <array>
#include <deque>
#include <tuple>

#include "pipeline/careful.h"
#include "pipeline/clock_watch.h"
#include "pipeline/driver.h"
#include "pipeline/recovery.h"
#include "pipeline/rows.h"
#include "pipeline/view.h"
#include "pipeline/writer.h"

namespace patuh::pipeline {

// A batch from its deliveries to the disk, and what follows once it is there.
struct InHand {
  store::Batch batch{};
  std::vector<decode::Delivery> deliveries{};  // wait for their receipts
  std::vector<decode::Receipt> receipts{};     // one an item, in the deliveries' order
  std::vector<std::size_t> receipt_of{};       // of each event of the record: its receipt's place
  std::vector<std::string_view> bytes{};       // likewise: as it came, within the deliveries
  std::size_t size = 0;                        // of `bytes` together
  std::optional<Outlook> outlook{};            // to be published
};

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
  base::Status clock_accept(const Action& action);
  base::Status erase(const std::vector<store::EventPlace>& events, const Action& action);
  base::Status note(const Action& action);
  base::Status baseline(const Action& action);
  base::Status compact();

 private:
  std::vector<decode::Delivery> gather(const std::stop_token& stop);
  std::chrono::milliseconds patience() const;
  void run_tasks();
  void pass_time(const std::stop_token& stop);
  base::Instant wall_now();
  bool judge_what_waits(base::Instant now);
  ClockMode clock() const { return driver_ ? driver_->clock() : options_.clock; }

  // ── With care: worker_careful.cpp ──
  void begin_run();
  void end_run();
  void note_on_the_way(std::size_t inputs, const std::stop_token& stop);
  bool is_to_take_care(std::span<const decode::Delivery> deliveries) const;
  bool clock_holds_up();
  void wait_for_clock();
  base::Status write_action(const Action& action, std::vector<store::EventPlace> erased);
  void take_carefully(std::vector<decode::Delivery> deliveries, const std::stop_token& stop);
  void take_one(decode::Delivery one, const std::stop_token& stop);
  void skip_input(std::vector<decode::Delivery> alone, const std::stop_token& stop);

  // ── Events: worker_events.cpp ──
  void take_events(std::vector<decode::Delivery> deliveries, const std::stop_token& stop);
  base::Instant now_for(std::span<const decode::Delivery> deliveries);
  std::vector<model::ChangeEvent> read(InHand& next, base::Instant now);
  void read_item(decode::Item& item, decode::Change* change, base::Instant now, InHand& next,
                 std::vector<model::ChangeEvent>& events);
  bool is_ahead(base::Instant time) const;
  base::Instant first_time_of(std::span<const decode::Delivery> deliveries) const;
  model::Decoded<model::ChangeEvent> admit(model::Envelope& envelope, decode::Change* change,
                                           base::Instant now);
  void judge(InHand& next, std::span<const model::ChangeEvent> events, base::Instant now);

  // ── Writing: worker_writing.cpp ──
  // The first records of an empty store, and a book that is not the log's.
  void begin_log(base::Instant now, const std::stop_token& stop);
  // Begins to write, once there is room among what is on its way. False when stopped before: the
  // batch is given back.
  bool hand_over(InHand next, const std::stop_token& stop);
  void outline(store::Batch& batch);
  // Waits until nothing is on its way to the disk, then tells whom it concerns. Keeps trying while
  // the disk is away; false when stopped before, for good.
  bool settle(const std::stop_token& stop);
  // Tells of what is durable by now; waits until something is while there is no room for `size`
  // bytes more. As settle() else.
  bool make_room(std::size_t size, const std::stop_token& stop);
  bool has_room(std::size_t size) const;
  // The oldest batch was taken, or is tried again until it is. False when stopped before.
  bool take_written(Written written, const std::stop_token& stop);
  void give_up();
  StoreState store_state() const;
  bool is_snapshot_alone() const;
  // A step of a snapshot in a transaction of its own.
  void take_snapshot(const std::stop_token& stop);
  // Both: durable when it returns true.
  bool write(store::Batch batch, const std::stop_token& stop);
  void complain(const base::Error& error);
  void tell(InHand& done);
  void count(const InHand& done);
  bool is_publishing_due() const;
  void publish(Outlook outlook);
  void publish_now() { publish(outlook_of(engine(), clock())); }
  void publish_trouble();

  std::unique_ptr<store::Store> store_;
  std::shared_ptr<const rulebook::RuleBook> book_;  // the one to judge by
  Options options_;
  std::unique_ptr<Driver> driver_;
  Careful careful_;
  ClockWatch clock_watch_;
  decode::Intake intake_;
  struct Waiting {
    Task task;
    std::shared_ptr<std::promise<base::Status>> done;
  };
  base::Queue<Waiting> tasks_{256};
  Snapshotter snapshotter_;
  Outliner outliner_;
  std::deque<InHand> in_hand_;  // on their way to the disk, the oldest first
  std::size_t in_hand_bytes_ = 0;
  StoreState durable_;      // behind the batch that was settled last
  LogCounts log_counts_{};  // of the log, with what is on its way
  // The engine has judged what was never written: nothing more may be.
  bool adrift_ = false;
  base::Instant last_now_ = store::kAlways;  // of the newest record, durable or on its way
  // The time given to the last event that came without one: of two the later is the newer version.
  base::Instant given_ = store::kAlways;
  Offsets offsets_now_;  // durable
  base::Published<Offsets> offsets_;
  base::Published<View> view_;
  View state_;  // the next view's counters
  std::chrono::steady_clock::time_point published_{};
  std::chrono::steady_clock::time_point last_input_{};
  bool idle_done_ = false;
  std::stop_token stop_;
  std::function<void()> on_outbox_ = [] {};
  std::function<void()> on_beat_ = [] {};
  Writer writer_;  // last: it ends before the store does
};

}  // namespace patuh::pipeline
