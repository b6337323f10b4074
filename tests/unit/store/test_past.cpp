// The past by index: what agencies owed, which records hold an element's events, outlines.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "make.h"
#include "store/schema.h"

namespace patuh::store {
namespace {

using model::VerdictState;

// One is without a code; none stands for all.
constexpr std::array<std::string_view, 3> kAgencies = {"a0", "", "*"};
constexpr std::uint64_t kAgencyRun = 4500;  // some runs of marks, some whole lists of each agency

std::string text_of(const OpenPair& pair) {
  return pair.rule + " " + pair.element.text() + " " + pair.agency + " " +
         std::string(model::name_of(pair.state)) + " " + base::to_rfc3339(pair.since) + " " +
         (pair.started == base::kNever ? "never" : base::to_rfc3339(pair.started)) + " " +
         pair.occurrence;
}

bool is_open(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived ||
         state == VerdictState::kUndetermined;
}

// The plain way: pairs as they stand, moved by the same batches.
class Plain {
 public:
  explicit Plain(unsigned seed) : random_(seed) {}

  Batch next() {
    Batch batch;
    now_ += std::chrono::milliseconds(1 + below(5000));
    batch.record.now = now_;
    ++seq_;
    for (std::uint64_t events = below(32); events > 0; --events) {
      batch.record.events.push_back(make_event(++events_));
      const std::string id = std::to_string(below(2000));
      batch.marks.push_back(below(10) == 0 ? 0 : element_mark("app", id));
      if (batch.marks.back() != 0) records_[id].insert(seq_);
    }
    for (std::uint64_t turns = below(9); turns > 0; --turns) turn(batch);
    if (below(7) == 0) move(batch);
    for (std::uint64_t turns = below(3); turns > 0; --turns) turn(batch);
    return batch;
  }

