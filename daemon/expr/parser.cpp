#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "expr/macros.h"
#include "expr/numbers.h"
#include "expr/other_words.h"

namespace patuh::expr {
namespace {

struct OperatorEntry {
  std::string_view text;
  Operator op;
  int binds;  // tighter is greater
};

constexpr int kTightest = 3;
constexpr std::array<OperatorEntry, 12> kOperators = {{{"==", Operator::kEqual, 1},
                                                       {"!=", Operator::kNotEqual, 1},
                                                       {"<", Operator::kLess, 1},
                                                       {"<=", Operator::kLessEqual, 1},
                                                       {">", Operator::kGreater, 1},
                                                       {">=", Operator::kGreaterEqual, 1},
                                                       {"in", Operator::kIn, 1},
                                                       {"+", Operator::kAdd, 2},
                                                       {"-", Operator::kSubtract, 2},
                                                       {"*", Operator::kMultiply, 3},
                                                       {"/", Operator::kDivide, 3},
                                                       {"%", Operator::kModulo, 3}}};

const OperatorEntry* operator_of(const Token& token) {
  if (token.kind != TokenKind::kPunctuation && token.kind != TokenKind::kIn) return nullptr;
  const auto found = std::ranges::find(kOperators, token.text, &OperatorEntry::text);
  return found == kOperators.end() ? nullptr : found;
}

std::string reserved_hint(std::string_view word) {
  const std::string hint = hint_for_word(word);
  return hint.empty() ? "the word is reserved" : hint;
}

std::string shown(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "the end of the expression";
  return "'" + std::string(token.text) + "'";
}

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, Report& report) : tokens_(tokens), report_(report) {}

  Tree run() {
    tree_.root = expression();
    if (!at(TokenKind::kEnd) && !tree_.too_deep) {
      fault("unexpected " + shown(token()) + " after the expression", hint_for_word(token().text));
    }
    return std::move(tree_);
  }

 private:
  // ── Tokens ──

  const Token& token() const { return tokens_[at_]; }
  bool at(TokenKind kind) const { return token().kind == kind; }
  bool at(std::string_view punctuation) const {
    return at(TokenKind::kPunctuation) && token().text == punctuation;
  }
  void advance() {
    if (!at(TokenKind::kEnd)) ++at_;
  }
  bool take(std::string_view punctuation) {
    if (!at(punctuation)) return false;
    advance();
    return true;
  }
  std::uint32_t end_before() const { return at_ == 0 ? 0 : tokens_[at_ - 1].at.end; }

  // ── Faults ──

  // One fault where there would be a train of them: a token right behind a reported one is silent.
  void fault(std::string message, std::string hint = {}) {
    const bool follows = reported_ && at_ <= reported_at_ + 1;
    reported_ = true;
    reported_at_ = at_;
    if (follows || tree_.too_deep || at(TokenKind::kBad)) return;
    report("EXPR-SYNTAX", token().at, std::move(message), std::move(hint));
  }

  void report(std::string_view code, Span where, std::string message, std::string hint = {}) {
    report_.add(
        {.code = code, .at = where, .message = std::move(message), .hint = std::move(hint)});
  }

  void refuse_depth(Span where) {
    if (!tree_.too_deep) {
      report("EXPR-TOO-DEEP", where,
             "the expression is nested deeper than " + std::to_string(kDepthMax) + " levels",
             "split the rule, or join terms with && and || without parentheses");
    }
    tree_.too_deep = true;
    at_ = tokens_.size() - 1;
  }

  // ── Nodes ──

  Expression* make(Syntax syntax, std::uint32_t begin, Span focus,
                   std::vector<Expression*> children = {}) {
    Expression& node = tree_.nodes.emplace_back();
    node.syntax = syntax;
    node.at = {begin, end_before()};
    node.focus = focus;
    for (const Expression* child : children) node.height = std::max(node.height, child->height + 1);
    node.children = std::move(children);
    if (node.height > kDepthMax) refuse_depth(focus);
    return &node;
  }

