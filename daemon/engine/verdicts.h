// Every verdict and every alert state, and how they move. Private to engine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/backlog.h"
#include "engine/counts.h"
#include "engine/engine.h"
#include "engine/history.h"
#include "engine/judge.h"
#include "engine/layouts.h"
#include "engine/pairs.h"
#include "engine/pending.h"
#include "engine/reads.h"
#include "engine/render.h"
#include "engine/runs.h"
#include "engine/seats.h"
#include "engine/self_reads.h"
#include "engine/timers.h"

namespace patuh::engine {

inline constexpr std::string_view kBaseline = "baseline";  // the type of a moment's cause

// What makes verdicts move, and when.
struct Moment {
  base::Instant at;        // when it became so
  base::Instant recorded;  // the record's `now`
  std::string_view cause_source;
  std::string_view cause_id;
  std::string_view cause_type;
  StepResult* out = nullptr;
  // What an alert names as its cause.
  std::string_view cause() const {
    return cause_type == "time" || cause_type == "pack" ? cause_type : cause_id;
  }
};

// What another book moves.
enum class Switch : std::uint8_t {
  kRules,       // the schema says the same
  kInPlace,     // it says something else, and what is held stands: all is judged again
  kEverything,  // elements and pairs are made anew, and all is judged again
};

// What is made anew with a book, or handed on from one to the next.
struct UnderBook {
  struct Beside {
    const registry::Registry& registry;
    const Seats& seats;
    Runs& runs;
    const Timers& timers;
  };
  UnderBook(std::shared_ptr<const rulebook::RuleBook> the_book, const Beside& beside,
            const Judge::Limits& limits);
  std::shared_ptr<const rulebook::RuleBook> book;
  SelfReads self_reads;
  History history;
  Judge judge;
  Renderer renderer;
  PairTable pairs;
  Counts counts;
};

class Verdicts {
 public:
  // `registry` must outlive it and stay where it is.
  Verdicts(std::shared_ptr<const rulebook::RuleBook> book, const registry::Registry& registry,
           const Options& options);

  // Before a record that may change this element; nothing: nothing was changed by it yet.
  void look_before(std::optional<model::ElementRef> element);
  bool keeps_past() const { return !now_->history.is_empty(); }
  // Hints, which change nothing: this element may change or be saved next. First, some time before,
  // what says where all else is.
  void expect_row(model::ElementRef element) const { now_->pairs.expect(element); }
  void expect(model::ElementRef element) const;
  // Takes in what changed: closes the pairs of removed elements at once, and remembers which pairs
  // judge_waiting() must judge. To be called before the registry changes again.
  void absorb(const registry::Delta& delta, const Moment& moment);
  // Judges what absorb() found, by rule, then element: a slice of it at once, the rest is put off.
  void judge_waiting(const Moment& moment);
  // Judges a slice of what was put off, in its order. To be called once a record.
  void work_off(const Moment& moment);
  // What is violating and began before `baseline` is inherited from now on, nothing else.
  void set_baseline(base::Instant baseline, const Moment& moment);
  base::Instant baseline() const { return baseline_; }
  // Before rows are loaded.
  void load_baseline(base::Instant baseline) { baseline_ = baseline; }
  bool has_backlog() const { return !backlog_.empty(); }
  // Wakes, in order, every pair whose instant has come up to `now`, each at its own instant.
  void wake_until(base::Instant now, StepResult& out);

  // Before the registry takes another schema under which everything must be judged again: what
  // waits to be closed is closed, and so are the pairs of rules that `next` no longer has.
  void leave_schema(const rulebook::RuleBook& next, const Moment& moment);
  // Takes another book, whose schema the registry has by now. Pairs of rules that came, went or are
  // others wait to be looked at; a slice of them is at once. Of another schema all pairs do, and
  // elements that the registry no longer has are closed.
  void switch_to(std::shared_ptr<const rulebook::RuleBook> next, Switch what, const Moment& moment);