  Instant now() const { return now_; }
  std::uint64_t seq() const { return seq_; }
  std::vector<std::string> owed(std::string_view agency) const {
    std::vector<std::string> out;
    for (const auto& [key, pair] : pairs_) {
      if (pair.agency == agency && is_open(pair.state)) out.push_back(text_of(pair));
    }
    std::ranges::sort(out);
    return out;
  }
  const std::map<std::string, std::set<std::uint64_t>>& records() const { return records_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  static std::string agency(std::uint64_t n) { return std::string(kAgencies.at(n)); }

  void turn(Batch& batch) {
    const std::string id = std::to_string(below(60));
    const std::string rule = "R-" + std::to_string(below(3));
    const auto [at, is_new] = pairs_.try_emplace(std::pair(rule, id));
    OpenPair& pair = at->second;
    if (is_new)
      pair.agency = agencies_.try_emplace(id, agency(below(kAgencies.size()))).first->second;
    pair.rule = rule;
    pair.element = {"app", id};
    model::Transition told = make_transition(1, now_);
    told.rule = rule;
    told.element = pair.element;
    told.agency = pair.agency;
    told.from = pair.state;
    told.to = static_cast<VerdictState>(below(5));
    told.since = now_ - std::chrono::seconds(below(100));
    told.recorded = now_;
    told.occurrence = std::to_string(below(3));
    pair.state = told.to;
    pair.since = told.since;
    if (!is_open(told.to)) {
      pair.started = base::kNever;
      pair.occurrence.clear();
    } else if (told.to != VerdictState::kUndetermined && pair.started == base::kNever) {
      pair.started = told.since;
      pair.occurrence = told.occurrence;
    }
    batch.transitions.push_back(told);
  }

  void move(Batch& batch) {
    const std::string id = std::to_string(below(60));
    const std::string to = agency(below(kAgencies.size()));
    const auto known = agencies_.find(id);
    if (known == agencies_.end()) return;
    for (auto& [key, pair] : pairs_) {
      if (key.second != id) continue;
      pair.agency = to;
      batch.restated.push_back({.before = known->second,
                                .pair = pair,
                                .recorded = now_,
                                .after = static_cast<std::uint32_t>(batch.transitions.size())});
    }
    known->second = to;
  }

  std::mt19937 random_;
  Instant now_ = at(0);
  std::uint64_t seq_ = 0, events_ = 0;
  std::map<std::pair<std::string, std::string>, OpenPair> pairs_;
  std::map<std::string, std::string> agencies_;
  std::map<std::string, std::set<std::uint64_t>> records_;
};

std::vector<std::string> owed(Reader& reader, const std::string& agency, Instant at) {
  std::vector<std::string> out;
  for (const OpenPair& pair : must(reader.open_pairs(agency, at))) out.push_back(text_of(pair));
  std::ranges::sort(out);
  return out;
}

// By a rule, to any agency; nothing where the store keeps no list of it.
std::optional<std::vector<std::string>> owed_by_rule(Reader& reader, const std::string& rule,
                                                     Instant at) {
  const auto pairs = reader.open_pairs(std::nullopt, at, rule);
  if (!pairs && pairs.error().code == base::Code::kNotFound) return std::nullopt;
  std::vector<std::string> out;
  for (const OpenPair& pair : must(pairs)) out.push_back(text_of(pair));
  std::ranges::sort(out);
  return out;
}

// The same by asking each agency.
std::vector<std::string> owed_by_rule_to_each(Reader& reader, const std::string& rule, Instant at) {
  std::vector<std::string> out;
  for (const std::string_view agency : kAgencies) {
    for (const OpenPair& pair : must(reader.open_pairs(agency, at, rule))) {
      out.push_back(text_of(pair));
    }
  }
  std::ranges::sort(out);
  return out;
}

TEST(PastTest, AgenciesOwedWhatThePlainWaySays) {
  TemporaryFolder folder;
  auto store = open_store(folder);
  Plain plain(7);
  std::mt19937 random(8);
  struct Stood {
    Instant at;
    std::map<std::string, std::vector<std::string>> owed;
  };
  std::vector<Stood> stood;
  for (std::uint64_t n = 1; n <= kAgencyRun; ++n) {
    must(store->append(plain.next()));
    if (random() % 40 == 0) {
      store.reset();  // what was in memory is read again
      store = open_store(folder);
    }
    if (random() % 15 != 0 && n < kAgencyRun - 20) continue;
    Stood& now = stood.emplace_back(Stood{plain.now(), {}});
    for (const std::string_view agency : kAgencies)
      now.owed[std::string(agency)] = plain.owed(agency);
  }
  const auto reader = open_reader(folder);
  for (const Stood& then : stood) {
    for (const auto& [agency, expected] : then.owed) {
      EXPECT_EQ(owed(*reader, agency, then.at), expected) << base::to_rfc3339(then.at);
    }
    for (const std::string rule : {"R-0", "R-1", "R-2"}) {
      EXPECT_EQ(owed_by_rule(*reader, rule, then.at), owed_by_rule_to_each(*reader, rule, then.at))
          << base::to_rfc3339(then.at);
    }
  }
  EXPECT_TRUE(owed(*reader, "a0", at(0) - std::chrono::seconds(1)).empty());
  EXPECT_TRUE(owed(*reader, "nobody", base::kNever).empty());

  // Which records may hold an element's events: all that do, and of the others few.
  std::uint64_t more = 0;
  for (const auto& [id, records] : plain.records()) {
    const Seq after(random() % plain.seq());
    const Seq upto(after.value + random() % (plain.seq() - after.value + 1));
    std::set<std::uint64_t> found;
    for (const Seq seq : must(reader->records_of("app", id, after, upto))) {
      EXPECT_TRUE(seq > after && seq <= upto);
      found.insert(seq.value);
    }
    for (const std::uint64_t seq : records) {
      EXPECT_TRUE(seq <= after.value || seq > upto.value || found.contains(seq)) << id;
      found.erase(seq);
    }
    more += found.size();
  }
  EXPECT_LT(more, 50U);
}

TEST(PastTest, ListsOfRulesBeginAnewWhereAReleaseDidNotKeepThem) {
  TemporaryFolder folder;
  auto store = open_store(folder);
  Plain plain(3);
  for (int n = 0; n < 300; ++n) must(store->append(plain.next()));
  must(store->idle());
  for (int n = 0; n < 50; ++n) must(store->append(plain.next()));  // not indexed yet
  store.reset();
  const Instant before = plain.now();
  {
    const auto database = must(open_for_writing(folder.data()));
    must(
        database->execute("DELETE FROM open_pairs WHERE whole >= 4;"
                          "DELETE FROM meta WHERE key LIKE 'store.ruled%';"));
  }
  EXPECT_FALSE(owed_by_rule(*open_reader(folder), "R-1", before)) << "ahead of the daemon";
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  Options options;
  options.upgrading = [&](std::uint64_t done, std::uint64_t all) { told.emplace_back(done, all); };
  store = must(Store::open(folder.data(), options));
  ASSERT_GT(told.size(), 1U) << "an agency each";
  EXPECT_EQ(told.front(), std::pair(std::uint64_t{1}, std::uint64_t{told.size()}));
  EXPECT_EQ(told.back(), std::pair(std::uint64_t{told.size()}, std::uint64_t{told.size()}));
  EXPECT_EQ(owed_by_rule(store->read(), "R-1", before),
            owed_by_rule_to_each(store->read(), "R-1", before));
  EXPECT_FALSE(owed_by_rule(store->read(), "R-1", before - std::chrono::hours(24 * 365)));
  for (int n = 0; n < 300; ++n) must(store->append(plain.next()));
  for (const Instant when : {before, before + (plain.now() - before) / 2, plain.now()}) {
    EXPECT_EQ(owed_by_rule(store->read(), "R-1", when),
              owed_by_rule_to_each(store->read(), "R-1", when));
    EXPECT_FALSE(owed_by_rule(store->read(), "R-1", when)->empty());
  }
  // A release that did not know them went on with the log.
  store.reset();
  must(must(open_for_writing(folder.data()))
           ->execute("UPDATE meta SET value = '1' WHERE key = 'store.ruled'"));
  store = open_store(folder);
  EXPECT_FALSE(owed_by_rule(store->read(), "R-1", before));
  EXPECT_EQ(owed_by_rule(store->read(), "R-1", plain.now()),
            owed_by_rule_to_each(store->read(), "R-1", plain.now()));
}

// At a second so many elements of one agency begin to violate one rule, and all indexes are
// written.
void violate(Store& store, std::int64_t second, std::uint64_t from, std::uint64_t count) {
  Batch batch;
  batch.record.now = at(second);
  for (std::uint64_t i = from; i < from + count; ++i) {
    model::Transition one = make_transition(i, at(second));
    one.rule = "R-1";
    one.element = {"app", std::to_string(i)};
    one.agency = "a0";
    one.from = VerdictState::kNotApplicable;
    one.to = VerdictState::kViolating;
    batch.transitions.push_back(one);
  }
  must(store.append(batch));
  must(store.idle());
}

TEST(PastTest, ManySmallRowsAreFollowedByAListSoThatFewAreRead) {
  constexpr std::uint64_t kRowsAllowed = 96;
  TemporaryFolder folder;
  auto store = open_store(folder);
  for (std::int64_t n = 0; n < 220; ++n) violate(*store, n, static_cast<std::uint64_t>(25 * n), 25);
  EXPECT_EQ(must(store->read().open_pairs("a0", at(150))).size(), 3775U);
  EXPECT_EQ(must(store->read().open_pairs("a0", at(219))).size(), 5500U);
  store.reset();
  const auto database = must(open_for_writing(folder.data()));
  // Between one list and the next of the agency.
  Query query = database->query(
      "SELECT max(rows) FROM (SELECT count(*) AS rows FROM open_pairs AS changes WHERE whole = 0 "
      "GROUP BY (SELECT count(*) FROM open_pairs WHERE whole = 1 AND id < changes.id))");
  ASSERT_TRUE(must(query.row()));
  EXPECT_LE(query.count(0), kRowsAllowed);
}

TEST(PastTest, ARuleThatManyViolateHasNoListFromThenOn) {
  TemporaryFolder folder;
  const auto store = open_store(folder);
  violate(*store, 1, 0, 300);
  violate(*store, 2, 300, 5000);
  violate(*store, 3, 5300, 10);
  EXPECT_EQ(owed_by_rule(store->read(), "R-1", at(1))->size(), 300U);
  EXPECT_FALSE(owed_by_rule(store->read(), "R-1", at(2)));
  EXPECT_FALSE(owed_by_rule(store->read(), "R-1", at(3)));
  EXPECT_EQ(must(store->read().open_pairs("a0", at(3), "R-1")).size(), 5310U);
}

TEST(PastTest, OutlinesAreReadFromTheWholeOneBefore) {
  TemporaryFolder folder;
  auto store = open_store(folder);
  const auto append = [&](std::int64_t seconds, std::vector<Outline> outlines) {
    Batch batch;
    batch.record.now = at(seconds);
    batch.outlines = std::move(outlines);
    return store->append(batch);
  };
  EXPECT_EQ(must(store->read().kept()).outlined, base::kNever);
  EXPECT_EQ(append(1, {{at(1), false, "x"}}).error().code, base::Code::kInvalid);
  must(append(1, {{at(1), true, "A"}}));
  must(append(2, {{at(2), false, "b"}, {at(3), false, "c"}}));
  must(append(5, {{at(5), true, "D"}, {at(5), false, "e"}}));
  const auto read = [&](std::int64_t seconds) {
    std::string out;
    for (const Outline& one : must(store->read().outlines(at(seconds)))) {
      EXPECT_EQ(one.whole, std::isupper(one.bytes[0]) != 0);
      out += one.bytes;
    }
    return out;
  };
  EXPECT_EQ(read(0), "");
  EXPECT_EQ(read(1), "A");
  EXPECT_EQ(read(2), "Ab");
  EXPECT_EQ(read(4), "Abc");
  EXPECT_EQ(read(5), "De");
  EXPECT_EQ(read(99), "De");
  EXPECT_EQ(must(store->read().kept()).outlined, at(1));
}

MarkedPlaces places_of(std::vector<std::uint32_t> places) { return places; }

TEST(PastTest, RowsOfASnapshotAreFoundByTheirMarks) {
  TemporaryFolder folder;
  auto store = open_store(folder);
  must(store->append(make_batch(1)));
  const auto row = [](std::uint32_t number, const std::string& text) {
    std::string out;
    base::Encoder to(out);
    to.number(number);
    to.text(text);
    return out;
  };
  const std::uint32_t mark = element_mark("app", "1");
  const auto take = [&](std::vector<SnapshotPart> parts) {
    must(
        store->write_snapshot({.begins = true, .parts = std::move(parts), .end = {{"h", "p", 9}}}));
    return must(store->read().snapshots()).front().id;
  };
  const SnapshotId id = take({{.bucket = 0,
                               .whole = true,
                               .rows = 2,
                               .bytes = row(4, "old") + row(5, "other"),
                               .packed = {},
                               .marks = {mark, 77}},
                              {.space = SnapshotSpace::kLateElements,
                               .rows = 1,
                               .bytes = row(4, "new"),
                               .packed = {},
                               .marks = {mark}}});
  EXPECT_FALSE(must(store->read().has_places(id)));
  EXPECT_EQ(must(store->read().snapshot_places(id, mark)), places_of({4}));
  EXPECT_EQ(must(store->read().snapshot_places(id, 77)), places_of({5}));
  EXPECT_EQ(must(store->read().snapshot_places(id, 78)), MarkedPlaces(std::in_place));
  // A part without marks: the snapshot cannot say.
  Batch later = make_batch(2);
  later.record.now += std::chrono::days(40);
  must(store->append(later));
  const SnapshotId next = take({{.bucket = 1, .rows = 1, .bytes = row(1024, "x")}});
  EXPECT_FALSE(must(store->read().snapshot_places(next, mark)));
  EXPECT_TRUE(must(store->read().snapshot_places(id, mark)));
  // Places by their marks: the rows' own are not asked.
  const auto places = [&](std::uint32_t shard, bool whole, const std::string& bytes) {
    return SnapshotPart{.space = SnapshotSpace::kPlaces,
                        .bucket = shard,
                        .whole = whole,
                        .rows = 1,
                        .bytes = bytes,
                        .packed = {},
                        .marks = {}};
  };
  const std::uint32_t high = (std::uint32_t{63} << 26U) + 5;
  const std::string text("\x05\x00\x00\xfc", 4);
  later.record.now += std::chrono::days(40);
  must(store->append(later));
  const SnapshotId third = take({places(0, true, ""), places(63, true, row(8, text))});
  later.record.now += std::chrono::days(40);
  must(store->append(later));
  const SnapshotId fourth = take({places(0, false, ""), places(63, false, row(3, text))});
  later.record.now += std::chrono::days(40);
  must(store->append(later));
  const SnapshotId fifth = take({places(63, true, "")});
  EXPECT_EQ(must(store->read().snapshot_places(third, high)), places_of({8}));
  EXPECT_EQ(must(store->read().snapshot_places(fourth, high)), places_of({3, 8}));
  EXPECT_EQ(must(store->read().snapshot_places(fourth, mark)), MarkedPlaces(std::in_place));
  EXPECT_EQ(must(store->read().snapshot_places(fourth, 0)), MarkedPlaces(std::in_place));
  EXPECT_FALSE(must(store->read().has_places(fifth))) << "a release that knows none took it";
  EXPECT_FALSE(must(store->read().snapshot_places(fifth, high)));
}

TEST(PastTest, OfARecordOneElementsEventsAreTaken) {
  TemporaryFolder folder;
  auto store = open_store(folder);
  Batch batch = make_batch(1);
  batch.record.events.clear();
  batch.record.now = at(9);
  for (int i = 0; i < 6; ++i) {
    model::Envelope event = make_batch(1).record.events.front();
    event.id = "e" + std::to_string(i);
    event.time = at(i == 3 ? 2 : 4 + i);
    batch.record.events.push_back(event);
  }
  batch.marks = {7, 8, 7, 7, 0, 7};
  const Seq seq = must(store->append(batch));
  const auto ids = [&](std::uint32_t mark, std::int64_t to) {
    std::string out;
    const StoredRecord record = must(store->read().events_of(seq, mark, at(to)));
    EXPECT_EQ(record.record.now, at(9));
    for (const model::Envelope& event : record.record.events) out += event.id;
    return out;
  };
  EXPECT_EQ(ids(7, 9), "e0e2e3e5");
  EXPECT_EQ(ids(8, 9), "e1");
  EXPECT_EQ(ids(9, 9), "");
  EXPECT_EQ(ids(7, 6), "e0e2e3") << "the one before the first beyond it";
  EXPECT_EQ(ids(7, 5), "e0") << "what stands behind one that is beyond it";
  batch.marks.pop_back();
  const Seq short_of_one = must(store->append(batch));
  EXPECT_EQ(store->read().events_of(short_of_one, 7, at(9)).error().code, base::Code::kCorrupt);
  EXPECT_EQ(store->read().events_of(Seq{99}, 7, at(9)).error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace patuh::store
