#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "make.h"

extern char** environ;

namespace patuh::store {
namespace {

constexpr const char* kChildFlag = "PATUH_TEST_STORE_CHILD";
constexpr int kWordFile = 9;  // the child's end of the pipe; GoogleTest writes to its output

// The child: appends batches for ever and says each number once it is acknowledged.
[[noreturn]] void append_for_ever(const std::string& dir) {
  const auto store = must(Store::open(dir, {.checkpoint_wal_bytes = std::uint64_t{32} * 4096}));
  for (std::uint64_t n = store->tail().seq.value + 1;; ++n) {
    const std::uint64_t seq = must(store->append(make_batch(n))).value;
    // One write of 8 bytes: whole or not at all.
    if (::write(kWordFile, &seq, sizeof seq) != sizeof seq) std::abort();
    if (n % 50 == 0) must(store->idle());
  }
}

struct Child {
  pid_t pid = 0;
  int out = -1;
};

Child start(const std::string& dir) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], kWordFile);
  ::setenv(kChildFlag, dir.c_str(), 1);
  std::string self = "/proc/self/exe";
  std::array<char*, 2> arguments = {self.data(), nullptr};
  Child child;
  EXPECT_EQ(::posix_spawn(&child.pid, self.c_str(), &actions, nullptr, arguments.data(), environ),
            0);
  ::unsetenv(kChildFlag);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  child.out = ends[0];
  return child;
}

// The last number that the child said, having read to the end of what it wrote.
std::uint64_t last_said(int out) {
  std::uint64_t last = 0;
  std::uint64_t seq = 0;
  while (::read(out, &seq, sizeof seq) == sizeof seq) last = seq;
  ::close(out);
  return last;
}

TEST(Kill, EveryAcknowledgedBatchIsThereAfterAKillAtAnyMoment) {
  const TemporaryFolder folder;
  std::mt19937_64 random(std::random_device{}());
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 25; ++round) {
    const Child child = start(folder.data());
    // Waits for its first word, so that the kill falls among commits, then some part of a second.
    std::uint64_t first = 0;
    ASSERT_EQ(::read(child.out, &first, sizeof first), static_cast<ssize_t>(sizeof first));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
    ASSERT_EQ(::kill(child.pid, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child.pid, &status, 0), child.pid);
    ASSERT_TRUE(WIFSIGNALED(status));
    acknowledged = std::max({acknowledged, first, last_said(child.out)});

    const auto store = open_store(folder);
    const std::uint64_t stored = store->tail().seq.value;
    SCOPED_TRACE("round " + std::to_string(round) + ", acknowledged " +
                 std::to_string(acknowledged) + ", stored " + std::to_string(stored));
    // The last one may be on disk without its word having been said.
    ASSERT_GE(stored, acknowledged);
    ASSERT_LE(stored, acknowledged + 1);
    EXPECT_EQ(store->tail().transition.value, transitions_in(stored));
    const Verification found = must(store->read().verify_chain());
    EXPECT_TRUE(found.injuries.empty());
    EXPECT_EQ(found.events, events_in(stored));
    for (std::uint64_t n = stored > 200 ? stored - 200 : 1; n <= stored; ++n) {
      expect_holds(store->read(), n);
    }
    if (HasFailure()) break;
  }
  const auto store = open_store(folder);
  for (std::uint64_t n = 1; n <= store->tail().seq.value; ++n) expect_holds(store->read(), n);
  RecordProperty("batches", static_cast<int>(acknowledged));
}

}  // namespace

// The test's executable is its own child.
class ChildGate : public testing::Environment {
 public:
  void SetUp() override {
    if (const char* dir = std::getenv(kChildFlag)) append_for_ever(dir);
  }
};
[[maybe_unused]] const auto* const kGate = testing::AddGlobalTestEnvironment(new ChildGate);

}  // namespace patuh::store
