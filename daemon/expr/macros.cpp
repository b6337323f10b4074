#include "expr/macros.h"

#include <algorithm>
#include <array>

namespace patuh::expr {
namespace {

struct LoopMacro {
  std::string_view name;
  std::size_t arguments;  // beside the range
  Loop loop;
};

constexpr std::array<LoopMacro, 7> kLoops = {{{"all", 2, Loop::kAll},
                                              {"exists", 2, Loop::kExists},
                                              {"exists_one", 2, Loop::kExistsOne},
                                              {"existsOne", 2, Loop::kExistsOne},
                                              {"filter", 2, Loop::kFilter},
                                              {"map", 2, Loop::kMap},
                                              {"map", 3, Loop::kMapIf}}};

void refuse(Expression& call, Report& report, std::string message, std::string hint) {
  report.add({.code = "EXPR-MACRO",
              .at = call.focus,
              .message = std::move(message),
              .hint = std::move(hint)});
  call.syntax = Syntax::kError;
  call.children.clear();
}

void expand_has(Expression& call, Report& report) {
  if (call.children.size() != 1)
    return refuse(call, report, "has() takes one field", "has(self.x)");
  Expression& operand = *call.children[0];
  if (operand.syntax == Syntax::kError) return;
  if (operand.syntax != Syntax::kSelect) {
    return refuse(call, report, "has() asks whether a field is present",
                  "has(self.x); for any other value use filled(…) or != null");
  }
  call.syntax = Syntax::kHas;
  call.name = operand.name;
  call.focus = operand.focus;
  call.children = operand.children;
}

void expand_loop(Expression& call, Report& report) {
  const std::size_t arguments = call.children.size() - 1;
  const auto macro = std::ranges::find_if(
      kLoops, [&](const LoopMacro& m) { return m.name == call.name && m.arguments == arguments; });
  if (macro == kLoops.end()) {
    return refuse(call, report, "." + call.name + "() takes a variable and an expression",
                  "list." + call.name + "(x, …)");
  }
  const Expression& variable = *call.children[1];
  if (variable.syntax == Syntax::kError) {
    call.syntax = Syntax::kError;
    return;
  }
  if (variable.syntax != Syntax::kName) {
    return refuse(call, report,
                  "the first argument of ." + call.name + "() names the loop variable",
                  "list." + call.name + "(x, …)");
  }
  call.syntax = Syntax::kLoop;
  call.loop = macro->loop;
  call.name = variable.name;
  call.focus = variable.focus;
  call.children.erase(call.children.begin() + 1);
}

// previous(e.x) and changes(e.x, …) are asked of the element and the attribute's name, not of the
// value: previous(e, 'x').
void expand_past(Expression& call, Report& report) {
  if (call.children.empty() || call.children[0]->syntax == Syntax::kError) return;
  Expression& attribute = *call.children[0];
  if (attribute.syntax != Syntax::kSelect) {
    return refuse(call, report, call.name + "() takes an attribute",
                  call.name == "previous" ? "previous(self.x)" : "changes(self.x, days(30))");
  }
  call.children.insert(call.children.begin(), attribute.children[0]);
  attribute.syntax = Syntax::kLiteral;
  attribute.literal = Value::string(attribute.name);
  attribute.children.clear();
}

bool is_loop(std::string_view name) {
  return std::ranges::find(kLoops, name, &LoopMacro::name) != kLoops.end();
}

}  // namespace

void expand_macro(Expression& call, Report& report) {
  if (!call.has_target && call.name == "has") return expand_has(call, report);
  const bool asks_the_past = call.name == "previous" || call.name == "changes";
  if (!call.has_target && asks_the_past) return expand_past(call, report);
  if (call.has_target && is_loop(call.name)) return expand_loop(call, report);
}

}  // namespace patuh::expr
