// A pipeline that begins at a snapshot goes on as one that applied its whole log.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <random>

#include "pipeline/pipeline.h"
#include "tests/unit/deliver.h"
#include "tests/unit/pack.h"
#include "tests/unit/test_clock.h"

namespace patuh::pipeline {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;
using testing::TestClock;

constexpr std::string_view kAttributes = R"toml(
approved = { type = "string" }
ends = { type = "timestamp" })toml";

std::shared_ptr<const rulebook::RuleBook> book(std::string_view condition) {
  return testing::book_of(
      testing::schema_of_apps(kAttributes, "needs = { to = \"app\", many = true }"),
      testing::rule_of("R-1", "critical", condition) +
          testing::rule_of("R-2", "low", "self.ends > now", "when = \"filled(self.ends)\"\n") +
          testing::rule_of("R-3", "high", "related(self, 'needs').all(n, filled(n.approved))",
                           "grace = \"36h\"\n"));
}

constexpr std::size_t kBatch = 500;
constexpr std::uint64_t kBucket = 1024;  // places that are written together at most
const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");

// One data folder and the pipeline on it.
class Side {
 public:
  Side(const std::string& name, SnapshotOptions snapshots)
      : folder_(fs::path(::testing::TempDir()) / (name + std::to_string(::getpid()))),
        snapshots_(snapshots) {
    fs::remove_all(folder_);
  }
  ~Side() {
    close();
    fs::remove_all(folder_);
  }

  void open(ClockMode clock, const TestClock& wall) {
    auto store = store::Store::open(folder_.string(), {});
    ASSERT_TRUE(store) << store.error().message;
    Options options;
    options.clock = clock;
    options.wall = &wall;
    options.sinks = {"am"};
    options.stop_at_disagreement = true;
    options.jump_stays = std::chrono::milliseconds(0);  // the clock leaps as the test tells it to
    options.snapshots = snapshots_;
    options.batch_events = kBatch;
    auto opened = Pipeline::open(std::move(*store), book("filled(self.approved)"), options);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = std::move(*opened);
    pipeline_->start();
  }
  void close() {
    if (pipeline_) pipeline_->stop();
    pipeline_.reset();
  }
  // From the next opening on.
  void take(SnapshotOptions snapshots) { snapshots_ = snapshots; }
  Pipeline& pipeline() { return *pipeline_; }
  std::string folder() const { return folder_.string(); }

  void send(const std::vector<std::string>& events) {
    EXPECT_EQ(testing::deliver(*pipeline_, events).size(), events.size());
  }
  // Until no slice is due any more.
  void rest() {
    if (snapshots_.tail_events == 0) return;
    for (int i = 0; i < 1000; ++i) {
      const SnapshotStats stats = pipeline_->view()->snapshots;
      if (stats.tail < stats.due_at && !stats.busy) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << "a snapshot is due and none was taken";
  }

  // Transitions, alerts and what is to be told, as text; after close().
  std::vector<std::string> history() const {
    auto reader = store::Reader::open(folder_.string());
    EXPECT_TRUE(reader);
    std::vector<std::string> out;
    const auto transitions = (*reader)->transitions({.limit = 1'000'000});
    const auto alerts = (*reader)->alerts_within(store::kAlways, base::kNever);
    const auto outbox = (*reader)->outbox("am", 1'000'000);
    for (const auto& row : *transitions) {
      const model::Transition& t = row.transition;
      out.push_back(t.rule + " " + t.element.text() + " " + t.agency + " " +
                    std::string(model::name_of(t.to)) + " " + base::to_rfc3339(t.since) + " " +
                    base::to_rfc3339(t.recorded) + " " + t.cause_id + " " + t.reason);
    }
    for (const auto& row : *alerts) {
      out.push_back(row.key + " " + std::string(name_of(row.phase)) + (row.told ? " told" : ""));
    }
    for (const auto& row : *outbox) out.push_back(row.row.payload);
    return out;
  }
  std::uint64_t snapshots() const {
    return (*store::Reader::open(folder_.string()))->snapshots()->size();
  }
  void execute(const char* sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "patuh.db").c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

 private:
  fs::path folder_;
  SnapshotOptions snapshots_;
  std::unique_ptr<Pipeline> pipeline_;
};

class RandomEvents {
 public:
  explicit RandomEvents(unsigned seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::vector<std::string> some(base::Instant now) {
    std::vector<std::string> out(1 + below(12));
    for (std::string& one : out) one = event(now);
    return out;
  }
  // One whose body takes about this many bytes, which hardly get fewer when packed.
  std::string bulky(base::Instant now, std::size_t bytes) {
    std::string text(bytes, ' ');
    for (char& c : text) c = static_cast<char>('A' + below(58));
    std::ranges::replace(text, '\\', '/');
    return R"({"op":"upsert","source":"//bulk","id":")" + std::to_string(++made_) +
           R"(","subject":"app/bulk","time":")" + base::to_rfc3339(now) +
           R"(","data":{"approved":")" + text + R"("}})";
  }

