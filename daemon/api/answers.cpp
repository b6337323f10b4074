#include <array>

#include "api/handlers.h"
#include "api/write.h"

namespace patuh::api {
namespace {

Response violations(const Services& services, const Request& request, const Parts&) {
  const auto filter = filter_of(request);
  if (!filter) return problem_of(filter.error());
  const auto found = services.pipeline->ask(
      [filter = *filter](const engine::Engine& engine) { return items_of(engine, filter); });
  if (!found && found.error().code == base::Code::kNotFound) {  // the log is empty
    return json_response(items_json({}, *filter));
  }
  if (!found) return problem_of(found.error());
  const auto view = services.pipeline->view();
  if (found->items.empty()) {
    const auto known = check_names(*filter, *view->book, *view->tallies, view->agencies);
    if (!known) return problem_of(known.error());
  }
  return json_response(items_json(*found, *filter));
}

Response summary(const Services& services, const Request&, const Parts&) {
  return json_response(summary_json(summary_of(*services.pipeline->view())));
}

Response agencies(const Services& services, const Request&, const Parts&) {
  return json_response(agencies_json(summary_of(*services.pipeline->view()).agencies));
}

Response rules(const Services& services, const Request&, const Parts&) {
  const auto view = services.pipeline->view();
  return json_response(rules_json(*view->book, *view->tallies));
}

Response element(const Services& services, const Request&, const Parts& parts) {
  const auto found = services.pipeline->ask(
      [parts](const engine::Engine& engine) { return element_of(engine, parts[0], parts[1]); });
  if (!found) return problem_of(found.error());
  return *found ? json_response(element_json(**found)) : not_known();
}

Response verdict(const Services& services, const Request&, const Parts& parts) {
  const auto found = services.pipeline->ask([parts](const engine::Engine& engine) {
    return verdict_of(engine, parts[0], parts[1], parts[2]);
  });
  if (!found) return problem_of(found.error());
  return *found ? json_response(verdict_json(**found)) : not_known();
}

struct Read {
  std::string_view pattern, summary;
  Response (*answer)(const Services&, const Request&, const Parts&);
  std::vector<std::string> (*narrows)() = nullptr;  // what else the query may name
};

constexpr std::array kReads = {
    Read{"/api/v1/summary", "The whole in one look; each of these as of `at`", &summary},
    Read{"/api/v1/agencies", "All agencies, who owes most first", &agencies},
    Read{"/api/v1/violations",
         "Open pairs; agency, rule, domain, severity, state, limit and cursor narrow the list",
         &violations, &filter_names},
    Read{"/api/v1/rules", "The rules in force", &rules},
    Read{"/api/v1/elements/{kind}/{id...}", "One element with its verdicts", &element},
    Read{"/api/v1/verdicts/{rule}/{kind}/{id...}",
         "One verdict explained; as of `at`, as it was recorded", &verdict}};

Query query_of(const Read& read) {
  std::vector<std::string> names;
  if (read.narrows != nullptr) names = read.narrows();
  names.emplace_back("at");
  return names;
}

}  // namespace

void add_answers(Router& router, const Services& services) {
  const auto books = std::make_shared<pipeline::Books>();
  for (const Read& read : kReads) {
    router.add(
        "GET", std::string(read.pattern), std::string(read.summary),
        [&services, &read, books](const Request& request, const Parts& parts) {
          if (request.query.contains("at")) {
            return then(services, *books, read.pattern, request, parts);
          }
          return read.answer(services, request, parts);
        },
        query_of(read));
  }
}

}  // namespace patuh::api
