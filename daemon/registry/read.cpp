// The reading half of the public door.
#include "registry/impl.h"
#include "registry/values.h"

namespace patuh::registry {

using expr::Value;

namespace {

// Places that were given back have no block; those beyond the end were never given.
const Slot* slot_of(const State& state, ElementRef element) {
  if (!state.store.is_place(element)) return nullptr;
  const Slot& slot = state.store.slot(element);
  return slot.life == Life::kFree ? nullptr : &slot;
}

Value missing(const Slot& slot, ElementRef element, FieldId field) {
  return Value::null({slot.kind, element.value, field.value});
}

}  // namespace

const model::Schema& Registry::schema() const { return *impl_->state->layout.schema; }

std::optional<ElementRef> Registry::find(KindId kind, std::string_view id) const {
  const State& state = *impl_->state;
  ++state.probes;
  const auto found = state.store.find(kind, id);
  if (!found || !state.store.is_visible(*found)) return std::nullopt;
  return found;
}

void Registry::expect(ElementRef element) const {
  __builtin_prefetch(&impl_->state->store.slot(element));
}

void Registry::expect_facts(ElementRef element) const {
  const Block* const block = impl_->state->store.slot(element).block;
  if (block != nullptr) block->prefetch();
}

KindId Registry::kind_of(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  return slot == nullptr ? KindId{} : KindId(slot->kind);
}

std::string_view Registry::id_of(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  return slot == nullptr ? std::string_view() : slot->block->id();
}

model::ElementKey Registry::key_of(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  if (slot == nullptr) return {};
  return {schema().kind(KindId(slot->kind)).name, std::string(slot->block->id())};
}

bool Registry::exists(ElementRef element) const { return impl_->state->store.is_visible(element); }

bool Registry::is_stub(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  return slot != nullptr && slot->life == Life::kStub;
}

std::optional<ElementRef> Registry::agency_of(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  if (slot == nullptr || slot->agency == kNobody) return std::nullopt;
  return slot->agency;
}

std::string_view Registry::agency_code(ElementRef element) const {
  const auto agency = agency_of(element);
  if (!agency) return {};
  const State& state = *impl_->state;
  const auto& role = schema().roles.agency;
  const Slot& slot = state.store.slot(*agency);
  if (role && role->kind.value == slot.kind) {
    const auto code = slot.block->value_of(role->code);
    if (code && code->kind() == expr::Kind::kString && !code->as_string().empty()) {
      return code->as_string();
    }
  }
  return slot.block->id();
}

base::Instant Registry::changed_at(ElementRef element) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  return slot == nullptr ? base::Instant{} : base::Instant(base::Duration(slot->changed_at));
}

Value Registry::value(ElementRef element, FieldId field) const {
  const State& state = *impl_->state;
  const Slot* const slot = slot_of(state, element);
  if (slot == nullptr) return {};
  if (field == model::kIdField) return Value::string(slot->block->id());
  if (field == model::kKindField) return Value::string(schema().kind(KindId(slot->kind)).name);
  const FieldPlan& plan = state.layout.field(KindId(slot->kind), field);
  if (plan.relation) {
    PATUH_ASSERT(!plan.many);
    ++state.probes;
    const ElementRef end = state.end_of(element, field);
    if (end == kNobody) return missing(*slot, element, field);
    return Value::object(state.store.slot(end).kind, end.value);
  }
  const Value value = State::effective(plan, slot->block->value_of(field));
  return value.is_null() ? missing(*slot, element, field) : value;
}

bool Registry::has(ElementRef element, FieldId field) const {
  const State& state = *impl_->state;
  const Slot* const slot = slot_of(state, element);
  if (slot == nullptr) return false;
  if (field == model::kIdField || field == model::kKindField) return true;
  if (state.layout.field(KindId(slot->kind), field).relation) {
    return !state.related(element, field).empty();
  }
  return slot->block->value_of(field).has_value();
}

Refs Registry::related(ElementRef element, FieldId relation) const {
  const State& state = *impl_->state;
  ++state.probes;
  if (slot_of(state, element) == nullptr) return {};
  PATUH_ASSERT(state.plan_of(element).fields[relation.value].relation);
  return state.related(element, relation);
}

Refs Registry::referrers(ElementRef element, KindId from, FieldId relation) const {
  const State& state = *impl_->state;
  ++state.probes;
  if (slot_of(state, element) == nullptr) return {};
  return state.referrers(element, from, relation);
}

Refs Registry::with_value(KindId kind, FieldId attribute, const Value& value) const {
  const State& state = *impl_->state;
  const FieldPlan& plan = state.layout.field(kind, attribute);
  if (plan.relation) {
    if (value.kind() != expr::Kind::kObject) return {};
    return referrers(ElementRef(value.object_index()), kind, attribute);
  }
  PATUH_ASSERT(plan.index != kNoIndex);
  ++state.probes;
  const IndexKey key = index_key_of(value);
  if (key.tag == IndexKey::Tag::kNone) return {};
  return state.indexes[plan.index].find(key);
}

Refs Registry::members(ElementRef agency, KindId kind) const {
  const State& state = *impl_->state;
  ++state.probes;
  if (slot_of(state, agency) == nullptr) return {};
  return state.store.set_of(agency, label_of(kind, kMembersField));
}

void Registry::for_each(std::optional<KindId> kind,
                        const std::function<void(ElementRef)>& visit) const {
  const Store& store = impl_->state->store;
  for (std::uint32_t at = 0; at < store.end(); ++at) {
    const Slot& slot = store.slot(ElementRef(at));
    if (is_visible(slot.life) && (!kind || kind->value == slot.kind)) visit(ElementRef(at));
  }
}

std::vector<std::pair<std::string, std::string>> Registry::unknown_of(ElementRef element) const {
  std::vector<std::pair<std::string, std::string>> members;
  const Slot* const slot = slot_of(*impl_->state, element);
  if (slot == nullptr) return members;
  for (std::uint32_t i = 0; i < slot->block->unknown(); ++i) {
    const UnknownView member = slot->block->unknown(i);
    if (member.json != "null") members.emplace_back(member.name, member.json);
  }
  return members;
}

std::string_view Registry::writer_of(ElementRef element, FieldId field) const {
  const Slot* const slot = slot_of(*impl_->state, element);
  if (slot == nullptr) return {};
  const std::uint32_t cell = slot->block->cell_of(field);
  if (cell == Block::kNoCell || slot->block->is_cleared(cell)) return {};
  const Write write = slot->block->write(cell);
  if (!write.by_source()) return {};
  return impl_->ground.sources.name_of(slot->block->marks()[write.mark].source);
}

Registry::Known Registry::known() const {
  return {.elements = impl_->state->known_count, .stubs = impl_->state->stub_count};
}

Stats Registry::stats() const {
  const State& state = *impl_->state;
  Stats stats;
  stats.elements = state.known_count;
  stats.stubs = state.stub_count;
  stats.tombstones = state.tombstone_count;
  stats.edges = state.edges;
  stats.index_entries = state.index_entries;
  stats.sources = state.sources.size();
  stats.window_ids = state.sources.window_ids();
  stats.bytes = state.heap.bytes() + state.store.bytes() + state.sources.bytes() +
                state.tombstones.size() * sizeof(Tombstone);
  stats.probes = state.probes;
  return stats;
}

}  // namespace patuh::registry
