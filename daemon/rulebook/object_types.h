// The schema as the language's checker sees it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "model/model.h"

namespace patuh::rulebook {

// "*" is an object of any kind: it has the fields that every kind has under the same number.
inline constexpr std::string_view kAnyKind = "*";

// The type as which an attribute or a single relation is read.
expr::Type type_of(const model::Schema& schema, const model::Field& field);
// Of one end of a relation.
expr::Type end_type(const model::Schema& schema, const model::Relation& relation);

// The schema must outlive it.
class SchemaTypes : public expr::ObjectTypes {
 public:
  explicit SchemaTypes(const model::Schema& schema) : schema_(&schema) {}

  bool has_type(std::string_view object) const override;
  // Relations of many ends are none: they are read with related(…).
  std::optional<Field> field(std::string_view object, std::string_view name) const override;
  std::vector<std::string_view> field_names(std::string_view object) const override;

  const model::Schema& schema() const { return *schema_; }

 private:
  std::optional<Field> field_of(const model::Kind& kind, std::string_view name) const;
  std::optional<Field> field_of_all(std::string_view name) const;
  const model::Schema* schema_;
};

}  // namespace patuh::rulebook
