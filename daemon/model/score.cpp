#include <numeric>

#include "model/model.h"

namespace patuh::model {

int weight_of(Severity severity) {
  static constexpr std::array kWeights = {1, 2, 5, 10};
  return kWeights[static_cast<std::size_t>(severity)];
}

void Tally::add(VerdictState state, Severity severity, std::int64_t by) {
  const auto at = static_cast<std::size_t>(severity);
  switch (state) {
    case VerdictState::kNotApplicable:
      return;
    case VerdictState::kCompliant:
      compliant[at] += by;
      return;
    case VerdictState::kViolating:
      violating[at] += by;
      return;
    case VerdictState::kUndetermined:
      undetermined[at] += by;
      return;
    case VerdictState::kWaived:
      waived[at] += by;
      return;
  }
}

Tally& Tally::operator+=(const Tally& other) {
  for (std::size_t i = 0; i < compliant.size(); ++i) {
    compliant[i] += other.compliant[i];
    violating[i] += other.violating[i];
    undetermined[i] += other.undetermined[i];
    waived[i] += other.waived[i];
    overdue[i] += other.overdue[i];
    inherited[i] += other.inherited[i];
  }
  return *this;
}

std::int64_t total(const std::array<std::int64_t, 4>& by_severity) {
  return std::accumulate(by_severity.begin(), by_severity.end(), std::int64_t{0});
}

std::optional<double> score(const Tally& tally) {
  std::int64_t good = 0;
  std::int64_t all = 0;
  for (const Severity severity : kSeverities) {
    const auto at = static_cast<std::size_t>(severity);
    const std::int64_t weight = weight_of(severity);
    good += weight * tally.compliant[at];
    all += weight * (tally.compliant[at] + tally.violating[at]);
  }
  if (all == 0) return std::nullopt;
  return 100.0 * static_cast<double>(good) / static_cast<double>(all);
}

std::optional<double> coverage(const Tally& tally) {
  const std::int64_t decided = total(tally.compliant) + total(tally.violating);
  const std::int64_t judged = decided + total(tally.undetermined);
  if (judged == 0) return std::nullopt;
  return 100.0 * static_cast<double>(decided) / static_cast<double>(judged);
}

}  // namespace patuh::model
