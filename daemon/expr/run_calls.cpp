// Calls of the language's own functions and of the host's.
#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/short_text.h"

namespace patuh::expr {
namespace {

// Arguments from left to right; the first error or unwanted null ends it.
inline Value evaluate_arguments(const Node& node, Frame& frame, std::span<Value> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = run(*node.items[i], frame);
    if (out[i].is_error()) [[unlikely]]
      return out[i];
    if (out[i].is_null() && !node.takes_null) [[unlikely]]
      return fail_missing(frame, *node.items[i], out[i]);
  }
  return {};
}

template <std::size_t count>
Value run_library(const Node& node, Frame& frame) {
  std::array<Value, count> arguments;
  const Value wrong = evaluate_arguments(node, frame, arguments);
  return wrong.is_error() ? wrong : node.native(frame, node, arguments.data());
}

// Of functions that take any number.
Value run_library_many(const Node& node, Frame& frame) {
  const std::span<Value> arguments = frame.arena().make_array<Value>(node.count);
  const Value wrong = evaluate_arguments(node, frame, arguments);
  return wrong.is_error() ? wrong : node.native(frame, node, arguments.data());
}

// A host's error gets the place of the call.
Value placed(const Node& node, Frame& frame, const Value& result) {
  if (!result.is_error() || result.as_error().offset != 0) return result;
  ErrorRep rep = result.as_error();
  rep.offset = node.at.begin;
  return Value::error(frame.arena().make(rep));
}

}  // namespace

Value run_starts_with(const Node& node, Frame& frame) {
  const Value text = run(*node.items[0], frame);
  if (text.is_error() || text.is_null()) [[unlikely]]
    return fail_overload(frame, *node.items[0], node.name, text);
  const Value prefix = run(*node.items[1], frame);
  const bool strings = text.kind() == Kind::kString && prefix.kind() == Kind::kString;
  if (strings && prefix.as_string().size() < kFreeTextBytes) [[likely]] {
    return Value::boolean(begins_with(text.as_string(), prefix.as_string()));
  }
  if (!strings) return fail_overload(frame, *node.items[1], node.name, prefix, text);
  const std::array<Value, 2> arguments = {text, prefix};
  return node.native(frame, node, arguments.data());
}

Value run_path_starts_with(const Node& node, Frame& frame) {
  return read_path(node, frame, [&](const Value text) {
    if (text.kind() != Kind::kString) [[unlikely]]
      return run_starts_with(node, frame);
    return Value::boolean(begins_with(text.as_string(), node.constant.as_string()));
  });
}

Run library_call(std::size_t arguments) {
  static constexpr std::array<Run, 5> kRuns = {run_library<0>, run_library<1>, run_library<2>,
                                               run_library<3>, run_library<4>};
  return arguments < kRuns.size() ? kRuns[arguments] : run_library_many;
}

Value run_host(const Node& node, Frame& frame) {
  constexpr std::uint32_t kOnStack = 4;
  std::array<Value, kOnStack> few;
  const std::span<Value> arguments = node.count <= kOnStack
                                         ? std::span(few).first(node.count)
                                         : frame.arena().make_array<Value>(node.count);
  const Value wrong = evaluate_arguments(node, frame, arguments);
  if (wrong.is_error()) return wrong;
  return placed(node, frame, node.host->call(frame.context, node.bound, arguments));
}

Value run_held_for(const Node& node, Frame& frame) {
  const Value span = run(*node.b, frame);
  if (span.kind() != Kind::kDuration) return fail_overload(frame, *node.b, "held_for", span);
  const base::Duration wanted = span.as_duration();
  if (wanted <= base::Duration(0)) {
    return fail(frame, *node.b, ErrorCode::kInvalidArgument, "error.held_span");
  }
  const std::span<const base::Instant> since = frame.context.held_since;
  if (node.slot >= since.size() || since[node.slot] == base::kNever) return Value::boolean(false);
  const base::Instant at = since[node.slot] + wanted;
  frame.context.changes_at(at);
  return Value::boolean(frame.context.now >= at);
}

}  // namespace patuh::expr
