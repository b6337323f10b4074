#include "engine/world.h"

#include <algorithm>

#include "engine/sets.h"
#include "engine/value_text.h"
#include "marks/marks.h"

namespace patuh::engine {

using expr::Context;
using expr::Value;
using model::ElementRef;
using model::FieldId;
using model::KindId;
using registry::Key;

namespace {

// Derived attributes may read derived attributes of other elements; a circle of elements ends here.
constexpr int kDerivationDepthMax = 16;

KindId kind_of(const Value& object) {
  return KindId{static_cast<std::uint16_t>(object.object_kind())};
}
// Whether a derived attribute cannot be told because the element itself lacks something (or there
// is no such element to ask): then it is absent. What another element lacks stays an error.
bool lacks_own(const Value& value, const Value& object) {
  if (!value.is_error() || value.as_error().code != expr::ErrorCode::kMissing) return false;
  const expr::ErrorRep& error = value.as_error();
  return !error.has_origin || error.origin.object_index == object.object_index();
}

}  // namespace

std::string FactName::text() const {
  std::string text(parts.front());
  for (const std::string_view part : std::span(parts).subspan(1)) {
    if (!part.empty()) text += part;
  }
  return text;
}

// Most names that are the same are the same text.
bool operator==(const FactName& a, const FactName& b) {
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    const std::string_view left = a.parts[i];
    const std::string_view right = b.parts[i];
    if (left.size() != right.size()) return false;
    if (left.data() != right.data() && left != right) return false;
  }
  return true;
}

void FactList::add(ElementRef element, const FactName& name, const Value& value) {
  if (seen_.size() >= most_) return;
  for (const Seen& seen : seen_) {
    if (seen.element == element && seen.name == name) return;
  }
  seen_.push_back({element, name, value});
}

namespace {

std::string name_of(ElementRef element, const registry::Registry& registry) {
  std::string name(registry.schema().kind(registry.kind_of(element)).name);
  return name.append("/").append(registry.id_of(element));
}

}  // namespace

std::vector<model::Fact> FactList::take(ElementRef own, const registry::Registry& registry) {
  std::vector<model::Fact> out;
  out.reserve(seen_.size());
  for (const Seen& seen : seen_) {
    model::Fact& fact = out.emplace_back();
    if (seen.element != own) fact.element = name_of(seen.element, registry);
    fact.field = seen.name.text();
    fact.value = json_of(seen.value, registry);
  }
  clear();
  return out;
}

RegistryWorld::RegistryWorld(const registry::Registry& registry, const model::Schema& schema,
                             SelfReads& self_reads)
    : registry_(registry), schema_(schema), self_(self_reads) {
  for (const model::Kind& kind : schema.kinds) {
    auto& programs = on_read_.emplace_back(kind.fields.size(), nullptr);
    for (std::size_t i = 0; i < kind.fields.size(); ++i) {
      if (kind.fields[i].is_relation()) continue;
      const model::Attribute& attribute = kind.fields[i].attribute();
      if (attribute.derived_on_read) programs[i] = &*attribute.program;
    }
  }
}

void RegistryWorld::begin(const PairRef& pair) {
  begin_unnoted(pair);
  noting_ = true;
}

void RegistryWorld::begin_unnoted(const PairRef& pair) {
  pair_ = pair;
  noting_ = false;
  self_bits_ = 0;
  reads_.clear();
  facts_ = nullptr;
}

std::span<const Key> RegistryWorld::finish() {
  noting_ = false;
  if (reads_.size() > 1) {
    std::ranges::sort(reads_);
    const auto repeated = std::ranges::unique(reads_);
    reads_.erase(repeated.begin(), repeated.end());
  }
  return reads_;
}

void RegistryWorld::note(const Key& key) {
  if (!noting_) return;
  if (SelfReads::is_of(key, pair_.element)) {
    self_bits_ |= self_.bit(pair_.seat, key);
  } else if (reads_.empty() || reads_.back() != key) {
    reads_.push_back(key);
  }
}

// ── Fields ──

