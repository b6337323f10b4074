#include "store/open_pairs.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <span>

#include "store/body.h"
#include "store/encoding.h"
#include "store/open_changes.h"
#include "store/rows.h"
#include "store/schema.h"
#include "store/snapshot.h"

namespace patuh::store {
namespace {

using model::VerdictState;

// On disk: do not renumber.
enum class Form : std::uint8_t { kChanges = 0, kWhole = 1, kRestated = 2 };
// Of what is owed by a rule to any agency the same forms, so much greater; and a list that has
// grown too long to be kept: from then on nothing is added.
constexpr std::int64_t kOfRules = 4;
constexpr std::int64_t kTooLong = 7;

constexpr int kPairsLevel = -1;  // zstd's; of rows so small it takes a third less time than 1
// Behind a whole list before the next one: entries, and rows. In an estate of many agencies a row
// has a few entries, and fetching it costs more than they do.
constexpr std::uint64_t kEntriesAtLeast = 256;
constexpr std::uint64_t kRowsMost = 96;
constexpr std::uint64_t kCatchUpAtOnce = 65536;
constexpr std::size_t kEntryBytes = 128;  // of most
// Pairs by a rule: a longer list costs more to read than those of the agencies on a page.
constexpr std::uint64_t kRuleListMost = 4096;

// Whose pairs a row has: those of an agency, or those by a rule.
struct Whose {
  std::uint64_t hash = 0;
  std::string_view rule{};
  std::int64_t forms() const { return rule.empty() ? 0 : kOfRules; }
  std::int64_t form(Form form) const { return forms() + static_cast<std::int64_t>(form); }
};
Whose of_agency(std::string_view agency) { return {hash_of_agency(agency), {}}; }
Whose of_rule(std::string_view rule) { return {hash_of_agency(rule), rule}; }

base::Status insert_row(Database& database, std::uint64_t hash, std::int64_t form, Seq seq,
                        std::uint64_t entries, std::string_view raw) {
  std::string packed;
  if (auto done = compress(raw, kPairsLevel, packed); !done) return done;
  return database
      .query(
          "INSERT INTO open_pairs(hash, whole, seq, entries, raw_size, bytes) "
          "VALUES(?, ?, ?, ?, ?, ?)")
      .bind(bits(hash))
      .bind(form)
      .bind(seq.value)
      .bind(entries)
      .bind(std::uint64_t{raw.size()})
      .bind_blob(packed)
      .run();
}

// Of one form, from a record on and behind another row. A row of changes spans records: the first
// one that reaches beyond `upto` is the last. Read in the order of the index, so that what came
// later is not even fetched.
base::Status add_rows(Database& database, const Whose& whose, Form form, Seq upto,
                      std::pair<std::uint64_t, std::uint64_t> after,
                      std::vector<std::string>& out) {
  Query query = database.query(
      "SELECT id, seq, raw_size, bytes FROM open_pairs WHERE hash = ? AND whole = ? AND seq >= ? "
      "ORDER BY seq, id");
  const auto [seq, id] = after;
  query.bind(bits(whose.hash)).bind(whose.form(form)).bind(seq);
  for (bool is_beyond = false; !is_beyond;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    is_beyond = !*row || query.count(1) > upto.value;
    if (!*row || (is_beyond && form == Form::kRestated)) break;
    if (query.count(0) < id) continue;
    auto raw = decompress(query.blob(3), query.count(2));
    if (!raw) return std::unexpected(raw.error());
    out.push_back(std::move(*raw));
  }
  return {};
}

// The rows to fold as of a record, in any order: the newest whole one at or before it, and what
// follows.
base::Result<std::vector<std::string>> rows_of(Database& database, const Whose& whose, Seq seq) {
  std::vector<std::string> out;
  std::pair<std::uint64_t, std::uint64_t> after{};
  Query whole = database.query(
      "SELECT id, seq, raw_size, bytes FROM open_pairs WHERE hash = ? AND whole = ? AND seq <= ? "
      "ORDER BY seq DESC, id DESC LIMIT 1");
  const base::Result<bool> found =
      whole.bind(bits(whose.hash)).bind(whose.form(Form::kWhole)).bind(seq.value).row();
  if (!found) return std::unexpected(found.error());
  if (*found) {
    auto raw = decompress(whole.blob(3), whole.count(2));
    if (!raw) return std::unexpected(raw.error());
    out.push_back(std::move(*raw));
    after = {whole.count(1), whole.count(0)};
  }
  auto done = add_rows(database, whose, Form::kChanges, seq, after, out);
  // Under event clock the record behind may have begun by the instant that is asked for.
  const Seq begun(seq.value + 1);
  if (done) done = add_rows(database, whose, Form::kRestated, begun, after, out);
  if (!done) return std::unexpected(done.error());
  return out;
}

std::unexpected<base::Error> corrupt(const Database& database) {
  return base::fail(base::Code::kCorrupt, database.path() + ": what agencies owed");
}

// Which entries count; no rule: those by any.
struct Wanted {
  Instant at = base::kNever;
  std::string_view rule{};
  bool has(const OpenChange& entry) const {
    return entry.recorded <= at && (rule.empty() || entry.rule == rule);
  }
};

// The entries of the rows that are wanted; they view into the rows.
base::Result<std::vector<OpenChange>> entries_of(Database& database,
                                                 const std::vector<std::string>& rows,
                                                 const Wanted& wanted = {}) {
  std::vector<OpenChange> out;
  for (const std::string& row : rows) {
    Decoder in(row);
    while (!in.at_end()) {
      const OpenChange entry = decode_open_change(in);
      if (!in.ok()) return corrupt(database);
      if (wanted.has(entry)) out.push_back(entry);
    }
  }
  return out;
}

// What stood in the list: of the agencies that share a hash, or by a rule.
base::Result<std::vector<OpenPair>> list_of(Database& database, const Whose& whose, Seq seq) {
  const auto rows = rows_of(database, whose, seq);
  if (!rows) return std::unexpected(rows.error());
  auto entries = entries_of(database, *rows, {.rule = whose.rule});
  if (!entries) return std::unexpected(entries.error());
  return fold(std::nullopt, std::move(*entries));
}

// Writes a list whole; how long it is, also when it is too long to be kept.
base::Result<std::uint64_t> write_list(Database& database, const Whose& whose, Seq seq,
                                       const std::vector<OpenPair>& pairs) {
  const bool too_long = !whose.rule.empty() && pairs.size() > kRuleListMost;
  std::string raw;
  for (const OpenPair& pair : pairs) {
    if (!too_long) encode(raw, change_of(pair, 0, pair.since));
  }
  const std::int64_t form = too_long ? kTooLong : whose.form(Form::kWhole);
  auto done = insert_row(database, whose.hash, form, seq, pairs.size(), raw);
  if (!done) return std::unexpected(done.error());
  return pairs.size();
}

base::Result<std::uint64_t> number_in_meta(Database& database, std::string_view key) {
  const auto text = read_meta(database, key);
  if (!text) return std::unexpected(text.error());
  std::uint64_t out = 0;
  if (*text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), out);
  return out;
}

}  // namespace

