// What the indexes say of an instant is what the engine answered then, and what a replay gives.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

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
marks = { type = "list", of = "int" }
ends = { type = "timestamp" })toml";

// The second book: another severity and grace, a rule withdrawn and a new one.
std::shared_ptr<const rulebook::RuleBook> book(bool second) {
  std::string rules =
      testing::rule_of("R-1", second ? "high" : "critical", "filled(self.approved)",
                       second ? "grace = \"90h\"\n" : "grace = \"30h\"\n") +
      testing::rule_of(
          "R-3", "high", "related(self, 'needs').all(n, filled(n.approved))",
          "grace = \"36h\"\noccurrence = \"string(count(related(self, 'needs')))\"\n") +
      testing::rule_of("R-5", "medium", "self.ends > now", "mode = \"shadow\"\n");
  rules +=
      second ? testing::rule_of("R-4", "medium", "filled(self.ends)")
             : testing::rule_of("R-2", "low", "self.ends > now", "when = \"filled(self.ends)\"\n");
  return testing::book_of(
      testing::schema_of_apps(kAttributes, "needs = { to = \"app\", many = true }"), rules);
}

const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");

std::string text_of(std::string_view rule, const model::ElementKey& element,
                    model::VerdictState state, base::Instant since, base::Instant due,
                    const std::string& occurrence, bool inherited) {
  return std::string(rule) + " " + element.text() + " " + std::string(model::name_of(state)) +
         " since " + base::to_rfc3339(since) + " due " +
         (due == base::kNever ? "never" : base::to_rfc3339(due)) + " " + occurrence +
         (inherited ? " inherited" : "");
}

std::string text_of(const engine::Tallies& tallies) {
  std::string out;
  const auto add = [&](const std::string& name, const model::Tally& tally) {
    out += name + ":";
    for (const auto* const part : {&tally.compliant, &tally.violating, &tally.undetermined,
                                   &tally.waived, &tally.overdue, &tally.inherited}) {
      for (const std::int64_t count : *part) out += " " + std::to_string(count);
    }
    out += "\n";
  };
  for (const auto& [code, domains] : tallies.agencies) {
    for (const auto& [domain, tally] : domains) add(code + "/" + domain, tally);
  }
  for (const auto& [rule, tally] : tallies.rules) add(rule, tally);
  return out;
}

// An element by its own words.
std::string text_of(const registry::Registry& registry, model::ElementRef element,
                    std::string_view agency) {
  std::string out = registry.key_of(element).text() + " of " + std::string(agency) +
                    (registry.is_stub(element) ? " stub" : "") + " " +
                    base::to_rfc3339(registry.changed_at(element));
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  for (std::size_t i = 0; i < kind.fields.size(); ++i) {
    const model::FieldId field(static_cast<std::uint16_t>(i));
    out += " " + kind.fields[i].name + "=";
    if (kind.fields[i].is_relation()) {
      std::vector<std::string> ends;
      for (const model::ElementRef end : registry.related(element, field)) {
        ends.push_back(registry.key_of(end).text());
      }
      std::ranges::sort(ends);
      for (const std::string& end : ends) out += end + ",";
    } else if (registry.has(element, field)) {
      out += expr::to_text(registry.value(element, field)) + " by " +
             std::string(registry.writer_of(element, field));
    }
  }
  for (const auto& [name, json] : registry.unknown_of(element)) out += " " + name + "=" + json;
  return out;
}

// What the engine answered at an instant.
struct Answered {
  base::Instant at{};
  std::string tallies;
  std::uint64_t elements = 0, stubs = 0, pairs = 0;
  std::map<std::string, std::string> agencies;               // code to its name
  std::map<std::string, std::vector<std::string>> owed;      // by agency
  std::map<std::string, std::string> texts;                  // by kind/id
  std::map<std::string, std::vector<std::string>> verdicts;  // likewise
};

