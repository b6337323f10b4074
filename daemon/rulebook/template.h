// Texts with {expressions} in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rulebook/compile.h"
#include "rulebook/environment.h"
#include "rulebook/rulebook.h"
#include "toml/toml.h"

namespace patuh::rulebook {

// A piece of a text: literal, or the expression between two braces.
struct Piece {
  std::string text;
  bool expression = false;
  std::size_t offset = 0;  // of an expression, within the text
};

// Splits at braces; "{{" and "}}" are literal ones. Braces and quotes within an expression are the
// expression's. Reports PACK-TEMPLATE.
std::optional<std::vector<Piece>> split_template(const toml::Node& node, toml::Report& report);

// A message: its expressions compiled.
Template read_template(const toml::Node& node, const expr::Environment& environment,
                       const Compiler& compiler);

// A title or remedy: only {each.name} may stand in it, and is replaced.
std::string fill_each(const toml::Node& node, const Each& each, toml::Report& report);

}  // namespace patuh::rulebook
