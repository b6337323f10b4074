// Several consumers in a group: who has what, who else is there, and what sticks over a rebalance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/unit/kafka/broker.h"

namespace patuh::kafka {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::size_t held(const Consumer& consumer) { return consumer.stats()->partitions.size(); }

// A pause reaches the library only when it lasts.
void pass_short_pause(Consumer& consumer) {
  const auto until = std::chrono::steady_clock::now() + 2500ms;
  while (std::chrono::steady_clock::now() < until) {
    EXPECT_TRUE(consumer.poll(10, 100ms).batch.empty());
  }
}

// Polls both until `enough`.
void poll_both(Consumer& a, Gathered& from_a, Consumer& b, Gathered& from_b,
               const std::function<bool()>& enough) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!enough() && std::chrono::steady_clock::now() < deadline) {
    from_a.add(a.poll(1000, 20ms));
    from_b.add(b.poll(1000, 20ms));
  }
  ASSERT_TRUE(enough()) << "the group did not settle";
}

TEST(Group, ASecondMemberTakesHalfAndTheFirstKeepsTheRestWithoutABreak) {
  const Topic topic = make_topic(4);
  const std::string group = make_group();
  auto first = open(reading(topic, group));
  Gathered from_first =
      gather(*first, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  ASSERT_THAT(from_first.all<Assigned>()[0].partitions, SizeIs(4));

  auto second = open(reading(topic, group));
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return held(*first) == 2 && held(*second) == 2; });
  // Cooperative: only the difference moved, so what stayed was never revoked.
  const auto revoked = from_first.all<Revoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_THAT(revoked[0].partitions, SizeIs(2));
  EXPECT_FALSE(revoked[0].lost);
  EXPECT_TRUE(from_second.all<Assigned>()[0].partitions == revoked[0].partitions);
}

TEST(Group, EagerMembersAreServedToo) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  write(topic, Partition(0), {"a"});
  write(topic, Partition(1), {"b"});
  const auto eager = [&] {
    ConsumerOptions options = reading(topic, group);
    options.properties.set("partition.assignment.strategy", "range");
    return open(std::move(options));
  };
  auto first = eager();
  Gathered from_first = gather(*first, 2);
  auto second = eager();
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return held(*first) == 1 && held(*second) == 1; });
  EXPECT_THAT(from_first.all<Revoked>()[0].partitions, SizeIs(2));
}

TEST(Group, BeforePartitionsGoTheCallerMayStillCommit) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  write(topic, Partition(0), numbers(3));
  write(topic, Partition(1), numbers(3));
  Consumer* committing = nullptr;
  std::vector<base::Status> commits;
  ConsumerOptions options = reading(topic, group);
  options.before_revoke = [&](const Revoked& revoked) {
    for (const TopicPartition& at : revoked.partitions) {
      commits.push_back(committing->commit_now(std::vector{Position{at, Offset(3)}}, kPatience));
    }
  };
  auto consumer = open(std::move(options));
  committing = consumer.get();
  gather(*consumer, 6);
  consumer->close();
  ASSERT_THAT(commits, SizeIs(2));
  EXPECT_TRUE(commits[0] && commits[1]);
  const std::vector<TopicPartition> asked = {{topic, Partition(0)}, {topic, Partition(1)}};
  const auto committed = admin().committed(group, asked, kPatience);
  ASSERT_TRUE(committed);
  EXPECT_THAT(*committed,
              UnorderedElementsAre(Position{asked[0], Offset(3)}, Position{asked[1], Offset(3)}));
}

// A pause sticks to a partition inside the library, over revocation and a new assignment.
TEST(Group, APauseDoesNotOutliveARevocation) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  auto first = open(reading(topic, group));
  gather(*first, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  first->pause();
  pass_short_pause(*first);
  auto second = open(reading(topic, group));
  Gathered from_first;
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return held(*first) == 1 && held(*second) == 1; });
  first->resume();  // one of the two is not ours now and cannot be resumed
  second.reset();
  gather(*first, [&](const Gathered&) { return held(*first) == 2; });
  write(topic, Partition(0), {"a"});
  write(topic, Partition(1), {"b"});
  EXPECT_THAT(gather(*first, 2).payloads, UnorderedElementsAre("a", "b"));
}

// Beside one the library is asked for nothing, so that what was paused goes on being fetched for a
// while, and is not given all the same.
TEST(Group, AnAssignmentDoesNotEndAPause) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  auto first = open(reading(topic, group));
  auto second = open(reading(topic, group));
  Gathered from_first;
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return held(*first) == 1 && held(*second) == 1; });
  first->pause();
  pass_short_pause(*first);
  write(topic, Partition(0), {"a"});
  write(topic, Partition(1), {"b"});
  second.reset();
  Gathered paused = gather(*first, [&](const Gathered&) { return held(*first) == 2; });
  const auto until = std::chrono::steady_clock::now() + 4s;  // longer than a short pause
  while (std::chrono::steady_clock::now() < until) paused.add(first->poll(10, 100ms));
  EXPECT_THAT(paused.payloads, IsEmpty());
  first->resume();
  EXPECT_THAT(gather(*first, 2).payloads, UnorderedElementsAre("a", "b"));
}

