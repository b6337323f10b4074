// Episodes in their tail and in their table are one list to whoever reads.
#include "make.h"
#include "store/sqlite.h"

namespace patuh::store {
namespace {

Batch with_alerts(std::uint64_t n, const std::vector<AlertRow>& alerts) {
  Batch out = make_batch(n);
  out.alerts = alerts;
  return out;
}

AlertRow resolved(std::uint64_t number) {
  AlertRow out = make_alert(number);
  out.phase = Phase::kResolved;
  out.resolved = at(1000 + static_cast<std::int64_t>(number));
  return out;
}

// Every way of asking must agree.
std::string shown(Reader& reader) {
  std::string out;
  for (const AlertRow& row : must(reader.alerts_within(kAlways, base::kNever))) {
    out += row.element.id + ":" + std::string(name_of(row.phase)) + " ";
    EXPECT_EQ(must(reader.alert(row.key))->phase, row.phase);
  }
  std::size_t open = 0;
  for (const AlertRow& row : must(reader.open_alerts())) {
    EXPECT_NE(row.phase, Phase::kResolved) << row.key;
    ++open;
  }
  EXPECT_EQ(must(reader.counts()).open_alerts, open);
  return out;
}

TEST(AlertTail, TheNewestStateOfEachIsReadWhereverItStands) {
  const TemporaryFolder folder;
  auto store = open_store(folder);
  must(store->append(with_alerts(1, {make_alert(1), make_alert(2), make_alert(3)})));
  must(store->append(with_alerts(2, {resolved(2)})));
  const std::string first = "app-1:firing app-2:resolved app-3:firing ";
  EXPECT_EQ(shown(store->read()), first);
  must(store->idle());  // moves them
  EXPECT_EQ(shown(store->read()), first);
  must(store->append(with_alerts(3, {resolved(1), make_alert(4), resolved(4)})));
  const std::string then = "app-1:resolved app-2:resolved app-3:firing app-4:resolved ";
  EXPECT_EQ(shown(store->read()), then);
  store.reset();
  store = open_store(folder);  // knows what its tail holds
  EXPECT_EQ(shown(store->read()), then);
  must(store->append(with_alerts(4, {make_alert(4)})));
  must(store->idle());
  EXPECT_EQ(shown(store->read()), "app-1:resolved app-2:resolved app-3:firing app-4:firing ");
}

TEST(AlertTail, WhatWasRolledBackIsWrittenAgain) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  must(store->append(with_alerts(1, {make_alert(1)})));
  Batch refused = with_alerts(2, {resolved(1), make_alert(2)});
  refused.erased = {{Seq{7}, 0}};  // there is no such event
  EXPECT_FALSE(store->append(refused));
  EXPECT_EQ(shown(store->read()), "app-1:firing ");
  refused.erased.clear();
  must(store->append(refused));
  must(store->append(with_alerts(3, {make_alert(3)})));
  EXPECT_EQ(shown(store->read()), "app-1:resolved app-2:firing app-3:firing ");
}

TEST(AlertTail, ManyMoveByThemselves) {
  const TemporaryFolder folder;
  const auto store = open_store(folder);
  for (std::uint64_t batch = 0; batch < 3; ++batch) {
    std::vector<AlertRow> many;
    for (std::uint64_t n = 0; n < 3000; ++n) many.push_back(make_alert(batch * 3000 + n));
    must(store->append(with_alerts(batch + 1, many)));
  }
  const auto database = must(Database::open(folder.data() + "/patuh.db", Database::Access::kRead));
  Query left = database->query("SELECT count(*) FROM alert_tail");
  EXPECT_TRUE(must(left.row()));
  EXPECT_EQ(left.integer(0), 0);
  EXPECT_EQ(must(store->read().alerts_within(kAlways, base::kNever)).size(), 9000U);
}

}  // namespace
}  // namespace patuh::store
