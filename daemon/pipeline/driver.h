// Applies records of the log to the engine: the one piece of code that both writing and recovery go
// through, so that they cannot disagree. Private to pipeline.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/outline.h"
#include "pipeline/pipeline.h"
#include "sinks/sinks.h"

namespace patuh::pipeline {

// What a record came to.
struct Applied {
  std::vector<model::Transition> transitions;
  std::vector<alerts::Notice> notices;
  std::vector<bool> told;                   // of each notice: it goes to people
  std::vector<base::Instant> fired;         // of each notice: when its episode fired
  std::vector<registry::Outcome> outcomes;  // of each event
  std::vector<std::string> messages;        // of each event; empty unless set aside
  sinks::Digests digest;                    // of open episodes that nobody was told of, at the end
                                            // of an import
  std::uint64_t unknown_attributes = 0;
  std::vector<store::Restated> restated;
  std::vector<store::Outline> outlines;
};

class Driver {
 public:
  Driver(std::shared_ptr<const rulebook::RuleBook> book, const engine::Options& options,
         ClockMode clock)
      : engine_(std::move(book), options), clock_(clock) {}

  // Events of a record that were interpreted already, or are by the engine's schema. With an
  // outliner, under event clock, what stood at each instant that one of them moves on from.
  // Between two of them, three times at most, pause() is called, if given.
  Applied events(base::Instant now, std::span<const model::ChangeEvent> events,
                 Outliner* outliner = nullptr, const std::function<void()>& pause = {});
  Applied time_step(base::Instant now);
  Applied activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book);
  // Ends the event clock.
  Applied clock_wall(base::Instant now);
  // Draws a baseline, or lifts it.
  Applied baseline(base::Instant now, bool stands);

  ClockMode clock() const { return clock_; }
  void set_clock(ClockMode clock) { clock_ = clock; }
  base::Instant now() const { return now_; }
  const engine::Engine& engine() const { return engine_; }

  // Of a snapshot that is taken or loaded.
  engine::Engine& engine() { return engine_; }
  void set_now(base::Instant now) { now_ = now; }
  // An episode that was firing, since when, and whether people were told of it.
  void goes_on_firing(const alerts::Notice& notice, base::Instant fired, bool told);

  engine::Engine release() && { return std::move(engine_); }

 private:
  void take(engine::StepResult&& step, Applied& into);
  void take(alerts::Notice&& notice, Applied& into);

  engine::Engine engine_;
  ClockMode clock_;
  base::Instant now_ = base::Instant::min();
  // An open episode. One that fired while history was imported is not told to people, neither then
  // nor when it ends.
  struct Firing {
    base::Instant since{};
    bool told = false;
  };
  std::unordered_map<std::string, Firing> firing_;  // by key
};

// ── Payloads of records ──
std::string encode_pack(const rulebook::RuleBook& book);
base::Result<std::shared_ptr<const rulebook::RuleBook>> decode_pack(std::string_view payload);
std::string encode_action(const Action& action);

}  // namespace patuh::pipeline
