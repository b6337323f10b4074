// Private to kafka: what a batch holds.
#pragma once

#include <memory>
#include <vector>

#include "kafka/native.h"

namespace patuh::kafka {

struct Batch::Held {
  std::shared_ptr<Handle> handle;  // first, so that it outlives the messages
  std::vector<NativeMessage> messages;
  std::vector<Record> records;  // views into messages, one each
  std::vector<Position> next;

  // Takes a message without an error.
  void add(NativeMessage message);
  // Leaves out the records of a partition.
  void drop(const TopicPartition& at);
};

}  // namespace patuh::kafka
