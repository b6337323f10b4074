// Loads the small packs of pack_text.h.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"
#include "tests/unit/pack_text.h"

namespace patuh::testing {

// A test that gives faulty TOML fails here, with every diagnostic.
inline std::shared_ptr<const rulebook::RuleBook> book_of(std::string_view schema,
                                                         std::string_view rules) {
  const std::vector<rulebook::PackFile> files = {{"0:schema.toml", std::string(schema)},
                                                 {"0:rules.toml", std::string(rules)}};
  auto loaded = rulebook::load(std::span(files));
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().render());
  return loaded ? *loaded : nullptr;
}

}  // namespace patuh::testing
