// One consumer against a real broker: where it starts, what it gives, what stops it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kafka/broker.h"

namespace patuh::kafka {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Consumer, ANewPartitionIsReadFromItsBeginning) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), numbers(3));
  auto consumer = open(reading(topic, make_group()));
  EXPECT_THAT(gather(*consumer, 3).payloads, ElementsAre("0", "1", "2"));
}

TEST(Consumer, StartsWhereTheCallersStoreSays) {
  const Topic topic = make_topic(2);
  write(topic, Partition(0), numbers(5));
  write(topic, Partition(1), numbers(5));
  ConsumerOptions options = reading(topic, make_group());
  options.start_at = [](const TopicPartition& at) -> std::optional<Offset> {
    if (at.partition == Partition(0)) return Offset(3);
    return std::nullopt;
  };
  auto consumer = open(std::move(options));
  Gathered gathered = gather(*consumer, 7);
  std::ranges::sort(gathered.places);
  using Place = std::pair<std::int32_t, std::int64_t>;
  EXPECT_THAT(gathered.places, ElementsAre(Place(0, 3), Place(0, 4), Place(1, 0), Place(1, 1),
                                           Place(1, 2), Place(1, 3), Place(1, 4)));
}

TEST(Consumer, CommittedOffsetsAreNotWhereReadingStarts) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), numbers(4));
  auto first = open(reading(topic, group));
  gather(*first, 4);
  ASSERT_TRUE(
      first->commit_now(std::vector{Position{{topic, Partition(0)}, Offset(4)}}, kPatience));
  first.reset();

  ConsumerOptions options = reading(topic, group);
  options.start_at = [](const TopicPartition&) { return Offset(2); };
  auto second = open(std::move(options));
  EXPECT_THAT(gather(*second, 2).payloads, ElementsAre("2", "3"));
}

TEST(Consumer, ANewPartitionMayBeReadFromItsEnd) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), {"before"});
  ConsumerOptions options = reading(topic, make_group());
  options.when_new = ConsumerOptions::WhenNew::kEnd;
  auto consumer = open(std::move(options));
  gather(*consumer, [&](const Gathered&) {
    const auto stats = consumer->stats();
    return !stats->partitions.empty() && stats->partitions[0].next == Offset(1);
  });
  write(topic, Partition(0), {"after"});
  EXPECT_THAT(gather(*consumer, 1).payloads, ElementsAre("after"));
}

TEST(Consumer, ARecordCarriesKeyHeadersAndTime) {
  const Topic topic = make_topic(1);
  auto producer = Producer::open({connection(), {}});
  ASSERT_TRUE(producer);
  const std::vector<Header> headers = {{"ce_id", "7"}, {"ce_type", "x"}, {"ce_id", ""}};
  Message message;
  message.topic = topic.value;
  message.key = "dinas-a";
  message.payload = "{}";
  message.headers = headers;
  message.time = base::Instant(std::chrono::seconds(1'750'000'000));
  ASSERT_TRUE((*producer)->send(message));
  message.key = {};
  message.payload = {};
  message.headers = {};
  ASSERT_TRUE((*producer)->send(message));
  ASSERT_TRUE((*producer)->flush(kPatience));

  auto consumer = open(reading(topic, make_group()));
  std::vector<Batch> batches;
  std::vector<Record> records;
  while (records.size() < 2) {
    batches.push_back(consumer->poll(10, kPatience).batch);
    for (const Record& record : batches.back().records()) records.push_back(record);
  }
  EXPECT_EQ(records[0].topic, topic.value);
  EXPECT_EQ(records[0].key, "dinas-a");
  EXPECT_EQ(records[0].payload, "{}");
  EXPECT_EQ(records[0].time, *message.time);
  const auto read = records[0].headers();
  ASSERT_THAT(read, SizeIs(3));
  EXPECT_EQ(read[0].name, "ce_id");
  EXPECT_EQ(read[0].value, "7");
  EXPECT_EQ(read[1].name, "ce_type");
  EXPECT_EQ(read[2].value, "");
  EXPECT_EQ(records[1].key.data(), nullptr);
  EXPECT_EQ(records[1].payload.data(), nullptr);
  EXPECT_THAT(records[1].headers(), IsEmpty());
}

TEST(Consumer, ABatchTellsThePositionsAfterItAndOutlivesItsConsumer) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), numbers(10));
  auto consumer = open(reading(topic, make_group()));
  Batch batch;
  while (batch.empty()) batch = consumer->poll(4, kPatience).batch;
  consumer.reset();
  const auto count = static_cast<std::int64_t>(batch.records().size());
  EXPECT_LE(count, 4);
  EXPECT_THAT(batch.next(), ElementsAre(Position{{topic, Partition(0)}, Offset(count)}));
  EXPECT_EQ(batch.records().back().payload, std::to_string(count - 1));
}

