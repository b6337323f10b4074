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

}  // namespace patuh::expr
