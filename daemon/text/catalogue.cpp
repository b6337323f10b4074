#include <algorithm>
#include <array>

#include "text/text.h"

namespace patuh::text {
namespace {

// What stands for the placeholder that begins at `at` ("{0}", "{0|one|many}"); `at` is then at its
// end. Nothing when none begins there.
std::optional<std::string_view> placeholder(std::string_view form, std::size_t& at,
                                            std::span<const std::string_view> arguments) {
  const std::size_t end = form.find('}', at);
  if (end == std::string_view::npos || end < at + 2) return std::nullopt;
  const std::string_view inside = form.substr(at + 1, end - at - 1);
  if (inside[0] < '0' || inside[0] > '9') return std::nullopt;
  const std::size_t bar = inside.find('|', 2);
  const bool is_word = inside.size() > 1 && inside[1] == '|' && bar != std::string_view::npos;
  if (inside.size() > 1 && !is_word) return std::nullopt;
  const auto number = static_cast<std::size_t>(inside[0] - '0');
  const std::string_view argument = number < arguments.size() ? arguments[number] : "–";
  at = end;
  if (!is_word) return argument;
  return argument == "1" ? inside.substr(2, bar - 2) : inside.substr(bar + 1);
}

}  // namespace

std::string_view name_of(Lang lang) { return lang == Lang::kIndonesian ? "id" : "en"; }

const Entry* find(std::string_view key) {
  const std::span<const Entry> all = entries();
  const auto found = std::ranges::lower_bound(all, key, {}, &Entry::key);
  return found != all.end() && found->key == key ? &*found : nullptr;
}

std::string of(Lang lang, std::string_view key, std::initializer_list<std::string_view> arguments) {
  return of(lang, key, std::span(arguments.begin(), arguments.size()));
}

std::string of(Lang lang, std::string_view key, std::span<const std::string_view> arguments) {
  const Entry* const entry = find(key);
  PATUH_ASSERT(entry != nullptr);
  return fill(lang == Lang::kIndonesian ? entry->id : entry->en, arguments);
}

std::string fill(std::string_view form, std::span<const std::string_view> arguments) {
  std::string out;
  out.reserve(form.size());
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = form[i];
    const bool is_brace = c == '{' || c == '}';
    if (is_brace && i + 1 < form.size() && form[i + 1] == c) {
      out += c;
      ++i;
    } else if (const auto word = c == '{' ? placeholder(form, i, arguments) : std::nullopt) {
      out += *word;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace patuh::text
