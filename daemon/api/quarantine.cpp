// Inputs that were set aside, fed in once more.
#include <algorithm>
#include <charconv>

#include "api/handlers.h"
#include "json/json.h"

namespace patuh::api {
namespace {

constexpr std::size_t kIdsMax = 1000;

// "3,17"; nothing when it is anything else.
std::optional<std::vector<store::QuarantineId>> ids_of(std::string_view text) {
  std::vector<store::QuarantineId> out;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    std::uint64_t id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    if (error != std::errc() || !std::in_range<std::int64_t>(id)) return std::nullopt;
    out.emplace_back(id);
    if (out.size() > kIdsMax) return std::nullopt;
    if (next == end) return out;
    if (*next != ',') return std::nullopt;
    at = next + 1;
  }
}

std::string answer_of(std::span<const pipeline::Redriven> results) {
  json::Writer out;
  out.begin_object().key("results").begin_array();
  for (const pipeline::Redriven& each : results) {
    out.begin_object().key("id").unsigned_integer(each.id.value);
    if (!each.refusal.empty()) {
      out.member("result", "refused").member("message", each.refusal).end_object();
      continue;
    }
    out.member("result", decode::name_of(each.receipt.taken));
    if (!each.receipt.reason.empty()) {
      out.member("reason", each.receipt.reason).member("message", each.receipt.message);
    }
    out.end_object();
  }
  return out.end_array().end_object().take();
}

Response redrive(const Request& request, const Options& options, const Services& services) {
  const auto given = request.query.find("ids");
  const auto ids = given == request.query.end() ? std::nullopt : ids_of(given->second);
  if (!ids) {
    return problem(400, "invalid", "The request is wrong",
                   "ids must be 1 to " + std::to_string(kIdsMax) + " numbers, as in ids=3,17");
  }
  const auto by = operator_of(request);
  if (!by) return unknown_operator();
  const auto results = services.pipeline->redrive(*ids, *by, options.limits);
  return results ? json_response(answer_of(*results)) : problem_of(results.error());
}

}  // namespace

void add_quarantine(Router& router, const Options& options, const Services& services) {
  router.add(
      "POST", "/-/quarantine/redrive",
      "Take inputs that were set aside once more; one result a number in order",
      [&options, &services](const Request& request, const Parts&) {
        return redrive(request, options, services);
      },
      Query({"ids", "by", "reason"}));
}

}  // namespace patuh::api
