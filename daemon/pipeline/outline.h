// What the whole came to behind each record, in bytes: written with the batch, read back for
// questions about the past. Now and then all of it, in between what changed. Private to pipeline.
#pragma once

#include <map>
#include <string>

#include "pipeline/pipeline.h"

namespace patuh::pipeline {

// What the log holds, all told.
struct LogCounts {
  std::uint64_t events = 0, set_aside = 0;
};

class Outliner {
 public:
  // Behind a record.
  store::Outline behind(engine::Engine& engine, ClockMode clock, base::Instant at,
                        const LogCounts& counts);
  // Between two events of a record under event clock: names and counts of the log are those of the
  // record before.
  store::Outline between(engine::Engine& engine, base::Instant at);

 private:
  store::Outline write(engine::Engine& engine, base::Instant at);
  std::map<std::string, AgencyName> agencies_;
  std::map<std::string, AgencyName> changed_;  // since the last outline; an empty id: is gone
  ClockMode clock_ = ClockMode::kEvent;
  LogCounts counts_;
  std::uint64_t whole_bytes_ = 0;  // of the last whole one; 0: none was written since start
  std::uint64_t bytes_since_ = 0;
};

// Folds one more outline into what stood before it. False when the bytes are none.
bool take_outline(const store::Outline& outline, PastView& view);

}  // namespace patuh::pipeline
