// Calls of the language's own functions and of the host's.
#include "expr/errors.h"
#include "expr/instructions.h"

namespace patuh::expr {
namespace {

constexpr std::uint32_t kOnStack = 4;

// Arguments from left to right; the first error or unwanted null ends it.
Value evaluate_arguments(const Node& node, Frame& frame, Value* out) {
  for (std::uint32_t i = 0; i < node.count; ++i) {
    out[i] = run(*node.items[i], frame);
    if (out[i].is_error()) return out[i];
  }
  for (std::uint32_t i = 0; i < node.count && !node.takes_null; ++i) {
    if (out[i].is_null()) return fail_missing(frame, *node.items[i], out[i]);
  }
  return {};
}

// A host's error gets the place of the call.
Value placed(const Node& node, Frame& frame, const Value& result) {
  if (!result.is_error() || result.as_error().offset != 0) return result;
  ErrorRep rep = result.as_error();
  rep.offset = node.at.begin;
  return Value::error(frame.arena().make(rep));
}

}  // namespace

Value run_library(const Node& node, Frame& frame) {
  std::array<Value, kOnStack> arguments;
  PATUH_ASSERT(node.count <= kOnStack);
  const Value wrong = evaluate_arguments(node, frame, arguments.data());
  return wrong.is_error() ? wrong : node.native(frame, node, arguments.data());
}

Value run_host(const Node& node, Frame& frame) {
  std::array<Value, kOnStack> few;
  Value* const arguments =
      node.count <= kOnStack ? few.data() : frame.arena().make_array<Value>(node.count).data();
  const Value wrong = evaluate_arguments(node, frame, arguments);
  if (wrong.is_error()) return wrong;
  return placed(node, frame, node.host->call(frame.context, node.bound, {arguments, node.count}));
}

}  // namespace patuh::expr
