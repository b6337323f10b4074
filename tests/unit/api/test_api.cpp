#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <latch>
#include <thread>

#include "api/api.h"
#include "http_client/http_client.h"
#include "json/json.h"
#include "tests/unit/pack.h"
#include "tests/unit/test_clock.h"

namespace patuh::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAttributes = R"toml(
nama = { type = "string" }
approved = { type = "string" })toml";
constexpr std::string_view kRules = R"toml(
[[rule]]
id = "R-1"
kind = "app"
severity = "critical"
require = "filled(self.approved)"
title.id = "Judul"
title.en = "Title"
remedy.id = "Obat"
remedy.en = "Cure"
message.id = "Aplikasi {self.nama}"
message.en = "Application {self.nama}"
)toml";

constexpr unsigned kWorkers = 2;

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-api-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    start();
  }
  void TearDown() override {
    halt();
    fs::remove_all(folder_);
  }

  void start() {
    const auto book = testing::book_of(testing::schema_of_apps(kAttributes), kRules);
    ASSERT_NE(book, nullptr);
    auto store = store::Store::open(folder_.string(), {});
    ASSERT_TRUE(store);
    pipeline::Options how;
    how.snapshots = snapshots_;
    how.wall = wall_;
    how.jump_stays = std::chrono::hours(1);
    auto opened = pipeline::Pipeline::open(std::move(*store), book, how);
    ASSERT_TRUE(opened);
    pipeline_ = std::move(*opened);
    pipeline_->start();
    Options options;
    options.listen = {"127.0.0.1", 0};
    options.max_body_bytes = 100'000;
    options.limits.events_max = 40;
    options.timeout = std::chrono::milliseconds(500);
    Services services;
    services.pipeline = pipeline_.get();
    services.metrics = &metrics_;
    services.data_dir = folder_.string();
    services.ready = [this] { return Readiness{ready_, "asked not to be"}; };
    options.workers = kWorkers;
    services.reload = [this](const pipeline::Operator&) {
      reloading_();
      return base::Result<std::string>("reloaded\n");
    };
    auto server = Server::listen(*loop_, options, services);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    thread_ = std::jthread([this] { loop_->run(); });
  }
  void halt() {
    loop_->stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    if (pipeline_) pipeline_->stop();
    pipeline_.reset();
    loop_ = std::make_unique<base::Loop>();
  }

  http_client::Answer ask(const std::string& method, const std::string& path,
                          const std::string& body = "",
                          std::vector<std::pair<std::string, std::string>> headers = {}) {
    const auto answer =
        client_.send({method, server_->external_url() + path, std::move(headers), body});
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer ? *answer : http_client::Answer{};
  }
  static std::string event(const std::string& subject, const std::string& data, int id) {
    return R"({"op":"upsert","source":"//s","id":")" + std::to_string(id) + R"(","subject":")" +
           subject + R"(","time":"2026-01-01T00:00:00Z","data":)" + data + "}\n";
  }
  void fill(const std::string& name = "N") {
    const std::string body = event("agency/d", R"({"code":"d","nama":"Dinas"})", 1) +
                             event("app/a%2Fb:c", "{}", 2) +
                             event("app/x", R"({"owner":"d","nama":)" + json::quote(name) + "}", 3);
    EXPECT_EQ(
        ask("POST", "/api/v1/events", body, {{"Content-Type", "application/x-ndjson"}}).status,
        200);
  }

  // What the server sends to raw bytes, until it closes or nothing comes for a while.
  std::string raw(const std::string& bytes) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server_->port());
    ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    const timeval patience{3, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string out;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;) {
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ::close(fd);
    return out;
  }

  fs::path folder_;
  std::unique_ptr<base::Loop> loop_ = std::make_unique<base::Loop>();
  metrics::Registry metrics_{{}};
  std::atomic<bool> ready_{true};
  std::function<void()> reloading_ = [] {};  // what a reload waits for
  pipeline::SnapshotOptions snapshots_;
  const base::Clock* wall_ = &base::system_clock();
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<Server> server_;
  http_client::Client client_{{}};
  std::jthread thread_;
};

