#include <utility>
// Asio 1.74 needs <utility> before it with this compiler.
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <list>
#include <thread>

#include "api/api.h"
#include "api/guard.h"
#include "api/handlers.h"
#include "api/router.h"

namespace patuh::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Steady = std::chrono::steady_clock;

constexpr std::uint32_t kHeadBytesMax = 16 * 1024;
constexpr std::size_t kAnswersWaitingMax = 256;
constexpr std::chrono::seconds kDrainPause{
    2};  // without a byte, while the last answer is on its way

struct Counts {
  std::atomic<std::uint64_t> connections{0}, accepted{0}, refused{0}, too_large{0};
};

// Answers are made here, off the loop's thread, since they may wait for engine or disk.
class Workers {
 public:
  explicit Workers(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
    }
  }
  ~Workers() {
    work_.close();
    for (std::jthread& thread : threads_) thread.request_stop();
  }
  bool post(std::function<void()> work) { return work_.try_push(work); }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested() && !work_.closed()) {
      for (auto& work : work_.pop_some(1, std::chrono::seconds(1), stop)) work();
    }
  }
  base::Queue<std::function<void()>> work_{kAnswersWaitingMax};
  std::vector<std::jthread> threads_;
};

// What all sessions share; outlives them.
struct Shared {
  Shared(Options wanted, Services used, asio::io_context& loop)
      : options(std::move(wanted)), services(std::move(used)), context(loop) {}
  Options options;
  Services services;
  Router router;
  Counts counts;
  asio::io_context& context;
  std::unique_ptr<Workers> workers;  // both null once closing
  std::unique_ptr<Workers> lookers;  // one thread for what waits for nothing
  bool is_on_loopback = false;
  bool closing = false;
};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// Proxies may name the whole URL: "http://host/path" is "/path".
std::string_view without_authority(std::string_view target) {
  if (!base::equal_without_case(target.substr(0, 7), "http://")) return target;
  const std::size_t path = target.find('/', 7);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

// What is known before the body is there; of a refused request it may be nothing at all.
Request start_of(const http::request<http::string_body>& from) {
  Request out;
  out.method = std::string(view(from.method_string()));
  const std::string_view target = without_authority(view(from.target()));
  const std::size_t mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  auto query = parse_query(target.substr(std::min(mark + 1, target.size())));
  out.malformed_query = !query;
  if (query) out.query = std::move(*query);
  return out;
}

Request request_of(http::request<http::string_body>&& from) {
  Request out = start_of(from);
  for (const auto& field : from) {
    out.headers.emplace_back(base::ascii_lower(view(field.name_string())),
                             std::string(view(field.value())));
  }
  out.body = std::move(from.body());
  return out;
}

// Whoever watches the daemon is answered from what is published, and does not queue behind those
// who wait for engine or disk: least of all while these are stuck.
bool is_look(const Request& request) {
  return (request.method == "GET" || request.method == "HEAD") &&
         (request.path == "/metrics" || request.path.starts_with("/-/"));
}

using Parser = http::request_parser<http::string_body>;

// One connection: read a request, answer it, read the next. Keeps itself alive by its handlers.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, std::shared_ptr<Shared> shared)
      : stream_(std::move(socket)), shared_(std::move(shared)) {
    ++shared_->counts.connections;
  }
  ~Session() { --shared_->counts.connections; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read() {
    parser_ = std::make_unique<Parser>();
    parser_->body_limit(shared_->options.max_body_bytes);
    parser_->header_limit(kHeadBytesMax);
    stream_.expires_after(shared_->options.timeout);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->on_head(error); });
  }

 private:
  void on_head(const ErrorCode& error) {
    if (error) return refuse(error);
    // Where such a body ends is not known: what follows must not be taken for another request.
    const std::string_view coding = view(parser_->get()[http::field::transfer_encoding]);
    if (!coding.empty() && !base::equal_without_case(coding, "chunked")) {
      return turn_away(problem(400, "bad-request", "Only chunked is taken as Transfer-Encoding"));
    }
    const std::string_view expect = view(parser_->get()[http::field::expect]);
    if (base::equal_without_case(expect, "100-continue")) return send_continue();
    read_body();
  }

  void send_continue() {
    continue_ = std::make_unique<http::response<http::empty_body>>(http::status::continue_, 11);
    stream_.expires_after(shared_->options.timeout);
    http::async_write(stream_, *continue_,
                      [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                        if (!error) self->read_body();
                      });
  }

  void read_body() {
    stream_.expires_after(shared_->options.timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                       self->on_request(error);
                     });
  }

  // The stream can still be written to after a limit was passed.
  void refuse(const ErrorCode& error) {
    if (error == http::error::body_limit) {
      ++shared_->counts.too_large;
      return turn_away(problem(
          413, "too-large", "The body is too large",
          "At most " + std::to_string(shared_->options.max_body_bytes) + " bytes are taken"));
    }
    if (error == http::error::header_limit) {
      return turn_away(problem(431, "head-too-large", "The request's head is too large"));
    }
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error.category() != http::make_error_code(http::error::bad_method).category()) {
      return;
    }
    turn_away(problem(400, "bad-request", "The request is not HTTP", error.message()));
  }

  // What the parser gave up on: the connection ends with the answer.
  void turn_away(Response response) {
    count(start_of(parser_->get()), response.status);
    write(std::move(response), false);
  }

  void on_request(const ErrorCode& error) {
    if (error) return refuse(error);
    const bool keep_alive = parser_->get().keep_alive();
    auto request = std::make_shared<Request>(request_of(parser_->release()));
    head_only_ = request->method == "HEAD";
    stream_.expires_never();  // the answer may take its time; writing has its own limit
    const auto& workers = is_look(*request) ? shared_->lookers : shared_->workers;
    const bool taken = workers && workers->post([self = shared_from_this(), request, keep_alive] {
      auto response = std::make_shared<Response>(self->make(*request));
      asio::post(self->shared_->context,
                 [self, response, keep_alive] { self->write(std::move(*response), keep_alive); });
    });
    if (taken) return;
    Response busy = problem(503, "busy", "Too many requests are waiting");
    busy.headers.emplace_back("Retry-After", "1");
    count(*request, busy.status);
    write(std::move(busy), keep_alive);
  }

  // On a worker's thread.
  Response make(const Request& request) const {
    auto refused =
        refused_as_foreign(request, shared_->options.external_url, shared_->is_on_loopback);
    Response response = refused ? std::move(*refused) : shared_->router.answer(request);
    count(request, response.status);
    return response;
  }

  // Any thread.
  void count(const Request& request, int status) const {
    shared_->services.metrics->count(
        "patuh_http_requests_total", "HTTP answers",
        {{"code", std::to_string(status)}, {"route", shared_->router.pattern_of(request)}});
  }

  void write(Response response, bool keep_alive) {
    keep_alive = keep_alive && !shared_->closing;
    auto& out = response_.emplace(static_cast<http::status>(response.status), 11U);
    out.reason(view(reason_of(response.status)));
    out.set(http::field::content_type, response.content_type);
    out.set("X-Content-Type-Options", "nosniff");
    out.set("Referrer-Policy", "no-referrer");
    out.set("Cache-Control", "no-store");
    out.set("Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'");
    for (const auto& [name, value] : response.headers) out.set(name, value);
    out.keep_alive(keep_alive);
    out.content_length(response.body.size());
    if (!head_only_) out.body() = std::move(response.body);
    head_only_ = false;
    stream_.expires_after(shared_->options.timeout);
    http::async_write(stream_, out,
                      [self = shared_from_this(), keep_alive](const ErrorCode& error, std::size_t) {
                        self->on_written(error, keep_alive);
                      });
  }

  void on_written(const ErrorCode& error, bool keep_alive) {
    if (error) return;
    if (keep_alive) return read();
    ErrorCode ignored;
    static_cast<void>(stream_.socket().shutdown(tcp::socket::shutdown_send, ignored));
    drain_until_ = Steady::now() + shared_->options.timeout;
    drain();
  }

  // Closing with unread input would reset the connection and lose the answer on its way.
  // Whoever goes on sending is let go all the same.
  void drain() {
    stream_.expires_at(std::min(Steady::now() + kDrainPause, drain_until_));
    stream_.async_read_some(asio::buffer(drained_),
                            [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                              if (!error) self->drain();
                            });
  }

  beast::tcp_stream stream_;
  std::shared_ptr<Shared> shared_;
  beast::flat_buffer buffer_;
  std::unique_ptr<Parser> parser_;  // a request's own
  std::optional<http::response<http::string_body>> response_;
  std::unique_ptr<http::response<http::empty_body>> continue_;
  std::array<char, std::size_t{16} * 1024> drained_{};
  Steady::time_point drain_until_{};
  bool head_only_ = false;
};

}  // namespace

