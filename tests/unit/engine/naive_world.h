// The registry as rules see it, by looking at every element.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine::naive {

class World final : public rulebook::World {
 public:
  World(const registry::Registry& registry, const model::Schema& schema)
      : registry_(registry), schema_(schema) {}

  expr::Value object(model::ElementRef element) const;

  expr::Value select(expr::Context& context, const expr::Value& object,
                     std::uint16_t field) override;
  bool has(expr::Context& context, const expr::Value& object, std::uint16_t field) override;
  expr::Value select_dynamic(expr::Context& context, const expr::Value& object,
                             std::string_view field) override;
  bool known(expr::Context& context, const expr::Value& object) override;
  expr::Value related(expr::Context& context, const expr::Value& object,
                      model::FieldId relation) override;
  expr::Value referrers(expr::Context& context, const expr::Value& object, model::KindId from,
                        model::FieldId relation) override;
  expr::Value referrers_any(expr::Context& context, const expr::Value& object,
                            std::string_view relation) override;
  expr::Value same(expr::Context& context, const expr::Value& object,
                   model::FieldId attribute) override;
  expr::Value where(expr::Context& context, model::KindId kind, model::FieldId attribute,
                    const expr::Value& value) override;
  expr::Value members(expr::Context& context, const expr::Value& agency,
                      model::KindId kind) override;
  expr::Value lookup(expr::Context& context, model::KindId kind, std::string_view id) override;
  expr::Value changed_at(expr::Context& context, const expr::Value& object) override;

 private:
  std::vector<model::ElementRef> all(model::KindId kind) const;
  std::vector<model::ElementRef> who_refers(const expr::Value& object, model::KindId from,
                                            model::FieldId relation) const;
  bool refers(model::ElementRef from, model::FieldId relation, model::ElementRef to) const;
  expr::Value list(expr::Context& context, const std::vector<model::ElementRef>& elements) const;

  const registry::Registry& registry_;
  const model::Schema& schema_;
};

}  // namespace patuh::engine::naive