TEST_F(ApiTest, TakesEventsAndAnswersAfterTheyAreDurable) {
  const std::string body = event("app/x", "{}", 1) + "nonsense\n" + event("app/x", "{}", 1);
  const auto answer =
      ask("POST", "/api/v1/events", body, {{"Content-Type", "application/x-ndjson"}});
  EXPECT_EQ(answer.status, 200);
  const auto json = json::parse(answer.body, {});
  ASSERT_TRUE(json);
  const auto results = json->root().find("results")->items();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].find("result")->string(), "applied");
  EXPECT_EQ(results[1].find("reason")->string(), "not_json");
  EXPECT_EQ(results[2].find("result")->string(), "duplicate");
}

TEST_F(ApiTest, LinesAreKnownByTheirMediaTypeInAnyCaseAndByNoOther) {
  const std::string two = event("app/x", "{}", 1) + event("app/y", "{}", 2);
  const auto results = [&](const char* type) {
    const auto answer = ask("POST", "/api/v1/events", two, {{"Content-Type", type}});
    return std::ranges::count(answer.body, '{') - 1;
  };
  EXPECT_EQ(results("Application/X-NDJSON"), 2);
  EXPECT_EQ(results("application/x-ndjson ; charset=utf-8"), 2);
  EXPECT_EQ(results("application/x-ndjsonx"), 1);
}

// A body within its most can hold millions of events, each of which would take room.
TEST_F(ApiTest, MoreLinesThanAreTakenAtOnceAreSetAsideAsOne) {
  std::string lines;
  for (int i = 0; i < 41; ++i) lines += "1\n";
  const auto answer =
      ask("POST", "/api/v1/events", lines, {{"Content-Type", "application/x-ndjson"}});
  EXPECT_NE(answer.body.find("{\"results\":[{\"result\":\"set_aside\",\"reason\":\"too_large\""),
            std::string::npos)
      << answer.body;
  EXPECT_EQ(std::ranges::count(answer.body, '{'), 2);
}

TEST_F(ApiTest, AnswersEveryReadInJsonAndUnknownOnesAsProblems) {
  fill();
  for (const char* path : {"/api/v1/summary", "/api/v1/agencies", "/api/v1/violations",
                           "/api/v1/violations?agency=d&severity=critical&limit=1", "/api/v1/rules",
                           "/api/v1/elements/app/x", "/api/v1/elements/app/a%252Fb:c",
                           "/api/v1/verdicts/R-1/app/x", "/api/v1/openapi.json"}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
    EXPECT_TRUE(json::parse(answer.body, {})) << path;
  }
  EXPECT_NE(ask("GET", "/api/v1/summary").body.find("\"pending\":0"), std::string::npos);
  EXPECT_NE(ask("GET", "/api/v1/verdicts/R-1/app/x").body.find("\"pending\":false"),
            std::string::npos);
  EXPECT_EQ(ask("GET", "/api/v1/elements/app/none").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/verdicts/R-9/app/x").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/violations?severity=huge").status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/violations?limit=0").status, 400);
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/summary").status, 405);
}

