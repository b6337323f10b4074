#include "expr/string_literal.h"

#include "expr/lexer.h"

#include <optional>

namespace patuh::expr {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

class Decoder {
 public:
  Decoder(std::string_view body, LiteralForm form, std::uint32_t offset, Report& report)
      : body_(body), form_(form), offset_(offset), report_(report) {}

  std::string decode() {
    while (at_ < body_.size()) {
      const char c = body_[at_++];
      if (c == '\r') {
        newline();
      } else if (c == '\\' && !form_.raw) {
        escape();
      } else {
        out_ += c;
      }
    }
    return std::move(out_);
  }

 private:
  // A line break in a literal is one \n, however the file ends its lines.
  void newline() {
    if (at_ < body_.size() && body_[at_] == '\n') ++at_;
    out_ += '\n';
  }

  void escape() {
    const std::size_t begin = at_ - 1;
    const char c = at_ < body_.size() ? body_[at_++] : '\0';
    static constexpr std::string_view kSimple = "abfnrtv\\?\"'`";
    static constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t i = kSimple.find(c); c != '\0' && i != std::string_view::npos) {
      out_ += kMeaning[i];
    } else if (c == 'x' || c == 'X') {
      number(begin, 2, 16);
    } else if (c == 'u') {
      number(begin, 4, 16);
    } else if (c == 'U') {
      number(begin, 8, 16);
    } else if (c >= '0' && c <= '3') {
      --at_;
      number(begin, 3, 8);
    } else {
      fault(begin, "unknown escape in a string",
            "write \\\\ for a backslash, or r'…' for raw text");
    }
  }

  void number(std::size_t begin, int digits, int radix) {
    const std::optional<char32_t> value = take_number(digits, radix);
    if (!value) return fault(begin, "this escape needs " + std::to_string(digits) + " digits", "");
    const bool pair = digits == 4 && is_high(*value) && !form_.bytes;
    append(begin, pair ? joined(*value) : *value);
  }

  std::optional<char32_t> take_number(int digits, int radix) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = at_ < body_.size() ? digit_of(body_[at_]) : 16;
      if (digit >= radix) return std::nullopt;
      value = value * static_cast<char32_t>(radix) + static_cast<char32_t>(digit);
      ++at_;
    }
    return value;
  }

  static bool is_high(char32_t c) { return c >= 0xD800 && c <= 0xDBFF; }

  // The character that a surrogate and the one behind it stand for; alone it stands for none.
  char32_t joined(char32_t high) {
    const std::size_t behind = at_;
    if (body_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const char32_t low = take_number(4, 16).value_or(0);
      if (low >= 0xDC00 && low <= 0xDFFF) return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    at_ = behind;
    return high;
  }

  void append(std::size_t begin, char32_t value) {
    const char letter = body_[begin + 1];
    if (form_.bytes && (letter == 'u' || letter == 'U')) {
      fault(begin, "bytes have no \\u escapes", "write the bytes as \\x..");
    } else if (form_.bytes) {
      out_ += static_cast<char>(static_cast<unsigned char>(value));
    } else if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
      fault(begin, "this escape is no character of Unicode", "");
    } else {
      append_utf8(value, out_);
    }
  }

  void fault(std::size_t begin, std::string message, std::string hint) {
    report_.add({.code = "EXPR-STRING",
                 .at = {offset_ + static_cast<std::uint32_t>(begin),
                        offset_ + static_cast<std::uint32_t>(at_)},
                 .message = std::move(message),
                 .hint = std::move(hint)});
  }

  std::string_view body_;
  LiteralForm form_;
  std::uint32_t offset_;
  Report& report_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string decode_literal(std::string_view body, LiteralForm form, std::uint32_t offset,
                           Report& report) {
  return Decoder(body, form, offset, report).decode();
}

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace patuh::expr
