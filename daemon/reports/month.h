// A month's figures, between gathering them and writing them down. Private to reports.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "reports/reports.h"

namespace patuh::reports {

// The law's calendar: months of the report follow it whatever a pack says.
inline constexpr std::string_view kZone = "Asia/Jakarta";

// What changed within the month, by what was recorded in it.
struct Flow {
  std::int64_t opened = 0;    // became violating
  std::int64_t fixed = 0;     // violating before, compliant or waived now
  std::int64_t reopened = 0;  // of the opened, those that had been violating before
  std::int64_t removed = 0;   // closed with their element or rule: never counted as fixed
  std::int64_t late = 0;      // of all these, those that belong to an earlier month
};

struct AgencyMonth {
  std::string name;
  bool reporting = true;  // it has elements in all domains that it owes
  model::Tally tally;
  std::array<std::int64_t, 4> inherited{};  // of the violating
  Flow flow;
};

// One line of the list of noncompliant deployments.
struct Episode {
  std::string rule, element, agency, occurrence;
  base::Instant since{};
  std::optional<base::Instant> until;
};

// A change that was recorded in this month and belongs to an earlier one.
struct LateChange {
  model::Transition transition;  // without evidence
  base::Instant happened{};      // the time of its event, or when it became so
};

struct Month {
  Request request;
  base::Instant from{}, end{};             // [from, end)
  base::Instant until{};                   // the last instant that is reported
  bool complete = false;                   // the log goes on after the month's end
  store::ChainHead head;                   // of the last record by the month's end
  std::unique_ptr<engine::Engine> engine;  // as it stood at `until`
  std::map<std::string, AgencyMonth> agencies;
  std::map<std::string, model::Tally> domains;
  model::Tally whole;
  std::array<std::int64_t, 4> inherited{};
  Flow flow;
  std::uint64_t late_events = 0;
  std::vector<Episode> episodes;
  std::vector<LateChange> late;
  bool shows(const std::string& agency) const {
    return request.agency.empty() || request.agency == agency;
  }
};

base::Result<Month> gather(store::Reader& reader, const Request& request);
std::string to_json(const Month& month);

}  // namespace patuh::reports
