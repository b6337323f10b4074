// What stands behind the public door.
#pragma once

#include <memory>

#include "registry/loading.h"
#include "registry/registry.h"
#include "registry/state.h"

namespace patuh::registry {

struct Registry::Impl {
  Impl(std::shared_ptr<const model::Schema> schema, Options options)
      : ground(std::move(options)), state(std::make_unique<State>(ground, std::move(schema))) {}

  Ground ground;
  std::unique_ptr<State> state;
  std::unique_ptr<Loading> loading;  // while a snapshot is
};

// Fills the empty state `to`, which has another schema, with what `from` holds. How many values,
// ends and elements did not fit and were dropped.
std::uint64_t migrate(State& from, State& to);

// Takes another schema where it stands, if all that is held can stay as it is under it: fields may
// have come, and limits may be others that all values keep. False: it cannot, nothing has changed.
bool recast(State& state, std::shared_ptr<const model::Schema> schema);

// Whether a value of the attribute's type keeps its limits.
bool fits_limits(const expr::Value& value, const model::Attribute& attribute);

}  // namespace patuh::registry
