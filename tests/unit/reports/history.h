// A small history in a store of its own: two agencies, some applications, October to January.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "pipeline/pipeline.h"
#include "reports/reports.h"
#include "tests/unit/pack.h"

namespace patuh::reports {

inline constexpr std::string_view kSchema = R"toml(
[pack]
id = "t"
version = "7"
title.id = "t"
[domains]
apps.title.id = "Aplikasi"
apps.title.en = "Applications"
docs.title.id = "Dokumen"
[kinds.app]
title.id = "a"
domain = "apps"
[kinds.app.attributes]
approved = { type = "string" }
number = { type = "string" }
[kinds.app.relations]
owner = { to = "agency", agency = true }
[kinds.doc]
title.id = "d"
domain = "docs"
[kinds.doc.relations]
owner = { to = "agency", agency = true }
)toml";
inline constexpr std::string_view kOwes = R"toml(owes = { domains = ["apps", "docs"] })toml";

inline std::shared_ptr<const rulebook::RuleBook> book() {
  using testing::rule_of;
  return testing::book_of(
      std::string(kSchema).append(testing::kAgencies).append(kOwes),
      rule_of("R-1", "critical", "filled(self.approved)") +
          rule_of("R-2", "low", "filled(self.approved)",
                  "when = \"filled(self.number)\"\noccurrence = \"self.number\"\n") +
          rule_of("R-3", "high", "false", "mode = \"shadow\"\n", "doc"));
}

// Years later, so that nothing of the history lies in the future.
class LaterClock final : public base::Clock {
 public:
  base::Instant now() const override { return *base::from_rfc3339("2030-01-01T00:00:00Z"); }
};

class History {
 public:
  explicit History(const std::string& name)
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ("patuh-reports-" + name + "-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
  }
  ~History() { std::filesystem::remove_all(folder_); }
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  History& upsert(const std::string& time, const std::string& subject, const std::string& data) {
    return add("upsert", time, subject, data);
  }
  History& remove(const std::string& time, const std::string& subject) {
    return add("remove", time, subject, "");
  }
  // Plays the events by event clock, `batch` of them at a time. Those played before have no effect.
  void play(std::size_t batch = 1) const {
    auto pipeline = open();
    ASSERT_TRUE(pipeline) << pipeline.error().message;
    for (std::size_t at = 0; at < events_.size(); at += batch) {
      decode::Delivery delivery;
      for (std::size_t i = at; i < std::min(at + batch, events_.size()); ++i) {
        delivery.items.push_back(decode::decode_one(events_[i], {"file", "h", 0, 1}));
      }
      const auto receipts =
          decode::deliver(std::move(delivery), (*pipeline)->intake(), std::chrono::seconds(20));
      ASSERT_TRUE(receipts);
      for (const decode::Receipt& receipt : *receipts) {
        EXPECT_NE(receipt.taken, decode::Taken::kSetAside) << receipt.message;
      }
    }
    (*pipeline)->stop();
  }

  void draw_baseline() const {
    auto pipeline = open();
    ASSERT_TRUE(pipeline) << pipeline.error().message;
    EXPECT_TRUE((*pipeline)->baseline({"baseline", "sri", "day one", "draw"}));
    (*pipeline)->stop();
  }

  std::unique_ptr<store::Reader> reader() const {
    return std::move(*store::Reader::open(folder_.string()));
  }
  base::Result<Report> report(const std::string& month, const std::string& agency = "") const {
    auto reader = store::Reader::open(folder_.string());
    if (!reader) return std::unexpected(reader.error());
    return monthly(**reader, {*text::parse_month(month), agency});
  }

 private:
  base::Result<std::unique_ptr<pipeline::Pipeline>> open() const {
    static const LaterClock kLater;
    auto store = store::Store::open(folder_.string(), {});
    if (!store) return std::unexpected(store.error());
    pipeline::Options options;
    options.clock = pipeline::ClockMode::kEvent;
    options.wall = &kLater;
    auto pipeline = pipeline::Pipeline::open(std::move(*store), book(), options);
    if (pipeline) (*pipeline)->start();
    return pipeline;
  }

  History& add(const std::string& operation, const std::string& time, const std::string& subject,
               const std::string& data) {
    const std::string id = std::to_string(events_.size() + 1);
    events_.push_back(R"({"op":")" + operation + R"(","source":"//s","id":")" + id +
                      R"(","version":)" + id + R"(,"subject":")" + subject + R"(","time":")" +
                      time + "\"" + (data.empty() ? "" : ",\"data\":" + data) + "}");
    return *this;
  }

  std::filesystem::path folder_;
  std::vector<std::string> events_;
};

// What most cases look at. Jakarta is seven hours ahead of UTC.
inline void fill(History& history) {
  const std::string owned = R"({"owner":"d"})";
  const std::string approved = R"({"owner":"d","approved":"y"})";
  history.upsert("2026-09-15T00:00:00Z", "agency/d", R"({"code":"d","nama":"Dinas <b>"})")
      .upsert("2026-09-15T00:00:00Z", "agency/s", R"({"code":"s","nama":"Sepi"})")
      .upsert("2026-09-15T01:00:00Z", "doc/1", owned)
      .upsert("2026-09-15T02:00:00Z", "app/old", owned)
      .upsert("2026-09-15T02:00:00Z", "app/good", approved)
      .upsert("2026-09-20T00:00:00Z", "app/later", owned)
      .upsert("2026-10-31T16:59:59Z", "app/oct", owned)  // the last second of October
      .upsert("2026-10-31T17:00:00Z", "app/nov", owned)  // the first of November
      .upsert("2026-11-05T00:00:00Z", "app/oct", approved)
      .upsert("2026-11-06T00:00:00Z", "agency/t", R"({"code":"t"})")
      .upsert("2026-10-10T00:00:00Z", "app/late", R"({"owner":"t"})")  // comes on 6 November
      .remove("2026-11-10T00:00:00Z", "app/later")
      .upsert("2027-01-05T00:00:00Z", "app/good", approved);
}

}  // namespace patuh::reports
