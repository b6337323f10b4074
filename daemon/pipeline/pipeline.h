// pipeline: forms batches, calls the engine, writes, and only then tells: log first, tell
// afterwards.
//
//   collectors ─► Intake ─► [ form a batch ─► interpret ─► engine ─► store ] ─► receipts, view,
//   sinks
//                                   one thread owns store, engine and clock
//
// It owns the store, the engine and the order of records. Recovery applies the stored records again
// through the same code that wrote them. It knows no transport and no page.
//
//   auto pipeline = Pipeline::open(std::move(store), book, options);
//   (*pipeline)->start();
//   (*pipeline)->intake().push(std::move(delivery));
//   auto count = (*pipeline)->ask([](const engine::Engine& e) { return e.stats().pairs; });
//
// Threads: open(), start() and stop() on the owner's thread; intake(), ask(), view(), activate()
// and the like from any. What ask() runs, runs on the pipeline's thread between batches: it must be
// short and keep no reference.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/base.h"
#include "collectors/decode/decode.h"
#include "engine/engine.h"
#include "model/model.h"
#include "rulebook/rulebook.h"
#include "sinks/sinks.h"
#include "store/store.h"

namespace patuh::pipeline {

// Event times further ahead of the wall clock are set aside.
inline constexpr base::Duration kFutureMax = std::chrono::minutes(5);

enum class ClockMode : std::uint8_t { kWall, kEvent };
std::string_view name_of(ClockMode mode);  // "wall", "event"

// When snapshots are taken and what is kept behind them.
struct SnapshotOptions {
  // Events and records behind the beginning of the last snapshot at which the next begins; fewer,
  // down to a fifth, where the estate has more elements than that. What recovery must apply again
  // is at most half as many more, however fast input flows, but for a batch. 0: none is taken.
  std::uint64_t tail_events = 0;
  std::size_t keep_months = 24;  // one a month stays, for asking about the past
  base::Duration keep_for{0};    // bodies of older records go; 0: none
  std::uint64_t keep_bytes = 0;  // the oldest bodies go while the database is larger; 0: none
};

struct SnapshotStats {
  std::uint64_t taken = 0, failed = 0;   // since start
  std::uint64_t rows = 0;                // written by the last one
  std::uint64_t tail = 0;                // events and records behind it: what a start would apply
  std::uint64_t longest_tail = 0;        // likewise: the longest that there was since start
  std::uint64_t due_at = 0;              // behind the beginning of one so many bring the next
  std::uint64_t bodies_deleted = 0;      // since start
  double longest_pause_seconds = 0;      // that a slice kept the engine
  double longest_pause_cpu_seconds = 0;  // likewise, of CPU: without waiting for core and disk
  model::Seq seq;                        // of the record that the newest stands behind; 0: none
  base::Instant now = store::kAlways;    // of that record
  bool busy = false;  // one is due or being written, or what it replaces taken away
};

struct Options {
  engine::Options engine;
  SnapshotOptions snapshots;
  ClockMode clock = ClockMode::kWall;  // of an empty store; a store keeps its own
  const base::Clock* wall = &base::system_clock();
  std::size_t batch_events = 1000;
  std::size_t queue_deliveries = 64;
  std::vector<std::string> sinks;  // names of outbox rows' sinks
  // A wall clock that leaps ahead by more than this while the daemon runs stops intake until it has
  // stayed there for jump_stays, or an operator accepts it.
  base::Duration jump_max = std::chrono::hours(1);
  std::chrono::milliseconds jump_stays = std::chrono::minutes(10);
  // After an unclean end so many inputs of a channel are taken one a batch, each marked before, or
  // more when more may have been on their way; nothing: as many as may have been; 0: none.
  std::optional<std::size_t> careful_inputs{};
  // Told of each stage of recovery: records applied so far, and how many there are.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
  // Between a failed commit and the next attempt at the same bytes; it doubles up to 5 s.
  std::chrono::milliseconds retry_first{100};
  // A replay that disagrees with the recorded transitions: true stops with kCorrupt (tests), false
  // counts it, says so and keeps the rows.
  bool stop_at_disagreement = false;
  bool use_snapshots = true;  // false: recovery applies the whole log (tests)
};

// An agency as lists and labels name it.
struct AgencyName {
  std::string id;  // of its element
  std::string name;
  bool owes_domains = false;  // the pack says that it owes elements in the domains
  bool reporting = false;     // it has elements in every domain it owes
};

// By label code; agencies without a code are left out.
std::map<std::string, AgencyName> agencies_of(const engine::Engine& engine);

// Counters since start and the state that pages and metrics show; a new one after each batch.
struct View {
  base::Instant now{};   // of the last record
  base::Instant wall{};  // when this view was made
  ClockMode clock = ClockMode::kWall;
  bool importing = false;  // event clock: nothing is told
  std::string trouble;     // not empty: intake stands still, and why
  std::shared_ptr<const rulebook::RuleBook> book;
  std::shared_ptr<const engine::Tallies> tallies;
  engine::Stats engine;
  store::Stats store;
  store::Tail tail;
  store::ChainHead chain;
  SnapshotStats snapshots;
  std::string store_id;
  std::uint64_t received = 0;  // events, of all channels
  std::uint64_t batches = 0;
  std::map<std::string, std::uint64_t> taken;        // by Taken's name
  std::map<std::string, std::uint64_t> set_aside;    // by reason
  std::map<std::string, std::uint64_t> transitions;  // by resulting state
  std::uint64_t unknown_attributes = 0;
  std::uint64_t alerts_fired = 0, alerts_resolved = 0;
  std::uint64_t replay_disagreements = 0;
  std::uint64_t clock_behind = 0;    // batches at which the wall clock stood behind `now`
  base::Duration clock_behind_by{};  // how far it stands behind `now`; 0: it does not
  base::Duration clock_jump{};       // by how much it leapt ahead, while that holds up intake
  base::Instant baseline = base::Instant::min();  // that stands; min(): none does
  bool careful = false;                           // one event a batch, after an unclean end
  std::uint64_t skipped = 0;  // inputs that were set aside for bringing the daemon down
  double engine_seconds = 0;  // spent interpreting and judging
  std::size_t queue_length = 0, queue_capacity = 0;
  // Of sources the pack knows, by id: when last heard.
  std::map<std::string, base::Instant> last_heard;
  std::map<std::string, AgencyName> agencies;
  std::map<std::string, std::uint64_t> pending;  // pairs in the engine's backlog, by agency code
};

// The engine as it stood at `until`, that instant included, by applying the log again from the
// nearest snapshot before it, or from its beginning; for reports, tests and questions about the
// past. kNotFound when the log, or what is kept of it, begins after it.
struct ReplayOptions {
  engine::Options engine{};
  bool from_the_beginning = false;  // passes snapshots by
  std::function<void(std::uint64_t done, std::uint64_t all)> progress{};
};
base::Result<std::unique_ptr<engine::Engine>> replay(store::Reader& reader, base::Instant until,
                                                     const ReplayOptions& options = {});

// ── The past by the store's indexes, at any instant that is kept ──

// What the whole came to at an instant, as the View of that time showed it.
struct PastView {
  base::Instant at{};  // of the record, under event clock of the event, that it stood behind
  ClockMode clock = ClockMode::kWall;
  std::shared_ptr<const rulebook::RuleBook> book;
  engine::Tallies tallies;
  base::Instant baseline = base::Instant::min();  // min(): there was none
  std::map<std::string, AgencyName> agencies;
  std::uint64_t elements = 0, stubs = 0, pairs = 0, events = 0, set_aside = 0;
};

// A pair as it stood: violating, waived, undetermined; of one element also compliant, when that was
// ever recorded.
struct PastPair {
  const rulebook::Rule* rule = nullptr;  // of the view's book
  store::OpenPair pair;
  base::Instant due = base::kNever;
  bool inherited = false;  // violating since before the baseline that stood
};

// An element by its own events: what others said of it (referrers, the other end's word for a
// relation that has an inverse) and what the engine notes of sources is not there.
struct PastElement {
  std::shared_ptr<const rulebook::RuleBook> book;
  std::shared_ptr<const registry::Registry> registry;  // of this element, and stubs for its ends
  model::ElementRef element;
  std::string agency;  // code
  std::vector<PastPair> pairs;
};

// Rulebooks of the past by their hash, so that one is compiled once; of any threads.
class Books {
 public:
  // Of a pack record's payload.
  base::Result<std::shared_ptr<const rulebook::RuleBook>> of(std::string_view payload);
  void add(std::shared_ptr<const rulebook::RuleBook> book);

