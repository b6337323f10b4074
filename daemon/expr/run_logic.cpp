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

}  // namespace

Value run_traced(const Node& node, Frame& frame) {
  const Value value = run_shape(node, frame);
  auto& steps = *frame.context.trace;
  if (node.traced && steps.size() < kTraceMax) {
    steps.push_back({.begin = node.at.begin, .end = node.at.end, .value = value});
  }
  return value;
}

Value run_and(const Node& node, Frame& frame) {
  Value error;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const Value value = run_term(*node.items[i], frame);
    if (value.is_false()) return value;
    if (!value.is_true() && error.is_null()) error = undecided(*node.items[i], frame, value, "&&");
  }
  return error.is_null() ? Value::boolean(true) : error;
}

Value run_or(const Node& node, Frame& frame) {
  Value error;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const Value value = run_term(*node.items[i], frame);
    if (value.is_true()) return value;
    if (!value.is_false() && error.is_null()) error = undecided(*node.items[i], frame, value, "||");
  }
  return error.is_null() ? Value::boolean(false) : error;
}

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
