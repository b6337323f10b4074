// That jemalloc has heard what the program tells it.
#include <gtest/gtest.h>

#include <string_view>

extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* next,
                       std::size_t next_size);

namespace patuh::base {
namespace {

TEST(Allocator, AsksForHugePages) {
  const char* huge = nullptr;
  std::size_t size = sizeof huge;
  ASSERT_EQ(::mallctl("opt.thp", static_cast<void*>(&huge), &size, nullptr, 0), 0);
  EXPECT_EQ(std::string_view(huge), "always");
}

}  // namespace
}  // namespace patuh::base
