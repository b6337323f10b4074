// What one batch becomes on disk: prepared apart from the database, then inserted row by row.
#pragma once

#include <string>
#include <vector>

#include "store/alert_tail.h"
#include "store/body.h"
#include "store/sqlite.h"

namespace patuh::store {

// Where the log ends: what the next batch is numbered and chained by.
struct End {
  ChainHead head;
  Tail tail;
  std::uint64_t events = 0;         // in the whole log
  Instant last_recorded = kAlways;  // of the last transition
};

struct PackedChunk {
  Chunk chunk;
  std::string bytes;  // its `raw`, compressed
};

struct Prepared {
  Header header;
  EncodedBody body;
  std::string packed_body;
  std::vector<PackedChunk> chunks;
  base::Digest entry{};
};

// Numbers, encodes, digests and compresses. A function of its arguments: a retry gives the same
// bytes. kInvalid when time goes back or the batch is over kRecordBytesMax.
base::Result<Prepared> prepare(const Batch& batch, const End& end, int compression_level);
// Where the log ends once the batch is in.
End end_after(const Batch& batch, const Prepared& prepared);

// Inserts all rows of the batch but those of its snapshot; the caller holds the transaction.
base::Status insert(Database& database, AlertTail& tail, const Batch& batch,
                    const Prepared& prepared);

base::Result<End> read_end(Database& database);

}  // namespace patuh::store
