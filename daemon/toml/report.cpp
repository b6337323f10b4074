#include "toml/toml.h"

namespace patuh::toml {

void Report::error(At at, std::string_view code, std::string message, std::string hint) {
  out_->add({base::Diagnostic::Level::kError, prefix_ + "-" + std::string(code), at.place(),
             at.snippet(), std::move(message), std::move(hint)});
}

void Report::warning(At at, std::string_view code, std::string message, std::string hint) {
  out_->add({base::Diagnostic::Level::kWarning, prefix_ + "-" + std::string(code), at.place(),
             at.snippet(), std::move(message), std::move(hint)});
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  static constexpr std::size_t kFew = 12;
  const std::string_view near = base::nearest(word, candidates);
  if (!near.empty()) return "did you mean '" + std::string(near) + "'?";
  if (candidates.empty() || candidates.size() > kFew) return "";
  std::string list = "one of: ";
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i > 0) list += ", ";
    list += candidates[i];
  }
  return list;
}

}  // namespace patuh::toml
