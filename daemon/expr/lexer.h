// The first stage: bytes to tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/report.h"

namespace patuh::expr {

enum class TokenKind : std::uint8_t {
  kEnd,
  kIdentifier,  // also `quoted`, then only good as a field's name
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kPunctuation,
  kBad,  // already reported
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span at;
  std::string_view text;  // as written; of a quoted identifier without its quotes
  std::string decoded;    // of strings and bytes: what the literal means
  bool quoted = false;
};

// `text` is valid UTF-8. Ends with one kEnd. Faults: EXPR-STRING, EXPR-CHARACTER, EXPR-NUMBER.
std::vector<Token> lex(std::string_view text, Report& report);

// "as", "for", "var" and so on: kept free by the language, not usable as a name.
bool is_reserved(std::string_view word);

void append_utf8(char32_t code_point, std::string& out);

}  // namespace patuh::expr
