// Another schema under which all that is held stands as it is, in place: fields come, limits move,
// and with them the numbers of fields, but no value goes or reads otherwise.
#include <algorithm>
#include <utility>

#include "marks/marks.h"
#include "registry/impl.h"

namespace patuh::registry {

using model::Attribute;
using model::Field;
using model::Relation;
using model::Roles;
using model::Schema;

namespace {

bool has_same_limits(const Attribute& a, const Attribute& b) {
  return a.values == b.values && a.closed == b.closed && a.size_max == b.size_max &&
         model::same_value(a.min, b.min) && model::same_value(a.max, b.max);
}

// But for its limits and for what is told to people.
bool is_kept_alike(const Attribute& a, const Attribute& b) {
  return a.type == b.type && a.item == b.item && a.indexed == b.indexed && a.derive == b.derive &&
         a.derived_on_read == b.derived_on_read &&
         model::same_value(a.default_value, b.default_value);
}

// Of a field that nobody wrote yet nothing is to be kept.
bool begins_empty(const Field& field) {
  if (field.is_relation()) return !field.relation().inverse && !field.relation().agency;
  const Attribute& attribute = field.attribute();
  if (attribute.is_derived()) return attribute.derived_on_read;
  return !attribute.indexed || attribute.default_value.is_null();
}

}  // namespace

class Recast {
 public:
  Recast(State& state, Layout next) : state_(state), next_(std::move(next)) {}

  // Whether it is such a schema. If not, nothing has changed.
  bool is_possible() {
    const Schema& before = *state_.layout.schema;
    const Schema& after = *next_.schema;
    if (before.kinds.size() != after.kinds.size() || before.time_zone != after.time_zone) {
      return false;
    }
    for (const model::Kind& kind : before.kinds) {
      if (!match(kind, after.kind(kind.id))) return false;
    }
    return std::ranges::all_of(before.kinds,
                               [&](const model::Kind& kind) { return stands(kind); }) &&
           stand(before.roles.agency, after.roles.agency) &&
           stand(before.roles.deployment, after.roles.deployment) && values_fit();
  }

  void run() {
    PATUH_MARK("schema: taken in place");
    const bool moves = std::ranges::find(moves_, true) != moves_.end();
    for (std::uint32_t at = 0; moves && at < state_.store.end(); ++at) renumber(ElementRef(at));
    keep_indexes();
    state_.layout = std::move(next_);
  }

 private:
  // Each field by its name, none gone, in the same order.
  bool match(const model::Kind& before, const model::Kind& after) {
    if (before.name != after.name) return false;
    if (state_.layout.kind(before.id).words != next_.kind(after.id).words) return false;
    std::vector<FieldId> numbers;
    std::uint16_t least = 0;
    bool moves = false;
    for (const Field& field : before.fields) {
      const auto number = after.field_of(field.name);
      if (!number || number->value < least) return false;
      least = static_cast<std::uint16_t>(number->value + 1);
      moves |= number->value != numbers.size();
      numbers.push_back(*number);
    }
    numbers_.push_back(std::move(numbers));
    moves_.push_back(moves);
    return true;
  }

  FieldId number(KindId kind, FieldId field) const { return numbers_[kind.value][field.value]; }
  bool is(KindId kind, const std::optional<FieldId>& before,
          const std::optional<FieldId>& after) const {
    return before ? after && number(kind, *before) == *after : !after;
  }

  bool stands(const model::Kind& before) {
    const model::Kind& after = next_.schema->kind(before.id);
    if (!is(before.id, before.agency_field, after.agency_field)) return false;
    std::vector<bool> is_new(after.fields.size(), true);
    for (std::uint16_t i = 0; i < before.fields.size(); ++i) {
      const FieldId now = number(before.id, FieldId(i));
      is_new[now.value] = false;
      if (!stands(before.id, FieldId(i), before.fields[i], after.fields[now.value])) return false;
    }
    for (std::size_t i = 0; i < is_new.size(); ++i) {
      if (is_new[i] && !begins_empty(after.fields[i])) return false;
    }
    return true;
  }

