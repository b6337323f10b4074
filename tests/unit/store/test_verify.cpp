#include <algorithm>

#include "make.h"
#include "store/rows.h"
#include "store/sqlite.h"

namespace patuh::store {
namespace {

constexpr std::uint64_t kSoundRun = 40;

// A store of kSoundRun batches, closed, to be injured by SQL.
class VerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = open_store(folder_);
    for (std::uint64_t n = 1; n <= kSoundRun; ++n) {
      must(store->append(make_batch(n)));
      entries_.push_back(store->chain_head().entry);
    }
  }
  void change(const char* sql) {
    const auto database =
        must(Database::open(folder_.data() + "/patuh.db", Database::Access::kWrite));
    must(database->execute(sql));
  }
  Verification verify(std::optional<base::Digest> expected = std::nullopt) {
    return must(open_reader(folder_)->verify_chain(expected));
  }
  // Exactly this record is named.
  void expect_names(std::uint64_t seq) {
    const Verification found = verify();
    ASSERT_FALSE(found.injuries.empty());
    for (const Verification::Injury& injury : found.injuries) {
      EXPECT_EQ(injury.seq, Seq{seq}) << injury.message;
    }
  }
  TemporaryFolder folder_;
  std::vector<base::Digest> entries_;
};

TEST_F(VerifyTest, AWholeStoreHasNoInjury) {
  const Verification found = verify();
  EXPECT_TRUE(found.injuries.empty());
  EXPECT_EQ(found.records, kSoundRun);
  EXPECT_EQ(found.events, events_in(kSoundRun));
  EXPECT_EQ(found.transitions, transitions_in(kSoundRun));
  EXPECT_EQ(found.head.seq, Seq{kSoundRun});
  EXPECT_EQ(found.head.entry, entries_.back());
  EXPECT_FALSE(found.expected_at);
}

TEST_F(VerifyTest, AHeadKeptElsewhereIsFoundWhereItWas) {
  const Verification found = verify(entries_[24]);
  EXPECT_TRUE(found.injuries.empty());
  EXPECT_EQ(found.expected_at, Seq{25});
}

TEST_F(VerifyTest, ALogCutAtItsEndLacksTheHeadThatWasKept) {
  change(
      "DELETE FROM records WHERE seq = 40; DELETE FROM bodies WHERE seq = 40;"
      "DELETE FROM event_digests WHERE seq = 40; DELETE FROM transitions WHERE seq = 40;"
      "DELETE FROM quarantine WHERE seq = 40;");
  EXPECT_FALSE(verify().expected_at);
  const Verification found = verify(entries_.back());
  ASSERT_FALSE(found.injuries.empty());
  EXPECT_FALSE(found.expected_at);
}

TEST_F(VerifyTest, AChangedByteInABodyNamesItsRecord) {
  for (const std::uint64_t seq : {1U, 13U, 40U}) {
    // The last byte of the compressed body, turned over.
    const std::string at = std::to_string(seq);
    change(("UPDATE bodies SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || "
            "CASE hex(substr(bytes, -1)) WHEN '00' THEN x'01' ELSE x'00' END AS BLOB) "
            "WHERE seq = " +
            at)
               .c_str());
    const Verification found = verify();
    ASSERT_FALSE(found.injuries.empty());
    EXPECT_TRUE(std::ranges::any_of(found.injuries, [&](const Verification::Injury& injury) {
      return injury.seq == Seq{seq};
    }));
  }
}

