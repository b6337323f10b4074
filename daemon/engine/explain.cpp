// Why a verdict is as it is: judged once more, closer.
#include <algorithm>

#include "engine/value_text.h"
#include "engine/verdicts.h"

namespace patuh::engine {
namespace {

constexpr std::size_t kStepsMax = 10;

std::string value_text(const expr::Value& value, const registry::Registry& registry) {
  if (value.is_error()) return "error: " + std::string(value.as_error().message);
  return json_of(value, registry);
}

// Outermost first; of a sub-expression that ran often (in a loop) the last run.
std::vector<ExplainedStep> steps_of(std::span<const expr::TraceStep> trace, std::string_view text,
                                    const registry::Registry& registry) {
  std::vector<expr::TraceStep> steps(trace.rbegin(), trace.rend());
  const auto order = [](const expr::TraceStep& a, const expr::TraceStep& b) {
    const std::uint32_t a_size = a.end - a.begin;
    const std::uint32_t b_size = b.end - b.begin;
    return a_size != b_size ? a_size > b_size : a.begin < b.begin;
  };
  std::ranges::stable_sort(steps, order);
  const auto repeated =
      std::ranges::unique(steps, [](const expr::TraceStep& a, const expr::TraceStep& b) {
        return a.begin == b.begin && a.end == b.end;
      });
  steps.erase(repeated.begin(), repeated.end());
  steps.resize(std::min(steps.size(), kStepsMax));
  std::vector<ExplainedStep> out;
  for (const expr::TraceStep& step : steps) {
    out.push_back({std::string(text.substr(step.begin, step.end - step.begin)),
                   value_text(step.value, registry)});
  }
  return out;
}

}  // namespace

Explanation Verdicts::explain(const PairRef& ref, base::Instant now) {
  Explanation out;
  out.verdict = view(ref);
  FactList facts(options_.evidence_facts_max);
  std::vector<expr::TraceStep> trace;
  Judge::Closer closer{.facts = &facts, .steps = &trace, .traced = nullptr};
  const Judgement judgement = now_->judge.look_closer(ref, now, closer);
  out.reason = now_->judge.reason(ref, judgement);
  out.next_change = judgement.next_change;
  if (closer.traced != nullptr) {
    out.steps = steps_of(trace, closer.traced->text(), registry_);
  }
  out.facts = facts.take();
  out.message_id = now_->renderer.message(ref, model::Language::kIndonesian, now);
  out.message_en = now_->renderer.message(ref, model::Language::kEnglish, now);
  return out;
}

}  // namespace patuh::engine
