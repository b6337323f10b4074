// The registry as rules see it, by looking at every element.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine::naive {

// What was asked, as text: "aplikasi/a1.nama", "aplikasi/a1 changed_at", "aplikasi.nama=…".
using ReadFacts = std::set<std::string>;

// What an attribute was, as far as it is known.
struct Past {
  expr::Value present, before;
  std::vector<base::Instant> changes;
};

class World final : public rulebook::World {
 public:
  World(const registry::Registry& registry, const model::Schema& schema)
      : registry_(registry), schema_(schema) {}

  expr::Value object(model::ElementRef element) const;
  // From now on notes what is asked of attributes; null ends it.
  void record(ReadFacts* reads) { reads_ = reads; }
  void remember(const std::map<std::string, Past>* past) { past_ = past; }  // by fact_of()

  expr::Value select(expr::Context& context, expr::Value object, std::uint16_t field) override;
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
  expr::Value reach(expr::Context& context, const expr::Value& object,
                    std::string_view relation) override;
  expr::Value reach_back(expr::Context& context, const expr::Value& object, model::KindId from,
                         model::FieldId relation) override;
  expr::Value same(expr::Context& context, const expr::Value& object,
                   model::FieldId attribute) override;
  expr::Value where(expr::Context& context, model::KindId kind, model::FieldId attribute,
                    const expr::Value& value) override;
  expr::Value members(expr::Context& context, const expr::Value& agency,
                      model::KindId kind) override;
  expr::Value lookup(expr::Context& context, model::KindId kind, std::string_view id) override;
  expr::Value changed_at(expr::Context& context, const expr::Value& object) override;
  expr::Value previous(expr::Context& context, const expr::Value& object,
                       model::FieldId attribute) override;
  expr::Value changes(expr::Context& context, const expr::Value& object, model::FieldId attribute,
                      base::Duration span) override;

 private:
  std::vector<model::ElementRef> all(model::KindId kind) const;
  std::vector<model::ElementRef> who_refers(const expr::Value& object, model::KindId from,
                                            model::FieldId relation) const;
  bool refers(model::ElementRef from, model::FieldId relation, model::ElementRef to) const;
  std::vector<expr::Value> objects(const std::vector<model::ElementRef>& elements) const;
  expr::Value list(expr::Context& context, const std::vector<model::ElementRef>& elements) const;

  void note(model::ElementRef element, model::FieldId field);
  void note_value(model::KindId kind, model::FieldId attribute, const expr::Value& value);

  const registry::Registry& registry_;
  const model::Schema& schema_;
  ReadFacts* reads_ = nullptr;
  const std::map<std::string, Past>* past_ = nullptr;
};

// The names of those facts.
std::string fact_of(const registry::Registry& registry, model::ElementRef element,
                    model::FieldId field);
std::string changed_at_fact(const registry::Registry& registry, model::ElementRef element);
std::string value_fact(const model::Schema& schema, model::KindId kind, model::FieldId attribute,
                       const expr::Value& value);

}  // namespace patuh::engine::naive