 private:
  std::string event(base::Instant now) {
    const std::uint64_t dice = below(100);
    // Now and then the same again.
    const std::uint64_t id = dice < 10 && made_ > 5 ? made_ - below(5) : ++made_;
    const std::string op = dice < 8 ? "remove" : dice < 40 ? "patch" : "upsert";
    const bool agency = dice > 92;
    std::string out = R"({"op":")" + op + R"(","source":"//s)" + std::to_string(below(4)) +
                      R"(","id":")" + std::to_string(id) + R"(","subject":")" +
                      (agency ? "agency/" : "app/") + std::to_string(below(agency ? 3 : 40)) +
                      R"(","time":")" + base::to_rfc3339(now - hours(below(3))) + "\"";
    if (op != "remove") out += R"(,"data":)" + (agency ? R"({"code":"c"})" : data(now));
    return out + "}";
  }
  std::string data(base::Instant now) {
    std::string out = R"({"owner":")" + std::to_string(below(3)) + "\"";
    if (below(2) == 0) out += R"(,"approved":"x")";
    if (below(2) == 0) {
      out += R"(,"ends":")" + base::to_rfc3339(now + hours(below(100))) + "\"";
    }
    if (below(3) == 0) out += R"(,"needs":[")" + std::to_string(below(45)) + R"("])";
    return out + "}";
  }

  std::mt19937 random_;
  std::uint64_t made_ = 0;
};

// Events of so many elements, batch behind batch: each element once, then changes of random ones.
class Flow {
 public:
  explicit Flow(std::uint64_t elements) : elements_(elements) {}
  // All of them are durable when it returns; until then some always wait.
  void send(Pipeline& pipeline, std::uint64_t events, std::size_t delivery = kBatch) {
    std::promise<void> durable;
    std::vector<decode::Delivery> all;  // made before, so that they come as fast as they are taken
    for (std::uint64_t made = 0; made < events; made += delivery) {
      all.emplace_back();
      for (std::size_t i = 0; i < delivery; ++i) {
        all.back().items.push_back(decode::decode_one(event(), {"http", "", 0, 0}));
      }
    }
    all.back().done = [&](auto) { durable.set_value(); };
    for (decode::Delivery& one : all) ASSERT_TRUE(pipeline.intake().push(std::move(one)));
    durable.get_future().wait();
  }
  // In one batch, so many elements of each bucket from a place in it on.
  void change(Pipeline& pipeline, std::uint64_t first, std::uint64_t of_each) {
    std::vector<std::string> events;
    for (std::uint64_t bucket = 0; bucket < elements_ / kBucket; ++bucket) {
      for (std::uint64_t i = first; i < first + of_each; ++i) {
        events.push_back(event_of(bucket * kBucket + i));
      }
    }
    testing::deliver(pipeline, events);
  }

 private:
  std::string event() { return event_of(made_ < elements_ ? made_ : random_() % elements_); }
  std::string event_of(std::uint64_t element) {
    const std::string number = std::to_string(++made_);
    return R"({"op":"upsert","source":"//s","id":")" + number + R"(","subject":"app/)" +
           std::to_string(element) + R"(","time":")" + base::to_rfc3339(kBegin) +
           R"(","version":)" + number + R"(,"data":{"owner":"1","approved":")" + number + R"("}})";
  }

  const std::uint64_t elements_;
  std::uint64_t made_ = 0;
  std::mt19937 random_{3};
};

