#include "app/load.h"

#include <filesystem>

namespace patuh::app {
namespace {

// The pack and, where it exists, the site's layer.
rulebook::Loaded load_rules(const config::Config& config, base::Diagnostics* warnings) {
  std::vector<std::filesystem::path> layers = {config.rules_pack};
  std::error_code error;
  // What is there and is no folder, or may not be looked at, is the rulebook's to complain of.
  const auto site = std::filesystem::status(config.rules_site, error);
  if (site.type() != std::filesystem::file_type::not_found) {
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
             fault.name.ends_with(".file") ? "the file holds the value; the daemon's user reads it"
                                           : "librdkafka's CONFIGURATION.md lists every setting"});
  }
  return out;
}

bool is_secret_file(const std::string& name) {
  static constexpr std::string_view kFile = ".file";
  if (name == "ssl.key.location" || name == "ssl.keystore.location") return true;
  return name.ends_with(kFile) &&
         kafka::Properties::is_secret(name.substr(0, name.size() - kFile.size()));
}

void warn_of_open_secrets(const config::Config& config, base::Diagnostics& warnings) {
  using std::filesystem::perms;
  for (const auto& [name, path] : config.kafka_properties) {
    std::error_code error;
    const auto found = std::filesystem::status(path, error);
    const bool is_open = !error && (found.permissions() & perms::others_read) != perms::none;
    if (!is_secret_file(name) || !is_open) continue;
    warnings.add({base::Diagnostic::Level::kWarning,
                  "CONFIG-OPEN-SECRET",
                  {path, 0, 0},
                  "",
                  "everybody on this computer can read this secret (kafka.properties." + name + ")",
                  "chown root:patuh and chmod 640"});
  }
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
  warn_of_open_secrets(*config, warnings);
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
