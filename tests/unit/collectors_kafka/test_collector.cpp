// The Kafka collector between a real broker and a pipeline played by the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "collectors/kafka/kafka.h"
#include "tests/unit/kafka/broker.h"

namespace patuh::collectors {
namespace {

using namespace kafka::testing;
using kafka::Milliseconds;
using kafka::Offset;
using kafka::Partition;
using kafka::Topic;
using kafka::TopicPartition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string event(int number) {
  const std::string n = std::to_string(number);
  return R"({"op":"upsert","source":"s","id":")" + n +
         R"(","time":"2026-01-01T00:00:00Z","subject":"aplikasi/)" + n + R"(","data":{}})";
}

std::vector<std::string> events(int from, int to) {
  std::vector<std::string> out;
  for (int i = from; i < to; ++i) out.push_back(event(i));
  return out;
}

// What a pipeline does: takes deliveries, makes them durable, says so.
class Pipeline {
 public:
  explicit Pipeline(std::size_t capacity) : intake(capacity) {}

  decode::Intake intake;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> next;  // durable
  std::vector<decode::Item> items;

  // Takes one delivery without making it durable.
  std::optional<decode::Delivery> take(Milliseconds wait = kPatience) {
    auto some = intake.pop_some(1, wait);
    if (some.empty()) return std::nullopt;
    return std::move(some.front());
  }
  void make_durable(decode::Delivery delivery) {
    for (const model::Position& position : delivery.next) {
      next[{position.topic, position.partition}] = position.offset;
    }
    const std::vector<decode::Receipt> receipts(delivery.items.size());
    for (decode::Item& item : delivery.items) items.push_back(std::move(item));
    delivery.done(receipts);
  }
  // Until `count` items are durable.
  void run_until(std::size_t count) {
    while (items.size() < count) {
      auto delivery = take();
      ASSERT_TRUE(delivery) << "only " << items.size() << " of " << count << " items came";
      make_durable(std::move(*delivery));
    }
  }
  std::vector<std::int64_t> offsets(std::int32_t partition) const {
    std::vector<std::int64_t> out;
    for (const decode::Item& item : items) {
      const auto& position =
          std::visit([](const auto& i) -> const auto& { return i.position; }, item);
      if (position.partition == partition) out.push_back(position.offset);
    }
    return out;
  }
};

std::vector<std::int64_t> counting(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = from; i < to; ++i) out.push_back(i);
  return out;
}

KafkaOptions options_of(const Topic& topic, const std::string& group, Pipeline& pipeline) {
  KafkaOptions out;
  out.properties = reading(topic, group).properties;
  out.properties.set("group.instance.id", "ours");
  out.topics = {topic};
  out.next_offset = [&pipeline](const std::string& name,
                                std::int32_t partition) -> std::optional<std::int64_t> {
    const auto found = pipeline.next.find({name, partition});
    if (found == pipeline.next.end()) return std::nullopt;
    return found->second;
  };
  return out;
}

std::unique_ptr<KafkaCollector> start(KafkaOptions options, Pipeline& pipeline) {
  auto started = KafkaCollector::start(std::move(options), pipeline.intake);
  EXPECT_TRUE(started) << started.error().message;
  return started ? std::move(*started) : nullptr;
}

bool wait_until(const std::function<bool()>& come) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!come() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
  return come();
}

std::optional<Offset> committed(const std::string& group, const TopicPartition& at) {
  const auto found = admin().committed(group, std::vector{at}, kPatience);
  EXPECT_TRUE(found) << found.error().message;
  if (!found || found->empty()) return std::nullopt;
  return found->front().next;
}

TEST(KafkaCollector, RecordsArriveDecodedWithTheirPlaceAndWhereToGoOn) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), {event(0), "not json", event(2)});
  Pipeline pipeline(8);
  auto collector = start(options_of(topic, make_group(), pipeline), pipeline);
  pipeline.run_until(3);
  ASSERT_TRUE(std::holds_alternative<decode::Event>(pipeline.items[0]));
  const auto& envelope = std::get<decode::Event>(pipeline.items[0]);
  EXPECT_EQ(envelope.subject, "aplikasi/0");
  EXPECT_EQ(envelope.position.channel, "kafka");
  EXPECT_EQ(envelope.position.topic, topic.value);
  ASSERT_TRUE(std::holds_alternative<decode::Rejected>(pipeline.items[1]));
  EXPECT_EQ(std::get<decode::Rejected>(pipeline.items[1]).position.offset, 1);
  EXPECT_EQ((pipeline.next[{topic.value, 0}]), 3);
}

