// Whatever happens at whatever file operation: what was acknowledged is there, and what is there is
// what an undisturbed run has.
//
// A child runs the daemon's side through the real pipeline and store, and says each file operation
// before it is done and each acknowledgement after it was given. This process is the oracle. It
// makes the disk that a crash at each operation would have left, opens it, compares, and goes on.
// Faults that the daemon survives are done to living children, one each.
//
// PATUH_POINTS=all looks at every point (./run fuzz crash), with PATUH_PART=2/8 at the second
// eighth of them; PATUH_POINTS=N at so many, the sample's seed is printed and may be given as
// PATUH_SEED.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "channel.h"
#include "disk.h"
#include "script.h"

namespace patuh::fault {
namespace {

namespace fs = std::filesystem;
using store::FileOperation;

constexpr std::uint64_t kSteps = 200;
constexpr std::uint64_t kGoOnFor = 1;       // steps after each recovery
constexpr std::size_t kToTheEndEvery = 97;  // points of which the course is run to its end
constexpr std::size_t kCareful = 2000;      // inputs taken one a batch after a crash
constexpr std::size_t kSampled = 150;       // points of the short form
constexpr std::size_t kCallsTogether = 16;  // are one worker's: disks left alike lie close together
constexpr std::size_t kSaidEvery = 1000;    // points between two lines about how far it is
constexpr std::size_t kWorkersACore = 3;    // they wait for retries and for children, mostly
constexpr Way kWay{.careful_inputs = 0, .keeps_snapshots = true};

enum class Kind : std::uint8_t {
  kKilled,  // before the operation: after the one ahead of it
  kShortWrite,
  kTornPage,
  kSyncLied,    // and the power fails before the next operation that changes anything
  kPowerFails,  // and any part of what was not synced is there
  kIoError,
  kDiskFull,
  kShortAndFails,
};
constexpr std::size_t kKinds = 8;
constexpr std::array<const char*, kKinds> kNames = {"killed before, and so after the one ahead",
                                                    "short write, then killed",
                                                    "torn page",
                                                    "sync lied, power lost",
                                                    "power lost",
                                                    "EIO",
                                                    "ENOSPC",
                                                    "short write, EIO"};

bool is_lived_through(Kind kind) { return kind >= Kind::kIoError; }

// In memory where the system offers it: what the disk would do is ours to say here.
fs::path folder_of(const std::string& name) {
  const fs::path memory = "/dev/shm";
  const fs::path base = fs::is_directory(memory) ? memory : fs::temp_directory_path();
  return base / ("patuh-crash-" + std::to_string(::getpid()) + "-" + name);
}

class Folder {
 public:
  explicit Folder(const std::string& name) : path_(folder_of(name)) { fs::remove_all(path_); }
  ~Folder() {
    fs::remove_all(path_);
    fs::remove(log());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string data() const { return path_ / "data"; }
  std::string log() const { return path_.string() + ".log"; }
  void make() const { fs::create_directories(path_); }
  void fill(const Image& image) const {
    fs::remove_all(path_);
    fs::create_directories(data());
    for (const auto& [name, bytes] : image) {
      if (name.ends_with("-shm") || name == "data") continue;
      std::ofstream(data() + "/" + name, std::ios::binary) << bytes;
    }
  }

 private:
  fs::path path_;
};

// What the daemon complains of is wanted only where it dies of it.
void silence(const Folder& folder) {
  if (std::freopen(folder.log().c_str(), "a", stderr) == nullptr) std::abort();
}
std::string last_line_of(const std::string& path) {
  std::ifstream in(path);
  std::string last;
  for (std::string line; std::getline(in, line);) last = line;
  return last;
}

// ── What the oracle knows ───────────────────────────────────────────────────────────────────────

struct Undisturbed {
  std::vector<Seen> at;              // by progress
  std::vector<std::string> entries;  // of the chain, by record
};

struct Recorded {
  std::vector<Call> calls;
  std::vector<Progress> acknowledged;  // before each call
};

struct Point {
  std::size_t call = 0;
  Kind kind = Kind::kKilled;
};

Undisturbed undisturbed() {
  const Ended heard = run_child([](Teller& teller) {
    const Folder folder("undisturbed");
    folder.make();
    Script script(
        folder.data(),
        [&](const Script& running, Progress progress) {
          teller.tell(Word::kObserved, progress, running.see().text());
        },
        kWay);
    if (!script.open().empty()) std::abort();
    teller.tell(Word::kObserved, 0, script.see().text());
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      if (!script.step()) std::abort();
    }
    const auto reader = store::Reader::open(folder.data());
    store::Cursor cursor = (*reader)->records();
    for (auto record = cursor.next(); record && *record; record = cursor.next()) {
      teller.tell(Word::kEntry, (*record)->seq.value, base::to_hex((*record)->entry));
    }
  });
  EXPECT_EQ(heard.status, 0);
  Undisturbed out;
  out.entries.push_back(base::to_hex(base::Digest{}));
  for (const Message& message : heard.messages) {
    if (message.word == Word::kObserved) out.at.push_back(Seen::from_text(message.bytes));
    if (message.word == Word::kEntry) out.entries.push_back(message.bytes);
  }
  return out;
}

Recorded recorded() {
  const Ended heard = run_child([](Teller& teller) {
    const Folder folder("recorded");
    folder.make();
    store::decide_file_fates([&](const store::FileCall& call) {
      const Call known{call.operation, std::string(call.name), call.offset, call.bytes,
                       std::string(call.data)};
      teller.tell(Word::kCall, 0, known.encode());
      return store::Fate::kPass;
    });
    Script script(folder.data(),
                  [&](const Script&, Progress progress) { teller.tell(Word::kAck, progress); },
                  {kCareful, true});
    if (!script.open().empty()) std::abort();
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      if (!script.step()) std::abort();
    }
    // Closing belongs to what is left out: a daemon that ends well crashes no more.
    store::decide_file_fates({});
  });
  EXPECT_EQ(heard.status, 0);
  Recorded out;
  Progress acknowledged = 0;
  for (const Message& message : heard.messages) {
    if (message.word == Word::kAck) acknowledged = message.number;
    if (message.word != Word::kCall) continue;
    out.calls.push_back(Call::decode(message.bytes));
    out.acknowledged.push_back(acknowledged);
  }
  return out;
}

// ── One point ───────────────────────────────────────────────────────────────────────────────────

// What is wrong with a state after recovery; empty when it is one that the undisturbed run went
// through, and not before what was acknowledged.
std::string fault_of(const Seen& seen, const Undisturbed& right, Progress acknowledged) {
  if (seen.record >= right.entries.size()) return "more records than there should be";
  if (base::to_hex(seen.chain) != right.entries[seen.record]) return "another chain";
  if (seen.record < right.at[acknowledged].record) return "an acknowledged record is not there";
  const auto after = std::ranges::upper_bound(right.at, seen.record, {}, &Seen::record);
  const auto last = std::prev(after);
  // The first of two records that one acknowledgement ends: an action, of which nothing follows.
  if (last->record < seen.record) return last->outbox == seen.outbox ? "" : "another outbox";
  const auto first = std::max(std::ranges::lower_bound(right.at, seen.record, {}, &Seen::record),
                              right.at.begin() + static_cast<std::ptrdiff_t>(acknowledged));
  const bool known =
      std::any_of(first, after, [&](const Seen& then) { return then.means_the_same(seen); });
  return known ? "" : "a state that never was";
}

std::string injury_of(store::Reader& reader) {
  const auto found = reader.verify_chain();
  if (!found) return found.error().message;
  return found->injuries.empty() ? "" : "injured: " + found->injuries.front().message;
}

// Opens what a crash left, compares, and goes on.
std::string check_recovery(const Folder& folder, const Undisturbed& right, Progress acknowledged,
                           Progress go_on_to) {
  // After every other one with care, as after any unclean end.
  Script script(folder.data(), {}, {acknowledged % 2 == 0 ? 0 : kCareful, true});
  if (const std::string trouble = script.open(); !trouble.empty()) return trouble;
  const auto reader = store::Reader::open(folder.data());
  if (!reader) return reader.error().message;
  if (std::string fault = fault_of(script.see(**reader), right, acknowledged); !fault.empty()) {
    return fault;
  }
  if (script.disagreements() > 0) return "the replay disagrees";
  while (script.progress() < go_on_to) {
    if (!script.step()) return "it does not go on";
  }
  if (!script.see(**reader).means_the_same(right.at[script.progress()])) {
    return "it goes on otherwise";
  }
  return injury_of(**reader);
}

Progress go_on_to(Progress from, bool to_the_end) {
  const std::uint64_t steps = to_the_end ? kSteps : (from + kParts - 1) / kParts + kGoOnFor;
  return kParts * std::min(steps, kSteps);
}

// Where a daemon stands that meets a fault at one of its operations: opened on what the disk holds
// when its step begins (nothing, for the operations that make the store), the fault so many
// operations later.
struct Life {
  Image disk{};
  std::size_t operations = 0;
};

// A child meets the fault, lives through it, and goes on.
std::string check_life(const Folder& folder, const Undisturbed& right, const Life& life,
                       Kind kind) {
  folder.fill(life.disk);
  const Ended heard = run_child([&](Teller& teller) {
    std::atomic<std::size_t> calls = 0;
    const auto decide = [&](const store::FileCall&) {
      if (calls++ != life.operations) return store::Fate::kPass;
      return kind == Kind::kIoError    ? store::Fate::kFails
             : kind == Kind::kDiskFull ? store::Fate::kDiskFull
                                       : store::Fate::kHalfDone;
    };
    Script script(
        folder.data(), [&](const Script&, Progress progress) { teller.tell(Word::kAck, progress); },
        kWay);
    if (life.disk.empty()) store::decide_file_fates(decide);
    if (const std::string trouble = script.open(5); !trouble.empty()) {
      return teller.tell(Word::kDone, 0, trouble);
    }
    if (!life.disk.empty()) script.between([&] { store::decide_file_fates(decide); });
    do {
      if (!script.step()) return teller.tell(Word::kDone, 0, "a step is not acknowledged");
    } while (calls <= life.operations && script.progress() < kParts * kSteps);
    script.between([] { store::decide_file_fates({}); });
    const bool same = script.see().means_the_same(right.at[script.progress()]);
    teller.tell(Word::kDone, 0, same ? "" : "it goes on otherwise");
  });
  if (heard.status != 0) return "the daemon ended: " + last_line_of(folder.log());
  if (!heard.messages.back().bytes.empty()) return heard.messages.back().bytes;
  Progress acknowledged = 0;
  for (const Message& message : heard.messages) {
    if (message.word == Word::kAck) acknowledged = message.number;
  }
  Script script(folder.data(), {}, kWay);
  if (std::string trouble = script.open(); !trouble.empty()) return trouble;
  const auto reader = store::Reader::open(folder.data());
  if (!reader) return reader.error().message;
  if (!script.see(**reader).means_the_same(right.at[acknowledged])) {
    return "what was acknowledged differs";
  }
  return injury_of(**reader);
}

// ── All points ──────────────────────────────────────────────────────────────────────────────────

bool applies(const Call& call, Kind kind) {
  const bool writes = call.operation == FileOperation::kWrite && call.bytes > 1;
  switch (kind) {
    case Kind::kKilled:
    case Kind::kPowerFails:
      return call.changes();
    case Kind::kShortWrite:
    case Kind::kTornPage:
    case Kind::kShortAndFails:
      return writes && call.name != "lock";
    case Kind::kSyncLied:
      return call.operation == FileOperation::kSync;
    case Kind::kIoError:
      return true;
    case Kind::kDiskFull:
      return call.changes() || call.operation == FileOperation::kShare ||
             call.operation == FileOperation::kMakeFolder;
  }
  return false;
}

// The disk that a point leaves, where `before` stands just before its call.
Image image_of(const Disk& before, const Recorded& course, const Point& point,
               std::mt19937_64& random) {
  const Call& call = course.calls[point.call];
  Disk disk = before;
  switch (point.kind) {
    case Kind::kShortWrite:
      disk.apply_half(call);
      break;
    case Kind::kTornPage:
      disk.apply_torn(call, random);
      break;
    case Kind::kSyncLied:
      return disk.without_unsynced();
    case Kind::kPowerFails:
      return disk.with_some_unsynced(random);
    default:
      break;
  }
  return disk.as_seen();
}

// What may be missing after the point: with a sync that lied, what was acknowledged before it.
Progress acknowledged_at(const Recorded& course, const Point& point) {
  return course.acknowledged[point.call];
}

std::string text_of(const Recorded& course, const Point& point) {
  const Call& call = course.calls[point.call];
  return std::string(kNames[static_cast<std::size_t>(point.kind)]) + " at operation " +
         std::to_string(point.call + 1) + " (" + std::string(store::name_of(call.operation)) + " " +
         call.name + " at " + std::to_string(call.offset) + "), step " +
         std::to_string(course.acknowledged[point.call] / kParts);
}

// What a crash at the point leaves, and what is asked of it, in one number: points of which the
// disk is left alike, after the same acknowledgement, are one.
base::Digest identity_of(const Image& image, Progress acknowledged) {
  std::vector<std::string> heads;
  for (const auto& [name, bytes] : image)
    heads.push_back(name + " " + std::to_string(bytes.size()));
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; const auto& [name, bytes] : image) {
    parts.push_back(heads[at++]);
    parts.push_back(bytes);
  }
  const std::string when = std::to_string(acknowledged);
  parts.push_back(when);
  return base::sha256(parts);
}

