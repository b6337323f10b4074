// What the engine shows of itself after a batch, gathered before the batch is durable and published
// once it is. Private to pipeline.
#pragma once

#include "pipeline/pipeline.h"

namespace patuh::pipeline {

// The part of a View that follows from the engine.
struct Outlook {
  ClockMode clock = ClockMode::kWall;
  std::shared_ptr<const engine::Tallies> tallies;
  engine::Stats engine;
  base::Instant baseline = base::Instant::min();
  std::map<std::string, base::Instant> last_heard;
  std::map<std::string, AgencyName> agencies;
  std::map<std::string, std::uint64_t> pending;
};

// Without an engine (nothing has come yet): an empty one. On the engine's thread.
Outlook outlook_of(const engine::Engine* engine, ClockMode clock);
void put(Outlook outlook, View& into);

}  // namespace patuh::pipeline
