// The daemon's side of the crash tests: a fixed course of events, time, operator's actions and
// deliveries through the real pipeline and store. What it does at a step follows from the step and
// from what is durable, so that it can be taken up again wherever a crash left it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "pipeline/pipeline.h"

namespace patuh::fault {

// Where the course stands, in parts of steps: kParts · step when it begins; one more when time has
// passed, when other rules are in force, when the sink was there, when an input was taken again;
// and with its events the next step begins.
using Progress = std::uint64_t;
inline constexpr std::uint64_t kParts = 5;

// What people can see of the state, as digests.
struct Seen {
  std::uint64_t record = 0;
  base::Digest chain{};
  base::Digest elements{}, transitions{}, alerts{}, outbox{};

  std::string text() const;
  static Seen from_text(const std::string& text);
  // The same history, record borders and chain apart.
  bool means_the_same(const Seen& other) const;
};

// The state of a pipeline whose store is in `folder`, or read by `reader`.
Seen see(pipeline::Pipeline& pipeline, const std::string& folder);
Seen see(pipeline::Pipeline& pipeline, store::Reader& reader);
// The inputs of a step: most are understood, some are not, some come twice.
std::vector<std::string> inputs_of(std::uint64_t step);
// The rules before and after the operator put others in place.
std::shared_ptr<const rulebook::RuleBook> book_of(bool second);

struct Way {
  std::size_t careful_inputs = 0;  // as in pipeline::Options
  bool keeps_snapshots = false;    // takes them, and gives up old bodies behind them
};

class Script {
 public:
  using Acknowledged = std::function<void(const Script&, Progress)>;
  explicit Script(std::string folder, Acknowledged acknowledged = {}, Way way = {});
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Opens the folder, again where the disk fails. An empty text when it went well.
  std::string open(int attempts = 1);
  Progress progress() const;  // of what is durable
  // One step from where it stands. False when the daemon does not acknowledge it.
  bool step();
  // Runs `work` while the pipeline uses no file.
  void between(const std::function<void()>& work) const;
  Seen see() const;
  Seen see(store::Reader& reader) const;
  std::uint64_t disagreements() const;

 private:
  class Clock;
  bool judges_by(const rulebook::RuleBook& book);
  // The parts of a step; what is done already, or not due, is well.
  bool pass_time(std::uint64_t step);
  bool activate(std::uint64_t step);
  bool deliver_outbox(std::uint64_t step);
  bool redrive(std::uint64_t step);
  bool send(std::uint64_t step);

  std::string folder_;
  Acknowledged acknowledged_;
  Way way_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
};

}  // namespace patuh::fault
