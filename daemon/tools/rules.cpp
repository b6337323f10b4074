#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "lab/lab.h"
#include "rulebook/rulebook.h"
#include "tools/commands.h"

namespace patuh::tools {
namespace {

std::vector<std::filesystem::path> paths(const std::vector<std::string>& layers) {
  return {layers.begin(), layers.end()};
}

rulebook::Loaded load(const std::vector<std::string>& layers) {
  base::Diagnostics warnings;
  auto book = rulebook::load(paths(layers), &warnings);
  std::fputs(warnings.render().c_str(), stderr);
  return book;
}

std::string span_text(base::Duration span) {
  using std::chrono::duration_cast;
  const auto hours = duration_cast<std::chrono::hours>(span).count();
  if (hours % 24 == 0) return std::to_string(hours / 24) + "d";
  return std::to_string(hours) + "h";
}

void print_program(const char* name, const std::optional<expr::Program>& program) {
  if (program) std::printf("%-12s %s\n", name, std::string(program->text()).c_str());
}

}  // namespace

int rules_check(const std::vector<std::string>& layers) {
  const auto book = load(layers);
  if (!book) return complain(book.error());
  std::printf("%s %s: %zu kinds, %zu rules, %zu parameters, no fault\n",
              (*book)->schema->pack.c_str(), (*book)->schema->version.c_str(),
              (*book)->schema->kinds.size(), (*book)->rules.size(), (*book)->parameters.size());
  return kDone;
}

int rules_test(const std::vector<std::string>& layers) {
  const auto book = load(layers);
  if (!book) return complain(book.error());
  std::vector<rulebook::TestCase> tests;
  for (const std::string& layer : layers) {
    auto some = rulebook::load_tests(layer, **book);
    if (!some) return complain(some.error());
    std::ranges::move(*some, std::back_inserter(tests));
  }
  const lab::TestReport report = lab::run_tests(*book, tests);
  std::fputs(report.failures.render().c_str(), stderr);
  for (const rulebook::TestCase& test : tests) {
    if (std::ranges::all_of(test.steps, [](const auto& step) { return step.expect.empty(); })) {
      std::fprintf(stderr, "patuhctl: the test \"%s\" expects nothing\n",
                   printable(test.name).c_str());
    }
  }
  for (const std::string& rule : report.untested) {
    std::fprintf(stderr, "patuhctl: no test names the rule %s\n", rule.c_str());
  }
  std::printf("%zu expectations\n%zu passed, %zu failed\n", report.expectations, report.passed,
              report.failed);
  return report.failed == 0 ? kDone : kFinding;
}

int rules_list(const std::vector<std::string>& layers, Format format) {
  const auto book = load(layers);
  if (!book) return complain(book.error());
  Table table({"rule", "kind", "severity", "mode", "grace", "owner", "title"});
  for (const rulebook::Rule& rule : (*book)->rules) {
    table.add({rule.id, (*book)->schema->kind(rule.kind).name,
               std::string(model::name_of(rule.severity)),
               std::string(rulebook::name_of(rule.mode)), span_text(rule.grace), rule.owner,
               rule.title.id});
  }
  std::fputs(table.render(format).c_str(), stdout);
  return kDone;
}

int rules_show(const std::vector<std::string>& layers, const std::string& id) {
  const auto book = load(layers);
  if (!book) return complain(book.error());
  const rulebook::Rule* const rule = (*book)->rule(id);
  if (rule == nullptr) {
    std::vector<std::string_view> names;
    for (const rulebook::Rule& known : (*book)->rules) names.push_back(known.id);
    const std::string_view near = base::nearest(id, names);
    return complain({base::Code::kNotFound,
                     "there is no rule " + id +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?")});
  }
  std::printf("%s  %s\n%-12s %s\n", rule->id.c_str(), rule->title.id.c_str(), "en",
              rule->title.en.c_str());
  std::printf("%-12s %s:%u\n", "defined", rule->place.file.c_str(), rule->place.line);
  std::printf("%-12s %s, %s, grace %s\n", "severity",
              std::string(model::name_of(rule->severity)).c_str(),
              std::string(rulebook::name_of(rule->mode)).c_str(), span_text(rule->grace).c_str());
  print_program("when", rule->when);
  print_program("require", rule->require);
  print_program("occurrence", rule->occurrence);
  std::printf("%-12s %s\n%-12s %s\n", "remedy", rule->remedy.id.c_str(), "en",
              rule->remedy.en.c_str());
  for (const rulebook::Basis& basis : rule->basis) {
    std::printf("%-12s %s %s (%s)\n", "basis", basis.law.c_str(), basis.article.c_str(),
                std::string(rulebook::name_of(basis.confidence)).c_str());
  }
  for (const rulebook::Parameter& parameter : (*book)->parameters) {
    const std::string name = "params." + parameter.name;
    const auto reads = [&](const std::optional<expr::Program>& program) {
      return program && program->text().find(name) != std::string_view::npos;
    };
    if (!reads(rule->when) && !reads(rule->require)) continue;
    std::printf("%-12s %s = %s (%s)\n", "parameter", parameter.name.c_str(),
                expr::to_text(parameter.value).c_str(), parameter.set_by.c_str());
  }
  return kDone;
}

}  // namespace patuh::tools
