#include "store/history.h"

#include <algorithm>
#include <charconv>

#include "store/body.h"
#include "store/encoding.h"
#include "store/rows.h"
#include "store/schema.h"

namespace patuh::store {
namespace {

base::Result<std::uint64_t> last_number(Database& database) {
  Query query =
      database.query("SELECT first + count - 1 FROM transitions ORDER BY first DESC LIMIT 1");
  const base::Result<bool> found = query.row();
  if (!found) return std::unexpected(found.error());
  return *found ? query.count(0) : 0;
}

base::Result<std::uint64_t> last_indexed(Database& database) {
  const auto text = read_meta(database, kMetaIndexed);
  if (!text) return std::unexpected(text.error());
  std::uint64_t out = 0;
  if (*text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), out);
  return out;
}

bool matches(const TransitionFilter& filter, const TransitionKey& key) {
  if (!filter.rule.empty() && filter.rule != key.rule) return false;
  if (!filter.agency.empty() && filter.agency != key.agency) return false;
  return !filter.element || (filter.element->kind == key.kind && filter.element->id == key.id);
}

std::unexpected<base::Error> corrupt(const Database& database, std::uint64_t number) {
  return base::fail(base::Code::kCorrupt,
                    database.path() + ": transition " + std::to_string(number));
}

// Rows of an index in one statement: begun once for all of them. What fails is rolled back whole by
// the caller's transaction, so the statement need keep nothing of its own to go back to (OR FAIL).
#define PATUH_STORE_8_ROWS "(?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?)"
#define PATUH_STORE_64_ROWS                                                                  \
  PATUH_STORE_8_ROWS ", " PATUH_STORE_8_ROWS ", " PATUH_STORE_8_ROWS ", " PATUH_STORE_8_ROWS \
                     ", " PATUH_STORE_8_ROWS ", " PATUH_STORE_8_ROWS ", " PATUH_STORE_8_ROWS \
                     ", " PATUH_STORE_8_ROWS
constexpr std::size_t kRowsAtOnce = 64;

struct IndexTable {
  std::uint64_t IndexEntry::* hash;
  const char* insert_many;
  const char* insert_one;
};
constexpr IndexTable kByElement = {
    &IndexEntry::element, "INSERT OR FAIL INTO by_element(hash, number) VALUES" PATUH_STORE_64_ROWS,
    "INSERT OR FAIL INTO by_element(hash, number) VALUES(?, ?)"};
constexpr IndexTable kByAgency = {
    &IndexEntry::agency, "INSERT OR FAIL INTO by_agency(hash, number) VALUES" PATUH_STORE_64_ROWS,
    "INSERT OR FAIL INTO by_agency(hash, number) VALUES(?, ?)"};

// In the order of the keys, each page of an index is written once, not once an entry.
base::Status insert_entries(Database& database, const IndexTable& table,
                            std::vector<IndexEntry> entries) {
  std::ranges::sort(entries, {}, [&table](const IndexEntry& entry) {
    return std::pair(bits(entry.*table.hash), entry.number);
  });
  for (std::span<const IndexEntry> left = entries; !left.empty();) {
    const bool many = left.size() >= kRowsAtOnce;
    const std::size_t count = many ? kRowsAtOnce : 1;
    Query query = database.query(many ? table.insert_many : table.insert_one);
    for (const IndexEntry& entry : left.first(count)) {
      query.bind(bits(entry.*table.hash)).bind(entry.number);
    }
    if (auto done = query.run(); !done) return done;
    left = left.subspan(count);
  }
  return {};
}

}  // namespace

base::Status index_transitions(Database& database, std::vector<IndexEntry> entries) {
  if (entries.empty()) return {};
  const std::string last = std::to_string(entries.back().number);
  if (auto done = insert_entries(database, kByElement, entries); !done) return done;
  if (auto done = insert_entries(database, kByAgency, std::move(entries)); !done) return done;
  return write_meta(database, kMetaIndexed, last);
}

