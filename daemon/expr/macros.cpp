#include "expr/macros.h"

#include <algorithm>
#include <array>

namespace patuh::expr {
namespace {

struct LoopMacro {
  std::string_view name;
  std::size_t variables;
  std::size_t bodies;
  Loop loop;
};

constexpr std::array<LoopMacro, 20> kLoops = {{{"all", 1, 1, Loop::kAll},
                                               {"exists", 1, 1, Loop::kExists},
                                               {"exists_one", 1, 1, Loop::kExistsOne},
                                               {"existsOne", 1, 1, Loop::kExistsOne},
                                               {"filter", 1, 1, Loop::kFilter},
                                               {"map", 1, 1, Loop::kMap},
                                               {"map", 1, 2, Loop::kMapIf},
                                               {"all", 2, 1, Loop::kAll},
                                               {"exists", 2, 1, Loop::kExists},
                                               {"exists_one", 2, 1, Loop::kExistsOne},
                                               {"existsOne", 2, 1, Loop::kExistsOne},
                                               {"transformList", 2, 1, Loop::kMap},
                                               {"transformList", 2, 2, Loop::kMapIf},
                                               {"transformMap", 2, 1, Loop::kTransformMap},
                                               {"transformMap", 2, 2, Loop::kTransformMapIf},
                                               {"transformMapEntry", 2, 1, Loop::kTransformEntry},
                                               {"transformMapEntry", 2, 2, Loop::kTransformEntryIf},
                                               {"sortBy", 1, 1, Loop::kSortBy},
                                               {"optMap", 1, 1, Loop::kOptMap},
                                               {"optFlatMap", 1, 1, Loop::kOptFlatMap}}};

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

// ── Loops ──

// "list.all(x, …)", "list.transformList(i, x, …)".
std::string form_of(const Expression& call, std::size_t variables) {
  const std::string_view of = call.name.starts_with("opt") ? "optional." : "list.";
  return std::string(of) + call.name + (variables == 2 ? "(i, x, …)" : "(x, …)");
}

const LoopMacro* find_loop(const Expression& call) {
  const std::size_t arguments = call.children.size() - 1;
  const auto macro = std::ranges::find_if(kLoops, [&](const LoopMacro& m) {
    return m.name == call.name && m.variables + m.bodies == arguments;
  });
  return macro == kLoops.end() ? nullptr : macro;
}

// False, with a fault unless there was one, when the arguments do not name variables.
bool takes_names(Expression& call, std::size_t variables, Report& report) {
  for (std::size_t i = 1; i <= variables; ++i) {
    const Expression& variable = *call.children[i];
    if (variable.syntax == Syntax::kError) {
      call.syntax = Syntax::kError;
      return false;
    }
    if (variable.syntax == Syntax::kName && !variable.absolute) continue;
    refuse(call, report,
           std::string(i == 1 ? "the first" : "the second") + " argument of ." + call.name +
               "() names the loop variable",
           form_of(call, variables));
    return false;
  }
  return true;
}

void expand_loop(Expression& call, std::size_t variables_usual, Report& report) {
  const LoopMacro* const macro = find_loop(call);
  if (macro == nullptr) {
    const bool with_position = call.name == "filter" && call.children.size() == 4;
    return refuse(call, report,
                  "." + call.name + "() takes " +
                      (variables_usual == 2 ? "two variables" : "a variable") +
                      " and an expression",
                  with_position ? "with positions: list.transformList(i, x, condition, x)"
                                : form_of(call, variables_usual));
  }
  if (!takes_names(call, macro->variables, report)) return;
  const bool twice = macro->variables == 2 && call.children[1]->name == call.children[2]->name;
  if (twice) {
    return refuse(call, report, "the two variables of ." + call.name + "() need two names",
                  form_of(call, 2));
  }
  call.syntax = Syntax::kLoop;
  call.loop = macro->loop;
  call.name = call.children[1]->name;
  call.focus = call.children[1]->focus;
  if (macro->variables == 2) call.second = call.children[2]->name;
  const auto first = call.children.begin() + 1;
  call.children.erase(first, first + static_cast<std::ptrdiff_t>(macro->variables));
}

// ── cel.… ──

std::optional<std::int64_t> number_of(const Expression& e) {
  if (e.syntax != Syntax::kLiteral || e.literal.kind() != Kind::kInt) return std::nullopt;
  return e.literal.as_int();
}

// cel.bind(name, value, body)
void expand_bind(Expression& call, Report& report) {
  constexpr std::string_view kForm = "cel.bind(x, value, expression with x)";
  if (call.children.size() != 4) {
    return refuse(call, report, "cel.bind() takes a name, its value and an expression",
                  std::string(kForm));
  }
  const Expression& variable = *call.children[1];
  if (variable.syntax != Syntax::kName) {
    return refuse(call, report, "the first argument of cel.bind() is a name", std::string(kForm));
  }
  call.syntax = Syntax::kBind;
  call.name = variable.name;
  call.focus = variable.focus;
  call.children.erase(call.children.begin(), call.children.begin() + 2);
}

// cel.block([value, value, …], body), in which cel.index(0) is the first value: what optimisers of
// the language write.
void expand_block(Expression& call, Report& report) {
  const bool good = call.children.size() == 3 && call.children[1]->syntax == Syntax::kList;
  if (!good) {
    return refuse(call, report, "cel.block() takes a list of values and an expression",
                  "cel.block([a, b], cel.index(0) + cel.index(1))");
  }
  std::vector<Expression*> children = call.children[1]->children;
  children.push_back(call.children[2]);
  call.syntax = Syntax::kBind;
  call.name.clear();
  call.children = std::move(children);
}

// cel.index(0) and cel.iterVar(0, 1) are names.
void expand_numbered(Expression& call, Report& report) {
  const std::size_t wanted = call.name == "index" ? 1 : 2;
  std::string name = "@" + call.name;
  bool good = call.children.size() == wanted + 1;
  for (std::size_t i = 1; good && i < call.children.size(); ++i) {
    const auto number = number_of(*call.children[i]);
    good = number.has_value() && *number >= 0;
    if (good) name += ":" + std::to_string(*number);
  }
  if (!good) {
    return refuse(call, report, "cel." + call.name + "() takes whole numbers",
                  "cel.index(0), cel.iterVar(0, 1)");
  }
  call.syntax = Syntax::kName;
  call.name = std::move(name);
  call.children.clear();
}

void expand_cel(Expression& call, Report& report) {
  if (call.name == "bind") return expand_bind(call, report);
  if (call.name == "block") return expand_block(call, report);
  const bool numbered = call.name == "index" || call.name == "iterVar" || call.name == "accuVar";
  if (numbered) return expand_numbered(call, report);
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

// held_for(condition, span): the condition is evaluated apart, not where it stands.
void expand_held_for(Expression& call, Report& report) {
  if (call.children.size() != 2) {
    return refuse(call, report, "held_for() takes a condition and a span",
                  "held_for(self.status == 'x', days(3))");
  }
  call.syntax = Syntax::kHeldFor;
}

}  // namespace

bool is_loop(std::string_view name) {
  return std::ranges::find(kLoops, name, &LoopMacro::name) != kLoops.end();
}

std::string bound_name(const Expression& bind, std::size_t i) {
  return bind.name.empty() ? "@index:" + std::to_string(i) : bind.name;
}

void expand_macro(Expression& call, Report& report) {
  if (!call.has_target) {
    if (call.name == "has") return expand_has(call, report);
    if (call.name == "held_for") return expand_held_for(call, report);
    const bool asks_the_past = call.name == "previous" || call.name == "changes";
    if (asks_the_past) expand_past(call, report);
    return;
  }
  const Expression& target = *call.children[0];
  if (target.syntax == Syntax::kName && target.name == "cel") return expand_cel(call, report);
  const auto loop = std::ranges::find(kLoops, call.name, &LoopMacro::name);
  if (loop != kLoops.end()) expand_loop(call, loop->variables, report);
}

}  // namespace patuh::expr
