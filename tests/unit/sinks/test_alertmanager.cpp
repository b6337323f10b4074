#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "json/json.h"
#include "peers.h"
#include "tests/unit/http_client/server.h"

namespace patuh::sinks {
namespace {

using testing_http::answer;
using testing_http::Received;
using testing_http::Server;
using Elements = std::vector<std::string>;

AlertmanagerOptions options_for(const std::string& url) {
  return {.urls = {url},
          .external_url = "https://patuh.example.go.id",
          .resend = std::chrono::milliseconds(500),
          .group_over = 50};
}

// ── The real Alertmanager ───────────────────────────────────────────────────────────────────────

class RealPeer : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(RealAlertmanager::installed()) << "these tests need prometheus-alertmanager";
  }
  std::unique_ptr<Sink> start_sink() {
    auto sink = make_alertmanager(options_for(peer_.url()), outbox_.outbox());
    sink->start();
    return sink;
  }
  void tell(Sink& sink, const alerts::Notice& notice) {
    outbox_.add(notice);
    sink.wake();
  }
  bool shows(const Elements& elements) {
    return eventually([&] { return peer_.elements() == elements; });
  }
  RealAlertmanager peer_;
  MemoryOutbox outbox_;
};

TEST_F(RealPeer, AnAddressMayEndWithASlash) {
  peer_.start();
  const auto sink = make_alertmanager(options_for(peer_.url() + "/"), outbox_.outbox());
  sink->start();
  tell(*sink, make_notice(1));
  EXPECT_TRUE(shows({"aplikasi/app 1"}));
}

TEST_F(RealPeer, AnAlertArrivesWithAllItSaysAndResolves) {
  peer_.start();
  const auto sink = start_sink();
  alerts::Notice notice = make_notice(1);
  notice.deployment = true;
  notice.occurrence = "rilis-7";
  tell(*sink, notice);
  ASSERT_TRUE(shows({"aplikasi/app 1"}));
  const RealAlertmanager::Seen seen = peer_.alerts().front();
  EXPECT_EQ(seen.labels.at("alertname"), "APP-SEC-01");
  EXPECT_EQ(seen.labels.at("agency"), "DISKOMINFO");
  EXPECT_EQ(seen.labels.at("severity"), "critical");
  EXPECT_EQ(seen.labels.at("cause"), "e-1");
  EXPECT_EQ(seen.labels.at("occurrence"), "rilis-7");
  EXPECT_EQ(seen.labels.at("deployment"), "true");
  EXPECT_EQ(seen.annotations.at("summary"), notice.summary_id);
  EXPECT_EQ(seen.annotations.at("remedy_en"), notice.remedy_en);
  EXPECT_EQ(seen.starts, "2026-01-02T03:04:06.000Z");
  EXPECT_EQ(seen.link, "https://patuh.example.go.id/verdicts/APP-SEC-01/aplikasi/app%201");

  notice.firing = false;
  notice.at = base::system_clock().now();
  tell(*sink, notice);
  EXPECT_TRUE(shows({}));
  EXPECT_TRUE(eventually([&] { return sink->stats().sent == 2; }));
  EXPECT_EQ(outbox_.waiting(), 0U);
  const Stats stats = sink->stats();
  EXPECT_TRUE(stats.up);
  EXPECT_EQ(stats.active, 0U);
  EXPECT_EQ(stats.failed, 0U);
  EXPECT_EQ(stats.refused, 0U);
  EXPECT_NE(stats.last_success, base::kNever);
}

TEST_F(RealPeer, AFiringAlertOutlivesTheTimeItIsGoodForByBeingSentAgain) {
  peer_.start();
  const auto sink = start_sink();
  tell(*sink, make_notice(1));
  ASSERT_TRUE(shows({"aplikasi/app 1"}));
  // Good for four repetitions of half a second: looked at for twice as long.
  for (int i = 0; i < 40; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_EQ(peer_.elements(), Elements{"aplikasi/app 1"});
  }
}

TEST_F(RealPeer, AnAlertThatNobodySendsAgainEndsByItself) {
  peer_.start();
  auto sink = start_sink();
  tell(*sink, make_notice(1));
  ASSERT_TRUE(shows({"aplikasi/app 1"}));
  sink->stop();
  EXPECT_TRUE(shows({})) << "a dead daemon's alerts do not stand for ever";
}

