#include "collectors/kafka/in_flight.h"

#include <thread>

namespace patuh::collectors {
namespace {

constexpr std::chrono::milliseconds kDrainPoll{5};

}  // namespace

void InFlight::track(const std::shared_ptr<InFlight>& account, decode::Delivery& delivery,
                     std::vector<kafka::Position> next, std::size_t bytes) {
  account->deliveries_ += 1;
  account->bytes_ += bytes;
  delivery.done = [account, next = std::move(next), bytes, items = delivery.items.size()](
                      std::span<const decode::Receipt> receipts) mutable {
    account->settle(receipts.size() == items, std::move(next), bytes);
  };
}

void InFlight::forget(std::size_t bytes) {
  bytes_ -= bytes;
  deliveries_ -= 1;
}

void InFlight::settle(bool durable, std::vector<kafka::Position> next, std::size_t bytes) {
  if (durable) {
    static_cast<void>(durable_.try_push(next));
  } else {
    refused_ = true;
  }
  forget(bytes);
}

bool InFlight::drain(std::chrono::milliseconds wait) const {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (deliveries_ > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kDrainPoll);
  }
  return deliveries_ == 0;
}

std::vector<kafka::Position> InFlight::take_durable() {
  std::map<kafka::TopicPartition, kafka::Offset> newest;
  for (auto& positions :
       durable_.pop_some(durable_.capacity(), std::chrono::milliseconds::zero())) {
    for (kafka::Position& position : positions) {
      newest.insert_or_assign(std::move(position.at), position.next);
    }
  }
  std::vector<kafka::Position> out;
  for (auto& [at, next] : newest) out.push_back({at, next});
  return out;
}

}  // namespace patuh::collectors