// The same input into both; one begins anew now and then.
void run(unsigned seed, ClockMode clock) {
  Side plain("patuh-plain-", {});
  Side with("patuh-snapshots-", {.tail_events = 40, .keep_months = 1});
  TestClock wall;
  RandomEvents events(seed);
  wall.set(clock == ClockMode::kWall ? kBegin : kBegin + hours(24 * 400));
  plain.open(clock, wall);
  with.open(clock, wall);
  base::Instant now = kBegin;
  std::uint64_t begun_at_snapshots = 0;
  for (int step = 0; step < 60; ++step) {
    now += std::chrono::minutes(events.below(3000));
    // What is imported lies in the past.
    wall.set(clock == ClockMode::kWall ? now : now + hours(24 * 400));
    if (step == 40 && clock == ClockMode::kEvent) {
      ASSERT_TRUE(plain.pipeline().clock_wall({"clock", "t", "", "wall"}));
      ASSERT_TRUE(with.pipeline().clock_wall({"clock", "t", "", "wall"}));
    }
    if (step > 0 && events.below(15) == 0) {
      for (Side* const side : {&plain, &with}) {
        EXPECT_TRUE(side->pipeline().baseline({"baseline", "t", "", "draw"}));
      }
    }
    const auto batch = events.some(now);
    plain.send(batch);
    with.send(batch);
    if (events.below(4) != 0) continue;
    with.close();
    const auto mode = step < 40 ? clock : ClockMode::kWall;
    ASSERT_NO_FATAL_FAILURE(with.open(mode, wall)) << "seed " << seed << ", step " << step;
    if (with.pipeline().view()->snapshots.seq.value > 0) ++begun_at_snapshots;
  }
  EXPECT_GT(begun_at_snapshots, 0U);
  plain.close();
  with.close();
  EXPECT_EQ(plain.history(), with.history()) << "seed " << seed;
}

TEST(Snapshots, ARecoveryFromOneGoesOnAsIfItHadNeverStopped) {
  for (unsigned seed = 1; seed <= 2; ++seed) run(seed, ClockMode::kWall);
}

TEST(Snapshots, SoItDoesUnderEventClockAndAfterIt) {
  for (unsigned seed = 11; seed <= 12; ++seed) run(seed, ClockMode::kEvent);
}

class SnapshotFolder : public ::testing::Test {
 protected:
  // Some hundred events with a snapshot behind most of them; with bulk, one of so many bytes at
  // each step besides.
  void fill(SnapshotOptions options, std::size_t bulk = 0) {
    side_ = std::make_unique<Side>("patuh-snapshot-", options);
    side_->open(ClockMode::kWall, wall_);
    RandomEvents events(5);
    for (int step = 0; step < 60; ++step) {
      wall_.set(wall_.now() + hours(events.below(60)));
      std::vector<std::string> some = events.some(wall_.now());
      if (bulk > 0) some.push_back(events.bulky(wall_.now(), bulk));
      side_->send(some);
      if (step % 10 == 9) side_->rest();
    }
    side_->rest();
    side_->close();
  }
  TestClock wall_;
  std::unique_ptr<Side> side_;
};

std::vector<std::string> verdicts(const engine::Engine& engine) {
  std::vector<std::string> out;
  engine.for_each_verdict([&](const engine::Verdict& v) {
    out.push_back(engine.book().rules[v.rule.value].id + " " +
                  engine.registry().key_of(v.element).text() + " " +
                  std::string(model::name_of(v.state)) + " " + base::to_rfc3339(v.since) + " " +
                  std::string(alerts::name_of(v.alert)));
  });
  return out;
}

