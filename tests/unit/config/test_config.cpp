#include "config/config.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>

#include <fstream>

namespace patuh::config {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(::testing::TempDir()) /
            ("patuh-config-" + std::to_string(::getpid()) + ".toml");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::expected<Config, base::Diagnostics> load_text(std::string_view text,
                                                     std::vector<std::string> sets = {}) {
    std::ofstream(path_) << text;
    return load({.file = path_, .sets = sets});
  }
  // "line:CODE" of every fault.
  std::vector<std::string> faults_of(std::string_view text, std::vector<std::string> sets = {}) {
    auto config = load_text(text, std::move(sets));
    std::vector<std::string> out;
    if (config) return out;
    for (const base::Diagnostic& d : config.error().list()) {
      out.push_back(std::to_string(d.place.line) + ":" + d.code);
    }
    std::ranges::sort(out);
    return out;
  }
  std::filesystem::path path_;
};

TEST_F(ConfigFile, GivesDefaultsThatListenOnLoopbackOnly) {
  const Config config = defaults();
  EXPECT_EQ(parse_endpoint(config.http_listen)->host, "127.0.0.1");
  EXPECT_EQ(config.engine_clock, "wall");
  EXPECT_EQ(config.pipeline_max_event_bytes, 1024 * 1024);
  EXPECT_TRUE(config.kafka_brokers.empty());
}

