// Where a byte of a string's value stands in its file. Walks the string as it is written, since
// escapes and line breaks make written and meant offsets differ.
#include <algorithm>

#include "toml/source.h"
#include "toml/toml.h"

namespace patuh::toml {
namespace {

class Walker {
 public:
  Walker(std::string_view text, std::size_t at, std::uint32_t line, std::uint32_t column)
      : text_(text), at_(at), line_(line), column_(column) {}

  // Steps over the opening quotes, and over the line break that a multi-line string may begin with.
  void open() {
    const char quote = peek(0);
    escapes_ = quote == '"';
    const bool multi = peek(1) == quote && peek(2) == quote;
    step(multi ? 3 : 1);
    if (!multi) return;
    if (peek(0) == '\r') step(1);
    if (peek(0) == '\n') step(1);
  }

  // Steps over what yields the next bytes of the value; tells how many.
  std::size_t next() {
    if (escapes_ && peek(0) == '\\') return escape();
    if (peek(0) == '\r' && peek(1) == '\n') {
      step(2);
      return 1;
    }
    const std::size_t bytes = utf8_length(peek(0));
    step(bytes);
    return bytes;
  }

  // A backslash at a line's end swallows all blanks after it, and yields nothing.
  void skip_continuations() {
    while (escapes_ && peek(0) == '\\' && is_blank(peek(1))) {
      step(1);
      while (is_blank(peek(0))) step(1);
    }
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  std::size_t escape() {
    const char kind = peek(1);
    const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : kind == 'x' ? 2 : 0;
    std::uint32_t point = 0;
    for (std::size_t i = 0; i < digits; ++i) point = point * 16 + hex(peek(2 + i));
    step(2 + digits);
    if (point < 0x80) return 1;
    if (point < 0x800) return 2;
    return point < 0x10000 ? 3 : 4;
  }

  static std::uint32_t hex(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
    const auto lower = static_cast<std::uint32_t>(static_cast<unsigned char>(c) | 0x20U);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 0;
  }

  void step(std::size_t bytes) {
    const std::size_t end = std::min(at_ + bytes, text_.size());
    while (at_ < end) {
      if (text_[at_] == '\n') {
        ++line_;
        column_ = 1;
        ++at_;
      } else {
        ++column_;
        at_ += utf8_length(text_[at_]);
      }
    }
  }

  std::string_view text_;
  std::size_t at_;
  std::uint32_t line_;
  std::uint32_t column_;
  bool escapes_ = false;
};

}  // namespace

At Node::at_offset(std::size_t offset) const {
  PATUH_ASSERT(is(Type::kString));
  const Source* const source = at_.source_;
  if (source == nullptr) return at_;
  Walker walker(source->text(), source->offset_of(at_.line(), at_.column()), at_.line(),
                at_.column());
  walker.open();
  std::size_t passed = 0;
  walker.skip_continuations();
  while (passed < offset && !walker.at_end()) {
    passed += walker.next();
    walker.skip_continuations();
  }
  return {source, walker.line(), walker.column()};
}

}  // namespace patuh::toml