TEST_F(ApiTest, TheSummaryCountsTheWholeLogAlsoAfterARestart) {
  fill();
  const auto counts = [&](std::int64_t events, std::int64_t set_aside) {
    for (int i = 0; i < 400; ++i) {  // what pages show follows an answered batch in a moment
      const auto summary = json::parse(ask("GET", "/api/v1/summary").body, {});
      if (summary->root().find("events")->integer() == events &&
          summary->root().find("set_aside")->integer() == set_aside) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  ask("POST", "/api/v1/events", "nonsense\n" + event("nokind/x", "{}", 7),
      {{"Content-Type", "application/x-ndjson"}});
  EXPECT_TRUE(counts(3, 2));
  halt();
  start();
  EXPECT_TRUE(counts(3, 2));
  ask("POST", "/api/v1/events", event("app/y", "{}", 8) + "nonsense\n",
      {{"Content-Type", "application/x-ndjson"}});
  EXPECT_TRUE(counts(4, 3));
}

TEST_F(ApiTest, WhatBrowsersAskForBesidePagesIsThere) {
  for (const char* path : {"/assets/patuh.css", "/favicon.ico"}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_FALSE(answer.body.empty()) << path;
  }
}

TEST_F(ApiTest, PagesEscapeWhatSendersWrite) {
  fill("<script>alert(1)</script>\"'&");
  for (const char* path : {"/?lang=id", "/?lang=en", "/agencies/d", "/elements/app/x",
                           "/verdicts/R-1/app/x?lang=en"}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body.find("<script>"), std::string::npos) << path;
    EXPECT_NE(answer.body.find("</html>"), std::string::npos) << path;
  }
  EXPECT_NE(ask("GET", "/agencies/d?lang=en").body.find("Cure"), std::string::npos);
  EXPECT_NE(ask("GET", "/agencies/d?lang=id").body.find("Obat"), std::string::npos);
  EXPECT_NE(ask("GET", "/agencies/d", "", {{"Accept-Language", "en"}}).body.find("Cure"),
            std::string::npos);
}

TEST_F(ApiTest, AVerdictTellsWhatDecidedAndTheSmallestChange) {
  fill();
  const auto answer = json::parse(ask("GET", "/api/v1/verdicts/R-1/app/x").body, {});
  ASSERT_TRUE(answer);
  const auto steps = answer->root().find("steps")->items();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].find("text")->string(), "filled(self.approved)");
  const auto decided = answer->root().find("decided")->items();
  ASSERT_EQ(decided.size(), 2U);
  EXPECT_EQ(decided[1].find("part")->string(), "require");
  EXPECT_EQ(decided[1].find("begin")->integer(), 7);
  EXPECT_EQ(decided[1].find("end")->integer(), 20);
  EXPECT_EQ(decided[1].find("text")->string(), "self.approved");
  EXPECT_EQ(decided[1].find("value")->string(), "null");
  EXPECT_EQ(decided[1].find("told")->find("id")->string(), "kosong");
  EXPECT_EQ(decided[1].find("told")->find("en")->string(), "nothing");
  const json::Node& change = *answer->root().find("smallest_change");
  EXPECT_EQ(change.find("outcome")->string(), "found");
  ASSERT_EQ(change.find("changes")->items().size(), 1U);
  const json::Node& one = change.find("changes")->items()[0];
  EXPECT_EQ(one.find("attribute")->string(), "approved");
  EXPECT_EQ(one.find("value")->string(), "…");
  EXPECT_TRUE(one.find("stand_in")->boolean());
  EXPECT_EQ(one.find("told")->find("en")->string(), "approved: filled in, for example …");
}

TEST_F(ApiTest, APageTellsWhatDecidedAndTheSmallestChangeInBothLanguages) {
  fill();
  const std::string id = ask("GET", "/verdicts/R-1/app/x?lang=id").body;
  EXPECT_NE(id.find("Perubahan terkecil agar patuh"), std::string::npos);
  EXPECT_NE(id.find("approved: diisi, misalnya …"), std::string::npos);
  EXPECT_NE(id.find("<td>kosong</td><td>require 8</td>"), std::string::npos) << id;
  EXPECT_EQ(id.find("nothing"), std::string::npos) << id;
  const std::string en = ask("GET", "/verdicts/R-1/app/x?lang=en").body;
  EXPECT_NE(en.find("The smallest change that makes it comply"), std::string::npos);
  EXPECT_NE(en.find("approved: filled in, for example …"), std::string::npos);
  EXPECT_NE(en.find("<td>nothing</td><td>require 8</td>"), std::string::npos);
}

