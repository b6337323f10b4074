#include "expr/checker.h"

#include "expr/checker_state.h"

namespace patuh::expr {

Facts Checker::run(const Type& expected) {
  Expression& root = *tree_.root;
  check(root);
  if (parsed_ && !fits(root.type, expected)) {
    fault("EXPR-RESULT", root.at,
          "the expression gives " + root.type.text() + ", but " + expected.text() +
              " is needed here");
  }
  if (expected.of() == Type::Of::kBool) look_at_whole(root);
  Facts facts;
  facts.variable_fields.assign(fields_.begin(), fields_.end());
  facts.only_variable_fields = only_fields_;
  facts.reads_now = reads_now_;
  facts.result_moves = root.moves;
  return facts;
}

void Checker::check_children(Expression& e) {
  for (Expression* child : e.children) check(*child);
}

void Checker::check(Expression& e) {
  check_by_syntax(e);
  if (!environment_.checks) loosen(e);
}

// What was found wrong shows when this part is evaluated, if it ever is.
void Checker::loosen(Expression& e) {
  e.type = Type::dyn();
  e.size_max = 0;
  if (!failure_) return;
  e.syntax = Syntax::kFailure;
  e.name = std::move(*failure_);
  e.moves = false;
  failure_.reset();
}

void Checker::check_by_syntax(Expression& e) {
  switch (e.syntax) {
    case Syntax::kLiteral:
      e.type = type_of_value(e.literal);
      return;
    case Syntax::kName:
      return check_name(e);
    case Syntax::kSelect:
      return check_select(e);
    case Syntax::kHas:
      return check_has(e);
    case Syntax::kIndex:
      return check_index(e);
    case Syntax::kCall:
      return check_call(e);
    case Syntax::kNot:
      return check_not(e);
    case Syntax::kNegate:
      return check_negate(e);
    case Syntax::kAnd:
    case Syntax::kOr:
      return check_logic(e);
    case Syntax::kBinary:
      return check_binary(e);
    case Syntax::kConditional:
      return check_conditional(e);
    case Syntax::kList:
      return check_list(e);
    case Syntax::kMap:
      return check_map(e);
    case Syntax::kOptionalItem:
      return check_optional_item(e);
    case Syntax::kLoop:
      return check_loop(e);
    case Syntax::kBind:
      return check_bind(e);
    case Syntax::kHeldFor:
      return check_held_for(e);
    case Syntax::kFailure:
    case Syntax::kError:
      return check_children(e);
  }
}

void Checker::refuse_moving(const Expression& e, std::string_view where) {
  if (!e.moves) return;
  fault("EXPR-NOW-USE", e.at, "a value that moves with now cannot be used " + std::string(where),
        "compare it with <, <=, >, >=, ==, != or cut it with start_of() or a calendar accessor");
}

void Checker::fault(std::string_view code, Span at, std::string message, std::string hint) {
  if (!environment_.checks) {
    if (!failure_) failure_ = std::move(message);
    return;
  }
  report_.add({.code = code, .at = at, .message = std::move(message), .hint = std::move(hint)});
}

void Checker::warn(std::string_view code, Span at, std::string message, std::string hint) {
  if (report_.has_errors() || !environment_.checks) return;  // it may only follow from them
  report_.add({.code = code,
               .at = at,
               .message = std::move(message),
               .hint = std::move(hint),
               .level = base::Diagnostic::Level::kWarning});
}

Facts check(const Environment::Impl& environment, const Source& source, Tree& tree,
            const Type& expected, Report& report) {
  return Checker(environment, source, tree, report).run(expected);
}

}  // namespace patuh::expr
