#include "api/guard.h"

#include <algorithm>

#include "api/router.h"
#include "base/base.h"
#include "config/config.h"

namespace patuh::api {
namespace {

// Of "host:port", "[::1]:port" and these without a port; no brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = std::min(authority.find(']'), authority.size());
    return authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

// "http://host:port/path" has "host:port"; what is no URL has nothing.
std::string_view authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = url.substr(scheme + 3);
  return rest.substr(0, rest.find('/'));
}

bool is_cross_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || request.method == "GET" || request.method == "HEAD") return false;
  const std::string_view authority = authority_of(origin);
  return authority.empty() || authority != request.header("host");
}

bool is_ours(std::string_view authority, std::string_view external_url) {
  const std::string_view host = host_of(authority);
  if (host.empty()) return false;
  return config::is_address(base::ascii_lower(host)) ||
         base::equal_without_case(host, host_of(authority_of(external_url)));
}

}  // namespace

std::optional<Response> refused_as_foreign(const Request& request, std::string_view external_url,
                                           bool is_on_loopback) {
  if (is_cross_origin(request)) {
    return problem(403, "cross-origin", "Requests of other sites are refused");
  }
  const std::string_view host = request.header("host");
  if (is_on_loopback && !host.empty() && !is_ours(host, external_url)) {
    return problem(421, "foreign-host", "This is not the host that was asked for",
                   "the request's Host is neither an address nor localhost; a name by which "
                   "people reach the console is set as http.external_url");
  }
  return std::nullopt;
}

}  // namespace patuh::api
