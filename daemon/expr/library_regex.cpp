// regex.replace, regex.extract, regex.extractAll.
#include <algorithm>

#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/library_extensions.h"

namespace patuh::expr::native {
namespace {

constexpr std::uint64_t kCompileCost = 2'000;
constexpr std::uint64_t kCompileCostPerByte = 50;

bool are_strings(std::span<const Value> arguments) {
  bool all = true;
  for (const Value& value : arguments) all = all && value.kind() == Kind::kString;
  return all;
}

// Where the search goes on behind a place; an empty one is stepped over by a character.
std::size_t behind(std::string_view text, std::string_view place) {
  auto at = static_cast<std::size_t>(place.data() - text.data()) + place.size();
  if (!place.empty()) return at;
  ++at;
  while (at < text.size() && (text[at] & 0xC0) == 0x80) ++at;
  return at;
}

// \0 is the whole, \1 the first group, \\ a backslash; false when it names a group there is not.
bool append_replacement(std::string_view pattern, const Regex::Found& found, std::string& out) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') {
      out += pattern[i];
      continue;
    }
    if (++i == pattern.size()) return false;
    const char c = pattern[i];
    if (c == '\\') {
      out += c;
      continue;
    }
    if (c < '0' || c > '9') return false;
    const auto group = static_cast<std::size_t>(c - '0');
    if (group > found.groups.size()) return false;
    out += group == 0 ? found.whole : found.groups[group - 1].value_or("");
  }
  return true;
}

struct Replacing {
  const Regex& regex;
  std::string_view text;
  std::string_view with;
  std::int64_t left;  // negative: all
};

Value replace_all(Frame& frame, const Node& site, Replacing what) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t from = 0; from <= what.text.size() && what.left != 0; --what.left) {
    if (!frame.charge(what.regex.search_cost(what.text.size() - from)))
      return fail_budget(frame, site);
    const auto found = what.regex.find(what.text, from);
    if (!found) break;
    const auto at = static_cast<std::size_t>(found->whole.data() - what.text.data());
    out += what.text.substr(copied, at - copied);
    if (!append_replacement(what.with, *found, out)) {
      return fail_invalid(frame, site, "error.regex_replacement");
    }
    if (!frame.charge(out.size() / 4'096)) return fail_budget(frame, site);
    copied = at + found->whole.size();
    from = behind(what.text, found->whole);
  }
  out += what.text.substr(copied);
  return Value::string(frame.arena().copy(out));
}

// What an extraction gives of a place: the only group, else the whole; nothing when the group took
// no part.
std::optional<std::string_view> extracted(const Regex::Found& found) {
  return found.groups.empty() ? found.whole : found.groups[0];
}

bool is_text(const Argument& argument) {
  return argument.literal && argument.literal->kind() == Kind::kString;
}

bool too_many_groups(const Regex& regex) { return regex.groups() > 1; }

}  // namespace

const Regex* regex_of(Frame& frame, const Node& site, const Value& pattern,
                      std::optional<Regex>& made, Value& wrong) {
  if (site.regex != nullptr) return site.regex;
  const std::size_t bytes = std::min(pattern.as_string().size(), Regex::kPatternBytesMax);
  if (!frame.charge(kCompileCost + bytes * kCompileCostPerByte)) {
    wrong = fail_budget(frame, site);
    return nullptr;
  }
  made.emplace(pattern.as_string());
  if (made->error().empty()) return &*made;
  wrong = fail_invalid(frame, site, made->error_detail(), {made->error_argument()});
  return nullptr;
}

Resolved resolve_extract(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved = resolve_pattern(known, arguments);
  if (!resolved.error.empty() || !is_text(arguments[1])) return resolved;
  if (!too_many_groups(known.regexes.get(arguments[1].literal->as_string()))) return resolved;
  resolved.error = "at most one group of the pattern can be extracted";
  resolved.hint = "a group that is only to hold together is written (?:…)";
  resolved.error_argument = 1;
  return resolved;
}

Resolved resolve_replace(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved = resolve_pattern(known, arguments);
  if (!resolved.error.empty() || !is_text(arguments[1]) || !is_text(arguments[2])) return resolved;
  Regex::Found found;
  found.groups.resize(known.regexes.get(arguments[1].literal->as_string()).groups());
  std::string unused;
  if (append_replacement(arguments[2].literal->as_string(), found, unused)) return resolved;
  resolved.error = "in the replacement \\ is followed by a group's number or \\";
  resolved.hint = "groups of the pattern: " + std::to_string(found.groups.size()) +
                  "; the whole of what is found is \\0";
  resolved.error_argument = 2;
  return resolved;
}

Value regex_replace(Frame& frame, const Node& site, const Value* arguments) {
  const bool counted = site.count == 4;
  if (!are_strings({arguments, 3}) || (counted && arguments[3].kind() != Kind::kInt)) {
    return fail_overload(frame, site, site.name, {arguments, site.count});
  }
  std::optional<Regex> made;
  Value wrong;
  const Regex* const regex = regex_of(frame, site, arguments[1], made, wrong);
  if (regex == nullptr) return wrong;
  return replace_all(frame, site,
                     {.regex = *regex,
                      .text = arguments[0].as_string(),
                      .with = arguments[2].as_string(),
                      .left = counted ? arguments[3].as_int() : -1});
}

Value regex_extract(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings({arguments, 2})) {
    return fail_overload(frame, site, site.name, {arguments, 2});
  }
  std::optional<Regex> made;
  Value wrong;
  const Regex* const regex = regex_of(frame, site, arguments[1], made, wrong);
  if (regex == nullptr) return wrong;
  if (too_many_groups(*regex)) return fail_invalid(frame, site, "error.regex_groups");
  const std::string_view text = arguments[0].as_string();
  if (!frame.charge(regex->search_cost(text.size()))) return fail_budget(frame, site);
  const auto found = regex->find(text, 0);
  const auto part = found ? extracted(*found) : std::nullopt;
  if (!part) return Value::optional(nullptr);
  return patuh::expr::optional_of(frame, Value::string(*part));
}

Value regex_extract_all(Frame& frame, const Node& site, const Value* arguments) {
  if (!are_strings({arguments, 2})) {
    return fail_overload(frame, site, site.name, {arguments, 2});
  }
  std::optional<Regex> made;
  Value wrong;
  const Regex* const regex = regex_of(frame, site, arguments[1], made, wrong);
  if (regex == nullptr) return wrong;
  if (too_many_groups(*regex)) return fail_invalid(frame, site, "error.regex_groups");
  const std::string_view text = arguments[0].as_string();
  std::vector<Value> parts;
  for (std::size_t from = 0; from <= text.size();) {
    if (!frame.charge(regex->search_cost(text.size() - from))) return fail_budget(frame, site);
    const auto found = regex->find(text, from);
    if (!found) break;
    if (const auto part = extracted(*found)) parts.push_back(Value::string(*part));
    from = behind(text, found->whole);
  }
  return make_list(frame.arena(), parts);
}

}  // namespace patuh::expr::native
