// Reads what the configuration names, and says what is wrong with it. Private to app.
#pragma once

#include <expected>
#include <memory>

#include "app/options.h"
#include "config/config.h"
#include "kafka/kafka.h"
#include "rulebook/rulebook.h"

namespace patuh::app {

struct Settings {
  config::Config config;
  std::shared_ptr<const rulebook::RuleBook> book;
  base::Diagnostics warnings;
};
// What the files and the command line say now; else every fault: those of Kafka's settings and of
// the rules together, once the configuration itself can be read.
std::expected<Settings, base::Diagnostics> load(const Options& options);

kafka::Properties kafka_properties(const config::Config& config, const std::string& instance_id);

}  // namespace patuh::app