Answered answers_of(const engine::Engine& engine, base::Instant at) {
  Answered out;
  out.at = at;
  out.tallies = text_of(engine.tallies());
  const engine::Stats stats = engine.stats();
  out.elements = stats.registry.elements;
  out.stubs = stats.registry.stubs;
  out.pairs = stats.pairs;
  for (const auto& [code, agency] : agencies_of(engine)) out.agencies[code] = agency.name;
  const registry::Registry& registry = engine.registry();
  const auto text = [&](const engine::Verdict& v) {
    return text_of(engine.book().rules[v.rule.value].id, registry.key_of(v.element), v.state,
                   v.since, v.due, v.occurrence, v.inherited);
  };
  for (const auto& [code, domains] : engine.tallies().agencies) {
    auto& owed = out.owed[code];
    for (const engine::Verdict& v : engine.owed_by(code)) owed.push_back(text(v));
    std::ranges::sort(owed);
  }
  registry.for_each(std::nullopt, [&](model::ElementRef element) {
    const std::string key = registry.key_of(element).text();
    out.texts[key] = text_of(registry, element, registry.agency_code(element));
    for (const engine::Verdict& v : engine.verdicts_of(element)) {
      out.verdicts[key].push_back(text(v));
    }
  });
  return out;
}

class Keeper {
 public:
  Keeper(unsigned seed, ClockMode clock, SnapshotOptions snapshots)
      : random_(seed), clock_(clock), snapshots_(snapshots) {
    folder_ = fs::path(::testing::TempDir()) / ("patuh-past-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    open();
  }
  ~Keeper() {
    close();
    fs::remove_all(folder_);
  }

  void step() {
    now_ += std::chrono::minutes(240 + below(3000));  // later than any event before
    wall_.set(clock_ == ClockMode::kWall ? now_ : now_ + hours(24 * 400));
    std::vector<std::string> events(1 + below(12));
    for (std::string& one : events) one = event();
    send(events);
    note();
    if (below(6) == 0) {
      close();
      open();
    }
    if (below(20) == 0) {
      second_ = !second_;
      EXPECT_TRUE(pipeline_->activate(book(second_), {"reload", "t", "", ""}));
      note();
    }
    if (below(12) == 0) {
      // What was put off is judged before it, at the instant that was noted.
      if (*pipeline_->ask([](const engine::Engine& e) { return e.stats().backlog; }) > 0) {
        answered_.pop_back();
      }
      const bool lifts = below(3) == 0;
      const auto done = pipeline_->baseline({"baseline", "t", "", lifts ? "lift" : "draw"});
      EXPECT_TRUE(done || done.error().code == base::Code::kConflict) << done.error().message;
      note();
    }
  }
  void open() {
    auto store = store::Store::open(folder_.string(), {});
    ASSERT_TRUE(store) << store.error().message;
    Options options;
    options.clock = clock_;
    options.wall = &wall_;
    options.stop_at_disagreement = true;
    options.jump_stays = std::chrono::milliseconds(0);
    options.snapshots = snapshots_;
    options.engine.slice = 5;
    auto opened = Pipeline::open(std::move(*store), book(second_), options);
    ASSERT_TRUE(opened) << opened.error().message;
    pipeline_ = std::move(*opened);
    pipeline_->start();
  }
  void close() {
    if (pipeline_) pipeline_->stop();
    pipeline_.reset();
  }
  std::string folder() const { return folder_.string(); }
  const std::vector<Answered>& answered() const { return answered_; }
  void execute(const char* sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "patuh.db").c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void send(const std::vector<std::string>& events) {
    EXPECT_EQ(testing::deliver(*pipeline_, events).size(), events.size());
  }

  // Only the last answer of an instant counts: a later record may have the same one.
  void note() {
    // Pairs that were put off are judged by and by, at the same instant.
    while (clock_ == ClockMode::kWall &&
           *pipeline_->ask([](const engine::Engine& e) { return e.stats().backlog; }) > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto answer = pipeline_->ask(
        [](const engine::Engine& engine) { return answers_of(engine, engine.now()); });
    ASSERT_TRUE(answer) << answer.error().message;
    if (!answered_.empty() && answered_.back().at == answer->at) answered_.pop_back();
    answered_.push_back(*answer);
  }

  std::string event() {
    const std::uint64_t dice = below(100);
    const std::uint64_t id = dice < 10 && made_ > 5 ? made_ - below(5) : ++made_;
    const std::string op = dice < 8 ? "remove" : dice < 40 ? "patch" : "upsert";
    const bool agency = dice > 88;
    std::string out = R"({"op":")" + op + R"(","source":"//s)" + std::to_string(below(3)) +
                      R"(","id":")" + std::to_string(id) + R"(","subject":")" +
                      (agency ? "agency/" : "app/") + std::to_string(below(agency ? 3 : 40)) +
                      R"(","time":")" + base::to_rfc3339(now_ - hours(below(3))) + "\"";
    if (op != "remove") {
      out += R"(,"data":)" + (agency ? R"({"code":"c)" + std::to_string(below(4)) +
                                           R"(","nama":"n)" + std::to_string(below(3)) + "\"}"
                                     : data());
    }
    return out + "}";
  }
  std::string data() {
    std::string out = "{\"drift\":" + std::to_string(below(3));
    if (below(4) != 0) out += R"(,"owner":")" + std::to_string(below(3)) + "\"";
    if (below(2) == 0) out += R"(,"approved":"x")";
    if (below(3) == 0) out += R"(,"marks":[1,)" + std::to_string(below(9)) + "]";
    if (below(2) == 0) {
      out += R"(,"ends":")" + base::to_rfc3339(now_ + hours(below(100))) + "\"";
    }
    if (below(3) == 0) {
      out += R"(,"needs":[")" + std::to_string(below(45)) + R"(",")" + std::to_string(50) + R"("])";
    }
    return out + "}";
  }

  std::mt19937 random_;
  const ClockMode clock_;
  SnapshotOptions snapshots_;
  fs::path folder_;
  TestClock wall_;
  base::Instant now_ = kBegin;
  std::uint64_t made_ = 0;
  bool second_ = false;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<Answered> answered_;
};

