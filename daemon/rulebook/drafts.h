// What is read of a pack's rule files before expressions are compiled.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rulebook/environment.h"
#include "rulebook/rulebook.h"
#include "rulebook/schema_reader.h"
#include "toml/toml.h"

namespace patuh::rulebook {

// A file of a layer, parsed.
struct ParsedFile {
  std::size_t layer = 0;
  std::string shown;
  const toml::Node* root = nullptr;
};

// A text in both languages as it is written; null where it is absent.
struct TextNodes {
  const toml::Node* id = nullptr;
  const toml::Node* en = nullptr;
};

// A [[rule]]: what all rules that it stamps out share, and what each has of its own.
struct RuleDraft {
  toml::At at;
  Rule shared;  // all but number, id, kind, programs and texts
  std::string id;
  std::vector<KindId> kinds;
  bool by_kind = false;   // `kinds`: ids get the kind's name
  std::string each_name;  // of for_each; empty = none
  std::vector<std::string> each_values;
  const toml::Node* when = nullptr;
  const toml::Node* require = nullptr;
  const toml::Node* occurrence = nullptr;
  TextNodes title, remedy, message;
};

// An [[override]] of a site's layer.
struct OverrideDraft {
  toml::At at;
  std::size_t layer = 0;
  std::string rule;  // an id, or the id before the dot of stamped rules
  std::optional<model::Severity> severity;
  std::optional<Mode> mode;
  std::optional<base::Duration> grace;
  std::optional<std::string> confirmed_by;
};

// What readers of rule files look up.
struct Reading {
  const SchemaDraft& schema;
  std::vector<Law>& laws;
  toml::Report& report;
};

std::vector<Law> read_laws(std::span<const ParsedFile> files, const text::Zone& zone,
                           toml::Report& report);
// Values live in `arena`. Layers above the pack change known parameters only.
std::vector<Parameter> read_parameters(std::span<const ParsedFile> files, const text::Zone& zone,
                                       expr::Arena& arena, toml::Report& report);
std::optional<RuleDraft> read_rule(const toml::Node& table, const Reading& reading);
std::vector<Grant> read_grants(std::span<const ParsedFile> files, const model::Schema& schema,
                               toml::Report& report);
std::vector<OverrideDraft> read_overrides(std::span<const ParsedFile> files, toml::Report& report);
// Puts them upon the rules, the highest layer last; reports rules that are not there.
void apply_overrides(std::span<const OverrideDraft> overrides, std::vector<Rule>& rules,
                     toml::Report& report);

// "grace" and "severity", "mode" of a rule or an override.
std::optional<base::Duration> read_grace(toml::Fields& fields);
std::optional<model::Severity> read_severity(toml::Fields& fields, toml::Need need);
std::optional<Mode> read_mode(toml::Fields& fields);

// Stamps out and compiles the rules of the drafts.
std::vector<Rule> build_rules(std::span<const RuleDraft> drafts,
                              const std::shared_ptr<const SchemaTypes>& types,
                              std::span<const Parameter> parameters, toml::Report& report);

// Gives each rule its version.
void set_versions(std::vector<Rule>& rules, const model::Schema& schema,
                  std::span<const Parameter> parameters);

}  // namespace patuh::rulebook
