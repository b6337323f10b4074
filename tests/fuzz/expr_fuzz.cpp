// Any text as an expression: it ends in diagnostics or in a bounded run, never in a crash.
#include <cstddef>
#include <cstdint>

#include "tests/unit/expr/mutate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  patuh::expr::try_expression({reinterpret_cast<const char*>(data), size});
  return 0;
}
