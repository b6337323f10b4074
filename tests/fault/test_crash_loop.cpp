// An input that brings the daemon down is set aside by the second time that it is known to have
// done so; what comes with it is taken.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "channel.h"
#include "script.h"
#include "store/files.h"

namespace patuh::fault {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCareful = 10;

std::string event(const std::string& id) {
  return R"({"op":"upsert","source":"//s","id":")" + id + R"(","subject":"app/)" + id +
         R"(","time":"2026-05-01T00:00:00Z","data":{"approved":"y"}})";
}

// The process dies when it begins to write the n-th commit from now on.
void die_at_commit(int n) {
  auto done = std::make_shared<int>(0);
  store::decide_file_fates([n, done](const store::FileCall& call) {
    if (call.name != "patuh.db-wal") return store::Fate::kPass;
    if (call.operation == store::FileOperation::kSync) ++*done;
    const bool writes = call.operation == store::FileOperation::kWrite;
    if (writes && *done == n - 1) ::kill(::getpid(), SIGKILL);
    return store::Fate::kPass;
  });
}

class CrashLoop : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-loop-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A daemon that takes these inputs in one delivery, and dies at the n-th commit on the way (0:
  // it does not). What became of each, as it said.
  Ended daemon(const std::vector<std::string>& inputs, int dies_at) {
    pipeline::Options options;
    options.careful_inputs = kCareful;
    return daemon(options, {{"http", inputs}}, dies_at);
  }
  struct Sent {
    std::string channel;
    std::vector<std::string> inputs;
  };
  // Deliveries, all of them sent before the first is answered.
  Ended daemon(const pipeline::Options& options, const std::vector<Sent>& deliveries, int dies_at) {
    return run_child([&](Teller& teller) {
      auto store = store::Store::open(folder_.string(), {});
      auto pipeline = pipeline::Pipeline::open(std::move(*store), book_of(false), options);
      (*pipeline)->start();
      // Answered once the run has begun and is noted.
      const auto arm = [&](const engine::Engine&) { return die_at_commit(dies_at), 0; };
      if (dies_at > 0 && !(*pipeline)->ask(arm)) std::abort();
      std::vector<std::future<std::vector<decode::Receipt>>> sent;
      for (const Sent& each : deliveries) sent.push_back(send(**pipeline, each));
      for (auto& each : sent) {
        for (const decode::Receipt& receipt : each.get()) {
          teller.tell(Word::kDone, (*pipeline)->view()->careful ? 1 : 0,
                      std::string(decode::name_of(receipt.taken)) + receipt.reason);
        }
      }
      (*pipeline)->stop();
    });
  }
  static std::future<std::vector<decode::Receipt>> send(pipeline::Pipeline& pipeline,
                                                        const Sent& what) {
    decode::Delivery delivery;
    for (const std::string& input : what.inputs) {
      delivery.items.push_back(decode::decode_one(input, {what.channel, "", 0, 0}));
    }
    auto promise = std::make_shared<std::promise<std::vector<decode::Receipt>>>();
    auto answer = promise->get_future();
    delivery.done = [promise](std::span<const decode::Receipt> receipts) {
      promise->set_value({receipts.begin(), receipts.end()});
    };
    if (!pipeline.intake().push(std::move(delivery))) std::abort();
    return answer;
  }
  static std::string said(const Ended& ended) {
    std::string out;
    for (const Message& message : ended.messages) out += message.bytes + " ";
    return out;
  }
  std::string attempt() const {
    return (*store::Reader::open(folder_.string()))->meta("pipeline.attempt")->value_or("");
  }

  fs::path folder_;
};

