#include "rulebook/compile.h"

#include <algorithm>

namespace patuh::rulebook {
namespace {

// The byte at which a line's column (code points) begins; both count from 1.
std::size_t offset_of(std::string_view text, std::uint32_t line, std::uint32_t column) {
  std::size_t at = 0;
  for (std::uint32_t i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (std::uint32_t i = 1; i < column && at < text.size(); ++i) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

// The compiler counts from the expression's begin; people look for the place in the file.
void hand_on(const base::Diagnostics& found, const Written& written, toml::Report& report) {
  for (base::Diagnostic diagnostic : found.list()) {
    const std::size_t offset =
        offset_of(written.text, diagnostic.place.line, diagnostic.place.column);
    const toml::At at = written.node->at_offset(written.offset + offset);
    diagnostic.place = at.place();
    diagnostic.snippet = at.snippet();
    report.out().add(std::move(diagnostic));
  }
}

}  // namespace

std::optional<expr::Program> compile_written(const expr::Environment& environment,
                                             const Written& written, const expr::Type& expected,
                                             toml::Report& report) {
  const expr::Source source{written.text, {"", 1, 1}};
  auto program = expr::compile(environment, source, expected);
  if (!program) {
    hand_on(program.error(), written, report);
    return std::nullopt;
  }
  hand_on(program->warnings(), written, report);
  const std::uint64_t cost = program->facts().cost_max;
  if (cost > kCostMax) {
    report.error(written.node->at_offset(written.offset), "COST",
                 "the expression may cost " + std::to_string(cost) + " units; " +
                     std::to_string(kCostMax) + " are allowed",
                 "a smaller 'max' on the lists and relations it goes through, or count(…) instead "
                 "of a loop, lowers the bound");
  }
  return std::move(*program);
}

}  // namespace patuh::rulebook
