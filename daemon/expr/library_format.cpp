// "%s: %.2f".format([…])
#include <algorithm>
#include <charconv>
#include <cmath>

#include "expr/calendar.h"
#include "expr/errors.h"
#include "expr/library_extensions.h"
#include "expr/numbers.h"
#include "expr/typing.h"

namespace patuh::expr::native {
namespace {

// Beyond it a clause is refused, so that no short text makes a long one.
constexpr int kPrecisionMax = 1'000;
constexpr std::size_t kOutputBytesMax = std::size_t{1} << 20;
constexpr std::uint64_t kRefusedCost = kOutputBytesMax / 16;

struct Clause {
  char verb = 's';
  int precision = 6;
};

std::string double_for_people(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return double_text(value);
}

// Nothing: the value has no such text.
using Text = std::optional<std::string>;

Text text_of(const Value& value);

Text list_text(const ListRep& list) {
  std::string out = "[";
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const Text piece = text_of(item(list, i));
    if (!piece || out.size() + piece->size() > kOutputBytesMax) return std::nullopt;
    out += (i == 0 ? "" : ", ") + *piece;
  }
  return out + "]";
}

// Entries in the order of their keys' texts.
Text map_text(const MapRep& map) {
  std::vector<std::string> entries;
  std::size_t size = 0;
  for (std::uint32_t i = 0; i < map.size; ++i) {
    const Text key = text_of(map.entries[i].key);
    const Text value = text_of(map.entries[i].value);
    if (!key || !value) return std::nullopt;
    entries.push_back(*key + ": " + *value);
    size += entries.back().size();
    if (size > kOutputBytesMax) return std::nullopt;
  }
  std::ranges::sort(entries);
  std::string out = "{";
  for (std::size_t i = 0; i < entries.size(); ++i) out += (i == 0 ? "" : ", ") + entries[i];
  return out + "}";
}

Text text_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return std::string(value.as_string());
    case Kind::kBytes:
      if (!base::is_utf8(value.as_bytes())) return std::nullopt;
      return std::string(value.as_bytes());
    case Kind::kUint:
      return std::to_string(value.as_uint());
    case Kind::kDouble:
      return double_for_people(value.as_double());
    case Kind::kTimestamp:
      return timestamp_text(value);
    case Kind::kDuration:
      return duration_text(value);
    case Kind::kList:
      return list_text(value.as_list());
    case Kind::kMap:
      return map_text(value.as_map());
    case Kind::kType:
      return cel_name(value.as_type());
    case Kind::kNull:
    case Kind::kBool:
    case Kind::kInt:
      return to_text(value);
    default:
      return std::nullopt;
  }
}

Text in_radix(const Value& value, int radix) {
  std::array<char, 72> buffer{};
  std::to_chars_result result{};
  if (value.kind() == Kind::kInt) {
    result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_int(), radix);
  } else if (value.kind() == Kind::kUint) {
    result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_uint(), radix);
  } else {
    return std::nullopt;
  }
  return std::string(buffer.data(), result.ptr);
}