TEST_F(ConfigFile, ReadsEveryTypeAndPassesKafkaSettingsOn) {
  const auto config = load_text(R"(
[engine]
tombstone_age = "30d"
[pipeline]
batch_events = 50
[kafka]
brokers = "b1:9092,b2:9092"
topics = ["a", "b"]
[kafka.properties]
"security.protocol" = "sasl_ssl"
"sasl.password.file" = "/run/secrets/kafka"
"fetch.min.bytes" = 10
"enable.ssl.certificate.verification" = true
)");
  ASSERT_TRUE(config) << config.error().render();
  EXPECT_EQ(config->engine_tombstone_age, std::chrono::days(30));
  EXPECT_EQ(config->pipeline_batch_events, 50);
  EXPECT_EQ(config->kafka_topics, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(config->kafka_properties.size(), 4u);
  EXPECT_EQ(config->kafka_properties[2].second, "10");
  EXPECT_EQ(config->kafka_properties[3].second, "true");
}

TEST_F(ConfigFile, LetsSetsWinOverTheFile) {
  const auto config =
      load_text("[http]\nlisten = \"127.0.0.1:1\"\n",
                {"http.listen=[::1]:2", "kafka.properties.client.id=x", "kafka.topics=a,b"});
  ASSERT_TRUE(config) << config.error().render();
  EXPECT_EQ(config->http_listen, "[::1]:2");
  EXPECT_EQ(config->kafka_properties.front().first, "client.id");
  EXPECT_EQ(config->kafka_topics.size(), 2u);
}

TEST_F(ConfigFile, ReportsAllFaultsAtOnceWithTheirPlaces) {
  const auto faults = faults_of(R"([engine]
clok = "wall"
budget = "much"
clock = "sundial"
[pipeline]
batch_events = 0
[http]
listen = "8466"
timeout = "soon"
[htpp]
listen = "x"
[kafka.properties]
x = [1]
)");
  EXPECT_EQ(faults, (std::vector<std::string>{"10:CONFIG-UNKNOWN-KEY", "13:CONFIG-WRONG-TYPE",
                                              "2:CONFIG-UNKNOWN-KEY", "3:CONFIG-WRONG-TYPE",
                                              "4:CONFIG-WRONG-VALUE", "6:CONFIG-OUT-OF-RANGE",
                                              "8:CONFIG-WRONG-VALUE", "9:CONFIG-WRONG-VALUE"}));
}

TEST_F(ConfigFile, WhatCouldOnlyFailLaterIsAFaultNow) {
  EXPECT_EQ(faults_of(R"([http]
listen = "example.org:80"
external_url = "patuh.example.go.id"
timeout = "0s"
[alertmanager]
urls = ["http://127.0.0.1:9093", "127.0.0.1:9094"]
resend = "0s"
)"),
            (std::vector<std::string>{"2:CONFIG-WRONG-VALUE", "3:CONFIG-WRONG-VALUE",
                                      "4:CONFIG-WRONG-VALUE", "6:CONFIG-WRONG-VALUE",
                                      "7:CONFIG-WRONG-VALUE"}));
  for (const char* wrong :
       {"alertmanager.urls=ftp://x", "alertmanager.urls=http://", "http.timeout=99ms",
        "http.external_url=https://a b", "http.external_url=http://:80"}) {
    EXPECT_EQ(faults_of("", {wrong}), std::vector<std::string>{"0:CONFIG-WRONG-VALUE"}) << wrong;
  }
  EXPECT_TRUE(load_text("", {"alertmanager.urls=https://u:p@am.example/prefix,http://[::1]:9093",
                             "http.external_url=https://patuh.example.go.id/p/"}));
}

TEST_F(ConfigFile, NamesTheOptionsThatTwoDoNotSayAlike) {
  const auto one = load_text("[http]\ntimeout = \"20s\"\n");
  const auto other = load_text("[kafka.properties]\n\"client.id\" = \"x\"\n");
  ASSERT_TRUE(one && other);
  EXPECT_EQ(differing(*one, *other),
            (std::vector<std::string_view>{"http.timeout", "kafka.properties"}));
  EXPECT_TRUE(differing(*one, *one).empty());
}

TEST_F(ConfigFile, AFolderIsNoConfigurationFile) {
  const auto config = load({.file = ::testing::TempDir(), .sets = {}});
  ASSERT_FALSE(config) << "it would read as an empty file";
  EXPECT_EQ(config.error().list()[0].code, "CONFIG-NO-FILE");
}

TEST_F(ConfigFile, EveryFaultHasAHintOrSaysWhatIsExpected) {
  const auto config = load_text("[http]\nlisten = \"8466\"\ntimeout = \"soon\"\n");
  ASSERT_FALSE(config);
  for (const base::Diagnostic& fault : config.error().list()) EXPECT_FALSE(fault.hint.empty());
}

TEST_F(ConfigFile, ReportsBadSetsAndAMissingFile) {
  EXPECT_EQ(faults_of("", {"http.listen"}), std::vector<std::string>{"0:CONFIG-BAD-SET"});
  EXPECT_EQ(faults_of("", {"http.lisen=a:1"}), std::vector<std::string>{"0:CONFIG-UNKNOWN-KEY"});
  EXPECT_EQ(faults_of("", {"engine.clock=moon"}), std::vector<std::string>{"0:CONFIG-WRONG-VALUE"});
  const auto config = load({.file = "/nonexistent/patuh.toml", .sets = {}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().list()[0].code, "CONFIG-NO-FILE");
}

TEST_F(ConfigFile, SuggestsTheNearestOption) {
  const auto config = load_text("", {"http.lisen=a:1"});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().list()[0].hint, "did you mean http.listen?");
}

TEST(ConfigValues, ReadsDurations) {
  EXPECT_EQ(*parse_duration("90d"), std::chrono::days(90));
  EXPECT_EQ(*parse_duration("250ms"), std::chrono::milliseconds(250));
  for (const char* wrong : {"", "d", "5", "5w", "-1s", "1 s", "99999999d"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

TEST(ConfigValues, ReadsEndpoints) {
  EXPECT_EQ(parse_endpoint("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_endpoint("localhost:0")->port, 0);
  for (const char* wrong : {"", "80", ":80", "h:", "h:70000", "::1:80", "h:x", "example.org:80",
                            "999.1.1.1:80", "[127.0.0.1:80", "[x]:80", "127.1:80"}) {
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  }
}

TEST(ConfigValues, DocumentsEveryOptionOnce) {
  std::vector<std::string> keys;
  for (const OptionDoc& doc : documentation()) {
    keys.emplace_back(doc.key);
    EXPECT_FALSE(doc.meaning.empty()) << doc.key;
    EXPECT_NE(reference().find("`" + std::string(doc.key) + "`"), std::string::npos);
  }
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

}  // namespace
}  // namespace patuh::config