TEST_F(SnapshotFolder, ReplayFromTheNearestGivesWhatTheWholeLogGives) {
  fill({.tail_events = 30, .keep_months = 12});
  EXPECT_GE(side_->snapshots(), 3U) << "one a month, and the newest";
  auto reader = store::Reader::open(side_->folder());
  ASSERT_TRUE(reader);
  for (base::Instant at = kBegin + hours(70); at < wall_.now(); at += hours(111)) {
    const auto near = replay(**reader, at);
    const auto whole = replay(**reader, at, {.from_the_beginning = true});
    ASSERT_TRUE(near && whole);
    EXPECT_EQ(verdicts(**near), verdicts(**whole)) << base::to_rfc3339(at);
    EXPECT_FALSE(verdicts(**whole).empty());
  }
}

TEST_F(SnapshotFolder, InAnEstateGreaterThanTheTailTheNextBeginsEarlier) {
  const auto due_at = [&](std::uint64_t tail) {
    side_ = std::make_unique<Side>("patuh-snapshot-", SnapshotOptions{.tail_events = tail});
    side_->open(ClockMode::kWall, wall_);
    RandomEvents events(5);
    for (int step = 0; step < 20; ++step) side_->send(events.some(wall_.now()));
    side_->rest();
    return side_->pipeline().view()->snapshots.due_at;
  };
  EXPECT_EQ(due_at(1000), 1000U) << "it is smaller";
  const std::uint64_t earlier = due_at(30);
  EXPECT_LT(earlier, 30U);
  EXPECT_GE(earlier, 6U);
  EXPECT_EQ(due_at(1), 1U);
  const std::uint64_t taken = side_->pipeline().view()->snapshots.taken;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // beyond the next view
  EXPECT_EQ(side_->pipeline().view()->snapshots.taken, taken) << "of nothing that came";
}

TEST_F(SnapshotFolder, WhileInputFlowsWithoutAPauseTheTailKeepsWithinBounds) {
  constexpr std::uint64_t kElements = 20 * kBucket;
  side_ = std::make_unique<Side>("patuh-snapshot-", SnapshotOptions{.tail_events = kElements / 2});
  side_->open(ClockMode::kWall, wall_);
  Flow flow(kElements);
  flow.send(side_->pipeline(), kElements);
  side_->rest();
  side_->close();
  side_->open(ClockMode::kWall, wall_);
  flow.send(side_->pipeline(), 40 * kBucket);
  const SnapshotStats stats = side_->pipeline().view()->snapshots;
  EXPECT_GE(stats.taken, 6U) << "or buckets were not written whole";
  EXPECT_LE(stats.longest_tail, stats.due_at + stats.due_at / 2 + 2 * (kBatch + 1));
  side_->rest();
  const std::uint64_t tail = side_->pipeline().view()->snapshots.tail;
  side_->close();
  side_->open(ClockMode::kWall, wall_);
  EXPECT_EQ(side_->pipeline().view()->snapshots.tail, tail) << "what a start applies";
}

TEST_F(SnapshotFolder, WhereMuchWaitsBatchesBringLessSoThatTheTailKeepsWithinBounds) {
  constexpr std::uint64_t kElements = 20 * kBucket;
  side_ = std::make_unique<Side>("patuh-snapshot-", SnapshotOptions{.tail_events = 4000});
  side_->open(ClockMode::kWall, wall_);
  Flow flow(kElements);
  flow.send(side_->pipeline(), kElements);
  side_->rest();
  // One delivery changes every row, and a snapshot of all of them begins behind it.
  const std::uint64_t before = side_->pipeline().view()->snapshots.tail + kElements;
  flow.change(side_->pipeline(), 0, kBucket);
  flow.send(side_->pipeline(), 10 * kBatch, 10);
  side_->rest();
  const SnapshotStats stats = side_->pipeline().view()->snapshots;
  EXPECT_GE(stats.longest_tail, kElements);
  EXPECT_LE(stats.longest_tail, before + stats.due_at / 2 + kBatch);
}

