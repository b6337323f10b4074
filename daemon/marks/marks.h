// marks: what a test can ask of the code it drives: whether a rare branch was ever taken, and
// whether it notices when the code is wrong.
//
// In what is shipped both are nothing: PATUH_MARK is an empty statement, PATUH_DEFECT a constant
// false. Only a library built by patuh_marked() (daemon/patuh.cmake), for tests, defines
// PATUH_MARKED. Not for headers: a header is compiled both with and without it.
//
//   PATUH_MARK("index entry reused");               // counts each pass
//   if (PATUH_DEFECT("index keeps the old value")) return;   // wrong on purpose, when switched on
//
// Threads: one; tests of several engines at once do not use it.
#pragma once

#ifdef PATUH_MARKED

#include <cstdint>
#include <string_view>

namespace patuh::marks {

// A mark's place in the code. The linker lays all of them side by side, also those never passed.
struct alignas(16) Mark {
  const char* name;
  std::uint64_t passes;
};
static_assert(sizeof(Mark) == 16);

// The defect that is switched on; null: none.
inline const char*& defect() {
  static const char* name = nullptr;
  return name;
}
inline bool is_on(std::string_view name) { return defect() != nullptr && name == defect(); }

}  // namespace patuh::marks

// NOLINTBEGIN(cppcoreguidelines-macro-usage): a place in the code has no other name.
#define PATUH_MARK(text)                                                                   \
  do {                                                                                     \
    [[gnu::section("patuh_marks"), gnu::used]] static ::patuh::marks::Mark mark_{text, 0}; \
    ++mark_.passes;                                                                        \
  } while (false)
#define PATUH_DEFECT(text) (::patuh::marks::is_on(text))

#else

namespace patuh::marks {}  // namespace patuh::marks

#define PATUH_MARK(text) static_cast<void>(0)
#define PATUH_DEFECT(text) false
// NOLINTEND(cppcoreguidelines-macro-usage)

#endif
