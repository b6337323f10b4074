// Calls and loops.
#include <algorithm>

#include "expr/checker_state.h"
#include "expr/library.h"

namespace patuh::expr {
namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "2 arguments", "2 to 3 arguments".
std::string expected_count(std::size_t min, std::size_t max) {
  if (min == max) return counted(min, "argument");
  return std::to_string(min) + " to " + counted(max, "argument");
}

std::string types_of(std::span<const Argument> arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + argument.type.text();
  }
  return text;
}

std::string overloads_of(const LibraryFunction& function) {
  std::string text = "it takes ";
  for (std::size_t i = 0; i < function.signatures.size(); ++i) {
    text += (i == 0 ? "(" : " or (") + signature_text(function.signatures[i]) + ")";
  }
  return text;
}

// Every argument was read: what is said of them is not a fault of the parser's making.
bool is_sound(const Expression& call) {
  return std::ranges::none_of(
      call.children, [](const Expression* child) { return child->syntax == Syntax::kError; });
}

Type item_of(const Type& range) {
  const bool known = range.of() == Type::Of::kList || range.of() == Type::Of::kMap;
  return known ? range.parameter(0) : Type::dyn();
}

}  // namespace

void Checker::check_call(Expression& e) {
  merge_namespace(e);
  check_children(e);
  const auto host = environment_.functions.find(e.name);
  if (const LibraryFunction* const function = find_library(e.name)) {
    check_library(e, *function);
  } else if (host != environment_.functions.end()) {
    check_host(e, host->second);
  } else {
    unknown_function(e);
  }
}

// x.y.f(a) where the host has a function "x.y.f".
bool Checker::merge_namespace(Expression& e) {
  if (!e.has_target) return false;
  const std::string path = path_of(*e.children[0]);
  if (path.empty() || !environment_.functions.contains(path + "." + e.name)) return false;
  e.name = path + "." + e.name;
  e.children.erase(e.children.begin());
  e.has_target = false;
  return true;
}

void Checker::unknown_function(const Expression& e) {
  std::vector<std::string_view> known = {"has", "all", "exists", "exists_one", "filter", "map"};
  for (const LibraryFunction& function : library()) known.push_back(function.name);
  for (const auto& [name, function] : environment_.functions) known.push_back(name);
  fault("EXPR-UNKNOWN-FUNCTION", e.focus, "unknown function '" + e.name + "'",
        did_you_mean(e.name, known));
}

bool Checker::check_style(const Expression& e, bool as_method, bool as_global) {
  if (e.has_target ? as_method : as_global) return true;
  fault("EXPR-UNKNOWN-FUNCTION", e.focus,
        e.has_target ? "'" + e.name + "' is not called on a value"
                     : "'" + e.name + "' is called on a value",
        e.has_target ? "write " + e.name + "(x, …)" : "write x." + e.name + "(…)");
  return false;
}

std::vector<Argument> Checker::arguments_of(const Expression& e) const {
  std::vector<Argument> arguments;
  for (const Expression* child : e.children) {
    Argument& argument = arguments.emplace_back();
    argument.type = child->type;
    if (child->syntax == Syntax::kLiteral) argument.literal = child->literal;
    if (child->resolution.of == Resolution::Of::kConstant) {
      argument.literal = child->resolution.constant;
    }
  }
  return arguments;
}

