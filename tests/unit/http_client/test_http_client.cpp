#include "http_client/http_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "server.h"

extern char** environ;

namespace patuh::http_client {
namespace {

using testing_http::answer;
using testing_http::Received;
using testing_http::Server;

std::string echo(const Received& request) {
  return answer(200,
                request.method + " " + request.path + "\n" + request.head + "\n" + request.body);
}

TEST(HttpClient, SendsMethodPathHeadersAndBodyAndReadsTheAnswer) {
  const Server server(echo);
  Client client({});
  const auto got = client.send({.method = "POST",
                                .url = server.url("/api/v2/alerts?x=1"),
                                .headers = {{"Content-Type", "application/json"}, {"X-A", "b"}},
                                .body = "[1,2]"});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_TRUE(got->body.starts_with("POST /api/v2/alerts?x=1\n"));
  EXPECT_NE(got->body.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(got->body.find("X-A: b\r\n"), std::string::npos);
  EXPECT_TRUE(got->body.ends_with("\n[1,2]"));
}

TEST(HttpClient, ABodyOfAnyBytesAndSizeArrivesWhole) {
  std::string body;
  for (int i = 0; i < 3'000'000; ++i) body += static_cast<char>(i * 7);
  const Server server([&](const Received& request) {
    return answer(200, request.body == body ? "same" : "different");
  });
  Client client({});
  EXPECT_EQ(client.send({"PUT", server.url("/"), {}, body})->body, "same");
}

TEST(HttpClient, AnEmptyPostSaysThatItIsEmpty) {
  const Server server(echo);
  Client client({});
  const auto got = client.send({"POST", server.url("/-/reload"), {}, ""});
  ASSERT_TRUE(got);
  EXPECT_NE(got->body.find("Content-Length: 0\r\n"), std::string::npos) << got->body;
}

TEST(HttpClient, AnyStatusIsAnAnswer) {
  int status = 200;
  const Server server([&](const Received&) { return answer(status, "text"); });
  Client client({});
  for (const int wanted : {200, 204, 400, 404, 503}) {
    status = wanted;
    const auto got = client.send({.url = server.url("/")});
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->status, wanted);
  }
}

TEST(HttpClient, OneConnectionServesManyRequestsAndMethodsDoNotLeak) {
  const Server server(echo);
  Client client({});
  EXPECT_TRUE(client.send({"POST", server.url("/a"), {{"X-A", "b"}}, "body"}));
  const auto second = client.send({.url = server.url("/b")});
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->body.starts_with("GET /b\n"));
  EXPECT_EQ(second->body.find("X-A"), std::string::npos);
  EXPECT_EQ(second->body.find("Content-Length"), std::string::npos);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ARedirectIsAnAnswerAndIsNotFollowed) {
  const Server elsewhere(echo);
  const Server server([&](const Received&) {
    return answer(302, "over there", "Location: " + elsewhere.url("/x") + "\r\n");
  });
  Client client({});
  EXPECT_EQ(client.send({.url = server.url("/")})->status, 302);
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(HttpClient, AnAnswerOverTheLimitIsRefused) {
  const Server server([](const Received&) { return answer(200, std::string(2000, 'x')); });
  Client client({.answer_bytes_max = 1999});
  EXPECT_EQ(client.send({.url = server.url("/")}).error().code, base::Code::kExhausted);
  Client larger({.answer_bytes_max = 2000});
  EXPECT_EQ(larger.send({.url = server.url("/")})->body.size(), 2000U);
}

TEST(HttpClient, NobodyThereIsUnavailableAndNamesTheUrl) {
  std::string url;
  {
    const Server server(echo);
    url = server.url("/");
  }
  Client client({});
  const auto got = client.send({.url = url});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, base::Code::kUnavailable);
  EXPECT_NE(got.error().message.find(url), std::string::npos);
}

TEST(HttpClient, APeerThatDoesNotAnswerIsLeft) {
  const Server server([](const Received&) { return std::string(); });
  Client client({.timeout = std::chrono::milliseconds(100)});
  EXPECT_EQ(client.send({.url = server.url("/")}).error().code, base::Code::kUnavailable);
}

TEST(HttpClient, ARequestEndsWhenAskedTo) {
  const Server server([](const Received&) { return std::string(); });
  Client client({.timeout = std::chrono::minutes(10)});
  std::stop_source source;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    source.request_stop();
  });
  EXPECT_EQ(client.send({.url = server.url("/")}, source.get_token()).error().code,
            base::Code::kCancelled);
  EXPECT_EQ(client.send({.url = server.url("/")}, source.get_token()).error().code,
            base::Code::kCancelled);
}

