#include "expr/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace patuh::expr {
namespace {

// Bounds the compiled form: "((a{100}){100}){100}" is refused, not built.
constexpr int kMemoryBytesMax = 1 << 18;
// What a pattern that came out too large is counted as: about as long it took to find out.
constexpr std::size_t kRefusedSize = 4'096;

RE2::Options options() {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  quiet.set_max_mem(kMemoryBytesMax);
  return quiet;
}

std::string_view detail_of(RE2::ErrorCode code) {
  static constexpr std::array<std::string_view, 16> kDetails = {"",
                                                                "error.regex_internal",
                                                                "error.regex_escape",
                                                                "error.regex_class",
                                                                "error.regex_range",
                                                                "error.regex_bracket",
                                                                "error.regex_paren",
                                                                "error.regex_unexpected_paren",
                                                                "error.regex_backslash",
                                                                "error.regex_repeat_argument",
                                                                "error.regex_repeat_size",
                                                                "error.regex_repeat_op",
                                                                "error.regex_perl_op",
                                                                "error.regex_utf8",
                                                                "error.regex_capture",
                                                                "error.regex_large"};
  static_assert(RE2::ErrorPatternTooLarge + 1 == kDetails.size());
  return kDetails[code];
}

}  // namespace

struct Regex::Impl {
  RE2 pattern;
};

Regex::Regex(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    error_ = "the pattern has " + std::to_string(pattern.size()) + " bytes; at most " +
             std::to_string(kPatternBytesMax) + " are read";
    error_detail_ = "error.regex_long";
    error_argument_ = std::to_string(kPatternBytesMax);
    return;
  }
  impl_.reset(new Impl{RE2(re2::StringPiece(pattern.data(), pattern.size()), options())});
  if (impl_->pattern.ok()) {
    size_ = static_cast<std::size_t>(impl_->pattern.ProgramSize());
  } else {
    error_ = impl_->pattern.error();
    error_detail_ = detail_of(impl_->pattern.error_code());
    const std::string& at = impl_->pattern.error_arg();
    if (!at.empty()) error_argument_ = ": " + at;
    size_ = kRefusedSize;
  }
}

Regex Regex::refused(std::string error) {
  Regex none;
  none.error_ = std::move(error);
  return none;
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

std::uint64_t Regex::search_cost(std::size_t text_bytes) const {
  constexpr std::uint64_t kAlways = 16, kStepsPerUnit = 64;
  return text_bytes * (size_ + kAlways) / kStepsPerUnit + 1;
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

const Regex& Regexes::get(std::string_view pattern) {
  const auto known = made_.find(pattern);
  if (known != made_.end()) return known->second;
  static const Regex kTooMany = Regex::refused(
      "the patterns of one expression are too large together; put some of them in rules of their "
      "own");
  if (bytes_ > kBytesMax || size_ > kSizeMax) return kTooMany;
  const auto made = made_.emplace(pattern, Regex(pattern)).first;
  bytes_ += std::min(pattern.size(), Regex::kPatternBytesMax);
  size_ += made->second.size();
  return made->second;
}

}  // namespace patuh::expr
