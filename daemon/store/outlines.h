// What stood in the whole after each record: whole now and then, and in between what differs.
#pragma once

#include <vector>

#include "store/sqlite.h"
#include "store/store.h"

namespace patuh::store {

// Of a batch, in its transaction.
base::Status write_outlines(Database& database, const std::vector<Outline>& outlines);
base::Result<Instant> read_outlined_from(Database& database);
base::Result<std::vector<Outline>> read_outlines(Database& database, Instant at);

}  // namespace patuh::store
