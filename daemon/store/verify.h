// The audit: the chain computed again from what is stored, some spans of the log at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "store/history.h"
#include "store/records.h"

namespace patuh::store {

inline constexpr std::size_t kInjuriesMax = 1000;
// Retention deletes bodies from the log's beginning on, and no other.
inline constexpr const char* kBodyGone = "its body is not there, though older ones are";

// One stretch of the log, on one thread with its own connection.
class Audit {
 public:
  // Records first to last, both among them. `expected`: a chain entry to look out for.
  Audit(Database& database, std::uint64_t first, std::uint64_t last,
        std::optional<base::Digest> expected)
      : database_(database), history_(database), first_(first), last_(last), expected_(expected) {}
  // An error means that it could not be read at all.
  base::Status run();

  // What a record wrote last of an alert or an offset: the record, and the digest of its encoding.
  struct Written {
    std::uint64_t seq = 0;
    base::Digest digest{};
  };
  using Alerts = std::map<std::string, Written, std::less<>>;
  using Offsets = std::map<std::tuple<std::string, std::string, std::int32_t>, Written>;
  struct Found {
    Verification verification;
    Alerts alerts;
    Offsets offsets;
    // Where the transitions go on; 0 behind a record that is not there.
    std::uint64_t next_transition = 1;
    bool has_body = false;  // some record has one
    std::vector<std::uint64_t>
        without_body{};  // records that have none, ahead of the first that has
  };
  const Found& found() const { return found_; }

 private:
  void injure(std::uint64_t seq, std::string message,
              std::optional<std::uint32_t> event = std::nullopt);
  // Takes over what the record before the first one leaves, without looking at it.
  base::Status lead_in();
  // Each looks at one record and notes injuries; an error means that reading must end.
  base::Status look_at(std::uint64_t seq);
  base::Status check_record(const RecordRow& row);
  void check_place(const RecordRow& row);
  void check_entry(const RecordRow& row);
  base::Status check_event_digests(const RecordRow& row, std::string& digests);
  void check_body(const RecordRow& row, std::string_view event_digests);
  void check_events(const RecordRow& row, const BodyParts& parts, std::string_view digests);
  void note_erased(std::uint64_t seq, std::uint32_t event, Seq by);
  base::Status check_transitions(const RecordRow& row);
  base::Status check_quarantined(const RecordRow& row);
  void fold(std::uint64_t seq, const BodyParts& parts);
  // Notes unreadable bytes as an injury of the record; other faults are handed on.
  base::Status or_injury(std::uint64_t seq, const base::Status& status);

  Database& database_;
  History history_;
  std::uint64_t first_, last_;
  std::optional<base::Digest> expected_;
  Found found_;
  // What the next record may follow: its predecessor's entry as stored and as computed, which are
  // the same unless it is injured; empty = unknown.
  std::vector<base::Digest> previous_ = {base::Digest{}};
  std::uint64_t next_event_ = 1;
  Instant now_ = kAlways;
};

// The whole log as it stands, and what stands in the tables beside it.
base::Result<Verification> verify(Database& database, std::optional<base::Digest> expected);

}  // namespace patuh::store
