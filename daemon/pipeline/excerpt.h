// One element's registry row out of a snapshot, in a registry of its own: the element as it stood,
// and stubs of those it names, so that its later events can be applied to it. Private to pipeline.
#pragma once

#include <memory>
#include <string>

#include "pipeline/pipeline.h"

namespace patuh::pipeline {

struct Excerpt {
  std::shared_ptr<const rulebook::RuleBook> book;  // that stood behind the snapshot
  ClockMode clock = ClockMode::kWall;
  base::Instant now{};
  // Null: the snapshot does not know the element.
  std::shared_ptr<registry::Registry> registry;
  std::string owner;  // kind/id of the agency it belonged to; empty: of none
};

registry::Options with_grants(const rulebook::RuleBook& book);

// kNotFound when the snapshot was written without marks; kCorrupt when a row is not what it should
// be.
base::Result<Excerpt> excerpt(store::Reader& reader, const store::SnapshotInfo& info,
                              const model::ElementKey& key, Books& books);
// The rulebook in a snapshot's head.
base::Result<std::shared_ptr<const rulebook::RuleBook>> book_of(store::Reader& reader,
                                                                store::SnapshotId id, Books& books);

}  // namespace patuh::pipeline
