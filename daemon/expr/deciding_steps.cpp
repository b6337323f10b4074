// Which steps of a run decided its outcome.
#include <algorithm>
#include <map>

#include "expr/instructions.h"

namespace patuh::expr {
namespace {

// Walks the program beside the values that its parts had.
class Decision {
 public:
  Decision(std::string_view text, std::span<const TraceStep> trace, std::size_t steps_max)
      : text_(text), steps_max_(steps_max) {
    for (const TraceStep& step : trace) last_[{step.begin, step.end}] = &step;
  }

  std::vector<TraceStep> run(const Node& root) {
    follow(root);
    return std::move(steps_);
  }

 private:
  // Null when the part was not evaluated, or is a literal. Of a part that ran often the last run.
  const Value* value_of(const Node& node) const {
    const auto found = last_.find({node.at.begin, node.at.end});
    return found == last_.end() ? nullptr : &found->second->value;
  }

  void note(const Node& node) {
    const Value* const value = value_of(node);
    if (value == nullptr || steps_.size() >= steps_max_) return;
    const bool known = std::ranges::any_of(steps_, [&](const TraceStep& step) {
      return slice(step.begin, step.end) == slice(node.at.begin, node.at.end);
    });
    if (!known) steps_.push_back({.begin = node.at.begin, .end = node.at.end, .value = *value});
  }

  std::string_view slice(std::uint32_t begin, std::uint32_t end) const {
    return text_.substr(begin, end - begin);
  }

  void follow(const Node& node) {
    if (node.run == run_and) return follow_terms(node, false);
    if (node.run == run_or) return follow_terms(node, true);
    if (node.run == run_not) return follow(*node.a);
    if (node.run == run_conditional) return follow_branch(node);
    if (node.run == run_bind) return follow(*node.items[node.count - 1]);
    note(node);
    if (is_quantifier(node)) return follow_round(node);
    look_at_operands(node);
  }

  // The term that decided, or all of them.
  void follow_terms(const Node& node, bool deciding) {
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const Value* const value = value_of(*node.items[i]);
      const bool decided =
          value != nullptr && value->kind() == Kind::kBool && value->as_bool() == deciding;
      if (decided) return follow(*node.items[i]);
    }
    for (std::uint32_t i = 0; i < node.count; ++i) follow(*node.items[i]);
  }

  void follow_branch(const Node& node) {
    const Value* const condition = value_of(*node.a);
    follow(*node.a);
    if (condition == nullptr || condition->kind() != Kind::kBool) return;
    follow(condition->as_bool() ? *node.b : *node.c);
  }

  static bool is_quantifier(const Node& node) {
    return node.run == loop(Loop::kAll) || node.run == loop(Loop::kExists);
  }

  // all ends at the first false, exists at the first true: the last round tells why.
  void follow_round(const Node& node) {
    note(*node.a);
    const Value* const whole = value_of(node);
    const bool stopped = whole != nullptr && whole->kind() == Kind::kBool &&
                         whole->as_bool() == (node.run == loop(Loop::kExists));
    if (stopped) follow(*node.b);
  }

  void look_at_operands(const Node& node) {
    for (const Node* const operand : {node.a, node.b, node.c}) {
      if (operand != nullptr) look_at(*operand);
    }
    for (std::uint32_t i = 0; i < node.count; ++i) look_at(*node.items[i]);
  }

  // A name or field is what was looked at; what was made of others is, too, and then theirs.
  void look_at(const Node& node) {
    note(node);
    const bool leaf = node.shape != Shape::kRun || node.run == run_field ||
                      node.run == run_dynamic_field || node.run == run_now;
    if (!leaf) look_at_operands(node);
  }

  std::map<std::pair<std::uint32_t, std::uint32_t>, const TraceStep*> last_;
  std::vector<TraceStep> steps_;
  std::string_view text_;
  std::size_t steps_max_;
};

}  // namespace

std::vector<TraceStep> deciding_steps(const Program& program, std::span<const TraceStep> trace,
                                      std::size_t steps_max) {
  return Decision(program.text(), trace, steps_max).run(*program.impl().root);
}

}  // namespace patuh::expr
