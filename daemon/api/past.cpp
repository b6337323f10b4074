// Answers about the past, from the store's indexes: no engine is asked.
#include <algorithm>
#include <array>

#include "api/handlers.h"
#include "api/write.h"
#include "json/json.h"
#include "reports/reports.h"

namespace patuh::api {
namespace {

base::Result<base::Instant> instant_of(const Request& request, const std::string& name) {
  auto instant = base::from_rfc3339(parameter(request, name));
  if (!instant) return base::fail(instant, name);
  return instant;
}

std::string verdict_json(const store::StoredTransition& row, base::Instant at) {
  const model::Transition& t = row.transition;
  json::Writer out;
  out.begin_object().member("at", base::to_rfc3339(at)).key("verdict").begin_object();
  out.member("rule", t.rule).member("element", t.element.text()).member("agency", t.agency);
  out.member("state", model::name_of(t.to)).member("severity", model::name_of(t.severity));
  out.member("since", base::to_rfc3339(t.since)).member("recorded", base::to_rfc3339(t.recorded));
  if (!t.occurrence.empty()) out.member("occurrence", t.occurrence);
  out.member("closing", model::name_of(t.closing)).end_object();
  out.member("reason", t.reason).key("record").unsigned_integer(row.seq.value);
  out.key("cause").begin_object().member("source", t.cause_source);
  out.member("id", t.cause_id).member("type", t.cause_type).end_object();
  out.key("rule_version").unsigned_integer(t.rule_version).key("facts").begin_array();
  for (const model::Fact& fact : t.evidence) {
    out.begin_object().member("element", fact.element).member("field", fact.field);
    out.key("value").raw(fact.value).end_object();
  }
  return out.end_array().end_object().take();
}

void write_changed(json::Writer& out, const reports::Changed& one) {
  out.begin_object().member("agency", one.agency).member("turn", reports::name_of(one.turn));
  out.member("severity", model::name_of(one.severity)).member("rule", one.rule);
  out.member("element", one.element.text()).member("since", base::to_rfc3339(one.since));
  out.member("recorded", base::to_rfc3339(one.recorded)).end_object();
}

// One answer is of one state, though the daemon writes and retention deletes meanwhile.
base::Result<std::unique_ptr<store::Reader>> held_reader(const std::string& dir) {
  auto reader = store::Reader::open(dir);
  if (!reader) return reader;
  if (const auto held = (*reader)->hold(); !held) return std::unexpected(held.error());
  return reader;
}

Response changes(const Services& services, const Request& request) {
  const auto from = instant_of(request, "from");
  if (!from) return problem_of(from.error());
  base::Result<base::Instant> to = base::kNever;
  if (!parameter(request, "to").empty()) to = instant_of(request, "to");
  if (!to) return problem_of(to.error());
  const auto reader = held_reader(services.data_dir);
  if (!reader) return problem_of(reader.error());
  const auto found = reports::changes_between(**reader, *from, *to, parameter(request, "agency"));
  if (!found) return problem_of(found.error());
  if (found->empty()) {
    const auto view = services.pipeline->view();
    Filter filter;
    filter.agency = parameter(request, "agency");
    const auto known = check_names(filter, *view->book, *view->tallies, view->agencies);
    if (!known) return problem_of(known.error());
  }
  json::Writer out;
  out.begin_object().key("changes").begin_array();
  for (const reports::Changed& one : *found) write_changed(out, one);
  return json_response(out.end_array().end_object().take());
}

// ── As of an instant ──

// A store, and the instant that is asked for.
struct Then {
  store::Reader& reader;
  pipeline::Books& books;
  base::Instant at{};
};

Response gone(base::Instant oldest) {
  const bool is_any = oldest != base::kNever;
  json::Writer out;
  out.begin_object()
      .member("type", "/problems/gone")
      .member("title", "Nothing is kept of that time");
  out.member("status", 410);
  out.member("detail", is_any ? "the oldest instant that is kept is " + base::to_rfc3339(oldest)
                              : "no instant is kept yet that this can be answered for");
  if (is_any) out.member("oldest", base::to_rfc3339(oldest));
  Response response;
  response.status = 410;
  response.content_type = "application/problem+json";
  response.body = out.end_object().take() + "\n";
  return response;
}

// Asks of the whole; before what is kept it is gone.
template <class What>
Response with_view(const Then& then, const What& what) {
  pipeline::Past past(then.reader, then.books);
  const auto oldest = past.oldest();
  if (!oldest) return problem_of(oldest.error());
  if (then.at < *oldest) return gone(*oldest);
  const auto view = past.view(then.at);
  if (!view) return problem_of(view.error());
  return what(past, *view);
}

Response summary_then(const Then& then, const Request&, const Parts&) {
  return with_view(then, [&](pipeline::Past&, const pipeline::PastView& view) {
    return json_response(summary_json(summary_of(view, then.at)));
  });
}

Response agencies_then(const Then& then, const Request&, const Parts&) {
  return with_view(then, [&](pipeline::Past&, const pipeline::PastView& view) {
    return json_response(agencies_json(summary_of(view, then.at).agencies));
  });
}

Response rules_then(const Then& then, const Request&, const Parts&) {
  return with_view(then, [&](pipeline::Past&, const pipeline::PastView& view) {
    return json_response(rules_json(*view.book, view.tallies));
  });
}

Response violations_then(const Then& then, const Request& request, const Parts&) {
  const auto filter = filter_of(request);
  if (!filter) return problem_of(filter.error());
  return with_view(then, [&](pipeline::Past& past, const pipeline::PastView& view) {
    const auto items = items_of(past, view, *filter, then.at);
    if (!items) return problem_of(items.error());
    if (items->items.empty()) {
      const auto known = check_names(*filter, *view.book, view.tallies, view.agencies);
      if (!known) return problem_of(known.error());
    }
    return json_response(items_json(*items, *filter));
  });
}

Response element_then(const Then& then, const Request&, const Parts& parts) {
  pipeline::Past past(then.reader, then.books);
  const auto found = past.element({parts[0], parts[1]}, then.at);
  if (!found) {
    const auto oldest = past.oldest_of_elements();
    return oldest && then.at < *oldest ? gone(*oldest) : problem_of(found.error());
  }
  if (!*found) {
    return problem(404, "not-found", "Nothing is known of this up to then",
                   "No event of its own had come up to then, or it had been removed.");
  }
  return json_response(element_json(element_of(**found, then.at)));
}

Response verdict_then(const Then& then, const Request&, const Parts& parts) {
  const auto first = then.reader.record(model::Seq{1});
  if (!first) return problem_of(first.error());
  if (!*first) return gone(base::kNever);
  store::TransitionFilter filter;
  filter.rule = parts[0];
  filter.element = model::ElementKey{parts[1], parts[2]};
  filter.to = then.at + base::Duration(1);
  filter.newest_first = true;
  filter.limit = 1;
  const auto rows = then.reader.transitions(filter);
  if (!rows) return problem_of(rows.error());
  if (!rows->empty()) return json_response(verdict_json(rows->front(), then.at));
  if (then.at < (*first)->record.now) return gone((*first)->record.now);
  return problem(404, "not-found", "Nothing was recorded of this up to then",
                 "It was compliant ever since it was first judged, the rule did not apply, or "
                 "the element was not there.");
}

struct PastRead {
  std::string_view pattern;
  Response (*answer)(const Then&, const Request&, const Parts&);
};
constexpr std::array kPastReads = {
    PastRead{"/api/v1/summary", &summary_then},
    PastRead{"/api/v1/agencies", &agencies_then},
    PastRead{"/api/v1/violations", &violations_then},
    PastRead{"/api/v1/rules", &rules_then},
    PastRead{"/api/v1/elements/{kind}/{id...}", &element_then},
    PastRead{"/api/v1/verdicts/{rule}/{kind}/{id...}", &verdict_then}};

}  // namespace

Response then(const Services& services, pipeline::Books& books, std::string_view pattern,
              const Request& request, const Parts& parts) {
  const auto at = instant_of(request, "at");
  if (!at) return problem_of(at.error());
  const auto reader = held_reader(services.data_dir);
  if (!reader) return problem_of(reader.error());
  books.add(services.pipeline->view()->book);
  const auto* const read = std::ranges::find(kPastReads, pattern, &PastRead::pattern);
  PATUH_ASSERT(read != kPastReads.end());
  return read->answer({**reader, books, *at}, request, parts);
}

Answer answer_as_of(store::Reader& reader, base::Instant at, const std::string& path,
                    const std::map<std::string, std::string>& query) {
  static pipeline::Books books;  // whoever asks twice compiles a rulebook once
  if (const auto held = reader.hold(); !held) {
    Response failed = problem_of(held.error());
    return {.status = failed.status, .body = std::move(failed.body)};
  }
  Router router;
  for (const PastRead& read : kPastReads) {
    router.add("GET", std::string(read.pattern), {},
               [&](const Request& request, const Parts& parts) {
                 return read.answer({reader, books, at}, request, parts);
               });
  }
  Response response =
      router.answer({.method = "GET", .path = path, .query = query, .headers = {}, .body = {}});
  return {.status = response.status, .body = std::move(response.body)};
}

void add_past(Router& router, const Services& services) {
  router.add(
      "GET", "/api/v1/changes",
      "What is new, reopened, fixed, removed or waived after `from` up to `to`; agency "
      "narrows the list",
      [&services](const Request& request, const Parts&) { return changes(services, request); },
      Query({"from", "to", "agency"}));
}

}  // namespace patuh::api
