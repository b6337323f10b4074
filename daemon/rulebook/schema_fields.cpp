// One attribute or relation of a kind.
#include <algorithm>
#include <array>
#include <cmath>

#include "rulebook/names.h"
#include "rulebook/schema_reader.h"

namespace patuh::rulebook {
namespace {

using model::AttributeType;

constexpr auto kTypes = std::to_array<AttributeType>(
    {AttributeType::kString, AttributeType::kText, AttributeType::kBool, AttributeType::kInt,
     AttributeType::kNumber, AttributeType::kDate, AttributeType::kDeadline,
     AttributeType::kTimestamp, AttributeType::kEnum, AttributeType::kList, AttributeType::kMap,
     AttributeType::kAny});

std::array<std::string_view, kTypes.size()> type_names() {
  std::array<std::string_view, kTypes.size()> names;
  std::ranges::transform(kTypes, names.begin(), [](AttributeType type) { return name_of(type); });
  return names;
}

bool holds_items(AttributeType type) {
  return type == AttributeType::kList || type == AttributeType::kMap;
}

bool is_text(AttributeType type) {
  return type == AttributeType::kString || type == AttributeType::kText;
}

bool is_number(AttributeType type) {
  return type == AttributeType::kInt || type == AttributeType::kNumber;
}

class AttributeDecl {
 public:
  AttributeDecl(toml::Fields& fields, const std::string& name, const ValueContext& context)
      : fields_(fields), name_(name), context_(context) {}

  model::Attribute read() {
    read_type();
    read_values();
    if (is_number(attribute_.type)) {
      read_range();
    } else {
      read_size();
    }
    attribute_.telemetry = fields_.boolean("telemetry").value_or(false);
    read_index();
    read_derive();
    read_default();
    return std::move(attribute_);
  }

 private:
  void refuse(std::string_view key, std::string_view code, std::string message,
              std::string hint = "") {
    context_.report->error(fields_.at(key), code, std::move(message), std::move(hint));
  }

  void read_type() {
    const auto names = type_names();
    if (const auto type = fields_.choice("type", names, toml::Need::kRequired)) {
      attribute_.type = kTypes[*type];
    }
    const auto item = fields_.choice("of", names);
    if (!item) return;
    if (!holds_items(attribute_.type)) {
      refuse("of", "ITEM-TYPE", "'of' is for lists and maps, not for " + type_text());
    } else if (holds_items(kTypes[*item])) {
      refuse("of", "ITEM-TYPE", "a " + type_text() + " cannot hold lists or maps",
             "type = \"any\" holds everything");
    } else {
      attribute_.item = kTypes[*item];
    }
  }

  bool is_enumerated() const {
    return attribute_.type == AttributeType::kEnum ||
           (holds_items(attribute_.type) && attribute_.item == AttributeType::kEnum);
  }

  void read_values() {
    const auto values = fields_.strings("values");
    const auto closed = fields_.boolean("closed");
    if (!is_enumerated()) {
      if (values) refuse("values", "ENUM", "'values' is for enumerations, not for " + type_text());
      if (closed) refuse("closed", "ENUM", "'closed' is for enumerations, not for " + type_text());
      return;
    }
    attribute_.closed = closed.value_or(false);
    if (!values || values->empty()) {
      refuse("values", "ENUM", "enumeration " + in_quotes(name_) + " has no values");
      return;
    }
    for (const std::string& value : *values) {
      if (std::ranges::count(*values, value) > 1 &&
          std::ranges::find(attribute_.values, value) != attribute_.values.end()) {
        refuse("values", "DUPLICATE", "value " + in_quotes(value) + " stands twice");
      } else {
        attribute_.values.push_back(value);
      }
    }
  }

  // The least and the greatest number that is taken.
  void read_range() {
    attribute_.size_max = UINT32_MAX;
    attribute_.min = read_bound("min");
    attribute_.max = read_bound("max");
    if (attribute_.min.is_null() || attribute_.max.is_null()) return;
    if (expr::compare(attribute_.min, attribute_.max) <= 0) return;
    refuse("max", "RANGE", "'max' is less than 'min': no number is left");
    attribute_.max = expr::Value();
  }

  expr::Value read_bound(std::string_view key) {
    if (attribute_.type == AttributeType::kInt) {
      const auto bound = fields_.integer(key, {.min = INT64_MIN, .max = INT64_MAX});
      return bound ? expr::Value::integer(*bound) : expr::Value();
    }
    const auto bound = fields_.number(key);
    if (!bound) return {};
    if (std::isfinite(*bound)) return expr::Value::number(*bound);
    refuse(key, "RANGE", in_quotes(key) + " must be a finite number", "leave it out for no bound");
    return {};
  }

  void read_size() {
    if (fields_.any("min") != nullptr) {
      refuse("min", "RANGE", "'min' is for numbers, not for " + type_text());
    }
    const auto size = fields_.integer("max", {.min = 1, .max = 1'000'000});
    const bool texts = is_text(attribute_.type);
    if (!holds_items(attribute_.type)) attribute_.size_max = UINT32_MAX;
    if (!size) return;
    if (!texts && !holds_items(attribute_.type)) {
      refuse("max", "MAX", "'max' is for lists, maps, strings and numbers, not for " + type_text());
      return;
    }
    attribute_.size_max = static_cast<std::uint32_t>(*size);
  }

  void read_index() {
    attribute_.indexed = fields_.boolean("index").value_or(false);
    if (!attribute_.indexed) return;
    if (holds_items(attribute_.type) || attribute_.type == AttributeType::kAny) {
      refuse("index", "INDEX", "an attribute of type " + type_text() + " cannot be indexed",
             "index single values: strings, enumerations, numbers, dates");
    }
  }

