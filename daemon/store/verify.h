// The audit: the chain computed again from what is stored.
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

class Audit {
 public:
  explicit Audit(Database& database) : database_(database), history_(database) {}
  base::Result<Verification> run(const std::optional<base::Digest>& expected);

 private:
  void injure(std::uint64_t seq, std::string message,
              std::optional<std::uint32_t> event = std::nullopt);
  // Each looks at one record and notes injuries; an error means that reading must end.
  base::Status look_at(std::uint64_t seq);
  base::Status check_record(const RecordRow& row);
  void check_place(const RecordRow& row);
  void check_entry(const RecordRow& row);
  base::Status check_event_digests(const RecordRow& row, std::string& digests);
  void check_body(const RecordRow& row, std::string_view event_digests);
  void check_events(const RecordRow& row, const BodyParts& parts, std::string_view digests);
  base::Status check_transitions(const RecordRow& row);
  base::Status check_quarantined(const RecordRow& row);
  void fold(std::uint64_t seq, const BodyParts& parts);
  // Notes unreadable bytes as an injury of the record; other faults are handed on.
  base::Status or_injury(std::uint64_t seq, const base::Status& status);

  // What stands in the tables beside the log.
  base::Status check_alerts();
  base::Status check_offsets();
  base::Status check_strays(std::uint64_t last);

  struct Written {
    std::uint64_t seq = 0;  // the record that wrote it last
    base::Digest digest{};  // of its encoding
  };
  Database& database_;
  History history_;
  Verification out_;
  std::optional<base::Digest> expected_;
  // What the next record may follow: its predecessor's entry as stored and as computed, which are
  // the same unless it is injured; empty = unknown.
  std::vector<base::Digest> previous_ = {base::Digest{}};
  std::uint64_t next_event_ = 1, next_transition_ = 1;
  Instant now_ = kAlways;
  std::map<std::string, Written, std::less<>> alerts_;
  std::map<std::tuple<std::string, std::string, std::int32_t>, Written> offsets_;
};

}  // namespace patuh::store
