// From method and path to the code that answers. Private to api.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/message.h"

namespace patuh::api {

// Pieces of the path that stood for {names}, decoded, in order; a last {name...} takes the rest.
using Parts = std::vector<std::string>;
using Handler = std::function<Response(const Request&, const Parts&)>;
// Names of parameters in the query; nothing: whatever is given is let through.
using Query = std::optional<std::vector<std::string>>;

struct Route {
  std::string method;
  std::string pattern;  // "/api/v1/elements/{kind}/{id...}"
  std::string summary;  // for the OpenAPI document; empty: a page, not part of the API
  Handler handler;
  Query query;
};

class Router {
 public:
  void add(std::string method, std::string pattern, std::string summary, Handler handler,
           Query query = std::nullopt);
  // 404, 405 with Allow, 400 for a malformed path or query or a parameter that the route does not
  // take; HEAD is GET without its body.
  Response answer(const Request& request) const;
  // The pattern a request falls under, for metrics; "other" for none.
  std::string pattern_of(const Request& request) const;
  std::span<const Route> routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace patuh::api
