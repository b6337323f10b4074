// From a snapshot's rows to a registry: each place's own facts, and what follows from them.
#include "registry/impl.h"
#include "registry/loading.h"
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
  Loader(State& state, Loading& loading, base::Decoder& in)
      : state_(state), loading_(loading), in_(in) {}

  bool head(std::uint64_t rows_most) {
    const model::Schema& schema = *state_.layout.schema;
    const std::uint64_t kinds = in_.count();
    for (std::uint64_t i = 0; i < kinds && in_.ok(); ++i) match_kind(schema);
    const auto end = static_cast<std::uint32_t>(in_.number_below(kNobody.value));
    // What says how many they are may be no snapshot's head: memory is taken for what comes.
    if (!in_.ok() || end > rows_most) return false;
    state_.store.make_places(end);
    state_.store.expect_names(end);
    state_.store.set_first_free(load_ref(in_, end));
    state_.removals = static_cast<std::uint32_t>(in_.number_below(UINT32_MAX));
    refs(state_.loose);
    refs(state_.leaving);
    return in_.ok();
  }

  bool place(ElementRef element) {
    const auto life = static_cast<Life>(in_.number_below(4));
    if (!state_.store.is_place(element)) return false;
    Slot& slot = state_.store.slot(element);
    if (slot.life != Life::kFree || slot.block != nullptr) return false;
    if (life == Life::kFree) {
      slot.fallback = load_ref(in_, state_.store.end());
      return in_.ok();
    }
    const std::uint64_t kind = in_.number_below(loading_.names.size());
    const std::string_view id = in_.text();
    if (!in_.ok() || id.empty() || id.size() > model::kElementIdBytesMax) return false;
    state_.store.fill(element, loading_.names[kind].kind, id);
    state_.arena.reset();
    slot_facts(element, slot, life);
    cells(loading_.names[kind]);
    slot.block = state_.packer.pack(state_.draft, state_.plan_of(element), id, nullptr);
    return in_.ok() && loading_.follow.place(element);
  }

 private:
  void match_kind(const model::Schema& schema) {
    const auto kind = schema.kind_of(in_.text());
    const std::uint64_t fields = in_.count();
    if (!kind) return in_.fault();
    SavedNames& names = loading_.names.emplace_back();
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

  void slot_facts(ElementRef element, Slot& slot, Life life) {
    slot.life = life;
    slot.flags = in_.byte() & kSavedFlags;
    slot.changed_at = in_.integer();
    slot.agency = load_ref(in_, state_.store.end());
    slot.fallback = load_ref(in_, state_.store.end());
    if (!slot.is(Slot::kTombstone)) return;
    slot.removal = static_cast<std::uint32_t>(in_.number_below(UINT32_MAX));
    state_.tombstones.push_back({in_.instant(), element, slot.removal});
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
  Loading& loading_;
  base::Decoder& in_;
};

bool Registry::load_head(base::Decoder& in, std::uint64_t rows_most) {
  impl_->loading = std::make_unique<Loading>(*impl_->state);
  return Loader(*impl_->state, *impl_->loading, in).head(rows_most);
}

bool Registry::load(ElementRef place, base::Decoder& in) {
  return Loader(*impl_->state, *impl_->loading, in).place(place);
}

bool Registry::load_source(base::Decoder& in) { return impl_->ground.sources.load(in); }

bool Registry::load_end() {
  const bool is_right = impl_->loading->follow.end();
  impl_->loading.reset();
  impl_->ground.touched.clear();
  return is_right;
}

}  // namespace patuh::registry
