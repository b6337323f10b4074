// An explanation as a few lines for people. Private to engine.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "text/text.h"

namespace patuh::engine {

inline text::Lang lang_of(model::Language language) {
  return language == model::Language::kEnglish ? text::Lang::kEnglish : text::Lang::kIndonesian;
}

template <class Tell>
model::Text in_both(Tell tell) {
  return {tell(model::Language::kIndonesian), tell(model::Language::kEnglish)};
}

// Explanation::lines of what else `why` holds.
std::vector<model::Text> lines_of(const Explanation& why, const text::Zone& zone);

}  // namespace patuh::engine
