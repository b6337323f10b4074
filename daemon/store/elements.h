// From an element to the records that hold its events. Each record keeps its events' marks beside
// their digests; many records' marks are then sorted into a run, in which one mark is found without
// reading the others.
//
//   records ─► marks beside the digests ─► a run: 64 shards, each sorted by mark, then record
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace patuh::store {

std::string bytes_of_marks(const std::vector<std::uint32_t>& marks);
// Calls visit(mark) for each, in order.
template <class Visit>
void for_each_mark(std::string_view bytes, const Visit& visit) {
  for (; bytes.size() >= 4; bytes.remove_prefix(4)) {
    std::uint32_t mark = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      mark |= std::uint32_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
    }
    visit(mark);
  }
}

class ElementRuns {
 public:
  // What stands in no run yet.
  base::Status load(Database& database);
  void note(const std::vector<std::uint32_t>& marks, Seq seq);
  bool is_due() const;
  // Writes a run of all that was noted; within a transaction of the caller's.
  base::Status write(Database& database) const;
  void written() { waiting_.clear(); }

 private:
  struct Entry {
    std::uint32_t mark = 0;
    std::uint64_t seq = 0;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> waiting_;
};

base::Result<std::vector<std::uint32_t>> read_marks(Database& database, Seq seq);
base::Result<std::vector<Seq>> read_records_of(Database& database, std::uint32_t mark, Seq after,
                                               Seq upto);

}  // namespace patuh::store
