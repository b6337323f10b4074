// http_client: one HTTP request at a time. The only includer of libcurl.
//
// Connections are kept between calls of one Client. TLS certificates are always verified; redirects
// are not followed; the answer is bounded. Proxies are those of the environment (https_proxy and
// the like), never for this machine itself.
//
//   http_client::Client client({});
//   auto answer = client.send({.method = "POST", .url = url, .body = json});
//   if (!answer) …                       // nobody answered
//   if (answer->status != 200) …         // somebody did
//
// Threads: a Client belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"

namespace patuh::http_client {

struct Options {
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds timeout{15'000};  // of a whole request
  std::size_t answer_bytes_max = std::size_t{16} * 1024 * 1024;
  std::string ca_file{};           // PEM; empty: the system's
  std::string certificate_file{};  // PEM, of this client, with key_file; empty: none
  std::string key_file{};
};

struct Request {
  std::string method = "GET";
  std::string url{};  // http:// or https://
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

struct Answer {
  long status = 0;
  std::string body;
};

class Client {
 public:
  explicit Client(Options options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // An answer of any status; kUnavailable when there was none, kExhausted when it is too long,
  // kInvalid for a URL that is none, kCancelled within about a second after `stop` was requested.
  base::Result<Answer> send(const Request& request, std::stop_token stop = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A URL as logs and complaints may show it: without the name and password that may stand in it.
std::string shown(std::string_view url);

}  // namespace patuh::http_client