base::Result<std::vector<model::Transition>> unindexed(Database& database) {
  const base::Result<std::uint64_t> indexed = last_indexed(database);
  if (!indexed) return std::unexpected(indexed.error());
  const base::Result<std::uint64_t> last = last_number(database);
  if (!last) return std::unexpected(last.error());
  std::vector<model::Transition> out;
  History history(database);
  for (std::uint64_t number = *indexed + 1; number <= *last; ++number) {
    const auto chunk = history.load(number);
    if (!chunk) return std::unexpected(chunk.error());
    auto transition = decode_transition((*chunk)->parts[number - (*chunk)->first]);
    if (!transition) return corrupt(database, number);
    out.push_back(std::move(*transition));
  }
  return out;
}

base::Status History::scan(const TransitionFilter& filter, const Visit& visit) {
  base::Result<Transaction> transaction = Transaction::begin(database_, Transaction::For::kReading);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto done = scan_within(filter, visit); !done) return done;
  return transaction->commit();
}

base::Status History::scan_within(const TransitionFilter& filter, const Visit& visit) {
  const base::Result<Span> span = span_of(filter);
  if (!span) return std::unexpected(span.error());
  base::Result<std::uint64_t> indexed = 0;
  if (filter.element || !filter.agency.empty()) indexed = last_indexed(database_);
  if (!indexed) return std::unexpected(indexed.error());

  const Span by_index{span->low, std::min(span->high, *indexed)};
  const Span by_chunk{std::max(span->low, *indexed + 1), span->high};
  base::Result<Next> next = Next::kGoOn;
  for (const bool index : {!filter.newest_first, filter.newest_first}) {
    next = index ? scan_index(filter, by_index, visit) : scan_chunks(filter, by_chunk, visit);
    if (!next) return std::unexpected(next.error());
    if (*next == Next::kStop) break;
  }
  return {};
}

base::Result<History::Span> History::span_of(const TransitionFilter& filter) {
  const base::Result<std::uint64_t> last = last_number(database_);
  if (!last) return std::unexpected(last.error());
  if (*last == 0 || filter.before.value == 0) return Span{};
  Span out{filter.after.value + 1, std::min(filter.before.value - 1, *last)};
  if (filter.after.value == UINT64_MAX) return Span{};
  if (filter.from > kAlways) {
    const base::Result<Place> from = first_ending_at(filter.from, *last);
    if (!from) return std::unexpected(from.error());
    out.low = std::max(out.low, from->first);
  }
  if (filter.to < base::kNever) {
    const base::Result<Place> to = first_ending_at(filter.to, *last);
    if (!to) return std::unexpected(to.error());
    out.high = std::min(out.high, to->last);
  }
  return out;
}

base::Result<History::Place> History::place_of(std::uint64_t number) {
  Query query = database_.query(
      "SELECT first, first + count - 1, last_recorded FROM transitions "
      "WHERE first <= ? ORDER BY first DESC LIMIT 1");
  const base::Result<bool> found = query.bind(number).row();
  if (!found) return std::unexpected(found.error());
  if (!*found || query.count(1) < number) return corrupt(database_, number);
  return Place{query.count(0), query.count(1), instant_of(query.integer(2))};
}

base::Result<History::Place> History::first_ending_at(Instant moment, std::uint64_t last) {
  std::uint64_t low = 1;
  std::uint64_t high = last + 1;
  Place best{last + 1, last, {}};
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const base::Result<Place> place = place_of(middle);
    if (!place) return place;
    if (place->last_recorded >= moment) {
      best = *place;
      high = place->first;
    } else {
      low = place->last + 1;
    }
  }
  return best;
}

