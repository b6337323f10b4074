// The log's records, read back.
#pragma once

#include <optional>
#include <string>

#include "store/body.h"
#include "store/sqlite.h"

namespace patuh::store {

// What the tables say of one record, not yet compared with anything.
struct RecordRow {
  Header header;
  Digests digests;
  base::Digest entry{};
  std::optional<std::string> body;  // unpacked; nothing when it was deleted
};

enum class WithBody : std::uint8_t { kNo, kYes };

// Nothing when there is no such record. kCorrupt when a column cannot be.
base::Result<std::optional<RecordRow>> read_row(Database& database, Seq seq, WithBody with_body);
base::Result<std::optional<StoredRecord>> read_record(Database& database, Seq seq);
// Without taking the other events apart.
base::Result<StoredRecord> read_events_of(Database& database, Seq seq, std::uint32_t mark,
                                          Instant to);

}  // namespace patuh::store
