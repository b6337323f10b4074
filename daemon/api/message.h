// An HTTP request and its answer without a trace of the library that carries them. Private to api.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patuh::api {

struct Request {
  std::string method;                                        // "GET", "POST", …
  std::string path;                                          // percent-encoded, without the query
  std::map<std::string, std::string> query;                  // decoded; the first of a name counts
  bool malformed_query = false;                              // then `query` is empty
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string_view header(std::string_view name) const;  // empty when absent
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// %XX decoded; nothing when malformed or not UTF-8. '+' stays.
std::optional<std::string> percent_decoded(std::string_view text);
// "a=1&b=x%20y"; '+' is a blank. Nothing when a piece is malformed: what was asked for is not
// known.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view text);

// RFC 9457. `type` is a stable word, made into a relative reference.
Response problem(int status, std::string_view type, std::string_view title,
                 std::string_view detail = {});
std::string_view reason_of(int status);

}  // namespace patuh::api
