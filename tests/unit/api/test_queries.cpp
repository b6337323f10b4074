// What lists and answers say of pairs that wait to be judged again.
#include "api/queries.h"

#include <gtest/gtest.h>

#include "api/write.h"
#include "collectors/decode/decode.h"
#include "tests/unit/pack.h"

namespace patuh::api {
namespace {

constexpr base::Instant kNow{std::chrono::hours(500'000)};

std::shared_ptr<const rulebook::RuleBook> book(const std::string& require) {
  return testing::book_of(
      testing::schema_of_apps("approved = { type = \"string\" }"),
      "[[rule]]\nid = \"R\"\nkind = \"app\"\nseverity = \"high\"\nrequire = \"" + require +
          "\"\ntitle.id = \"t\"\nremedy.id = \"r\"\nmessage.id = \"m\"\n");
}

// Five apps without an approval; one pair is judged with a record, and one behind it.
engine::Engine engine_of_five() {
  engine::Options options;
  options.slice = 1;
  engine::Engine engine(book("filled(self.approved)"), options);
  for (int i = 0; i < 5; ++i) {
    const model::Envelope envelope{.type = "upsert",
                                   .source = "s",
                                   .id = std::to_string(i),
                                   .time = kNow,
                                   .version = i + 1,
                                   .subject = "app/a" + std::to_string(i),
                                   .data = "{}",
                                   .position = {}};
    engine.apply(kNow, *decode::interpret(envelope, *engine.book().schema));
  }
  return engine;
}

TEST(Queries, WhatWaitsShowsTheVerdictThatStoodAndSaysSo) {
  engine::Engine engine = engine_of_five();
  ASSERT_EQ(engine.stats().backlog, 0U);
  const auto pending = [&] {
    std::vector<std::string> out;
    for (const Item& item : items_of(engine, {}).items) {
      if (item.pending) out.push_back(item.element);
    }
    return out;
  };
  EXPECT_TRUE(pending().empty());
  engine.activate(kNow, book("!filled(self.approved)"));
  EXPECT_EQ(pending(), (std::vector<std::string>{"app/a1", "app/a2", "app/a3", "app/a4"}));
  EXPECT_EQ(items_of(engine, {}).items.size(), 4U);
  const auto waiting = verdict_of(engine, "R", "app", "a3");
  EXPECT_TRUE(waiting->item.pending);
  EXPECT_EQ(waiting->item.state, model::VerdictState::kViolating);
  EXPECT_EQ(waiting->require, "!filled(self.approved)");
  EXPECT_TRUE(element_of(engine, "app", "a3")->verdicts[0].pending);
  EXPECT_FALSE(element_of(engine, "app", "a0")->verdicts[0].pending);
  while (engine.next_wake() == engine.now()) engine.advance(engine.now() + base::Duration(1));
  EXPECT_TRUE(items_of(engine, {}).items.empty());
  EXPECT_FALSE(verdict_of(engine, "R", "app", "a3")->item.pending);
}

// As the pipeline shows it behind a record.
std::string agencies_of(const engine::Engine& engine) {
  pipeline::View view;
  view.now = engine.now();
  view.book = engine.shared_book();
  view.tallies = std::make_shared<const engine::Tallies>(engine.tallies());
  view.pending = engine.pending();
  return agencies_json(summary_of(view).agencies);
}

TEST(Queries, AnAgencyShowsHowManyOfItsPairsWait) {
  engine::Engine engine = engine_of_five();
  EXPECT_NE(agencies_of(engine).find("\"pending\":0,"), std::string::npos);
  engine.activate(kNow, book("!filled(self.approved)"));
  EXPECT_NE(agencies_of(engine).find("\"pending\":4,"), std::string::npos);
  engine.advance(engine.now() + base::Duration(1));
  EXPECT_NE(agencies_of(engine).find("\"pending\":3,"), std::string::npos);
  while (engine.next_wake() == engine.now()) engine.advance(engine.now() + base::Duration(1));
  EXPECT_NE(agencies_of(engine).find("\"pending\":0,"), std::string::npos);
}

}  // namespace
}  // namespace patuh::api
