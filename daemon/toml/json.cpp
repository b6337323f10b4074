#include <charconv>
#include <cmath>

#include "toml/toml.h"

namespace patuh::toml {
namespace {

void put_string(std::string_view text, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  out += '"';
}

template <class T>
void put_number(T value, std::string& out) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void put_padded(unsigned value, int digits, std::string& out) {
  const std::string text = std::to_string(value);
  out.append(static_cast<std::size_t>(digits) - std::min(text.size(), std::size_t(digits)), '0');
  out += text;
}

void put_day(std::chrono::year_month_day day, std::string& out) {
  put_padded(static_cast<unsigned>(static_cast<int>(day.year())), 4, out);
  out += '-';
  put_padded(static_cast<unsigned>(day.month()), 2, out);
  out += '-';
  put_padded(static_cast<unsigned>(day.day()), 2, out);
}

void put_time(base::Duration time, std::string& out) {
  const std::chrono::hh_mm_ss parts(time);
  put_padded(static_cast<unsigned>(parts.hours().count()), 2, out);
  out += ':';
  put_padded(static_cast<unsigned>(parts.minutes().count()), 2, out);
  out += ':';
  put_padded(static_cast<unsigned>(parts.seconds().count()), 2, out);
  const auto micros = static_cast<unsigned>(parts.subseconds().count());
  if (micros == 0) return;
  out += '.';
  put_padded(micros, 6, out);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void put(const Node& node) {
    switch (node.type()) {
      case Node::Type::kString:
        return put_string(node.string(), out_);
      case Node::Type::kInteger:
        return put_number(node.integer(), out_);
      case Node::Type::kFloat:
        return put_float(node.number());
      case Node::Type::kBoolean:
        out_ += node.boolean() ? "true" : "false";
        return;
      case Node::Type::kArray:
        return put_array(node);
      case Node::Type::kTable:
        return put_table(node);
      default:
        out_ += '"';
        put_moment(node);
        out_ += '"';
    }
  }

 private:
  void put_float(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    put_number(value, out_);
  }

  void put_moment(const Node& node) {
    if (node.is(Node::Type::kDate)) return put_day(node.date(), out_);
    if (node.is(Node::Type::kLocalTime)) return put_time(node.local_time(), out_);
    if (node.is(Node::Type::kInstant)) {
      out_ += base::to_rfc3339(node.instant());
      return;
    }
    put_day(node.local_date_time().day, out_);
    out_ += 'T';
    put_time(node.local_date_time().time, out_);
  }

  void put_array(const Node& node) {
    out_ += '[';
    bool first = true;
    for (const Node& item : node.items()) {
      if (!first) out_ += ',';
      first = false;
      put(item);
    }
    out_ += ']';
  }

  void put_table(const Node& node) {
    out_ += '{';
    bool first = true;
    for (const Member& member : node.members()) {
      if (!first) out_ += ',';
      first = false;
      put_string(member.key, out_);
      out_ += ':';
      put(member.value);
    }
    out_ += '}';
  }

  std::string& out_;
};

}  // namespace

std::string to_json(const Node& node) {
  std::string out;
  Writer(out).put(node);
  return out;
}

}  // namespace patuh::toml
