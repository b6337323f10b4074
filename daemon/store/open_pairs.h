// What each agency owed at any instant: the pairs that were open. Rows follow the log at a
// distance, as the other indexes of transitions do. A row has what happened to an agency's pairs
// since the one before it; when those outweigh its list, the list is written whole beside them, so
// that reading stays in proportion to the list.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/history.h"

namespace patuh::store {

// What a transition does to the pairs of its agency, in bytes.
struct OpenEntry {
  std::uint64_t agency = 0;  // hash
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
  };
  base::Result<Weight*> weight_of(Database& database, std::uint64_t agency);
  std::unordered_map<std::uint64_t, Weight> weights_;
};

// Of a batch, in its transaction.
base::Status write_restated(Database& database, const std::vector<Restated>& restated, Seq seq,
                            std::uint64_t first_transition);
using Upgrading = std::function<void(std::uint64_t done, std::uint64_t all)>;  // may be empty
// Brings the rows up to where the indexes of transitions are: what a store of an older format
// lacks.
base::Status catch_up(Database& database, OpenPairs& pairs, const Upgrading& upgrading);

base::Result<std::vector<OpenPair>> read_open_pairs(Database& database, History& history,
                                                    std::string_view agency, Instant at,
                                                    std::string_view rule);

}  // namespace patuh::store
