#include "rulebook/names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "rulebook/rulebook.h"

namespace patuh::rulebook {
namespace {

// Words that the expression language takes, or keeps for itself.
constexpr auto kReservedWords = std::to_array<std::string_view>(
    {"as",       "break",   "const",  "continue", "else", "false", "for",
     "function", "if",      "import", "in",       "let",  "loop",  "namespace",
     "null",     "package", "return", "true",     "var",  "void",  "while"});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits = {{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kSecondsMax = std::int64_t{100} * 366 * 86400;

}  // namespace

bool check_name(const toml::Member& member, std::string_view what, toml::Report& report) {
  const std::string& name = member.key;
  const bool formed = !name.empty() && name.size() <= kNameBytesMax && name[0] >= 'a' &&
                      name[0] <= 'z' && std::ranges::all_of(name, is_word);
  if (!formed) {
    report.error(member.at, "BAD-NAME",
                 in_quotes(name) + " cannot be the name of " + std::string(what),
                 "a lower-case letter, then letters, digits and '_', at most 64");
    return false;
  }
  if (std::ranges::find(kReservedWords, name) != kReservedWords.end()) {
    report.error(member.at, "RESERVED-NAME",
                 in_quotes(name) + " is a word of the expression language and cannot name " +
                     std::string(what));
    return false;
  }
  return true;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && text[0] != '-' &&
         std::ranges::all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

std::vector<std::string_view> kind_names(const model::Schema& schema) {
  std::vector<std::string_view> names;
  names.reserve(schema.kinds.size());
  for (const model::Kind& kind : schema.kinds) names.push_back(kind.name);
  return names;
}

std::vector<std::string_view> field_names(const model::Kind& kind) {
  std::vector<std::string_view> names;
  names.reserve(kind.fields.size());
  for (const model::Field& field : kind.fields) names.push_back(field.name);
  return names;
}

std::optional<base::Duration> duration_of(std::string_view text) {
  if (text == "0") return base::Duration(0);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t unit = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto digits = static_cast<std::size_t>(at - text.data());
    if (error != std::errc() || digits == text.size() || !is_digit(text[0])) return std::nullopt;
    while (unit < kUnits.size() && kUnits[unit].letter != text[digits]) ++unit;
    if (unit == kUnits.size() || count > kSecondsMax / kUnits[unit].seconds) return std::nullopt;
    total += count * kUnits[unit].seconds;
    ++unit;
    text.remove_prefix(digits + 1);
  }
  if (total > kSecondsMax) return std::nullopt;
  return std::chrono::seconds(total);
}

std::vector<std::string_view> words_of(std::string_view expression) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= expression.size(); ++i) {
    if (i < expression.size() && is_word(expression[i])) continue;
    if (i > begin) words.push_back(expression.substr(begin, i - begin));
    begin = i + 1;
  }
  return words;
}

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::kArticle:
      return "article";
    case Confidence::kLaw:
      return "law";
    case Confidence::kKnown:
      return "known";
    case Confidence::kUncertain:
      return "uncertain";
    case Confidence::kProposed:
      return "proposed";
  }
  return "uncertain";
}

std::string_view name_of(Mode mode) { return mode == Mode::kShadow ? "shadow" : "enforced"; }

}  // namespace patuh::rulebook
