// Brings an engine to where the log ends. Private to pipeline.
#pragma once

#include "pipeline/driver.h"

namespace patuh::pipeline {

struct Recovered {
  std::unique_ptr<Driver> driver;   // null: the log is empty
  std::uint64_t disagreements = 0;  // records whose transitions differ from the stored ones
};

// Applies every record of the log. kCorrupt when a record cannot be read or, if asked to stop,
// disagrees.
base::Result<Recovered> recover(store::Store& store, const Options& options);

}  // namespace patuh::pipeline
