// Texts made for other readers: strings.quote, reverse, base64.
#include <algorithm>

#include "expr/errors.h"
#include "expr/library_extensions.h"

namespace patuh::expr::native {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool charge_text(Frame& frame, std::string_view text) {
  return frame.charge(text.size() / kTextBytesPerUnit + 1);
}

std::string encoded(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kAlphabet[(group >> (18 - 6 * i)) & 63] : '=';
    }
  }
  return out;
}

// With padding or without it; nothing when it is no base64.
std::optional<std::string> decoded(std::string_view text) {
  const std::size_t padding = text.size() - text.find_last_not_of('=') - 1;
  const bool padded = text.find('=') != std::string_view::npos;
  if (padded && (padding > 2 || text.size() % 4 != 0)) return std::nullopt;
  if (padded) text.remove_suffix(padding);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    group = (group << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(static_cast<unsigned char>(group >> bits));
  }
  return out;
}

Value reversed_text(Frame& frame, const Node& site, std::string_view text) {
  if (!charge_text(frame, text)) return fail_budget(frame, site);
  std::string out(text.size(), '\0');
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (text[next] & 0xC0) == 0x80) ++next;
    end -= next - at;
    std::copy_n(text.data() + at, next - at, out.data() + end);
    at = next;
  }
  return Value::string(frame.arena().copy(out));
}

Value reversed_list(Frame& frame, const Node& site, const ListRep& list) {
  if (!frame.charge(list.size)) return fail_budget(frame, site);
  auto items = frame.arena().make_array<Value>(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) items[i] = item(list, list.size - 1 - i);
  return Value::list(frame.arena().make(ListRep{list.size, items.data(), nullptr}));
}

}  // namespace

Value reverse(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kString) return reversed_text(frame, site, value.as_string());
  if (value.kind() == Kind::kList) return reversed_list(frame, site, value.as_list());
  return fail_overload(frame, site, site.name, value);
}

Value strings_quote(Frame& frame, const Node& site, const Value* arguments) {
  static constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  if (arguments[0].kind() != Kind::kString) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  if (!charge_text(frame, arguments[0].as_string())) return fail_budget(frame, site);
  std::string out = "\"";
  for (const char c : arguments[0].as_string()) {
    const std::size_t at = c == '\0' ? std::string_view::npos : kEscaped.find(c);
    if (at == std::string_view::npos) {
      out += c;
    } else {
      out += '\\';
      out += kLetters[at];
    }
  }
  return Value::string(frame.arena().copy(out + "\""));
}

Value base64_encode(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kBytes) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  if (!charge_text(frame, arguments[0].as_bytes())) return fail_budget(frame, site);
  return Value::string(frame.arena().copy(encoded(arguments[0].as_bytes())));
}

Value base64_decode(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kString) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  if (!charge_text(frame, arguments[0].as_string())) return fail_budget(frame, site);
  const std::optional<std::string> bytes = decoded(arguments[0].as_string());
  if (bytes) return Value::bytes(frame.arena().copy(*bytes));
  return fail(frame, site, ErrorCode::kInvalidArgument, "error.not_base64");
}

}  // namespace patuh::expr::native
