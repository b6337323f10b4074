#include "rulebook/values.h"

#include <algorithm>

#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using expr::Type;
using expr::Value;
using model::AttributeType;
using Toml = toml::Node::Type;

std::optional<text::Day> day_of(const toml::Node& node) {
  if (node.is(Toml::kDate)) return node.date();
  if (!node.is(Toml::kString)) return std::nullopt;
  const base::Result<text::Day> day = text::parse_day(node.string());
  if (!day) return std::nullopt;
  return *day;
}

std::optional<Value> moment(AttributeType type, const toml::Node& node, const text::Zone& zone) {
  if (type == AttributeType::kTimestamp) {
    if (node.is(Toml::kInstant)) return Value::timestamp(node.instant());
    if (!node.is(Toml::kString)) return std::nullopt;
    const base::Result<base::Instant> at = base::from_rfc3339(node.string());
    if (!at) return std::nullopt;
    return Value::timestamp(*at);
  }
  const std::optional<text::Day> day = day_of(node);
  if (!day) return std::nullopt;
  return Value::timestamp(type == AttributeType::kDeadline ? zone.last_of(*day)
                                                           : zone.first_of(*day));
}

class AttributeReader {
 public:
  AttributeReader(const model::Attribute& attribute, const ValueContext& context)
      : attribute_(attribute), context_(context) {}

  std::optional<Value> read(AttributeType type, const toml::Node& node) const {
    switch (type) {
      case AttributeType::kString:
      case AttributeType::kText:
        if (node.is(Toml::kString)) return string(node);
        return std::nullopt;
      case AttributeType::kEnum:
        return enumeration(node);
      case AttributeType::kBool:
        if (node.is(Toml::kBoolean)) return Value::boolean(node.boolean());
        return std::nullopt;
      case AttributeType::kInt:
        return node.is(Toml::kInteger) ? in_range(Value::integer(node.integer())) : std::nullopt;
      case AttributeType::kNumber:
        if (node.is(Toml::kInteger) || node.is(Toml::kFloat)) {
          return in_range(Value::number(node.number()));
        }
        return std::nullopt;
      case AttributeType::kDate:
      case AttributeType::kDeadline:
      case AttributeType::kTimestamp:
        return moment(type, node, *context_.zone);
      case AttributeType::kList:
        return list(node);
      case AttributeType::kMap:
        return map(node);
      case AttributeType::kAny:
        return any(node);
    }
    return std::nullopt;
  }

 private:
  Value string(const toml::Node& node) const {
    return Value::string(context_.arena->copy(node.string()));
  }

  std::optional<Value> enumeration(const toml::Node& node) const {
    if (!node.is(Toml::kString)) return std::nullopt;
    if (std::ranges::find(attribute_.values, node.string()) == attribute_.values.end()) {
      return std::nullopt;
    }
    return string(node);
  }

  std::optional<Value> in_range(const Value& number) const {
    return attribute_.is_in_range(number) ? std::optional(number) : std::nullopt;
  }

  std::optional<Value> list(const toml::Node& node) const {
    if (!node.is(Toml::kArray) || node.items().size() > attribute_.size_max) return std::nullopt;
    std::vector<Value> items;
    for (const toml::Node& item : node.items()) {
      const std::optional<Value> value = read(attribute_.item, item);
      if (!value) return std::nullopt;
      items.push_back(*value);
    }
    return expr::make_list(*context_.arena, items);
  }

  std::optional<Value> map(const toml::Node& node) const {
    if (!node.is(Toml::kTable) || node.members().size() > attribute_.size_max) return std::nullopt;
    std::vector<expr::MapEntry> entries;
    for (const toml::Member& member : node.members()) {
      const std::optional<Value> value = read(attribute_.item, member.value);
      if (!value) return std::nullopt;
      entries.push_back({Value::string(context_.arena->copy(member.key)), *value});
    }
    return expr::make_map(*context_.arena, entries);
  }

  std::optional<Value> any(const toml::Node& node) const {
    const std::optional<Typed> typed = constant_value(node, context_);
    if (!typed) return std::nullopt;
    return typed->value;
  }

  const model::Attribute& attribute_;
  const ValueContext& context_;
};