TEST_F(RealPeer, ASinkThatStartsAgainKeepsWhatStandsAlive) {
  peer_.start();
  {
    const auto sink = start_sink();
    tell(*sink, make_notice(1));
    ASSERT_TRUE(shows({"aplikasi/app 1"}));
  }
  ASSERT_TRUE(shows({}));
  outbox_.stand_open(make_notice(1));
  const auto sink = start_sink();
  EXPECT_TRUE(shows({"aplikasi/app 1"}));
  EXPECT_TRUE(eventually([&] { return sink->stats().active == 1; }));
  tell(*sink, make_notice(1, false));
  EXPECT_TRUE(shows({}));
}

TEST_F(RealPeer, WhatWasQueuedWhileItWasDownArrivesInOrderWhenItIsUp) {
  const auto sink = start_sink();
  tell(*sink, make_notice(1));
  ASSERT_TRUE(eventually([&] { return sink->stats().failed >= 2; }));
  EXPECT_FALSE(sink->stats().up);
  EXPECT_EQ(outbox_.waiting(), 1U);
  EXPECT_GE(outbox_.attempts(), 1U);
  tell(*sink, make_notice(2));
  tell(*sink, make_notice(1, false));
  peer_.start();
  EXPECT_TRUE(shows({"aplikasi/app 2"}));
  EXPECT_TRUE(eventually([&] { return outbox_.waiting() == 0; }));
  EXPECT_TRUE(eventually([&] { return sink->stats().up; }));
}

TEST_F(RealPeer, OneThatForgotEverythingIsToldAgain) {
  peer_.start();
  const auto sink = start_sink();
  tell(*sink, make_notice(1));
  ASSERT_TRUE(shows({"aplikasi/app 1"}));
  peer_.stop();
  ASSERT_TRUE(eventually([&] { return !sink->stats().up; }));
  peer_.start();  // it keeps no alerts over a restart
  EXPECT_TRUE(shows({"aplikasi/app 1"}));
}

TEST_F(RealPeer, ManyOfOneCauseAreOneAlertThatEndsWithTheLast) {
  peer_.start();
  for (int i = 1; i <= 51; ++i) outbox_.add(make_notice(i));
  const auto sink = start_sink();
  ASSERT_TRUE(shows({"*"}));
  EXPECT_EQ(peer_.alerts().front().annotations.at("count"), "51");
  for (int i = 1; i <= 50; ++i) outbox_.add(make_notice(i, false));
  sink->wake();
  EXPECT_TRUE(eventually([&] {
    const auto seen = peer_.alerts();
    return seen.size() == 1 && seen.front().annotations.at("count") == "1";
  }));
  tell(*sink, make_notice(51, false));
  EXPECT_TRUE(shows({}));
}

TEST_F(RealPeer, ADigestOfHistoryIsOneAlertAnAgency) {
  peer_.start();
  const auto sink = start_sink();
  const base::Instant long_ago = *base::from_rfc3339("2025-01-01T00:00:00Z");
  for (const std::string agency : {"DINKES", "DISDIK"}) {
    outbox_.add(std::string(kDigestKind), encode(Digest{agency, long_ago, {1, 2, 3, 4}}));
  }
  sink->wake();
  ASSERT_TRUE(eventually([&] { return peer_.alerts().size() == 2; }));
  for (const RealAlertmanager::Seen& seen : peer_.alerts()) {
    EXPECT_EQ(seen.labels.at("alertname"), "PatuhDigest");
    EXPECT_EQ(seen.annotations.at("count_critical"), "4");
    EXPECT_EQ(seen.link, "https://patuh.example.go.id/agencies/" + seen.labels.at("agency"));
  }
}

TEST_F(RealPeer, ThousandsOfAlertsArriveAndWhatItRefusesIsNamedAndDropped) {
  peer_.start();
  for (int i = 1; i <= 1500; ++i) {
    alerts::Notice notice = make_notice(i);
    notice.cause = "e-" + std::to_string(i);
    outbox_.add(notice);
  }
  outbox_.add("no such kind", "{}");
  outbox_.add(std::string(kNoticeKind), "not a notice");
  const auto sink = start_sink();
  EXPECT_TRUE(eventually([&] { return peer_.alerts().size() == 1500; }));
  EXPECT_TRUE(eventually([&] { return outbox_.waiting() == 0; }));
  EXPECT_TRUE(eventually([&] { return sink->stats().active == 1500; }));
  EXPECT_EQ(sink->stats().refused, 2U);
  EXPECT_EQ(sink->stats().sent, 1502U);
}

