// What a step told, as lines to compare.
#pragma once

#include <string>

#include "engine/engine.h"

namespace patuh::engine::naive {

// All but what depends on nothing but the rest: transitions with their evidence, and notices.
std::string text_of(const StepResult& result);

}  // namespace patuh::engine::naive