TEST(Consumer, TakesAMessageOfTwentyMegabytes) {
  const Topic topic = make_topic(1);
  const std::string large(20U * 1024 * 1024, 'x');
  Properties properties = connection();
  properties.set("compression.type", "none");
  auto producer = Producer::open({properties, {}});
  ASSERT_TRUE(producer);
  Message message;
  message.topic = topic.value;
  for (const std::string_view payload :
       {std::string_view("before"), std::string_view(large), std::string_view("after")}) {
    message.payload = payload;
    const auto sent = (*producer)->send(message);
    ASSERT_TRUE(sent) << sent.error().message;
  }
  const auto flushed = (*producer)->flush(kPatience);
  ASSERT_TRUE(flushed) << flushed.error().message;

  auto consumer = open(reading(topic, make_group()));
  const Gathered gathered = gather(*consumer, 3);
  ASSERT_THAT(gathered.payloads, SizeIs(3));
  EXPECT_EQ(gathered.payloads[0], "before");
  EXPECT_TRUE(gathered.payloads[1] == large);
  EXPECT_EQ(gathered.payloads[2], "after");
}

TEST(Consumer, APositionPastTheEndIsAFault) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), numbers(10));
  ConsumerOptions options = reading(topic, make_group());
  options.start_at = [](const TopicPartition&) { return Offset(1000); };
  auto consumer = open(std::move(options));
  const Gathered gathered =
      gather(*consumer, [](const Gathered& g) { return !g.all<Fault>().empty(); });
  ASSERT_THAT(gathered.all<Fault>(), SizeIs(1));
  const Fault fault = gathered.all<Fault>()[0];
  EXPECT_EQ(fault.kind, Fault::Kind::kOffsetOutOfRange);
  EXPECT_EQ(fault.at, (TopicPartition{topic, Partition(0)}));
  EXPECT_THAT(fault.message, HasSubstr(to_string(*fault.at) + " at offset 1000"));
  EXPECT_EQ(consumer->stats()->faults, 1U);
  EXPECT_THAT(gathered.payloads, IsEmpty());
}