  void read_derive() {
    const toml::Node* const derive = fields_.of_type("derive", toml::Node::Type::kString);
    if (derive == nullptr) return;
    attribute_.derive = derive->string();
    attribute_.derive_place = derive->at_offset(0).place();
    if (attribute_.derive.empty()) refuse("derive", "DERIVE", "'derive' is empty");
    for (const std::string_view bound : {"min", "max"}) {
      if (!is_number(attribute_.type) || fields_.any(bound) == nullptr) continue;
      refuse(bound, "DERIVE", "a derived attribute is not sent, so no bound is held to",
             "let the expression yield nothing else");
    }
    if (attribute_.telemetry) {
      refuse("telemetry", "DERIVE", "a derived attribute is not sent, so it is no telemetry");
    }
  }

  void read_default() {
    const toml::Node* const given = fields_.any("default");
    if (given != nullptr && attribute_.is_derived()) {
      refuse("default", "DERIVE", "a derived attribute has no default",
             "let the expression yield it");
      return;
    }
    if (given != nullptr) {
      const auto value =
          attribute_value(attribute_, *given, context_, "the default of " + in_quotes(name_));
      if (value) attribute_.default_value = *value;
    } else if (attribute_.type == AttributeType::kBool && !attribute_.is_derived()) {
      attribute_.default_value = expr::Value::boolean(false);
    }
  }

  std::string type_text() const { return "'" + std::string(name_of(attribute_.type)) + "'"; }

  toml::Fields& fields_;
  const std::string& name_;
  const ValueContext& context_;
  model::Attribute attribute_;
};

class RelationDecl {
 public:
  RelationDecl(toml::Fields& fields, const model::Schema& schema, toml::Report& report)
      : fields_(fields), schema_(schema), report_(report) {}

  model::Relation read() {
    read_ends();
    relation_.many = fields_.boolean("many").value_or(false);
    read_sizes();
    relation_.agency = fields_.boolean("agency").value_or(false);
    if (fields_.boolean("index").value_or(false) && relation_.many) {
      report_.error(fields_.at("index"), "INDEX", "a relation of many ends cannot be indexed",
                    "referrers(…) finds what points at an element");
    }
    fields_.string("inverse");  // resolved when all relations are known
    return std::move(relation_);
  }

 private:
  void read_sizes() {
    constexpr toml::IntegerRange kRange{.min = 1, .max = 100'000};
    relation_.size_max = relation_.many ? 1000 : 1;
    const auto size = fields_.integer("max", kRange);
    if (size && relation_.many) relation_.size_max = static_cast<std::uint32_t>(*size);
    if (size && !relation_.many) {
      report_.error(fields_.at("max"), "MAX", "'max' is for relations with many = true");
    }
    if (const auto referrers = fields_.integer("max_referrers", kRange)) {
      relation_.referrers_max = static_cast<std::uint32_t>(*referrers);
    }
  }

  // to = "kind", to = ["kind", …] or to = "*".
  void read_ends() {
    const toml::Node* const to = fields_.any("to", toml::Need::kRequired);
    if (to == nullptr) return;
    if (to->is(toml::Node::Type::kArray)) {
      for (const toml::Node& item : to->items()) read_end(item);
      if (to->items().empty()) report_.error(to->at(), "UNKNOWN-KIND", "'to' names no kind");
      return;
    }
    if (to->is(toml::Node::Type::kString) && to->string() == "*") return;
    read_end(*to);
  }

  void read_end(const toml::Node& node) {
    if (!node.is(toml::Node::Type::kString)) {
      report_.error(node.at(), "WRONG-TYPE",
                    "'to' must be a kind's name, a list of them, or \"*\"");
      return;
    }
    const auto kind = schema_.kind_of(node.string());
    if (!kind) {
      report_.error(node.at(), "UNKNOWN-KIND", "there is no kind " + in_quotes(node.string()),
                    toml::suggestion(node.string(), kind_names(schema_)));
    } else if (std::ranges::find(relation_.to, *kind) != relation_.to.end()) {
      report_.error(node.at(), "DUPLICATE", "kind " + in_quotes(node.string()) + " stands twice");
    } else {
      relation_.to.push_back(*kind);
    }
  }

  toml::Fields& fields_;
  const model::Schema& schema_;
  toml::Report& report_;
  model::Relation relation_;
};

}  // namespace

model::Text read_text(toml::Fields& fields, std::string_view key, toml::Need need) {
  model::Text text;
  const toml::Node* const node = fields.table(key, need);
  if (node == nullptr) return text;
  toml::Fields languages(*node, fields.report(), in_quotes(key));
  text.id = languages.string("id", toml::Need::kRequired).value_or("");
  text.en = languages.string("en").value_or("");
  languages.finish();
  return text;
}

std::optional<model::Field> read_field(const FieldDecl& decl, const model::Schema& schema,
                                       const ValueContext& context) {
  const toml::Node& node = decl.member->value;
  const std::string& name = decl.member->key;
  const std::string what = (decl.relation ? "relation " : "attribute ") + in_quotes(name);
  if (!node.is(toml::Node::Type::kTable)) {
    context.report->error(node.at(), "WRONG-TYPE", what + " must be a table",
                          decl.relation ? "{ to = \"…\" }" : "{ type = \"…\" }");
    return std::nullopt;
  }
  toml::Fields fields(node, *context.report, what);
  model::Field field;
  field.name = name;
  field.title = read_text(fields, "title");
  if (decl.relation) {
    field.is = RelationDecl(fields, schema, *context.report).read();
  } else {
    field.is = AttributeDecl(fields, name, context).read();
  }
  fields.finish();
  return field;
}

}  // namespace patuh::rulebook
