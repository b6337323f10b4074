#include <algorithm>

#include "json/json.h"

namespace patuh::json {
namespace {

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Behind the quote that ends the string which begins at `at`; nothing where none does.
std::optional<std::size_t> past_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::nullopt;
}

// The end of the item that begins at `at`: the comma behind it, or the text's end. Nothing where
// its quotes or brackets do not match.
std::optional<std::size_t> end_of_item(std::string_view text, std::size_t at) {
  std::size_t open = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      const auto past = past_string(text, at);
      if (!past) return std::nullopt;
      at = *past;
      continue;
    }
    if (c == ',' && open == 0) return at;
    if (c == '{' || c == '[') ++open;
    if (c == '}' || c == ']') {
      if (open == 0) return std::nullopt;
      --open;
    }
    ++at;
  }
  return open == 0 ? std::optional(at) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string_view>> split_array(std::string_view text, std::size_t most) {
  text = trimmed(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size() && out.size() <= most; ++at) {
    const auto end = end_of_item(text, at);
    if (!end) return std::nullopt;
    out.push_back(trimmed(text.substr(at, *end - at)));
    if (out.back().empty()) return std::nullopt;
    at = *end;
  }
  return out;
}

}  // namespace patuh::json
