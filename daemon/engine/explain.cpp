// Why a verdict is as it is: judged once more, closer; and what would have to change.
#include <algorithm>

#include "engine/explain_lines.h"
#include "engine/trial.h"
#include "engine/value_text.h"
#include "engine/verdicts.h"

namespace patuh::engine {
namespace {

// What one search may cost. Both keep it below a millisecond, since events wait meanwhile.
constexpr std::size_t kTriesMax = 500;
constexpr std::uint64_t kTrialBudget = 10'000;

std::string value_json(const expr::Value& value, const registry::Registry& registry) {
  if (value.is_error()) return "error: " + message_of(value.as_error());
  return json_of(value, registry);
}

std::string_view key_of(expr::ErrorCode code) {
  switch (code) {
    case expr::ErrorCode::kMissing:
      return "explain.error_missing";
    case expr::ErrorCode::kBudget:
      return "explain.error_budget";
    case expr::ErrorCode::kLimit:
      return "explain.error_limit";
    case expr::ErrorCode::kNoSuchField:
      return "explain.error_no_field";
    case expr::ErrorCode::kNoSuchOverload:
      return "explain.error_type";
    case expr::ErrorCode::kDivideByZero:
      return "explain.error_divide";
    case expr::ErrorCode::kOverflow:
      return "explain.error_overflow";
    case expr::ErrorCode::kInvalidArgument:
      return "explain.error_invalid";
    case expr::ErrorCode::kOutOfRange:
      return "explain.error_index";
  }
  return "explain.error";
}

// The sort of error; of those that have more to say, what is wrong.
std::string told(const expr::ErrorRep& error, text::Lang lang) {
  std::string sort = text::of(lang, key_of(error.code));
  const bool says_all = error.code == expr::ErrorCode::kMissing ||
                        error.code == expr::ErrorCode::kBudget ||
                        error.code == expr::ErrorCode::kDivideByZero;
  return says_all ? sort : sort + ": " + text::of(lang, error.detail, error.arguments);
}

// Turns steps of one program into texts.
class Teller {
 public:
  Teller(const rulebook::Rule& rule, const expr::Program& program,
         const registry::Registry& registry, const text::Zone& zone)
      : part_(rule.when && &*rule.when == &program ? "when" : "require"),
        text_(program.text()),
        registry_(registry),
        zone_(zone) {}

  ExplainedStep tell(const expr::TraceStep& step) const {
    return {part_,
            step.begin,
            step.end,
            std::string(text_.substr(step.begin, step.end - step.begin)),
            value_json(step.value, registry_),
            in_both([&](model::Language language) { return tell(step.value, language); })};
  }

 private:
  std::string tell(const expr::Value& value, model::Language language) const {
    const text::Lang lang = lang_of(language);
    if (value.is_error()) return told(value.as_error(), lang);
    const bool empty = value.kind() == expr::Kind::kList && value.as_list().size == 0;
    if (value.is_null() || empty) return text::of(lang, "explain.nothing");
    return text_of(value, language, registry_, zone_);
  }