class Oracle {
 public:
  explicit Oracle(const std::string& folder) : reader_(*store::Reader::open(folder)) {}

  void check(const Answered& was, base::Instant at) {
    SCOPED_TRACE(base::to_rfc3339(at) + " as at " + base::to_rfc3339(was.at));
    const auto view = past_.view(at);
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(text_of(view->tallies), was.tallies);
    EXPECT_EQ(view->elements, was.elements);
    EXPECT_EQ(view->stubs, was.stubs);
    EXPECT_EQ(view->pairs, was.pairs);
    std::map<std::string, std::string> names;
    for (const auto& [code, agency] : view->agencies) names[code] = agency.name;
    EXPECT_EQ(names, was.agencies);
    for (const auto& [code, owed] : was.owed) {
      const auto pairs = past_.owed_by(*view, code, at);
      ASSERT_TRUE(pairs) << pairs.error().message;
      std::vector<std::string> texts;
      for (const PastPair& one : *pairs) texts.push_back(text(one));
      std::ranges::sort(texts);
      EXPECT_EQ(texts, owed) << code;
      open_ += texts.size();
    }
  }

  void check_elements(const Answered& was, base::Instant at) {
    SCOPED_TRACE(base::to_rfc3339(at) + " as at " + base::to_rfc3339(was.at));
    for (int i = 0; i < 45; ++i) check_element(was, {"app", std::to_string(i)}, at);
    for (int i = 0; i < 3; ++i) check_element(was, {"agency", std::to_string(i)}, at);
  }

  store::Reader& reader() { return *reader_; }
  Past& past() { return past_; }
  std::uint64_t open() const { return open_; }
  std::uint64_t elements() const { return elements_; }

 private:
  static std::string text(const PastPair& one) {
    return text_of(one.rule->id, one.pair.element, one.pair.state, one.pair.since, one.due,
                   one.pair.occurrence, one.inherited);
  }