TEST(Consumer, APositionThatRetentionHasRemovedIsAFaultAndOtherPartitionsAreStillRead) {
  const Topic topic = make_topic(2);
  write(topic, Partition(0), numbers(10));
  write(topic, Partition(1), numbers(10));
  const auto trimmed = admin().trim({{topic, Partition(0)}, Offset(6)}, kPatience);
  ASSERT_TRUE(trimmed) << trimmed.error().message;
  ConsumerOptions options = reading(topic, make_group());
  options.start_at = [](const TopicPartition&) { return Offset(2); };
  auto consumer = open(std::move(options));
  const Gathered gathered = gather(*consumer, [](const Gathered& g) {
    return !g.all<Fault>().empty() && g.payloads.size() >= 8;
  });
  ASSERT_THAT(gathered.all<Fault>(), SizeIs(1));
  EXPECT_EQ(gathered.all<Fault>()[0].at, (TopicPartition{topic, Partition(0)}));
  EXPECT_THAT(gathered.payloads, ElementsAre("2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST(Consumer, APausedConsumerGivesNothingAndStaysAMember) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), numbers(2));
  auto consumer = open(reading(topic, group));
  gather(*consumer, 2);
  consumer->pause();
  EXPECT_TRUE(consumer->paused());
  write(topic, Partition(0), {"2", "3"});
  const auto until = std::chrono::steady_clock::now() + 4s;  // longer than a short pause
  while (std::chrono::steady_clock::now() < until) {
    EXPECT_TRUE(consumer->poll(10, 100ms).batch.empty());
  }
  // The lag goes on being told while nothing is fetched.
  const Gathered meanwhile = gather(
      *consumer, [&](const Gathered&) { return consumer->stats()->partitions[0].lag() == 2; });
  EXPECT_THAT(meanwhile.payloads, IsEmpty());
  EXPECT_EQ(consumer->stats()->partitions[0].lag(), 2);
  EXPECT_TRUE(consumer->stats()->paused);
  const auto members = consumer->members(kPatience);
  ASSERT_TRUE(members) << members.error().message;
  EXPECT_THAT(*members, SizeIs(1));
  consumer->resume();
  EXPECT_THAT(gather(*consumer, 2).payloads, ElementsAre("2", "3"));
}

TEST(Consumer, NothingIsLostOrRepeatedOverManyPauses) {
  const Topic topic = make_topic(3);
  for (int p = 0; p < 3; ++p) write(topic, Partition(p), numbers(300));
  auto consumer = open(reading(topic, make_group()));
  Gathered all;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (all.places.size() < 900 && std::chrono::steady_clock::now() < deadline) {
    all.add(consumer->poll(50, 100ms));
    consumer->pause();
    EXPECT_TRUE(consumer->poll(50, 0ms).batch.empty());
    consumer->resume();
  }
  std::ranges::sort(all.places);
  ASSERT_THAT(all.places, SizeIs(900));
  EXPECT_EQ(std::ranges::adjacent_find(all.places), all.places.end());
  EXPECT_EQ(all.places.back(), (std::pair<std::int32_t, std::int64_t>(2, 299)));
}

TEST(Consumer, AConsumerPausedBeforeItsFirstAssignmentReadsNothing) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), numbers(1));
  auto consumer = open(reading(topic, make_group()));
  consumer->pause();
  const Gathered gathered =
      gather(*consumer, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  EXPECT_THAT(gathered.payloads, IsEmpty());
  EXPECT_TRUE(consumer->poll(10, 300ms).batch.empty());
  consumer->resume();
  EXPECT_THAT(gather(*consumer, 1).payloads, ElementsAre("0"));
}

TEST(Consumer, CommitsReachTheBrokerForLagTools) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  write(topic, Partition(0), numbers(3));
  auto consumer = open(reading(topic, group));
  gather(*consumer, 3);
  consumer->commit(std::vector{Position{{topic, Partition(0)}, Offset(3)}});
  gather(*consumer, [&](const Gathered&) { return consumer->stats()->commits == 1; });
  EXPECT_EQ(consumer->stats()->commits_failed, 0U);
  const std::vector<TopicPartition> asked = {{topic, Partition(0)}};
  const auto committed = admin().committed(group, asked, kPatience);
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_THAT(*committed, ElementsAre(Position{{topic, Partition(0)}, Offset(3)}));
}