// One source of them: the page, the API and patuhctl say the same lines.
TEST_F(ApiTest, APageTellsTheLinesThatTheApiGives) {
  fill();
  const auto answer = json::parse(ask("GET", "/api/v1/verdicts/R-1/app/x").body, {});
  ASSERT_TRUE(answer);
  for (const char* const lang : {"id", "en"}) {
    std::string lines = "<pre class=\"why\">";
    const auto given = answer->root().find("lines")->find(lang)->items();
    EXPECT_GT(given.size(), 4U);
    EXPECT_LE(given.size(), engine::kExplainedLinesMax);
    for (const json::Node& line : given) lines += std::string(line.string()) + "\n";
    const std::string page = ask("GET", std::string("/verdicts/R-1/app/x?lang=") + lang).body;
    EXPECT_NE(page.find(lines + "</pre>"), std::string::npos) << lines << page;
  }
}

TEST_F(ApiTest, HealthMetricsAndReload) {
  EXPECT_EQ(ask("GET", "/-/healthy").status, 200);
  EXPECT_EQ(ask("GET", "/-/ready").status, 200);
  ready_ = false;
  EXPECT_EQ(ask("GET", "/-/ready").status, 503);
  EXPECT_EQ(ask("POST", "/-/reload").body, "reloaded\n");
  EXPECT_EQ(ask("POST", "/-/reload", "", {{"Origin", "http://evil.example"}}).status, 403);
  const auto metrics = ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("patuh_http_requests_total{code=\"403\",route=\"/-/reload\"} 1"),
            std::string::npos)
      << metrics;
}

TEST_F(ApiTest, RedrivesQuarantineByNumber) {
  fill();
  ask("POST", "/api/v1/events", "nonsense");
  const auto answer = ask("POST", "/-/quarantine/redrive?ids=1,7&by=sri");
  const auto json = json::parse(answer.body, {});
  ASSERT_TRUE(json) << answer.body;
  const auto results = json->root().find("results")->items();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].find("id")->integer(), 1);
  EXPECT_EQ(results[0].find("result")->string(), "set_aside");
  EXPECT_EQ(results[0].find("reason")->string(), "not_json");
  EXPECT_EQ(results[1].find("result")->string(), "refused");
  EXPECT_EQ(results[1].find("message")->string(), "nothing is set aside under this number");
  for (const char* query : {"", "?ids=", "?ids=x", "?ids=1,", "?ids=-1", "?ids=1;2",
                            "?ids=99999999999999999999", "?ids=1&by=", "?ids=1&by=%0a"}) {
    EXPECT_EQ(ask("POST", std::string("/-/quarantine/redrive") + query).status, 400) << query;
  }
  EXPECT_EQ(ask("GET", "/-/quarantine/redrive?ids=1").status, 405);
  EXPECT_EQ(
      ask("POST", "/-/quarantine/redrive?ids=2", "", {{"Origin", "http://evil.example"}}).status,
      403);
}

