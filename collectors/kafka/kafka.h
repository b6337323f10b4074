// collectors/kafka: change events from Kafka topics, as a member of a consumer group.
//
// One thread polls, decodes and hands on. Offsets come from the store: reading starts where the
// last durable batch ended, and is committed to the broker only afterwards, for lag tools. When the
// intake is full, the partitions are paused while polling goes on, so that membership is kept. What
// would lose data (an offset out of range, a fenced member) stops reading and says so; and until
// instances can share a group, so does another member with another instance id.
//
//   auto collector = collectors::KafkaCollector::start(options, pipeline.intake());
//   …
//   (*collector)->stop();
//
// Threads: start() and stop() on the owner's thread, stats() from any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/base.h"
#include "collectors/decode/decode.h"
#include "kafka/kafka.h"

namespace patuh::collectors {

struct KafkaOptions {
  kafka::Properties properties;  // bootstrap.servers, group.id, group.instance.id among them
  std::vector<kafka::Topic> topics;
  decode::Limits limits;
  std::size_t poll_records = 500;  // of one delivery at most
  // The next offset to read, from what is durable; nothing when the partition is new.
  std::function<std::optional<std::int64_t>(const std::string& topic, std::int32_t partition)>
      next_offset;
  // The schema that the pipeline judges by, to interpret events ahead of it; may be empty.
  std::function<std::shared_ptr<const model::Schema>()> schema{};
};

struct KafkaStats {
  kafka::ConsumerStats consumer;
  std::string stopped;  // not empty: reading stopped, and why; intake stands still
  std::uint64_t deliveries = 0;
};

class KafkaCollector {
 public:
  // Does not wait for the broker. kInvalid names the setting at fault.
  static base::Result<std::unique_ptr<KafkaCollector>> start(KafkaOptions options,
                                                             decode::Intake& intake);
  ~KafkaCollector();
  KafkaCollector(const KafkaCollector&) = delete;
  KafkaCollector& operator=(const KafkaCollector&) = delete;

  // Hands on nothing more, waits for what is on its way to be durable, gives the partitions back.
  void stop();
  KafkaStats stats() const;

 private:
  struct Impl;
  explicit KafkaCollector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::collectors
