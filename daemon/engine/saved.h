// The bytes of a pair in a snapshot, which save.cpp writes and load.cpp reads. On disk: do not
// renumber.
#pragma once

#include <cstdint>
#include <string>

#include "rulebook/rulebook.h"

namespace patuh::engine {

// Of what is packed: to be raised whenever judging may read otherwise, so that what an older
// engine packed is refused and everything is judged again on loading.
inline constexpr std::uint64_t kEngineRevision = 2;

// Of the head: behind a zero, with which a head of the first form does not begin.
inline constexpr std::uint64_t kHeadForm = 2;

// The lowest three bits are the state.
inline constexpr unsigned kSavedState = 7;
inline constexpr unsigned kSavedJudged = 8;
inline constexpr unsigned kSavedRecorded = 16;
inline constexpr unsigned kSavedOverdue = 32;
inline constexpr unsigned kSavedEpisode = 64;
inline constexpr unsigned kSavedStale = 128;  // its epoch follows

// Which kind, field and rule has which number: what is packed counts only under the same.
std::string numbering_of(const rulebook::RuleBook& book);

// Numbers of so many bits; a greater one is an error of `in`.
inline std::uint16_t number16(base::Decoder& in) {
  return static_cast<std::uint16_t>(in.number_below(std::uint64_t{1} << 16U));
}
inline std::uint32_t number32(base::Decoder& in) {
  return static_cast<std::uint32_t>(in.number_below(std::uint64_t{1} << 32U));
}

}  // namespace patuh::engine
