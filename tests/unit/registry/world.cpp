#include "world.h"

#include <algorithm>
#include <array>

namespace patuh::registry::test {
namespace {

std::pair<std::string_view, std::string_view> split(std::string_view text, char at) {
  const std::size_t place = text.find(at);
  return {text.substr(0, place), text.substr(place + 1)};
}

expr::Type type_of(const model::Attribute& attribute) {
  switch (attribute.type) {
    case model::AttributeType::kBool:
      return expr::Type::boolean();
    case model::AttributeType::kInt:
      return expr::Type::integer();
    case model::AttributeType::kString:
      return expr::Type::string();
    default:
      return expr::Type::dyn();
  }
}

// The schema's own fields, as the checker asks for them.
class Types final : public expr::ObjectTypes {
 public:
  explicit Types(const model::Schema& schema) : schema_(schema) {}
  bool has_type(std::string_view object) const override {
    return schema_.kind_of(object).has_value();
  }
  std::optional<Field> field(std::string_view object, std::string_view name) const override {
    Field out;
    out.number = model::kIdField.value;
    if (name == "id") {
      out.type = expr::Type::string();
      return out;
    }
    const model::Kind& kind = schema_.kind(*schema_.kind_of(object));
    const auto number = kind.field_of(name);
    if (!number || kind.fields[number->value].is_relation()) return std::nullopt;
    out.type = type_of(kind.fields[number->value].attribute());
    out.number = number->value;
    out.size_max = 100;
    return out;
  }
  std::vector<std::string_view> field_names(std::string_view) const override { return {}; }

