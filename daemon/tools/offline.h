// A daemon's data folder opened without the daemon. Private to tools.
#pragma once

#include <memory>

#include "config/config.h"
#include "pipeline/pipeline.h"
#include "store/store.h"
#include "tools/commands.h"

namespace patuh::tools {

// The status to leave with, told already; zero when all is well.
struct Opened {
  int status = kDone;
  config::Config config;
  std::shared_ptr<const rulebook::RuleBook> book;
  std::unique_ptr<pipeline::Pipeline> pipeline;
};
// The store under its lock; one of an older format is brought forward, which is shown.
base::Result<std::unique_ptr<store::Store>> open_store(const Place& place);
// Configuration, rulebook, store under its lock, and the pipeline recovered but not started.
// Makes the store where there is none.
Opened open_pipeline(const Place& place, pipeline::ClockMode clock);
// Of a store that is there, on its own clock.
Opened open_existing(const Place& place);

struct OpenedReader {
  int status = kDone;
  std::unique_ptr<store::Reader> reader;
};
base::Result<std::unique_ptr<store::Reader>> reader_of(const Place& place);
OpenedReader open_reader(const Place& place);  // complains
// The engine as it stood at `at` (RFC 3339; empty: at the log's end), telling how far it is.
base::Result<std::unique_ptr<engine::Engine>> engine_at(store::Reader& reader,
                                                        const std::string& at);

// "\r"-style progress on a terminal, a line now and then elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(std::string what);
  ~ProgressLine();
  void show(std::uint64_t done, std::uint64_t all, const std::string& more = "");

 private:
  std::string what_;
  bool terminal_;
  std::chrono::steady_clock::time_point last_{};
  bool shown_ = false;
};

}  // namespace patuh::tools
