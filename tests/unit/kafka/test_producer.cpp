// The producer and the administrative calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kafka/broker.h"

namespace patuh::kafka {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(Producer, EveryMessagesFateIsReportedByItsTag) {
  const Topic topic = make_topic(2);
  std::map<std::uint64_t, bool> fates;
  ProducerOptions options{connection(), [&](std::uint64_t tag, const base::Status& delivered) {
                            fates[tag] = delivered.has_value();
                          }};
  auto producer = Producer::open(std::move(options));
  ASSERT_TRUE(producer);
  Message message;
  message.topic = topic.value;
  message.payload = "x";
  for (std::uint64_t tag = 1; tag <= 100; ++tag) {
    message.tag = tag;
    ASSERT_TRUE((*producer)->send(message));
  }
  ASSERT_TRUE((*producer)->flush(kPatience));
  ASSERT_THAT(fates, SizeIs(100));
  EXPECT_TRUE(std::ranges::all_of(fates, [](const auto& fate) { return fate.second; }));
  const ProducerStats stats = (*producer)->stats();
  EXPECT_EQ(stats.sent, 100U);
  EXPECT_EQ(stats.delivered, 100U);
  EXPECT_EQ(stats.waiting, 0U);
}

TEST(Producer, WhatTheBrokerRefusesFailsTheFlush) {
  const Topic topic = make_topic(1, {{"max.message.bytes", "1000"}});
  auto producer = Producer::open({connection(), {}});
  ASSERT_TRUE(producer);
  const std::string noise = [] {
    std::string out;
    for (unsigned i = 0; i < 5000; ++i) out.push_back(static_cast<char>((i * 2654435761U) >> 24));
    return out;
  }();
  Message message;
  message.topic = topic.value;
  message.payload = noise;
  ASSERT_TRUE((*producer)->send(message));
  const auto flushed = (*producer)->flush(kPatience);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, base::Code::kUnavailable);
  EXPECT_EQ((*producer)->stats().failed, 1U);
  // Said once.
  EXPECT_TRUE((*producer)->flush(kPatience));
}

TEST(Producer, AMessageOverTheLimitIsRefusedAtOnce) {
  Properties properties = connection();
  properties.set("message.max.bytes", "2000");
  auto producer = Producer::open({properties, {}});
  ASSERT_TRUE(producer);
  const std::string large(4000, 'x');
  Message message;
  message.topic = "t";
  message.payload = large;
  const auto sent = (*producer)->send(message);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, base::Code::kInvalid);
}

TEST(Producer, AFullQueueIsExhaustedAndWhatIsLeftIsReportedAtTheEnd) {
  Properties properties;
  properties.set("bootstrap.servers", "127.0.0.1:1");
  properties.set("queue.buffering.max.messages", "2");
  std::vector<base::Code> failed;
  auto producer = Producer::open({properties, [&](std::uint64_t, const base::Status& delivered) {
                                    if (!delivered) failed.push_back(delivered.error().code);
                                  }});
  ASSERT_TRUE(producer);
  Message message;
  message.topic = "t";
  message.payload = "x";
  EXPECT_TRUE((*producer)->send(message));
  EXPECT_TRUE((*producer)->send(message));
  const auto third = (*producer)->send(message, 50ms);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, base::Code::kExhausted);
  const auto flushed = (*producer)->flush(50ms);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, base::Code::kUnavailable);
  producer->reset();
  EXPECT_THAT(failed, UnorderedElementsAre(base::Code::kCancelled, base::Code::kCancelled));
}

// murmur2, as Java clients do: "dinas" must lie where their producers put it.
TEST(Producer, AKeyGoesWhereJavaClientsPutIt) {
  const Topic topic = make_topic(12);
  auto producer = Producer::open({connection(), {}});
  ASSERT_TRUE(producer);
  Message message;
  message.topic = topic.value;
  message.payload = "x";
  message.key = "foobar";  // murmur2 = -790332482, & 0x7fffffff = 1357151166, mod 12 = 6
  ASSERT_TRUE((*producer)->send(message));
  ASSERT_TRUE((*producer)->flush(kPatience));
  const auto ranges = admin().describe(topic, kPatience);
  ASSERT_TRUE(ranges) << ranges.error().message;
  EXPECT_EQ(ranges->at(6).end, Offset(1));
}

TEST(Admin, ATopicIsCreatedWithItsPartitionsAndConfigAndDescribed) {
  const Topic topic = make_topic(3, {{"retention.ms", "3600000"}});
  write(topic, Partition(1), numbers(4));
  ASSERT_TRUE(admin().trim({{topic, Partition(1)}, Offset(1)}, kPatience));
  const auto ranges = admin().describe(topic, kPatience);
  ASSERT_TRUE(ranges) << ranges.error().message;
  ASSERT_THAT(*ranges, SizeIs(3));
  EXPECT_EQ(ranges->at(0).end, Offset(0));
  EXPECT_EQ(ranges->at(1).begin, Offset(1));
  EXPECT_EQ(ranges->at(1).end, Offset(4));
}

TEST(Admin, ATopicThatIsThereAlreadyExists) {
  const Topic topic = make_topic(1);
  const auto again = admin().create({topic, 1, 1, {}}, kPatience);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::kExists);
}

TEST(Admin, ABadConfigIsRefusedWithTheBrokersReason) {
  const Topic topic(make_group());
  const auto created = admin().create({topic, 1, 1, {{"retention.ms", "soon"}}}, kPatience);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, base::Code::kInvalid);
  EXPECT_THAT(created.error().message, HasSubstr("retention.ms"));
}

TEST(Admin, ARemovedTopicIsNotFound) {
  const Topic topic = make_topic(1);
  ASSERT_TRUE(admin().remove(topic, kPatience));
  // The broker answers once the controller has taken the removal in; its own view follows a moment
  // later.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  auto ranges = admin().describe(topic, kPatience);
  while (ranges && std::chrono::steady_clock::now() < deadline) {
    ranges = admin().describe(topic, kPatience);
  }
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().code, base::Code::kNotFound);
}

TEST(Admin, ABrokerThatIsAwayIsUnavailable) {
  Properties properties;
  properties.set("bootstrap.servers", "127.0.0.1:1");
  auto away = Admin::open(properties);
  ASSERT_TRUE(away);
  const auto created = (*away)->create({Topic("t"), 1, 1, {}}, 300ms);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, base::Code::kUnavailable);
}

}  // namespace
}  // namespace patuh::kafka
