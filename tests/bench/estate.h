// An estate of applications under eight rules, and events about it without end: what benchmarks of
// starting, of snapshots and of the past play.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "collectors/decode/decode.h"
#include "rulebook/rulebook.h"

namespace patuh::bench {

inline constexpr std::uint64_t kPerAgency = 2000;

std::shared_ptr<const rulebook::RuleBook> estate_book();

class EstateEvents {
 public:
  // Every event is `step` later than the one before it.
  explicit EstateEvents(std::uint64_t elements, base::Duration step = base::Duration(0))
      : elements_(elements), step_(step) {}
  // The next `count` events: first every agency and every element once, then changes of random
  // ones.
  decode::Delivery delivery(std::size_t count);
  std::uint64_t made() const { return made_; }
  std::uint64_t agencies() const { return (elements_ + kPerAgency - 1) / kPerAgency; }
  base::Instant time() const { return time_; }  // of the last one

  static constexpr base::Instant kBegin{std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)};

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string event();
  std::string data(std::uint64_t element);

  std::uint64_t elements_;
  base::Duration step_;
  base::Instant time_ = kBegin;
  std::mt19937_64 random_{7};
  std::uint64_t made_ = 0;
};

}  // namespace patuh::bench
