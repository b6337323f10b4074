// What several benchmarks need.
#pragma once

#include <errno.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

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

}  // namespace patuh::bench
