// Every verdict and every alert state, and how they move. Private to engine.
#pragma once

#include <cstdint>
#include <functional>
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
#include "engine/pairs.h"
#include "engine/reads.h"
#include "engine/render.h"
#include "engine/runs.h"
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

// All that is numbered by the rules of one book.
struct UnderBook {
  UnderBook(std::shared_ptr<const rulebook::RuleBook> the_book, const registry::Registry& registry,
            const Options& options);
  std::shared_ptr<const rulebook::RuleBook> book;
  SelfReads self_reads;
  History history;
  Runs runs;
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
  // Before load_end().
  void load_baseline(base::Instant baseline) { baseline_ = baseline; }
  bool has_backlog() const { return !backlog_.empty(); }
  // Wakes, in order, every pair whose instant has come up to `now`, each at its own instant.
  void wake_until(base::Instant now, StepResult& out);

  // Switching to another book, in two steps between which the registry takes its schema.
  // First: closes the pairs of rules that `next` no longer has.
  void withdraw(const rulebook::RuleBook& next, const Moment& moment);
  // Then: moves all pairs over and judges those whose rule is new or changed; all of them with
  // `everything`. Elements that the registry no longer has are closed.
  void switch_to(std::shared_ptr<const rulebook::RuleBook> next, bool everything,
                 const Moment& moment);

  const std::shared_ptr<const rulebook::RuleBook>& book() const { return now_->book; }
  base::Instant next_wake() const { return timers_.next(); }
  // Nothing when the pair is not held or its rule is of another kind.
  const Pair* find(const PairRef& pair) const;
  Verdict view(const PairRef& pair) const;
  std::span<const model::RuleId> rules_of(model::ElementRef element) const;
  // Of the agencies of this code, in no particular order; shadow rules are left out.
  std::vector<Verdict> owed_by(std::string_view code) const;
  const Counts& counts() const { return now_->counts; }
  TallyChanges take_tally_changes() { return now_->counts.take_changes(); }
  // Says how the pairs stand of elements that moved to another agency within this step.
  void restate_moved(StepResult& out);
  Explanation explain(const PairRef& pair, base::Instant now);
  void add_to(Stats& stats) const;
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
  void load_end(std::optional<base::Instant> judge_at);

 private:
  const rulebook::Rule& rule(const PairRef& pair) const {
    return now_->book->rules[pair.rule.value];
  }
  void add_owed(model::ElementRef element, std::vector<Verdict>& out) const;
  SmallestChange smallest_change(const PairRef& pair, model::VerdictState state, base::Instant now);
  std::string_view code_of_agency(model::ElementRef agency) const;
  std::uint32_t agency_number(model::ElementRef element);

  void add_element(model::ElementRef element);
  void remove_element(model::ElementRef element, const Moment& moment);
  void enlist(const PairRef& pair);
  void postpone(const PairRef& ref, const Moment& moment);
  void mark_put_off();
  void enlist_all(model::ElementRef element);
  void enlist_readers(const registry::Key& key);
  void follow_agency(const registry::Key& key);
  void move_agency(model::ElementRef element);
  void set_code(model::ElementRef agency);

  // One pair.
  void judge(const PairRef& pair, const Moment& moment);
  void settle(const PairRef& ref, Pair& pair, const Judgement& judgement, const Moment& moment);
  void change(const PairRef& ref, Pair& pair, const Judgement& judgement, const Moment& moment);
  void keep_episode(const PairRef& ref, Pair& pair, const Judgement& judgement,
                    const Moment& moment);
  void keep_gap(const PairRef& ref, Pair& pair, const Moment& moment);
  void close(const PairRef& ref, Pair& pair, model::Closing closing, const Moment& moment);
  void forget(const PairRef& ref, Pair& pair);
  void refresh(const PairRef& ref, Pair& pair, const Moment& moment);
  bool is_over(const Pair& pair) const;
  bool began_before_baseline(const Pair& pair) const;
  void advance_alert(const PairRef& ref, Pair& pair, const Moment& moment);
  void set_timer(const PairRef& ref, Pair& pair);
  alerts::Input alert_input(const PairRef& ref, const Pair& pair) const;
  base::Instant due(const PairRef& ref, const Pair& pair) const;
  Counted counted(const Pair& pair) const { return {pair.state, pair.overdue, pair.inherited}; }
  void count(const PairRef& ref, const Pair& pair, int by);
  model::Transition transition(const PairRef& ref, const Pair& pair, model::VerdictState to,
                               const Moment& moment) const;
  void tell(const PairRef& ref, model::Transition told, const Judgement& judgement,
            const Moment& moment);
  std::unique_ptr<Sent> words(const PairRef& ref, const Episode& episode, base::Instant at);
  alerts::Notice notice(const PairRef& ref, const Episode& episode, base::Instant started,
                        base::Instant at) const;

  // Snapshots.
  void save_pair(const PairRef& ref, base::Instant& since, base::Encoder& out,
                 base::Encoder& packed) const;
  bool load_pair(const PairRef& ref, base::Instant& since, base::Decoder& in,
                 base::Decoder* packed);
  void load_packed(const PairRef& ref, Pair& pair, base::Decoder& packed);
  void learn_reads(const PairRef& ref, Pair& pair, base::Instant at);
  // The pair as it was before; what differs goes into the next snapshot.
  void touch_if_other(const PairRef& ref, const Pair& before, std::uint64_t reads_before);

  // Switching.
  using NewNumbers = std::span<const std::optional<model::RuleId>>;  // by old RuleId
  void drop_gone(const Moment& moment);
  void move_pairs(UnderBook& next, NewNumbers numbers, bool everything);
  void move_pair(const PairRef& from, UnderBook& next, const PairRef& to, bool everything);
  // Of a book in which every rule and kind keeps its number: pairs and counts stay in place, those
  // of rules graded anew are counted again.
  void keep_pairs(UnderBook& next);
  void count_graded_anew(const rulebook::RuleBook& before, const rulebook::RuleBook& after, int by);
  void find_overdue(const rulebook::RuleBook& before, const Moment& moment);
  void recount(const Moment& moment);
  void look_again(const UnderBook& before, NewNumbers numbers, bool everything,
                  const Moment& moment);

  struct Moved {
    model::ElementRef element;
    std::string before;  // code of its agency
  };
  std::vector<Moved> moved_;  // within this step
  const registry::Registry& registry_;
  Options options_;
  std::unique_ptr<UnderBook> now_;
  ReadIndex reads_;
  Timers timers_;
  std::vector<PairRef> waiting_;
  Backlog backlog_;
  std::vector<std::vector<model::RuleId>> rules_saved_;  // by the snapshot's kinds, while it loads
  std::vector<registry::Key> keys_;                      // likewise
  base::Instant baseline_ = base::Instant::min();        // min(): there is none
  std::uint64_t judgements_ = 0;
  std::uint64_t wakes_ = 0;
  std::uint64_t applicable_ = 0;
};

}  // namespace patuh::engine
