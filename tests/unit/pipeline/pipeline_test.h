// A pipeline on a folder of its own, as tests of it begin.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "pipeline/pipeline.h"
#include "tests/unit/deliver.h"
#include "tests/unit/pack.h"
#include "tests/unit/test_clock.h"

namespace patuh::pipeline {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::TestClock;

inline constexpr std::string_view kAttributes = R"toml(
approved = { type = "string" }
ends = { type = "timestamp" })toml";

// Further kinds may follow.
inline std::string schema(std::string_view more = "") {
  return testing::schema_of_apps(kAttributes).append(more);
}

inline std::shared_ptr<const rulebook::RuleBook> book(std::string_view condition,
                                                      std::string_view more_kinds = "") {
  return testing::book_of(
      schema(more_kinds),
      testing::rule_of("R-1", "critical", condition) +
          testing::rule_of("R-2", "low", "self.ends > now", "when = \"filled(self.ends)\"\n"));
}

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-pipeline-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override {
    stop();
    fs::remove_all(folder_);
  }

  base::Status open(
      ClockMode clock = ClockMode::kWall, std::size_t batch = 1000,
      std::shared_ptr<const rulebook::RuleBook> rules = book("filled(self.approved)")) {
    auto store = store::Store::open(folder_.string(), {});
    if (!store) return std::unexpected(store.error());
    Options options;
    options.clock = clock;
    options.wall = &clock_;
    options.batch_events = batch;
    options.sinks = {"am"};
    options.stop_at_disagreement = true;
    options.jump_stays = jump_stays_;
    auto opened = Pipeline::open(std::move(*store), std::move(rules), options);
    if (!opened) return std::unexpected(opened.error());
    pipeline_ = std::move(*opened);
    pipeline_->start();
    return {};
  }
  void stop() {
    if (pipeline_) pipeline_->stop();
    pipeline_.reset();
  }

  static std::string event(int id, const std::string& subject, const std::string& data,
                           const std::string& time) {
    return R"({"op":"upsert","source":"//s","id":")" + std::to_string(id) + R"(","subject":")" +
           subject + R"(","time":")" + time + R"(","data":)" + data + "}";
  }

  std::vector<decode::Receipt> send(const std::vector<std::string>& events,
                                    std::vector<model::Position> next = {}) {
    return testing::deliver(*pipeline_, events, std::move(next));
  }

  std::string state_of(const std::string& rule, const std::string& id) {
    const auto found = pipeline_->ask([&](const engine::Engine& engine) -> std::string {
      const auto element = engine.registry().find(*engine.book().schema->kind_of("app"), id);
      if (!element) return "unknown";
      const auto verdict = engine.verdict(engine.book().rule(rule)->number, *element);
      return verdict ? std::string(model::name_of(verdict->state)) : "none";
    });
    return found ? *found : found.error().message;
  }

  // Every transition as text, after the pipeline stopped.
  std::vector<std::string> transitions() const {
    auto reader = store::Reader::open(folder_.string());
    EXPECT_TRUE(reader);
    std::vector<std::string> out;
    const auto rows = (*reader)->transitions({});
    EXPECT_TRUE(rows);
    for (const auto& row : *rows) {
      const model::Transition& t = row.transition;
      out.push_back(t.rule + " " + t.element.text() + " " + std::string(model::name_of(t.from)) +
                    ">" + std::string(model::name_of(t.to)) + " " + base::to_rfc3339(t.since) +
                    " " + base::to_rfc3339(t.recorded) + " " + t.cause_id);
    }
    return out;
  }
  std::size_t outbox() const {
    auto reader = store::Reader::open(folder_.string());
    return (*reader)->outbox("am", 1000)->size();
  }

  static constexpr const char* kThen = "2026-05-01T00:00:00Z";
  fs::path folder_;
  milliseconds jump_stays_{0};  // the tests' clock leaps as it is told to
  TestClock clock_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace patuh::pipeline
