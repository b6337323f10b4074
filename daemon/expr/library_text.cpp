// Functions of strings. Positions count code points.
#include <algorithm>
#include <cstring>

#include "expr/errors.h"
#include "expr/library_extensions.h"

namespace patuh::expr::native {
namespace {

bool are_strings(const Value* arguments, std::uint32_t count) {
  bool all = true;
  for (std::uint32_t i = 0; i < count; ++i) all = all && arguments[i].kind() == Kind::kString;
  return all;
}

[[gnu::cold]] Value wrong_kinds(Frame& frame, const Node& site, const Value* arguments) {
  if (site.count == 1) return fail_overload(frame, site, site.name, arguments[0]);
  if (site.count == 2) return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  return fail_overload(frame, site, site.name,
                       std::array{arguments[0], arguments[1], arguments[2]});
}

Value out_of_range(Frame& frame, const Node& site) {
  return fail(frame, site, ErrorCode::kOutOfRange, "error.position");
}

bool continues(char c) { return (c & 0xC0) == 0x80; }

// The byte at which code point number `points` begins; the size at the end; nothing beyond it.
std::optional<std::size_t> byte_at(std::string_view text, std::int64_t points) {
  if (points < 0) return std::nullopt;
  std::size_t at = 0;
  for (; points > 0 && at < text.size(); --points) {
    ++at;
    while (at < text.size() && continues(text[at])) ++at;
  }
  if (points > 0) return std::nullopt;
  return at;
}

std::int64_t points_before(std::string_view text, std::size_t byte) {
  return std::ranges::count_if(text.substr(0, byte), [](char c) { return !continues(c); });
}

Value own(Frame& frame, const Node& site, std::string_view text) {
  if (!frame.charge(text.size() / kTextBytesPerUnit)) return fail_budget(frame, site);
  return Value::string(frame.arena().copy(text));
}

// "" between code points, else between occurrences of `separator`; at most `pieces`.
std::vector<std::string_view> pieces_of(std::string_view text, std::string_view separator,
                                        std::int64_t pieces) {
  std::vector<std::string_view> out;
  while (static_cast<std::int64_t>(out.size()) + 1 < pieces || pieces < 0) {
    std::size_t end = text.find(separator);
    if (separator.empty()) end = byte_at(text, 1).value_or(text.size());
    if (end == std::string_view::npos || (separator.empty() && end >= text.size())) break;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  if (pieces != 0 && !(separator.empty() && text.empty())) out.push_back(text);
  return out;
}

template <class Change>
Value map_bytes(Frame& frame, const Node& site, const Value* arguments, Change change) {
  if (!are_strings(arguments, 1)) return wrong_kinds(frame, site, arguments);
  std::string text(arguments[0].as_string());
  std::ranges::transform(text, text.begin(), change);
  return own(frame, site, text);
}

// Looking for a part may compare the whole of it at each byte of the text.
bool charge_search(Frame& frame, const Value& text, const Value& part) {
  const std::uint64_t texts = text.as_string().size() / kTextBytesPerUnit;
  const std::uint64_t parts = part.as_string().size() / kTextBytesPerUnit;
  return frame.charge(texts * (parts + 1));
}

}  // namespace

Value contains(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (!charge_search(frame, arguments[0], arguments[1])) return fail_budget(frame, site);
  return Value::boolean(arguments[0].as_string().find(arguments[1].as_string()) !=
                        std::string_view::npos);
}

Value starts_with(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (!frame.charge_reading(arguments[1])) return fail_budget(frame, site);
  return Value::boolean(arguments[0].as_string().starts_with(arguments[1].as_string()));
}

Value ends_with(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (!frame.charge_reading(arguments[1])) return fail_budget(frame, site);
  return Value::boolean(arguments[0].as_string().ends_with(arguments[1].as_string()));
}

Value lower_ascii(Frame& frame, const Node& site, const Value* arguments) {
  return map_bytes(frame, site, arguments, [](char c) { return base::ascii_lower(c); });
}

Value upper_ascii(Frame& frame, const Node& site, const Value* arguments) {
  return map_bytes(frame, site, arguments, [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  });
}

// White space as Unicode has it.
Value trim(Frame& frame, const Node& site, const Value* arguments) {
  static constexpr std::array<std::string_view, 25> kBlanks = {
      " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00A0", "\u1680",
      "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
      "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  if (!are_strings(arguments, 1)) return wrong_kinds(frame, site, arguments);
  if (!frame.charge_reading(arguments[0])) return fail_budget(frame, site);
  std::string_view text = arguments[0].as_string();
  const auto leading = [&](std::string_view blank) { return text.starts_with(blank); };
  const auto trailing = [&](std::string_view blank) { return text.ends_with(blank); };
  for (auto at = kBlanks.begin(); at != kBlanks.end();) {
    at = std::ranges::find_if(kBlanks, leading);
    if (at != kBlanks.end()) text.remove_prefix(at->size());
  }
  for (auto at = kBlanks.begin(); at != kBlanks.end();) {
    at = std::ranges::find_if(kBlanks, trailing);
    if (at != kBlanks.end()) text.remove_suffix(at->size());
  }
  return Value::string(text);
}

Value char_at(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 1) || arguments[1].kind() != Kind::kInt) {
    return wrong_kinds(frame, site, arguments);
  }
  if (!frame.charge_reading(arguments[0])) return fail_budget(frame, site);
  const std::string_view text = arguments[0].as_string();
  const std::optional<std::size_t> begin = byte_at(text, arguments[1].as_int());
  if (!begin) return out_of_range(frame, site);
  const std::string_view rest = text.substr(*begin);
  return Value::string(rest.substr(0, byte_at(rest, 1).value_or(rest.size())));
}

Value index_of(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (site.count == 3 && arguments[2].kind() != Kind::kInt)
    return wrong_kinds(frame, site, arguments);
  if (!charge_search(frame, arguments[0], arguments[1])) return fail_budget(frame, site);
  const std::string_view text = arguments[0].as_string();
  const auto from = byte_at(text, site.count == 3 ? arguments[2].as_int() : 0);
  if (!from) return out_of_range(frame, site);
  const std::size_t found = text.find(arguments[1].as_string(), *from);
  return Value::integer(found == std::string_view::npos ? -1 : points_before(text, found));
}

Value last_index_of(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (site.count == 3 && arguments[2].kind() != Kind::kInt)
    return wrong_kinds(frame, site, arguments);
  if (!charge_search(frame, arguments[0], arguments[1])) return fail_budget(frame, site);
  const std::string_view text = arguments[0].as_string();
  const auto from = site.count == 3 ? byte_at(text, arguments[2].as_int()) : text.size();
  if (!from) return out_of_range(frame, site);
  const std::size_t found = text.rfind(arguments[1].as_string(), *from);
  return Value::integer(found == std::string_view::npos ? -1 : points_before(text, found));
}

Value substring(Frame& frame, const Node& site, const Value* arguments) {
  const bool has_end = site.count == 3;
  if (!are_strings(arguments, 1) || arguments[1].kind() != Kind::kInt ||
      (has_end && arguments[2].kind() != Kind::kInt)) {
    return wrong_kinds(frame, site, arguments);
  }
  if (!frame.charge_reading(arguments[0])) return fail_budget(frame, site);
  const std::string_view text = arguments[0].as_string();
  const auto begin = byte_at(text, arguments[1].as_int());
  const auto end = has_end ? byte_at(text, arguments[2].as_int()) : text.size();
  if (!begin || !end || *begin > *end) return out_of_range(frame, site);
  return Value::string(text.substr(*begin, *end - *begin));
}

Value split(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  if (site.count == 3 && arguments[2].kind() != Kind::kInt)
    return wrong_kinds(frame, site, arguments);
  const std::int64_t limit = site.count == 3 ? arguments[2].as_int() : -1;
  if (!charge_search(frame, arguments[0], arguments[1])) return fail_budget(frame, site);
  const auto pieces = pieces_of(arguments[0].as_string(), arguments[1].as_string(), limit);
  if (!frame.charge(pieces.size())) return fail_budget(frame, site);
  auto items = frame.arena().make_array<Value>(pieces.size());
  std::ranges::transform(pieces, items.begin(), &Value::string);
  return make_list(frame.arena(), items);
}

Value join(Frame& frame, const Node& site, const Value* arguments) {
  if (arguments[0].kind() != Kind::kList) return wrong_kinds(frame, site, arguments);
  if (site.count == 2 && arguments[1].kind() != Kind::kString)
    return wrong_kinds(frame, site, arguments);
  const ListRep& list = arguments[0].as_list();
  const std::string_view separator = site.count == 2 ? arguments[1].as_string() : "";
  if (!frame.charge(list.size)) return fail_budget(frame, site);
  std::string joined;
  for (std::uint32_t i = 0; i < list.size; ++i) {
    const Value piece = item(list, i);
    if (piece.kind() != Kind::kString) return fail_overload(frame, site, "join", piece);
    if (!frame.charge((piece.as_string().size() + separator.size()) / kTextBytesPerUnit)) {
      return fail_budget(frame, site);
    }
    if (i != 0) joined += separator;
    joined += piece.as_string();
  }
  return own(frame, site, joined);
}

Value replace(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 3)) return wrong_kinds(frame, site, arguments);
  if (site.count == 4 && arguments[3].kind() != Kind::kInt)
    return wrong_kinds(frame, site, arguments);
  const std::int64_t limit = site.count == 4 ? arguments[3].as_int() : -1;
  const std::string_view text = arguments[0].as_string();
  const std::string_view to = arguments[2].as_string();
  if (!charge_search(frame, arguments[0], arguments[1])) return fail_budget(frame, site);
  const auto pieces = pieces_of(text, arguments[1].as_string(), limit < 0 ? -1 : limit + 1);
  if (!frame.charge((text.size() + pieces.size() * to.size()) / kTextBytesPerUnit)) {
    return fail_budget(frame, site);
  }
  // An empty pattern stands before every code point and at the end.
  const bool everywhere = arguments[1].as_string().empty();
  std::int64_t left = limit < 0 ? INT64_MAX : limit;
  std::string out;
  if (everywhere && left-- > 0) out += to;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out += pieces[i];
    const bool between = i + 1 < pieces.size();
    if ((between || (everywhere && !text.empty())) && left-- > 0) out += to;
  }
  return own(frame, site, out);
}