  void check_element(const Answered& was, const model::ElementKey& key, base::Instant at) {
    const auto found = past_.element(key, at);
    ASSERT_TRUE(found) << found.error().message;
    const auto stood = was.texts.find(key.text());
    if (!*found) {
      // Only what others refer to is not known here.
      if (stood != was.texts.end()) {
        EXPECT_NE(stood->second.find(" stub "), std::string::npos) << stood->second;
        EXPECT_EQ(stood->second.find(" by "), std::string::npos) << stood->second;
      }
      return;
    }
    ++elements_;
    ASSERT_NE(stood, was.texts.end())
        << key.text()
        << " was not there: " << text_of(*(*found)->registry, (*found)->element, (*found)->agency);
    const std::string words = text_of(*(*found)->registry, (*found)->element, (*found)->agency);
    // Whose a stub is that names nobody, others say.
    const bool is_nobodys =
        words.find(" stub ") != std::string::npos && words.find(" owner= ") != std::string::npos;
    if (is_nobodys) {
      EXPECT_EQ(words.substr(words.find(" approved=")),
                stood->second.substr(stood->second.find(" approved=")));
    } else {
      EXPECT_EQ(words, stood->second);
    }
    const auto verdicts = was.verdicts.find(key.text());
    std::vector<std::string> texts;
    for (const PastPair& one : (*found)->pairs) texts.push_back(text(one));
    std::vector<std::string> missing;
    std::vector<std::string> live =
        verdicts == was.verdicts.end() ? std::vector<std::string>{} : verdicts->second;
    std::ranges::sort(live);
    std::ranges::sort(texts);
    std::ranges::set_difference(live, texts, std::back_inserter(missing));
    for (const std::string& one : missing) {
      EXPECT_NE(one.find(" compliant "), std::string::npos) << one;
    }
    EXPECT_TRUE(std::ranges::includes(live, texts)) << ::testing::PrintToString(texts);
  }

  std::unique_ptr<store::Reader> reader_;
  Books books_;
  Past past_{*reader_, books_};
  std::uint64_t open_ = 0, elements_ = 0;
};

ReplayOptions replay_options() {
  ReplayOptions out;
  out.engine.slice = 5;
  return out;
}

void run(unsigned seed, ClockMode clock) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Keeper keeper(seed, clock, {.tail_events = 60, .keep_months = 24});
  for (int step = 0; step < 70; ++step) ASSERT_NO_FATAL_FAILURE(keeper.step());
  keeper.close();
  Oracle oracle(keeper.folder());
  const std::vector<Answered>& answered = keeper.answered();
  for (std::size_t i = 0; i < answered.size(); ++i) {
    oracle.check(answered[i], answered[i].at);
    if (i % 7 == 3) oracle.check_elements(answered[i], answered[i].at);
    if (i % 9 == 4) {
      const auto engine = replay(oracle.reader(), answered[i].at, replay_options());
      ASSERT_TRUE(engine) << engine.error().message;
      EXPECT_EQ(text_of((*engine)->tallies()), answered[i].tallies);
    }
  }
  oracle.check(answered.back(), base::kNever);
  EXPECT_GT(oracle.open(), 1000U);
  EXPECT_GT(oracle.elements(), 100U);
}

TEST(Past, IsWhatTheEngineAnsweredThen) {
  for (unsigned seed = 1; seed <= 4; ++seed) run(seed, ClockMode::kWall);
}

TEST(Past, SoItIsUnderEventClock) {
  for (unsigned seed = 11; seed <= 14; ++seed) run(seed, ClockMode::kEvent);
}

