// patuhctl expr --conformance: a language-neutral suite, one case a line.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "tools/commands.h"
#include "tools/expr_values.h"

namespace patuh::tools {
namespace {

using expr::Type;
using expr::Value;

// One line. `value` or `error` says what is wanted; true, when neither stands there.
struct Case {
  std::string name;
  std::string text;
  std::string container;
  bool checked = false;            // it must also pass the checker
  bool only_checked = false;       // it is not evaluated
  std::optional<Type> type;        // what the checker must find
  std::vector<std::string> names;  // of the variables
  std::vector<Type> types;         // as declared, for the checker
  std::vector<Value> values;
  std::vector<expr::Function> functions;  // for the checker; calling one is an error
  std::optional<Value> wanted;            // nothing: an error
  expr::Arena arena;
};

enum class Verdict : std::uint8_t { kPassed, kFailed, kSkipped };
struct Outcome {
  Verdict verdict = Verdict::kPassed;
  std::string why;
};

std::string_view text_member(const json::Node& line, std::string_view key) {
  const json::Node* const found = line.find(key);
  return found != nullptr && found->is(json::Of::kString) ? found->string() : std::string_view();
}

bool flag_member(const json::Node& line, std::string_view key) {
  const json::Node* const found = line.find(key);
  return found != nullptr && found->boolean();
}

void declare(Case& c, std::string_view name, const Type& type, const Value& value) {
  c.names.emplace_back(name);
  c.types.push_back(type);
  c.values.push_back(value);
}

// Variables of the checker that no binding gives a value to are null.
std::optional<std::string> read_variables(const json::Node& line, Case& c) {
  const json::Node* const types = line.find("types");
  const json::Node* const bindings = line.find("bindings");
  const auto declared = [&](std::string_view name) {
    const json::Node* const type = types == nullptr ? nullptr : types->find(name);
    return type == nullptr ? std::optional(Type::dyn()) : suite_type_of(*type);
  };
  if (bindings != nullptr) {
    for (const json::Member& binding : bindings->members()) {
      const auto type = declared(binding.key);
      const auto value = suite_value_of(binding.value, c.arena);
      if (!type || !value) return "the variable " + std::string(binding.key) + " is a message";
      declare(c, binding.key, *type, *value);
    }
  }
  if (types == nullptr) return std::nullopt;
  for (const json::Member& type : types->members()) {
    if (bindings != nullptr && bindings->find(type.key) != nullptr) continue;
    const auto read = suite_type_of(type.value);
    if (!read) return "the variable " + std::string(type.key) + " is a message";
    declare(c, type.key, *read, Value());
  }
  return std::nullopt;
}

void read_functions(const json::Node& line, Case& c) {
  const json::Node* const functions = line.find("functions");
  if (functions == nullptr) return;
  for (const json::Member& member : functions->members()) {
    expr::Function function;
    function.name = member.key;
    function.arguments_max = 32;
    const Type result = suite_type_of(member.value).value_or(Type::dyn());
    function.resolve = [result](std::span<const expr::Argument>) {
      return expr::Resolved{.result = result, .error = {}, .hint = {}};
    };
    function.call = [](expr::Context& context, std::uint64_t, std::span<const Value>) {
      return context.fail(expr::ErrorCode::kNoSuchOverload, "error.declared_only");
    };
    c.functions.push_back(std::move(function));
  }
}

// What the case needs that this language has not; nothing when it can be run.
std::optional<std::string> read_case(const json::Node& line, Case& c) {
  c.name = text_member(line, "name");
  c.text = text_member(line, "expr");
  c.container = text_member(line, "container");
  c.checked = flag_member(line, "checked");
  c.only_checked = flag_member(line, "only_checked");
  read_functions(line, c);
  if (auto skipped = read_variables(line, c)) return skipped;
  if (const json::Node* const type = line.find("type")) {
    c.type = suite_type_of(*type);
    if (!c.type) return "its type is a message";
  }
  if (line.find("error") != nullptr) return std::nullopt;
  c.wanted = Value::boolean(true);
  const json::Node* const value = line.find("value");
  if (value == nullptr) return std::nullopt;
  c.wanted = suite_value_of(*value, c.arena);
  if (!c.wanted) return "its value is a message or an enumeration";
  return std::nullopt;
}

struct Mode {
  std::string_view name;
  bool checks;
  bool folds;
};

std::optional<std::string> judge(const Case& c, const Value& got) {
  if (!c.wanted) {
    if (got.is_error()) return std::nullopt;
    return "an error was expected, not " + expr::to_text(got);
  }
  if (got.is_error() || !same(got, *c.wanted)) {
    return "expected " + expr::to_text(*c.wanted) + ", got " + expr::to_text(got);
  }
  return std::nullopt;
}

// Why the case fails in this mode.
std::optional<std::string> run_in(const Case& c, const Mode& mode) {
  expr::Environment environment;
  environment.set_checking(mode.checks);
  environment.set_folding(mode.folds);
  environment.set_container(c.container);
  for (std::size_t i = 0; i < c.names.size(); ++i) {
    environment.add_variable(c.names[i], mode.checks ? c.types[i] : Type::dyn());
  }
  for (const expr::Function& function : c.functions) environment.add_function(function);
  const auto program = compile(environment, {.text = c.text, .place = {}}, Type::dyn());
  if (!program) {
    if (!c.wanted) return std::nullopt;
    return "refused: " + program.error().list()[0].message;
  }
  if (mode.checks && c.type && program->type().text() != c.type->text()) {
    return "the type is " + program->type().text() + ", not " + c.type->text();
  }
  if (c.only_checked) return std::nullopt;
  expr::Arena arena;
  expr::Context context{.arena = &arena, .budget = 10'000'000};
  return judge(c, evaluate(*program, c.values, context));
}

bool makes_message(std::string_view text) {
  expr::Environment environment;
  environment.set_checking(false);
  const auto program = compile(environment, {.text = text, .place = {}}, Type::dyn());
  return !program && std::ranges::any_of(program.error().list(), [](const base::Diagnostic& d) {
    return d.code == "EXPR-MESSAGE";
  });
}

Outcome run_case(const json::Node& line) {
  Case c;
  if (auto skipped = read_case(line, c)) return {Verdict::kSkipped, *skipped};
  if (makes_message(c.text)) return {Verdict::kSkipped, "it makes a message"};
  static constexpr std::array<Mode, 3> kModes = {
      {{"plain", false, false}, {"folded", false, true}, {"checked", true, true}}};
  for (const Mode& mode : kModes) {
    if (mode.checks ? !c.checked : c.only_checked) continue;
    const auto why = run_in(c, mode);
    if (why) return {Verdict::kFailed, std::string(mode.name) + ": " + *why};
  }
  return {};
}

// Whole numbers beyond 64 bits stand for doubles in the suite: they get a point.
std::string with_points(std::string_view line) {
  constexpr std::size_t kDigitsMax = 19;
  std::string out;
  bool quoted = false;
  while (!line.empty()) {
    const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    const bool number = digits != 0 && !quoted;
    const std::size_t taken = number ? digits : (quoted && line[0] == '\\' ? 2 : 1);
    if (line[0] == '"') quoted = !quoted;
    const bool fraction = out.ends_with('.');
    out += line.substr(0, taken);
    line.remove_prefix(std::min(taken, line.size()));
    const bool goes_on = !line.empty() && std::string_view(".eE").contains(line[0]);
    if (number && taken > kDigitsMax && !goes_on && !fraction) out += ".0";
  }
  return out;
}

}  // namespace

int expr_conformance(const std::string& file) {
  std::ifstream opened;
  if (file != "-") opened.open(file);
  std::istream& in = file == "-" ? std::cin : opened;
  if (!in) return complain(base::Error{base::Code::kNotFound, file + ": cannot be read"});
  std::array<std::size_t, 3> counts{};
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const auto document = json::parse(with_points(line), {});
    if (!document || !document->root().is(json::Of::kObject)) {
      return complain(base::Error{base::Code::kInvalid,
                                  file + ":" + std::to_string(number) + ": " +
                                      (document ? "not an object" : document.error().message)});
    }
    const Outcome outcome = run_case(document->root());
    ++counts[static_cast<std::size_t>(outcome.verdict)];
    if (outcome.verdict == Verdict::kPassed) continue;
    const std::string name(text_member(document->root(), "name"));
    const bool failed = outcome.verdict == Verdict::kFailed;
    std::fprintf(failed ? stdout : stderr, "%s %s: %s\n", failed ? "failed" : "skipped",
                 name.c_str(), outcome.why.c_str());
  }
  std::printf("%zu passed, %zu failed, %zu skipped\n", counts[0], counts[1], counts[2]);
  return counts[1] == 0 ? kDone : kFinding;
}

}  // namespace patuh::tools
