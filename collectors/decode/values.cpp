#include "collectors/decode/values.h"

#include <algorithm>
#include <cmath>

#include "collectors/decode/envelope.h"
#include "text/text.h"

namespace patuh::decode {
namespace {

using expr::Value;
using json::Node;
using model::Attribute;
using model::AttributeType;
using model::Decoded;
using model::FaultReason;

constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53

// The schema's zone, looked up once a thread: the rulebook has checked that it exists.
const text::Zone& zone_of(const model::Schema& schema) {
  thread_local std::string name;
  thread_local std::optional<text::Zone> zone;
  if (!zone || name != schema.time_zone) {
    auto found = text::zone(schema.time_zone);
    PATUH_ASSERT(found.has_value());
    zone = std::move(*found);
    name = schema.time_zone;
  }
  return *zone;
}

// Reads the values of one attribute; knows where it is for its faults.
class Reader {
 public:
  Reader(const model::Field& field, const model::Schema& schema, expr::Arena& arena)
      : field_(field), attribute_(field.attribute()), schema_(schema), arena_(arena) {}

  Decoded<Value> read(const Node& node) {
    if (node.is(json::Of::kNull)) return Value();
    switch (attribute_.type) {
      case AttributeType::kList:
        return list(node);
      case AttributeType::kMap:
        return map(node);
      default:
        return scalar(node, attribute_.type);
    }
  }

 private:
  std::unexpected<model::Fault> wrong(std::string_view expected) const {
    return std::unexpected(
        fault(FaultReason::kWrongType, "\"" + field_.name + "\" must be " + std::string(expected)));
  }

  Decoded<Value> scalar(const Node& node, AttributeType type) {
    switch (type) {
      case AttributeType::kString:
      case AttributeType::kText:
        return string(node);
      case AttributeType::kEnum:
        return enumeration(node);
      case AttributeType::kBool:
        if (!node.is(json::Of::kBool)) return wrong("true or false");
        return Value::boolean(node.boolean());
      case AttributeType::kInt:
        return integer(node);
      case AttributeType::kNumber:
        return number(node);
      case AttributeType::kDate:
      case AttributeType::kDeadline:
        return day(node, type == AttributeType::kDeadline);
      case AttributeType::kTimestamp:
        return timestamp(node);
      case AttributeType::kAny:
        return any(node);
      case AttributeType::kList:
      case AttributeType::kMap:
        return wrong("a list or map of plain values");
    }
    return wrong("of a known type");
  }

  Decoded<Value> string(const Node& node) {
    if (!node.is(json::Of::kString)) return wrong("a string");
    // Of a list or map, `max` counts the items.
    const bool is_item =
        attribute_.type == AttributeType::kList || attribute_.type == AttributeType::kMap;
    if (!is_item) {
      if (auto fault = too_long(node.string(), field_)) return std::unexpected(std::move(*fault));
    }
    return Value::string(arena_.copy(node.string()));
  }

  Decoded<Value> enumeration(const Node& node) {
    if (!node.is(json::Of::kString)) return wrong("a string");
    const bool known =
        std::ranges::find(attribute_.values, node.string()) != attribute_.values.end();
    if (!known && attribute_.closed) return wrong("one of " + choices());
    return Value::string(arena_.copy(node.string()));
  }

  std::string choices() const {
    std::string out;
    for (const std::string& value : attribute_.values) out += (out.empty() ? "" : ", ") + value;
    return out;
  }

  Decoded<Value> integer(const Node& node) {
    if (node.is(json::Of::kInt)) return in_range(Value::integer(node.integer()));
    if (node.is(json::Of::kDouble)) {
      const double number = node.number();
      if (std::trunc(number) == number && std::abs(number) <= kExactIntegerMax) {
        return in_range(Value::integer(static_cast<std::int64_t>(number)));
      }
    }
    return wrong("a whole number of at most 64 bits");
  }

  Decoded<Value> number(const Node& node) {
    switch (node.of()) {
      case json::Of::kInt:
      case json::Of::kUint:
      case json::Of::kDouble:
        return in_range(Value::number(node.number()));
      default:
        return wrong("a number");
    }
  }