Value RegistryWorld::select(Context& context, Value object, std::uint16_t number) {
  const ElementRef element = element_of(object);
  const FieldId field{number};
  if (is_built_in(field)) return registry_.value(element, field);
  const expr::Program* const program = derived_on_read(kind_of(object), field);
  if (program == nullptr) note(registry::field_key(element, field));
  const Value value = program == nullptr ? registry_.value(element, field)
                                         : derive(context, object, field, *program);
  if (facts_ != nullptr) keep(element, {{schema_.field(kind_of(object), field).name}}, value);
  return value;
}

bool RegistryWorld::has(Context& context, const Value& object, std::uint16_t number) {
  const ElementRef element = element_of(object);
  const FieldId field{number};
  if (is_built_in(field)) return true;
  if (const expr::Program* const program = derived_on_read(kind_of(object), field)) {
    const Value value = derive(context, object, field, *program);
    return !value.is_null() && !value.is_error();
  }
  note(registry::field_key(element, field));
  const bool present = registry_.has(element, field);
  if (facts_ != nullptr && !present) {
    keep(element, {{schema_.field(kind_of(object), field).name}}, Value());
  }
  return present;
}

Value RegistryWorld::select_dynamic(Context& context, const Value& object, std::string_view name) {
  if (name == "id") return select(context, object, model::kIdField.value);
  if (name == "kind") return select(context, object, model::kKindField.value);
  const model::Kind& kind = schema_.kind(kind_of(object));
  const auto field = kind.field_of(name);
  if (!field) {
    return context.fail(expr::ErrorCode::kNoSuchField, "error.no_field", {kind.name, name});
  }
  const model::Field& declared = kind.fields[field->value];
  if (declared.is_relation() && declared.relation().many) {
    return context.fail(expr::ErrorCode::kNoSuchOverload, "error.to_many", {name});
  }
  return select(context, object, field->value);
}

bool RegistryWorld::known(Context&, const Value& object) {
  const ElementRef element = element_of(object);
  if (!PATUH_DEFECT("known() not noted")) note(registry::life_key(element));
  const bool is_known = registry_.exists(element) && !registry_.is_stub(element);
  if (facts_ != nullptr) keep(element, {{"known"}}, Value::boolean(is_known));
  return is_known;
}

const expr::Program* RegistryWorld::derived_on_read(KindId kind, FieldId field) const {
  return on_read_[kind.value][field.value];
}

Value RegistryWorld::derive(Context& context, const Value& object, FieldId field,
                            const expr::Program& program) {
  if (depth_ == kDerivationDepthMax) {
    return context.fail(expr::ErrorCode::kLimit, "error.derived_deep");
  }
  // The inner program's steps have no place in the outer one's text, its values are no evidence of
  // their own: the derived value is.
  std::vector<expr::TraceStep>* const trace = std::exchange(context.trace, nullptr);
  FactList* const facts = std::exchange(facts_, nullptr);
  ++depth_;
  const Value value = expr::evaluate(program, std::span(&object, 1), context);
  --depth_;
  facts_ = facts;
  context.trace = trace;
  if (!value.is_null() && !lacks_own(value, object)) return value;
  PATUH_MARK("derived on reading: absent");
  const Value& otherwise = schema_.field(kind_of(object), field).attribute().default_value;
  if (!otherwise.is_null()) return otherwise;
  return Value::null({object.object_kind(), object.object_index(), field.value});
}

// ── Sets ──

Value RegistryWorld::related(Context& context, const Value& object, FieldId relation) {
  const ElementRef element = element_of(object);
  note(registry::field_key(element, relation));
  const Value list = list_of(*context.arena, registry_, registry_.related(element, relation));
  if (facts_ != nullptr) keep(element, {{schema_.field(kind_of(object), relation).name}}, list);
  return list;
}

registry::Refs RegistryWorld::referrers_of(ElementRef element, KindId from, FieldId relation) {
  if (!PATUH_DEFECT("referrers not noted")) note(registry::referrers_key(element, from, relation));
  return registry_.referrers(element, from, relation);
}

Value RegistryWorld::referrers(Context& context, const Value& object, KindId from,
                               FieldId relation) {
  const ElementRef element = element_of(object);
  const Value list = list_of(*context.arena, registry_, referrers_of(element, from, relation));
  if (facts_ != nullptr) {
    const model::Kind& kind = schema_.kind(from);
    keep_size(element, {{"^", kind.name, ".", kind.fields[relation.value].name}}, list);
  }
  return list;
}

