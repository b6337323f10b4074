// Any text as a pack: it ends in diagnostics or in a rulebook, never in a crash. Lines "#== name"
// begin a file; a text without one is the pack's schema.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/unit/rulebook/mutate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto files = patuh::rulebook::hostile::split_files(text);
  if (files.empty()) files.push_back({"schema.toml", text});
  patuh::rulebook::hostile::try_pack(files);
  return 0;
}
