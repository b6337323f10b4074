// && || ! ?: and the trace.
#include "expr/errors.h"
#include "expr/instructions.h"

namespace patuh::expr {
namespace {

// An operand that is neither true nor false: null and other kinds become errors.
[[gnu::noinline]] Value undecided(const Node& node, Frame& frame, const Value& value,
                                  std::string_view op) {
  return value.is_error() ? value : fail_overload(frame, node, op, value);
}

// A term is hardly ever a leaf.
inline Value run_term(const Node& node, Frame& frame) {
  if (frame.traced) [[unlikely]]
    return run_traced(node, frame);
  return node.run(node, frame);
}

constexpr std::string_view text_of(bool is_and) { return is_and ? "&&" : "||"; }

// The terms from `at` on, which gave neither true nor false: a later one may still decide.
template <bool is_and>
[[gnu::noinline]] Value run_undecided(const Node& node, Frame& frame, std::uint32_t at,
                                      const Value first) {
  const Value error = undecided(*node.items[at], frame, first, text_of(is_and));
  for (std::uint32_t i = at + 1; i < node.count; ++i) {
    const Value value = run_term(*node.items[i], frame);
    if (is_and ? value.is_false() : value.is_true()) return value;
  }
  return error;
}

// && and ||: an error is kept in mind only where there is one.
template <bool is_and>
inline Value run_terms(const Node& node, Frame& frame) {
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const Value value = run_term(*node.items[i], frame);
    if (is_and ? value.is_true() : value.is_false()) continue;
    if (is_and ? value.is_false() : value.is_true()) return value;
    return run_undecided<is_and>(node, frame, i, value);
  }
  return Value::boolean(is_and);
}

}  // namespace

Value run_traced(const Node& node, Frame& frame) {
  const Value value = run_shape(node, frame);
  auto& steps = *frame.context.trace;
  if (node.traced && steps.size() < kTraceMax) {
    steps.push_back({.begin = node.at.begin, .end = node.at.end, .value = value});
  }
  return value;
}

Value run_and(const Node& node, Frame& frame) { return run_terms<true>(node, frame); }

Value run_or(const Node& node, Frame& frame) { return run_terms<false>(node, frame); }

Value run_not(const Node& node, Frame& frame) {
  const Value value = run(*node.a, frame);
  if (value.kind() == Kind::kBool) return Value::boolean(!value.as_bool());
  return undecided(*node.a, frame, value, "!");
}

Value run_conditional(const Node& node, Frame& frame) {
  const Value condition = run(*node.a, frame);
  if (condition.is_true()) return run(*node.b, frame);
  if (condition.is_false()) return run(*node.c, frame);
  return undecided(*node.a, frame, condition, "?:");
}

}  // namespace patuh::expr
