#include "api/message.h"

#include <algorithm>

#include "base/base.h"
#include "json/json.h"

namespace patuh::api {

std::string_view Request::header(std::string_view name) const {
  const auto found =
      std::ranges::find(headers, name, [](const auto& header) { return header.first; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  auto [decoded, is_whole] = base::percent_decoded(text);
  if (!is_whole || !base::is_utf8(decoded)) return std::nullopt;
  return std::move(decoded);
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    const std::size_t equals = std::min(piece.find('='), piece.size());
    std::string value(piece.substr(std::min(equals + 1, piece.size())));
    std::ranges::replace(value, '+', ' ');
    auto name = percent_decoded(piece.substr(0, equals));
    auto decoded = percent_decoded(value);
    if (!name || !decoded) return std::nullopt;
    if (!name->empty()) out.try_emplace(std::move(*name), std::move(*decoded));
  }
  return out;
}

Response problem(int status, std::string_view type, std::string_view title,
                 std::string_view detail) {
  json::Writer out;
  out.begin_object()
      .member("type", "/problems/" + std::string(type))
      .member("title", title)
      .member("status", status);
  if (!detail.empty()) out.member("detail", detail);
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = out.end_object().take() + "\n";
  return response;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 410:
      return "Gone";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

}  // namespace patuh::api
