// Reads what the configuration names, and says what is wrong with it. Private to app.
#pragma once

#include <memory>

#include "config/config.h"
#include "kafka/kafka.h"
#include "rulebook/rulebook.h"

namespace patuh::app {

// The pack and, where it exists, the site's layer.
rulebook::Loaded load_rules(const config::Config& config, base::Diagnostics* warnings);
// Faults of Kafka's settings, which only librdkafka knows.
base::Diagnostics check_kafka(const config::Config& config);
kafka::Properties kafka_properties(const config::Config& config, const std::string& instance_id);

}  // namespace patuh::app
