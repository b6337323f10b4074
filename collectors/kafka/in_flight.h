// Private to collectors/kafka: what was handed on and is not durable yet.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "collectors/decode/decode.h"
#include "kafka/kafka.h"

namespace patuh::collectors {

// Shared with the deliveries on their way, which may outlive the collector.
//
// Threads: the collector's, but settle(), which runs on the pipeline's.
class InFlight {
 public:
  // Makes `delivery` report to `account` and counts it. To be called once it was taken.
  static void track(const std::shared_ptr<InFlight>& account, decode::Delivery& delivery,
                    std::vector<kafka::Position> next, std::size_t bytes);
  // Undoes track() for a delivery that was not taken in the end.
  void forget(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }
  // Waits until nothing is on its way; false when some still is.
  bool drain(std::chrono::milliseconds wait) const;
  // The pipeline gave deliveries back unwritten: it has stopped.
  bool refused() const { return refused_; }
  // Positions that have become durable since the last call, the newest of each partition.
  std::vector<kafka::Position> take_durable();

 private:
  void settle(bool durable, std::vector<kafka::Position> next, std::size_t bytes);

  std::atomic<std::size_t> deliveries_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> refused_{false};
  // When full, an older position waits for the next one of its partition: it is for lag tools only.
  base::Queue<std::vector<kafka::Position>> durable_{1024};
};

}  // namespace patuh::collectors
