// schema.toml → model::Schema, all but what its expressions say (derive.h compiles them).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/model.h"
#include "rulebook/values.h"
#include "text/text.h"
#include "toml/toml.h"

namespace patuh::rulebook {

// A schema being built, and where its fields are written.
struct SchemaDraft {
  std::shared_ptr<model::Schema> schema;
  text::Zone zone = text::utc();
  std::vector<const toml::Member*> kinds;  // index = KindId
  // index = KindId, then FieldId; a common field has the same place in many kinds.
  std::vector<std::vector<const toml::Member*>> fields;

  const toml::Member& member(model::KindId kind, model::FieldId field) const {
    return *fields[kind.value][field.value];
  }
};

// A field as it is written, before it has a number.
struct FieldDecl {
  const toml::Member* member = nullptr;
  bool relation = false;
};

// Reports every fault. A schema with faults is good for finding more of them, not for compiling
// expressions.
SchemaDraft read_schema(const toml::Node& root, toml::Report& report);

// ── Its parts ──

// {id = "…", en = "…"} under `key`; empty when absent.
model::Text read_text(toml::Fields& fields, std::string_view key,
                      toml::Need need = toml::Need::kOptional);
// Reads one attribute or relation. Nothing when it is no table. `schema` must hold all kinds'
// names.
std::optional<model::Field> read_field(const FieldDecl& decl, const model::Schema& schema,
                                       const ValueContext& context);
// Resolves `inverse = "kind.field"` of all relations, and checks the relations to the agency.
void connect_inverses(SchemaDraft& draft, toml::Report& report);
void check_agencies(SchemaDraft& draft, toml::Report& report);
void read_roles(const toml::Node& root, SchemaDraft& draft, toml::Report& report);

}  // namespace patuh::rulebook
