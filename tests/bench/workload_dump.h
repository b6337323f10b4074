// The workload of bench_engine for engines that others wrote: what is sent, as plain lines, and
// what must be violated at the end, as lines and their hash.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "model/model.h"

namespace patuh::bench {

// "upsert|app|17|n0|5|status|live|one|3", a patch likewise, by tabs: operation, kind, number of the
// element, then name and value of each field that rules read. A code and the end of a relation are
// their number, an instant is milliseconds since 1970.
std::string plain_line(const model::Schema& schema, const model::ChangeEvent& event);

// "app-floor-20|app/element-17", sorted.
std::vector<std::string> violations(const engine::Engine& engine);
// Of the lines, each with its line feed: SHA-256 in hexadecimal.
std::string hash_of(const std::vector<std::string>& lines);

}  // namespace patuh::bench
