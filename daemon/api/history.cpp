// What operators do to the log: its clock, and what is erased from it. Each is a record.
#include <algorithm>

#include "api/handlers.h"
#include "json/json.h"

namespace patuh::api {
namespace {

constexpr std::size_t kWordsBytesMax = 500;

bool is_short_text(std::string_view text) {
  return text.size() <= kWordsBytesMax &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

std::string query_of(const Request& request, const std::string& name, std::string otherwise = {}) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::move(otherwise) : found->second;
}

std::int64_t seconds_of(base::Duration span) {
  return std::chrono::duration_cast<std::chrono::seconds>(span).count();
}

Response show_clock(const Services& services) {
  const auto view = services.pipeline->view();
  json::Writer out;
  out.begin_object().member("clock", pipeline::name_of(view->clock));
  out.key("record").unsigned_integer(view->tail.seq.value);
  if (view->tail.seq.value != 0) out.member("now", base::to_rfc3339(view->now));
  out.member("wall", base::to_rfc3339(base::system_clock().now()));
  out.key("behind_seconds").integer(seconds_of(view->clock_behind_by));
  out.key("jump_seconds").integer(seconds_of(view->clock_jump));
  return json_response(out.member("trouble", view->trouble).end_object().take());
}

// Runs what an operator asks for; `good` is said when it is done.
template <class Act>
Response act(const Request& request, const Act& what, const char* good) {
  const auto by = operator_of(request);
  if (!by) return unknown_operator();
  const base::Status done = what(*by);
  if (!done && done.error().code == base::Code::kConflict) {
    return problem(409, "conflict", "There is nothing to do", done.error().message);
  }
  if (!done) return problem_of(done.error());
  Response out;
  out.body = good;
  return out;
}

Response show_baseline(const Services& services) {
  const auto view = services.pipeline->view();
  model::Tally all;
  for (const auto& [code, domains] : view->tallies->agencies) {
    for (const auto& [domain, tally] : domains) all += tally;
  }
  json::Writer out;
  out.begin_object().key("baseline");
  if (view->baseline == base::Instant::min()) {
    out.null();
  } else {
    out.string(base::to_rfc3339(view->baseline));
  }
  out.key("inherited").begin_object();
  for (const model::Severity severity : model::kSeverities) {
    out.member(model::name_of(severity), all.inherited[static_cast<std::size_t>(severity)]);
  }
  return json_response(out.end_object().end_object().take());
}

// It silences alerts: whoever does it says why.
Response baseline(const Request& request, const Services& services, const std::string& what,
                  const char* good) {
  if (query_of(request, "reason").empty()) {
    return problem(400, "invalid", "The request is wrong", "reason must be given");
  }
  return act(
      request,
      [&](const pipeline::Operator& by) {
        return services.pipeline->baseline({"baseline", by.principal, by.reason, what});
      },
      good);
}

Response compact(const Services& services) {
  const store::FileSizes files = services.pipeline->view()->store.files;
  if (const auto done = services.pipeline->compact(); !done) return problem_of(done.error());
  Response out;
  out.body = std::to_string(services.pipeline->view()->store.files.database) + " bytes, before " +
             std::to_string(files.database + files.wal) + "\n";
  return out;
}

Response erase(const Request& request, const Services& services) {
  auto events = pipeline::event_places_of(query_of(request, "events"));
  if (!events) return problem_of(events.error());
  if (events->empty() || query_of(request, "reason").empty()) {
    return problem(400, "invalid", "The request is wrong",
                   "events (as in events=17/0) and reason must be given");
  }
  const std::string detail = pipeline::text_of(*events);
  return act(
      request,
      [&](const pipeline::Operator& by) {
        return services.pipeline->erase(std::move(*events),
                                        {"erase", by.principal, by.reason, detail});
      },
      "erased\n");
}

}  // namespace

std::optional<pipeline::Operator> operator_of(const Request& request) {
  pipeline::Operator out{query_of(request, "by", "operator"), query_of(request, "reason")};
  if (out.principal.empty() || !is_short_text(out.principal) || !is_short_text(out.reason)) {
    return std::nullopt;
  }
  return out;
}

Response unknown_operator() {
  return problem(400, "invalid", "The request is wrong",
                 "by and reason must be short texts, and by not empty");
}

void add_history(Router& router, const Services& services) {
  const Query who({"by", "reason"});
  router.add(
      "POST", "/-/store/compact",
      "Give room that was deleted back to the disk; input waits meanwhile",
      [&services](const Request&, const Parts&) { return compact(services); },
      Query(std::in_place));
  router.add(
      "GET", "/-/clock", "Where the log's time and the wall clock stand",
      [&services](const Request&, const Parts&) { return show_clock(services); },
      Query(std::in_place));
  router.add(
      "POST", "/-/clock/wall", "End event clock for good: history is told as digests",
      [&services](const Request& request, const Parts&) {
        return act(
            request,
            [&](const pipeline::Operator& by) {
              return services.pipeline->clock_wall({"clock", by.principal, by.reason, "wall"});
            },
            "wall time from now on\n");
      },
      who);
  router.add(
      "POST", "/-/clock/accept", "Take a leap of the wall clock for right: intake goes on",
      [&services](const Request& request, const Parts&) {
        return act(
            request,
            [&](const pipeline::Operator& by) {
              return services.pipeline->clock_accept({"clock", by.principal, by.reason, "accept"});
            },
            "the wall clock is taken as it is\n");
      },
      who);
  router.add(
      "GET", "/-/baseline", "Since when violations are inherited, and how many are",
      [&services](const Request&, const Parts&) { return show_baseline(services); },
      Query(std::in_place));
  router.add(
      "POST", "/-/baseline", "What violates now is inherited: counted, not alerted",
      [&services](const Request& request, const Parts&) {
        return baseline(request, services, std::string(pipeline::kDraw),
                        "what violates by now is inherited\n");
      },
      who);
  router.add(
      "POST", "/-/baseline/lift", "Nothing is inherited any more: alerts fire again",
      [&services](const Request& request, const Parts&) {
        return baseline(request, services, "lift", "nothing is inherited any more\n");
      },
      who);
  router.add(
      "POST", "/-/log/erase", "Erase the bodies of events, named RECORD/PLACE; for good",
      [&services](const Request& request, const Parts&) { return erase(request, services); },
      Query({"events", "by", "reason"}));
}

}  // namespace patuh::api
