#include "api/handlers.h"
#include "json/json.h"

namespace patuh::api {

void add_operations(Router& router, const Services& services) {
  router.add("GET", "/metrics", "Metrics in Prometheus' text form or OpenMetrics",
             [&services](const Request& request, const Parts&) {
               const metrics::Format format = metrics::format_of(request.header("accept"));
               Response out;
               out.content_type = metrics::content_type_of(format);
               out.body = services.metrics->render(format);
               return out;
             });
  router.add("GET", "/-/healthy", "The process answers", [](const Request&, const Parts&) {
    Response out;
    out.body = "healthy\n";
    return out;
  });
  router.add("GET", "/-/ready", "Input is taken and answers can be given",
             [&services](const Request&, const Parts&) {
               const Readiness readiness = services.ready();
               if (!readiness.ready) {
                 return problem(503, "not-ready", "Not ready", readiness.reason);
               }
               Response out;
               out.body = "ready\n";
               return out;
             });
  router.add(
      "POST", "/-/reload", "Load configuration and rules again; a faulty pack changes nothing",
      [&services](const Request& request, const Parts&) {
        const auto by = operator_of(request);
        if (!by) return unknown_operator();
        const auto done = services.reload(*by);
        if (!done) {
          return problem(done.error().code == base::Code::kInvalid ? 422 : 503, "reload-refused",
                         "The running rules stay in force", done.error().message);
        }
        Response out;
        out.body = *done;
        return out;
      },
      Query({"by", "reason"}));
}

void add_handlers(Router& router, const Options& options, const Services& services) {
  add_operations(router, services);
  add_history(router, services);
  add_quarantine(router, options, services);
  add_events(router, options, services);
  add_answers(router, services);
  add_past(router, services);
  add_console(router, services);
  add_openapi(router);
}

Response json_response(std::string body) {
  Response out;
  out.content_type = "application/json";
  out.body = std::move(body);
  out.body += '\n';
  return out;
}

Response not_known() { return problem(404, "not-found", "Nothing is known of this"); }

Response problem_of(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid:
      return problem(400, "invalid", "The request is wrong", error.message);
    case base::Code::kNotFound:
      return problem(404, "not-found", "Not found", error.message);
    case base::Code::kUnavailable:
    case base::Code::kCancelled: {
      Response out = problem(503, "unavailable", "Not available now", error.message);
      out.headers.emplace_back("Retry-After", "1");
      return out;
    }
    default:
      return problem(500, "internal", "Internal error", error.message);
  }
}

namespace {

void write_parameter(json::Writer& out, std::string_view name, bool in_path) {
  out.begin_object().member("name", name).member("in", in_path ? "path" : "query");
  out.key("required").boolean(in_path);
  out.key("schema").begin_object().member("type", "string").end_object().end_object();
}

// The names between braces, and those of the query, as OpenAPI's list of parameters.
void write_parameters(json::Writer& out, const Route& route, const std::string& path) {
  out.key("parameters").begin_array();
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    write_parameter(out, path.substr(at + 1, path.find('}', at) - at - 1), true);
  }
  for (const std::string& name : route.query.value_or(std::vector<std::string>())) {
    write_parameter(out, name, false);
  }
  out.end_array();
}

void write_operation(json::Writer& out, const Route& route, const std::string& path) {
  out.key(route.method == "POST" ? "post" : "get").begin_object();
  out.member("summary", route.summary);
  write_parameters(out, route, path);
  out.key("responses").begin_object();
  out.key("200").begin_object().member("description", "Done").end_object();
  out.key("default")
      .begin_object()
      .member("description", "A problem (RFC 9457), application/problem+json")
      .end_object();
  out.end_object().end_object();
}

// Routes of one path stand together in the router.
std::string openapi_paths(const Router& router) {
  json::Writer out;
  out.begin_object();
  std::string open;
  for (const Route& route : router.routes()) {
    if (route.summary.empty()) continue;
    std::string path = route.pattern;
    if (const std::size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
    if (path != open) {
      if (!open.empty()) out.end_object();
      out.key(path).begin_object();
      open = path;
    }
    write_operation(out, route, path);
  }
  if (!open.empty()) out.end_object();
  return out.end_object().take();
}

}  // namespace

void add_openapi(Router& router) {
  json::Writer out;
  out.begin_object()
      .member("openapi", "3.1.0")
      .key("info")
      .begin_object()
      .member("title", "Patuh")
      .member("version", "1")
      .end_object()
      .key("paths")
      .raw(openapi_paths(router))
      .end_object();
  router.add("GET", "/api/v1/openapi.json", "",
             [text = out.take()](const Request&, const Parts&) { return json_response(text); });
}

}  // namespace patuh::api
