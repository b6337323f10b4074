// Hostile bytes where the daemon reads its own from the disk: what is done with them, and good ones
// to begin from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::hostile {

// Values begin the files of the corpus: do not renumber.
enum class Of : std::uint8_t {
  kBody = 0,     // of a record
  kChunk = 1,    // of transitions
  kOutline = 2,  // what stood in the whole
  kHead = 3,     // of a snapshot
  kRow = 4,      // of a snapshot: an element and its verdicts, in place of a good one
  kPacked = 5,   // likewise what was read
  kSource = 6,   // likewise of a source
};
inline constexpr std::uint8_t kKinds = 7;

// Real bytes of a small estate, of each kind some.
const std::vector<std::string>& good(Of of);

// Reads them, and goes on with what was read. True when they were taken, false when they were
// refused; anything else ends the process.
bool try_bytes(Of of, std::string_view bytes);
// The first byte says what they are.
bool try_input(std::string_view bytes);

}  // namespace patuh::hostile
