// From a snapshot's rows to a registry: each place's own facts as they come, and at the end what
// follows from them (relations' other ends, indexes, members, who owns what).
#include <algorithm>

#include "registry/impl.h"
#include "registry/saved.h"

namespace patuh::registry {

using expr::Value;

namespace {

Value load_value(base::Decoder& in, SavedValue of, expr::Arena& arena, int depth);

Value load_nested(base::Decoder& in, expr::Arena& arena, int depth) {
  return load_value(in, static_cast<SavedValue>(in.byte()), arena, depth + 1);
}

Value load_list(base::Decoder& in, expr::Arena& arena, int depth) {
  const std::span<Value> items = arena.make_array<Value>(in.count());
  for (Value& item : items) item = load_nested(in, arena, depth);
  return expr::make_list(arena, items);
}

Value load_map(base::Decoder& in, expr::Arena& arena, int depth) {
  const std::span<expr::MapEntry> entries = arena.make_array<expr::MapEntry>(in.count());
  for (expr::MapEntry& entry : entries) {
    entry.key = load_nested(in, arena, depth);
    entry.value = load_nested(in, arena, depth);
  }
  return expr::make_map(arena, entries);
}

Value load_span(base::Decoder& in, bool timestamp) {
  const std::int64_t seconds = in.integer();
  const auto nanos = static_cast<std::uint32_t>(in.number_below(1'000'000'000));
  return timestamp ? Value::timestamp(seconds, nanos) : Value::duration(seconds, nanos);
}

Value load_value(base::Decoder& in, SavedValue of, expr::Arena& arena, int depth) {
  switch (of) {
    case SavedValue::kCleared:
      return {};
    case SavedValue::kFalse:
    case SavedValue::kTrue:
      return Value::boolean(of == SavedValue::kTrue);
    case SavedValue::kInt:
      return Value::integer(in.integer());
    case SavedValue::kUint:
      return Value::unsigned_integer(in.number());
    case SavedValue::kDouble:
      return Value::number(std::bit_cast<double>(in.fixed()));
    case SavedValue::kString:
      return Value::string(in.text());
    case SavedValue::kBytes:
      return Value::bytes(in.text());
    case SavedValue::kTimestamp:
    case SavedValue::kDuration:
      return load_span(in, of == SavedValue::kTimestamp);
    case SavedValue::kList:
      if (depth < kSavedDepthMax) return load_list(in, arena, depth);
      break;
    case SavedValue::kMap:
      if (depth < kSavedDepthMax) return load_map(in, arena, depth);
      break;
    default:
      break;
  }
  in.fault();
  return {};
}

Write load_write(base::Decoder& in, std::size_t marks) {
  switch (static_cast<SavedWrite>(in.byte())) {
    case SavedWrite::kEngine:
      return {Write::kEngine};
    case SavedWrite::kStub:
      return {Write::kStub};
    case SavedWrite::kDerived:
      return {Write::kDerived};
    case SavedWrite::kUpsert:
      return {static_cast<std::uint16_t>(in.number_below(marks))};
    case SavedWrite::kPatch: {
      const auto mark = static_cast<std::uint16_t>(in.number_below(marks));
      return {mark, true, in.integer()};
    }
  }
  in.fault();
  return {};
}

ElementRef load_ref(base::Decoder& in, std::uint32_t end) {
  const std::uint64_t and_one = in.number_below(std::uint64_t{end} + 1);
  return and_one == 0 ? kNobody : ElementRef(static_cast<std::uint32_t>(and_one - 1));
}

}  // namespace

class Loader {
 public:
  Loader(State& state, base::Decoder& in) : state_(state), in_(in) {}

  bool head() {
    const model::Schema& schema = *state_.layout.schema;
    const std::uint64_t kinds = in_.count();
    for (std::uint64_t i = 0; i < kinds && in_.ok(); ++i) match_kind(schema);
    const auto end = static_cast<std::uint32_t>(in_.number_below(kNobody.value));
    if (!in_.ok()) return false;
    state_.store.expect_places(end);
    state_.store.set_first_free(load_ref(in_, end));
    state_.removals = static_cast<std::uint32_t>(in_.number_below(UINT32_MAX));
    refs(state_.loose);
    refs(state_.leaving);
    return in_.ok();
  }

  bool place(ElementRef element) {
    const auto life = static_cast<Life>(in_.number_below(4));
    if (!state_.store.is_place(element)) return false;
    Slot& slot = state_.store.make_slot(element);
    if (slot.life != Life::kFree || slot.block != nullptr) return false;
    if (life == Life::kFree) {
      slot.fallback = load_ref(in_, state_.store.end());
      return in_.ok();
    }
    const std::uint64_t kind = in_.number_below(state_.names_saved.size());
    const std::string_view id = in_.text();
    if (!in_.ok() || id.empty() || id.size() > model::kElementIdBytesMax) return false;
    state_.store.take_unnamed(element, state_.names_saved[kind].kind, id);
    state_.arena.reset();
    slot_facts(slot, life);
    cells(state_.names_saved[kind]);
    slot.block = state_.packer.pack(state_.draft, state_.plan_of(element), id, nullptr);
    return in_.ok();
  }

 private:
  void match_kind(const model::Schema& schema) {
    const auto kind = schema.kind_of(in_.text());
    const std::uint64_t fields = in_.count();
    if (!kind) return in_.fault();
    SavedNames& names = state_.names_saved.emplace_back();
    names.kind = *kind;
    for (std::uint64_t i = 0; i < fields; ++i) {
      const auto field = schema.kind(*kind).field_of(in_.text());
      if (!field) return in_.fault();
      names.fields.push_back(*field);
    }
  }

  void refs(std::vector<ElementRef>& into) {
    const std::uint64_t count = in_.count();
    for (std::uint64_t i = 0; i < count; ++i) {
      into.emplace_back(static_cast<std::uint32_t>(in_.number_below(state_.store.end())));
    }
  }

  void slot_facts(Slot& slot, Life life) {
    slot.life = life;
    slot.flags = in_.byte() & kSavedFlags;
    slot.changed_at = in_.integer();
    slot.agency = load_ref(in_, state_.store.end());
    slot.fallback = load_ref(in_, state_.store.end());
    if (!slot.is(Slot::kTombstone)) return;
    slot.removal = static_cast<std::uint32_t>(in_.number_below(UINT32_MAX));
    state_.tombstones.push_back({in_.instant(), ElementRef(), slot.removal});
  }

  void cells(const SavedNames& names) {
    Draft& draft = state_.draft;
    const KindPlan& plan = state_.layout.kind(names.kind);
    draft.begin(plan);
    marks(draft);
    for (std::uint64_t count = in_.count(); count > 0 && in_.ok(); --count) {
      const FieldId field =
          names.fields.empty() ? FieldId(0) : names.fields[in_.number_below(names.fields.size())];
      if (names.fields.empty()) return in_.fault();
      cell(draft[field], plan.fields[field.value]);
    }
    for (std::uint64_t count = in_.count(); count > 0 && in_.ok(); --count) {
      const std::string_view name = in_.text();
      const Write write = load_write(in_, draft.marks().size());
      draft.set_unknown(name, in_.text(), write);
    }
  }

  void marks(Draft& draft) {
    for (std::uint64_t count = in_.count(); count > 0 && in_.ok(); --count) {
      SourceMark mark;
      mark.source = static_cast<SourceNumber>(in_.number_below(UINT32_MAX));
      mark.flags = in_.byte();
      mark.version = in_.integer();
      if (mark.is(SourceMark::kUpserted)) mark.upserted = in_.integer();
      draft.marks().push_back(mark);
    }
  }

  void cell(Cell& cell, const FieldPlan& plan) {
    cell.write = load_write(in_, state_.draft.marks().size());
    const auto of = static_cast<SavedValue>(in_.byte());
    if (of == SavedValue::kCleared) {
      cell.is = Cell::Is::kCleared;
    } else if (plan.relation != (of == SavedValue::kEnds)) {
      in_.fault();
    } else if (plan.relation) {
      const std::span<ElementRef> ends = state_.arena.make_array<ElementRef>(in_.count());
      for (ElementRef& end : ends) {
        end = ElementRef(static_cast<std::uint32_t>(in_.number_below(state_.store.end())));
      }
      cell.is = ends.empty() ? Cell::Is::kAbsent : Cell::Is::kEnds;
      cell.ends = ends;
    } else {
      cell.is = Cell::Is::kValue;
      cell.plain = load_value(in_, of, state_.arena, 0);
    }
  }

  State& state_;
  base::Decoder& in_;
};

// What the rows do not say because it follows from them.
class Follow {
 public:
  explicit Follow(State& state) : state_(state), store_(state.store) {}

  bool run() {
    store_.name_all();
    std::ranges::sort(state_.tombstones, {}, &Tombstone::removal);
    for (std::uint32_t at = 0; at < store_.end(); ++at) {
      if (store_.slot(ElementRef(at)).life != Life::kFree && !place(ElementRef(at))) return false;
    }
    return true;
  }

 private:
  bool place(ElementRef element) {
    const Slot& slot = store_.slot(element);
    if (slot.block == nullptr || !names_places(slot)) return false;
    if (slot.life == Life::kKnown) ++state_.known_count;
    if (slot.life == Life::kStub) ++state_.stub_count;
    if (slot.is(Slot::kTombstone)) tombstone(element, slot);
    if (slot.is(Slot::kWholeOwned)) state_.whole_owned.insert(element, state_.heap);
    if (slot.is(Slot::kBereft)) state_.bereft.insert(element, state_.heap);
    if (slot.agency != kNobody && slot.agency != element) ++store_.slot(slot.agency).pins;
    if (slot.fallback != kNobody) ++store_.slot(slot.fallback).fallbacks;
    if (slot.is(Slot::kMember)) {
      store_.insert(slot.agency, label_of(KindId(slot.kind), kMembersField), element);
    }
    return fields(element, slot);
  }

  // Those it refers to are there.
  bool names_places(const Slot& slot) const {
    const auto is_there = [&](ElementRef other) {
      return other == kNobody || store_.slot(other).life != Life::kFree;
    };
    return is_there(slot.agency) && is_there(slot.fallback) &&
           (!slot.is(Slot::kMember) || slot.agency != kNobody);
  }

  void tombstone(ElementRef element, const Slot& slot) {
    ++state_.tombstone_count;
    const auto at =
        std::ranges::lower_bound(state_.tombstones, slot.removal, {}, &Tombstone::removal);
    at->element = element;
  }

  bool fields(ElementRef element, const Slot& slot) {
    const KindPlan& plan = state_.plan_of(element);
    const bool visible = is_visible(slot.life);
    for (std::uint16_t number = 0; number < plan.fields.size(); ++number) {
      const FieldPlan& field = plan.fields[number];
      if (field.relation) {
        for (const ElementRef end : slot.block->ends_of(FieldId(number))) {
          if (store_.slot(end).life == Life::kFree) return false;
          edge(element, FieldId(number), end);
        }
      } else if (visible && field.index != kNoIndex) {
        index(element, FieldId(number), field);
      }
    }
    if (visible) whole(element, plan);
    return true;
  }

  void edge(ElementRef from, FieldId field, ElementRef to) {
    const KindId kind = state_.kind_of(from);
    const auto& inverse = state_.layout.field(kind, field).inverse;
    if (!inverse) {
      if (store_.insert(to, label_of(kind, field), from)) ++state_.edges;
      return;
    }
    // Either end may have said it already.
    if (!store_.insert(from, label_of(kind, field), to)) return;
    store_.insert(to, label_of(inverse->first, inverse->second), from);
    ++state_.edges;
  }

  void index(ElementRef element, FieldId field, const FieldPlan& plan) {
    const auto held = store_.slot(element).block->value_of(field);
    const IndexKey key = index_key_of(State::effective(plan, held));
    if (key.tag == IndexKey::Tag::kNone) return;
    state_.indexes[plan.index].insert(key, element);
    ++state_.index_entries;
  }

  void whole(ElementRef element, const KindPlan& plan) {
    const auto& role = state_.layout.schema->roles.agency;
    if (!role || !role->whole || !plan.is_agency) return;
    const auto held = store_.slot(element).block->value_of(*role->whole);
    if (State::effective(plan.fields[role->whole->value], held).is_true()) {
      state_.wholes.insert(element, state_.heap);
    }
  }

  State& state_;
  Store& store_;
};

bool Registry::load_head(base::Decoder& in) { return Loader(*impl_->state, in).head(); }

bool Registry::load(ElementRef place, base::Decoder& in) {
  return Loader(*impl_->state, in).place(place);
}

bool Registry::load_source(base::Decoder& in) { return impl_->ground.sources.load(in); }

bool Registry::load_end() {
  impl_->state->names_saved = {};
  if (!impl_->state->store.are_places_made() || !Follow(*impl_->state).run()) return false;
  impl_->ground.touched.clear();
  return true;
}

}  // namespace patuh::registry