Text hexadecimal(const Value& value) {
  const bool text = value.kind() == Kind::kString;
  if (!text && value.kind() != Kind::kBytes) return in_radix(value, 16);
  std::string out;
  for (const char c : text ? value.as_string() : value.as_bytes()) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

Text decimal(const Value& value) {
  if (value.kind() == Kind::kDouble && !std::isfinite(value.as_double())) {
    return double_for_people(value.as_double());
  }
  return in_radix(value, 10);
}

Text fraction(const Value& value, const Clause& clause) {
  double number = 0;
  if (value.kind() == Kind::kDouble) {
    number = value.as_double();
  } else if (value.kind() == Kind::kInt) {
    number = static_cast<double>(value.as_int());
  } else if (value.kind() == Kind::kUint) {
    number = static_cast<double>(value.as_uint());
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return double_for_people(number);
  std::array<char, 2'048> buffer{};
  const auto format = clause.verb == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format, clause.precision);
  if (error != std::errc()) return std::nullopt;
  return std::string(buffer.data(), end);
}

Text formatted(const Value& value, const Clause& clause) {
  switch (clause.verb) {
    case 's':
      return text_of(value);
    case 'd':
      return decimal(value);
    case 'f':
    case 'e':
      return fraction(value, clause);
    case 'b':
      if (value.kind() == Kind::kBool) return value.as_bool() ? "1" : "0";
      return in_radix(value, 2);
    case 'o':
      return in_radix(value, 8);
    default:
      break;
  }
  Text text = hexadecimal(value);
  if (text && clause.verb == 'X') {
    std::ranges::transform(*text, text->begin(), [](char c) {
      return c >= 'a' && c <= 'f' ? static_cast<char>(c - ('a' - 'A')) : c;
    });
  }
  return text;
}

// Reads what stands behind a %; nothing when it is no clause.
std::optional<Clause> take_clause(std::string_view& rest) {
  Clause clause;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), clause.precision);
    if (error != std::errc() || clause.precision < 0 || clause.precision > kPrecisionMax) {
      return std::nullopt;
    }
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  if (rest.empty() || std::string_view("sdfebxXo").find(rest[0]) == std::string_view::npos) {
    return std::nullopt;
  }
  clause.verb = rest[0];
  rest.remove_prefix(1);
  return clause;
}

bool is_collection(Kind kind) { return kind == Kind::kList || kind == Kind::kMap; }

// The text of the next value for a clause at the front of `rest`; an error in `wrong`.
std::string take_value(Frame& frame, const Node& site, std::string_view& rest,
                       std::span<const Value>& values, Value& wrong) {
  const std::optional<Clause> clause = take_clause(rest);
  if (!clause || values.empty()) {
    wrong = fail_invalid(frame, site, clause ? "error.format_few" : "error.format_verb");
    return {};
  }
  const Value value = values.front();
  values = values.subspan(1);
  Text text = formatted(value, *clause);
  if (!text && is_collection(value.kind()) && !frame.charge(kRefusedCost)) {
    wrong = fail_budget(frame, site);  // it may have been made up to the greatest size
    return {};
  }
  if (!text) {
    wrong = fail_invalid(frame, site, "error.format_takes",
                         {std::string_view(&clause->verb, 1), name_of(value.kind())});
    return {};
  }
  if (!frame.charge(text->size() / kTextBytesPerUnit + 1)) wrong = fail_budget(frame, site);
  return std::move(*text);
}

Value fill(Frame& frame, const Node& site, std::string_view rest, const ListRep& list) {
  if (!frame.charge(list.size + rest.size() / kTextBytesPerUnit)) return fail_budget(frame, site);
  std::vector<Value> items(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) items[i] = item(list, i);
  std::span<const Value> values = items;
  std::string out;
  Value wrong;
  for (std::size_t percent = rest.find('%'); percent != std::string_view::npos;
       percent = rest.find('%')) {
    out += rest.substr(0, percent);
    rest.remove_prefix(percent + 1);
    if (rest.starts_with('%')) {
      out += '%';
      rest.remove_prefix(1);
    } else {
      out += take_value(frame, site, rest, values, wrong);
    }
    if (out.size() > kOutputBytesMax) wrong = fail_invalid(frame, site, "error.text_long");
    if (wrong.is_error()) return wrong;
  }
  out += rest;
  return Value::string(frame.arena().copy(out));
}

}  // namespace

// Of a text that is known each clause is looked at.
Resolved resolve_format(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  const auto& text = arguments[0].literal;
  if (!text || text->kind() != Kind::kString) return resolved;
  std::string_view rest = text->as_string();
  while (rest.find('%') != std::string_view::npos) {
    rest.remove_prefix(rest.find('%') + 1);
    if (rest.starts_with('%')) {
      rest.remove_prefix(1);
    } else if (!take_clause(rest)) {
      resolved.error = "a % is followed by s, d, f, e, b, o, x, X or %";
      resolved.hint = "'%s: %.2f %%'.format([name, share])";
      return resolved;
    }
  }
  return resolved;
}

Value format(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kString || arguments[1].kind() != Kind::kList) {
    return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  }
  return fill(frame, site, arguments[0].as_string(), arguments[1].as_list());
}

}  // namespace patuh::expr::native
