// What the functions of World share: how a call is checked when a pack is loaded, and how it
// reaches the World when it runs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/functions.h"
#include "rulebook/names.h"
#include "rulebook/object_types.h"
#include "rulebook/rulebook.h"

namespace patuh::rulebook {

using Types = std::shared_ptr<const SchemaTypes>;
using Arguments = std::span<const expr::Argument>;
using Values = std::span<const expr::Value>;

// `bound` carries a kind and a field, or says that they are looked up by name at run time, where
// the checker did not know the object's kind.
inline constexpr std::uint64_t kByName = UINT64_MAX;
inline std::uint64_t bind(KindId kind, FieldId field) {
  return (std::uint64_t{kind.value} << 16U) | field.value;
}
inline KindId kind_in(std::uint64_t bound) {
  return KindId(static_cast<std::uint16_t>((bound >> 16U) & 0xFFFFU));
}
inline FieldId field_in(std::uint64_t bound) {
  return FieldId(static_cast<std::uint16_t>(bound & 0xFFFFU));
}

// The context's host, which must be a World.
World& world_of(expr::Context& context);

// ── Checking ──

expr::Resolved refuse(std::size_t argument, std::string error, std::string hint = "");
expr::Resolved resolved(expr::Type result, std::uint64_t bound, std::uint32_t size_max);
// The constant string at `index`; nothing for anything else.
std::optional<std::string_view> literal(Arguments arguments, std::size_t index);
bool is_object(const expr::Type& type);
bool is_dyn(const expr::Type& type);
// The kind of an object that the checker knows; nothing for dyn and for an object of any kind.
std::optional<KindId> known_kind(const SchemaTypes& types, const expr::Type& type);
expr::Resolved unknown_kind(const SchemaTypes& types, std::size_t argument, std::string_view name);
// Names of a kind's relations, or of its attributes.
std::vector<std::string_view> names_of(const model::Kind& kind, bool relations);
// "related takes an element here, not string".
std::string not_a(std::string_view function, std::string_view wanted, const expr::Type& type);
// Refuses a first argument that is no element; nothing when it may be one.
std::optional<expr::Resolved> refuse_no_object(std::string_view function,
                                               const expr::Argument& argument);

// ── Running ──

// An error when the value is no element.
std::optional<expr::Value> no_object(expr::Context& context, const expr::Value& value);

// A function of exactly so many arguments.
expr::Function function(std::string name, std::size_t arguments, std::uint32_t cost);

void add_relations(expr::Environment& environment, const Types& types);  // related, referrers
void add_reach(expr::Environment& environment, const Types& types);      // reach
void add_history(expr::Environment& environment, const Types& types);    // previous, changes
void add_indexes(expr::Environment& environment, const Types& types);    // same, where

}  // namespace patuh::rulebook
