// Another schema: everything is written anew, field by field, under the names it had.
#include <cmath>

#include "marks/marks.h"
#include "registry/change.h"
#include "registry/impl.h"

namespace patuh::registry {

using expr::Kind;
using expr::Value;
using model::Attribute;
using model::AttributeType;

namespace {

bool all_fit(const Value& value, const Attribute& attribute);

bool fits(const Value& value, AttributeType type, const Attribute& attribute) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kText:
      // Of a list or map, `size_max` counts the items: those are kept however many they are.
      return value.kind() == Kind::kString &&
             (type != attribute.type || value.as_string().size() <= attribute.size_max);
    case AttributeType::kBool:
      return value.kind() == Kind::kBool;
    case AttributeType::kInt:
      return value.kind() == Kind::kInt && attribute.is_in_range(value);
    case AttributeType::kNumber:
      return value.kind() == Kind::kDouble && attribute.is_in_range(value);
    case AttributeType::kDate:
    case AttributeType::kDeadline:
    case AttributeType::kTimestamp:
      return value.kind() == Kind::kTimestamp;
    case AttributeType::kEnum:
      return value.kind() == Kind::kString &&
             (!attribute.closed ||
              std::ranges::find(attribute.values, value.as_string()) != attribute.values.end());
    case AttributeType::kList:
    case AttributeType::kMap:
      return all_fit(value, attribute);
    case AttributeType::kAny:
      return true;
  }
  return false;
}

bool all_fit(const Value& value, const Attribute& attribute) {
  if (attribute.type == AttributeType::kList) {
    if (value.kind() != Kind::kList) return false;
    const expr::ListRep& list = value.as_list();
    for (std::uint32_t i = 0; i < list.size; ++i) {
      if (!fits(expr::item(list, i), attribute.item, attribute)) return false;
    }
    return true;
  }
  if (value.kind() != Kind::kMap) return false;
  const expr::MapRep& map = value.as_map();
  for (std::uint32_t i = 0; i < map.size; ++i) {
    if (!fits(map.entries[i].value, attribute.item, attribute)) return false;
  }
  return true;
}

bool is_date(AttributeType type) {
  return type == AttributeType::kDate || type == AttributeType::kDeadline;
}

// The value as the new type has it. A day stays one only under the same type: its instant is the
// day's first under one and its last under the other.
std::optional<Value> converted(Value value, const Attribute& from, const Attribute& to) {
  if (from.type != to.type && (is_date(from.type) || is_date(to.type))) return std::nullopt;
  if (to.type == AttributeType::kNumber && value.kind() == Kind::kInt) {
    value = Value::number(static_cast<double>(value.as_int()));
  }
  if (to.type == AttributeType::kInt && value.kind() == Kind::kDouble) {
    const double number = value.as_double();
    if (std::trunc(number) != number || std::abs(number) > 0x1p53) return std::nullopt;
    value = Value::integer(static_cast<std::int64_t>(number));
  }
  if (!fits(value, to.type, to)) return std::nullopt;
  return value;
}

}  // namespace

bool fits_limits(const Value& value, const Attribute& attribute) {
  return fits(value, attribute.type, attribute);
}

class Migration {
 public:
  Migration(State& from, State& to)
      : from_(from), to_(to), change_(to, base::Instant{}, base::Instant{}) {}

  std::uint64_t run() {
    match_kinds();
    to_.store.make_places(from_.store.end());
    for_each_kept([this](ElementRef element) { place(element); });
    to_.store.free_the_rest();
    for_each_kept([this](ElementRef element) { fill(element); });
    for_each_kept([this](ElementRef element) { restore(element); });
    settle();
    to_.tombstones = from_.tombstones;
    to_.removals = from_.removals;
    to_.probes = from_.probes;
    return dropped_;
  }

 private:
  void match_kinds() {
    for (const model::Kind& kind : from_.layout.schema->kinds) {
      kinds_.push_back(to_.layout.schema->kind_of(kind.name));
    }
  }
  std::optional<KindId> kind_now(ElementRef element) const {
    return kinds_[from_.store.slot(element).kind];
  }
  bool is_kept(ElementRef element) const {
    return from_.store.slot(element).life != Life::kFree && kind_now(element);
  }
  template <class Visit>
  void for_each_kept(const Visit& visit) const {
    for (std::uint32_t at = 0; at < from_.store.end(); ++at) {
      if (is_kept(ElementRef(at))) visit(ElementRef(at));
    }
  }