 private:
  const model::Schema& schema_;
};

}  // namespace

SchemaMaker::SchemaMaker() : SchemaMaker({"agency", "app", "service", "deploy", "note"}) {}

SchemaMaker::SchemaMaker(std::vector<std::string> kinds)
    : schema_(std::make_shared<model::Schema>()) {
  schema_->arena = std::make_shared<expr::Arena>();
  for (const std::string& name : kinds) {
    model::Kind& made = schema_->kinds.emplace_back();
    made.id = KindId(static_cast<std::uint16_t>(schema_->kinds.size() - 1));
    made.name = name;
    schema_->by_name.add(name, made.id.value);
  }
}

model::Kind& SchemaMaker::kind(std::string_view name) {
  return schema_->kinds[schema_->kind_of(name)->value];
}

FieldId SchemaMaker::add(std::string_view kind_name, std::string_view name, model::Field field) {
  model::Kind& owner = kind(kind_name);
  const FieldId number(static_cast<std::uint16_t>(owner.fields.size()));
  field.name = name;
  owner.fields.push_back(std::move(field));
  owner.by_name.add(name, number.value);
  return number;
}

FieldId SchemaMaker::attribute(std::string_view kind_name, std::string_view name,
                               model::Attribute attribute) {
  model::Field field;
  field.is = std::move(attribute);
  return add(kind_name, name, std::move(field));
}

FieldId SchemaMaker::relation(std::string_view kind_name, std::string_view name,
                              std::vector<std::string> to, model::Relation relation) {
  for (const std::string& end : to) relation.to.push_back(*schema_->kind_of(end));
  const bool agency = relation.agency;
  model::Field field;
  field.is = std::move(relation);
  const FieldId number = add(kind_name, name, std::move(field));
  if (agency) kind(kind_name).agency_field = number;
  return number;
}

FieldId SchemaMaker::derived(std::string_view kind_name, std::string_view name,
                             std::string_view expression, model::Attribute attribute) {
  attribute.derive = expression;
  return this->attribute(kind_name, name, std::move(attribute));
}

void SchemaMaker::inverse(std::string_view one, std::string_view other) {
  const auto [kind_a, field_a] = split(one, '.');
  const auto [kind_b, field_b] = split(other, '.');
  const FieldId a = *kind(kind_a).field_of(field_a);
  const FieldId b = *kind(kind_b).field_of(field_b);
  std::get<model::Relation>(kind(kind_a).fields[a.value].is).inverse = {kind(kind_b).id, b};
  std::get<model::Relation>(kind(kind_b).fields[b.value].is).inverse = {kind(kind_a).id, a};
}

std::shared_ptr<const model::Schema> SchemaMaker::make() {
  const Types types(*schema_);
  for (model::Kind& each : schema_->kinds) {
    for (model::Field& field : each.fields) {
      auto* const attribute = std::get_if<model::Attribute>(&field.is);
      if (attribute == nullptr || !attribute->is_derived()) continue;
      expr::Environment environment(&types);
      environment.add_variable("self", expr::Type::object(each.name));
      auto program =
          expr::compile(environment, {.text = attribute->derive, .place = {}}, expr::Type::dyn());
      PATUH_ASSERT(program.has_value());
      attribute->program = *program;
    }
  }
  return schema_;
}

Says::Says(const model::Schema& schema, Operation operation, std::string_view source,
           std::int64_t version, std::string_view subject)
    : schema_(schema) {
  const auto [kind, id] = split(subject, '/');
  event_.operation = operation;
  event_.source = source;
  event_.version = version;
  event_.kind = *schema.kind_of(kind);
  event_.element_id = id;
  event_.time = at_second(version);
  event_.arena = std::make_shared<expr::Arena>();
}

FieldId Says::field(std::string_view name) const {
  return *schema_.kind(event_.kind).field_of(name);
}

Says& Says::set(std::string_view name, Value value) {
  event_.fields.push_back({field(name), expr::deep_copy(value, *event_.arena), {}});
  return *this;
}

Says& Says::set(std::string_view name, const char* text) {
  return set(name, std::string_view(text));
}

Says& Says::set(std::string_view name, std::string_view text) {
  return set(name, Value::string(text));
}

Says& Says::null(std::string_view name) {
  event_.fields.push_back({field(name), {}, {}});
  return *this;
}

Says& Says::map(std::string_view name, std::vector<std::pair<std::string, Value>> entries) {
  std::vector<expr::MapEntry> made;
  for (const auto& [key, value] : entries) {
    made.push_back({Value::string(event_.arena->copy(key)), expr::deep_copy(value, *event_.arena)});
  }
  event_.fields.push_back({field(name), expr::make_map(*event_.arena, made), {}});
  return *this;
}

Says& Says::list(std::string_view name, std::vector<std::string> items) {
  std::vector<Value> made;
  for (const std::string& item : items) made.push_back(Value::string(event_.arena->copy(item)));
  event_.fields.push_back({field(name), expr::make_list(*event_.arena, made), {}});
  return *this;
}

Says& Says::end(std::string_view relation, std::vector<std::string> ends) {
  model::FieldChange change;
  change.field = field(relation);
  std::vector<model::NamedElement> named;
  for (const std::string& end : ends) {
    const auto [kind, id] = split(end, '/');
    const bool is_whole = end.find('/') != std::string::npos;
    named.push_back(is_whole ? model::NamedElement{kind, id} : model::NamedElement{{}, end});
  }
  change.ends = model::copy_of(named, *event_.arena);
  event_.fields.push_back(std::move(change));
  return *this;
}

Says& Says::unknown(std::string_view name, std::string_view json) {
  event_.unknown.emplace_back(name, json);
  return *this;
}

Says& Says::id(std::string_view id) {
  event_.id = id;
  return *this;
}

Says& Says::at(std::int64_t seconds) {
  event_.time = at_second(seconds);
  return *this;
}

Says& Says::by_deployment() {
  event_.through_deployment = true;
  return *this;
}

std::string text_of(const Key& key) {
  static constexpr std::array kNames = {"field", "life",      "agency", "changed_at",
                                        "name",  "referrers", "index",  "members"};
  return std::string(kNames[static_cast<std::size_t>(key.of)]) + "(" + std::to_string(key.kind) +
         "," + std::to_string(key.field) + "," + std::to_string(key.what) + ")";
}

std::string text_of(const std::vector<Key>& keys) {
  std::string out;
  for (const Key& key : keys) out += text_of(key) + " ";
  return out;
}

}  // namespace patuh::registry::test
