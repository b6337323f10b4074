// patuhd put together: start-up as a list of named steps, reload, and an orderly end. Private to
// app.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "app/options.h"
#include "base/base.h"
#include "collectors/file/file.h"
#include "collectors/kafka/kafka.h"
#include "config/config.h"
#include "metrics/metrics.h"
#include "pipeline/pipeline.h"
#include "sinks/sinks.h"

namespace patuh::app {

// Owns everything that runs. Members are ended in the opposite order of their making.
class Daemon {
 public:
  Daemon(Options options, config::Config config, std::shared_ptr<const rulebook::RuleBook> book);
  ~Daemon();

  // Runs until a signal ends it; gives the process's exit status.
  int run();

 private:
  using Step = base::Status (Daemon::*)();
  base::Status start();
  base::Status open_pipeline();
  base::Status start_sinks();
  base::Status start_server();
  base::Status start_spool();
  base::Status start_kafka();
  void add_metrics();
  void watch();
  void end();
  sinks::Outbox outbox_of(const std::string& sink);
  base::Result<std::string> reload(const pipeline::Operator& by);
  std::string waits_for_restart(const config::Config& now) const;
  api::Readiness readiness() const;

  Options options_;
  config::Config config_;
  std::shared_ptr<const rulebook::RuleBook> book_;
  base::Loop loop_;
  metrics::Registry metrics_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::vector<std::unique_ptr<sinks::Sink>> sinks_;
  std::unique_ptr<api::Server> server_;
  std::unique_ptr<file::Spool> spool_;
  std::unique_ptr<collectors::KafkaCollector> kafka_;
  std::atomic<bool> ready_{false};
  std::atomic<std::int64_t> beat_{0};  // steady milliseconds of the pipeline's last sign of life
};

}  // namespace patuh::app
