#include "expr/errors.h"

#include <algorithm>

#include "text/text.h"

namespace patuh::expr {
namespace {

ErrorRep rep_of(Arena& arena, ErrorCode code, std::string_view detail, Arguments arguments) {
  ErrorRep rep{.code = code, .detail = detail};
  PATUH_ASSERT(detail.starts_with("error.") && arguments.size() <= rep.arguments.size());
  std::ranges::transform(arguments, rep.arguments.begin(),
                         [&](std::string_view argument) { return arena.copy(argument); });
  return rep;
}

}  // namespace

std::string message_of(const ErrorRep& error) {
  return text::of(text::Lang::kEnglish, error.detail, error.arguments);
}

Value fail(Frame& frame, const Node& at, ErrorCode code, std::string_view detail,
           Arguments arguments) {
  ErrorRep rep = rep_of(frame.arena(), code, detail, arguments);
  rep.offset = at.at.begin;
  return Value::error(frame.arena().make(rep));
}

Value fail_missing(Frame& frame, const Node& at, const Value& null) {
  ErrorRep rep{.code = ErrorCode::kMissing, .offset = at.at.begin, .detail = "error.missing"};
  if (const std::optional<Origin> origin = null.origin()) {
    rep.has_origin = true;
    rep.origin = *origin;
  }
  return Value::error(frame.arena().make(rep));
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what,
                    std::span<const Value> operands) {
  std::string kinds;
  for (const Value& operand : operands) {
    if (operand.is_error()) return operand;
    if (operand.is_null()) return fail_missing(frame, at, operand);
    if (!kinds.empty()) kinds += ", ";
    kinds += name_of(operand.kind());
  }
  return fail(frame, at, ErrorCode::kNoSuchOverload, "error.no_overload", {what, kinds});
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a) {
  return fail_overload(frame, at, what, std::span<const Value>(&a, 1));
}

Value fail_overload(Frame& frame, const Node& at, std::string_view what, Value a, Value b) {
  const std::array<Value, 2> operands = {a, b};
  return fail_overload(frame, at, what, operands);
}

Value fail_invalid(Frame& frame, const Node& at, std::string_view detail, Arguments arguments) {
  return fail(frame, at, ErrorCode::kInvalidArgument, detail, arguments);
}

Value fail_too_large(Frame& frame, const Node& at) {
  return fail(frame, at, ErrorCode::kOverflow, "error.no_fit");
}

Value fail_budget(Frame& frame, const Node& at) {
  frame.spent = true;
  return fail(frame, at, ErrorCode::kBudget, "error.budget");
}

Value Context::fail(ErrorCode code, std::string_view detail, Arguments arguments) {
  return Value::error(arena->make(rep_of(*arena, code, detail, arguments)));
}

}  // namespace patuh::expr