  const std::shared_ptr<const rulebook::RuleBook>& book() const { return now_->book; }
  base::Instant next_wake() const { return timers_.next(); }
  // The number must be one of the book's.
  PairRef ref_of(model::RuleId number, model::ElementRef element) const {
    return {seats_.of(number), element};
  }
  // Nothing when the pair is not held, its rule is of another kind or withdrawn.
  std::optional<Pair> find(const PairRef& pair) const;
  bool has(const PairRef& pair) const;  // find() finds it
  bool is_pending(const PairRef& ref, const Sort& pair) const {
    return pair.put_off || seats_.is_stale(ref.seat, pair);
  }
  // It will be judged whatever happens: what it read, and when it could turn, says nothing.
  bool is_due(const PairRef& ref, const Sort& pair) const {
    return pair.put_off || seats_.is_outdated(ref.seat, pair);
  }
  Verdict view(const PairRef& pair) const;
  std::span<const Seat> rules_of(model::ElementRef element) const;
  // Of the agencies of this code, in no particular order; shadow rules are left out.
  std::vector<Verdict> owed_by(std::string_view code) const;
  const Counts& counts() const { return now_->counts; }
  std::map<std::string, std::uint64_t> pending() const;
  TallyChanges take_tally_changes() { return now_->counts.take_changes(); }
  // Says how the pairs stand of elements that moved to another agency within this step: those that
  // are open or may have been before it.
  void restate_moved(base::Instant now, StepResult& out);
  Explanation explain(const PairRef& pair, base::Instant now);
  void add_to(Stats& stats) const;
  std::uint64_t applicable() const { return applicable_; }
  void for_each_firing(const std::function<void(const alerts::Notice&)>& visit) const;

  // ── Snapshots: save.cpp and load.cpp ──
  void save_head(base::Encoder& out) const;
  void save_packed_head(base::Encoder& out) const;
  void save(model::ElementRef element, base::Encoder& out, base::Encoder& packed) const;
  bool load_head(base::Decoder& in);
  bool load_packed_head(base::Decoder& in);
  // `packed` may be null: load_end() then judges.
  bool load(model::ElementRef element, base::Decoder& in, base::Decoder* packed);
  // Once the registry is whole. `judge_at` when nothing was packed.
  bool load_end(std::optional<base::Instant> judge_at);

 private:
  // Withdrawn ones too.
  std::span<const Seat> all_rules_of(model::ElementRef element) const;
  const rulebook::Rule& rule(const PairRef& ref) const { return *seats_.rule(ref.seat); }
  bool is_withdrawn(const PairRef& ref) const { return seats_.rule(ref.seat) == nullptr; }
  const Version& version(const PairRef& ref, const Sort& pair) const {
    return seats_.version(ref.seat, pair.epoch);
  }
  void add_owed(model::ElementRef element, std::vector<Verdict>& out) const;
  SmallestChange smallest_change(const PairRef& pair, model::VerdictState state, base::Instant now);
  std::string reason_told(const PairRef& ref, const Judgement& judgement,
                          model::Language language) const;
  std::string_view code_of_agency(model::ElementRef agency) const;
  std::uint32_t agency_number(model::ElementRef element);

  void add_element(model::ElementRef element);
  void remove_element(model::ElementRef element, const Moment& moment);
  void postpone(const PairRef& ref, const Moment& moment);
  void mark_put_off();
  void enlist_all(model::ElementRef element);
  void enlist_readers(const registry::Key& key);
  void bring_forward(model::ElementRef element);
  void follow_agency(const registry::Key& key);
  void move_agency(model::ElementRef element);
  void set_code(model::ElementRef agency);
  void hold(model::ElementRef element, int by);
  void count_pending(const PairRef& ref, int by) {
    if (!is_withdrawn(ref)) pending_.add(now_->pairs.agency(ref.element), ref.seat, by);
  }

  void expect_after(std::size_t at) const;

  // What a record may look at of what waits.
  struct Slice {
    std::size_t pairs = 0;
    std::size_t places = 0;  // of elements, in search of pairs
  };
  Slice slice() const { return {options_.slice, options_.slice * kPlacesPerPair}; }
  void take_next(const Moment& moment);
  void sweep(Backlog::Cause& cause, const Moment& moment, Slice& left);
  void look_again(const PairRef& ref, const Moment& moment);
  void close_withdrawn(const PairRef& ref, const Moment& moment);
  void catch_up(const PairRef& ref, Pair& pair);
  void end_sweep(Seat seat);

