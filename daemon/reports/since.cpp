// What changed between two instants, from the transitions alone.
#include <algorithm>
#include <map>
#include <tuple>

#include "reports/reports.h"

namespace patuh::reports {
namespace {

using model::Transition;
using model::VerdictState;

constexpr std::size_t kAtOnce = 10'000;

// What a pair did within the span.
struct Span {
  Transition first, last;
  bool violated = false;    // at its beginning, or on the way
  bool began_anew = false;  // left violating and came back to it
};
using Pair = std::pair<std::string, std::string>;  // rule, element

void take(std::map<Pair, Span>& pairs, const Transition& transition) {
  const auto [found, is_new] =
      pairs.try_emplace({transition.rule, transition.element.text()}, Span{transition, transition});
  Span& span = found->second;
  const bool violates = transition.to == VerdictState::kViolating;
  const bool had_left = !is_new && (span.last.to == VerdictState::kCompliant ||
                                    span.last.to == VerdictState::kNotApplicable);
  span.began_anew = span.began_anew || (span.violated && had_left && violates);
  span.violated =
      span.violated || violates || (is_new && transition.from == VerdictState::kViolating);
  span.last = transition;
}

base::Result<std::map<Pair, Span>> pairs_of(store::Reader& reader, base::Instant from,
                                            base::Instant to, const std::string& agency) {
  std::map<Pair, Span> pairs;
  store::TransitionFilter filter;
  filter.agency = agency;
  filter.from = from + base::Duration(1);
  filter.to = to == base::kNever ? to : to + base::Duration(1);
  filter.limit = kAtOnce;
  while (true) {
    const auto rows = reader.transitions(filter);
    if (!rows) return base::fail(rows, "reading transitions");
    for (const store::StoredTransition& row : *rows) {
      take(pairs, row.transition);
      filter.after = row.number;
    }
    if (rows->size() < filter.limit) return pairs;
  }
}

// Whether the pair was ever recorded as violating up to `until`.
base::Result<bool> was_violating(store::Reader& reader, const Transition& pair,
                                 base::Instant until) {
  store::TransitionFilter filter;
  filter.rule = pair.rule;
  filter.element = pair.element;
  filter.to = until + base::Duration(1);
  filter.newest_first = true;
  filter.limit = kAtOnce;
  const auto rows = reader.transitions(filter);
  if (!rows) return base::fail(rows, "reading a pair's transitions");
  return std::ranges::any_of(*rows, [](const store::StoredTransition& row) {
    return row.transition.to == VerdictState::kViolating;
  });
}

// Of a pair that was not violating at the beginning and is at the end.
base::Result<Turn> turn_to_violating(store::Reader& reader, const Span& span, base::Instant from) {
  if (span.began_anew) return Turn::kReopened;
  const auto before = was_violating(reader, span.first, from);
  if (!before) return std::unexpected(before.error());
  return *before ? Turn::kReopened : Turn::kNew;
}

base::Result<std::optional<Turn>> turn_of(store::Reader& reader, const Span& span,
                                          base::Instant from) {
  const bool was = span.first.from == VerdictState::kViolating;
  const VerdictState is = span.last.to;
  if (is == VerdictState::kViolating) {
    if (was && !span.began_anew) return std::optional<Turn>();
    const auto turn = turn_to_violating(reader, span, from);
    if (!turn) return std::unexpected(turn.error());
    return std::optional(*turn);
  }
  if (!was) return std::optional<Turn>();
  if (span.last.closing == model::Closing::kElementRemoved ||
      span.last.closing == model::Closing::kRuleWithdrawn) {
    return std::optional(Turn::kRemoved);
  }
  if (is == VerdictState::kWaived) return std::optional(Turn::kWaived);
  if (is == VerdictState::kUndetermined) return std::optional<Turn>();
  return std::optional(Turn::kFixed);
}

}  // namespace

std::string_view name_of(Turn turn) {
  switch (turn) {
    case Turn::kNew:
      return "new";
    case Turn::kReopened:
      return "reopened";
    case Turn::kFixed:
      return "fixed";
    case Turn::kRemoved:
      return "removed";
    case Turn::kWaived:
      return "waived";
  }
  PATUH_ASSERT(false);
}

base::Result<std::vector<Changed>> changes_between(store::Reader& reader, base::Instant from,
                                                   base::Instant to, const std::string& agency) {
  if (to < from) {
    return base::fail(base::Code::kInvalid, base::to_rfc3339(to) + " lies before " +
                                                base::to_rfc3339(from) +
                                                ": give the earlier instant first");
  }
  const auto pairs = pairs_of(reader, from, to, agency);
  if (!pairs) return std::unexpected(pairs.error());
  std::vector<Changed> out;
  for (const auto& [pair, span] : *pairs) {
    const auto turn = turn_of(reader, span, from);
    if (!turn) return std::unexpected(turn.error());
    if (!*turn) continue;
    const Transition& last = span.last;
    out.push_back(
        {**turn, last.agency, last.rule, last.element, last.severity, last.since, last.recorded});
  }
  std::ranges::stable_sort(out, {}, [](const Changed& one) {
    return std::tuple(std::string_view(one.agency), one.turn);
  });
  return out;
}

}  // namespace patuh::reports
