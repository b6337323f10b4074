#include <algorithm>

#include "alerts/alerts.h"

namespace patuh::alerts {
namespace {

using model::VerdictState;

// Since when the pair owes something; kNever when it owes nothing by itself.
base::Instant anchor_of(const Input& input) {
  if (input.shadow) return base::kNever;
  switch (input.state) {
    case VerdictState::kViolating:
      return input.violating_since;
    case VerdictState::kUndetermined:
      // Only a critical rule alerts through a gap; the start of a violation before it counts.
      if (!input.critical) return base::kNever;
      return std::min(input.violating_since, input.since);
    case VerdictState::kNotApplicable:
    case VerdictState::kCompliant:
    case VerdictState::kWaived:
      return base::kNever;
  }
  return base::kNever;
}

// What stays as it is: neither mended nor worse.
bool keeps(const Input& input) {
  return !input.shadow && input.state == VerdictState::kUndetermined && !input.critical;
}

// Grace is never negative and an instant never wraps past kNever.
base::Instant after(base::Instant start, base::Duration grace) {
  return start > base::kNever - grace ? base::kNever : start + grace;
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::kNone:
      return "none";
    case Phase::kPending:
      return "pending";
    case Phase::kFiring:
      return "firing";
  }
  return "none";
}

Outcome advance(const State& state, const Input& input, base::Instant now) {
  PATUH_ASSERT(input.grace >= base::Duration::zero());
  if (input.inherited) {
    return {State{}, state.phase == Phase::kFiring ? Change::kResolved : Change::kNothing};
  }
  const base::Instant anchor = anchor_of(input);
  if (anchor == base::kNever) {
    if (keeps(input)) return {state, Change::kNothing};
    return {State{}, state.phase == Phase::kFiring ? Change::kResolved : Change::kNothing};
  }
  if (state.phase == Phase::kFiring) return {state, Change::kNothing};
  State next;
  // A gap that turns out to be a violation does not begin a new grace.
  next.started = state.phase == Phase::kPending ? std::min(state.started, anchor) : anchor;
  next.due = after(next.started, input.grace);
  next.phase = now >= next.due ? Phase::kFiring : Phase::kPending;
  if (next.phase == Phase::kFiring) return {next, Change::kFired};
  return {next, state.phase == Phase::kNone ? Change::kBecamePending : Change::kNothing};
}

base::Instant wake_at(const State& state, const Input& input) {
  if (state.phase != Phase::kPending || input.inherited) return base::kNever;
  if (anchor_of(input) == base::kNever) return base::kNever;
  return state.due;
}

}  // namespace patuh::alerts
