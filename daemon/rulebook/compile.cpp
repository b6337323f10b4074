#include "rulebook/compile.h"

#include <algorithm>

#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

// The byte at which a line's column (code points) begins; both count from 1.
std::size_t offset_of(std::string_view text, const base::Place& place) {
  std::size_t at = 0;
  for (std::uint32_t i = 1; i < place.line; ++i) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (std::uint32_t i = 1; i < place.column && at < text.size(); ++i) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

bool is_relation_of_many(const model::Schema& schema, std::string_view name) {
  return std::ranges::any_of(schema.kinds, [&](const model::Kind& kind) {
    const auto field = kind.field_of(name);
    return field && kind.fields[field->value].is_relation() &&
           kind.fields[field->value].relation().many;
  });
}

}  // namespace

// The compiler counts from the expression's begin; people look for the place in the file.
void Compiler::hand_on(const base::Diagnostics& found, const Written& written) const {
  for (base::Diagnostic diagnostic : found.list()) {
    const std::size_t offset = offset_of(written.text, diagnostic.place);
    const toml::At at = written.node->at_offset(written.offset + offset);
    diagnostic.place = at.place();
    diagnostic.snippet = at.snippet();
    if (diagnostic.code == "EXPR-UNKNOWN-FIELD") {
      const auto words = words_of(written.text.substr(offset));
      if (!words.empty() && is_relation_of_many(*schema_, words.front())) {
        diagnostic.hint =
            "a relation of many ends is read with related(…, " + in_quotes(words.front()) + ")";
      }
    }
    report_->out().add(std::move(diagnostic));
  }
}

std::optional<expr::Program> Compiler::compile(const expr::Environment& environment,
                                               const Written& written,
                                               const expr::Type& expected) const {
  return compile(environment, {written.text, {"", 1, 1}}, written, expected);
}

std::optional<expr::Program> Compiler::compile_condition(const expr::Environment& environment,
                                                         const Written& written) const {
  const expr::Source source{.text = written.text, .place = {"", 1, 1}, .keeps_state = true};
  return compile(environment, source, written, expr::Type::boolean());
}

std::optional<expr::Program> Compiler::compile(const expr::Environment& environment,
                                               const expr::Source& source, const Written& written,
                                               const expr::Type& expected) const {
  auto program = expr::compile(environment, source, expected);
  if (!program) {
    hand_on(program.error(), written);
    return std::nullopt;
  }
  hand_on(program->warnings(), written);
  const std::uint64_t cost = program->facts().cost_max;
  if (cost > kCostMax) {
    report_->error(written.node->at_offset(written.offset), "COST",
                   "the expression may cost " + std::to_string(cost) + " units; " +
                       std::to_string(kCostMax) + " are allowed",
                   "a smaller 'max' or 'max_referrers' on the relations it goes through, or "
                   "count(…) instead of a loop, lowers the bound");
  }
  return std::move(*program);
}

}  // namespace patuh::rulebook
