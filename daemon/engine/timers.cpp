#include "engine/timers.h"

#include <algorithm>

#include "marks/marks.h"

namespace patuh::engine {

std::uint32_t Timers::set(std::uint32_t timer, base::Instant at, const PairRef& pair) {
  if (at == base::kNever) {
    if (timer != kNone) cancel(timer);
    return kNone;
  }
  if (timer == kNone) {
    timer = take();
    heap_.push_back(timer);
    timers_[timer] = {at, pair, static_cast<std::uint32_t>(heap_.size() - 1)};
  } else if (timers_[timer].at == at) {
    return timer;
  } else {
    timers_[timer].at = at;
  }
  up(timers_[timer].place);
  down(timers_[timer].place);
  return timer;
}

bool Timers::before(std::uint32_t a, std::uint32_t b) const {
  const Timer& left = timers_[a];
  const Timer& right = timers_[b];
  return left.at != right.at ? left.at < right.at : seats_.before(left.pair, right.pair);
}

void Timers::put(std::size_t place, std::uint32_t timer) {
  heap_[place] = timer;
  timers_[timer].place = static_cast<std::uint32_t>(place);
}

void Timers::up(std::size_t place) {
  const std::uint32_t timer = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 4;
    if (!before(timer, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, timer);
}

void Timers::down(std::size_t place) {
  const std::uint32_t timer = heap_[place];
  for (;;) {
    const std::size_t first = place * 4 + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + 4, heap_.size());
    std::size_t least = first;
    for (std::size_t i = first + 1; i < end; ++i) {
      if (before(heap_[i], heap_[least])) least = i;
    }
    if (!before(heap_[least], timer)) break;
    put(place, heap_[least]);
    place = least;
  }
  put(place, timer);
}

void Timers::cancel(std::uint32_t timer) {
  const std::size_t place = timers_[timer].place;
  const std::uint32_t last = heap_.back();
  heap_.pop_back();
  if (last != timer) {
    PATUH_MARK("timers: one in the middle is cancelled");
    put(place, last);
    if (!PATUH_DEFECT("a cancelled timer leaves disorder")) {
      up(place);
      down(timers_[last].place);
    }
  }
  timers_[timer].place = free_;
  free_ = timer;
}

std::uint32_t Timers::take() {
  if (free_ == kNone) return timers_.add();
  const std::uint32_t timer = free_;
  free_ = timers_[timer].place;
  return timer;
}

std::uint64_t Timers::bytes() const {
  return timers_.bytes() + heap_.capacity() * sizeof(std::uint32_t);
}

}  // namespace patuh::engine
