// What a batch tells the store and the senders. Private to pipeline.
#pragma once

#include "pipeline/driver.h"

namespace patuh::pipeline {

store::Quarantined quarantined(const decode::Rejected& rejected, const model::Position& position);
// `bytes`: as the event came; empty when it came in pieces, then its structured form stands for it.
store::Quarantined quarantined(const model::Envelope& envelope, std::string_view bytes,
                               const model::Fault& fault);

// Adds transitions, alert episodes and outbox rows of `applied` to the batch.
void add_rows(Applied applied, std::span<const std::string> sinks, store::Batch& batch);

decode::Receipt receipt_of(registry::Outcome outcome, const std::string& message);
decode::Receipt receipt_of(const model::Fault& fault);

}  // namespace patuh::pipeline