  Expression* error_node() { return make(Syntax::kError, token().at.begin, token().at); }

  Expression* literal_node(const Token& from, Value value) {
    Expression* const node = make(Syntax::kLiteral, from.at.begin, from.at);
    node->literal = value;
    return node;
  }

  // ── Grammar, loosest first ──

  Expression* expression() {
    if (depth_ >= kDepthMax) {
      refuse_depth(token().at);
      return error_node();
    }
    ++depth_;
    Expression* const node = conditional();
    --depth_;
    return node;
  }

  Expression* conditional() {
    Expression* const condition = logical("||", Syntax::kOr);
    if (!at("?")) return condition;
    const Span focus = token().at;
    advance();
    Expression* const then = expression();
    if (!take(":")) {
      fault("expected ':' of the condition, not " + shown(token()), "condition ? value : other");
      return error_node();
    }
    Expression* const otherwise = expression();
    return make(Syntax::kConditional, condition->at.begin, focus, {condition, then, otherwise});
  }

  // Chains of && and || are flat, so that a long one is not deep.
  Expression* logical(std::string_view op, Syntax syntax) {
    const bool is_or = syntax == Syntax::kOr;
    Expression* const first = is_or ? logical("&&", Syntax::kAnd) : binary(1);
    if (!at(op)) return first;
    const Span focus = token().at;
    std::vector<Expression*> terms = {first};
    while (take(op)) terms.push_back(is_or ? logical("&&", Syntax::kAnd) : binary(1));
    return make(syntax, first->at.begin, focus, std::move(terms));
  }

  Expression* binary(int level) {
    if (level > kTightest) return unary();
    Expression* left = binary(level + 1);
    for (;;) {
      const OperatorEntry* const entry = operator_of(token());
      if (entry == nullptr || entry->binds != level || tree_.too_deep) return left;
      const Span focus = token().at;
      advance();
      Expression* const right = binary(level + 1);
      left = make(Syntax::kBinary, left->at.begin, focus, {left, right});
      left->op = entry->op;
    }
  }

  Expression* unary() {
    std::vector<Token> operators;
    while (at("!") || at("-")) {
      const bool negative_number = at("-") && is_number(tokens_[at_ + 1].kind);
      if (negative_number) break;
      operators.push_back(token());
      advance();
    }
    Expression* node = member();
    for (; !operators.empty() && !tree_.too_deep; operators.pop_back()) {
      const Token& op = operators.back();
      node = make(op.text == "!" ? Syntax::kNot : Syntax::kNegate, op.at.begin, op.at, {node});
    }
    return node;
  }

  static bool is_number(TokenKind kind) {
    return kind == TokenKind::kInt || kind == TokenKind::kUint || kind == TokenKind::kDouble;
  }

  Expression* member() {
    Expression* node = primary();
    while (!tree_.too_deep) {
      if (at(".")) {
        node = selection(node);
      } else if (at("[")) {
        node = index(node);
      } else if (at("{") && is_path(*node)) {
        node = message();
      } else {
        break;
      }
    }
    return node;
  }

  static bool is_path(const Expression& node) {
    if (node.syntax == Syntax::kSelect && !node.optional) return is_path(*node.children[0]);
    return node.syntax == Syntax::kName;
  }

  // Name{field: value}: read, so that what stands behind it is, and refused.
  Expression* message() {
    report("EXPR-MESSAGE", token().at, "messages are not made in this language",
           "a map is written {'key': value}");
    const std::uint32_t begin = token().at.begin;
    advance();
    while (!at("}") && !at(TokenKind::kEnd)) {
      take("?");
      if (at(TokenKind::kIdentifier)) advance();
      if (!take(":")) fault("expected ':' after the field, not " + shown(token()));
      expression();
      if (!take(",")) break;
    }
    close("}");
    return make(Syntax::kError, begin, token().at);
  }

  Expression* index(Expression* operand) {
    const Span focus = token().at;
    advance();
    const bool optional = take("?");
    Expression* const key = expression();
    close("]");
    Expression* const node = make(Syntax::kIndex, operand->at.begin, focus, {operand, key});
    node->optional = optional;
    return node;
  }

