// patuhctl expr: one expression over a JSON object, or a prompt for many.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tools/commands.h"
#include "tools/expr_values.h"
#include "tools/prompt.h"

namespace patuh::tools {
namespace {

using expr::Type;
using expr::Value;

constexpr std::uint64_t kBudget = 10'000'000;

// What expressions see: the members of the data, by name.
struct Scope {
  expr::Environment environment;
  std::vector<Value> values;
  expr::Arena arena;
  base::Instant now{};
};

// As far as one value tells; what is null, or in a list, may be anything.
Type type_of(const json::Node& node) {
  switch (node.of()) {
    case json::Of::kBool:
      return Type::boolean();
    case json::Of::kInt:
      return Type::integer();
    case json::Of::kUint:
      return Type::unsigned_integer();
    case json::Of::kDouble:
      return Type::number();
    case json::Of::kString:
      return Type::string();
    case json::Of::kArray:
      return Type::list(Type::dyn());
    case json::Of::kObject:
      return Type::map(Type::string(), Type::dyn());
    case json::Of::kNull:
      break;
  }
  return Type::dyn();
}

base::Result<std::string> read_text(const std::string& file) {
  std::ifstream opened;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& in = file == "-" ? std::cin : opened;
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return base::fail(base::Code::kNotFound, file + ": cannot be read, or is empty");
  }
  return std::move(text).str();
}

base::Result<void> add_data(const std::string& file, Scope& scope) {
  const auto text = read_text(file);
  if (!text) return std::unexpected(text.error());
  const auto document = json::parse(*text, {});
  if (!document) return base::fail(base::Code::kInvalid, file + ": " + document.error().message);
  if (!document->root().is(json::Of::kObject)) {
    return base::fail(base::Code::kInvalid,
                      file + ": not an object; its members are the names in the expression");
  }
  for (const json::Member& member : document->root().members()) {
    scope.environment.add_variable(std::string(member.key), type_of(member.value));
    scope.values.push_back(value_of(member.value, scope.arena));
  }
  return {};
}

base::Result<void> set_now(const std::string& text, Scope& scope) {
  if (text.empty()) {
    scope.now = std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now());
    return {};
  }
  const auto now = base::from_rfc3339(text);
  if (!now) {
    return base::fail(base::Code::kInvalid,
                      "--now " + text + ": not a time as 2026-01-31T08:00:00+07:00");
  }
  scope.now = *now;
  return {};
}

// The place in the text, as for a fault of the checker.
base::Diagnostics placed(const std::string& text, const expr::ErrorRep& error) {
  const std::size_t at = std::min<std::size_t>(error.offset, text.size());
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const auto points = std::count_if(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text.begin() + static_cast<std::ptrdiff_t>(at),
                                    [](char c) { return (c & 0xC0) != 0x80; });
  base::Diagnostic shown;
  shown.code = "EXPR-UNDETERMINED";
  shown.place = {"expression", static_cast<std::uint32_t>(lines) + 1,
                 static_cast<std::uint32_t>(points) + 1};
  shown.snippet = text.substr(begin, text.find('\n', begin) - begin);
  shown.message = message_of(error);
  base::Diagnostics all;
  all.add(std::move(shown));
  return all;
}

int status_of_value(const Value& value) {
  if (value.is_error() || value.is_null()) return kUndetermined;
  return value.is_false() ? kFinding : kDone;
}

int evaluate_text(const std::string& text, Scope& scope) {
  const expr::Source source{.text = text, .place = {.file = "expression", .line = 1, .column = 1}};
  const auto program = compile(scope.environment, source, Type::dyn());
  if (!program) {
    std::fputs(program.error().render().c_str(), stderr);
    return kUsage;
  }
  std::fputs(program->warnings().render().c_str(), stderr);
  expr::Arena arena;
  expr::Context context{.arena = &arena, .now = scope.now, .budget = kBudget};
  const Value value = evaluate(*program, scope.values, context);
  if (value.is_error()) {
    std::fputs(placed(text, value.as_error()).render().c_str(), stderr);
  } else {
    std::printf("%s\n", expr::to_text(value).c_str());
  }
  return status_of_value(value);
}

int ask(Scope& scope) {
  Prompt prompt("expr> ", "expr_history");
  if (prompt.at_terminal()) {
    std::fputs("One expression a line; Ctrl-D ends. docs/expressions.md is the reference.\n",
               stdout);
  }
  int status = kDone;
  while (const auto line = prompt.next()) {
    if (!line->empty()) status = evaluate_text(*line, scope);
  }
  return status;
}

}  // namespace

int expression(const ExpressionOptions& options) {
  Scope scope;
  const auto timed = set_now(options.now, scope);
  if (!timed) return complain(timed.error());
  if (!options.data.empty()) {
    const auto added = add_data(options.data, scope);
    if (!added) return complain(added.error());
  }
  return options.text.empty() ? ask(scope) : evaluate_text(options.text, scope);
}

}  // namespace patuh::tools