TEST(Consumer, StatsTellPositionEndAndLag) {
  const Topic topic = make_topic(1);
  write(topic, Partition(0), numbers(5));
  auto consumer = open(reading(topic, make_group()));
  gather(*consumer, [&](const Gathered&) {
    const auto stats = consumer->stats();
    return !stats->partitions.empty() && stats->partitions[0].next == Offset(5);
  });
  const auto stats = consumer->stats();
  ASSERT_THAT(stats->partitions, SizeIs(1));
  EXPECT_EQ(stats->partitions[0].end, Offset(5));
  EXPECT_EQ(stats->partitions[0].lag(), 0);
  EXPECT_EQ(stats->records, 5U);
  EXPECT_EQ(stats->bytes, 5U);
}

TEST(Consumer, LagInTimeIsTheAgeOfTheLastRecordReadWhileOthersWait) {
  const base::Instant read(std::chrono::seconds(1000));
  PartitionStats stats;
  EXPECT_EQ(stats.lag_time(read), std::nullopt);
  stats.next = Offset(5);
  stats.end = Offset(7);
  EXPECT_EQ(stats.lag_time(read), std::nullopt);
  stats.last_time = read;
  EXPECT_EQ(stats.lag_time(read + 3s), base::Duration(3s));
  EXPECT_EQ(stats.lag_time(read - 3s), base::Duration(0));
  stats.next = Offset(7);
  EXPECT_EQ(stats.lag_time(read + 3s), base::Duration(0));
}

TEST(Consumer, ATopicThatIsNotThereIsATroubleUntilItIs) {
  const Topic topic(make_group());
  ConsumerOptions options = reading(topic, make_group());
  options.properties.set("topic.metadata.refresh.interval.ms", "500");
  auto consumer = open(std::move(options));
  const Gathered before =
      gather(*consumer, [](const Gathered& g) { return !g.all<Trouble>().empty(); });
  ASSERT_FALSE(before.all<Trouble>().empty());
  EXPECT_EQ(before.all<Trouble>()[0].error.code, base::Code::kNotFound);
  ASSERT_TRUE(admin().create({topic, 1, 1, {}}, kPatience));
  write(topic, Partition(0), {"late"});
  EXPECT_THAT(gather(*consumer, 1).payloads, ElementsAre("late"));
}

TEST(Consumer, ABrokerThatIsAwayIsATrouble) {
  ConsumerOptions options = reading(Topic("t"), make_group());
  options.properties.set("bootstrap.servers", "127.0.0.1:1");
  auto consumer = open(std::move(options));
  const Gathered gathered =
      gather(*consumer, [](const Gathered& g) { return !g.all<Trouble>().empty(); });
  ASSERT_FALSE(gathered.all<Trouble>().empty());
  EXPECT_EQ(gathered.all<Trouble>()[0].error.code, base::Code::kUnavailable);
  EXPECT_THAT(gathered.all<Fault>(), IsEmpty());
}

// Members, commits and leaving all wait for a broker; none may wait for ever.
TEST(Consumer, ABrokerThatGoesAwayKeepsNobodyFromClosing) {
  Broker gone;
  const Topic topic("t");
  {
    Properties there;
    there.set("bootstrap.servers", gone.bootstrap());
    auto opened = Admin::open(there);
    ASSERT_TRUE(opened);
    const auto created = (*opened)->create({topic, 1, 1, {}}, kPatience);
    ASSERT_TRUE(created) << created.error().message;
  }
  ConsumerOptions options = reading(topic, make_group());
  options.properties.set("bootstrap.servers", gone.bootstrap());
  auto consumer = open(std::move(options));
  gather(*consumer, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  gone.stop();
  const Gathered after =
      gather(*consumer, [](const Gathered& g) { return !g.all<Trouble>().empty(); });
  EXPECT_FALSE(after.all<Trouble>().empty());
  EXPECT_THAT(after.all<Fault>(), IsEmpty());
  const std::vector<Position> positions = {{{topic, Partition(0)}, Offset(0)}};
  consumer->commit(positions);
  EXPECT_FALSE(consumer->commit_now(positions, 200ms));
  EXPECT_FALSE(consumer->members(200ms));
  consumer->close();
}

}  // namespace
}  // namespace patuh::kafka