Value matches(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings(arguments, 2)) return wrong_kinds(frame, site, arguments);
  const std::string_view text = arguments[0].as_string();
  std::optional<Regex> made;
  Value wrong;
  const Regex* const regex = regex_of(frame, site, arguments[1], made, wrong);
  if (regex == nullptr) return wrong;
  if (!frame.charge(regex->search_cost(text.size()))) return fail_budget(frame, site);
  return Value::boolean(regex->found_in(text));
}

Resolved resolve_matches(const Known& known, std::span<const Argument> arguments) {
  return resolve_pattern(known, arguments);
}

Resolved resolve_pattern(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved;
  if (!arguments[1].literal || arguments[1].literal->kind() != Kind::kString) return resolved;
  const Regex& regex = known.regexes.get(arguments[1].literal->as_string());
  if (regex.error().empty()) return resolved;
  resolved.error = "the pattern is not a regular expression: " + regex.error();
  resolved.hint = "write patterns as r'…'; look-around and back references do not exist here";
  resolved.error_argument = 1;
  return resolved;
}

void prepare_matches(Program::Impl& program, Node& call, std::span<const Node* const> items) {
  const Node& pattern = *items[1];
  if (pattern.shape != Shape::kConstant || pattern.constant.kind() != Kind::kString) return;
  const Regex& regex = program.regexes.get(pattern.constant.as_string());
  if (regex.error().empty()) call.regex = &regex;
}

}  // namespace patuh::expr::native
