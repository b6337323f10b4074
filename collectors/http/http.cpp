#include "collectors/http/http.h"

#include <algorithm>

#include "json/json.h"

namespace patuh::http {
namespace {

constexpr std::string_view kLines = "application/x-ndjson";

// Media types are compared without case; parameters may follow.
bool is_lines(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  return base::equal_without_case(type, kLines);
}

std::vector<decode::Item> items_of(const Post& post, const decode::Limits& limits) {
  model::Position position;
  position.channel = "http";
  if (!is_lines(post.content_type)) {
    return decode::decode({post.body, post.content_type, post.headers, position}, limits);
  }
  std::vector<decode::Item> out;
  std::string_view left = post.body;
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    ++position.offset;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (out.size() == limits.events_max) {
      decode::Rejected all = decode::too_many(post.body, limits);
      all.position.channel = position.channel;
      out.clear();
      out.emplace_back(std::move(all));
      break;
    }
    out.push_back(decode::decode_one(line, position, limits));
  }
  return out;
}

}  // namespace

base::Result<std::vector<decode::Receipt>> take(const Post& post, const decode::Limits& limits,
                                                decode::Intake& intake,
                                                std::chrono::milliseconds wait) {
  decode::Delivery delivery;
  delivery.items = items_of(post, limits);
  if (delivery.items.empty()) return std::vector<decode::Receipt>{};
  return decode::deliver(std::move(delivery), intake, wait);
}

std::string answer_of(std::span<const decode::Receipt> receipts) {
  json::Writer out;
  out.begin_object().key("results").begin_array();
  for (const decode::Receipt& receipt : receipts) {
    out.begin_object().member("result", decode::name_of(receipt.taken));
    if (!receipt.reason.empty()) {
      out.member("reason", receipt.reason).member("message", receipt.message);
    }
    out.end_object();
  }
  return out.end_array().end_object().take();
}

}  // namespace patuh::http
