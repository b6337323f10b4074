#include "expr/environment.h"

namespace patuh::expr {

Environment::Environment(const ObjectTypes* types) : impl_(std::make_shared<Impl>()) {
  impl_->types = types;
}

std::size_t Environment::add_variable(std::string name, Type type) {
  impl_->variables.push_back({std::move(name), std::move(type)});
  return impl_->variables.size() - 1;
}

void Environment::add_constant(std::string name, Value value, Type type) {
  PATUH_ASSERT(!value.is_error());
  impl_->constants[std::move(name)] = {deep_copy(value, impl_->values), std::move(type)};
}

void Environment::add_function(Function function) {
  PATUH_ASSERT(function.call != nullptr);
  std::string name = function.name;
  impl_->functions[std::move(name)] = std::move(function);
}

void Environment::set_checking(bool on) { impl_->checks = on; }
void Environment::set_folding(bool on) { impl_->folds = on; }
void Environment::set_container(std::string name) { impl_->container = std::move(name); }

bool Environment::set_time_zone(const std::string& name) {
  const std::optional<Zone> zone = Zone::find(name);
  if (zone) impl_->zone = *zone;
  return zone.has_value();
}

}  // namespace patuh::expr
