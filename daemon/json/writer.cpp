#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/base.h"
#include "json/json.h"

namespace patuh::json {
namespace {

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escape(std::string& out, char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4U];
      out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
}

// Whether all of eight characters are plain. Exact for whether one is not, not for which.
bool are_plain(const char* eight) {
  constexpr std::uint64_t kEach = ~std::uint64_t{0} / 0xFF;
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  const auto below = [](std::uint64_t bytes, std::uint64_t limit) {
    return (bytes - kEach * limit) & ~bytes;
  };
  const std::uint64_t special =
      below(word, 0x20) | below(word ^ kEach * '"', 1) | below(word ^ kEach * '\\', 1);
  return (special & kEach * 0x80) == 0;
}

// How many characters from the first on need no escape.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length + 8 <= text.size() && are_plain(text.data() + length)) length += 8;
  while (length < text.size() && is_plain(text[length])) ++length;
  return length;
}

// Run by run: hardly any text needs an escape.
void append_escaped(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t run = plain_length(text);
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    append_escape(out, text.front());
    text.remove_prefix(1);
  }
  out += '"';
}

}  // namespace

void Writer::comma() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (first_.empty()) return;
  if (!first_.back()) out_ += ',';
  first_.back() = false;
}

Writer& Writer::begin_object() {
  comma();
  out_ += '{';
  first_.push_back(true);
  return *this;
}

Writer& Writer::end_object() {
  PATUH_ASSERT(!first_.empty() && !after_key_);
  first_.pop_back();
  out_ += '}';
  return *this;
}

Writer& Writer::begin_array() {
  comma();
  out_ += '[';
  first_.push_back(true);
  return *this;
}

Writer& Writer::end_array() {
  PATUH_ASSERT(!first_.empty() && !after_key_);
  first_.pop_back();
  out_ += ']';
  return *this;
}

Writer& Writer::key(std::string_view key) {
  PATUH_ASSERT(!first_.empty() && !after_key_);
  comma();
  append_escaped(out_, key);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  comma();
  append_escaped(out_, text);
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  comma();
  out_ += std::to_string(value);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
  comma();
  out_ += std::to_string(value);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  comma();
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  PATUH_ASSERT(error == std::errc());
  out_.append(text.data(), end);
  return *this;
}

Writer& Writer::boolean(bool value) {
  comma();
  out_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  comma();
  out_ += "null";
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

Writer& Writer::member(std::string_view name, std::string_view text) {
  return key(name).string(text);
}

Writer& Writer::member(std::string_view name, std::int64_t value) {
  return key(name).integer(value);
}

std::string quote(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

}  // namespace patuh::json
