#include "pipeline/pace.h"

#include <algorithm>

namespace patuh::pipeline {

void Pace::begin(std::uint64_t due_at) {
  room_ = due_at / 2;
  since_ = at_last_ = 0;
  between_ = 0;
  batch_most_ = SIZE_MAX;
}

void Pace::note(std::uint64_t batch) {
  since_ += batch;
  batch_ = batch;
}

std::size_t Pace::slice(std::size_t fresh, std::size_t waiting, std::size_t taken) {
  // Nothing waits behind a slice that no batch takes along: it need not be in haste.
  const bool flows = since_ == 0 || since_ > at_last_;
  const std::uint64_t batch = flows ? batch_ : 0;
  at_last_ = since_;
  // What comes along with this slice is not counted yet.
  const std::uint64_t left = room_ - std::min(room_, since_ + batch);
  const std::size_t share = batch >= left ? waiting : waiting * batch / left;
  const std::size_t wanted = std::max({kRowsLeast, 2 * fresh, fresh + share});
  const std::size_t most = taken + (since_ == 0 ? kRowsLeast : kRowsMost);
  std::size_t rows = std::max(std::min(wanted, most), fresh + kRowsLeast);
  // Else rounds of what two batches changed could follow one another without end.
  if (left == 0) rows = std::max(rows, 2 * fresh);
  between_ = std::min(wanted / kPauses, kRowsMost);
  at_the_end_ = std::max(fresh, kRowsMost);
  batch_most_ = batch_for(fresh, waiting + fresh - std::min(waiting + fresh, rows), left);
  return rows;
}

std::size_t Pace::batch_for(std::size_t fresh, std::size_t waiting, std::uint64_t left) const {
  if (batch_ == 0) return SIZE_MAX;
  const double fresh_an_event = static_cast<double>(fresh) / static_cast<double>(batch_);
  const double waiting_an_event =
      static_cast<double>(waiting) / static_cast<double>(std::max<std::uint64_t>(left, 1));
  // But what the last batch changes is left to one pause, which may be longer by as much again.
  const double rows = std::max((fresh_an_event + waiting_an_event) / kPauses, fresh_an_event / 2);
  const double events = static_cast<double>(kRowsMost) / std::max(rows, 1e-3);
  return std::max(kEventsLeast, static_cast<std::size_t>(events));
}

}  // namespace patuh::pipeline
