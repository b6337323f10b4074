#include "rulebook/object_types.h"

#include <algorithm>

namespace patuh::rulebook {
namespace {

using expr::Type;
using model::AttributeType;

Type type_of(AttributeType type, AttributeType item) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kText:
    case AttributeType::kEnum:
      return Type::string();
    case AttributeType::kBool:
      return Type::boolean();
    case AttributeType::kInt:
      return Type::integer();
    case AttributeType::kNumber:
      return Type::number();
    case AttributeType::kDate:
    case AttributeType::kDeadline:
    case AttributeType::kTimestamp:
      return Type::timestamp();
    case AttributeType::kList:
      return Type::list(type_of(item, AttributeType::kString));
    case AttributeType::kMap:
      return Type::map(Type::string(), type_of(item, AttributeType::kString));
    case AttributeType::kAny:
      return Type::dyn();
  }
  return Type::dyn();
}

expr::ObjectTypes::Field text_field(model::FieldId id) {
  expr::ObjectTypes::Field out;
  out.type = Type::string();
  out.number = id.value;
  return out;
}

std::optional<expr::ObjectTypes::Field> built_in(std::string_view name) {
  if (name == "id") return text_field(model::kIdField);
  if (name == "kind") {
    return text_field(model::kKindField);
  }
  return std::nullopt;
}

bool same_range(const expr::ObjectTypes::Field& a, const expr::ObjectTypes::Field& b) {
  return expr::compare(a.min, b.min) == 0 && expr::compare(a.max, b.max) == 0;
}

bool is_readable(const model::Field& field) {
  return !field.is_relation() || !field.relation().many;
}

}  // namespace

Type end_type(const model::Schema& schema, const model::Relation& relation) {
  if (relation.to.size() != 1) return Type::object(std::string(kAnyKind));
  return Type::object(schema.kind(relation.to[0]).name);
}

Type type_of(const model::Schema& schema, const model::Field& field) {
  if (field.is_relation()) return end_type(schema, field.relation());
  return type_of(field.attribute().type, field.attribute().item);
}

bool SchemaTypes::has_type(std::string_view object) const {
  return object == kAnyKind || schema_->kind_of(object).has_value();
}

std::optional<expr::ObjectTypes::Field> SchemaTypes::field(std::string_view object,
                                                           std::string_view name) const {
  if (const auto own = built_in(name)) return own;
  if (object == kAnyKind) return field_of_all(name);
  const auto kind = schema_->kind_of(object);
  return kind ? field_of(schema_->kind(*kind), name) : std::nullopt;
}

std::optional<expr::ObjectTypes::Field> SchemaTypes::field_of(const model::Kind& kind,
                                                              std::string_view name) const {
  const auto id = kind.field_of(name);
  if (!id || !is_readable(kind.fields[id->value])) return std::nullopt;
  const model::Field& field = kind.fields[id->value];
  Field out;
  out.type = rulebook::type_of(*schema_, field);
  out.number = id->value;
  if (field.is_relation()) return out;
  const model::Attribute& attribute = field.attribute();
  const bool holds =
      attribute.type == AttributeType::kList || attribute.type == AttributeType::kMap;
  if (holds) out.size_max = attribute.size_max;
  out.values = attribute.values;
  out.closed = attribute.closed;
  out.min = attribute.min;
  out.max = attribute.max;
  return out;
}

std::optional<expr::ObjectTypes::Field> SchemaTypes::field_of_all(std::string_view name) const {
  std::optional<Field> all;
  for (const model::Kind& kind : schema_->kinds) {
    const std::optional<Field> one = field_of(kind, name);
    if (!one || (all && one->number != all->number)) return std::nullopt;
    if (!all) {
      all = one;
      continue;
    }
    if (!(all->type == one->type)) all->type = Type::dyn();
    all->size_max = std::max(all->size_max, one->size_max);
    if (all->values != one->values) all->values.clear();
    all->closed = all->closed && one->closed;
    if (!same_range(*all, *one)) all->min = all->max = expr::Value();
  }
  return all;
}

std::vector<std::string_view> SchemaTypes::field_names(std::string_view object) const {
  std::vector<std::string_view> names = {"id", "kind"};
  const bool any = object == kAnyKind;
  const auto kind = any ? std::nullopt : schema_->kind_of(object);
  if (schema_->kinds.empty() || (!any && !kind)) return names;
  for (const model::Field& candidate : schema_->kind(kind.value_or(model::KindId(0))).fields) {
    if (field(object, candidate.name)) names.push_back(candidate.name);
  }
  return names;
}

}  // namespace patuh::rulebook
