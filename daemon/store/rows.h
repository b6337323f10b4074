// The small tables: alerts, outbox, offsets, quarantine; a row to a value and back.
#pragma once

#include <cstdint>
#include <optional>

#include "store/body.h"
#include "store/sqlite.h"

namespace patuh::store {

inline std::int64_t ticks(Instant instant) { return instant.time_since_epoch().count(); }
// A hash as a column keeps it.
inline std::int64_t bits(std::uint64_t hash) { return static_cast<std::int64_t>(hash); }
inline Instant instant_of(std::int64_t value) { return Instant(base::Duration(value)); }

// Where an episode stands in the tail.
struct TailPlace {
  std::int64_t id = 0;
  bool is_new = false;  // else a row of this id is written over, if it is there
};
base::Status write_alert(Database& database, const AlertRow& alert, TailPlace place);
base::Status write_outbox(Database& database, const OutboxRow& row, Instant queued);
base::Status write_offset(Database& database, const OffsetRow& offset);
// `record` is the one that sets it aside.
base::Status write_quarantined(Database& database, const Quarantined& input, const Header& record);
base::Status write_redriven(Database& database, const Redriven& redriven, Instant at);

// The rows of a query that selects these columns, read to its end. A macro, since statements are
// kept by the address of their literal.
#define PATUH_STORE_ALERT_COLUMNS                                                        \
  "key, agency, rule, kind, element, severity, phase, started, fired, resolved, cause, " \
  "occurrence, told, notice"
base::Result<std::vector<AlertRow>> read_alerts(Query& query);

base::Result<std::vector<OffsetRow>> read_offsets(Database& database);
base::Result<std::vector<PendingOutbox>> read_outbox(Database& database, std::string_view sink,
                                                     std::size_t limit);
base::Result<std::vector<QuarantineRow>> read_quarantine(Database& database,
                                                         const QuarantineFilter& filter);
// What the audit needs of an input that a record set aside.
struct AuditedInput {
  Quarantined input;
  base::Digest kept{};  // of its bytes, as it was written
  bool erased = false;  // the bytes are gone
  Instant at{};
};
base::Result<std::vector<AuditedInput>> read_quarantine_of(Database& database, Seq seq);
base::Result<Counts> read_counts(Database& database);

}  // namespace patuh::store