  bool stands(KindId kind, FieldId field, const Field& before, const Field& after) {
    if (before.is_relation() != after.is_relation()) return false;
    if (before.is_relation()) return stands(before.relation(), after.relation());
    if (!is_kept_alike(before.attribute(), after.attribute())) return false;
    if (!has_same_limits(before.attribute(), after.attribute())) limited_.emplace_back(kind, field);
    return true;
  }

  bool stands(const Relation& before, const Relation& after) const {
    if (before.to != after.to || before.many != after.many || before.agency != after.agency ||
        before.inverse.has_value() != after.inverse.has_value()) {
      return false;
    }
    if (!before.inverse) return true;
    const auto [kind, field] = *before.inverse;
    return *after.inverse == std::pair(kind, number(kind, field));
  }

  bool stand(const std::optional<Roles::Agency>& before,
             const std::optional<Roles::Agency>& after) const {
    if (!before || !after) return before.has_value() == after.has_value();
    return before->kind == after->kind && number(before->kind, before->code) == after->code &&
           is(before->kind, before->whole, after->whole);
  }

  bool stand(const std::optional<Roles::Deployment>& before,
             const std::optional<Roles::Deployment>& after) const {
    if (!before || !after) return before.has_value() == after.has_value();
    return before->kind == after->kind && number(before->kind, before->of) == after->of;
  }

  // Under the new limits.
  bool values_fit() const {
    return std::ranges::all_of(limited_, [this](const auto& field) {
      for (std::uint32_t at = 0; at < state_.store.end(); ++at) {
        const Slot& slot = state_.store.slot(ElementRef(at));
        if (slot.life == Life::kFree || slot.kind != field.first.value) continue;
        const auto value = slot.block->value_of(field.second);
        const FieldId now = number(field.first, field.second);
        const bool fits =
            !value || fits_limits(*value, next_.schema->field(field.first, now).attribute());
        if (!fits) return false;
      }
      return true;
    });
  }

  void renumber(ElementRef element) {
    const Slot& slot = state_.store.slot(element);
    if (slot.life == Life::kFree) return;
    state_.touched.touch(element);
    if (moves_[slot.kind]) Packer::renumber(*slot.block, numbers_[slot.kind]);
    if (slot.sets == nullptr) return;
    for (RefSet& set : slot.sets->all()) {
      const auto [kind, field] = parts_of_label(set.label());
      if (field == kMembersField || !moves_[kind.value]) continue;
      if (PATUH_DEFECT("sets keep the numbers of fields")) continue;
      set.set_label(label_of(kind, number(kind, field)));
    }
  }

  // An index stays where it is; those of new attributes come behind.
  void keep_indexes() {
    for (KindPlan& plan : next_.kinds) {
      for (FieldPlan& field : plan.fields) field.index = kNoIndex;
    }
    for (std::uint16_t kind = 0; kind < numbers_.size(); ++kind) {
      for (std::uint16_t field = 0; field < numbers_[kind].size(); ++field) {
        next_.kinds[kind].fields[numbers_[kind][field].value].index =
            state_.layout.kinds[kind].fields[field].index;
      }
    }
    for (const model::Kind& kind : next_.schema->kinds) {
      for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
        std::uint32_t& index = next_.kinds[kind.id.value].fields[i].index;
        if (index != kNoIndex || !is_indexed(kind.fields[i])) continue;
        index = static_cast<std::uint32_t>(state_.indexes.size());
        state_.indexes.emplace_back(&state_.heap, &state_.pool);
      }
    }
    next_.indexes = static_cast<std::uint32_t>(state_.indexes.size());
  }

  State& state_;
  Layout next_;
  std::vector<std::vector<FieldId>> numbers_;  // by KindId, FieldId as it was
  std::vector<bool> moves_;                    // by KindId: numbers differ
  std::vector<std::pair<KindId, FieldId>> limited_;
};

bool recast(State& state, std::shared_ptr<const Schema> schema) {
  Recast recast(state, Layout(std::move(schema)));
  if (!recast.is_possible()) return false;
  recast.run();
  return true;
}

}  // namespace patuh::registry
