// The bytes of a place's row that save.cpp writes and load.cpp reads. On disk: do not renumber.
#pragma once

#include <cstdint>

#include "registry/store.h"

namespace patuh::registry {

enum class SavedValue : std::uint8_t {
  kCleared = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kUint = 4,
  kDouble = 5,
  kString = 6,
  kBytes = 7,
  kTimestamp = 8,
  kDuration = 9,
  kList = 10,
  kMap = 11,
  kEnds = 12,
};

enum class SavedWrite : std::uint8_t {
  kEngine = 0,
  kStub = 1,
  kDerived = 2,
  kUpsert = 3,  // the place among the marks follows
  kPatch = 4,   // … and the version
};

inline constexpr int kSavedDepthMax = 64;  // of lists within lists

// Of a slot's flags those that outlast a change.
inline constexpr std::uint8_t kSavedFlags =
    Slot::kMember | Slot::kMoved | Slot::kWholeOwned | Slot::kTombstone | Slot::kBereft;

}  // namespace patuh::registry