TEST(KafkaCollector, HeadersMakeACloudEventInBinaryMode) {
  const Topic topic = make_topic(1);
  auto producer = kafka::Producer::open({connection(), {}});
  ASSERT_TRUE(producer);
  const std::vector<kafka::Header> headers = {{"ce_specversion", "1.0"},
                                              {"ce_id", "e-1"},
                                              {"ce_source", "/agency"},
                                              {"ce_type", "id.patuh.element.upserted.v1"},
                                              {"ce_subject", "aplikasi/a"},
                                              {"ce_time", "2026-01-01T00:00:00Z"},
                                              {"Content-Type", "application/json"}};
  kafka::Message message;
  message.topic = topic.value;
  message.payload = R"({"nama":"A"})";
  message.headers = headers;
  ASSERT_TRUE((*producer)->send(message));
  ASSERT_TRUE((*producer)->flush(kPatience));
  Pipeline pipeline(8);
  auto collector = start(options_of(topic, make_group(), pipeline), pipeline);
  pipeline.run_until(1);
  ASSERT_TRUE(std::holds_alternative<decode::Event>(pipeline.items[0]));
  const auto& envelope = std::get<decode::Event>(pipeline.items[0]);
  EXPECT_EQ(envelope.id, "e-1");
  EXPECT_EQ(envelope.source, "/agency");
  EXPECT_EQ(envelope.subject, "aplikasi/a");
}

TEST(KafkaCollector, GoesOnWhereTheStoreIsAfterARestart) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), events(0, 10));
  Pipeline pipeline(8);
  pipeline.next[{topic.value, 0}] = 4;
  auto collector = start(options_of(topic, group, pipeline), pipeline);
  pipeline.run_until(6);
  collector.reset();
  write(topic, Partition(0), events(10, 12));
  collector = start(options_of(topic, group, pipeline), pipeline);
  pipeline.run_until(8);
  EXPECT_EQ(pipeline.offsets(0), counting(4, 12));
}

TEST(KafkaCollector, NothingIsCommittedBeforeItIsDurable) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), events(0, 5));
  Pipeline pipeline(8);
  auto collector = start(options_of(topic, group, pipeline), pipeline);
  std::vector<decode::Delivery> taken;
  std::size_t count = 0;
  while (count < 5) {
    auto delivery = pipeline.take();
    ASSERT_TRUE(delivery);
    count += delivery->items.size();
    taken.push_back(std::move(*delivery));
  }
  std::this_thread::sleep_for(1500ms);  // beyond the period of commits
  EXPECT_EQ(committed(group, {topic, Partition(0)}), std::nullopt);
  for (decode::Delivery& delivery : taken) pipeline.make_durable(std::move(delivery));
  EXPECT_TRUE(wait_until([&] { return committed(group, {topic, Partition(0)}) == Offset(5); }));
}

TEST(KafkaCollector, StoppingWaitsForWhatIsOnItsWayAndCommitsIt) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), events(0, 3));
  Pipeline pipeline(8);
  auto collector = start(options_of(topic, group, pipeline), pipeline);
  std::jthread slow([&] {
    for (std::size_t count = 0; count < 3;) {
      auto delivery = pipeline.take();
      if (!delivery) return;
      count += delivery->items.size();
      std::this_thread::sleep_for(300ms);
      pipeline.make_durable(std::move(*delivery));
    }
  });
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.records == 3; }));
  collector->stop();
  slow.join();
  EXPECT_THAT(pipeline.items, SizeIs(3));
  EXPECT_EQ(committed(group, {topic, Partition(0)}), Offset(3));
}

TEST(KafkaCollector, AFullIntakePausesReadingAndLosesNothing) {
  const Topic topic = make_topic(2);
  for (int p = 0; p < 2; ++p) write(topic, Partition(p), events(0, 500));
  Pipeline pipeline(1);
  KafkaOptions options = options_of(topic, make_group(), pipeline);
  options.poll_records = 50;
  auto collector = start(std::move(options), pipeline);
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.paused; }));
  const auto read = collector->stats().consumer.records;
  std::this_thread::sleep_for(2500ms);  // longer than a short pause
  EXPECT_EQ(collector->stats().consumer.records, read);
  EXPECT_LT(read, 1000U);
  pipeline.run_until(1000);
  EXPECT_EQ(pipeline.offsets(0), counting(0, 500));
  EXPECT_EQ(pipeline.offsets(1), counting(0, 500));
}

