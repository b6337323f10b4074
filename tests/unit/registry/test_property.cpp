// The registry against a plainly written model of the same rules, on random schemas and events.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "property.h"

namespace patuh::registry::test {
namespace {

constexpr int kSteps = 250;

// PATUH_SEED runs one seed, PATUH_SEEDS that many.
std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string run(std::uint64_t seed) {
  Architecture architecture(seed);
  for (int step = 0; step < kSteps; ++step) {
    const std::string fault = architecture.step();
    if (!fault.empty()) {
      return "seed " + std::to_string(seed) + " step " + std::to_string(step) + ": " + fault +
             "\n  after: " + architecture.last();
    }
  }
  return "";
}

TEST(RegistryProperty, ReadsAndDeltasAgreeWithTheNaiveModelAfterEachStep) {
  const std::uint64_t first = number_of("PATUH_SEED", 1);
  const std::uint64_t seeds =
      std::getenv("PATUH_SEED") != nullptr ? 1 : number_of("PATUH_SEEDS", 60);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    SCOPED_TRACE("PATUH_SEED=" + std::to_string(seed));
    ASSERT_EQ(run(seed), "");
  }
}

}  // namespace
}  // namespace patuh::registry::test