OpenEntry open_entry(const model::Transition& transition, std::uint64_t number) {
  OpenEntry out{.agency = hash_of_agency(transition.agency), .rule = transition.rule, .bytes = {}};
  out.bytes.reserve(kEntryBytes);
  encode(out.bytes, {.order = 2 * number,
                     .stated = false,
                     .agency = transition.agency,
                     .rule = transition.rule,
                     .kind = transition.element.kind,
                     .id = transition.element.id,
                     .occurrence = transition.occurrence,
                     .state = transition.to,
                     .since = transition.since,
                     .recorded = transition.recorded});
  return out;
}

// However small rows are, at most two entries of lists are written for one of them.
bool OpenPairs::Weight::wants_list() const {
  if (since < kEntriesAtLeast) return false;
  return since >= 2 * list || (rows >= kRowsMost && since >= list / 2);
}

base::Result<OpenPairs::Weight*> OpenPairs::weight_of(Database& database, const Key& key) {
  const auto [at, is_new] = weights_.try_emplace(key);
  if (!is_new) return &at->second;
  Query query = database.query(
      "SELECT whole, entries FROM open_pairs WHERE hash = ? AND whole BETWEEN ? AND ? "
      "ORDER BY id DESC");
  query.bind(bits(key.first)).bind(key.second).bind(key.second + kOfRules - 1);
  for (;;) {
    const base::Result<bool> row = query.row();
    if (!row) return std::unexpected(row.error());
    if (!*row) return &at->second;
    const std::int64_t form = query.integer(0);
    if (form == kTooLong || form - key.second == static_cast<std::int64_t>(Form::kWhole)) {
      at->second.list = query.count(1);
      return &at->second;
    }
    at->second.since += query.count(1);
    ++at->second.rows;
  }
}

