// file: events from NDJSON files, one event a line.
//
// feed() reads one file into an Intake; a Spool watches a folder and feeds each *.ndjson file that
// appears there, in the order of their names, then renames it to *.ndjson.done once all of it is
// durable. A file is known by its name and content, so that a restart goes on at the line where the
// store is, and another file of the same name is another file. Write files under another name and
// rename them into place.
//
//   file::Spool spool({.folder = dir, .next_line = …}, pipeline.intake());
//   spool.start();
//
// Threads: a Spool has one of its own; stats() from any. feed() runs on the caller's.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/base.h"
#include "collectors/decode/decode.h"

namespace patuh::file {

inline constexpr std::size_t kLinesPerDelivery = 500;
// A longer line is cut there: enough to set it aside with its beginning, not to fill the memory.
inline constexpr std::size_t kLineBytesMax = std::size_t{64} * 1024 * 1024;

// "name#digest of its first 64 KiB and size": what the store keeps the position under.
base::Result<std::string> identity_of(const std::filesystem::path& path);

struct Progress {
  std::uint64_t lines = 0;  // durable, set aside ones included
  std::uint64_t set_aside = 0;
  std::uint64_t bytes = 0, bytes_all = 0;
};

struct FeedOptions {
  std::int64_t first_line = 1;  // lines before it are skipped
  decode::Limits limits;
  // The schema that the pipeline judges by, to interpret events ahead of it; may be empty. Called
  // on the reading thread.
  std::function<std::shared_ptr<const model::Schema>()> schema{};
  std::function<void(const Progress&)> progress;  // on the pipeline's thread, after commits
};

// Reads the file to its end; returns when every line is durable. kCancelled when stopped or the
// intake closed before. Empty lines are passed over. Blocks while the intake is full.
base::Result<Progress> feed(const std::filesystem::path& path, decode::Intake& intake,
                            const FeedOptions& options, std::stop_token stop = {});

struct SpoolOptions {
  std::filesystem::path folder;  // made when it does not exist
  // The next line of a file by its identity, from what is durable; nothing when it is new.
  std::function<std::optional<std::int64_t>(const std::string& identity)> next_line;
  decode::Limits limits;
  std::function<std::shared_ptr<const model::Schema>()> schema{};  // as in FeedOptions
};

struct Stats {
  std::uint64_t files = 0;  // taken to their end since start
  std::uint64_t lines = 0;
  std::uint64_t failed = 0;  // files that could not be read
};

class Spool {
 public:
  Spool(SpoolOptions options, decode::Intake& intake);
  ~Spool();
  base::Status start();  // kUnavailable when the folder cannot be made or read
  void stop();
  Stats stats() const;

 private:
  void run(const std::stop_token& stop);
  void take(const std::filesystem::path& path, const std::stop_token& stop);

  SpoolOptions options_;
  decode::Intake& intake_;
  std::atomic<std::uint64_t> files_{0}, lines_{0}, failed_{0};
  // Taken, but under its name still, since it could not be renamed: its identity, empty when it
  // could not be read. On the spool's thread.
  std::map<std::filesystem::path, std::string> stays_;
  std::jthread thread_;
};

}  // namespace patuh::file
