#include "app/load.h"

#include <filesystem>

namespace patuh::app {

rulebook::Loaded load_rules(const config::Config& config, base::Diagnostics* warnings) {
  std::vector<std::filesystem::path> layers = {config.rules_pack};
  std::error_code error;
  if (std::filesystem::is_directory(config.rules_site, error)) {
    layers.emplace_back(config.rules_site);
  }
  return rulebook::load(layers, warnings);
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

}  // namespace patuh::app