base::Status OpenPairs::add(Database& database, std::vector<OpenEntry> entries, Seq seq,
                            std::uint64_t last) {
  std::map<std::uint64_t, Group> agencies;
  std::map<std::string_view, Group> rules;
  for (const OpenEntry& entry : entries) {
    for (Group* const group : {&agencies[entry.agency], &rules[entry.rule]}) {
      group->raw += entry.bytes;
      ++group->count;
    }
  }
  for (const auto& [agency, group] : agencies) {
    if (auto done = add_to(database, {agency, 0}, {}, group, seq); !done) return done;
  }
  if (auto done = write_meta(database, kMetaOpen, std::to_string(last)); !done) return done;
  for (const auto& [rule, group] : rules) {
    const Whose whose = of_rule(rule);
    if (auto done = add_to(database, {whose.hash, kOfRules}, rule, group, seq); !done) return done;
  }
  return write_meta(database, kMetaRuled, std::to_string(last));
}

base::Status OpenPairs::add_to(Database& database, const Key& key, std::string_view rule,
                               const Group& group, Seq seq) {
  const Whose whose{key.first, rule};
  const base::Result<Weight*> found = weight_of(database, key);
  if (!found) return std::unexpected(found.error());
  Weight& weight = **found;
  if (!rule.empty() && weight.list > kRuleListMost) return {};
  auto done =
      insert_row(database, key.first, whose.form(Form::kChanges), seq, group.count, group.raw);
  if (!done) return done;
  weight.since += group.count;
  ++weight.rows;
  if (!weight.wants_list()) return {};
  const auto pairs = list_of(database, whose, seq);
  if (!pairs) return std::unexpected(pairs.error());
  const auto list = write_list(database, whose, seq, *pairs);
  if (!list) return std::unexpected(list.error());
  weight = {.list = *list};
  return {};
}

base::Status write_restated(Database& database, const std::vector<Restated>& restated, Seq seq,
                            std::uint64_t first_transition) {
  std::map<std::pair<std::uint64_t, std::int64_t>, std::pair<std::string, std::uint64_t>> rows;
  std::string encoded;
  const auto put = [&](const OpenChange& entry) {
    encoded.clear();
    encode(encoded, entry);
    for (const Whose& whose : {of_agency(entry.agency), of_rule(entry.rule)}) {
      auto& [bytes, count] = rows[{whose.hash, whose.form(Form::kRestated)}];
      bytes += encoded;
      ++count;
    }
  };
  for (const Restated& one : restated) {
    const std::uint64_t order = 2 * (first_transition + one.after - 1) + 1;
    OpenChange entry = change_of(one.pair, order, one.recorded);
    put(entry);
    if (one.before == one.pair.agency) continue;
    entry.agency = one.before;
    entry.state = VerdictState::kNotApplicable;
    put(entry);
  }
  for (const auto& [key, row] : rows) {
    auto done = insert_row(database, key.first, key.second, seq, row.second, row.first);
    if (!done) return done;
  }
  return {};
}

base::Status catch_up(Database& database, OpenPairs& pairs, const Upgrading& upgrading) {
  const auto from = number_in_meta(database, kMetaOpen);
  if (!from) return std::unexpected(from.error());
  const auto to = number_in_meta(database, kMetaIndexed);
  if (!to) return std::unexpected(to.error());
  History history(database);
  std::vector<OpenEntry> entries;
  for (std::uint64_t number = *from + 1; number <= *to; ++number) {
    const auto chunk = history.load(number);
    if (!chunk) return std::unexpected(chunk.error());
    const auto transition = decode_transition((*chunk)->parts[number - (*chunk)->first]);
    if (!transition) return corrupt(database);
    entries.push_back(open_entry(*transition, number));
    if (entries.size() < kCatchUpAtOnce && number < *to) continue;
    auto transaction = Transaction::begin(database, Transaction::For::kWriting);
    if (!transaction) return std::unexpected(transaction.error());
    if (auto done = pairs.add(database, std::move(entries), (*chunk)->seq, number); !done) {
      return done;
    }
    if (auto done = transaction->commit(); !done) return done;
    entries.clear();
    if (upgrading) upgrading(number, *to);
  }
  return {};
}

base::Result<bool> has_lists_of_rules(Database& database) {
  const auto reached = read_meta(database, kMetaOpen);
  const auto ruled = read_meta(database, kMetaRuled);
  if (!reached) return std::unexpected(reached.error());
  if (!ruled) return std::unexpected(ruled.error());
  return ruled->has_value() && *ruled == *reached;
}

