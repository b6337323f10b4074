// Texts of small packs, for tests and benchmarks that need rules, but not these or those.
#pragma once

#include <string>
#include <string_view>
#include <utility>

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

// A schema of apps with these attributes, an owner and further relations, and of agencies; more may
// be appended.
inline std::string schema_of_apps(std::string_view attributes, std::string_view relations = "") {
  std::string out = R"toml([pack]
id = "t"
version = "1"
title.id = "t"
[domains]
apps.title.id = "apps"
[kinds.app]
title.id = "a"
domain = "apps"
[kinds.app.attributes]
)toml";
  out.append(attributes).append("\n[kinds.app.relations]\n");
  out.append("owner = { to = \"agency\", agency = true }\n").append(relations).append("\n");
  return out.append(kAgencies);
}

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

}  // namespace patuh::testing