struct Server::Impl {
  std::shared_ptr<Shared> shared;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;

  void accept() {
    acceptor.async_accept([this](const ErrorCode& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) take(std::move(socket));
      accept();
    });
  }
  void take(tcp::socket socket) {
    if (shared->counts.connections >= shared->options.connections_max) {
      ++shared->counts.refused;
      return;  // closed by the socket's end
    }
    ++shared->counts.accepted;
    std::make_shared<Session>(std::move(socket), shared)->read();
  }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { close(); }

base::Result<std::unique_ptr<Server>> Server::listen(base::Loop& loop, Options options,
                                                     Services services) {
  ErrorCode error;
  const auto address = asio::ip::make_address(
      options.listen.host == "localhost" ? "127.0.0.1" : options.listen.host, error);
  const std::string named = options.listen.host + ":" + std::to_string(options.listen.port);
  if (error) {
    return base::fail(base::Code::kInvalid, named + " is no IP address and port (http.listen)");
  }
  tcp::acceptor acceptor(loop.native());
  const tcp::endpoint endpoint(address, options.listen.port);
  static_cast<void>(acceptor.open(endpoint.protocol(), error));
  if (!error) static_cast<void>(acceptor.set_option(tcp::acceptor::reuse_address(true), error));
  if (!error) static_cast<void>(acceptor.bind(endpoint, error));
  if (!error) static_cast<void>(acceptor.listen(asio::socket_base::max_listen_connections, error));
  if (error) {
    return base::fail(base::Code::kUnavailable,
                      named + ": " + error.message() + "; choose another with http.listen");
  }
  const std::uint16_t port = acceptor.local_endpoint().port();
  if (options.external_url.empty()) {
    const std::string host =
        address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    options.external_url = "http://" + host + ":" + std::to_string(port);
  }
  while (options.external_url.ends_with('/')) options.external_url.pop_back();
  auto shared = std::make_shared<Shared>(std::move(options), std::move(services), loop.native());
  add_handlers(shared->router, shared->options, shared->services);
  shared->is_on_loopback = address.is_loopback();
  shared->workers = std::make_unique<Workers>(shared->options.workers);
  shared->lookers = std::make_unique<Workers>(1);
  auto impl = std::make_unique<Impl>(std::move(shared), std::move(acceptor), port);
  impl->accept();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port; }
const std::string& Server::external_url() const { return impl_->shared->options.external_url; }

void Server::close() {
  if (!impl_) return;
  ErrorCode ignored;
  static_cast<void>(impl_->acceptor.close(ignored));
  impl_->shared->closing = true;
  impl_->shared->workers.reset();
  impl_->shared->lookers.reset();
}

Stats Server::stats() const {
  const Counts& counts = impl_->shared->counts;
  return {counts.connections, counts.accepted, counts.refused, counts.too_large};
}

}  // namespace patuh::api
