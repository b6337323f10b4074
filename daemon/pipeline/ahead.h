// What a thread of its own makes ahead of whoever asks for it. Private to pipeline.
#pragma once

#include <sys/prctl.h>

#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "base/base.h"

namespace patuh::pipeline {

// At most so many wait to be asked for. Belongs to the thread that asks; what making needs is the
// other thread's until nothing more comes, or this is gone.
template <class T>
class Ahead {
 public:
  // make() answers the next, nothing behind the last.
  Ahead(std::size_t most, std::function<std::optional<T>()> make)
      : made_(most), make_(std::move(make)), thread_([this] { run(); }) {}
  ~Ahead() { made_.close(); }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;

  // Waits for it. Nothing behind the last.
  std::optional<T> next() {
    for (;;) {
      auto found = made_.pop_some(1, std::chrono::milliseconds(10'000));
      if (!found.empty()) return std::move(found.front());
      if (made_.closed()) return std::nullopt;
    }
  }

 private:
  void run() {
    ::prctl(PR_SET_NAME, "ahead");
    for (auto one = make_(); one && made_.push(std::move(*one)); one = make_()) {
    }
    made_.close();
  }

  base::Queue<T> made_;
  std::function<std::optional<T>()> make_;
  std::jthread thread_;  // last: it ends before the others do
};

}  // namespace patuh::pipeline
