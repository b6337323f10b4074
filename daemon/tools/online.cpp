#include "tools/online.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>

#include "http_client/http_client.h"
#include "json/json.h"

namespace patuh::tools {
namespace {

base::Code code_of(long status) {
  switch (status) {
    case 400:
      return base::Code::kInvalid;
    case 404:
      return base::Code::kNotFound;
    case 409:
      return base::Code::kConflict;
    default:
      return base::Code::kUnavailable;
  }
}

}  // namespace

int print(const base::Result<std::string>& answer) {
  if (!answer) return refuse(answer.error());
  std::fputs(answer->c_str(), stdout);
  return kDone;
}

std::string detail_of(const std::string& body) {
  const auto problem = json::parse(body, {});
  if (!problem || !problem->root().is(json::Of::kObject)) return body;
  for (const char* const name : {"detail", "title"}) {
    const json::Node* const words = problem->root().find(name);
    if (words != nullptr && words->is(json::Of::kString)) return std::string(words->string());
  }
  return body;
}

std::string principal() {
  const passwd* const user = ::getpwuid(::getuid());
  return user == nullptr ? "uid-" + std::to_string(::getuid()) : user->pw_name;
}

base::Result<std::string> ask(const Place& place, const std::string& method,
                              const std::string& path, const Query& query,
                              std::chrono::seconds wait) {
  std::string url = place.url;
  if (url.ends_with('/')) url.pop_back();
  url += path;
  char mark = '?';
  for (const auto& [name, value] : query) {
    url.append(1, mark).append(name).append("=").append(base::percent_encoded(value, "/,"));
    mark = '&';
  }
  http_client::Options options;
  options.timeout = wait;
  auto answer = http_client::Client(options).send({.method = method, .url = url});
  if (!answer && answer.error().code == base::Code::kUnavailable) {
    return base::fail(
        base::Code::kUnavailable,
        answer.error().message + "; is patuhd running there? Without --url the folder is asked");
  }
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 200) return std::move(answer->body);
  return base::fail(
      code_of(answer->status),
      "the daemon answers " + std::to_string(answer->status) + ": " + detail_of(answer->body));
}

}  // namespace patuh::tools
