#include "engine/render.h"

#include "engine/value_text.h"

namespace patuh::engine {
namespace {

// The rulebook refuses a pack whose zone is not known here.
text::Zone zone_of(const model::Schema& schema) {
  auto zone = text::zone(schema.time_zone);
  PATUH_ASSERT(zone.has_value());
  return *std::move(zone);
}

}  // namespace

Renderer::Renderer(const rulebook::RuleBook& book, const registry::Registry& registry, Judge& judge)
    : registry_(registry), judge_(judge), zone_(zone_of(*book.schema)) {}

model::Text Renderer::message(const PairRef& pair, base::Instant now) {
  const rulebook::Message& form = judge_.rule_of(pair).message;
  const rulebook::Template& one = form.in(model::Language::kIndonesian);
  const bool is_one = &one == &form.in(model::Language::kEnglish) && !one.parts.empty();
  if (!is_one) {
    return {message(pair, model::Language::kIndonesian, now),
            message(pair, model::Language::kEnglish, now)};
  }
  // The same words around what is said in each language, and evaluated once.
  model::Text out;
  for (const rulebook::Template::Part& part : one.parts) {
    if (!part.program) {
      out.id += part.text;
      out.en += part.text;
      continue;
    }
    const expr::Value value = judge_.evaluate(pair, *part.program, now);
    out.id += text_of(value, model::Language::kIndonesian, registry_, zone_);
    out.en += text_of(value, model::Language::kEnglish, registry_, zone_);
  }
  return out;
}

std::string Renderer::message(const PairRef& pair, model::Language language, base::Instant now) {
  const rulebook::Rule& rule = judge_.rule_of(pair);
  const rulebook::Template& form = rule.message.in(language);
  if (form.parts.empty()) return rule.title.in(language);
  std::string out;
  for (const rulebook::Template::Part& part : form.parts) {
    if (!part.program) {
      out += part.text;
    } else {
      out += text_of(judge_.evaluate(pair, *part.program, now), language, registry_, zone_);
    }
  }
  return out;
}

}  // namespace patuh::engine
