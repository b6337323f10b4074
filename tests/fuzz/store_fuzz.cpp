// Any bytes where the daemon reads its own from the disk: taken or refused, never worse.
#include <cstddef>
#include <cstdint>

#include "hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(patuh::hostile::try_input({reinterpret_cast<const char*>(data), size}));
  return 0;
}
