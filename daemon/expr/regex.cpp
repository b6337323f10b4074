#include "expr/regex.h"

#include <re2/re2.h>

namespace patuh::expr {
namespace {

// Bounds the compiled form: "((a{100}){100}){100}" is refused, not built.
constexpr int kMemoryBytesMax = 1 << 20;

RE2::Options options() {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  quiet.set_max_mem(kMemoryBytesMax);
  return quiet;
}

}  // namespace

struct Regex::Impl {
  RE2 pattern;
};

Regex::Regex(std::string_view pattern)
    : impl_(new Impl{RE2(re2::StringPiece(pattern.data(), pattern.size()), options())}) {
  if (!impl_->pattern.ok()) error_ = impl_->pattern.error();
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

bool Regex::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), impl_->pattern);
}

std::size_t Regex::groups() const {
  return static_cast<std::size_t>(impl_->pattern.NumberOfCapturingGroups());
}

std::optional<Regex::Found> Regex::find(std::string_view text, std::size_t from) const {
  std::vector<re2::StringPiece> pieces(groups() + 1);
  const re2::StringPiece whole(text.data(), text.size());
  if (!impl_->pattern.Match(whole, from, text.size(), RE2::UNANCHORED, pieces.data(),
                            static_cast<int>(pieces.size()))) {
    return std::nullopt;
  }
  Found found{.whole = {pieces[0].data(), pieces[0].size()}, .groups = {}};
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    auto& group = found.groups.emplace_back();
    if (pieces[i].data() != nullptr) group = std::string_view(pieces[i].data(), pieces[i].size());
  }
  return found;
}

}  // namespace patuh::expr