// So that a start reads no more than twice the estate, and one snapshot writes no more than twice
// what changed.
TEST_F(SnapshotFolder, BucketsAreWrittenWholeByTurns) {
  constexpr std::uint64_t kBuckets = 8;
  constexpr std::uint64_t kOfEach = 300;
  constexpr std::uint64_t kChanged = kBuckets * kOfEach;
  side_ = std::make_unique<Side>("patuh-snapshot-", SnapshotOptions{.tail_events = kChanged});
  side_->open(ClockMode::kWall, wall_);
  Flow flow(kBuckets * kBucket);
  flow.send(side_->pipeline(), kBuckets * kBucket);
  side_->rest();
  std::vector<std::uint64_t> rows;
  for (std::uint64_t round = 0; round < 3; ++round) {
    const std::uint64_t taken = side_->pipeline().view()->snapshots.taken;
    flow.change(side_->pipeline(), round * kOfEach, kOfEach);
    side_->rest();
    const SnapshotStats stats = side_->pipeline().view()->snapshots;
    ASSERT_EQ(stats.taken, taken + 1);
    rows.push_back(stats.rows);
    EXPECT_LE(stats.rows, 2 * kChanged + kBuckets) << "round " << round;
  }
  EXPECT_GT(std::ranges::max(rows), kChanged + kBucket) << "none was written whole";
}

TEST_F(SnapshotFolder, OneThatCannotBeUsedGivesWayToTheLog) {
  fill({.tail_events = 30, .keep_months = 0});
  const auto now_stands = [&] {
    const auto reader = store::Reader::open(side_->folder());
    return replay(**reader, base::kNever);
  };
  const auto stood = now_stands();
  ASSERT_TRUE(stood);
  EXPECT_EQ(side_->snapshots(), 1U);
  for (const char* const injury :
       {"UPDATE snapshots SET packed = head, packed_size = raw_size",
        "UPDATE snapshot_parts SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT min(id) "
        "FROM snapshot_parts)",
        "DELETE FROM snapshot_parts WHERE id = (SELECT min(id) FROM snapshot_parts)",
        "UPDATE snapshots SET entry = zeroblob(32)"}) {
    side_->execute(injury);
    const auto after = now_stands();
    ASSERT_TRUE(after) << injury;
    EXPECT_EQ(verdicts(**stood), verdicts(**after)) << injury;
  }
  // The next one builds on nothing of it.
  side_->open(ClockMode::kWall, wall_);
  RandomEvents events(6);
  for (int step = 0; step < 20; ++step) side_->send(events.some(wall_.now()));
  side_->rest();
  const auto now = side_->pipeline().ask([](const engine::Engine& e) { return verdicts(e); });
  side_->close();
  side_->open(ClockMode::kWall, wall_);
  EXPECT_GT(side_->pipeline().view()->snapshots.seq.value, 0U);
  EXPECT_EQ(side_->pipeline().ask([](const engine::Engine& e) { return verdicts(e); }), *now);
}

TEST_F(SnapshotFolder, ARowInABucketThatItDoesNotBelongToIsRefusedWithItsPlace) {
  fill({.tail_events = 30, .keep_months = 0});
  const auto trouble = [&]() -> std::string {
    const auto reader = store::Reader::open(side_->folder());
    const auto snapshots = (*reader)->snapshots();
    const auto form = check_snapshot(**reader, snapshots->front());
    return form ? "" : form.error().message;
  };
  ASSERT_EQ(trouble(), "");
  side_->execute("UPDATE snapshot_parts SET bucket = 3 WHERE space = 1");
  EXPECT_EQ(trouble(),
            "bucket of sources 3: the row of source 0 stands in it, which belongs to bucket 0");
  side_->execute("UPDATE snapshot_parts SET bucket = 0 WHERE space = 1");
  ASSERT_EQ(trouble(), "");
  side_->execute("UPDATE snapshot_parts SET bucket = 7 WHERE space = 0");
  const std::string of_elements = trouble();
  EXPECT_TRUE(of_elements.starts_with("bucket of elements 7: the row of place ")) << of_elements;
  EXPECT_TRUE(of_elements.ends_with(" stands in it, which belongs to bucket 0")) << of_elements;
}

