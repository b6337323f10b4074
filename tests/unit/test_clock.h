// A wall clock that stands where the test puts it.
#pragma once

#include <atomic>

#include "base/base.h"

namespace patuh::testing {

class TestClock final : public base::Clock {
 public:
  explicit TestClock(base::Instant at = *base::from_rfc3339("2026-06-01T00:00:00Z")) { set(at); }
  base::Instant now() const override { return base::Instant(base::Duration(at_.load())); }
  void set(base::Instant at) { at_ = at.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> at_;
};

}  // namespace patuh::testing
