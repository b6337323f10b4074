// How fast a snapshot goes beside input, so that the tail keeps within bounds however fast that
// comes: how many rows the next slice takes and, only where these would be too many for one pause,
// how many events the next batch. It counts events and rows and knows no time. Private to pipeline.
//
// Due behind so many events, a snapshot is whole before half as many again have come:
//
//   begun ├── fresh + waiting · batch / left ── of each slice ──┤ whole
//         0 events                                              due_at / 2
//
// A slice takes what the last batch changed, and of the rows that wait besides as great a part as
// that batch is of the events that are left. Once none are, it takes as many as pauses allow. It
// has four of them: three through the batch, and what is left behind it. The first one is small: it
// shares its pause with looking at all that changed since the last snapshot.
// What is not held to it: a batch, and a delivery that brings more events than a batch may (none is
// cut in two). Belongs to the pipeline's thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace patuh::pipeline {

class Pace {
 public:
  static constexpr std::size_t kPauses = 4;  // of a slice
  // Rows of one of them: at least, and at most: six and nine milliseconds of a million elements.
  static constexpr std::size_t kRowsLeast = 1000;
  static constexpr std::size_t kRowsMost = 1500;
  static constexpr std::size_t kEventsLeast = 100;  // of a batch, however far behind slices are

  // None is begun; the last one was so many events and records ago.
  explicit Pace(std::uint64_t since) : since_(since) {}
  // Another snapshot begins, behind which the next is due after so many events and records.
  void begin(std::uint64_t due_at);
  void note(std::uint64_t batch);                 // of so many events and records
  std::uint64_t since() const { return since_; }  // it was begun

  // Rows to take in each pause through the next batch.
  std::size_t rows_between() const { return between_; }
  // Rows of the next slice, of which so many were taken already: `fresh` were changed since the
  // last one, `waiting` wait besides or were taken. What one batch changes always fits, whatever
  // that is.
  std::size_t slice(std::size_t fresh, std::size_t waiting, std::size_t taken);
  // So few rows may be left to the slice that ends it; of the last slice.
  std::size_t rows_at_the_end() const { return at_the_end_; }
  // Events that the next batch may bring while slices are written.
  std::size_t batch_most() const { return batch_most_; }

 private:
  // For what is left behind a slice, with `left` events to come.
  std::size_t batch_for(std::size_t fresh, std::size_t waiting, std::uint64_t left) const;

  std::uint64_t room_ = 0;  // events within which it is to be whole
  std::uint64_t since_ = 0;
  std::uint64_t at_last_ = 0;  // of `since_`, at the last slice
  std::uint64_t batch_ = 0;    // events of the last one
  std::size_t between_ = 0;
  std::size_t at_the_end_ = 0;
  std::size_t batch_most_ = SIZE_MAX;
};

}  // namespace patuh::pipeline
