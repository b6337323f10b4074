// What a site's layer says of the pack: overrides and grants.
#include <algorithm>
#include <map>

#include "rulebook/drafts.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

OverrideDraft read_override(const ParsedFile& file, const toml::Node& table, toml::Report& report) {
  toml::Fields fields(table, report, "an override");
  OverrideDraft draft;
  draft.at = table.at();
  draft.layer = file.layer;
  draft.rule = fields.string("rule", toml::Need::kRequired).value_or("");
  draft.severity = read_severity(fields, toml::Need::kOptional);
  draft.mode = read_mode(fields);
  draft.grace = read_grace(fields);
  draft.confirmed_by = fields.string("confirmed_by");
  fields.finish();
  if (file.layer == 0) {
    report.error(table.at(), "LAYER", "a pack does not override its own rules",
                 "change the rule, or put the override into the site's layer");
  }
  return draft;
}

void apply(const OverrideDraft& draft, Rule& rule) {
  if (draft.severity) rule.severity = *draft.severity;
  if (draft.mode) rule.mode = *draft.mode;
  if (draft.grace) rule.grace = *draft.grace;
  if (draft.confirmed_by) rule.confirmed_by = *draft.confirmed_by;
}

// The id itself, or what stands before the first dot of a stamped rule's.
bool names_rule(const std::string& name, const std::string& id) {
  return id == name || (id.size() > name.size() && id.starts_with(name) && id[name.size()] == '.');
}

}  // namespace

std::vector<OverrideDraft> read_overrides(std::span<const ParsedFile> files, toml::Report& report) {
  std::vector<OverrideDraft> out;
  for (const ParsedFile& file : files) {
    const toml::Node* const array = file.root->find("override");
    if (array == nullptr || !array->is(toml::Node::Type::kArray)) continue;
    for (const toml::Node& item : array->items()) {
      if (item.is(toml::Node::Type::kTable)) out.push_back(read_override(file, item, report));
    }
  }
  return out;
}

void apply_overrides(std::span<const OverrideDraft> overrides, std::vector<Rule>& rules,
                     toml::Report& report) {
  std::map<std::pair<std::size_t, std::string>, toml::At> seen;
  for (const OverrideDraft& draft : overrides) {  // in the order of the layers
    if (draft.rule.empty()) continue;
    if (!seen.try_emplace({draft.layer, draft.rule}, draft.at).second) {
      report.error(draft.at, "DUPLICATE", "rule " + in_quotes(draft.rule) + " is overridden twice");
      continue;
    }
    bool found = false;
    for (Rule& rule : rules) {
      if (!names_rule(draft.rule, rule.id)) continue;
      apply(draft, rule);
      found = true;
    }
    if (found) continue;
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules) ids.push_back(rule.id);
    report.error(draft.at, "UNKNOWN-RULE", "there is no rule " + in_quotes(draft.rule),
                 toml::suggestion(draft.rule, ids));
  }
}

std::vector<Grant> read_grants(std::span<const ParsedFile> files, const model::Schema& schema,
                               toml::Report& report) {
  std::vector<Grant> out;
  for (const ParsedFile& file : files) {
    const toml::Node* const array = file.root->find("grant");
    if (array == nullptr || !array->is(toml::Node::Type::kArray)) continue;
    for (const toml::Node& item : array->items()) {
      if (!item.is(toml::Node::Type::kTable)) continue;
      toml::Fields fields(item, report, "a grant");
      Grant grant{fields.string("source", toml::Need::kRequired).value_or(""),
                  fields.string("kind", toml::Need::kRequired).value_or("")};
      const bool known =
          grant.kind.empty() || grant.kind == "*" || schema.kind_of(grant.kind).has_value();
      if (!known) {
        report.error(fields.at("kind"), "UNKNOWN-KIND", "there is no kind " + in_quotes(grant.kind),
                     toml::suggestion(grant.kind, kind_names(schema)));
      }
      fields.finish();
      out.push_back(std::move(grant));
    }
  }
  return out;
}

}  // namespace patuh::rulebook
