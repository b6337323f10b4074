// Small packs for tests that need rules, but not these or those.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"

namespace patuh::testing {

// The part of a schema that says who answers: agencies with a code and a name. It ends within the
// role, so that a test can say what they owe.
inline constexpr std::string_view kAgencies = R"toml(
[kinds.agency]
title.id = "a"
name = "nama"
[kinds.agency.attributes]
code = { type = "string" }
nama = { type = "string" }
[roles.agency]
kind = "agency"
code = "code"
)toml";

// A rule with texts in both languages; `more` are further lines.
inline std::string rule_of(std::string_view id, std::string_view severity, std::string_view require,
                           std::string_view more = "", std::string_view kind = "app") {
  std::string out = R"toml([[rule]]
title.id = "Judul"
title.en = "Title"
remedy.id = "Obat"
remedy.en = "Cure"
message.id = "m"
)toml";
  for (const auto& [name, value] :
       {std::pair{"id", id}, std::pair{"kind", kind}, std::pair{"severity", severity},
        std::pair{"require", require}}) {
    out.append(name).append(" = \"").append(value).append("\"\n");
  }
  return out.append(more);
}

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
