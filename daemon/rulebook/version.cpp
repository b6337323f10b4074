// A rule's version: a hash over what decides its verdicts, and nothing else.
#include <map>
#include <set>

#include "rulebook/drafts.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

std::string instant_text(const std::optional<base::Instant>& at) {
  return at ? std::to_string(at->time_since_epoch().count()) : "-";
}

std::string relation_text(const model::Schema& schema, const model::Relation& relation) {
  std::string text = relation.many ? "many" : "one";
  for (const KindId kind : relation.to) text += " " + schema.kind(kind).name;
  text += " max " + std::to_string(relation.size_max) + " " +
          std::to_string(relation.referrers_max) + (relation.agency ? " agency" : "");
  if (relation.inverse) {
    const auto& [kind, field] = *relation.inverse;
    text += " inverse " + schema.kind(kind).name + "." + schema.field(kind, field).name;
  }
  return text;
}

std::string attribute_text(const model::Attribute& attribute) {
  std::string text(name_of(attribute.type));
  text += " of " + std::string(name_of(attribute.item));
  text += " max " + std::to_string(attribute.size_max);
  text += " default " + expr::to_text(attribute.default_value);
  if (attribute.telemetry) text += " telemetry";
  if (attribute.is_derived()) text += " derive " + attribute.derive;
  return text;
}

// What the schema says of each field name, in all kinds that have it.
class SchemaTexts {
 public:
  explicit SchemaTexts(const model::Schema& schema) {
    for (const model::Kind& kind : schema.kinds) {
      for (const model::Field& field : kind.fields) {
        texts_[field.name] += kind.name + "." + field.name + " " +
                              (field.is_relation() ? relation_text(schema, field.relation())
                                                   : attribute_text(field.attribute())) +
                              "\n";
        if (field.is_relation() || !field.attribute().is_derived()) continue;
        for (const std::string_view word : words_of(field.attribute().derive)) {
          leads_to_[field.name].emplace(word);
        }
      }
      if (kind.agency_field) agency_fields_.insert(kind.fields[kind.agency_field->value].name);
    }
  }

  // The words, and those of what fields of these names are derived from.
  std::set<std::string, std::less<>> closure(std::set<std::string, std::less<>> words) const {
    if (words.contains("members")) words.insert(agency_fields_.begin(), agency_fields_.end());
    std::set<std::string, std::less<>> done;
    std::vector<std::string> open(words.begin(), words.end());
    while (!open.empty()) {
      const std::string word = std::move(open.back());
      open.pop_back();
      if (!done.insert(word).second) continue;
      const auto more = leads_to_.find(word);
      if (more != leads_to_.end())
        open.insert(open.end(), more->second.begin(), more->second.end());
    }
    return done;
  }

  // Every field whose name is among the words.
  std::string of(const std::set<std::string, std::less<>>& words) const {
    std::string out;
    for (const std::string& word : words) {
      const auto text = texts_.find(word);
      if (text != texts_.end()) out += text->second;
    }
    return out;
  }

 private:
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, std::set<std::string>, std::less<>> leads_to_;
  std::set<std::string> agency_fields_;
};

std::string_view text_of(const std::optional<expr::Program>& program) {
  return program ? program->text() : std::string_view();
}

std::uint32_t version_of(const Rule& rule, const model::Schema& schema, const SchemaTexts& texts,
                         std::span<const Parameter> parameters) {
  std::set<std::string, std::less<>> words;
  std::string content = schema.time_zone + "\n" + schema.kind(rule.kind).name + "\n" + rule.id +
                        "\n" + instant_text(rule.effective_from) + "\n" +
                        instant_text(rule.effective_until) + "\n";
  for (const auto* const program : {&rule.when, &rule.require, &rule.occurrence}) {
    const std::string_view text = text_of(*program);
    content += std::to_string(text.size()) + ":" + std::string(text) + "\n";
    for (const std::string_view word : words_of(text)) words.emplace(word);
  }
  words = texts.closure(std::move(words));
  for (const Parameter& parameter : parameters) {
    if (!words.contains(parameter.name)) continue;
    content +=
        parameter.name + " " + parameter.type.text() + " " + expr::to_text(parameter.value) + "\n";
  }
  content += texts.of(words);
  const base::Digest digest = base::sha256(content);
  return (std::uint32_t{digest[0]} << 24U) | (std::uint32_t{digest[1]} << 16U) |
         (std::uint32_t{digest[2]} << 8U) | std::uint32_t{digest[3]};
}

}  // namespace

void set_versions(std::vector<Rule>& rules, const model::Schema& schema,
                  std::span<const Parameter> parameters) {
  const SchemaTexts texts(schema);
  for (Rule& rule : rules) rule.version = version_of(rule, schema, texts, parameters);
}

}  // namespace patuh::rulebook
