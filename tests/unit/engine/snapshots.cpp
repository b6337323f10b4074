#include "snapshots.h"

namespace patuh::engine::naive {

void Snapshot::take(Engine& engine, std::size_t most) {
  for (const model::ElementRef place : engine.take_touched()) waiting.push_back(place);
  for (; most > 0 && !waiting.empty(); --most) {
    auto& [row, packed] = rows[waiting.back().value] = {};
    engine.save(waiting.back(), row, packed);
    waiting.pop_back();
  }
}

void Snapshot::take_sources(const Engine& engine) {
  for (std::uint32_t i = 0; i < engine.registry().source_count(); ++i) {
    std::string row;
    engine.save_source(i, remembered[i], row);
    remembered[i] = engine.registry().remembered(i);
    sources[i].push_back(row);
  }
}

Rows all_rows(const Engine& engine) {
  Rows rows;
  for (std::uint32_t at = 0; at < engine.registry().places(); ++at) {
    auto& [row, packed] = rows[at];
    engine.save(model::ElementRef(at), row, packed);
  }
  return rows;
}

std::string head_of(const Engine& engine) {
  std::string head;
  std::string packed;
  engine.save_head(head, packed);
  return head;
}

std::unique_ptr<Engine> load(const Snapshot& snapshot, const Engine& from, const Options& options,
                             bool packed) {
  auto engine = std::make_unique<Engine>(from.shared_book(), options);
  std::string head;
  std::string beside;
  from.save_head(head, beside);
  const auto loading =
      engine->load_head(head, packed ? beside : std::string(), snapshot.rows.size());
  if (loading != (packed ? Engine::Loading::kPacked : Engine::Loading::kPortable)) return nullptr;
  // Rows come in any order.
  for (auto row = snapshot.rows.rbegin(); row != snapshot.rows.rend(); ++row) {
    if (!engine->load(model::ElementRef(row->first), row->second.first, row->second.second)) {
      return nullptr;
    }
  }
  for (const auto& [number, rows] : snapshot.sources) {
    for (const std::string& row : rows) {
      if (!engine->load_source(row)) return nullptr;
    }
  }
  return engine->load_end() ? std::move(engine) : nullptr;
}

}  // namespace patuh::engine::naive
