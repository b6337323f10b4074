// Calls and loops.
#include <algorithm>

#include "expr/checker_state.h"
#include "expr/kinds.h"
#include "expr/library.h"
#include "expr/macros.h"
#include "expr/other_words.h"
#include "expr/planner.h"

namespace patuh::expr {
namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "2 arguments", "2 to 3 arguments".
std::string expected_count(std::size_t min, std::size_t max) {
  if (min == max) return counted(min, "argument");
  if (max > kSourceBytesMax) return counted(min, "argument") + " or more";
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

ParameterCount count_of(const LibraryFunction& function) {
  ParameterCount all = signature_size(function.signatures[0]);
  for (const std::string_view signature : function.signatures) {
    const ParameterCount one = signature_size(signature);
    all = {std::min(all.min, one.min), std::max(all.max, one.max)};
  }
  return all;
}

// Every argument was read: what is said of them is not a fault of the parser's making.
bool is_sound(const Expression& call) {
  return std::ranges::none_of(
      call.children, [](const Expression* child) { return child->syntax == Syntax::kError; });
}

Type item_of(const Type& range) {
  const bool known = range.of() == Type::Of::kList || range.of() == Type::Of::kMap ||
                     range.of() == Type::Of::kOptional;
  return known ? range.parameter(0) : Type::dyn();
}

bool is_optional(Loop loop) { return loop == Loop::kOptMap || loop == Loop::kOptFlatMap; }

bool has_condition(Loop loop) {
  return loop != Loop::kMap && loop != Loop::kTransformMap && loop != Loop::kTransformEntry &&
         loop != Loop::kSortBy;
}

}  // namespace

void Checker::check_call(Expression& e) {
  merge_namespace(e);
  const auto host = environment_.functions.find(e.name);
  const bool known = find_library(e.name) != nullptr || host != environment_.functions.end();
  if (!known && is_like_macro(e)) return unknown_function(e);
  check_children(e);
  if (const LibraryFunction* const function = find_library(e.name)) {
    check_library(e, *function);
    fix_time(e);
  } else if (host != environment_.functions.end()) {
    check_host(e, host->second);
  } else {
    unknown_function(e);
  }
}

// f(list, x, …) or list.f(x, …): what it says of x would only be more faults.
bool Checker::is_like_macro(const Expression& e) const {
  if (e.children.size() < 3) return false;
  const Expression& variable = *e.children[1];
  return variable.syntax == Syntax::kName && !names_value(variable.name);
}

// x.y.f(a) where there is a function "x.y.f"; math.f(a) also where there is none, so that it is
// named.
bool Checker::merge_namespace(Expression& e) {
  if (!e.has_target) return false;
  const std::string path = path_of(*e.children[0]);
  if (path.empty()) return false;
  const std::string name = path + "." + e.name;
  const bool known = find_library(name) != nullptr || environment_.functions.contains(name);
  const bool of_library = std::ranges::any_of(library(), [&](const LibraryFunction& function) {
    return function.name.starts_with(path + ".");
  });
  if (!known && (!of_library || names_value(path))) return false;
  e.name = name;
  e.children.erase(e.children.begin());
  e.has_target = false;
  return true;
}

void Checker::unknown_function(const Expression& e) {
  std::vector<std::string_view> known = {"has", "all", "exists", "exists_one", "filter", "map"};
  for (const LibraryFunction& function : library()) known.push_back(function.name);
  for (const auto& [name, function] : environment_.functions) known.push_back(name);
  std::string hint = hint_for_function(e.name);
  if (is_loop(e.name)) hint = "write list." + e.name + "(x, …)";
  if (hint.empty()) hint = did_you_mean(e.name, known);
  fault("EXPR-UNKNOWN-FUNCTION", e.focus, "unknown function '" + e.name + "'", std::move(hint));
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
  const auto [min, max] = count_of(function);
  const std::size_t target = e.has_target ? 1 : 0;
  if (arguments.size() < min || arguments.size() > max) {
    fault("EXPR-ARGUMENTS", e.focus,
          "'" + e.name + "' takes " + expected_count(min - target, max - target) + ", not " +
              std::to_string(arguments.size() - target));
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
  const Type::Of first = arguments.empty() ? Type::Of::kNull : arguments[0].type.of();
  const bool asks_host =
      function.costs_size ||
      (e.name == "filled" && (first == Type::Of::kObject || first == Type::Of::kDyn));
  if (asks_host) only_fields_ = false;
  e.type = signature_result(*signature, arguments);
  const bool own_type = signature->ends_with('=');
  if (function.resolve == nullptr) return;
  Resolved resolved = function.resolve({environment_.types, tree_.regexes}, arguments);
  if (!own_type) resolved.result = e.type;
  apply(e, resolved);
}

// So that conditions upon it can be looked at as those upon literals.
void Checker::fix_time(Expression& e) {
  if (!environment_.checks || !is_time(e.type.of())) return;
  const bool of_literals =
      std::ranges::all_of(e.children, [](const Expression* child) { return is_literal(*child); });
  if (!of_literals) return;
  constexpr std::uint64_t kBudget = 1'000;
  Program::Impl scratch;
  scratch.environment = {std::shared_ptr<const void>(), &environment_};  // not owned
  Context context{.arena = &scratch.arena, .budget = kBudget};
  Frame frame{.context = context,
              .variables = nullptr,
              .locals = nullptr,
              .program = scratch,
              .host = no_host()};
  const Value value = run_shape(plan_alone(e, scratch), frame);
  if (is_time(value.kind())) e.fixed = value;
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

void Checker::enter(Local local) {
  locals_.push_back(std::move(local));
  tree_.locals = std::max(tree_.locals, locals_.size());
}

// Names that begin with _ or @ may stand unused.
void Checker::leave() {
  const Local local = locals_.back();
  locals_.pop_back();
  if (local.used || local.name.starts_with('_') || local.name.starts_with('@')) return;
  warn("EXPR-UNUSED-VARIABLE", local.at,
       "the " + std::string(local.what) + " '" + local.name + "' is not used",
       "a name that begins with _ says that this is meant");
}

void Checker::check_loop(Expression& e) {
  Expression& range = *e.children[0];
  check(range);
  const Type::Of of = range.type.of();
  const bool fits_range = is_optional(e.loop) ? of == Type::Of::kOptional
                                              : of == Type::Of::kList || of == Type::Of::kMap;
  if (!fits_range && of != Type::Of::kDyn) {
    fault("EXPR-TYPE", range.at,
          (is_optional(e.loop) ? "this takes an optional value, not "
                               : "a loop goes over a list or map, not ") +
              range.type.text());
  }
  e.resolution.of = Resolution::Of::kLocal;
  e.resolution.slot = static_cast<std::uint32_t>(locals_.size());
  const bool pairs = !e.second.empty();
  const bool positions = pairs && of == Type::Of::kList;
  const Type item = item_of(range.type);
  const Type value = of == Type::Of::kMap ? range.type.parameter(1) : item;
  const Type first = positions ? Type::integer() : item;
  enter({.name = e.name,
         .type = first,
         .values = pairs ? nullptr : range.values,
         .at = e.focus,
         .what = is_optional(e.loop) ? "variable" : "loop variable"});
  if (pairs) enter({.name = e.second, .type = value, .values = range.values, .at = e.focus});
  for (std::size_t i = 1; i < e.children.size(); ++i) check(*e.children[i]);
  if (pairs) leave();
  leave();
  if (is_optional(e.loop)) return finish_optional(e);
  finish_loop(e);
}

void Checker::finish_loop(Expression& e) {
  const Expression& range = *e.children[0];
  const Expression& body = *e.children.back();
  if (has_condition(e.loop)) want_bool(*e.children[1], "the condition of the loop");
  switch (e.loop) {
    case Loop::kSortBy:
      refuse_moving(body, "as a key of sortBy()");
      if (!may_be_ordered(body.type, body.type)) {
        fault("EXPR-TYPE", body.at, "sortBy() has no order for " + body.type.text());
      }
      [[fallthrough]];
    case Loop::kFilter:
      e.type = Type::list(item_of(range.type));
      e.values = range.values;
      break;
    case Loop::kMap:
    case Loop::kMapIf:
      refuse_moving(body, "as an item of map()");
      e.type = Type::list(body.type);
      break;
    case Loop::kTransformMap:
    case Loop::kTransformMapIf:
      refuse_moving(body, "in a map");
      e.type = Type::map(range.type.of() == Type::Of::kList ? Type::integer() : item_of(range.type),
                         body.type);
      break;
    case Loop::kTransformEntry:
    case Loop::kTransformEntryIf:
      e.type = body.type;
      if (body.type.of() != Type::Of::kMap && body.type.of() != Type::Of::kDyn) {
        fault("EXPR-TYPE", body.at, "transformMapEntry() makes maps, not " + body.type.text(),
              "list.transformMapEntry(i, x, {x: i})");
      }
      break;
    default:
      e.type = Type::boolean();
      return;
  }
  e.size_max = range.size_max;
}

void Checker::finish_optional(Expression& e) {
  const Expression& body = *e.children.back();
  refuse_moving(body, "in an optional");
  if (e.loop == Loop::kOptMap) {
    e.type = Type::optional(body.type);
    return;
  }
  e.type = body.type;
  if (body.type.of() == Type::Of::kOptional || body.type.of() == Type::Of::kDyn) return;
  fault("EXPR-TYPE", body.at, "optFlatMap() makes optional values, not " + body.type.text(),
        "optMap() takes any");
}

void Checker::check_bind(Expression& e) {
  e.resolution.of = Resolution::Of::kLocal;
  e.resolution.slot = static_cast<std::uint32_t>(locals_.size());
  const std::size_t values = e.children.size() - 1;
  for (std::size_t i = 0; i < values; ++i) {
    Expression& value = *e.children[i];
    check(value);
    enter({.name = bound_name(e, i),
           .type = value.type,
           .values = value.values,
           .at = e.focus,
           .what = "variable",
           .moves = value.moves,
           .size_max = value.size_max});
  }
  const Expression& body = *e.children.back();
  check(*e.children.back());
  for (std::size_t i = 0; i < values; ++i) leave();
  e.type = body.type;
  e.moves = body.moves;
  e.size_max = body.size_max;
  e.values = body.values;
}

// The condition is evaluated apart from the whole, whenever what it reads changes: it knows no name
// that the whole gives while it is evaluated.
void Checker::check_held_for(Expression& e) {
  if (!source_.keeps_state) {
    fault("EXPR-HELD-FOR", e.focus,
          "held_for() stands only in a rule's 'when' and 'require', where what it keeps is kept");
  }
  Expression& condition = *e.children[0];
  Expression& span = *e.children[1];
  const std::size_t outside = std::exchange(held_from_, locals_.size());
  check(condition);
  held_from_ = outside;
  check(span);
  want_bool(condition, "the condition of held_for()");
  refuse_moving(span, "as a span of held_for()");
  if (span.type.of() != Type::Of::kDuration && span.type.of() != Type::Of::kDyn) {
    fault("EXPR-TYPE", span.at, "held_for() takes a span of time, not " + span.type.text(),
          "held_for(self.status == 'x', days(3))");
  }
  only_fields_ = false;
  e.type = Type::boolean();
}

}  // namespace patuh::expr