void Checker::check_library(Expression& e, const LibraryFunction& function) {
  e.resolution.of = Resolution::Of::kLibrary;
  e.resolution.library = &function;
  if (!check_style(e, function.style != Style::kGlobal, function.style != Style::kMethod)) return;
  if (!is_sound(e)) return;
  const std::vector<Argument> arguments = arguments_of(e);
  const auto sizes = [&](std::string_view signature) { return signature_size(signature); };
  const auto [min, max] = std::ranges::minmax(function.signatures, {}, sizes);
  const std::size_t target = e.has_target ? 1 : 0;
  if (arguments.size() < sizes(min) || arguments.size() > sizes(max)) {
    fault("EXPR-ARGUMENTS", e.focus,
          "'" + e.name + "' takes " + expected_count(sizes(min) - target, sizes(max) - target) +
              ", not " + std::to_string(arguments.size() - target));
    return;
  }
  const auto signature = std::ranges::find_if(
      function.signatures, [&](std::string_view s) { return signature_fits(s, arguments); });
  if (signature == function.signatures.end()) {
    fault("EXPR-TYPE", e.focus, "'" + e.name + "' does not take (" + types_of(arguments) + ")",
          overloads_of(function));
    return;
  }
  for (const Expression* child : e.children) {
    if (!function.takes_moving) refuse_moving(*child, "in " + e.name + "()");
    e.moves = e.moves || (function.passes_moving && child->moves);
  }
  const Type::Of first = arguments[0].type.of();
  const bool asks_host =
      function.costs_size ||
      (e.name == "filled" && (first == Type::Of::kObject || first == Type::Of::kDyn));
  if (asks_host) only_fields_ = false;
  e.type = signature_result(*signature);
  const bool own_type = signature->ends_with('=');
  if (function.resolve == nullptr) return;
  Resolved resolved = function.resolve(environment_.types, arguments);
  if (!own_type) resolved.result = e.type;
  apply(e, resolved);
}

void Checker::check_host(Expression& e, const Function& function) {
  e.resolution.of = Resolution::Of::kHost;
  e.resolution.host = &function;
  only_fields_ = false;
  if (!check_style(e, function.method, true) || !is_sound(e)) return;
  const std::size_t target = e.has_target ? 1 : 0;
  const std::size_t count = e.children.size();
  if (count < function.arguments_min || count > function.arguments_max) {
    fault("EXPR-ARGUMENTS", e.focus,
          "'" + e.name + "' takes " +
              expected_count(function.arguments_min - target, function.arguments_max - target) +
              ", not " + std::to_string(count - target));
    return;
  }
  for (const Expression* child : e.children) refuse_moving(*child, "in " + e.name + "()");
  if (function.resolve) apply(e, function.resolve(arguments_of(e)));
}

void Checker::apply(Expression& e, const Resolved& resolved) {
  e.type = resolved.result;
  e.size_max = resolved.size_max;
  e.resolution.bound = resolved.bound;
  if (resolved.error.empty()) return;
  e.type = Type::dyn();
  const bool placed = resolved.error_argument < e.children.size();
  fault("EXPR-CALL", placed ? e.children[resolved.error_argument]->at : e.focus, resolved.error,
        resolved.hint);
}

Checker::Local Checker::local_of(const Expression& loop) const {
  Local local;
  local.name = loop.name;
  local.type = item_of(loop.children[0]->type);
  local.values = loop.children[0]->values;
  local.at = loop.focus;
  return local;
}

void Checker::check_loop(Expression& e) {
  Expression& range = *e.children[0];
  check(range);
  const Type::Of of = range.type.of();
  if (of != Type::Of::kList && of != Type::Of::kMap && of != Type::Of::kDyn) {
    fault("EXPR-TYPE", range.at, "a loop goes over a list or map, not " + range.type.text());
  }
  locals_.push_back(local_of(e));
  tree_.locals = std::max(tree_.locals, locals_.size());
  e.resolution.of = Resolution::Of::kLocal;
  e.resolution.slot = static_cast<std::uint32_t>(locals_.size() - 1);
  for (std::size_t i = 1; i < e.children.size(); ++i) check(*e.children[i]);
  const Local local = locals_.back();
  locals_.pop_back();
  if (!local.used && !local.name.starts_with('_')) {
    warn("EXPR-UNUSED-VARIABLE", local.at, "the loop variable '" + local.name + "' is not used",
         "a name that begins with _ says that this is meant");
  }
  finish_loop(e);
}

void Checker::finish_loop(Expression& e) {
  const Expression& range = *e.children[0];
  const bool transforms = e.loop == Loop::kMap || e.loop == Loop::kMapIf;
  if (e.loop != Loop::kMap) want_bool(*e.children[1], "the condition of the loop");
  e.type = Type::boolean();
  if (e.loop == Loop::kFilter) {
    e.type = Type::list(item_of(range.type));
    e.values = range.values;
  } else if (transforms) {
    refuse_moving(*e.children.back(), "as an item of map()");
    e.type = Type::list(e.children.back()->type);
  }
  if (e.type.of() == Type::Of::kList) e.size_max = range.size_max;
}

}  // namespace patuh::expr