TEST_F(VerifyTest, AChangedEventIsNamedByItsPlace) {
  // Bodies of another record with as many events: all of it differs, each event is named.
  change(
      "UPDATE bodies SET (raw_size, bytes) = "
      "(SELECT raw_size, bytes FROM bodies WHERE seq = 11) WHERE seq = 4");
  const Verification found = verify();
  std::vector<std::uint32_t> places;
  for (const Verification::Injury& injury : found.injuries) {
    if (injury.seq == Seq{4} && injury.event) places.push_back(*injury.event);
  }
  EXPECT_EQ(places, (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST_F(VerifyTest, ADeletedRecordIsNamed) {
  change("DELETE FROM records WHERE seq = 17");
  expect_names(17);
}

TEST_F(VerifyTest, TheOldestBodiesMayBeDeletedAndAreCounted) {
  change("DELETE FROM bodies WHERE seq <= 10");
  const Verification found = verify();
  EXPECT_TRUE(found.injuries.empty());
  EXPECT_EQ(found.deleted_bodies, 10U);
  const auto record = must(open_reader(folder_)->record(Seq{10}));
  EXPECT_TRUE(record->body_deleted);
  EXPECT_EQ(record->event_count, 3U);
  EXPECT_TRUE(record->record.events.empty());
}

TEST_F(VerifyTest, ABodyThatIsNotThereThoughOlderOnesAreIsNamed) {
  change("DELETE FROM bodies WHERE seq = 10");
  expect_names(10);
}

TEST_F(VerifyTest, ALongLogIsLookedThroughInStretchesAndNothingAtTheirBordersIsMissed) {
  {
    const auto store = open_store(folder_);
    for (std::uint64_t n = kSoundRun + 1; n <= 200; ++n) must(store->append(make_batch(n)));
  }
  EXPECT_TRUE(verify().injuries.empty());
  EXPECT_EQ(verify().events, events_in(200));
  // Two threads or more: the first of them ends with record 100, or with a part of it.
  for (const std::uint64_t seq : {25U, 50U, 66U, 67U, 75U, 100U, 101U, 133U, 134U, 150U, 175U}) {
    const std::string where = " WHERE seq = " + std::to_string(seq);
    change(("UPDATE records SET now = now + 1" + where).c_str());
    expect_names(seq);
    change(("UPDATE records SET now = now - 1" + where).c_str());
  }
  change("DELETE FROM bodies WHERE seq = 150");
  expect_names(150);
}

TEST_F(VerifyTest, ChangedColumnsOfARecordAreNamed) {
  for (const char* sql :
       {"UPDATE records SET now = now + 1 WHERE seq = 22",
        "UPDATE records SET now = now - 1 WHERE seq = 22",
        "UPDATE records SET kind = 3 WHERE seq = 22", "UPDATE records SET kind = 99 WHERE seq = 22",
        "UPDATE records SET events = events + 1 WHERE seq = 22",
        "UPDATE records SET alerts = 5 WHERE seq = 22",
        "UPDATE records SET entry = x'00' WHERE seq = 22",
        "UPDATE records SET entry = randomblob(32) WHERE seq = 22",
        "UPDATE records SET digests = randomblob(192) WHERE seq = 22",
        "UPDATE event_digests SET digests = x'' WHERE seq = 22",
        "UPDATE transitions SET bytes = x'00' WHERE seq = 22",
        "UPDATE transitions SET seq = 21 WHERE seq = 22"}) {
    SCOPED_TRACE(sql);
    const auto database =
        must(Database::open(folder_.data() + "/patuh.db", Database::Access::kWrite));
    must(
        database->execute("DROP TABLE IF EXISTS keep_r; DROP TABLE IF EXISTS keep_e;"
                          "DROP TABLE IF EXISTS keep_t;"
                          "CREATE TABLE keep_r AS SELECT * FROM records WHERE seq = 22;"
                          "CREATE TABLE keep_e AS SELECT * FROM event_digests WHERE seq = 22;"
                          "CREATE TABLE keep_t AS SELECT * FROM transitions WHERE seq = 22;"));
    must(database->execute(sql));
    const Verification found = verify();
    EXPECT_FALSE(found.injuries.empty());
    // A count that is wrong moves what follows out of place as well: the first is the one.
    if (!found.injuries.empty()) {
      EXPECT_EQ(found.injuries.front().seq, Seq{22});
    }
    must(
        database->execute("REPLACE INTO records SELECT * FROM keep_r;"
                          "REPLACE INTO event_digests SELECT * FROM keep_e;"
                          "REPLACE INTO transitions SELECT * FROM keep_t;"));
    EXPECT_TRUE(verify().injuries.empty());
  }
}

TEST_F(VerifyTest, SwappedTransitionsAreNamed) {
  // Records 23 and 27 have three transitions each.
  change(
      "CREATE TABLE keep AS SELECT seq, raw_size, bytes FROM transitions WHERE seq IN (23, 27);"
      "UPDATE transitions SET (raw_size, bytes) = (SELECT raw_size, bytes FROM keep WHERE seq = "
      "27) "
      "WHERE seq = 23;"
      "UPDATE transitions SET (raw_size, bytes) = (SELECT raw_size, bytes FROM keep WHERE seq = "
      "23) "
      "WHERE seq = 27;");
  const Verification found = verify();
  ASSERT_EQ(found.injuries.size(), 2U);
  EXPECT_EQ(found.injuries[0].seq, Seq{23});
  EXPECT_EQ(found.injuries[1].seq, Seq{27});
}

TEST_F(VerifyTest, InsertedRowsAreNamed) {
  change("INSERT INTO bodies VALUES(500, 0, x'')");
  expect_names(500);
  change("DELETE FROM bodies WHERE seq = 500");
  change(
      "INSERT INTO quarantine SELECT NULL, 8, at, redriven, reason, message, channel, topic, part, "
      "place, size, sha256, source, event, kept_sha256, bytes, redriven_by, redriven_result "
      "FROM quarantine LIMIT 1");
  expect_names(8);
}

TEST_F(VerifyTest, AlertsBesideTheLogAreHeldAgainstItInTheirTailAndInTheirTable) {
  change("INSERT INTO alerts SELECT " PATUH_STORE_ALERT_COLUMNS
         " FROM alert_tail WHERE element <> 'app-3'; "
         "DELETE FROM alert_tail WHERE element <> 'app-3'");
  EXPECT_TRUE(verify().injuries.empty());
  // 39 and 36 are the last batches that wrote these episodes.
  change("UPDATE alert_tail SET resolved = NULL, phase = 2, severity = 0");
  expect_names(39);
  change("DELETE FROM alert_tail");
  expect_names(39);
}

TEST_F(VerifyTest, AnAlertChangedInItsTableIsNamed) {
  must(open_store(folder_)->idle());
  change("UPDATE alerts SET phase = 2, severity = 0 WHERE element = 'app-0'");
  expect_names(36);
}

TEST_F(VerifyTest, WhatAnAlertsFlagCannotBeIsNamed) {
  must(open_store(folder_)->idle());
  change("UPDATE alerts SET told = told + 1000 WHERE element = 'app-0'");
  expect_names(36);
}

TEST_F(VerifyTest, AMovedOffsetIsNamed) {
  change("UPDATE offsets SET next = next + 1 WHERE part = 1");
  expect_names(40);
}

TEST_F(VerifyTest, AChangedQuarantinedInputIsNamed) {
  change("UPDATE quarantine SET bytes = x'00' WHERE seq = 15");
  expect_names(15);
  change("UPDATE quarantine SET bytes = NULL WHERE seq = 15");
  EXPECT_TRUE(verify().injuries.empty()) << "erased bytes leave the chain whole";
  change("UPDATE quarantine SET reason = 'wrong-type' WHERE seq = 15");
  expect_names(15);
  change("DELETE FROM quarantine WHERE seq = 15");
  expect_names(15);
}

}  // namespace
}  // namespace patuh::store
