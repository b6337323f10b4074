#include "pipeline/clock_watch.h"

#include <time.h>

namespace patuh::pipeline {

ClockWatch::Passed ClockWatch::passed_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);  // counts sleep too
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::duration_cast<Passed>(std::chrono::nanoseconds(now.tv_nsec));
}

void ClockWatch::look(base::Instant wall, Passed passed) {
  last_ = Seen{wall, passed};
  if (!right_) right_ = last_;
  const base::Duration ahead = (wall - right_->wall) - (passed - right_->passed);
  if (ahead <= jump_max_) {
    // Behind, it is let come back to where it was without being taken for a leap.
    if (ahead >= base::Duration(0)) right_ = last_;
    leapt_.reset();
    jump_ = base::Duration(0);
    return;
  }
  if (!leapt_) leapt_ = passed;
  jump_ = ahead;
  if (passed - *leapt_ >= stays_) accept();
}

void ClockWatch::accept() {
  right_ = last_;
  leapt_.reset();
  jump_ = base::Duration(0);
}

}  // namespace patuh::pipeline