 private:
  using Map = std::map<std::string, std::shared_ptr<const rulebook::RuleBook>>;
  base::Published<Map> books_;
};

// Answers by index, in time that does not grow with the estate. Belongs to one thread; the reader
// and the books must outlive it.
class Past {
 public:
  Past(store::Reader& reader, Books& books) : reader_(reader), books_(books) {}

  // The oldest instant that view() and owed_by(), and that element() answer; kNever: none is kept.
  base::Result<base::Instant> oldest() const;
  base::Result<base::Instant> oldest_of_elements();

  // kNotFound before the oldest instant, of both.
  base::Result<PastView> view(base::Instant at);
  // In the order of Engine::owed_by(), but that elements are ordered by their keys; with a rule,
  // what it owed by that one. By a rule and no agency as Reader::open_pairs().
  base::Result<std::vector<PastPair>> owed_by(const PastView& view,
                                              std::optional<std::string_view> agency,
                                              base::Instant at, std::string_view rule = {});
  // Nothing when it was not there, or only as an end of others' relations since the snapshot
  // before.
  base::Result<std::optional<PastElement>> element(const model::ElementKey& key, base::Instant at);

 private:
  base::Result<std::shared_ptr<const rulebook::RuleBook>> book_at(model::Seq seq);
  base::Result<base::Instant> baseline_at(base::Instant at);
  store::Reader& reader_;
  Books& books_;
};

// Reads a snapshot whole: "packed", or "portable" when everything would have to be judged anew.
// kCorrupt says why it cannot be used.
base::Result<std::string_view> check_snapshot(store::Reader& reader,
                                              const store::SnapshotInfo& snapshot);

// An operator's action, a record of the log; a skip (kSkip) is written the same way.
struct Action {
  std::string name;  // "clock", "reload", "redrive", "erase", "baseline", "skip"
  std::string principal;
  std::string reason;
  // Of clock: "event", "wall", "accept"; of erase: "17/0 17/3"; of redrive: ids; of baseline: kDraw
  // or "lift".
  std::string detail;
};
inline constexpr std::string_view kDraw = "draw";

// Of a record of kind kOperatorAction or kSkip; kCorrupt when it is none.
base::Result<Action> decode_action(std::string_view payload);
// "17/0 17/3", as an action's detail names events, and back; kInvalid for another text.
std::string text_of(std::span<const store::EventPlace> events);
base::Result<std::vector<store::EventPlace>> event_places_of(std::string_view text);

// The event as one CloudEvents JSON object, which every collector takes.
std::string structured_form(const model::Envelope& envelope);

// The channel of an input that comes out of quarantine: its offset is the number of the row, its
// topic who asked.
inline constexpr std::string_view kQuarantineChannel = "quarantine";

// Who asked for something, and why.
struct Operator {
  std::string principal;
  std::string reason;
};

// What became of an input that was to be taken once more.
struct Redriven {
  store::QuarantineId id;
  std::string refusal;      // why it was not tried; empty when it was
  decode::Receipt receipt;  // when it was tried
};

class Pipeline {
 public:
  // Recovers from the store's log, then stands ready. With an empty store nothing is written before
  // the first input. A book that differs from the store's last is activated with the next record.
  static base::Result<std::unique_ptr<Pipeline>> open(
      std::unique_ptr<store::Store> store, std::shared_ptr<const rulebook::RuleBook> book,
      Options options);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void start();
  // Takes no more input, finishes the batch in hand, answers what waits, joins.
  void stop();

