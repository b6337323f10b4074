// What each agency owed at any instant, and what was owed by each rule that few violate: the pairs
// that were open. Rows follow the log at a distance, as the other indexes of transitions do. A row
// has what happened to an agency's pairs, or to those by a rule, since the one before it; when
// those outweigh the list, or have become many small rows, it is written whole beside them, so that
// reading stays in proportion to it. A rule whose list grows too long has none from then on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/history.h"

namespace patuh::store {

// What a transition does to the pairs of its agency, in bytes.
struct OpenEntry {
  std::uint64_t agency = 0;  // hash
  std::string rule;
  std::string bytes;
};
OpenEntry open_entry(const model::Transition& transition, std::uint64_t number);

class OpenPairs {
 public:
  // Adds the entries (in order) of transitions up to `last`, all of records up to `seq`. Within a
  // transaction of the caller's.
  base::Status add(Database& database, std::vector<OpenEntry> entries, Seq seq, std::uint64_t last);

 private:
  struct Weight {
    std::uint64_t list = 0, since = 0;  // entries
    std::uint64_t rows = 0;             // since the list
    bool wants_list() const;
  };
  using Key = std::pair<std::uint64_t, std::int64_t>;  // hash, forms
  struct Group {
    std::string raw;
    std::uint64_t count = 0;  // entries
  };
  base::Result<Weight*> weight_of(Database& database, const Key& key);
  base::Status add_to(Database& database, const Key& key, std::string_view rule, const Group& group,
                      Seq seq);
  std::map<Key, Weight> weights_;
};

// Of a batch, in its transaction.
base::Status write_restated(Database& database, const std::vector<Restated>& restated, Seq seq,
                            std::uint64_t first_transition);
using Upgrading = std::function<void(std::uint64_t done, std::uint64_t all)>;  // may be empty
// Brings the rows up to where the indexes of transitions are: what a store of an older format
// lacks.
base::Status catch_up(Database& database, OpenPairs& pairs, const Upgrading& upgrading);

// Whether the lists of rules reach as far as those of agencies. In a store that a release had which
// did not keep them they do not; then they begin behind `seq`, the last record, and all transitions
// must be in the rows.
base::Result<bool> has_lists_of_rules(Database& database);
// Told of agencies.
base::Status begin_lists_of_rules(Database& database, Seq seq, const Upgrading& upgrading);

// Without an agency of all of them, by the rule; kNotFound where no list is kept of it.
base::Result<std::vector<OpenPair>> read_open_pairs(Database& database, History& history,
                                                    std::optional<std::string_view> agency,
                                                    Instant at, std::string_view rule);

}  // namespace patuh::store
