// The stages one after another, and evaluation's door.
#include "expr/checker.h"
#include "expr/errors.h"
#include "expr/explain.h"
#include "expr/parser.h"
#include "expr/planner.h"

namespace patuh::expr {
namespace {

bool is_readable(const Source& source, Report& report) {
  if (!base::is_utf8(source.text)) {
    report.add({.code = "EXPR-UTF8",
                .at = {},
                .message = "the expression is not valid UTF-8",
                .hint = {}});
    return false;
  }
  if (source.text.size() <= kSourceBytesMax) return true;
  report.add({.code = "EXPR-TOO-LONG",
              .at = {},
              .message = "the expression has " + std::to_string(source.text.size()) +
                         " bytes; at most " + std::to_string(kSourceBytesMax) + " are read",
              .hint = "split the rule"});
  return false;
}

// Spans that are known now; of others it is an error when they are met.
bool is_positive(std::span<const Held> held, Report& report) {
  for (const Held& one : held) {
    const Value& span = one.span->constant;
    if (one.span->shape != Shape::kConstant || span.kind() != Kind::kDuration) continue;
    if (span.as_duration() > base::Duration(0)) continue;
    report.add({.code = "EXPR-HELD-FOR",
                .at = one.span->at,
                .message = "held_for() needs a span above zero",
                .hint = "held_for(self.status == 'x', days(3))"});
  }
  return !report.has_errors();
}

}  // namespace

std::expected<Program, base::Diagnostics> compile(const Environment& environment,
                                                  const Source& source, const Type& expected) {
  Report report(source);
  if (!is_readable(source, report)) return std::unexpected(report.take());
  Tree tree = parse(lex(source.text, report), report);
  if (tree.too_deep) return std::unexpected(report.take());
  auto program = std::make_shared<Program::Impl>();
  program->facts = check(environment.impl(), source, tree, expected, report);
  if (report.has_errors()) return std::unexpected(report.take());
  program->text = source.text;
  program->environment = environment.shared();
  program->type = tree.root->type;
  program->regexes = std::move(tree.regexes);
  plan(tree, *program, report);
  if (!is_positive(program->held, report)) return std::unexpected(report.take());
  program->warnings = report.take();
  program->attributes = attributes_of(tree, source.text);
  return Program(std::move(program));
}

// ── Evaluation ──

namespace {

// Rare: loop variables need room, the budget or the trace needs care, the result moves.
[[gnu::noinline]] Value evaluate_with_care(const Node& root, std::uint64_t straight_cost,
                                           Frame& frame) {
  Context& context = frame.context;
  const Program::Impl& impl = frame.program;
  frame.traced = context.trace != nullptr;
  if (impl.locals != 0) frame.locals = context.arena->make_array<Value>(impl.locals).data();
  if (!frame.charge(straight_cost)) return fail_budget(frame, root);
  const Value value = run(root, frame);
  if (frame.spent && !value.is_error()) return fail_budget(frame, root);
  if (value.moves() != 0) context.changes_at(context.now + base::Duration{1});
  return value;
}

}  // namespace

const Facts& Program::facts() const { return impl_->facts; }
std::string_view Program::text() const { return impl_->text; }
const Type& Program::type() const { return impl_->type; }
const base::Diagnostics& Program::warnings() const { return impl_->warnings; }

// Without a stack guard: no buffer lies here, and every judgement passes.
[[gnu::no_stack_protector]] Value evaluate(const Program& program, std::span<const Value> variables,
                                           Context& context) {
  const Program::Impl& impl = program.impl();
  PATUH_ASSERT(context.arena != nullptr);
  PATUH_ASSERT(variables.size() >= impl.variables);
  Frame frame{.context = context,
              .variables = variables.data(),
              .locals = nullptr,
              .program = impl,
              .host = context.host != nullptr ? *context.host : no_host()};
  const std::uint64_t cost = impl.straight_cost;
  if (!impl.simple || context.trace != nullptr || context.budget < cost) {
    return evaluate_with_care(*impl.root, cost, frame);
  }
  context.budget -= cost;
  return impl.root->run(*impl.root, frame);
}

Value evaluate_held(const Program& program, std::size_t number, std::span<const Value> variables,
                    Context& context) {
  const Program::Impl& impl = program.impl();
  PATUH_ASSERT(number < impl.held.size() && variables.size() >= impl.variables);
  Frame frame{.context = context,
              .variables = variables.data(),
              .locals = nullptr,
              .program = impl,
              .host = context.host != nullptr ? *context.host : no_host()};
  const Held& held = impl.held[number];
  return evaluate_with_care(*held.root, held.straight_cost, frame);
}

std::string_view held_text(const Program& program, std::size_t number) {
  const Span at = program.impl().held[number].at;
  return program.text().substr(at.begin, at.end - at.begin);
}

}  // namespace patuh::expr
