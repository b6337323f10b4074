#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

namespace patuh::testing_http {
namespace {

std::size_t content_length(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

// Takes one whole request out of what came.
std::optional<Received> take_request(std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  Received out;
  out.head = bytes.substr(0, end + 2);
  const std::size_t size = content_length(out.head);
  if (bytes.size() < end + 4 + size) return std::nullopt;
  out.body = bytes.substr(end + 4, size);
  bytes.erase(0, end + 4 + size);
  const std::size_t space = out.head.find(' ');
  out.method = out.head.substr(0, space);
  out.path = out.head.substr(space + 1, out.head.find(' ', space + 1) - space - 1);
  return out;
}

}  // namespace

std::string answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " So\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Server::Server(Handler handler, std::uint16_t port) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(port);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0) std::abort();
  ::getsockname(listener_, any, &size);
  port_ = ::ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Server::~Server() {
  thread_.request_stop();
  thread_.join();
  for (const auto& [file, bytes] : open_) ::close(file);
  ::close(listener_);
}

std::string Server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void Server::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}};
    for (const auto& [file, bytes] : open_) waiting.push_back({file, POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), 20);
    for (const pollfd& ready : waiting) {
      if (ready.revents == 0) continue;
      if (ready.fd == listener_) {
        take();
      } else if (!serve(ready.fd)) {
        ::close(ready.fd);
        open_.erase(ready.fd);
      }
    }
  }
}

void Server::take() {
  const int file = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (file < 0) return;
  ++connections_;
  open_[file] = "";
}

bool Server::serve(int file) {
  std::string& bytes = open_[file];
  char buffer[65536];
  const ssize_t size = ::recv(file, buffer, sizeof buffer, 0);
  if (size <= 0) return false;
  bytes.append(buffer, static_cast<std::size_t>(size));
  while (const auto request = take_request(bytes)) {
    const std::string out = handler_(*request);
    for (std::size_t sent = 0; sent < out.size();) {
      const ssize_t more = ::send(file, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) return false;
      sent += static_cast<std::size_t>(more);
    }
  }
  return true;
}

}  // namespace patuh::testing_http
