#include "api/guard.h"

#include <gtest/gtest.h>

namespace patuh::api {
namespace {

constexpr std::string_view kOurs = "https://patuh.example.go.id/konsol";

int status_of(const std::string& method, std::string_view host, std::string_view origin,
              std::string_view external_url = kOurs, bool is_on_loopback = true) {
  Request request;
  request.method = method;
  request.path = "/";
  if (!host.empty()) request.headers.emplace_back("host", host);
  if (!origin.empty()) request.headers.emplace_back("origin", origin);
  const auto refused = refused_as_foreign(request, external_url, is_on_loopback);
  return refused ? refused->status : 200;
}

TEST(ApiGuard, AChangeComesFromOurOwnPagesOrFromNoPage) {
  EXPECT_EQ(status_of("POST", "127.0.0.1:8466", ""), 200);
  EXPECT_EQ(status_of("POST", "127.0.0.1:8466", "http://127.0.0.1:8466"), 200);
  for (const char* origin : {"http://evil.example", "http://127.0.0.1:9", "null", "127.0.0.1:8466",
                             "http://127.0.0.1:8466.evil.example", "http://"}) {
    EXPECT_EQ(status_of("POST", "127.0.0.1:8466", origin), 403) << origin;
    EXPECT_EQ(status_of("GET", "127.0.0.1:8466", origin), 200) << origin;
  }
}

TEST(ApiGuard, AProxysNameIsOursWhenItIsTheExternalUrls) {
  EXPECT_EQ(status_of("GET", "Patuh.Example.go.id", ""), 200);
  EXPECT_EQ(status_of("GET", "patuh.example.go.id:443", ""), 200);
  EXPECT_EQ(status_of("GET", "patuh.example.go.id.evil.example", ""), 421);
  EXPECT_EQ(status_of("GET", "konsol", ""), 421);
  EXPECT_EQ(status_of("GET", "patuh.example.go.id", "", "http://127.0.0.1:8466"), 421);
  EXPECT_EQ(status_of("GET", ":8466", "", ""), 421) << "no name is not the name of no URL";
}

// Whoever listens beyond loopback is reached by names that nobody told the daemon.
TEST(ApiGuard, BeyondLoopbackEveryNameIsTaken) {
  EXPECT_EQ(status_of("GET", "spbe.lan:8466", "", kOurs, false), 200);
  EXPECT_EQ(status_of("POST", "spbe.lan:8466", "http://evil.example", kOurs, false), 403);
}

}  // namespace
}  // namespace patuh::api
