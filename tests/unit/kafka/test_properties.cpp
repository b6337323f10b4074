// Settings: passed through, checked, and their secrets kept out of every text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/kafka/broker.h"

namespace patuh::kafka {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("patuh-kafka-property-" + std::to_string(getpid()) + "-" + std::to_string(++count));
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Properties valid_consumer() {
  Properties out;
  out.set("bootstrap.servers", "127.0.0.1:1");
  out.set("group.id", "patuh");
  return out;
}

std::vector<std::string> names(const std::vector<PropertyFault>& faults) {
  std::vector<std::string> out;
  for (const PropertyFault& fault : faults) out.push_back(fault.name);
  return out;
}

TEST(Properties, AnySettingOfTheLibraryPassesThrough) {
  Properties properties = valid_consumer();
  properties.set("fetch.wait.max.ms", "37");
  properties.set("security.protocol", "sasl_ssl");
  properties.set("sasl.mechanism", "SCRAM-SHA-512");
  properties.set("sasl.username", "patuh");
  properties.set("sasl.password", "rahasia-sekali");
  EXPECT_THAT(check_consumer(properties), IsEmpty());
}

TEST(Properties, EveryFaultIsFoundAtOnceByName) {
  Properties properties;
  properties.set("group.id", "patuh");
  properties.set("session.timeout", "10");
  properties.set("fetch.wait.max.ms", "soon");
  properties.set("enable.auto.commit", "true");
  properties.set("ssl.key.password.file", "/nowhere/at/all");
  EXPECT_THAT(names(check_consumer(properties)),
              ElementsAre("bootstrap.servers", "enable.auto.commit", "fetch.wait.max.ms",
                          "session.timeout", "ssl.key.password.file"));
}

TEST(Properties, AMisspeltNameIsAnsweredWithTheOneThatWasMeant) {
  Properties properties = valid_consumer();
  properties.set("sesion.timeout.ms", "10000");
  const auto opened = Consumer::open({properties, {Topic("t")}, {}, {}, {}});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kInvalid);
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr("\"sesion.timeout.ms\""), HasSubstr("\"session.timeout.ms\"")));
}

TEST(Properties, WhatCorrectnessRestsOnCannotBeSet) {
  for (const char* name : {"enable.auto.commit", "auto.offset.reset", "enable.partition.eof"}) {
    Properties properties = valid_consumer();
    properties.set(name, "true");
    EXPECT_THAT(names(check_consumer(properties)), ElementsAre(name));
  }
  Properties properties = valid_consumer();
  properties.set("acks", "0");
  EXPECT_THAT(names(check_producer(properties)), Contains("acks"));
}

TEST(Properties, AGroupAndBrokersAreNeeded) {
  EXPECT_THAT(names(check_consumer({})), ElementsAre("bootstrap.servers", "group.id"));
  EXPECT_THAT(names(check_producer({})), ElementsAre("bootstrap.servers"));
}

TEST(Properties, SettingTwiceKeepsTheLater) {
  Properties properties;
  properties.set("client.id", "a");
  properties.set("client.id", "b");
  EXPECT_EQ(properties.get("client.id"), "b");
  EXPECT_EQ(properties.get("group.id"), std::nullopt);
}

TEST(Properties, SecretsAreMasked) {
  Properties properties;
  properties.set("sasl.username", "patuh");
  properties.set("sasl.password", "p");
  properties.set("ssl.key.password", "p");
  properties.set("ssl.key.pem", "p");
  properties.set("ssl.keystore.password", "p");
  properties.set("sasl.oauthbearer.client.secret", "p");
  properties.set("sasl.oauthbearer.config", "p");
  properties.set("ssl.key.location", "/etc/patuh/key.pem");
  properties.set("sasl.password.file", "/run/credentials/password");
  EXPECT_THAT(
      properties.masked(),
      ElementsAre(Pair("sasl.oauthbearer.client.secret", "***"),
                  Pair("sasl.oauthbearer.config", "***"), Pair("sasl.password", "***"),
                  Pair("sasl.password.file", "/run/credentials/password"),
                  Pair("sasl.username", "patuh"), Pair("ssl.key.location", "/etc/patuh/key.pem"),
                  Pair("ssl.key.password", "***"), Pair("ssl.key.pem", "***"),
                  Pair("ssl.keystore.password", "***")));
}

TEST(Properties, AValueComesFromAFileWithoutItsLastNewline) {
  const TemporaryFile group("from-a-file\n");
  Properties properties = testing::connection();
  properties.set("group.id.file", group.path());
  ConsumerOptions options;
  options.properties = properties;
  options.topics = {testing::make_topic(1)};
  auto consumer = testing::open(std::move(options));
  testing::gather(*consumer, [](const testing::Gathered& g) { return !g.all<Assigned>().empty(); });
  const auto members = testing::admin().members("from-a-file", testing::kPatience);
  ASSERT_TRUE(members) << members.error().message;
  EXPECT_EQ(members->size(), 1U);
}

TEST(Properties, AnEmptyFileOrTheSameNameTwiceIsAFault) {
  const TemporaryFile empty("\n");
  Properties properties = valid_consumer();
  properties.set("sasl.password.file", empty.path());
  EXPECT_THAT(names(check_consumer(properties)), ElementsAre("sasl.password.file"));
  properties.set("sasl.password", "also");
  EXPECT_THAT(names(check_consumer(properties)),
              ElementsAre("sasl.password", "sasl.password.file"));
}

TEST(Properties, NoSecretIsInAnErrorOrInTheLog) {
  const TemporaryFile key("-----BEGIN KEY-----\nsangat-rahasia\n-----END KEY-----\n");
  Properties properties = valid_consumer();
  properties.set("security.protocol", "ssl");
  properties.set("ssl.key.pem.file", key.path());
  properties.set("ssl.key.password", "sandi-yang-rahasia");
  properties.set("debug", "conf,security");
  ::testing::internal::CaptureStderr();
  const auto opened = Consumer::open({properties, {Topic("t")}, {}, {}, {}});
  const std::string logged = ::testing::internal::GetCapturedStderr();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message + logged,
              AllOf(Not(HasSubstr("sangat-rahasia")), Not(HasSubstr("sandi-yang-rahasia"))));
}

}  // namespace
}  // namespace patuh::kafka
