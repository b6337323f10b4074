// A pair judged as if some attributes of its element had other values: what smallest_change() tries
// on. Private to engine.
//
// The world that a trial sees is the registry's but for the element's own attributes, and what
// follows from them: derived attributes, the sets of same() and where(), changed_at, previous and
// changes. Relations are left as they are. Nothing is noted and nothing changes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/judge.h"
#include "engine/world.h"
#include "text/text.h"

namespace patuh::engine {

class TrialWorld final : public rulebook::World {
 public:
  // `under` must note nothing. `now` is when the changes would be made.
  TrialWorld(RegistryWorld& under, const registry::Registry& registry, const model::Schema& schema,
             model::ElementRef element, base::Instant now);

  // What is different from now on; must stay where it is.
  void assume(std::span<const expr::Change> changes) { changes_ = changes; }

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
  bool is_own(const expr::Value& object) const { return object.object_index() == element_.value; }
  const expr::Change* find(model::FieldId field) const;
  // Whether the attribute may read otherwise: changed, or computed from one that is.
  bool is_moved(model::FieldId field) const;
  const expr::Program* derived_at_apply(model::FieldId field) const;
  expr::Value absent(model::FieldId field) const;

  RegistryWorld& under_;
  const registry::Registry& registry_;
  const model::Kind& kind_;
  model::ElementRef element_;
  base::Instant now_;
  std::span<const expr::Change> changes_;
};

// What the search for the smallest change asks.
class PairTrial final : public expr::Trial {
 public:
  // All must outlive it. `budget`: cost units that the whole search may take.
  PairTrial(Judge& judge, const rulebook::RuleBook& book, const registry::Registry& registry,
            const PairRef& pair, base::Instant now, std::uint64_t budget, const text::Zone& zone);

  // A value that a sender could give: dates rounded to days, within the schema's limits.
  std::optional<expr::Value> settle(std::uint16_t field, const expr::Value& value) override;
  // Whether the pair would be compliant, now and for an hour to come: people need time to do it.
  bool holds(std::span<const expr::Change> changes) override;
  bool goes_on() const override { return budget_ > 0; }

  // The programs whose attributes are worth a try: those of the rule that bear on it, and those of
  // derived attributes that they read.
  std::vector<const expr::Program*> programs(bool with_when) const;

 private:
  std::optional<expr::Value> allowed(const model::Attribute& attribute, model::AttributeType type,
                                     const expr::Value& value) const;
  std::optional<expr::Value> day(const expr::Value& value, bool last) const;
  std::optional<expr::Value> list(const model::Attribute& attribute,
                                  const expr::Value& value) const;

  Judge& judge_;
  const rulebook::RuleBook& book_;
  const registry::Registry& registry_;
  PairRef pair_;
  const model::Kind& kind_;
  base::Instant now_;
  std::uint64_t budget_;
  TrialWorld world_;
  const text::Zone& zone_;
};

}  // namespace patuh::engine