  Expression* selection(Expression* operand) {
    advance();
    const bool optional = take("?");
    const Token field = token();
    if (field.kind != TokenKind::kIdentifier) {
      fault("expected the name of a field or function after '.', not " + shown(field));
      return error_node();
    }
    advance();
    if (at("(") && !field.quoted && !optional) return call(field, operand);
    Expression* const node = make(Syntax::kSelect, operand->at.begin, field.at, {operand});
    node->name = field.text;
    node->optional = optional;
    return node;
  }

  Expression* primary() {
    const Token from = token();
    switch (from.kind) {
      case TokenKind::kIdentifier:
        return name();
      case TokenKind::kInt:
      case TokenKind::kUint:
      case TokenKind::kDouble:
        return number(from, false);
      case TokenKind::kString:
      case TokenKind::kBytes:
      case TokenKind::kTrue:
      case TokenKind::kFalse:
      case TokenKind::kNull:
        advance();
        return literal_node(from, value_of(from));
      case TokenKind::kPunctuation:
        return punctuated(from);
      default:
        fault("expected a value, not " + shown(from), hint_for_word(from.text));
        advance();
        return error_node();
    }
  }

  Expression* punctuated(const Token& from) {
    if (from.text == "(") return parenthesised();
    if (from.text == "[") return list();
    if (from.text == "{") return map();
    if (from.text == "." && tokens_[at_ + 1].kind == TokenKind::kIdentifier) {
      advance();
      Expression* const node = name();
      node->absolute = true;
      return node;
    }
    if (from.text == "-") {  // unary() left the sign of a number
      advance();
      return number(from, true);
    }
    const bool unequal = from.text == ">" && at_ > 0 && tokens_[at_ - 1].text == "<";
    fault("expected a value, not " + shown(from), unequal ? "unequal is written !=" : "");
    if (!closes(from)) advance();
    return error_node();
  }

  Value value_of(const Token& from) {
    switch (from.kind) {
      case TokenKind::kString:
        return Value::string(tree_.literals.copy(from.decoded));
      case TokenKind::kBytes:
        return Value::bytes(tree_.literals.copy(from.decoded));
      case TokenKind::kTrue:
      case TokenKind::kFalse:
        return Value::boolean(from.kind == TokenKind::kTrue);
      default:
        return {};
    }
  }

  Expression* number(const Token& from, bool negative) {
    const Token digits = token();
    advance();
    std::string text(digits.text);
    const std::optional<Value> value = number_value(digits.kind, text, negative);
    if (!value) {
      constexpr std::size_t kShownMax = 40;
      if (text.size() > kShownMax) text.replace(kShownMax, std::string::npos, "…");
      report("EXPR-NUMBER", from.at, "the number " + text + " does not fit its type",
             "int is −2^63 to 2^63−1, uint 0u to 2^64−1");
      return error_node();
    }
    return literal_node(from, *value);
  }

  static std::optional<Value> number_value(TokenKind kind, std::string text, bool negative) {
    if (negative) text.insert(0, "-");
    if (kind == TokenKind::kDouble) {
      const std::optional<double> parsed = parse_double(text);
      if (!parsed || *parsed - *parsed != 0) return std::nullopt;
      return Value::number(*parsed);
    }
    const bool hex = text.find('x') != std::string::npos || text.find('X') != std::string::npos;
    if (hex) text.erase(text.find_first_of("xX") - 1, 2);
    if (kind == TokenKind::kUint) text.pop_back();
    return kind == TokenKind::kUint ? whole<std::uint64_t>(text, hex, &Value::unsigned_integer)
                                    : whole<std::int64_t>(text, hex, &Value::integer);
  }

  template <class T>
  static std::optional<Value> whole(const std::string& text, bool hex, Value (*make_value)(T)) {
    T parsed{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, parsed, hex ? 16 : 10);
    if (error != std::errc() || stop != end) return std::nullopt;
    return make_value(parsed);
  }

