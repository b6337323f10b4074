// Plain-text tables of cases: "EXPRESSION ==> OUTCOME", '#' begins a comment line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patuh::expr {

struct Case {
  std::string where;  // file:line
  std::string expression;
  std::string outcome;
};

// Of tests/unit/expr/cases/NAME. Asserts that the file is there and not empty.
std::vector<Case> read_cases(std::string_view name);
// Whole blocks between lines of dashes: the first lines are the expression, after "--" the text.
std::vector<Case> read_blocks(std::string_view name);

}  // namespace patuh::expr
