// What several benchmarks need.
#pragma once

#include <errno.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/base.h"

namespace patuh::bench {

// A benchmark that cannot measure says why, under its program's name.
[[noreturn]] inline void give_up(const std::string& message) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, message.c_str());
  std::exit(1);
}

template <class T>
T must(base::Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}

inline double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// What the program was called with: numbers from 1 on, `most` of them at most; with none,
// `otherwise`. Anything else ends it with status 2 and `usage`.
inline std::vector<std::uint64_t> numbers_from(int argc, char** argv, std::string_view usage,
                                               std::size_t most,
                                               std::vector<std::uint64_t> otherwise) {
  std::vector<std::uint64_t> out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view text = argv[i];
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc() || end != text.end() || value == 0 || out.size() == most) {
      std::fprintf(stderr, "usage: %s %.*s\n", program_invocation_short_name,
                   static_cast<int>(usage.size()), usage.data());
      std::exit(2);
    }
    out.push_back(value);
  }
  return out.empty() ? std::move(otherwise) : out;
}

}  // namespace patuh::bench