  void place(ElementRef element) {
    const KindId kind = *kind_now(element);
    const std::string_view id = from_.store.slot(element).block->id();
    to_.store.take(element, kind, id);
    Draft& draft = to_.stub_draft;
    draft.begin(to_.layout.kind(kind));
    Slot& slot = to_.store.slot(element);
    slot.block = to_.packer.pack(draft, to_.layout.kind(kind), id, nullptr);
  }

  // Own facts first, as if its sources had just sent them.
  void fill(ElementRef element) {
    const Slot& old = from_.store.slot(element);
    const model::Kind& kind = from_.layout.schema->kind(KindId(old.kind));
    to_.arena.reset();
    Draft& draft = to_.draft;
    draft.begin(to_.layout.kind(*kind_now(element)));
    draft.marks().assign(old.block->marks().begin(), old.block->marks().end());
    old.block->for_each_cell([&](FieldId field, std::uint32_t cell) {
      if (old.block->write(cell).mark != Write::kDerived) move_cell(element, kind, field, cell);
    });
    for (std::uint32_t i = 0; i < old.block->unknown(); ++i) {
      const UnknownView member = old.block->unknown(i);
      draft.set_unknown(member.name, member.json, member.write);
    }
    change_.rewrite(element, draft, old.life);
  }

  void move_cell(ElementRef element, const model::Kind& kind, FieldId field, std::uint32_t cell) {
    const Block& block = *from_.store.slot(element).block;
    const model::Field& before = kind.fields[field.value];
    const model::Kind& kind_after = to_.layout.schema->kind(*kind_now(element));
    const auto number = kind_after.field_of(before.name);
    const bool cleared = block.is_cleared(cell);
    if (!number || kind_after.fields[number->value].is_relation() != before.is_relation() ||
        to_.layout.field(kind_after.id, *number).derived) {
      dropped_ += cleared ? 0U : 1U;
    } else if (cleared) {
      to_.draft.clear(*number, block.write(cell));
    } else if (before.is_relation()) {
      move_ends(block.ends(cell), kind_after, *number, block.write(cell));
    } else {
      const auto value = converted(block.value(cell), before.attribute(),
                                   kind_after.fields[number->value].attribute());
      dropped_ += value ? 0U : 1U;
      if (!value) PATUH_MARK("schema: a value that no longer fits");
      if (value) to_.draft.set_value(*number, *value, block.write(cell));
    }
  }

  void move_ends(std::span<const ElementRef> ends, const model::Kind& kind, FieldId field,
                 const Write& write) {
    const model::Relation& relation = kind.fields[field.value].relation();
    const auto kept = to_.arena.make_array<ElementRef>(ends.size());
    std::size_t count = 0;
    for (const ElementRef end : ends) {
      const bool fits = is_kept(end) &&
                        (relation.to.empty() ||
                         std::ranges::find(relation.to, *kind_now(end)) != relation.to.end()) &&
                        (relation.many || count == 0);
      dropped_ += fits ? 0U : 1U;
      if (fits) kept[count++] = end;
    }
    if (count > 0) to_.draft.set_ends(field, kept.first(count), write);
  }

  void restore(ElementRef element) {
    const Slot& old = from_.store.slot(element);
    Slot& slot = to_.store.slot(element);
    slot.changed_at = old.changed_at;
    slot.removal = old.removal;
    slot.set(Slot::kMoved, old.is(Slot::kMoved));
    slot.set(Slot::kTombstone, old.is(Slot::kTombstone));
    if (old.is(Slot::kTombstone)) ++to_.tombstone_count;
    if (old.is(Slot::kWholeOwned)) change_.own_by_whole(element, true);
    if (old.fallback != kNobody && is_kept(old.fallback)) {
      change_.adopt(element, old.fallback);
    }
    if (old.life == Life::kRemoved && old.agency != kNobody && is_kept(old.agency)) {
      to_.move_agency(element, old.agency);
    }
  }

  void settle() {
    for_each_kept([this](ElementRef element) { change_.agenda_.push_back(element); });
    change_.settle_all();
    for_each_kept([this](ElementRef element) { to_.loose.push_back(element); });
    change_.let_go();
    change_.tell_agencies();
  }

  State& from_;
  State& to_;
  Change change_;
  std::vector<std::optional<KindId>> kinds_;
  std::uint64_t dropped_ = 0;
};

std::uint64_t migrate(State& from, State& to) { return Migration(from, to).run(); }

}  // namespace patuh::registry
