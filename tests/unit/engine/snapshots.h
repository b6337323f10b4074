// Snapshots of an engine, kept as the pipeline keeps them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace patuh::engine::naive {

using Rows = std::map<std::uint32_t, std::pair<std::string, std::string>>;  // by place

// Rows that were touched are written again, now a few and now all.
struct Snapshot {
  Rows rows;
  std::vector<model::ElementRef> waiting;
  std::map<std::uint32_t, std::vector<std::string>> sources;
  std::map<std::uint32_t, std::uint64_t> remembered;

  void take(Engine& engine, std::size_t most);
  void take_sources(const Engine& engine);
};

Rows all_rows(const Engine& engine);
std::string head_of(const Engine& engine);

// An engine from the snapshot and the head of `from`; null when it is refused.
std::unique_ptr<Engine> load(const Snapshot& snapshot, const Engine& from, const Options& options,
                             bool packed);

}  // namespace patuh::engine::naive
