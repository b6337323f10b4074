#include "tests/unit/kafka/broker.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>

namespace patuh::kafka::testing {
namespace {

constexpr std::string_view kScript = PATUH_SOURCE_DIR "/tests/kafka/broker";

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 256> chunk{};
  while (std::fgets(chunk.data(), static_cast<int>(chunk.size()), pipe) != nullptr) {
    out.output += chunk.data();
  }
  out.status = pclose(pipe);
  return out;
}

std::string field(const std::string& line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string::npos) return {};
  const auto from = at + name.size();
  return line.substr(from, line.find_first_of(" \n", from) - from);
}

struct Shared {
  std::optional<Broker> broker;
  std::unique_ptr<Admin> admin;
  int made = 0;
};
Shared& shared() {
  static Shared instance;
  return instance;
}

class BrokerEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    shared().broker.emplace();
    auto opened = Admin::open(connection());
    ASSERT_TRUE(opened) << opened.error().message;
    shared().admin = std::move(*opened);
  }
  void TearDown() override {
    shared().admin.reset();
    shared().broker.reset();
  }
};

const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new BrokerEnvironment);

std::string unique_name(std::string_view prefix) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(prefix) + "." + test->name() + "." + std::to_string(++shared().made);
}

}  // namespace

Broker::Broker() {
  const std::string pid = std::to_string(getpid());
  static int started = 0;
  state_ = std::filesystem::temp_directory_path() /
           ("patuh-test-kafka-" + pid + "-" + std::to_string(++started));
  const Ran ran =
      run(std::string(kScript) + " start --with-pid " + pid + " --state " + state_ + " 2>&1");
  bootstrap_ = field(ran.output, "bootstrap=");
  EXPECT_FALSE(bootstrap_.empty())
      << "These tests need a real Kafka broker, and it did not start:\n"
      << ran.output;
}

Broker::~Broker() { stop(); }

void Broker::stop() {
  if (state_.empty()) return;
  const Ran ran = run(std::string(kScript) + " stop --state " + state_ + " 2>&1");
  EXPECT_EQ(ran.status, 0) << ran.output;
  state_.clear();
}

const std::string& bootstrap() { return shared().broker->bootstrap(); }

Properties connection() {
  Properties out;
  out.set("bootstrap.servers", bootstrap());
  return out;
}

Admin& admin() { return *shared().admin; }

Topic make_topic(std::int32_t partitions, std::map<std::string, std::string> config) {
  NewTopic topic{Topic(unique_name("topic")), partitions, 1, std::move(config)};
  const auto created = admin().create(topic, kPatience);
  EXPECT_TRUE(created) << created.error().message;
  return topic.name;
}

std::string make_group() { return unique_name("group"); }

void write(const Topic& topic, Partition partition, const std::vector<std::string>& payloads) {
  auto producer = Producer::open({connection(), {}});
  ASSERT_TRUE(producer) << producer.error().message;
  for (const std::string& payload : payloads) {
    Message message;
    message.topic = topic.value;
    message.partition = partition;
    message.payload = payload;
    const auto sent = (*producer)->send(message);
    ASSERT_TRUE(sent) << sent.error().message;
  }
  const auto flushed = (*producer)->flush(kPatience);
  ASSERT_TRUE(flushed) << flushed.error().message;
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(std::to_string(i));
  return out;
}

ConsumerOptions reading(const Topic& topic, const std::string& group) {
  ConsumerOptions out;
  out.properties = connection();
  out.properties.set("group.id", group);
  // The shortest that the broker allows, so that members that vanish are noticed soon.
  out.properties.set("session.timeout.ms", "6000");
  out.properties.set("heartbeat.interval.ms", "200");
  out.topics = {topic};
  return out;
}

std::unique_ptr<Consumer> open(ConsumerOptions options) {
  auto opened = Consumer::open(std::move(options));
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

void Gathered::add(const Polled& polled) {
  for (const Record& record : polled.batch.records()) {
    payloads.emplace_back(record.payload);
    places.emplace_back(record.partition.value, record.offset.value);
  }
  events.insert(events.end(), polled.events.begin(), polled.events.end());
}

Gathered gather(Consumer& consumer, const std::function<bool(const Gathered&)>& enough,
                Milliseconds patience) {
  Gathered out;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!enough(out) && std::chrono::steady_clock::now() < deadline) {
    out.add(consumer.poll(1000, 50ms));
  }
  return out;
}

Gathered gather(Consumer& consumer, std::size_t records) {
  return gather(consumer,
                [&](const Gathered& so_far) { return so_far.payloads.size() >= records; });
}

}  // namespace patuh::kafka::testing
