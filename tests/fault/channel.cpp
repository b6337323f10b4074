#include "channel.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace patuh::fault {
namespace {

struct Head {
  std::uint64_t number;
  std::uint32_t bytes;
  Word word;
};

void must(bool right, const char* what) {
  if (right) return;
  std::perror(what);
  std::abort();
}

void write_all(int file, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(file, data, size);
    must(done > 0, "write");
    data += done;
    size -= static_cast<std::size_t>(done);
  }
}

// Everything up to the pipe's end.
std::string read_all(int file) {
  std::string out;
  std::array<char, 65536> part;
  for (ssize_t got = 0; (got = ::read(file, part.data(), part.size())) != 0;) {
    must(got > 0, "read");
    out.append(part.data(), static_cast<std::size_t>(got));
  }
  return out;
}

std::vector<Message> messages_of(std::string_view text) {
  std::vector<Message> out;
  Head head{};
  while (text.size() >= sizeof head) {
    std::memcpy(&head, text.data(), sizeof head);
    text.remove_prefix(sizeof head);
    // A child that was killed may leave half a message.
    if (text.size() < head.bytes) break;
    out.push_back({head.word, head.number, std::string(text.substr(0, head.bytes))});
    text.remove_prefix(head.bytes);
  }
  return out;
}

}  // namespace

void Teller::tell(Word word, std::uint64_t number, std::string_view bytes) {
  const Head head{number, static_cast<std::uint32_t>(bytes.size()), word};
  std::string all(reinterpret_cast<const char*>(&head), sizeof head);
  all += bytes;
  const std::lock_guard lock(mutex_);
  write_all(pipe_, all.data(), all.size());
}

Child Child::start(const std::function<void(Teller&)>& work) {
  std::array<int, 2> ends{};
  must(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  std::fflush(nullptr);
  Child out;
  out.pid_ = ::fork();
  must(out.pid_ >= 0, "fork");
  if (out.pid_ == 0) {
    ::close(ends[0]);
    Teller teller(ends[1]);
    work(teller);
    std::fflush(nullptr);
    ::_exit(0);
  }
  ::close(ends[1]);
  out.pipe_ = ends[0];
  return out;
}

Ended Child::finish() {
  Ended out;
  out.messages = messages_of(read_all(pipe_));
  ::close(pipe_);
  must(::waitpid(pid_, &out.status, 0) == pid_, "waitpid");
  return out;
}

}  // namespace patuh::fault
