// Transitions by filter: from the indexes as far as they go, from the chunks behind them. The
// indexes follow the log at a distance, since a random index page for every transition would cost
// more than the commit; index_transitions() moves them on, many entries at a time and in order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace patuh::store {

// What the indexes will hold of one transition.
struct IndexEntry {
  std::uint64_t element = 0, agency = 0;  // hashes
  std::uint64_t number = 0;
};
// Adds the entries (ordered by number, following the last indexed one); within a transaction of the
// caller's.
base::Status index_transitions(Database& database, std::vector<IndexEntry> entries);
// The transitions behind the last indexed one.
base::Result<std::vector<model::Transition>> unindexed(Database& database);

class History {
 public:
  explicit History(Database& database) : database_(database) {}
  // Visits what the filter lets through, in its order, until `visit` answers false. The filter's
  // limit is not looked at.
  using Visit = std::function<bool(StoredTransition&&)>;
  base::Status scan(const TransitionFilter& filter, const Visit& visit);
  // The same within a transaction of the caller's.
  base::Status scan_within(const TransitionFilter& filter, const Visit& visit);

  // A chunk taken out of the store and apart.
  struct Loaded {
    std::uint64_t first = 0, count = 0;
    Seq seq;
    Instant first_recorded{}, last_recorded{};
    std::string raw;
    std::vector<std::string_view> parts;
    std::uint64_t last() const { return first + count - 1; }
  };
  // The chunk that holds `number`; kCorrupt when there is none.
  base::Result<const Loaded*> load(std::uint64_t number);

 private:
  struct Span {
    std::uint64_t low = 1, high = 0;  // numbers, both ends in it
    bool empty() const { return low > high; }
  };
  // Where a chunk stands.
  struct Place {
    std::uint64_t first = 0, last = 0;
    Instant last_recorded{};
  };
  enum class Next : std::uint8_t { kGoOn, kStop };

  base::Result<Span> span_of(const TransitionFilter& filter);
  base::Result<Place> place_of(std::uint64_t number);
  // Of the first chunk that ends at or after `moment`; behind the last one when there is none.
  base::Result<Place> first_ending_at(Instant moment, std::uint64_t last);
  base::Result<Next> scan_index(const TransitionFilter& filter, Span span, const Visit& visit);
  base::Result<Next> scan_chunks(const TransitionFilter& filter, Span span, const Visit& visit);
  base::Result<Next> look_at(const TransitionFilter& filter, std::uint64_t number,
                             const Visit& visit);

  Database& database_;
  Loaded loaded_;
};

}  // namespace patuh::store
