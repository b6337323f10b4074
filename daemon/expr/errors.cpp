#include "expr/errors.h"

namespace patuh::expr {

Value fail(Frame& frame, const Node& at, ErrorCode code, std::string_view message) {
  return Value::error(
      frame.arena().make(ErrorRep{.code = code, .offset = at.at.begin, .message = message}));
}

Value fail_missing(Frame& frame, const Node& at, const Value& null) {
  ErrorRep rep{.code = ErrorCode::kMissing, .offset = at.at.begin, .message = "a value is missing"};
  if (const std::optional<Origin> origin = null.origin()) {
    rep.has_origin = true;
    rep.origin = *origin;
  }
  return Value::error(frame.arena().make(rep));
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what,
                    std::span<const Value> operands) {
  std::string message = "no such overload: " + std::string(what) + "(";
  std::string_view separator;
  for (const Value& operand : operands) {
    if (operand.is_error()) return operand;
    if (operand.is_null()) return fail_missing(frame, at, operand);
    message += std::string(separator) + std::string(name_of(operand.kind()));
    separator = ", ";
  }
  return fail(frame, at, ErrorCode::kNoSuchOverload, frame.arena().copy(message + ")"));
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a) {
  return fail_overload(frame, at, what, std::span<const Value>(&a, 1));
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a, Value b) {
  const std::array<Value, 2> operands = {a, b};
  return fail_overload(frame, at, what, operands);
}

Value fail_invalid(Frame& frame, const Node& at, std::string_view message) {
  return fail(frame, at, ErrorCode::kInvalidArgument, frame.arena().copy(message));
}

Value fail_too_large(Frame& frame, const Node& at) {
  return fail(frame, at, ErrorCode::kOverflow, "the number does not fit");
}

Value fail_budget(Frame& frame, const Node& at) {
  frame.spent = true;
  return fail(frame, at, ErrorCode::kBudget, "the evaluation takes more than its budget");
}

Value Context::fail(ErrorCode code, std::string_view message) {
  return Value::error(arena->make(ErrorRep{.code = code, .message = arena->copy(message)}));
}

}  // namespace patuh::expr