TEST_F(SnapshotFolder, BodiesGoBehindOneAndThePastBeforeItIsSaidToBeGone) {
  fill({.tail_events = 30, .keep_months = 12, .keep_for = hours(24 * 20)});
  auto reader = store::Reader::open(side_->folder());
  ASSERT_TRUE(reader);
  const auto kept = (*reader)->kept();
  ASSERT_TRUE(kept);
  EXPECT_GT(kept->seq.value, 1U);
  EXPECT_LE(kept->from, wall_.now() - hours(24 * 20));
  const auto gone = replay(**reader, kept->from - hours(1));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, base::Code::kNotFound);
  EXPECT_TRUE(replay(**reader, kept->from));
  const auto audit = (*reader)->verify_chain();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->injuries.empty());
  EXPECT_GT(audit->deleted_bodies, 0U);
  ASSERT_NO_FATAL_FAILURE(side_->open(ClockMode::kWall, wall_)) << "recovery needs none of them";
}

// Bytes of the database after the same course, and the first record whose body is kept.
struct BySize {
  std::uint64_t used = 0;
  store::Kept kept{};
  std::vector<store::SnapshotInfo> snapshots{};  // newest first
};

class RetentionBySize : public SnapshotFolder {
 protected:
  // Bodies are most of it, so that one section of them more or less is seen in its size.
  BySize filled(SnapshotOptions options) {
    wall_.set(kBegin);
    fill(options, 20'000);
    const auto reader = store::Reader::open(side_->folder());
    EXPECT_TRUE((*reader)->verify_chain()->injuries.empty());
    return {(*reader)->used_bytes(), *(*reader)->kept(), *(*reader)->snapshots()};
  }
};

TEST_F(RetentionBySize, TheOldestBodiesGoWhileTheDatabaseIsTooLargeAndNoMore) {
  const BySize all = filled({.tail_events = 30, .keep_months = 12});
  EXPECT_EQ(all.kept.seq.value, 1U);
  const BySize roomy = filled({.tail_events = 30, .keep_months = 12, .keep_bytes = 2 * all.used});
  EXPECT_EQ(roomy.kept.seq.value, 1U) << "it is not too large";
  // What can go at all: everything behind the newest snapshot.
  const BySize least = filled({.tail_events = 30, .keep_months = 12, .keep_bytes = 1});
  EXPECT_EQ(least.kept.seq.value, least.snapshots.front().seq.value + 1);
  ASSERT_LT(least.used, all.used);
  const std::uint64_t most = (least.used + all.used) / 2;
  const BySize some = filled({.tail_events = 30, .keep_months = 12, .keep_bytes = most});
  EXPECT_LE(some.used, most);
  EXPECT_GT(some.kept.seq.value, 1U);
  const model::Seq behind(some.kept.seq.value - 1);
  EXPECT_LT(behind, some.snapshots.front().seq) << "more went than had to";
  EXPECT_EQ(std::ranges::count(some.snapshots, behind, &store::SnapshotInfo::seq), 1);
}

TEST_F(RetentionBySize, OnlyWhatLiesBehindTheOldestGoesWhereThatIsEnough) {
  const BySize all = filled({.tail_events = 30, .keep_months = 12});
  ASSERT_GE(all.snapshots.size(), 3U);
  side_->take({.tail_events = 30, .keep_months = 12, .keep_bytes = all.used - 50'000});
  ASSERT_NO_FATAL_FAILURE(side_->open(ClockMode::kWall, wall_));
  RandomEvents events(9);
  for (int step = 0; step < 10; ++step) side_->send(events.some(wall_.now()));
  side_->rest();
  side_->close();
  const auto reader = store::Reader::open(side_->folder());
  EXPECT_LE((*reader)->used_bytes(), all.used - 50'000);
  EXPECT_EQ((*reader)->kept()->seq.value, all.snapshots.back().seq.value + 1);
}

TEST_F(RetentionBySize, WithoutASnapshotNothingGoes) {
  const BySize found = filled({.tail_events = 0, .keep_bytes = 1});
  EXPECT_TRUE(found.snapshots.empty());
  EXPECT_EQ(found.kept.seq.value, 1U);
}

TEST_F(RetentionBySize, ItGoesOnFromWhatIsKept) {
  filled({.tail_events = 30, .keep_months = 12, .keep_bytes = 1});
  ASSERT_NO_FATAL_FAILURE(side_->open(ClockMode::kWall, wall_));
  RandomEvents events(7);
  for (int step = 0; step < 10; ++step) side_->send(events.some(wall_.now()));
}

}  // namespace
}  // namespace patuh::pipeline
