// Whether the registry's property test would see a registry that keeps the wrong state. PATUH_SEEDS
// says how many histories at most.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "property.h"
#include "tests/unit/defect.h"

namespace patuh::registry::test {
namespace {

constexpr int kSteps = 250;
constexpr std::uint64_t kSeeds = 200;

testing::HistoryRun run(std::uint64_t seed) {
  Architecture architecture(seed);
  testing::HistoryRun out;
  while (out.steps < kSteps && !out.wrong) {
    ++out.steps;
    out.wrong = !architecture.step().empty();
  }
  return out;
}

class RegistryDefects : public ::testing::TestWithParam<const char*> {};

TEST_P(RegistryDefects, IsFound) {
  const char* const seeds = std::getenv("PATUH_SEEDS");
  const std::uint64_t most = seeds == nullptr ? kSeeds : std::strtoull(seeds, nullptr, 10);
  const auto found = testing::find_defect(GetParam(), most, &run);
  ASSERT_TRUE(found) << "'" << GetParam() << "' goes unnoticed";
  std::cout << GetParam() << ": " << found->text() << "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Each, RegistryDefects,
    ::testing::Values("what is not said again stays", "written over without deriving",
                      "a patch takes another's place", "a removed end is named again",
                      "index keeps the old value", "derived once only", "edge stays in its end",
                      "sets keep the numbers of fields"));

}  // namespace
}  // namespace patuh::registry::test