base::Status begin_lists_of_rules(Database& database, Seq seq, const Upgrading& upgrading) {
  auto transaction = Transaction::begin(database, Transaction::For::kWriting);
  if (!transaction) return std::unexpected(transaction.error());
  auto written = database.execute("DELETE FROM open_pairs WHERE whole >= 4");
  if (!written) return written;
  std::vector<std::uint64_t> agencies;
  Query query = database.query("SELECT DISTINCT hash FROM open_pairs");
  for (auto row = query.row(); !row || *row; row = query.row()) {
    if (!row) return std::unexpected(row.error());
    agencies.push_back(static_cast<std::uint64_t>(query.integer(0)));
  }
  std::map<std::string, std::vector<OpenPair>> rules;
  for (std::uint64_t done = 0; done < agencies.size();) {
    auto pairs = list_of(database, {agencies[done], {}}, seq);
    if (!pairs) return std::unexpected(pairs.error());
    for (OpenPair& pair : *pairs) rules[pair.rule].push_back(std::move(pair));
    ++done;
    if (upgrading) upgrading(done, agencies.size());
  }
  for (const auto& [rule, pairs] : rules) {
    const auto list = write_list(database, of_rule(rule), seq, pairs);
    if (!list) return std::unexpected(list.error());
  }
  const auto reached = read_meta(database, kMetaOpen);
  if (!reached) return std::unexpected(reached.error());
  written = write_meta(database, kMetaRuled, reached->value_or("0"));
  if (written) written = write_meta(database, kMetaRuledFrom, std::to_string(seq.value));
  return written ? transaction->commit() : written;
}

namespace {

// Whether the pairs by a rule are told as of a record. They are not where its list was too long,
// and before such lists were kept.
base::Result<bool> is_told_by_rule(Database& database, std::string_view rule, Seq seq) {
  const auto is_kept = read_meta(database, kMetaRuledFrom);
  if (!is_kept) return std::unexpected(is_kept.error());
  const auto from = number_in_meta(database, kMetaRuledFrom);
  if (!from) return std::unexpected(from.error());
  if (!*is_kept || seq.value < *from) return false;
  Query query =
      database.query("SELECT 1 FROM open_pairs WHERE hash = ? AND whole = ? AND seq <= ? LIMIT 1");
  const base::Result<bool> too_long =
      query.bind(bits(of_rule(rule).hash)).bind(kTooLong).bind(seq.value).row();
  if (!too_long) return too_long;
  return !*too_long;
}

}  // namespace

base::Result<std::vector<OpenPair>> read_open_pairs(Database& database, History& history,
                                                    std::optional<std::string_view> agency,
                                                    Instant at, std::string_view rule) {
  PATUH_ASSERT(agency || !rule.empty());
  auto transaction = Transaction::begin(database, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  const auto seq = read_record_at(database, at);
  if (!seq) return std::unexpected(seq.error());
  const Whose whose = agency ? of_agency(*agency) : of_rule(rule);
  const base::Result<bool> told =
      agency ? base::Result<bool>(true) : is_told_by_rule(database, rule, *seq);
  if (!told) return std::unexpected(told.error());
  if (!*told) return base::fail(base::Code::kNotFound, "no list is kept of " + std::string(rule));
  const auto rows = rows_of(database, whose, *seq);
  if (!rows) return std::unexpected(rows.error());
  const Wanted wanted{.at = at, .rule = rule};
  auto entries = entries_of(database, *rows, wanted);
  if (!entries) return std::unexpected(entries.error());
  // What the rows do not reach yet.
  const auto reached = number_in_meta(database, kMetaOpen);
  if (!reached) return std::unexpected(reached.error());
  std::vector<std::string> tail;
  TransitionFilter filter;
  if (agency) filter.agency = *agency;
  filter.rule = rule;
  filter.after = TransitionNumber(*reached);
  if (at < base::kNever) filter.to = at + base::Duration(1);
  auto done = history.scan_within(filter, [&](StoredTransition&& row) {
    tail.push_back(open_entry(row.transition, row.number.value).bytes);
    return true;
  });
  if (!done) return std::unexpected(done.error());
  const auto later = entries_of(database, tail, wanted);
  if (!later) return std::unexpected(later.error());
  entries->insert(entries->end(), later->begin(), later->end());
  return fold(agency, std::move(*entries));
}

}  // namespace patuh::store