// A worker's share of the points, in the order of their calls.
void check_points(const std::vector<Point>& points, const Recorded& course,
                  const Undisturbed& right, Teller& teller) {
  const Folder folder("point");
  silence(folder);
  Disk disk;     // as it is before the point's operation
  Disk at_step;  // and when its step began
  std::size_t applied = 0, begun = 0;
  std::set<base::Digest> seen;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    if (i % kSaidEvery == kSaidEvery - 1) {
      std::printf("  %zu of a worker's %zu points\n", i + 1, points.size());
      std::fflush(stdout);
    }
    for (; applied < point.call; ++applied) disk.apply(course.calls[applied]);
    std::string fault;
    const Progress step = course.acknowledged[point.call] / kParts * kParts;
    for (; begun < point.call && course.acknowledged[begun] < step; ++begun)
      at_step.apply(course.calls[begun]);
    if (is_lived_through(point.kind)) {
      fault = check_life(folder, right, {at_step.as_seen(), point.call - begun}, point.kind);
    } else {
      std::mt19937_64 random(point.call);
      const Image image = image_of(disk, course, point, random);
      const Progress acknowledged = acknowledged_at(course, point);
      if (!seen.insert(identity_of(image, acknowledged)).second) {
        teller.tell(Word::kAlike, static_cast<std::uint64_t>(point.kind));
        continue;
      }
      folder.fill(image);
      fault = check_recovery(folder, right, acknowledged,
                             go_on_to(acknowledged, i % kToTheEndEvery == 0));
    }
    if (!fault.empty()) fault = text_of(course, point) + ": " + fault;
    teller.tell(Word::kDone, static_cast<std::uint64_t>(point.kind), fault);
  }
}

