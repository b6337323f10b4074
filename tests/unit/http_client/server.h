// A server for tests of clients: one thread, keeps connections, answers by a function.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace patuh::testing_http {

struct Received {
  std::string method, path;
  std::string head;  // request line and headers as they came
  std::string body;
};

// The whole answer, as bytes of HTTP.
std::string answer(int status, const std::string& body, const std::string& headers = "");

class Server {
 public:
  using Handler = std::function<std::string(const Received&)>;
  // On a free port of 127.0.0.1, or on `port`. An answer that is empty leaves the client waiting.
  explicit Server(Handler handler, std::uint16_t port = 0);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "") const;
  int connections() const { return connections_; }  // taken so far

 private:
  void run(const std::stop_token& stop);
  void take();
  bool serve(int file);  // false: the connection is done
  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::map<int, std::string> open_;  // what came so far, by connection
  std::jthread thread_;
};

}  // namespace patuh::testing_http