TEST_F(CrashLoop, TheSecondCrashKnownToBeAtOneInputSetsItAsideByALoggedSkip) {
  ASSERT_EQ(said(daemon({event("good")}, 0)), "applied ");
  EXPECT_EQ(attempt(), "");
  const std::vector<std::string> inputs = {event("before"), event("bad"), event("behind")};
  // In full run nothing is marked: whichever of the batch it was is not known.
  EXPECT_TRUE(WIFSIGNALED(daemon(inputs, 1).status));
  EXPECT_EQ(attempt(), "");
  // With care: mark and commit of what is before it, its own mark, and then it dies.
  EXPECT_TRUE(WIFSIGNALED(daemon(inputs, 4).status));
  const std::string mark = attempt();
  EXPECT_TRUE(mark.starts_with("0 ")) << mark;
  EXPECT_TRUE(WIFSIGNALED(daemon(inputs, 4).status));
  EXPECT_EQ(attempt(), "1" + mark.substr(1));
  EXPECT_EQ(said(daemon(inputs, 0)), "duplicate set_asidebrought_down applied ");

  const auto reader = store::Reader::open(folder_.string());
  const auto rows = (*reader)->quarantine({.reason = "brought_down", .with_bytes = true});
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().input.bytes, event("bad"));
  EXPECT_EQ(rows->front().input.id, "bad");
  const auto record = (*reader)->record(rows->front().seq);
  EXPECT_EQ((*record)->record.kind, store::RecordKind::kSkip);
  const auto action = pipeline::decode_action((*record)->record.payload);
  ASSERT_TRUE(action);
  EXPECT_EQ(action->name, "skip");
  EXPECT_EQ(action->principal, "patuh");
  EXPECT_TRUE((*reader)->verify_chain()->injuries.empty());
}

TEST_F(CrashLoop, CareEndsAfterACleanEnd) {
  ASSERT_EQ(said(daemon({event("good")}, 0)), "applied ");
  EXPECT_TRUE(WIFSIGNALED(daemon({event("x")}, 1).status));
  const Ended careful = daemon({event("y")}, 0);
  EXPECT_EQ(careful.messages.at(0).number, 1U) << "after an unclean end";
  const Ended ended = daemon({event("z")}, 0);
  EXPECT_EQ(ended.messages.at(0).number, 0U) << "after a clean end";
}

std::vector<std::string> inputs_from(std::size_t first, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(event(std::to_string(first + i)));
  return out;
}

class CareReachesAsFar : public CrashLoop {
 protected:
  static constexpr std::size_t kBatch = 3;
  static pipeline::Options options() {
    pipeline::Options out;
    out.batch_events = kBatch;
    return out;
  }
  // Mark and commit of all inputs ahead of the n-th, its own mark, and then it dies.
  static int dies_at(std::size_t input) { return static_cast<int>(2 * input); }
  bool is_marked(const std::string& input) const {
    return attempt() == "0 " + base::to_hex(base::sha256(input));
  }
};

TEST_F(CareReachesAsFar, AsInputsMayHaveBeenOnTheirWay) {
  ASSERT_EQ(said(daemon(options(), {{"http", {event("good")}}}, 0)), "applied ");
  // Four batches wait for the disk and a fifth is judged.
  std::vector<Sent> sent;
  for (std::size_t i = 0; i < 5; ++i) sent.push_back({"http", inputs_from(kBatch * i, kBatch)});
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), sent, 1).status));
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), sent, dies_at(5 * kBatch)).status));
  EXPECT_TRUE(is_marked(sent.back().inputs.back())) << attempt();
}

TEST_F(CareReachesAsFar, ThanABatchSaysWhenADeliveryIsLarger) {
  ASSERT_EQ(said(daemon(options(), {{"http", {event("good")}}}, 0)), "applied ");
  const std::vector<Sent> sent = {{"http", inputs_from(0, 20)}};
  // One commit says that so many are on their way, and it dies at the next.
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), sent, 2).status));
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), sent, dies_at(20)).status));
  EXPECT_TRUE(is_marked(sent.back().inputs.back())) << attempt();
}

TEST_F(CareReachesAsFar, WhateverAnotherChannelBringsMeanwhile) {
  ASSERT_EQ(said(daemon(options(), {{"http", {event("good")}}}, 0)), "applied ");
  const std::vector<Sent> sent = {{"kafka", {event("a"), event("bad")}}};
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), sent, 1).status));
  // All care for inputs by HTTP is taken, and five come without: then the other channel's come.
  const std::size_t cared = 5 * kBatch;
  const std::vector<Sent> after = {
      {"http", inputs_from(0, cared)}, {"http", inputs_from(cared, 5)}, sent.front()};
  EXPECT_TRUE(WIFSIGNALED(daemon(options(), after, dies_at(cared) + 1 + 4).status));
  EXPECT_TRUE(is_marked(event("bad"))) << attempt();
}

}  // namespace
}  // namespace patuh::fault
