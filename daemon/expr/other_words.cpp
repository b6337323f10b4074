#include "expr/other_words.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/base.h"

namespace patuh::expr {
namespace {

struct Entry {
  std::string_view theirs;  // in lower case
  std::string_view ours;
};

constexpr auto kWords = std::to_array<Entry>({
    {"and", "&&"},
    {"or", "||"},
    {"not", "!"},
    {"is", "== or !="},
    {"like", "x.contains('…') or x.matches('…')"},
    {"between", "x >= a && x <= b"},
    {"if", "condition ? value : other"},
    {"then", "condition ? value : other"},
    {"else", "condition ? value : other"},
    {"case", "condition ? value : other"},
    {"true", "true"},
    {"false", "false"},
    {"null", "null"},
    {"none", "null"},
    {"nil", "null"},
    {"undefined", "null"},
    {"today", "now"},
});

constexpr auto kFunctions = std::to_array<Entry>({
    {"len", "size(x)"},
    {"length", "size(x)"},
    {"isempty", "!filled(x)"},
    {"empty", "!filled(x)"},
    {"isblank", "!filled(x)"},
    {"isnull", "x == null"},
    {"coalesce", "x != null ? x : other"},
    {"ifnull", "x != null ? x : other"},
    {"any", "list.exists(x, …)"},
    {"some", "list.exists(x, …)"},
    {"every", "list.all(x, …)"},
    {"foreach", "list.all(x, …)"},
    {"select", "list.map(x, …)"},
    {"find", "list.filter(x, …)"},
    {"includes", "text.contains('…') or x in list"},
    {"lower", "text.lowerAscii()"},
    {"tolower", "text.lowerAscii()"},
    {"tolowercase", "text.lowerAscii()"},
    {"upper", "text.upperAscii()"},
    {"toupper", "text.upperAscii()"},
    {"touppercase", "text.upperAscii()"},
    {"substr", "text.substring(begin, end)"},
    {"regex", "text.matches('…')"},
    {"match", "text.matches('…')"},
    {"like", "text.contains('…') or text.matches('…')"},
    {"concat", "a + b"},
    {"tostring", "string(x)"},
    {"str", "string(x)"},
    {"toint", "int(x)"},
    {"number", "int(x) or double(x)"},
    {"now", "now, without brackets"},
    {"today", "now"},
    {"date", "timestamp('2026-01-31T00:00:00+07:00')"},
    {"year", "time.getFullYear()"},
    {"month", "time.getMonth(), from 0"},
    {"day", "time.getDate()"},
    {"adddays", "time + days(3)"},
    {"abs", "math.abs(x)"},
    {"round", "math.round(x)"},
    {"floor", "math.floor(x)"},
    {"ceil", "math.ceil(x)"},
    {"sqrt", "math.sqrt(x)"},
});

std::string hint_from(std::span<const Entry> entries, std::string_view word) {
  const std::string lower = base::ascii_lower(word);
  const auto found = std::ranges::find(entries, lower, &Entry::theirs);
  if (found == entries.end() || found->ours == word) return {};
  return "'" + std::string(word) + "' is written " + std::string(found->ours);
}

}  // namespace

std::string hint_for_word(std::string_view word) { return hint_from(kWords, word); }

std::string hint_for_function(std::string_view name) { return hint_from(kFunctions, name); }

}  // namespace patuh::expr
