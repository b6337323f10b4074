#include "mutate.h"

#include "world.h"

namespace patuh::expr {
namespace {

constexpr std::uint64_t kTrialBudget = 2'000;

// Made once: making it takes longer than most expressions.
struct Stage {
  World world;
  Environment environment = world.environment();
  std::vector<Value> variables = world.variables(0);
};

Value evaluate_once(const Program& program, Stage& stage, Arena& arena,
                    std::vector<TraceStep>* trace) {
  Context context{.arena = &arena,
                  .host = &stage.world,
                  .now = World::kNow,
                  .budget = kTrialBudget,
                  .trace = trace};
  const Value value = evaluate(program, stage.variables, context);
  PATUH_ASSERT(context.next_change > context.now);
  return value;
}

void check_faults(const base::Diagnostics& faults) {
  PATUH_ASSERT(faults.has_errors());
  for (const base::Diagnostic& fault : faults.list()) {
    PATUH_ASSERT(fault.code.starts_with("EXPR-"));
    PATUH_ASSERT(!fault.message.empty() && fault.place.line >= 1 && fault.place.column >= 1);
  }
}

}  // namespace

bool try_expression(std::string_view text) {
  static Stage stage;
  const auto program = compile(stage.environment, {.text = text, .place = {}}, Type::dyn());
  if (!program) {
    check_faults(program.error());
    return false;
  }
  Arena arena;
  std::vector<TraceStep> trace;
  const Value plain = evaluate_once(*program, stage, arena, nullptr);
  const Value traced = evaluate_once(*program, stage, arena, &trace);
  PATUH_ASSERT(to_text(plain) == to_text(traced));
  for (const TraceStep& step : trace)
    PATUH_ASSERT(step.begin <= step.end && step.end <= text.size());
  return true;
}

}  // namespace patuh::expr