  decode::Intake& intake();
  // The next offset to read of a partition, from what is durable; nothing when it is new.
  std::optional<std::int64_t> next_offset(const std::string& channel, const std::string& topic,
                                          std::int32_t partition) const;

  // Runs `question` on the pipeline's thread between batches and waits for its answer, at most
  // `wait`: kUnavailable beyond that or when the pipeline has stopped; kNotFound while the log is
  // empty.
  template <class F>
  auto ask(F question, std::chrono::milliseconds wait = std::chrono::seconds(5))
      -> base::Result<std::invoke_result_t<F, const engine::Engine&>>;

  // Switches to another rulebook at one log position.
  base::Status activate(std::shared_ptr<const rulebook::RuleBook> book, Action action);
  // Ends event clock for good: what still fires goes out as a digest per agency.
  base::Status clock_wall(Action action);
  // Takes a leap of the wall clock for right: intake goes on. kConflict when none holds it up.
  base::Status clock_accept(Action action);
  // Draws a baseline (detail kDraw) or lifts the one that stands: what violates by now is inherited
  // from now on, counted and reported so, its alerts are resolved and none fires until the
  // violation has ended and begun anew. What waits to be judged is judged first, a big
  // backlog between other work; kUnavailable when that takes very long. kConflict when the log is
  // empty, or nothing is to be lifted.
  base::Status baseline(Action action);
  // Gives room that was deleted back to the disk. Intake waits for it, which takes long.
  base::Status compact();
  // Erases the bodies of events for good; their digests stay, and the action is a record. kNotFound
  // when one is not there or is erased already: then nothing is done.
  base::Status erase(std::vector<store::EventPlace> events, Action action);
  // Removes delivered outbox rows, or notes their failure; durable before it returns.
  base::Status outbox_delivered(std::vector<store::OutboxId> ids);
  base::Status outbox_failed(std::vector<store::OutboxId> ids, base::Instant next_attempt);