TEST_F(ApiTest, BoundsHeadsBodiesAndPatience) {
  const std::string head = "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_TRUE(raw(head + "Content-Length: 200000\r\n\r\n").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(
      raw(head + "X: " + std::string(20'000, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(raw("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_EQ(raw("GET /-/healthy HT"), "") << "half a request is given up after the timeout";
  EXPECT_EQ(server_->stats().too_large, 1u);
  const auto metrics = ask("GET", "/metrics").body;
  for (const char* counted :
       {"{code=\"413\",route=\"/api/v1/events\"} 1", "{code=\"431\",route=\"/api/v1/events\"} 1",
        "{code=\"400\",route=\"other\"} 1"}) {
    EXPECT_NE(metrics.find("patuh_http_requests_total" + std::string(counted)), std::string::npos)
        << counted << " in " << metrics;
  }
}

// A parameter that cannot be read must not be taken for one that was left out.
TEST_F(ApiTest, AMalformedQueryIsRefusedAndNothingIsAnsweredInItsPlace) {
  fill();
  for (const char* query : {"at=%zz", "severity=%ff", "at=2026-01-01T00:00:00%2", "%zz=1"}) {
    const auto answer = ask("GET", std::string("/api/v1/violations?") + query);
    EXPECT_EQ(answer.status, 400) << query << answer.body;
  }
  EXPECT_EQ(ask("POST", "/-/reload?reason=%ff").status, 400);
}

TEST_F(ApiTest, AMisspeltParameterOrAStateThatIsNotListedIsRefused) {
  fill();
  for (const char* path : {"/api/v1/violations?agancy=d", "/api/v1/violations?state=compliant",
                           "/api/v1/summary?At=2026-01-01T00:00:00Z",
                           "/api/v1/summary?at=", "/api/v1/elements/app/x?limit=1",
                           "/api/v1/changes?from=2026-01-01T00:00:00Z&until=x"}) {
    EXPECT_EQ(ask("GET", path).status, 400) << path;
  }
  EXPECT_NE(ask("GET", "/api/v1/violations?agancy=d").body.find("did you mean agency?"),
            std::string::npos);
  EXPECT_EQ(ask("GET", "/api/v1/violations?agency=d&state=waived").status, 200);
}

// "Nothing is owed" must not be the answer to a slip of the pen.
TEST_F(ApiTest, AListOfWhatNobodyKnowsIsRefusedAndNotEmpty) {
  fill();
  const std::string now = "&at=2999-01-01T00:00:00Z";
  for (const std::string query : {"agency=dinsa", "rule=R-7", "domain=layanam"}) {
    const std::string named = query.substr(query.find('=') + 1);
    for (const std::string& path :
         {"/api/v1/violations?" + query, "/api/v1/violations?" + query + now}) {
      const auto answer = ask("GET", path);
      EXPECT_EQ(answer.status, 400) << path << answer.body;
      EXPECT_NE(answer.body.find(named), std::string::npos) << answer.body;
    }
  }
  EXPECT_NE(ask("GET", "/api/v1/violations?rule=R-7").body.find("did you mean R-1?"),
            std::string::npos);
  const std::string changes = "/api/v1/changes?from=2026-01-01T00:00:00Z&agency=";
  EXPECT_EQ(ask("GET", changes + "nobody").status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/changes?from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z").status,
            400);
}

TEST_F(ApiTest, ReadsAWholeUrlAndRefusesABodyOfUnknownEnd) {
  EXPECT_NE(
      raw("GET http://x:1/-/healthy?a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
          .find("healthy\n"),
      std::string::npos);
  const std::string smuggled =
      raw("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n"
          "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(smuggled.starts_with("HTTP/1.1 400")) << smuggled;
  EXPECT_EQ(smuggled.find("healthy"), std::string::npos) << smuggled;
}

// A page of another site, whose name leads to our address by now, would read all that is here.
TEST_F(ApiTest, OnLoopbackItAnswersToItsOwnNamesOnly) {
  const std::string own = server_->external_url().substr(std::string("http://").size());
  for (const std::string& name : {own, std::string("LocalHost:8466"), std::string("localhost"),
                                  std::string("127.0.0.1"), std::string("[::1]:8466")}) {
    EXPECT_EQ(ask("GET", "/api/v1/summary", "", {{"Host", name}}).status, 200) << name;
  }
  for (const char* name : {"evil.example:8466", "localhost.evil.example", "127.0.0.1.evil.example",
                           "[evil.example]", "[", ":8466"}) {
    for (const char* path : {"/api/v1/summary", "/metrics", "/"}) {
      const auto answer = ask("GET", path, "", {{"Host", name}});
      EXPECT_EQ(answer.status, 421) << name << path;
      EXPECT_NE(answer.body.find("http.external_url"), std::string::npos) << answer.body;
    }
  }
  EXPECT_TRUE(raw("GET /-/healthy HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_F(ApiTest, WhoeverGoesOnSendingBehindTheLastAnswerIsLetGo) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server_->port());
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string head =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n";
  ASSERT_GT(::send(fd, head.data(), head.size(), MSG_NOSIGNAL), 0);
  const auto begin = std::chrono::steady_clock::now();
  while (::send(fd, "x", 1, MSG_NOSIGNAL) == 1 &&
         std::chrono::steady_clock::now() - begin < std::chrono::seconds(8)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::close(fd);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(ApiTest, WhoeverWatchesDoesNotQueueBehindThoseWhoWait) {
  fill();
  std::promise<void> go;
  std::latch all_wait(kWorkers);
  reloading_ = [&all_wait, gone = go.get_future().share()] {
    all_wait.count_down();
    gone.wait();
  };
  std::vector<std::jthread> askers;
  for (unsigned i = 0; i < kWorkers; ++i) {
    askers.emplace_back(
        [this] { raw("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); });
  }
  all_wait.wait();
  const auto begin = std::chrono::steady_clock::now();
  for (const char* path : {"/-/healthy", "/-/ready", "/metrics", "/-/clock"}) {
    EXPECT_EQ(ask("GET", path).status, 200) << path;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  go.set_value();
}

TEST_F(ApiTest, WhileIntakeStandsStillASenderIsToldAtOnce) {
  halt();
  testing::TestClock clock;
  wall_ = &clock;
  start();
  fill();
  clock.set(clock.now() + std::chrono::hours(3));
  for (int i = 0; i < 500 && pipeline_->view()->trouble.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string answer =
      raw("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
          "2\r\n\r\n{}");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503")) << answer;
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos) << answer;
  EXPECT_NE(answer.find("the wall clock leapt ahead"), std::string::npos) << answer;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  halt();
}

TEST_F(ApiTest, AnEmptyLogOwesNothingAndKnowsNothing) {
  EXPECT_EQ(ask("GET", "/api/v1/violations").body, "{\"items\":[],\"next_cursor\":null}\n");
  for (const char* path :
       {"/api/v1/elements/app/x", "/api/v1/verdicts/R-1/app/x", "/elements/app/x", "/agencies/d"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
}

TEST_F(ApiTest, AnswersPipelinedRequestsInOrderAndHeadWithoutABody) {
  const std::string answers =
      raw("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /-/healthy HTTP/1.1\r\nHost: "
          "localhost\r\n\r\n"
          "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::size_t first = answers.find("healthy\n");
  ASSERT_NE(first, std::string::npos) << answers;
  EXPECT_EQ(answers.find("healthy\n", first + 1), std::string::npos);
  EXPECT_NE(answers.find("HTTP/1.1 404", first), std::string::npos);
}

TEST_F(ApiTest, SaysContinueToAClientThatWaitsForIt) {
  const std::string body = event("app/x", "{}", 1);
  const std::string answers =
      raw("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: "
          "close\r\n"
          "Content-Type: application/x-ndjson\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 100")) << answers;
  EXPECT_NE(answers.find("applied"), std::string::npos) << answers;
}

TEST_F(ApiTest, AStoppedPipelineIsAnsweredWith503) {
  fill();
  pipeline_->stop();
  EXPECT_EQ(ask("POST", "/api/v1/events", event("app/y", "{}", 9)).status, 503);
  EXPECT_EQ(ask("GET", "/api/v1/elements/app/x").status, 503);
  EXPECT_EQ(ask("GET", "/api/v1/summary").status, 200);
}

TEST_F(ApiTest, AVerdictIsAnsweredAsItWasRecordedAndWhatChangedSince) {
  fill();
  const std::string path = "/api/v1/verdicts/R-1/app/x";
  const auto then = ask("GET", path + "?at=2999-01-01T00:00:00Z");
  EXPECT_EQ(then.status, 200);
  EXPECT_NE(then.body.find(R"("state":"violating")"), std::string::npos) << then.body;
  EXPECT_NE(then.body.find(R"("id":"3")"), std::string::npos) << then.body;
  EXPECT_EQ(ask("GET", path + "?at=2001-01-01T00:00:00Z").status, 410);
  EXPECT_EQ(ask("GET", "/api/v1/verdicts/R-1/app/y?at=2999-01-01T00:00:00Z").status, 404);
  EXPECT_EQ(ask("GET", path + "?at=yesterday").status, 400);

  const auto changes = ask("GET", "/api/v1/changes?from=2001-01-01T00:00:00Z&agency=d");
  EXPECT_EQ(changes.status, 200);
  EXPECT_NE(changes.body.find(R"("agency":"d","turn":"new","severity":"critical","rule":"R-1",)"
                              R"("element":"app/x")"),
            std::string::npos)
      << changes.body;
  EXPECT_EQ(changes.body.find("a/b:c"), std::string::npos) << "it is nobody's";
  EXPECT_EQ(ask("GET", "/api/v1/changes?from=2999-01-01T00:00:00Z").body, "{\"changes\":[]}\n");
  EXPECT_EQ(ask("GET", "/api/v1/changes").status, 400);
}

TEST_F(ApiTest, EveryReadIsAnsweredAsOfAnInstant) {
  fill();
  std::map<std::string, std::string> stood;
  const std::vector<std::string> paths = {
      "/api/v1/agencies",   "/api/v1/rules",          "/api/v1/violations?agency=d",
      "/api/v1/violations", "/api/v1/elements/app/x", "/api/v1/summary"};
  for (const std::string& path : paths) stood[path] = ask("GET", path).body;
  const std::string then = base::to_rfc3339(base::system_clock().now());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::string mended = event("app/x", R"({"owner":"d","nama":"M","approved":"ya"})", 4);
  mended.replace(mended.find("2026-01"), 7, "2026-02");  // newer than what stands
  mended += event("app/z", R"({"approved":"ya"})", 5);
  EXPECT_EQ(
      ask("POST", "/api/v1/events", mended, {{"Content-Type", "application/x-ndjson"}}).status,
      200);
  for (const std::string& path : paths) {
    const std::string mark = path.find('?') == std::string::npos ? "?" : "&";
    EXPECT_NE(ask("GET", path).body, stood[path]) << path;
    const auto answer = ask("GET", path + mark + "at=" + then);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string expected = stood[path];
    // Lists of the past do not know what elements were called.
    if (path.find("violations") != std::string::npos) {
      for (std::size_t at; (at = expected.find(R"("name":"N")")) != std::string::npos;) {
        expected.replace(at, 10, R"("name":"")");
      }
    }
    if (path.find("elements") != std::string::npos) {
      const std::size_t at = expected.find(R"("verdicts")");
      ASSERT_NE(at, std::string::npos);
      EXPECT_EQ(answer.body.substr(0, at), expected.substr(0, at));
      EXPECT_NE(answer.body.find(R"("state":"violating")"), std::string::npos) << answer.body;
    } else {
      EXPECT_EQ(answer.body, expected) << path;
    }
    const auto gone = ask("GET", path + mark + "at=2001-01-01T00:00:00Z");
    EXPECT_EQ(gone.status, 410) << path;
    EXPECT_NE(gone.body.find(R"("oldest":"20)"), std::string::npos) << gone.body;
    EXPECT_EQ(ask("GET", path + mark + "at=yesterday").status, 400) << path;
  }
  EXPECT_EQ(ask("GET", "/api/v1/elements/app/z?at=" + then).status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/violations?limit=1&at=" + then).body.find(R"("next_cursor":null)"),
            std::string::npos);
}

TEST_F(ApiTest, PagesOfARuleGoOnWhereTheLastOneEnded) {
  std::string events;
  for (int i = 0; i < 23; ++i) {
    const std::string owner = "dinas." + std::to_string(i % 5);
    events += event("app/p" + std::to_string(i), R"({"owner":")" + owner + R"("})", 10 + i);
  }
  ask("POST", "/api/v1/events", events, {{"Content-Type", "application/x-ndjson"}});
  const std::string list = "/api/v1/violations?rule=R-1&at=2999-01-01T00:00:00Z&limit=";
  const auto page = [&](const std::string& limit, const std::string& cursor) {
    const auto answer = ask("GET", list + limit + "&cursor=" + cursor);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto json = json::parse(answer.body, {});
    std::vector<std::string> items;
    for (const json::Node& item : json->root().find("items")->items()) {
      items.emplace_back(item.find("element")->string());
    }
    const json::Node& next = *json->root().find("next_cursor");
    return std::pair(items, next.is(json::Of::kNull) ? "" : std::string(next.string()));
  };
  const auto [all, end] = page("1000", "0");
  ASSERT_EQ(all.size(), 23U);
  EXPECT_EQ(end, "");
  std::vector<std::string> paged;
  std::string cursor = "0";
  while (!cursor.empty()) {
    const auto [items, next] = page("4", cursor);
    EXPECT_EQ(page("4", std::to_string(paged.size())).first, items) << "by number alone";
    paged.insert(paged.end(), items.begin(), items.end());
    if (!next.empty()) {
      EXPECT_EQ(next.rfind(std::to_string(paged.size()) + ".", 0), 0U) << next;
      EXPECT_NE(next.find(".dinas."), std::string::npos) << next;
    }
    cursor = next;
  }
  EXPECT_EQ(paged, all);
  for (const char* const wrong : {"x", "4.", "4.x.dinas.0", "4.1", "-1"}) {
    EXPECT_EQ(ask("GET", list + "4&cursor=" + wrong).status, 400) << wrong;
  }
}

TEST_F(ApiTest, OfAnElementWhoseBodiesAreGoneTheOldestInstantIsNamed) {
  fill();
  const std::string then = base::to_rfc3339(pipeline_->view()->now);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  halt();
  snapshots_ = {.tail_events = 1, .keep_bytes = 1};
  start();
  EXPECT_EQ(ask("POST", "/api/v1/events", event("app/y", "{}", 9),
                {{"Content-Type", "application/x-ndjson"}})
                .status,
            200);
  // While snapshots and bodies go it is answered, or gone; nothing in between.
  http_client::Answer gone;
  for (int i = 0; i < 1000 && gone.status != 410; ++i) {
    gone = ask("GET", "/api/v1/elements/app/x?at=" + then);
    ASSERT_TRUE(gone.status == 200 || gone.status == 410) << gone.body;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(gone.status, 410) << gone.body;
  const auto problem = json::parse(gone.body, {});
  ASSERT_TRUE(problem);
  const json::Node* const oldest = problem->root().find("oldest");
  ASSERT_NE(oldest, nullptr) << gone.body;
  EXPECT_GT(oldest->string(), then);
  EXPECT_EQ(ask("GET", "/api/v1/elements/app/x?at=" + std::string(oldest->string())).status, 200);
}

TEST_F(ApiTest, ABaselineIsDrawnAndLiftedWithAReason) {
  fill();
  EXPECT_NE(ask("GET", "/-/baseline").body.find(R"("baseline":null)"), std::string::npos);
  EXPECT_EQ(ask("POST", "/-/baseline?by=sri").status, 400) << "without a reason";
  EXPECT_EQ(ask("POST", "/-/baseline/lift?by=sri&reason=x").status, 409) << "none stands";
  EXPECT_EQ(ask("POST", "/-/baseline?by=sri&reason=day+one").status, 200);
  EXPECT_NE(ask("GET", "/-/baseline").body.find(R"("critical":2)"), std::string::npos);
  EXPECT_NE(ask("GET", "/api/v1/summary").body.find(R"("baseline":"20)"), std::string::npos);
  EXPECT_NE(ask("GET", "/api/v1/violations").body.find(R"("inherited":true)"), std::string::npos);
  EXPECT_NE(ask("GET", "/agencies/d?lang=en").body.find("inherited"), std::string::npos);
  EXPECT_NE(ask("GET", "/?lang=en").body.find("inherited from before"), std::string::npos);
  EXPECT_EQ(ask("POST", "/-/baseline/lift?by=sri&reason=mistaken").status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/violations").body.find(R"("inherited":true)"), std::string::npos);
}

}  // namespace
}  // namespace patuh::api
