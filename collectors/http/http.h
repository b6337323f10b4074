// collectors/http: one HTTP request of events into a Delivery, and its receipts into an answer. The
// sockets are the API's.
//
//   http::Taken taken = http::take({.body = …, .content_type = …}, {}, intake);
//
// A request waits until its events are durable. Threads: any; each call blocks its own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "collectors/decode/decode.h"

namespace patuh::http {

struct Post {
  std::string_view body;
  std::string_view content_type;
  std::span<const std::pair<std::string_view, std::string_view>> headers;
};

// One receipt an event, in order, once they are durable. kUnavailable when the intake is full or
// the pipeline does not commit within `wait`: nothing is known to be taken then, and repeating the
// same events is safe, since they are known by their identity.
base::Result<std::vector<decode::Receipt>> take(
    const Post& post, const decode::Limits& limits, decode::Intake& intake,
    std::chrono::milliseconds wait = std::chrono::seconds(30));

// {"results":[{"result":"applied"},{"result":"set_aside","reason":…,"message":…}]}
std::string answer_of(std::span<const decode::Receipt> receipts);

}  // namespace patuh::http
