// The deliberate defects: PATUH_DEFECT in registry and engine, each something that a quick hand
// could have got wrong. A property test that misses one of them is not worth its name. What it
// takes from the registry as given (derived values) has its defects in the registry's own test.
#pragma once

#include <array>
#include <string_view>

namespace patuh::engine::naive {

inline constexpr auto kDefects = std::to_array<std::string_view>({
    // registry: what changed is not told
    "reverse edge not told",
    "inverse end not told",
    "agency not told",
    "leaving an agency not told",
    "joining an agency not told",
    "leaving an index not told",
    "entering an index not told",
    "life not told",
    "a name's first element not told",
    "changed_at not told",
    // registry: what stays as it was
    "edge stays in its end",
    "index keeps the old value",
    // engine: what was read is not noted, or forgotten
    "known() not noted",
    "referrers not noted",
    "members not noted",
    "a vain lookup not noted",
    "an empty set not noted",
    "reads of the first judgement stay",
    "own reads of the first judgement stay",
    "a reader takes the next with it",
    "a hole in the table of reads",
    // engine: the past
    "the value before is not kept",
    "changes leave the span unnoticed",
    "what an event may change is not looked at before",
    // engine: what must have held
    "a break goes unnoticed",
    "a condition that holds is not looked at",
    "a held condition's turn not waited for",
    "what holds begins anew with another book",
    // engine: time
    "wakes a tick too late",
    "a deadline's last instant does not count",
    "a waiver's end not waited for",
    "a rule's end not waited for",
    "nothing wakes for what becomes overdue",
    "a cancelled timer leaves disorder",
    // engine: what is told and counted
    "another occurrence goes on",
    "a gap ends the episode",
    "the end of what was never told is told",
    "tallies stay with the agency before",
    "an instant of its own is forgotten",
    // engine: another rulebook
    "rules rewritten are not judged again",
});

// Those that show only where judging goes in slices, or stops halfway and starts again.
inline constexpr auto kSlicedDefects = std::to_array<std::string_view>({
    "a sweep passes over a pair",
    "a withdrawn rule's pairs go without a word",
    "what waits is counted by its new weights",
    "what waits stays with the agency before",
    "what caught up is not saved",
    "layouts are left too early",
});

}  // namespace patuh::engine::naive