std::string wanted_of(const model::Attribute& attribute) {
  if (attribute.type == AttributeType::kEnum) {
    std::string list = "one of";
    for (const std::string& value : attribute.values) list += " " + in_quotes(value);
    return list;
  }
  std::string wanted = "of type " + std::string(name_of(attribute.type));
  const bool holds =
      attribute.type == AttributeType::kList || attribute.type == AttributeType::kMap;
  if (holds) wanted += " of " + std::string(name_of(attribute.item));
  if (!attribute.min.is_null()) wanted += ", at least " + expr::to_text(attribute.min);
  if (!attribute.max.is_null()) wanted += ", at most " + expr::to_text(attribute.max);
  return wanted;
}

std::optional<Typed> constant_list(const toml::Node& node, const ValueContext& context) {
  std::vector<Value> items;
  std::optional<Type> type;
  for (const toml::Node& item : node.items()) {
    const std::optional<Typed> typed = constant_value(item, context);
    if (!typed) return std::nullopt;
    items.push_back(typed->value);
    type = !type || *type == typed->type ? typed->type : Type::dyn();
  }
  return Typed{expr::make_list(*context.arena, items), Type::list(type.value_or(Type::dyn()))};
}

std::optional<Typed> constant_map(const toml::Node& node, const ValueContext& context) {
  std::vector<expr::MapEntry> entries;
  std::optional<Type> type;
  for (const toml::Member& member : node.members()) {
    const std::optional<Typed> typed = constant_value(member.value, context);
    if (!typed) return std::nullopt;
    entries.push_back({Value::string(context.arena->copy(member.key)), typed->value});
    type = !type || *type == typed->type ? typed->type : Type::dyn();
  }
  return Typed{expr::make_map(*context.arena, entries),
               Type::map(Type::string(), type.value_or(Type::dyn()))};
}

}  // namespace

std::optional<Value> attribute_value(const model::Attribute& attribute, const toml::Node& node,
                                     const ValueContext& context, const std::string& what) {
  const std::optional<Value> value = AttributeReader(attribute, context).read(attribute.type, node);
  if (!value) {
    context.report->error(node.at(), "BAD-VALUE", what + " must be " + wanted_of(attribute));
  }
  return value;
}

std::optional<base::Instant> instant_of(const toml::Node& node, const text::Zone& zone) {
  if (node.is(Toml::kDate)) return zone.first_of(node.date());
  if (node.is(Toml::kInstant)) return node.instant();
  if (!node.is(Toml::kLocalDateTime)) return std::nullopt;
  const toml::LocalDateTime& local = node.local_date_time();
  const std::chrono::hh_mm_ss time(local.time);
  text::CivilTime civil;
  civil.day = local.day;
  civil.hour = static_cast<std::int32_t>(time.hours().count());
  civil.minute = static_cast<std::int32_t>(time.minutes().count());
  civil.second = static_cast<std::int32_t>(time.seconds().count());
  civil.microsecond = static_cast<std::int32_t>(time.subseconds().count());
  return zone.instant(civil);
}

std::optional<Typed> constant_value(const toml::Node& node, const ValueContext& context) {
  switch (node.type()) {
    case Toml::kString:
      if (const std::optional<base::Duration> duration = duration_of(node.string());
          duration && node.string() != "0") {
        return Typed{Value::duration(*duration), Type::duration()};
      }
      return Typed{Value::string(context.arena->copy(node.string())), Type::string()};
    case Toml::kInteger:
      return Typed{Value::integer(node.integer()), Type::integer()};
    case Toml::kFloat:
      return Typed{Value::number(node.number()), Type::number()};
    case Toml::kBoolean:
      return Typed{Value::boolean(node.boolean()), Type::boolean()};
    case Toml::kArray:
      return constant_list(node, context);
    case Toml::kTable:
      return constant_map(node, context);
    case Toml::kDate:
    case Toml::kLocalDateTime:
    case Toml::kInstant:
    case Toml::kLocalTime:
      break;
  }
  if (const std::optional<base::Instant> at = instant_of(node, *context.zone)) {
    return Typed{Value::timestamp(*at), Type::timestamp()};
  }
  context.report->error(node.at(), "BAD-VALUE", "a time of day cannot be a value",
                        R"(write a duration such as "8h30m")");
  return std::nullopt;
}

}  // namespace patuh::rulebook
