// alerts: pending -> firing -> resolved, as a pure state machine over one pair of (rule, element).
//
//            violating            due reached (grace over)
//   none ─────────────► pending ─────────────────────────► firing
//    ▲                    │ compliant, n/a, closed,           │ compliant, n/a, closed, waived
//    └────────────────────┴───────────────◄──────────────────┘   (resolved; tells)
//
// undetermined keeps what is: a firing alert stays firing, grace keeps counting. undetermined of a
// critical rule past its grace fires by itself. A waiver resolves; when it ends past due the alert
// fires at once. What a baseline makes inherited resolves, and stays silent to its end.
// It holds no clock and does no I/O: time comes in, notices go out.
// Threads: values; whoever holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace patuh::alerts {

// Values stand in the store: do not renumber.
enum class Phase : std::uint8_t { kNone = 0, kPending = 1, kFiring = 2 };
std::string_view name_of(Phase phase);

// The alert of one pair. 40 bytes that a pair carries beside its verdict.
struct State {
  Phase phase = Phase::kNone;
  base::Instant started =
      base::kNever;                  // when the underlying violation began: grace counts from it
  base::Instant due = base::kNever;  // started + grace
  friend bool operator==(const State&, const State&) = default;
};

// What a pair's verdict says to its alert.
struct Input {
  model::VerdictState state = model::VerdictState::kNotApplicable;
  base::Instant since{};            // of that state
  base::Instant violating_since{};  // of the underlying violation (violating or waived)
  bool critical = false;
  bool shadow = false;     // judged, never alerted
  bool inherited = false;  // the underlying violation is older than the baseline: never alerted
  base::Duration grace{0};
};

enum class Change : std::uint8_t { kNothing, kBecamePending, kFired, kResolved };

// The next state at `now`, and what happened on the way. Idempotent at equal inputs.
struct Outcome {
  State state;
  Change change = Change::kNothing;
};
Outcome advance(const State& state, const Input& input, base::Instant now);
// The instant at which advance() would change by time alone; kNever when none.
base::Instant wake_at(const State& state, const Input& input);

// What goes to people: one firing or its end. Fixed for the episode and repeated on resolve.
struct Notice {
  std::string key;     // rule|kind/id|occurrence|started|cause: identity of the episode
  bool firing = true;  // false: resolved
  std::string agency;  // label code
  std::string rule;
  model::ElementKey element;
  model::Severity severity = model::Severity::kLow;
  std::string cause;  // id of the event that caused it, or "time" / "pack"
  std::string occurrence;
  base::Instant started{};             // since when violating
  base::Instant at{};                  // when it fired or resolved
  bool baseline = false;               // resolved: by a baseline, and it violates still
  bool deployment = false;             // about a deployment: routed without waiting
  std::string summary_id, summary_en;  // rendered message
  std::string remedy_id, remedy_en;
};

}  // namespace patuh::alerts
