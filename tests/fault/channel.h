// A child process and what it says to its parent over a pipe: what the oracle knows.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::fault {

// Values go over a pipe within one test: they need no stability.
enum class Word : std::uint8_t {
  kCall,      // a file operation is about to be done
  kAck,       // the daemon acknowledged: everything up to `number` is durable, it says
  kObserved,  // the state at `number`
  kEntry,     // the chain entry of record `number`
  kDone,      // a piece of work, which came to `bytes`; empty = well
  kAlike,     // one that another did already
};

struct Message {
  Word word = Word::kAck;
  std::uint64_t number = 0;
  std::string bytes{};
};

// The child's end. From any thread.
class Teller {
 public:
  explicit Teller(int pipe) : pipe_(pipe) {}
  void tell(Word word, std::uint64_t number, std::string_view bytes = {});

 private:
  int pipe_;
  std::mutex mutex_;
};

struct Ended {
  std::vector<Message> messages;
  int status = 0;  // as waitpid gives it
};

// A forked child; it leaves with 0 when its work returns. Whoever starts one has one thread.
class Child {
 public:
  static Child start(const std::function<void(Teller&)>& work);
  // Hears it to its end.
  Ended finish();

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
};
inline Ended run_child(const std::function<void(Teller&)>& work) {
  return Child::start(work).finish();
}

}  // namespace patuh::fault
