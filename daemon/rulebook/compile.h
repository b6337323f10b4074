// Expressions of a pack's files: compiled, with faults at their place in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "expr/expr.h"
#include "model/model.h"
#include "toml/toml.h"

namespace patuh::rulebook {

// A rule or derived attribute whose cost bound is beyond this is refused (PACK-COST).
inline constexpr std::uint64_t kCostMax = 100'000;

// An expression as it is written: a TOML string, or a part of one.
struct Written {
  const toml::Node* node = nullptr;
  std::size_t offset = 0;  // of the expression within the string's value
  std::string_view text;
};
inline Written whole(const toml::Node& node) { return {&node, 0, node.string()}; }

class Compiler {
 public:
  // Both must outlive it.
  Compiler(const model::Schema& schema, toml::Report& report)
      : schema_(&schema), report_(&report) {}

  // Nothing when the expression is wrong: reported (EXPR-…). A bound beyond kCostMax is reported,
  // too.
  std::optional<expr::Program> compile(const expr::Environment& environment, const Written& written,
                                       const expr::Type& expected) const;
  // Of a rule's `when` or `require`: a bool, in which held_for() may stand.
  std::optional<expr::Program> compile_condition(const expr::Environment& environment,
                                                 const Written& written) const;
  toml::Report& report() const { return *report_; }

 private:
  std::optional<expr::Program> compile(const expr::Environment& environment,
                                       const expr::Source& source, const Written& written,
                                       const expr::Type& expected) const;
  void hand_on(const base::Diagnostics& found, const Written& written) const;
  const model::Schema* schema_;
  toml::Report* report_;
};

}  // namespace patuh::rulebook
