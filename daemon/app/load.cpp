#include "app/load.h"

#include <filesystem>

namespace patuh::app {
namespace {

// The pack and, where it exists, the site's layer.
rulebook::Loaded load_rules(const config::Config& config, base::Diagnostics* warnings) {
  std::vector<std::filesystem::path> layers = {config.rules_pack};
  std::error_code error;
  if (std::filesystem::is_directory(config.rules_site, error)) {
    layers.emplace_back(config.rules_site);
  }
  return rulebook::load(layers, warnings);
}

// Faults of Kafka's settings, which only librdkafka knows.
base::Diagnostics check_kafka(const config::Config& config) {
  base::Diagnostics out;
  if (config.kafka_brokers.empty()) return out;
  for (const kafka::PropertyFault& fault :
       kafka::check_consumer(kafka_properties(config, "check"))) {
    out.add({base::Diagnostic::Level::kError,
             "CONFIG-KAFKA",
             {"[kafka.properties]", 0, 0},
             "",
             fault.name + ": " + fault.message,
             "librdkafka's CONFIGURATION.md lists every setting"});
  }
  return out;
}

}  // namespace

std::expected<Settings, base::Diagnostics> load(const Options& options) {
  config::Input input;
  if (!options.config_file.empty()) input.file = options.config_file;
  input.sets = options.sets;
  auto config = config::load(input);
  if (!config) return std::unexpected(std::move(config.error()));
  base::Diagnostics faults = check_kafka(*config);
  base::Diagnostics warnings;
  auto book = load_rules(*config, &warnings);
  if (!book) faults.append(book.error());
  if (faults.has_errors()) {
    warnings.append(faults);
    return std::unexpected(std::move(warnings));
  }
  return Settings{std::move(*config), std::move(*book), std::move(warnings)};
}

kafka::Properties kafka_properties(const config::Config& config, const std::string& instance_id) {
  kafka::Properties out;
  for (const auto& [name, value] : config.kafka_properties) out.set(name, value);
  out.set("bootstrap.servers", config.kafka_brokers);
  out.set("group.id", config.kafka_group);
  // Each data folder is one static member, so that a restart takes its own place at once.
  if (!out.get("group.instance.id") && !out.get("group.instance.id.file")) {
    out.set("group.instance.id", instance_id);
  }
  return out;
}

}  // namespace patuh::app