TEST(KafkaCollector, AnIntakeOfLargeEventsIsFullByBytes) {
  const Topic topic = make_topic(1);
  const std::string large(1000 * 1000, 'x');
  for (int i = 0; i < 10; ++i) write(topic, Partition(0), std::vector<std::string>(15, large));
  Pipeline pipeline(1000);
  KafkaOptions options = options_of(topic, make_group(), pipeline);
  options.poll_records = 4;
  auto collector = start(std::move(options), pipeline);
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.paused; }));
  EXPECT_LE(collector->stats().consumer.bytes, 75U * 1000 * 1000);
  pipeline.run_until(150);
  EXPECT_EQ(pipeline.offsets(0), counting(0, 150));
}

TEST(KafkaCollector, APositionThatIsNotThereStopsReadingAndSaysSo) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), events(0, 10));
  ASSERT_TRUE(admin().trim({{topic, Partition(0)}, Offset(8)}, kPatience));
  Pipeline pipeline(8);
  pipeline.next[{topic.value, 0}] = 3;
  auto collector = start(options_of(topic, make_group(), pipeline), pipeline);
  ASSERT_TRUE(wait_until([&] { return !collector->stats().stopped.empty(); }));
  EXPECT_THAT(collector->stats().stopped, HasSubstr(topic.value + "[0] at offset 3"));
  EXPECT_FALSE(pipeline.take(300ms));
}

TEST(KafkaCollector, AnotherMemberStopsReadingUntilItHasLeft) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  Pipeline pipeline(8);
  auto collector = start(options_of(topic, group, pipeline), pipeline);
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.partitions.size() == 2; }));
  EXPECT_EQ(collector->stats().stopped, "");

  auto stranger = open(reading(topic, group));
  gather(*stranger, [&](const Gathered&) { return !collector->stats().stopped.empty(); });
  EXPECT_THAT(collector->stats().stopped, HasSubstr("\"" + group + "\""));
  write(topic, Partition(0), events(0, 2));
  write(topic, Partition(1), events(0, 2));
  EXPECT_FALSE(pipeline.take(500ms));

  stranger.reset();
  pipeline.run_until(4);
  EXPECT_EQ(collector->stats().stopped, "");
  EXPECT_EQ(pipeline.offsets(0), counting(0, 2));
  EXPECT_EQ(pipeline.offsets(1), counting(0, 2));
}

// A delivery that waits for room holds records of partitions that go and of some that stay.
TEST(KafkaCollector, WhatWaitsForRoomSurvivesARebalanceOnce) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  for (int p = 0; p < 2; ++p) write(topic, Partition(p), events(0, 200));
  Pipeline pipeline(1);
  KafkaOptions options = options_of(topic, group, pipeline);
  options.poll_records = 100;
  auto collector = start(std::move(options), pipeline);
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.paused; }));
  std::optional<decode::Delivery> held = pipeline.take();  // so that another one waits behind it
  ASSERT_TRUE(held);
  ASSERT_TRUE(wait_until([&] { return pipeline.intake.size() == 1; }));

  auto stranger = open(reading(topic, group));
  std::jthread writer([&] {
    std::this_thread::sleep_for(1s);  // the rebalance waits for these two
    pipeline.make_durable(std::move(*held));
    pipeline.make_durable(*pipeline.take());
  });
  gather(*stranger, [](const Gathered& g) { return !g.all<kafka::Assigned>().empty(); });
  writer.join();
  stranger.reset();
  pipeline.run_until(400);
  std::vector<std::int64_t> first = pipeline.offsets(0);
  std::vector<std::int64_t> second = pipeline.offsets(1);
  EXPECT_EQ(first, counting(0, 200));
  EXPECT_EQ(second, counting(0, 200));
}

TEST(KafkaCollector, ABadSettingIsNamedBeforeAnythingStarts) {
  Pipeline pipeline(1);
  KafkaOptions options = options_of(Topic("t"), "g", pipeline);
  options.properties.set("fetch.wait", "1");
  const auto started = KafkaCollector::start(std::move(options), pipeline.intake);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("\"fetch.wait\""));
}

TEST(KafkaCollector, APipelineThatHasStoppedEndsReading) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), events(0, 1));
  Pipeline pipeline(4);
  auto collector = start(options_of(topic, make_group(), pipeline), pipeline);
  auto delivery = pipeline.take();
  ASSERT_TRUE(delivery);
  delivery->done({});
  ASSERT_TRUE(wait_until([&] { return collector->stats().consumer.partitions.empty(); }));
  EXPECT_THAT(pipeline.items, IsEmpty());
}

}  // namespace
}  // namespace patuh::collectors
