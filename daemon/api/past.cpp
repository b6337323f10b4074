// Answers about the past, from the store's indexes: no engine is asked.
#include "api/handlers.h"
#include "json/json.h"
#include "reports/reports.h"

namespace patuh::api {
namespace {

std::string parameter(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

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

void write_change(json::Writer& out, const reports::Changed& one) {
  out.begin_object().member("agency", one.agency).member("turn", reports::name_of(one.turn));
  out.member("severity", model::name_of(one.severity)).member("rule", one.rule);
  out.member("element", one.element.text()).member("since", base::to_rfc3339(one.since));
  out.member("recorded", base::to_rfc3339(one.recorded)).end_object();
}

Response changes(const Services& services, const Request& request) {
  const auto from = instant_of(request, "from");
  if (!from) return problem_of(from.error());
  base::Result<base::Instant> to = base::kNever;
  if (!parameter(request, "to").empty()) to = instant_of(request, "to");
  if (!to) return problem_of(to.error());
  const auto reader = store::Reader::open(services.data_dir);
  if (!reader) return problem_of(reader.error());
  const auto found = reports::changes_between(**reader, *from, *to, parameter(request, "agency"));
  if (!found) return problem_of(found.error());
  json::Writer out;
  out.begin_object().key("changes").begin_array();
  for (const reports::Changed& one : *found) write_change(out, one);
  return json_response(out.end_array().end_object().take());
}

}  // namespace

bool asks_of_the_past(const Request& request) { return !parameter(request, "at").empty(); }

Response verdict_at(const Services& services, const Request& request, const Parts& parts) {
  const auto at = instant_of(request, "at");
  if (!at) return problem_of(at.error());
  const auto reader = store::Reader::open(services.data_dir);
  if (!reader) return problem_of(reader.error());
  store::TransitionFilter filter;
  filter.rule = parts[0];
  filter.element = model::ElementKey{parts[1], parts[2]};
  filter.to = *at + base::Duration(1);
  filter.newest_first = true;
  filter.limit = 1;
  const auto rows = (*reader)->transitions(filter);
  if (!rows) return problem_of(rows.error());
  if (rows->empty()) {
    return problem(404, "not-found", "Nothing was recorded of this up to then",
                   "It was compliant ever since it was first judged, the rule did not apply, or "
                   "the element was not there.");
  }
  return json_response(verdict_json(rows->front(), *at));
}

void add_past(Router& router, const Services& services) {
  router.add(
      "GET", "/api/v1/changes",
      "What is new, reopened, fixed, removed or waived after `from` up to `to`; agency "
      "narrows the list",
      [&services](const Request& request, const Parts&) { return changes(services, request); });
}

}  // namespace patuh::api
