#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "json/json.h"
#include "kafka/kafka.h"
#include "tools/offline.h"

namespace patuh::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Events of one source keep their order: they share a key, and so a partition.
std::string key_of(const std::string& line) {
  const auto document = json::parse(line, {});
  if (!document || !document->root().is(json::Of::kObject)) return {};
  const json::Node* const source = document->root().find("source");
  return source != nullptr && source->is(json::Of::kString) ? std::string(source->string()) : "";
}

// A line as a message: its event and the key that places it.
struct Keyed {
  std::string key;
  std::string_view event;
};
base::Result<Keyed> keyed(const std::string& line, bool with_key) {
  if (!with_key) return Keyed{key_of(line), line};
  const std::size_t tab = line.find('\t');
  if (tab == std::string::npos) {
    return base::fail(base::Code::kInvalid, "--keyed: a line has no tab between key and event");
  }
  return Keyed{line.substr(0, tab), std::string_view(line).substr(tab + 1)};
}

base::Status make_topic(const PublishOptions& options, const kafka::Properties& properties) {
  if (options.partitions == 0) return {};
  auto admin = kafka::Admin::open(properties);
  if (!admin) return std::unexpected(admin.error());
  kafka::NewTopic topic;
  topic.name = kafka::Topic(options.topic);
  topic.partitions = options.partitions;
  auto status = (*admin)->create(topic, seconds(30));
  if (!status && status.error().code != base::Code::kExists) return status;
  return {};
}

base::Status send_all(std::istream& in, std::uint64_t size, const PublishOptions& options,
                      kafka::Producer& producer, std::uint64_t& sent) {
  ProgressLine progress("publishing");
  std::string line;
  std::uint64_t bytes = 0;
  while (std::getline(in, line)) {
    bytes += line.size() + 1;
    if (line.empty()) continue;
    const auto parts = keyed(line, options.keyed);
    if (!parts) return std::unexpected(parts.error());
    kafka::Message message;
    message.topic = options.topic;
    message.key = parts->key;
    message.payload = parts->event;
    if (auto status = producer.send(message); !status) return status;
    ++sent;
    if (size > 0) progress.show(bytes, size, std::to_string(sent) + " events");
  }
  return producer.flush(seconds(60));
}

}  // namespace

int publish(const PublishOptions& options) {
  kafka::Properties properties;
  properties.set("bootstrap.servers", options.brokers);
  for (const std::string& property : options.properties) {
    const std::size_t equals = property.find('=');
    if (equals == std::string::npos) {
      return complain({base::Code::kInvalid, "--property takes NAME=VALUE"});
    }
    properties.set(property.substr(0, equals), property.substr(equals + 1));
  }
  if (auto status = make_topic(options, properties); !status) return complain(status.error());
  kafka::ProducerOptions producer_options;
  producer_options.properties = properties;
  auto producer = kafka::Producer::open(std::move(producer_options));
  if (!producer) return complain(producer.error());
  std::uint64_t sent = 0;
  base::Status status;
  if (options.file == "-") {
    status = send_all(std::cin, 0, options, **producer, sent);
  } else {
    std::ifstream in(options.file, std::ios::binary);
    std::error_code error;
    const auto size = std::filesystem::file_size(options.file, error);
    if (!in || error) {
      return complain({base::Code::kNotFound, options.file + " cannot be read"});
    }
    status = send_all(in, size, options, **producer, sent);
  }
  if (!status && options.partitions == 0) {
    status.error().message += "; a topic that is not there is made by --partitions N";
  }
  if (!status) return complain(status.error());
  std::printf("%llu events published to %s\n", static_cast<unsigned long long>(sent),
              options.topic.c_str());
  return kDone;
}

}  // namespace patuh::tools