// Under event clock a record holds many instants: each of them can be asked for.
TEST(Past, BetweenTheEventsOfARecord) {
  Keeper keeper(21, ClockMode::kEvent, {.tail_events = 60, .keep_months = 24});
  for (int step = 0; step < 30; ++step) ASSERT_NO_FATAL_FAILURE(keeper.step());
  keeper.close();
  Oracle oracle(keeper.folder());
  std::set<base::Instant> instants;
  for (auto records = oracle.reader().records();;) {
    const auto record = records.next();
    ASSERT_TRUE(record);
    if (!*record) break;
    base::Instant now{};
    for (const model::Envelope& event : (*record)->record.events) {
      now = std::max(now, *event.time);
      instants.insert(now);
    }
  }
  EXPECT_GT(instants.size(), 30U);
  int asked = 0;
  for (const base::Instant at : instants) {
    if (++asked % 3 != 0 || at < kBegin) continue;
    const auto engine = replay(oracle.reader(), at, replay_options());
    ASSERT_TRUE(engine) << engine.error().message;
    // Time did not stand still for the engine: it is asked at instants at which events came.
    const Answered then = answers_of(**engine, at);
    const auto view = oracle.past().view(at);
    ASSERT_TRUE(view);
    EXPECT_EQ(text_of(view->tallies), then.tallies) << base::to_rfc3339(at);
    oracle.check_elements(then, at);
  }
}

// A release that knows no places by their marks took the snapshots: they are looked through, and
// nothing is built on them.
TEST(Past, WithoutPlacesByMarksElementsAreFoundAllTheSame) {
  Keeper keeper(41, ClockMode::kWall, {.tail_events = 30, .keep_months = 24});
  for (int step = 0; step < 60; ++step) ASSERT_NO_FATAL_FAILURE(keeper.step());
  keeper.close();
  const auto with_places = [&] {
    const auto reader = *store::Reader::open(keeper.folder());
    const auto snapshots = reader->snapshots();
    const auto has_them = std::ranges::count_if(
        *snapshots, [&](const store::SnapshotInfo& info) { return *reader->has_places(info.id); });
    return std::pair(static_cast<std::size_t>(has_them), snapshots->size());
  };
  const std::size_t snapshots = with_places().second;
  ASSERT_GE(snapshots, 2U) << "one a month, and the newest, as batches come to be cut";
  EXPECT_EQ(with_places().first, snapshots);
  Oracle(keeper.folder()).check_elements(keeper.answered().back(), keeper.answered().back().at);
  keeper.execute("DELETE FROM snapshot_parts WHERE space = 4");
  EXPECT_EQ(with_places().first, 0U);
  const auto check_all = [&] {
    Oracle oracle(keeper.folder());
    for (std::size_t i = 0; i < keeper.answered().size(); i += 5) {
      oracle.check_elements(keeper.answered()[i], keeper.answered()[i].at);
    }
    EXPECT_GT(oracle.elements(), 100U);
  };
  check_all();
  keeper.open();
  for (int step = 0; step < 30; ++step) ASSERT_NO_FATAL_FAILURE(keeper.step());
  keeper.close();
  EXPECT_GT(with_places().first, 0U);
  check_all();
}

TEST(Past, WhatIsNotKeptHasAnOldestInstant) {
  Keeper keeper(31, ClockMode::kWall,
                {.tail_events = 30, .keep_months = 24, .keep_for = hours(24 * 20)});
  for (int step = 0; step < 60; ++step) ASSERT_NO_FATAL_FAILURE(keeper.step());
  keeper.close();
  Oracle oracle(keeper.folder());
  const auto oldest = oracle.past().oldest();
  const auto of_elements = oracle.past().oldest_of_elements();
  ASSERT_TRUE(oldest && of_elements);
  EXPECT_GT(*of_elements, *oldest) << "bodies are gone";
  EXPECT_EQ(oracle.past().view(*oldest - seconds(1)).error().code, base::Code::kNotFound);
  EXPECT_EQ(oracle.past().element({"app", "1"}, *of_elements - seconds(1)).error().code,
            base::Code::kNotFound);
  for (const Answered& was : keeper.answered()) {
    if (was.at >= *oldest) oracle.check(was, was.at);  // what agencies owed outlives the bodies
    if (was.at >= *of_elements) oracle.check_elements(was, was.at);
  }
}

}  // namespace
}  // namespace patuh::pipeline