// ── Faults that the real one does not show on demand ────────────────────────────────────────────

// The elements of a posted body.
std::vector<std::string> elements_of(const Received& request) {
  std::vector<std::string> out;
  const auto document = json::parse(request.body, {});
  if (!document) return out;
  for (const json::Node& alert : document->root().items()) {
    out.emplace_back(alert.find("labels")->find("element")->string());
  }
  return out;
}

TEST(AlertmanagerSink, OneRefusedAlertDoesNotHoldUpTheOthers) {
  std::mutex mutex;
  std::set<std::string> taken;
  const Server peer([&](const Received& request) {
    const std::vector<std::string> elements = elements_of(request);
    if (std::ranges::find(elements, "aplikasi/app 5") != elements.end()) {
      return answer(400, "bad alert");
    }
    const std::scoped_lock lock(mutex);
    taken.insert(elements.begin(), elements.end());
    return answer(200, "");
  });
  MemoryOutbox outbox;
  for (int i = 1; i <= 9; ++i) outbox.add(make_notice(i));
  const auto sink = make_alertmanager(options_for(peer.url()), outbox.outbox());
  sink->start();
  EXPECT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
  EXPECT_TRUE(eventually([&] { return sink->stats().refused == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_EQ(sink->stats().refused, 1U) << "it is not among those that are sent again";
  const std::scoped_lock lock(mutex);
  EXPECT_EQ(taken.size(), 8U);
  EXPECT_FALSE(taken.contains("aplikasi/app 5"));
}

// A proxy before it that was set up wrongly refuses everything, until somebody mends it.
TEST(AlertmanagerSink, WhatWasRefusedAndStillFiresIsTriedAgainLater) {
  std::atomic<bool> mended{false};
  std::atomic<int> taken{0};
  const Server peer([&](const Received&) {
    if (!mended) return answer(400, "no");
    ++taken;
    return answer(200, "");
  });
  MemoryOutbox outbox;
  AlertmanagerOptions options = options_for(peer.url());
  options.refused_rest = std::chrono::milliseconds(1500);
  outbox.add(make_notice(1));
  const auto sink = make_alertmanager(options, outbox.outbox());
  sink->start();
  ASSERT_TRUE(eventually([&] { return sink->stats().refused == 1; }));
  mended = true;
  EXPECT_TRUE(eventually([&] { return taken > 0; }));
}

TEST(AlertmanagerSink, EveryAlertmanagerIsToldAndOneThatTakesItIsEnough) {
  std::atomic<int> posts{0};
  const auto count = [&](const Received&) {
    ++posts;
    return answer(200, "");
  };
  const Server first(count);
  const Server second([&](const Received&) { return answer(503, "starting"); });
  const Server third(count);
  MemoryOutbox outbox;
  AlertmanagerOptions options = options_for(first.url());
  options.urls = {first.url(), second.url(), third.url()};
  options.resend = std::chrono::hours(1);
  outbox.add(make_notice(1));
  const auto sink = make_alertmanager(options, outbox.outbox());
  sink->start();
  EXPECT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
  EXPECT_TRUE(eventually([&] { return sink->stats().up; }));
  EXPECT_GE(posts, 2);
}

TEST(AlertmanagerSink, OneThatHangsDoesNotHoldUpTheOthersTimeAndAgain) {
  const Server hangs([](const Received&) { return std::string(); });
  std::atomic<std::size_t> posts{0};
  const Server well([&](const Received&) {
    ++posts;
    return answer(200, "");
  });
  MemoryOutbox outbox;
  AlertmanagerOptions options = options_for(hangs.url());
  options.urls.push_back(well.url());
  options.resend = std::chrono::hours(1);
  options.timeout = std::chrono::milliseconds(300);
  const auto sink = make_alertmanager(options, outbox.outbox());
  sink->start();
  for (int i = 1; i <= 6; ++i) {
    outbox.add(make_notice(i));
    sink->wake();
    ASSERT_TRUE(eventually([&] { return outbox.waiting() == 0; })) << i;
  }
  EXPECT_GE(posts, 6U);
  EXPECT_EQ(hangs.connections(), 1) << "it rests while another takes what is told";
}

// What it was told ends by itself after four of them.
TEST(AlertmanagerSink, OneThatIsBackIsToldAgainWithinAFewRepetitions) {
  std::atomic<int> asked{0};
  const Server first([&](const Received&) { return answer(++asked == 1 ? 503 : 200, ""); });
  std::atomic<int> repetitions{0};
  const Server second([&](const Received&) {
    if (asked < 2) ++repetitions;
    return answer(200, "");
  });
  MemoryOutbox outbox;
  AlertmanagerOptions options = options_for(first.url());
  options.urls.push_back(second.url());
  outbox.add(make_notice(1));
  const auto sink = make_alertmanager(options, outbox.outbox());
  sink->start();
  ASSERT_TRUE(eventually([&] { return asked >= 2; }));
  EXPECT_LE(repetitions, 4);
}

TEST(AlertmanagerSink, OneThatHangsIsAskedAgainWhenNobodyElseTakesIt) {
  std::atomic<bool> hanging{true};
  const Server first([&](const Received&) { return hanging ? std::string() : answer(200, ""); });
  std::atomic<bool> is_away{false};
  const Server second([&](const Received&) { return is_away ? answer(503, "") : answer(200, ""); });
  MemoryOutbox outbox;
  AlertmanagerOptions options = options_for(first.url());
  options.urls.push_back(second.url());
  options.timeout = std::chrono::milliseconds(300);
  const auto sink = make_alertmanager(options, outbox.outbox());
  sink->start();
  outbox.add(make_notice(1));
  sink->wake();
  ASSERT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
  is_away = true;
  hanging = false;
  outbox.add(make_notice(2));
  sink->wake();
  EXPECT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
}

TEST(AlertmanagerSink, AnAlertmanagerThatIsOverloadedIsTriedAgainLater) {
  std::atomic<int> posts{0};
  const Server peer(
      [&](const Received&) { return ++posts < 4 ? answer(503, "later") : answer(200, ""); });
  MemoryOutbox outbox;
  outbox.add(make_notice(1));
  const auto sink = make_alertmanager(options_for(peer.url()), outbox.outbox());
  sink->start();
  EXPECT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
  EXPECT_EQ(outbox.attempts(), 3U);
}

TEST(AlertmanagerSink, NothingIsSentTwiceInARowWhileItBacksOff) {
  std::atomic<int> posts{0};
  const Server peer([&](const Received&) {
    ++posts;
    return answer(503, "later");
  });
  MemoryOutbox outbox;
  const auto sink = make_alertmanager(options_for(peer.url()), outbox.outbox());
  sink->start();
  for (int i = 1; i <= 200; ++i) {
    outbox.add(make_notice(i));
    sink->wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  // In 400 ms and more at least one attempt, and by the doubling from 250 ms on but a few.
  EXPECT_LE(posts, 20);
  EXPECT_EQ(outbox.waiting(), 200U);
}

TEST(AlertmanagerSink, ABrokenStoreIsAskedAgain) {
  std::atomic<int> posts{0};
  const Server peer([&](const Received&) {
    ++posts;
    return answer(200, "");
  });
  MemoryOutbox outbox;
  outbox.add(make_notice(1));
  outbox.break_down(true);
  const auto sink = make_alertmanager(options_for(peer.url()), outbox.outbox());
  sink->start();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(posts, 0) << "what stands open is not known yet";
  outbox.break_down(false);
  EXPECT_TRUE(eventually([&] { return outbox.waiting() == 0; }));
}

TEST(AlertmanagerSink, StoppingDoesNotWaitForAPeerThatHangs) {
  const Server peer([](const Received&) { return std::string(); });
  MemoryOutbox outbox;
  outbox.add(make_notice(1));
  const auto sink = make_alertmanager(options_for(peer.url()), outbox.outbox());
  sink->start();
  EXPECT_TRUE(eventually([&] { return peer.connections() == 1; }));
  sink->stop();
  EXPECT_EQ(outbox.waiting(), 1U) << "what is not sent stays";
  EXPECT_EQ(outbox.attempts(), 0U) << "being stopped is no failed attempt";
}

}  // namespace
}  // namespace patuh::sinks