  // One pair.
  void note_reads(const PairRef& ref, Pair& pair, std::span<const registry::Key> reads);
  void judge(const PairRef& pair, const Moment& moment);
  void set_next(Pair& pair, base::Instant at);
  void settle(const PairRef& ref, Pair& pair, const Judgement& judgement, const Moment& moment);
  void change(const PairRef& ref, Pair& pair, const Judgement& judgement, const Moment& moment);
  void keep_episode(const PairRef& ref, Pair& pair, const Judgement& judgement,
                    const Moment& moment);
  void keep_gap(const PairRef& ref, Pair& pair, const Moment& moment);
  void close(const PairRef& ref, Pair& pair, model::Closing closing, const Moment& moment);
  void forget(const PairRef& ref, Pair& pair);
  void refresh(const PairRef& ref, Pair& pair, const Moment& moment);
  bool is_over(const Pair& pair) const;
  void count_as(const PairRef& ref, Pair& pair, bool is_overdue, bool is_inherited);
  bool began_before_baseline(const Pair& pair) const;
  void advance_alert(const PairRef& ref, Pair& pair, const Moment& moment);
  void set_timer(const PairRef& ref, Pair& pair);
  alerts::Input alert_input(const PairRef& ref, const Pair& pair) const;
  base::Instant due(const PairRef& ref, const Pair& pair) const;
  base::Instant due_by(base::Duration grace, const Pair& pair) const;
  Counted counted(const Sort& pair) const { return {pair.state, pair.overdue, pair.inherited}; }
  void count(const PairRef& ref, const Sort& pair, int by);
  model::Transition& transition(const PairRef& ref, const Pair& pair, model::VerdictState to,
                                const Moment& moment) const;
  void tell(const PairRef& ref, model::Transition& told, const Judgement& judgement,
            base::Instant at);
  // Of a notice about to go out: what must be said again when it is resolved.
  void keep_sent(const PairRef& ref, Episode& episode, base::Instant at);
  void notice(const PairRef& ref, const Episode& episode, base::Instant started,
              alerts::Notice& out) const;
  Judge::Limits limits() const { return {options_.budget, options_.evidence_facts_max}; }

  // Snapshots.
  struct SavedRow {
    base::Encoder& out;
    base::Encoder& packed;
    base::Instant since{};                                         // of the pair before
    std::vector<std::pair<std::uint32_t, registry::Key>> reads{};  // by column, then in order
  };
  void save_pair(const PairRef& ref, SavedRow& row) const;
  bool load_pair(const Layout::Of& of, base::Instant& since, base::Decoder& in,
                 base::Decoder* packed);
  bool is_seated(const Layout::Of& of) const;
  bool load_held(const Layout::Of& of, model::ElementRef element, base::Decoder& in);
  void load_packed(Pair& pair, base::Decoder& packed);
  void note_loaded_reads(model::ElementRef element);
  void count_loaded(model::ElementRef element, bool with_timers);
  Pair& loaded(Seat seat) { return loaded_[now_->pairs.column(seat)]; }
  bool load_old_head(std::uint64_t kinds, base::Decoder& in);
  void learn_all_reads(base::Instant at);
  void learn_reads(const PairRef& ref, Pair& pair, base::Instant at);
  // The pair as it is and as it was before; what differs goes into the next snapshot.
  void touch_if_other(const PairRef& ref, const Pair& pair, const Pair& before,
                      std::uint64_t reads_before);

  // Switching.
  void drop_gone(const Moment& moment);
  void move_pairs(UnderBook& next, const Seats::Changed& changed);
  void move_pair(const PairRef& ref, UnderBook& next, bool is_new);
  void keep_pairs(UnderBook& next, std::span<const std::uint32_t> stamps);
  void seat_down(std::span<const Seat> came);
  void recount();
  void lay_out(const Seats::Changed& changed, bool everything);
  void lay_out(model::KindId kind);
  void begin_sweeps(const Seats::Changed& changed, const Moment& moment);

  struct Moved {
    model::ElementRef element;
    std::string before;  // code of its agency
  };
  void restate(const PairRef& ref, const Moved& moved, StepResult& out) const;
  std::vector<Moved> moved_;  // within this step
  static constexpr std::size_t kPlacesPerPair = 64;
  const registry::Registry& registry_;
  Options options_;
  Seats seats_;
  Runs runs_{seats_};
  std::unique_ptr<UnderBook> now_;
  Layouts layouts_;
  ReadIndex reads_;
  Timers timers_{seats_};
  std::vector<PairRef> waiting_;
  Backlog backlog_;
  PendingCounts pending_;
  // While a snapshot loads: what an element's pairs read, of each with where that ends; the pairs
  // by column; and of each agency that was met the first member.
  std::vector<registry::Key> keys_;
  std::vector<std::pair<Seat, std::size_t>> readers_;
  std::vector<Pair> loaded_;
  std::vector<model::ElementRef> first_members_;
  base::Instant baseline_ = base::Instant::min();  // min(): there is none
  std::uint64_t judgements_ = 0;
  std::uint64_t wakes_ = 0;
  std::uint64_t applicable_ = 0;
};

}  // namespace patuh::engine
