#include "api/router.h"

#include <algorithm>

#include "base/base.h"

namespace patuh::api {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash before each piece
    const std::string_view piece = path.substr(0, path.find('/'));
    out.push_back(piece);
    path.remove_prefix(piece.size());
  }
  return out;
}

bool is_name(std::string_view piece) { return piece.starts_with('{') && piece.ends_with('}'); }

// Whether the path has the pattern's form; fills `parts` with what stands for names.
bool matches(std::string_view pattern, std::string_view path, Parts& parts) {
  parts.clear();
  const auto wanted = split(pattern);
  const auto given = split(path);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) return false;
    if (!is_name(wanted[i])) {
      if (wanted[i] != given[i]) return false;
      continue;
    }
    const bool rest = wanted[i].ends_with("...}");
    const char* const end = rest ? path.data() + path.size() : given[i].data() + given[i].size();
    auto decoded =
        percent_decoded({given[i].data(), static_cast<std::size_t>(end - given[i].data())});
    if (!decoded || decoded->empty()) return false;
    parts.push_back(std::move(*decoded));
    if (rest) return true;
  }
  return wanted.size() == given.size();
}

// What is wrong with the query's names; empty when nothing is.
std::string unknown_parameter(const Route& route, const Request& request) {
  if (!route.query) return {};
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(*route.query, name) != route.query->end()) continue;
    std::string out = "there is no parameter " + name + " here";
    const std::vector<std::string_view> known(route.query->begin(), route.query->end());
    const std::string_view near = base::nearest(name, known);
    if (!near.empty()) return out + "; did you mean " + std::string(near) + "?";
    for (std::size_t i = 0; i < route.query->size(); ++i) {
      out += (i == 0 ? "; known are " : ", ") + (*route.query)[i];
    }
    return out;
  }
  return {};
}

}  // namespace

void Router::add(std::string method, std::string pattern, std::string summary, Handler handler,
                 Query query) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(summary), std::move(handler),
                     std::move(query)});
}

Response Router::answer(const Request& request) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (!request.path.starts_with('/') || !percent_decoded(request.path)) {
    return problem(400, "bad-path", "The path is malformed");
  }
  if (request.malformed_query) {
    return problem(400, "invalid", "The request is wrong",
                   "the query is not name=value with & between, %XX for what is no plain letter");
  }
  std::string allow;
  Parts parts;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, request.path, parts)) continue;
    if (route.method == method) {
      const std::string unknown = unknown_parameter(route, request);
      return unknown.empty() ? route.handler(request, parts)
                             : problem(400, "invalid", "The request is wrong", unknown);
    }
    allow += (allow.empty() ? "" : ", ") + route.method;
  }
  if (allow.empty()) return problem(404, "not-found", "There is nothing here");
  Response response = problem(405, "method", "This method is not served here", "Allowed: " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

std::string Router::pattern_of(const Request& request) const {
  Parts parts;
  for (const Route& route : routes_) {
    if (matches(route.pattern, request.path, parts)) return route.pattern;
  }
  return "other";
}

}  // namespace patuh::api