// Where the library would go on from its own position, the store's counts.
TEST(Group, APartitionThatComesBackStartsAgainWhereTheStoreSays) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  write(topic, Partition(0), numbers(4));
  write(topic, Partition(1), numbers(4));
  ConsumerOptions options = reading(topic, group);
  options.start_at = [](const TopicPartition&) { return Offset(1); };
  auto first = open(std::move(options));
  Gathered from_first = gather(*first, 6);
  first->pause();
  pass_short_pause(*first);
  auto second = open(reading(topic, group));
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return held(*first) == 1 && held(*second) == 1; });
  const TopicPartition moved = from_first.all<Revoked>().at(0).partitions.at(0);
  second.reset();
  gather(*first, [&](const Gathered&) { return held(*first) == 2; });
  first->resume();
  const Gathered again = gather(*first, 3);
  using Place = std::pair<std::int32_t, std::int64_t>;
  const std::int32_t p = moved.partition.value;
  EXPECT_THAT(again.places, ElementsAre(Place(p, 1), Place(p, 2), Place(p, 3)));
}

TEST(Group, AnotherMemberIsSeenWithItsInstanceId) {
  const Topic topic = make_topic(2);
  const std::string group = make_group();
  const auto named = [&](const char* instance) {
    ConsumerOptions options = reading(topic, group);
    options.properties.set("group.instance.id", instance);
    return open(std::move(options));
  };
  auto first = named("kab-a");
  auto second = named("kab-b");
  Gathered ignored;
  poll_both(*first, ignored, *second, ignored,
            [&] { return held(*first) == 1 && held(*second) == 1; });
  const auto members = first->members(kPatience);
  ASSERT_TRUE(members) << members.error().message;
  std::set<std::string> instances;
  for (const Member& member : *members) {
    instances.insert(member.instance_id);
    EXPECT_EQ(member.client_id, "patuh");
  }
  EXPECT_THAT(instances, ElementsAre("kab-a", "kab-b"));
}

TEST(Group, AStaticMemberThatRestartsTakesItsOwnPlace) {
  const Topic topic = make_topic(4);
  const std::string group = make_group();
  const auto named = [&](const char* instance) {
    ConsumerOptions options = reading(topic, group);
    options.properties.set("group.instance.id", instance);
    return open(std::move(options));
  };
  auto staying = named("a");
  auto restarting = named("b");
  Gathered from_staying;
  Gathered from_restarting;
  poll_both(*staying, from_staying, *restarting, from_restarting,
            [&] { return held(*staying) == 2 && held(*restarting) == 2; });
  const auto moved = [&] {
    return from_staying.all<Assigned>().size() + from_staying.all<Revoked>().size();
  };
  const auto moved_before = moved();
  const auto before = restarting->stats()->partitions;
  restarting.reset();
  restarting = named("b");
  poll_both(*staying, from_staying, *restarting, from_restarting,
            [&] { return held(*restarting) == 2; });
  const auto after = restarting->stats()->partitions;
  EXPECT_EQ(after[0].at, before[0].at);
  EXPECT_EQ(after[1].at, before[1].at);
  EXPECT_EQ(moved(), moved_before) << "the other member was not asked to take its place";
}

TEST(Group, TheSameInstanceIdTwiceFencesTheFirst) {
  const Topic topic = make_topic(1);
  const std::string group = make_group();
  const auto twin = [&] {
    ConsumerOptions options = reading(topic, group);
    options.properties.set("group.instance.id", "only");
    return open(std::move(options));
  };
  auto first = twin();
  Gathered from_first =
      gather(*first, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  auto second = twin();
  Gathered from_second;
  poll_both(*first, from_first, *second, from_second,
            [&] { return !from_first.all<Fault>().empty(); });
  EXPECT_EQ(from_first.all<Fault>()[0].kind, Fault::Kind::kFenced);
  EXPECT_THAT(from_second.all<Fault>(), IsEmpty());
}

TEST(Group, AMemberThatDoesNotPollInTimeIsToldThatItsPartitionsAreLost) {
  const Topic topic = make_topic(1);
  ConsumerOptions options = reading(topic, make_group());
  options.properties.set("max.poll.interval.ms", "6000");
  auto consumer = open(std::move(options));
  gather(*consumer, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  std::this_thread::sleep_for(7s);
  const Gathered late =
      gather(*consumer, [](const Gathered& g) { return !g.all<Assigned>().empty(); });
  ASSERT_THAT(late.all<Revoked>(), SizeIs(1));
  EXPECT_TRUE(late.all<Revoked>()[0].lost);
  EXPECT_THAT(late.all<Assigned>(), SizeIs(1));
}

}  // namespace
}  // namespace patuh::kafka
