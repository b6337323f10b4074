// Values as people read them.
#include "expr/calendar.h"
#include "expr/numbers.h"

namespace patuh::expr {
namespace {

// Beyond it parts are left out: values that share parts may be far longer than what makes them.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

void append(const Value& value, std::string& out);

void append_quoted(std::string_view text, bool bytes, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '\'';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || (bytes && byte > 0x7F)) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '\'';
}

void append_list(const ListRep& list, std::string& out) {
  out += '[';
  for (std::uint32_t i = 0; i < list.size; ++i) {
    if (i != 0) out += ", ";
    if (out.size() > kTextBytesMax) {
      out += "…";
      break;
    }
    append(item(list, i), out);
  }
  out += ']';
}

void append_map(const MapRep& map, std::string& out) {
  out += '{';
  for (std::uint32_t i = 0; i < map.size; ++i) {
    if (i != 0) out += ", ";
    if (out.size() > kTextBytesMax) {
      out += "…";
      break;
    }
    append(map.entries[i].key, out);
    out += ": ";
    append(map.entries[i].value, out);
  }
  out += '}';
}

void append_optional(const Value* held, std::string& out) {
  if (held == nullptr) {
    out += "optional.none()";
    return;
  }
  out += "optional.of(";
  append(*held, out);
  out += ')';
}

// A double always shows that it is one.
std::string double_literal(double value) {
  std::string text = double_text(value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

void append(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case Kind::kInt:
      out += std::to_string(value.as_int());
      return;
    case Kind::kUint:
      out += std::to_string(value.as_uint()) + "u";
      return;
    case Kind::kDouble:
      out += double_literal(value.as_double());
      return;
    case Kind::kString:
      return append_quoted(value.as_string(), false, out);
    case Kind::kBytes:
      out += 'b';
      return append_quoted(value.as_bytes(), true, out);
    case Kind::kTimestamp:
      out += "timestamp('" + timestamp_text(value) + "')";
      return;
    case Kind::kDuration:
      out += "duration('" + duration_text(value) + "')";
      return;
    case Kind::kList:
      return append_list(value.as_list(), out);
    case Kind::kMap:
      return append_map(value.as_map(), out);
    case Kind::kType:
      out += value.as_type().text();
      return;
    case Kind::kObject:
      out += std::to_string(value.object_kind()) + "#" + std::to_string(value.object_index());
      return;
    case Kind::kOptional:
      return append_optional(value.as_optional(), out);
    case Kind::kError:
      out += "error: " + message_of(value.as_error());
      return;
  }
}

}  // namespace

std::string to_text(const Value& value) {
  std::string out;
  append(value, out);
  return out;
}

}  // namespace patuh::expr
