// api: everything Patuh says over HTTP. Metrics, health, the API under /api/v1, the console's pages
// and the HTTP collector's door, on one listener. The only includer of Boost.Beast.
//
// It owns sockets and sessions; answers come from the pipeline's published view, from questions to
// the engine and from the store's readers. docs/api.md and /api/v1/openapi.json are its reference.
//
//   auto server = api::Server::listen(loop, options, services);
//   log("listening on port", (*server)->port());
//   loop.run();
//
// Threads: listen() and close() on the loop's thread, port() and stats() from any. Requests are
// read and written on the loop's thread; answers that wait for the engine or the disk are made on
// `workers` threads of the server's own, metrics and health on another. Limits: head 16 KiB, body
// max_body_bytes, `timeout` for each request to arrive and each answer to be taken, connections_max
// at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/base.h"
#include "collectors/decode/decode.h"
#include "config/config.h"
#include "metrics/metrics.h"
#include "pipeline/pipeline.h"

namespace patuh::api {

struct Options {
  config::Endpoint listen;
  std::string external_url;  // without a slash at its end; empty: http://listen
  std::size_t max_body_bytes = std::size_t{16} * 1024 * 1024;
  std::chrono::milliseconds timeout{30'000};
  std::size_t connections_max = 512;
  unsigned workers = 2;
  decode::Limits limits;
};

// Whether input is taken and answers can be given, and why not.
struct Readiness {
  bool ready = false;
  std::string reason;
};

struct Services {
  pipeline::Pipeline* pipeline = nullptr;  // outlives the server
  metrics::Registry* metrics = nullptr;    // likewise
  std::string data_dir;                    // for readers of the store
  std::function<Readiness()> ready;        // any thread
  // Loads and activates the rulebook again: the text for the caller; kInvalid carries the rendered
  // diagnostics. Any thread.
  std::function<base::Result<std::string>(const pipeline::Operator&)> reload;
};

// What a reading route answers as of an instant, from a store that no daemon need run on: the path
// as in its URL, the query without `at`. Belongs to the reader's thread.
struct Answer {
  int status = 200;
  std::string body;  // JSON
};
Answer answer_as_of(store::Reader& reader, base::Instant at, const std::string& path,
                    const std::map<std::string, std::string>& query);

struct Stats {
  std::uint64_t connections = 0;  // open now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;    // beyond connections_max
  std::uint64_t too_large = 0;  // bodies answered with 413
};

class Server {
 public:
  // kUnavailable when the address cannot be bound (in use, not ours), with the remedy.
  static base::Result<std::unique_ptr<Server>> listen(base::Loop& loop, Options options,
                                                      Services services);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;  // the one bound, also when 0 was asked for
  const std::string& external_url() const;
  // Accepts no more; sessions end with the answer in hand.
  void close();
  Stats stats() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::api
