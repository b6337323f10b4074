// Out of quarantine and through the pipeline once more: the input is delivered like any other, from
// a channel of its own, by which the batch that takes it knows which row to mark. Private to
// pipeline.
#pragma once

#include "pipeline/worker.h"

namespace patuh::pipeline {

// Pipeline::redrive(); from any thread but the worker's.
base::Result<std::vector<Redriven>> redrive(Worker& worker,
                                            const std::vector<store::QuarantineId>& ids,
                                            const Operator& by, const decode::Limits& limits,
                                            std::chrono::milliseconds wait);

// A row to mark, by the place of its item among all items of a batch.
struct Mark {
  std::size_t place = 0;
  store::Redriven row;
};
// To be asked before the items are moved from.
std::vector<Mark> marks_of(std::span<const decode::Delivery> deliveries);
// `receipts`: one an item, in order.
void add_marks(std::vector<Mark> marks, std::span<const decode::Receipt> receipts,
               store::Batch& batch);

}  // namespace patuh::pipeline