std::vector<Point> points_of(const Recorded& course) {
  std::vector<Point> out;
  for (std::size_t call = 0; call < course.calls.size(); ++call) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Point point{call, static_cast<Kind>(kind)};
      // Behind the last acknowledgement there is no step to live on for.
      const bool is_behind = course.acknowledged[call] >= kParts * kSteps;
      if (is_behind && is_lived_through(point.kind)) continue;
      if (applies(course.calls[call], point.kind)) out.push_back(point);
    }
  }
  return out;
}

std::size_t workers() { return kWorkersACore * std::max(1U, std::thread::hardware_concurrency()); }

// Of all points those of a part, as PATUH_PART names it: "2/8".
std::vector<Point> part_of(std::vector<Point> points) {
  const char* const asked = std::getenv("PATUH_PART");
  unsigned part = 1;
  unsigned parts = 1;
  if (asked != nullptr && std::sscanf(asked, "%u/%u", &part, &parts) != 2) std::abort();
  std::erase_if(points, [&](const Point& point) {
    return point.call / (kCallsTogether * workers()) % parts != part - 1;
  });
  return points;
}

std::vector<Point> sampled(const std::vector<Point>& points) {
  const char* const asked = std::getenv("PATUH_POINTS");
  if (asked != nullptr && std::string_view(asked) == "all") return part_of(points);
  const std::size_t count = asked != nullptr ? std::strtoull(asked, nullptr, 10) : kSampled;
  const char* const given = std::getenv("PATUH_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("a sample of %zu of %zu points, PATUH_SEED=%llu\n", count, points.size(),
              static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  std::mt19937_64 random(seed);
  std::vector<Point> out;
  std::ranges::sample(points, std::back_inserter(out), static_cast<std::ptrdiff_t>(count), random);
  return out;
}

TEST(Crash, AfterAnyMisfortuneWhatIsThereIsWhatTheUndisturbedRunHas) {
  const Undisturbed right = undisturbed();
  ASSERT_EQ(right.at.size(), kParts * kSteps + 1);
  const Recorded course = recorded();
  ASSERT_GT(course.calls.size(), 1000U);
  const std::vector<Point> points = sampled(points_of(course));

  std::vector<Child> children;
  for (std::size_t worker = 0; worker < workers(); ++worker) {
    std::vector<Point> share;
    for (const Point& point : points) {
      if (point.call / kCallsTogether % workers() == worker) share.push_back(point);
    }
    children.push_back(
        Child::start([&, share](Teller& teller) { check_points(share, course, right, teller); }));
  }
  std::array<std::size_t, kKinds> done{};
  // Each is heard at once: one whose pipe is full stands still.
  std::vector<Ended> heard(children.size());
  {
    std::vector<std::jthread> listening;
    for (std::size_t i = 0; i < children.size(); ++i) {
      listening.emplace_back([&, i] { heard[i] = children[i].finish(); });
    }
  }
  std::size_t all = 0, alike = 0;
  for (const Ended& worker : heard) {
    EXPECT_EQ(worker.status, 0);
    for (const Message& message : worker.messages) {
      EXPECT_EQ(message.bytes, "");
      alike += message.word == Word::kAlike ? 1 : 0;
      ++done[message.number];
      ++all;
    }
  }
  EXPECT_EQ(all, points.size());
  std::printf(
      "%zu records in %zu file operations; points looked at: %zu, %zu of them alike another\n",
      right.entries.size() - 1, course.calls.size(), all, alike);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    std::printf("  %6zu %s\n", done[kind], kNames[kind]);
  }
  RecordProperty("points", static_cast<int>(all));
}

}  // namespace
}  // namespace patuh::fault
