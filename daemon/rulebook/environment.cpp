#include "rulebook/environment.h"

#include "rulebook/functions.h"

namespace patuh::rulebook {

expr::Environment make_environment(std::shared_ptr<const SchemaTypes> types,
                                   const expr::ObjectTypes* asked, KindId self_kind,
                                   std::span<const Parameter> parameters, const Each& each) {
  const model::Schema& schema = types->schema();
  expr::Environment environment(asked);
  environment.add_variable("self", expr::Type::object(schema.kind(self_kind).name));
  for (const Parameter& parameter : parameters) {
    environment.add_constant("params." + parameter.name, parameter.value, parameter.type);
  }
  for (const auto& [name, value] : each) {
    environment.add_constant("each." + name, expr::Value::string(value), expr::Type::string());
  }
  const bool known_zone = environment.set_time_zone(schema.time_zone);
  PATUH_ASSERT(known_zone);  // the schema's reader has refused any other
  add_world(environment, std::move(types));
  return environment;
}

expr::Environment environment(const RuleBook& book, KindId self_kind) {
  auto types = std::make_shared<const SchemaTypes>(*book.schema);
  const SchemaTypes* const asked = types.get();
  return make_environment(std::move(types), asked, self_kind, book.parameters, {});
}

}  // namespace patuh::rulebook