  Expression* name() {
    const Token from = token();
    advance();
    if (is_reserved(from.text) || from.quoted) {
      report("EXPR-RESERVED", from.at,
             "'" + std::string(from.text) + "' cannot be used as a name here",
             from.quoted ? "only fields are written in backticks" : reserved_hint(from.text));
      return error_node();
    }
    if (at("(")) return call(from, nullptr);
    Expression* const node = make(Syntax::kName, from.at.begin, from.at);
    node->name = from.text;
    return node;
  }

  Expression* call(const Token& function, Expression* target) {
    std::vector<Expression*> children;
    if (target != nullptr) children.push_back(target);
    advance();
    elements(")", children);
    const std::uint32_t begin = target != nullptr ? target->at.begin : function.at.begin;
    Expression* const node = make(Syntax::kCall, begin, function.at, std::move(children));
    node->name = function.text;
    node->has_target = target != nullptr;
    expand_macro(*node, report_);
    return node;
  }

  Expression* parenthesised() {
    advance();
    Expression* const inner = expression();
    close(")");
    return inner;
  }

  Expression* list() {
    const Span focus = token().at;
    advance();
    std::vector<Expression*> items;
    elements("]", items);
    return make(Syntax::kList, focus.begin, focus, std::move(items));
  }

  Expression* map() {
    const Span focus = token().at;
    advance();
    std::vector<Expression*> entries;
    while (!at("}") && !at(TokenKind::kEnd)) {
      const Token first = token();
      const bool optional = take("?");
      entries.push_back(expression());
      if (!take(":")) fault("expected ':' after the key, not " + shown(token()));
      entries.push_back(optional ? optional_item(first) : expression());
      if (!take(",")) break;
    }
    close("}");
    return make(Syntax::kMap, focus.begin, focus, std::move(entries));
  }

  // Behind the question mark.
  Expression* optional_item(const Token& mark) {
    Expression* const item = expression();
    return make(Syntax::kOptionalItem, mark.at.begin, mark.at, {item});
  }

  // Items up to and with the closing bracket; a comma before it is allowed in lists only.
  void elements(std::string_view end, std::vector<Expression*>& out) {
    while (!at(end) && !at(TokenKind::kEnd)) {
      const Token first = token();
      const bool optional = end == "]" && take("?");
      out.push_back(optional ? optional_item(first) : expression());
      if (!at(",") && !at(end)) resume(end);
      if (!take(",")) break;
      if (at(end) && end == ")") fault("expected another argument after ','");
    }
    close(end);
  }

  // ── Going on after a fault ──

  static bool opens(const Token& t) {
    return t.kind == TokenKind::kPunctuation && (t.text == "(" || t.text == "[" || t.text == "{");
  }
  static bool closes(const Token& t) {
    return t.kind == TokenKind::kPunctuation && (t.text == ")" || t.text == "]" || t.text == "}");
  }

  // Goes to the next comma or closing bracket of this level.
  void resume(std::string_view end) {
    fault("expected ',' or '" + std::string(end) + "', not " + shown(token()),
          hint_for_word(token().text));
    for (int inside = 0; !at(TokenKind::kEnd); advance()) {
      if (inside == 0 && (at(",") || closes(token()))) return;
      if (opens(token())) ++inside;
      if (closes(token())) --inside;
    }
  }

  void close(std::string_view bracket) {
    if (take(bracket) || tree_.too_deep) return;
    fault("expected '" + std::string(bracket) + "', not " + shown(token()),
          hint_for_word(token().text));
    if (closes(token())) advance();
  }

  const std::vector<Token>& tokens_;
  Report& report_;
  Tree tree_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool reported_ = false;
  std::size_t reported_at_ = 0;
};

}  // namespace

std::string_view text_of(Operator op) {
  return std::ranges::find(kOperators, op, &OperatorEntry::op)->text;
}

Tree parse(const std::vector<Token>& tokens, Report& report) {
  return Parser(tokens, report).run();
}

}  // namespace patuh::expr
