#include <future>

#include "collectors/decode/decode.h"

namespace patuh::decode {

base::Result<std::vector<Receipt>> deliver(Delivery delivery, Intake& intake,
                                           std::chrono::milliseconds wait) {
  const std::size_t events = delivery.items.size();
  auto answer = std::make_shared<std::promise<std::vector<Receipt>>>();
  auto received = answer->get_future();
  delivery.done = [answer](std::span<const Receipt> receipts) {
    answer->set_value({receipts.begin(), receipts.end()});
  };
  if (!intake.try_push(delivery)) {
    return base::fail(base::Code::kUnavailable, "the intake is full or closed");
  }
  if (received.wait_for(wait) != std::future_status::ready) {
    return base::fail(base::Code::kUnavailable, "the events are not durable yet; send them again");
  }
  std::vector<Receipt> receipts = received.get();
  if (receipts.size() != events) {
    return base::fail(base::Code::kUnavailable, "the daemon is stopping; send the events again");
  }
  return receipts;
}

}  // namespace patuh::decode