Value RegistryWorld::referrers_any(Context& context, const Value& object,
                                   std::string_view relation) {
  const ElementRef element = element_of(object);
  std::vector<registry::Refs> sets;
  for (const FieldOfKind& one : namesakes(relation)) {
    if (may_refer_to(one, kind_of(object))) {
      sets.push_back(referrers_of(element, one.first, one.second));
    }
  }
  const Value list = list_of_all(*context.arena, registry_, sets);
  if (facts_ != nullptr) keep_size(element, {{"^*.", relation}}, list);
  return list;
}

Value RegistryWorld::same(Context& context, const Value& object, FieldId attribute) {
  const ElementRef element = element_of(object);
  const KindId kind = kind_of(object);
  note(registry::field_key(element, attribute));
  const Value value = registry_.value(element, attribute);
  if (value.is_null()) return list_of(*context.arena, registry_, {});
  note(registry::index_key(kind, attribute, value));
  const Value list = list_without(*context.arena, registry_,
                                  registry_.with_value(kind, attribute, value), element);
  if (facts_ != nullptr) {
    const std::string& name = schema_.field(kind, attribute).name;
    keep(element, {{name}}, value);
    keep_size(element, {{"=", name}}, list);
  }
  return list;
}

Value RegistryWorld::where(Context& context, KindId kind, FieldId attribute, const Value& value) {
  if (value.is_null()) return list_of(*context.arena, registry_, {});
  const registry::Refs found = registry_.with_value(kind, attribute, value);
  if (found.empty()) PATUH_MARK("where: nobody has this value");
  if (found.empty() && PATUH_DEFECT("an empty set not noted")) {
    return list_of(*context.arena, registry_, found);
  }
  note(registry::index_key(kind, attribute, value));
  return list_of(*context.arena, registry_, found);
}

Value RegistryWorld::members(Context& context, const Value& agency, KindId kind) {
  const ElementRef element = element_of(agency);
  if (!PATUH_DEFECT("members not noted")) note(registry::members_key(element, kind));
  const Value list = list_of(*context.arena, registry_, registry_.members(element, kind));
  if (facts_ != nullptr) keep_size(element, {{"members ", schema_.kind(kind).name}}, list);
  return list;
}

Value RegistryWorld::lookup(Context&, KindId kind, std::string_view id) {
  const auto found = registry_.find(kind, id);
  if (found == std::nullopt) PATUH_MARK("lookup: nobody has this name");
  if (found == std::nullopt && PATUH_DEFECT("a vain lookup not noted")) return {};
  note(found ? registry::life_key(*found) : registry::name_key(kind, id));
  return found ? object_of(registry_, *found) : Value();
}

Value RegistryWorld::changed_at(Context&, const Value& object) {
  const ElementRef element = element_of(object);
  note(registry::changed_at_key(element));
  const Value value = Value::timestamp(registry_.changed_at(element));
  if (facts_ != nullptr) keep(element, {{"changed_at"}}, value);
  return value;
}

const std::vector<RegistryWorld::FieldOfKind>& RegistryWorld::namesakes(std::string_view relation) {
  for (const Namesakes& known : namesakes_) {
    if (known.name == relation) return known.relations;
  }
  Namesakes found{std::string(relation), {}};
  for (const model::Kind& kind : schema_.kinds) {
    const auto field = kind.field_of(relation);
    if (field && kind.fields[field->value].is_relation()) {
      found.relations.emplace_back(kind.id, *field);
    }
  }
  return namesakes_.emplace_back(std::move(found)).relations;
}

bool RegistryWorld::may_refer_to(const FieldOfKind& relation, KindId kind) const {
  const std::vector<KindId>& to = schema_.field(relation.first, relation.second).relation().to;
  return to.empty() || std::ranges::find(to, kind) != to.end();
}

// ── Evidence ──

void RegistryWorld::keep_size(ElementRef element, const FactName& name, const Value& list) {
  keep(element, name, Value::integer(list.as_list().size));
}

}  // namespace patuh::engine