  // Takes inputs that were set aside once more, as if they came now, and answers after that is
  // durable. The rows are marked in the same transaction; what is set aside again is a new row. Not
  // tried is what is not there, was re-driven already, or is not kept whole. kUnavailable when the
  // intake is full or the pipeline does not answer within `wait`.
  base::Result<std::vector<Redriven>> redrive(
      const std::vector<store::QuarantineId>& ids, const Operator& by,
      const decode::Limits& limits = {}, std::chrono::milliseconds wait = std::chrono::seconds(30));
  // Writes an action that changes nothing in the engine.
  base::Status note(Action action);

  std::shared_ptr<const View> view() const;
  // Called on the pipeline's thread when outbox rows were committed.
  void on_outbox(std::function<void()> notify);
  // Called about once a batch, for watchdogs; on the pipeline's thread.
  void on_beat(std::function<void()> notify);

 private:
  struct Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  base::Status run_inside(std::function<void(const engine::Engine&)> work,
                          std::chrono::milliseconds wait);
  std::unique_ptr<Impl> impl_;
};

template <class F>
auto Pipeline::ask(F question, std::chrono::milliseconds wait)
    -> base::Result<std::invoke_result_t<F, const engine::Engine&>> {
  using Answer = std::invoke_result_t<F, const engine::Engine&>;
  // Shared with the work, which may run after the caller gave up.
  auto answer = std::make_shared<std::optional<Answer>>();
  auto status =
      run_inside([answer, question = std::move(question)](
                     const engine::Engine& engine) mutable { answer->emplace(question(engine)); },
                 wait);
  if (!status) return std::unexpected(status.error());
  std::optional<Answer>& given = *answer;
  PATUH_ASSERT(given.has_value());
  return std::move(*given);
}

}  // namespace patuh::pipeline
