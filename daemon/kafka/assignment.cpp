#include "kafka/assignment.h"

#include <algorithm>

namespace patuh::kafka {
namespace {

bool is_at(const Holding& holding, std::string_view topic, Partition partition) {
  return holding.stats.at.partition == partition && holding.stats.at.topic.value == topic;
}

}  // namespace

void Assignment::add(const TopicPartition& at, std::optional<Offset> next) {
  remove(at);
  Holding holding;
  holding.stats.at = at;
  holding.stats.next = next;
  const auto place = std::ranges::lower_bound(
      holdings_, at, {}, [](const Holding& h) -> const TopicPartition& { return h.stats.at; });
  holdings_.insert(place, std::move(holding));
}

void Assignment::remove(const TopicPartition& at) {
  std::erase_if(holdings_, [&](const Holding& holding) { return holding.stats.at == at; });
}

Holding* Assignment::find(std::string_view topic, Partition partition) {
  if (last_found_ < holdings_.size() && is_at(holdings_[last_found_], topic, partition)) {
    return &holdings_[last_found_];
  }
  const auto found = std::ranges::find_if(
      holdings_, [&](const Holding& holding) { return is_at(holding, topic, partition); });
  if (found == holdings_.end()) return nullptr;
  last_found_ = static_cast<std::size_t>(found - holdings_.begin());
  return &*found;
}

std::optional<std::int64_t> PartitionStats::lag() const {
  if (!next || !end) return std::nullopt;
  return std::max<std::int64_t>(0, end->value - next->value);
}

std::optional<base::Duration> PartitionStats::lag_time(base::Instant now) const {
  const auto waiting = lag();
  if (!waiting) return std::nullopt;
  if (*waiting == 0) return base::Duration::zero();
  if (last_time == base::kNever) return std::nullopt;
  return std::max(base::Duration::zero(), now - last_time);
}

}  // namespace patuh::kafka
