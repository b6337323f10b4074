// Brings an engine to where the log ends. Private to pipeline.
#pragma once

#include "pipeline/snapshot.h"

namespace patuh::pipeline {

struct Recovered {
  std::unique_ptr<Driver> driver;   // null: the log is empty
  std::uint64_t disagreements = 0;  // records whose transitions differ from the stored ones
  SnapshotState snapshot;           // the one that recovery began at
  std::uint64_t tail = 0;           // events and records behind it
};

// Loads the newest snapshot that can be used and applies every record behind it, else all of the
// log; says which. kCorrupt when a record cannot be read or, if asked to stop,
// disagrees.
base::Result<Recovered> recover(store::Store& store, const Options& options);

}  // namespace patuh::pipeline