base::Result<History::Next> History::scan_index(const TransitionFilter& filter, Span span,
                                                const Visit& visit) {
  if (span.empty() || (!filter.element && filter.agency.empty())) return Next::kGoOn;
  const std::uint64_t hash = filter.element
                                 ? hash_of_element(filter.element->kind, filter.element->id)
                                 : hash_of_agency(filter.agency);
  static constexpr const char* kStatements[2][2] = {
      {"SELECT number FROM by_agency WHERE hash = ? AND number BETWEEN ? AND ? ORDER BY number",
       "SELECT number FROM by_agency WHERE hash = ? AND number BETWEEN ? AND ? "
       "ORDER BY number DESC"},
      {"SELECT number FROM by_element WHERE hash = ? AND number BETWEEN ? AND ? ORDER BY number",
       "SELECT number FROM by_element WHERE hash = ? AND number BETWEEN ? AND ? "
       "ORDER BY number DESC"}};
  Query query = database_.query(kStatements[filter.element ? 1 : 0][filter.newest_first ? 1 : 0]);
  query.bind(bits(hash)).bind(span.low).bind(span.high);
  while (true) {
    const base::Result<bool> more = query.row();
    if (!more) return std::unexpected(more.error());
    if (!*more) return Next::kGoOn;
    const base::Result<Next> next = look_at(filter, query.count(0), visit);
    if (!next || *next == Next::kStop) return next;
  }
}

base::Result<History::Next> History::scan_chunks(const TransitionFilter& filter, Span span,
                                                 const Visit& visit) {
  if (span.empty()) return Next::kGoOn;
  for (std::uint64_t i = 0; i <= span.high - span.low; ++i) {
    const base::Result<Next> next =
        look_at(filter, filter.newest_first ? span.high - i : span.low + i, visit);
    if (!next || *next == Next::kStop) return next;
  }
  return Next::kGoOn;
}

base::Result<History::Next> History::look_at(const TransitionFilter& filter, std::uint64_t number,
                                             const Visit& visit) {
  const base::Result<const Loaded*> chunk = load(number);
  if (!chunk) return std::unexpected(chunk.error());
  const std::string_view bytes = (*chunk)->parts[number - (*chunk)->first];
  if (!matches(filter, peek_transition(bytes))) return Next::kGoOn;
  std::optional<model::Transition> transition = decode_transition(bytes);
  if (!transition) return corrupt(database_, number);
  if (transition->recorded < filter.from || transition->recorded >= filter.to) return Next::kGoOn;
  const bool more = visit({TransitionNumber{number}, (*chunk)->seq, std::move(*transition)});
  return more ? Next::kGoOn : Next::kStop;
}

base::Result<const History::Loaded*> History::load(std::uint64_t number) {
  if (loaded_.count > 0 && number >= loaded_.first && number <= loaded_.last()) return &loaded_;
  loaded_ = {};
  Query query = database_.query(
      "SELECT first, count, seq, raw_size, bytes, first_recorded, last_recorded FROM transitions "
      "WHERE first <= ? ORDER BY first DESC LIMIT 1");
  const base::Result<bool> found = query.bind(number).row();
  if (!found) return std::unexpected(found.error());
  if (!*found || query.count(0) + query.count(1) <= number) return corrupt(database_, number);
  base::Result<std::string> raw = decompress(query.blob(4), query.count(3));
  if (!raw) return base::fail(raw, database_.path() + ": transition " + std::to_string(number));
  Loaded next{.first = query.count(0),
              .count = query.count(1),
              .seq = Seq{query.count(2)},
              .first_recorded = instant_of(query.integer(5)),
              .last_recorded = instant_of(query.integer(6)),
              .raw = std::move(*raw),
              .parts = {}};
  auto parts = split_chunk(next.raw, next.count);
  if (!parts) return corrupt(database_, number);
  // A short string moves its bytes along: the views are taken again behind the move.
  loaded_ = std::move(next);
  loaded_.parts = *split_chunk(loaded_.raw, loaded_.count);
  return &loaded_;
}

}  // namespace patuh::store
