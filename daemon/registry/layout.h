// The schema as the registry uses it: per kind and field what must be known at every change.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/model.h"
#include "registry/registry.h"

namespace patuh::registry {

inline constexpr std::uint32_t kNoIndex = UINT32_MAX;

struct FieldPlan {
  bool relation = false;
  bool many = false;
  bool telemetry = false;
  bool shared = false;                     // strings repeat over elements: kept once in the pool
  bool feeds_derived = false;              // one that is computed at apply reads it
  bool derived = false;                    // nobody sends it …
  const expr::Program* program = nullptr;  // … and it is computed at apply
  expr::Value default_value;
  std::uint32_t index = kNoIndex;  // number of its index
  std::optional<std::pair<KindId, FieldId>> inverse;
};

struct KindPlan {
  std::vector<FieldPlan> fields;   // index = FieldId
  std::vector<FieldId> derived;    // computed at apply, each after those that it reads
  std::optional<FieldId> agency;   // the relation to the element's agency
  std::optional<FieldId> follows;  // of deployments: the relation whose end gives them an agency
  bool is_agency = false;
  bool restates = true;    // an event that says the same again moves nothing but its fields
  std::uint8_t words = 0;  // of a bitmap of its fields
};

// Whether there is an index of what it holds.
inline bool is_indexed(const model::Field& field) {
  return !field.is_relation() && field.attribute().indexed && !field.attribute().derived_on_read;
}

struct Layout {
  explicit Layout(std::shared_ptr<const model::Schema> of);

  std::shared_ptr<const model::Schema> schema;
  std::vector<KindPlan> kinds;  // index = KindId
  std::uint32_t indexes = 0;

  const KindPlan& kind(KindId id) const { return kinds[id.value]; }
  const FieldPlan& field(KindId id, FieldId field) const {
    return kinds[id.value].fields[field.value];
  }
};

}  // namespace patuh::registry
