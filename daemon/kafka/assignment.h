// Private to kafka: which partitions a consumer holds and how far each has been read.
#pragma once

#include <string_view>
#include <vector>

#include "kafka/kafka.h"

namespace patuh::kafka {

struct Holding {
  PartitionStats stats;
  bool stopped = false;  // by a fault: what still comes is dropped
};

// Threads: the one that polls.
class Assignment {
 public:
  // `next` is nothing where reading starts at an end whose offset is not known yet.
  void add(const TopicPartition& at, std::optional<Offset> next);
  void remove(const TopicPartition& at);
  // Null when not held. Valid until the next add() or remove().
  Holding* find(std::string_view topic, Partition partition);
  std::span<Holding> list() { return holdings_; }

 private:
  std::vector<Holding> holdings_;  // ordered by place
  std::size_t last_found_ = 0;     // records come in runs of one partition
};

}  // namespace patuh::kafka