  Decoded<Value> in_range(const Value& number) const {
    if (attribute_.is_in_range(number)) return number;
    const bool above = attribute_.min.is_null() || expr::compare(number, attribute_.min) >= 0;
    return std::unexpected(
        fault(FaultReason::kNumberRange,
              "\"" + field_.name + "\" is " + expr::to_text(number) +
                  (above ? "; at most " + expr::to_text(attribute_.max) + " is taken"
                         : "; at least " + expr::to_text(attribute_.min) + " is taken")));
  }

  Decoded<Value> day(const Node& node, bool last) {
    if (node.is(json::Of::kString)) {
      if (const auto date = text::parse_day(node.string())) {
        const text::Zone& zone = zone_of(schema_);
        return Value::timestamp(last ? zone.last_of(*date) : zone.first_of(*date));
      }
    }
    return wrong("a date such as 2026-01-31");
  }

  Decoded<Value> timestamp(const Node& node) {
    if (node.is(json::Of::kString)) {
      if (const auto instant = base::from_rfc3339(node.string())) return Value::timestamp(*instant);
    }
    return wrong("a time such as 2026-01-31T08:00:00Z");
  }

  Decoded<Value> list(const Node& node) {
    if (!node.is(json::Of::kArray)) return wrong("a list");
    std::vector<Value> items;
    items.reserve(node.items().size());
    for (const Node& item : node.items()) {
      if (item.is(json::Of::kNull)) return wrong("a list without null");
      auto value = scalar(item, attribute_.item);
      if (!value) return value;
      items.push_back(*value);
    }
    return expr::make_list(arena_, items);
  }

  Decoded<Value> map(const Node& node) {
    if (!node.is(json::Of::kObject)) return wrong("an object");
    std::vector<expr::MapEntry> entries;
    entries.reserve(node.members().size());
    for (const json::Member& member : node.members()) {
      if (member.value.is(json::Of::kNull)) continue;
      auto value = scalar(member.value, attribute_.item);
      if (!value) return value;
      entries.push_back({Value::string(arena_.copy(member.key)), *value});
    }
    return expr::make_map(arena_, entries);
  }

  // Undeclared shape: numbers are doubles, integers that a double cannot hold are refused.
  Decoded<Value> any(const Node& node) {
    switch (node.of()) {
      case json::Of::kNull:
        return Value();
      case json::Of::kBool:
        return Value::boolean(node.boolean());
      case json::Of::kInt:
      case json::Of::kUint:
        if (node.is(json::Of::kUint) || !is_exact_as_double(node.integer())) {
          return std::unexpected(fault(FaultReason::kNumberRange,
                                       "\"" + field_.name + "\" holds an integer beyond 2^53"));
        }
        return Value::number(node.number());
      case json::Of::kDouble:
        return Value::number(node.number());
      case json::Of::kString:
        return Value::string(arena_.copy(node.string()));
      case json::Of::kArray:
        return any_list(node);
      case json::Of::kObject:
        return any_map(node);
    }
    return Value();
  }

  Decoded<Value> any_list(const Node& node) {
    std::vector<Value> items;
    for (const Node& item : node.items()) {
      auto value = any(item);
      if (!value) return value;
      items.push_back(*value);
    }
    return expr::make_list(arena_, items);
  }

  Decoded<Value> any_map(const Node& node) {
    std::vector<expr::MapEntry> entries;
    for (const json::Member& member : node.members()) {
      auto value = any(member.value);
      if (!value) return value;
      entries.push_back({Value::string(arena_.copy(member.key)), *value});
    }
    return expr::make_map(arena_, entries);
  }

  const model::Field& field_;
  const Attribute& attribute_;
  const model::Schema& schema_;
  expr::Arena& arena_;
};

}  // namespace

std::optional<model::Fault> too_long(std::string_view text, const model::Field& field) {
  const std::uint32_t most = field.attribute().size_max;
  if (text.size() <= most) return std::nullopt;
  return fault(FaultReason::kTooLong, "\"" + field.name + "\" has " + std::to_string(text.size()) +
                                          " bytes; at most " + std::to_string(most) + " are taken");
}

model::Decoded<Value> value_of(const Node& node, const model::Field& field,
                               const model::Schema& schema, expr::Arena& arena) {
  return Reader(field, schema, arena).read(node);
}

}  // namespace patuh::decode
