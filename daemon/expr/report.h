// Where a fault in an expression lies, in the words and coordinates of the file that holds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "expr/expr.h"

namespace patuh::expr {

// Half-open byte range in the source text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Fault {
  std::string_view code;  // "EXPR-…", stable
  Span at;
  std::string message;
  std::string hint;
  base::Diagnostic::Level level = base::Diagnostic::Level::kError;
};

// Collects the faults of one source. After kFaultsMax errors, or warnings, the rest of them is
// dropped: they would mostly follow from the first ones.
class Report {
 public:
  static constexpr std::size_t kFaultsMax = 20;

  explicit Report(Source source) : source_(std::move(source)) {}

  void add(Fault fault);
  bool has_errors() const { return errors_ != 0; }
  // In the order of their places.
  base::Diagnostics take();

 private:
  Source source_;
  base::Diagnostics diagnostics_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

// "did you mean 'x'?", or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
// The same, else what there is: "known are a, b, c"; empty when there is nothing.
std::string did_you_mean_or_list(std::string_view word,
                                 std::span<const std::string_view> candidates);

}  // namespace patuh::expr