  std::string part_;
  std::string_view text_;
  const registry::Registry& registry_;
  const text::Zone& zone_;
};

// Outermost first; of a sub-expression that ran often (in a loop) the last run.
std::vector<expr::TraceStep> whole_of(std::span<const expr::TraceStep> trace) {
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
  steps.resize(std::min(steps.size(), kExplainedStepsMax));
  return steps;
}

// What is neither kept nor broken for want of a value counts as wrong until somebody gives it.
bool wants_change(model::VerdictState state) {
  return state == model::VerdictState::kViolating || state == model::VerdictState::kWaived ||
         state == model::VerdictState::kUndetermined;
}

SmallestChange::Outcome outcome_of(const expr::Remedy& remedy,
                                   std::span<const expr::Program* const> programs) {
  using enum SmallestChange::Outcome;
  if (!remedy.changes.empty()) return kFound;
  if (remedy.attributes == 0) return kElsewhere;
  const bool own = std::ranges::all_of(
      programs, [](const expr::Program* program) { return program->facts().only_variable_fields; });
  return own ? kNotFound : kNotHere;
}

std::string_view key_of(SmallestChange::Outcome outcome) {
  using enum SmallestChange::Outcome;
  switch (outcome) {
    case kFound:
      return "explain.found";
    case kNotFound:
      return "explain.none";
    case kNotHere:
      return "explain.none_here";
    case kElsewhere:
      return "explain.elsewhere";
    case kNotNeeded:
      break;
  }
  return "explain.not_needed";
}

const std::string& title_of(const model::Field& field, model::Language language) {
  const std::string& title = field.title.in(language);
  return title.empty() ? field.name : title;
}

std::string told(const expr::Change& change, const model::Field& field, model::Language language,
                 const registry::Registry& registry, const text::Zone& zone) {
  const std::string& name = title_of(field, language);
  const text::Lang lang = lang_of(language);
  if (change.value.is_null()) return text::of(lang, "explain.emptied", {name});
  const std::string value = text_of(change.value, language, registry, zone);
  const std::string_view key = change.stand_in ? "explain.for_example" : "explain.change";
  return text::of(lang, key, {name, value});
}

}  // namespace

std::string_view name_of(SmallestChange::Outcome outcome) {
  using enum SmallestChange::Outcome;
  switch (outcome) {
    case kNotNeeded:
      return "not-needed";
    case kFound:
      return "found";
    case kNotFound:
      return "none";
    case kNotHere:
      return "none-here";
    case kElsewhere:
      return "elsewhere";
  }
  return {};
}

SmallestChange Verdicts::smallest_change(const PairRef& ref, model::VerdictState state,
                                         base::Instant now) {
  SmallestChange out;
  const text::Zone& zone = now_->renderer.zone();
  PairTrial trial(now_->judge, *now_->book, registry_, ref, now, kTrialBudget, zone);
  const auto programs = trial.programs(state == model::VerdictState::kUndetermined);
  expr::Arena arena;
  const expr::Remedy remedy = expr::smallest_change(programs, trial, now, arena, kTriesMax);
  out.outcome = outcome_of(remedy, programs);
  out.tries = remedy.tries;
  const model::Kind& kind = now_->book->schema->kind(registry_.kind_of(ref.element));
  for (const expr::Change& change : remedy.changes) {
    const model::Field& field = kind.fields[change.field];
    out.changes.push_back({field.name, event_json(change.value, field.attribute(), zone, registry_),
                           change.stand_in, in_both([&](model::Language language) {
                             return told(change, field, language, registry_, zone);
                           })});
  }
  out.told = in_both([&](model::Language language) {
    return text::of(lang_of(language), key_of(out.outcome), {std::to_string(out.tries)});
  });
  return out;
}

// What Judge::reason() says, as people say it.
std::string Verdicts::reason_told(const PairRef& ref, const Judgement& judgement,
                                  model::Language language) const {
  if (!judgement.undecided) return {};
  const text::Lang lang = lang_of(language);
  const expr::Value& why = judgement.why;
  const auto origin = judgement.missing();
  if (!origin) {
    if (why.is_null()) return text::of(lang, "explain.error_missing");
    return why.is_error() ? told(why.as_error(), lang) : text::of(lang, "explain.undecided");
  }
  const model::KindId kind{static_cast<std::uint16_t>(origin->object_kind)};
  const std::string& name =
      title_of(now_->book->schema->field(kind, model::FieldId{origin->field}), language);
  const model::ElementRef element{origin->object_index};
  if (element == ref.element) return text::of(lang, "explain.missing", {name});
  return text::of(lang, "explain.missing_of", {name, registry_.key_of(element).text()});
}

Explanation Verdicts::explain(const PairRef& ref, base::Instant now) {
  Explanation out;
  out.verdict = view(ref);
  FactList facts(options_.evidence_facts_max);
  std::vector<expr::TraceStep> trace;
  Judge::Closer closer{.facts = &facts, .steps = &trace, .traced = nullptr};
  const Judgement judgement = now_->judge.look_closer(ref, now, closer);
  out.facts = facts.take(ref.element, registry_);
  out.reason = now_->judge.reason(ref, judgement);
  out.reason_told =
      in_both([&](model::Language language) { return reason_told(ref, judgement, language); });
  out.next_change = judgement.next_change;
  if (closer.traced != nullptr) {
    const Teller teller(rule(ref), *closer.traced, registry_, now_->renderer.zone());
    for (const expr::TraceStep& step : whole_of(trace)) out.steps.push_back(teller.tell(step));
    for (const expr::TraceStep& step :
         expr::deciding_steps(*closer.traced, trace, kDecidingStepsMax)) {
      out.decided.push_back(teller.tell(step));
    }
  }
  if (wants_change(judgement.state)) {
    out.smallest_change = smallest_change(ref, judgement.state, now);
    model::Text message = now_->renderer.message(ref, now);
    out.message_id = std::move(message.id);
    out.message_en = std::move(message.en);
  }
  out.lines = lines_of(out, now_->renderer.zone());
  return out;
}

}  // namespace patuh::engine