TEST(HttpClient, WhatIsNoHttpUrlIsInvalid) {
  Client client({});
  for (const char* url : {"", "no url", "ftp://127.0.0.1/x", "file:///etc/passwd",
                          "http://[not-an-address/", "gopher://127.0.0.1/"}) {
    const auto got = client.send({.url = url});
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().code, base::Code::kInvalid) << url << " " << got.error().message;
  }
}

TEST(HttpClient, TheEnvironmentsProxyIsNotAskedForThisMachine) {
  const Server server(echo);
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("no_proxy", "example.go.id", 1);
  Client client({});
  const auto got = client.send({.url = server.url("/")});
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");
  EXPECT_TRUE(got) << got.error().message;
}

// ── TLS, against OpenSSL's own test server ──────────────────────────────────────────────────────

pid_t start(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int file : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(&actions, file, "/dev/null", O_RDWR, 0);
  }
  pid_t pid = -1;
  const int failed =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

bool succeeds(std::vector<std::string> words) {
  const pid_t pid = start(std::move(words));
  int status = -1;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

TEST(HttpClient, OnlyACertificateThatIsTrustedIsSpokenTo) {
  ASSERT_TRUE(succeeds({"openssl", "version"})) << "this test needs the program openssl";
  std::string folder = (std::filesystem::temp_directory_path() / "patuh-tls-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string key = folder + "/key.pem";
  const std::string certificate = folder + "/certificate.pem";
  ASSERT_TRUE(
      succeeds({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate}));
  std::uint16_t port = 0;
  {
    const Server free_port(echo);
    port = free_port.port();
  }
  const pid_t server =
      start({"openssl", "s_server", "-www", "-accept", "127.0.0.1:" + std::to_string(port), "-key",
             key, "-cert", certificate});
  ASSERT_GT(server, 0);
  const std::string url = "https://localhost:" + std::to_string(port) + "/";
  Client trusting({.ca_file = certificate});
  base::Result<Answer> got = base::fail(base::Code::kUnavailable, "not asked yet");
  for (int i = 0; i < 200 && !got; ++i) {
    got = trusting.send({.url = url});
    if (!got) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(got) << got.error().message;

  Client strict({});
  const auto refused = strict.send({.url = url});
  ASSERT_FALSE(refused) << "the system does not know this certificate";
  EXPECT_EQ(refused.error().code, base::Code::kUnavailable);
  EXPECT_NE(refused.error().message.find("certificate"), std::string::npos)
      << refused.error().message;
  const auto other_name = trusting.send({.url = "https://127.0.0.1:" + std::to_string(port)});
  EXPECT_FALSE(other_name) << "the certificate is for another name";

  ::kill(server, SIGTERM);
  ::waitpid(server, nullptr, 0);
  std::filesystem::remove_all(folder);
}

TEST(HttpClient, APasswordInAUrlIsNotShown) {
  EXPECT_EQ(shown("http://am:gehe@im@h:1/a@b?x"), "http://h:1/a@b?x");
  EXPECT_EQ(shown("http://h/a@b"), "http://h/a@b");
  const auto answer = Client({}).send({.method = "GET", .url = "http://am:geheim@127.0.0.1:1/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message.find("geheim"), std::string::npos) << answer.error().message;
}

}  // namespace
}  // namespace patuh::http_client
