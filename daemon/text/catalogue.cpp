#include <algorithm>
#include <array>

#include "text/text.h"

namespace patuh::text {

std::string_view name_of(Lang lang) { return lang == Lang::kIndonesian ? "id" : "en"; }

const Entry* find(std::string_view key) {
  const std::span<const Entry> all = entries();
  const auto found = std::ranges::lower_bound(all, key, {}, &Entry::key);
  return found != all.end() && found->key == key ? &*found : nullptr;
}

std::string of(Lang lang, std::string_view key, std::initializer_list<std::string_view> arguments) {
  const Entry* const entry = find(key);
  PATUH_ASSERT(entry != nullptr);
  return fill(lang == Lang::kIndonesian ? entry->id : entry->en,
              std::span(arguments.begin(), arguments.size()));
}

std::string fill(std::string_view form, std::span<const std::string_view> arguments) {
  std::string out;
  out.reserve(form.size());
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = form[i];
    const char next = i + 1 < form.size() ? form[i + 1] : '\0';
    const bool brace = c == '{' || c == '}';
    if (brace && next == c) {
      out += c;
      ++i;
    } else if (c == '{' && next >= '0' && next <= '9' && i + 2 < form.size() &&
               form[i + 2] == '}') {
      const auto number = static_cast<std::size_t>(next - '0');
      out += number < arguments.size() ? arguments[number] : std::string_view("–");
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace patuh::text
