// What the random architectures consist of and what happens to them.
#include "property.h"

namespace patuh::registry::test {

using model::AttributeType;

// ── The schema ──

// The same each time, but for what came since.
std::shared_ptr<const model::Schema> Architecture::make_schema() {
  schema_dice_ = Dice(seed_);
  SchemaMaker maker;
  for (std::size_t i = more_.size(); i-- > 0;) {
    maker.attribute(more_[i], "more_" + std::to_string(i), Attr(AttributeType::kInt));
  }
  for (const char* kind : kKinds) add_attributes(maker, kind);
  maker.attribute("agency", "code", Attr().indexed(schema_dice_.chance(50)));
  maker.attribute("agency", "whole", Attr(AttributeType::kBool).otherwise(Value::boolean(false)));
  maker.attribute("note", "heard", Attr(AttributeType::kTimestamp).telemetry());
  add_relations(maker);
  maker.derived("app", "loud", "self.name + '!'", Attr().indexed(schema_dice_.chance(50)));
  maker.derived("app", "louder", "self.loud + self.id");
  naive_.derive["app.loud"] = [](const Naive& naive,
                                 const Naive::Element& app) -> std::optional<Value> {
    const Value name = naive.value(app, "name");
    if (name.is_null()) return std::nullopt;
    return Value::string(naive.arena->copy(std::string(name.as_string()) + "!"));
  };
  naive_.derive["app.louder"] = [](const Naive& naive,
                                   const Naive::Element& app) -> std::optional<Value> {
    const auto loud = naive.held(app, "loud");
    if (!loud) return std::nullopt;
    return Value::string(naive.arena->copy(std::string(loud->as_string()) + app.id));
  };
  add_roles(maker);
  return maker.make();
}

void Architecture::add_attributes(SchemaMaker& maker, const std::string& kind) {
  maker.attribute(kind, "name", Attr().indexed(schema_dice_.chance(50)));
  static constexpr std::array kTypes = {AttributeType::kInt,    AttributeType::kBool,
                                        AttributeType::kEnum,   AttributeType::kNumber,
                                        AttributeType::kMap,    AttributeType::kTimestamp,
                                        AttributeType::kString, AttributeType::kAny};
  for (const AttributeType type : kTypes) {
    if (schema_dice_.chance(50)) continue;
    Attr attribute(type);
    attribute.indexed(schema_dice_.chance(40)).telemetry(schema_dice_.chance(20));
    if (type == AttributeType::kBool) attribute.otherwise(Value::boolean(false));
    if (type == AttributeType::kEnum) attribute.values({"plan", "live"});
    if (type == AttributeType::kEnum && schema_dice_.chance(50)) {
      attribute.otherwise(Value::string("plan"));
    }
    maker.attribute(kind, "x_" + std::string(model::name_of(type)), attribute);
  }
}

void Architecture::add_relations(SchemaMaker& maker) {
  for (const char* kind : {"app", "service", "deploy", "note"}) {
    if (schema_dice_.chance(80)) maker.relation(kind, "agency", {"agency"}, to_agency());
  }
  const bool has_agency = maker.schema().kinds[1].field_of("agency").has_value();
  maker.relation("deploy", "of", {"app"});
  maker.attribute("deploy", "env");
  maker.attribute("deploy", "occurrence");
  maker.attribute("deploy", "at", Attr(AttributeType::kTimestamp));
  maker.relation("note", "about", {}, many());
  maker.relation("app", "next", {"app"});
  maker.relation("app", "services", {"service"}, many());
  maker.relation("service", "apps", {"app"}, many());
  maker.relation("service", "main", {"app"});
  maker.relation("app", "mains", {"service"}, many());
  maker.relation("app", "peers", {"app"}, many());
  maker.relation("app", "up", {"app"});
  maker.relation("app", "down", {"app"}, many());
  maker.relation("agency", "apps", {"app"}, many());
  maker.relation("app", "deploys", {"deploy"}, many());
  if (schema_dice_.chance(60)) maker.inverse("app.services", "service.apps");
  if (schema_dice_.chance(60)) maker.inverse("service.main", "app.mains");
  if (schema_dice_.chance(60)) maker.inverse("app.peers", "app.peers");
  if (schema_dice_.chance(60)) maker.inverse("app.up", "app.down");
  if (has_agency && schema_dice_.chance(40)) maker.inverse("app.agency", "agency.apps");
  if (schema_dice_.chance(40)) maker.inverse("deploy.of", "app.deploys");
}

void Architecture::add_roles(SchemaMaker& maker) {
  model::Schema& schema = maker.schema();
  const model::Kind& agency = schema.kinds[0];
  model::Roles::Agency role;
  role.kind = agency.id;
  role.code = *agency.field_of("code");
  if (schema_dice_.chance(80)) role.whole = agency.field_of("whole");
  schema.roles.agency = role;
  if (schema_dice_.chance(20)) return;
  const model::Kind& deploy = schema.kinds[3];
  model::Roles::Deployment deployment;
  deployment.kind = deploy.id;
  deployment.of = *deploy.field_of("of");
  deployment.environment = *deploy.field_of("env");
  deployment.occurrence = *deploy.field_of("occurrence");
  deployment.at = *deploy.field_of("at");
  if (schema_dice_.chance(70)) {
    deployment.stub_values.emplace_back(*schema.kinds[1].field_of("name"), maker.text("stub"));
  }
  schema.roles.deployment = deployment;
}

// ── Events ──

Value Architecture::random_value(const model::Attribute& attribute, expr::Arena& arena) {
  const auto number = static_cast<std::int64_t>(dice_.below(3));
  switch (attribute.type) {
    case AttributeType::kInt:
      return Value::integer(number);
    case AttributeType::kBool:
      return Value::boolean(number != 0);
    case AttributeType::kEnum:
      return Value::string(number == 0 ? "plan" : "live");
    case AttributeType::kNumber:
      return Value::number(static_cast<double>(number) / 2);
    case AttributeType::kTimestamp:
      return Value::timestamp(1'700'000'000 + number, number == 2 ? 7 : 0);
    case AttributeType::kMap: {
      std::vector<expr::MapEntry> entries;
      for (const char* key : {"k", "l", "m"}) {
        if (dice_.chance(40)) continue;
        const Value inner = dice_.chance(30) ? Value() : Value::integer(number);
        entries.push_back({Value::string(key), inner});
      }
      if (dice_.chance(30)) entries.push_back({Value::string("n"), expr::make_map(arena, entries)});
      return expr::make_map(arena, entries);
    }
    case AttributeType::kAny:
      if (number == 0) return Value::integer(1);
      return number == 1 ? Value::number(1) : Value::string("one");
    default:
      return Value::string(std::array{"", "x", "a longer text than fits"}[dice_.below(3)]);
  }
}

std::string Architecture::random_id(const std::string& kind) {
  return kIds[dice_.below(kind == "agency" ? 3 : kIds.size())];
}

void Architecture::add_member(Says& says, const model::Field& field, bool may_be_null) {
  if (may_be_null && dice_.chance(25)) {
    says.null(field.name);
    return;
  }
  if (!field.is_relation()) {
    expr::Arena arena;
    says.set(field.name, random_value(field.attribute(), arena));
    return;
  }
  std::vector<std::string> ends;
  const std::size_t most = field.relation().many ? 3 : 1;
  const std::size_t count = 1 + dice_.below(most);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& to = field.relation().to;
    const std::string kind =
        to.empty() ? kKinds[dice_.below(kKinds.size())] : schema_->kind(to.front()).name;
    const std::string id = random_id(kind);
    ends.push_back(to.empty() ? kind + "/" + id : id);
  }
  says.end(field.name, ends);
}

ChangeEvent Architecture::random_event() {
  if (!said_.empty() && dice_.chance(40)) return repeated_event();
  ChangeEvent event = fresh_event();
  if (event.operation == Operation::kUpsert) {
    said_[{event.source, std::to_string(event.kind.value) + event.element_id}] = event;
  }
  return event;
}

// What sources send most: what they said before, with a value or none changed.
ChangeEvent Architecture::repeated_event() {
  const auto chosen = static_cast<std::ptrdiff_t>(dice_.below(said_.size()));
  ChangeEvent& event = std::next(said_.begin(), chosen)->second;
  event.version = ++versions_[event.source];
  event.time = at_second(1'700'000'000 + event.version);
  event.id = "e" + std::to_string(++events_);
  if (event.fields.empty() || dice_.chance(20)) return event;
  model::FieldChange& change = event.fields[dice_.below(event.fields.size())];
  const model::Field& field = schema_->field(event.kind, change.field);
  if (!field.is_relation()) change.value = random_value(field.attribute(), *event.arena);
  if (dice_.chance(60)) return event;
  ChangeEvent patch = event;
  patch.operation = Operation::kPatch;
  patch.fields = {change};
  patch.unknown.clear();
  return patch;
}

ChangeEvent Architecture::fresh_event() {
  const std::string kind = kKinds[dice_.below(kKinds.size())];
  const std::string source = random_source();
  std::int64_t& version = versions_[source];
  version += static_cast<std::int64_t>(dice_.below(3));
  const auto behind = static_cast<std::int64_t>(dice_.chance(25) ? dice_.below(6) : 0);
  const std::uint64_t roll = dice_.below(100);
  const Operation operation =
      roll < 45 ? Operation::kUpsert : (roll < 85 ? Operation::kPatch : Operation::kRemove);
  Says says(*schema_, operation, source, version - behind, kind + "/" + random_id(kind));
  says.at(1'700'000'000 + version - behind);
  says.id(dice_.chance(10) ? "again" : "e" + std::to_string(++events_));
  if (operation == Operation::kRemove) return says;
  const std::uint64_t share = operation == Operation::kUpsert ? 45 : 15;
  for (const model::Field& field : schema_->kind(*schema_->kind_of(kind)).fields) {
    const bool derived = !field.is_relation() && field.attribute().is_derived();
    if (dice_.chance(derived ? 5 : share)) add_member(says, field, true);
  }
  for (const char* name : {"extra", "other"}) {
    if (dice_.chance(10)) says.unknown(name, std::array{"1", "[2]", "null"}[dice_.below(3)]);
  }
  if (kind == "deploy" && dice_.chance(60)) says.by_deployment();
  return says;
}

}  // namespace patuh::registry::test
