#include "expr/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "expr/numbers.h"
#include "expr/string_literal.h"

namespace patuh::expr {
namespace {

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_letter(c) || is_digit(c); }

// "U+00A0", for what looks like another character or like nothing.
std::string code_point_of(std::string_view utf8) {
  const auto lead = static_cast<unsigned char>(utf8[0]);
  std::uint32_t value = lead & (0x7FU >> utf8.size());
  for (const char c : utf8.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  std::string text(digits.data(), end);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c; });
  return "U+" + std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

class Lexer {
 public:
  Lexer(std::string_view text, Report& report) : text_(text), report_(report) {}

  std::vector<Token> run() {
    while (skip_blanks(), at_ < text_.size()) next();
    begin_ = at_;
    push(TokenKind::kEnd);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '/' && peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else {
        return;
      }
    }
  }

  void next() {
    begin_ = at_;
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (begins_literal()) return literal();
    if (is_letter(c)) return word();
    if (c == '`') return quoted_name();
    punctuation();
  }

  Token& push(TokenKind kind) {
    Token token;
    token.kind = kind;
    token.at = {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_)};
    token.text = text_.substr(begin_, at_ - begin_);
    tokens_.push_back(std::move(token));
    return tokens_.back();
  }

  void fault(std::string_view code, std::string message, std::string hint = {}) {
    report_.add({.code = code,
                 .at = {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_)},
                 .message = std::move(message),
                 .hint = std::move(hint)});
  }

  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  void number() {
    TokenKind kind = TokenKind::kInt;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
    } else {
      kind = decimal();
    }
    if (kind == TokenKind::kInt && (peek() == 'u' || peek() == 'U')) {
      ++at_;
      kind = TokenKind::kUint;
    }
    if (is_name(peek())) {
      while (is_name(peek())) ++at_;
      fault("EXPR-NUMBER", "'" + std::string(text_.substr(begin_, at_ - begin_)) +
                               "' is neither a number nor a name");
      kind = TokenKind::kBad;
    }
    push(kind);
  }

  TokenKind decimal() {
    TokenKind kind = TokenKind::kInt;
    skip_digits();
    if (peek() == '.' && is_digit(peek(1))) {
      kind = TokenKind::kDouble;
      ++at_;
      skip_digits();
    }
    const bool sign = peek(1) == '+' || peek(1) == '-';
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign ? 2 : 1))) {
      kind = TokenKind::kDouble;
      at_ += sign ? 2 : 1;
      skip_digits();
    }
    return kind;
  }

  // Up to one r and one b in any order and case before the quote.
  bool begins_literal() const {
    for (std::size_t i = 0; i < 3; ++i) {
      const char c = peek(i);
      if (c == '\'' || c == '"') return true;
      if (std::string_view("rRbB").find(c) == std::string_view::npos || c == '\0') return false;
    }
    return false;
  }

  void literal() {
    LiteralForm form;
    for (; peek() != '\'' && peek() != '"'; ++at_) {
      (peek() == 'r' || peek() == 'R' ? form.raw : form.bytes) = true;
    }
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    const std::size_t body = at_;
    if (!skip_body(quote, triple, form.raw)) {
      fault("EXPR-STRING", "this string has no end",
            triple ? "it ends with three quotes" : "strings over several lines take three quotes");
      push(TokenKind::kBad);
      return;
    }
    const std::string_view content = text_.substr(body, at_ - body);
    at_ += triple ? 3 : 1;
    Token& token = push(form.bytes ? TokenKind::kBytes : TokenKind::kString);
    token.decoded = decode_literal(content, form, static_cast<std::uint32_t>(body), report_);
  }

  // Stops before the closing quotes; false when there are none.
  bool skip_body(char quote, bool triple, bool raw) {
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) return true;
      if (!triple && (c == '\n' || c == '\r')) return false;
      if (c == '\\' && !raw && at_ + 1 < text_.size()) ++at_;
    }
    return false;
  }

  void word() {
    while (is_name(peek())) ++at_;
    const std::string_view text = text_.substr(begin_, at_ - begin_);
    if (text == "true") {
      push(TokenKind::kTrue);
    } else if (text == "false") {
      push(TokenKind::kFalse);
    } else if (text == "null") {
      push(TokenKind::kNull);
    } else if (text == "in") {
      push(TokenKind::kIn);
    } else {
      push(TokenKind::kIdentifier);
    }
  }

  void quoted_name() {
    ++at_;
    const std::size_t body = at_;
    while (is_name(peek()) || peek() == '.' || peek() == '-' || peek() == '/' || peek() == ' ')
      ++at_;
    const bool ended = peek() == '`' && at_ > body;
    const std::string_view name = text_.substr(body, at_ - body);
    if (peek() == '`') ++at_;
    if (!ended) {
      fault("EXPR-CHARACTER", "a quoted field name holds letters, digits and . - / only");
      push(TokenKind::kBad);
      return;
    }
    Token& token = push(TokenKind::kIdentifier);
    token.text = name;
    token.quoted = true;
  }

  void punctuation() {
    static constexpr std::array<std::string_view, 6> kDouble = {"==", "!=", "<=", ">=", "&&", "||"};
    const std::string_view two = text_.substr(at_, 2);
    if (std::ranges::find(kDouble, two) != kDouble.end()) {
      at_ += 2;
      push(TokenKind::kPunctuation);
      return;
    }
    const char c = text_[at_++];
    if (std::string_view("()[]{}.,?:+-*/%!<>").find(c) != std::string_view::npos) {
      push(TokenKind::kPunctuation);
      return;
    }
    bad_character(c);
  }

  void bad_character(char c) {
    while (at_ < text_.size() && (text_[at_] & 0xC0) == 0x80) ++at_;
    std::string hint;
    if (c == '=') hint = "equality is written ==";
    if (c == '=' && at_ < text_.size() && text_[at_] == '>') {
      hint = "at least is written >=; a macro takes a name and a condition: list.exists(x, …)";
    }
    if (c == '#') hint = "a comment begins with //";
    if (c == ';') hint = "nothing stands behind an expression";
    for (const std::string_view quote : {"‘", "’", "“", "”", "´"}) {
      if (text_.substr(begin_).starts_with(quote)) hint = "text is written in straight quotes: '…'";
    }
    const std::string_view sign = text_.substr(begin_, at_ - begin_);
    if (hint.empty() && sign.size() > 1) {
      hint = "it is " + code_point_of(sign) + "; beyond ASCII there are only texts and comments";
    }
    if (c == '&') hint = "'and' is written &&";
    if (c == '|') hint = "'or' is written ||";
    fault("EXPR-CHARACTER", "'" + std::string(sign) + "' has no meaning here", std::move(hint));
    push(TokenKind::kBad);
  }

  std::string_view text_;
  Report& report_;
  std::vector<Token> tokens_;
  std::size_t begin_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> lex(std::string_view text, Report& report) { return Lexer(text, report).run(); }

bool is_reserved(std::string_view word) {
  static constexpr std::array<std::string_view, 17> kWords = {
      "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
      "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
  return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace patuh::expr
