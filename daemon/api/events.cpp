#include "api/handlers.h"
#include "collectors/http/http.h"

namespace patuh::api {
namespace {

// While intake stands still nothing would become durable: the sender need not wait to be told so.
std::optional<Response> paused(const Services& services) {
  const auto view = services.pipeline->view();
  if (view->trouble.empty()) return std::nullopt;
  return problem_of({base::Code::kUnavailable, view->trouble});
}

}  // namespace

void add_events(Router& router, const Options& options, const Services& services) {
  router.add(
      "POST", "/api/v1/events",
      "Takes events; answers after they are durable, one result an event in order",
      [&options, &services](const Request& request, const Parts&) {
        if (auto wait = paused(services)) return std::move(*wait);
        std::vector<std::pair<std::string_view, std::string_view>> headers;
        for (const auto& [name, value] : request.headers) headers.emplace_back(name, value);
        const auto receipts = http::take({request.body, request.header("content-type"), headers},
                                         options.limits, services.pipeline->intake());
        if (!receipts) return problem_of(receipts.error());
        return json_response(http::answer_of(*receipts));
      },
      Query(std::in_place));
}

}  // namespace patuh::api
