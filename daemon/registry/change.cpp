// What an event says, and whether it may.
#include "registry/change.h"

#include <algorithm>

#include "marks/marks.h"
#include "registry/values.h"

namespace patuh::registry {

using model::ChangeEvent;
using model::FieldChange;
using model::Operation;

namespace {

void set_flag(SourceMark& mark, std::uint32_t flag, bool on) {
  mark.flags = on ? mark.flags | flag : mark.flags & ~flag;
}

// From `version` on its source has said all of its fields anew.
void said_all(SourceMark& mark, std::int64_t version) {
  mark.version = mark.upserted = version;
  set_flag(mark, SourceMark::kUpserted, true);
}

}  // namespace

Change::Change(State& state, base::Instant at, base::Instant now)
    : state_(state), store_(state.store), at_(at), now_(now) {
  state_.scratch.clear();
}

Applied Change::apply(const ChangeEvent& event, const Registry::Sought& sought) {
  const SourceNumber source = sought.source;
  begin(event.kind, sought.place);
  if (const auto plain = restate(event, source)) return result(*plain);
  load();
  delta_.unknown_attributes = static_cast<std::uint32_t>(event.unknown.size());
  switch (event.operation) {
    case Operation::kUpsert:
      return result(upsert(event, source));
    case Operation::kPatch:
      return result(patch(event, source));
    case Operation::kRemove:
      return result(remove(event, source));
  }
  return result(Outcome::kNoChange);
}

Applied Change::put(const Put& what) {
  PATUH_ASSERT(what.kind.value < state_.layout.kinds.size());
  begin(what.kind, store_.find(what.kind, what.id));
  load();
  const FieldPlan& plan = state_.layout.field(what.kind, what.field);
  PATUH_ASSERT(!plan.relation && !plan.derived);
  const Cell& there = state_.draft[what.field];
  if (is_visible(life_) && there.is == Cell::Is::kValue && there.write.mark == Write::kEngine &&
      identical(there.value(), what.value)) {
    return result(Outcome::kNoChange);
  }
  open(what.kind, what.id);
  if (life_ == Life::kRemoved) revive();
  state_.draft.set_value(what.field, what.value, {Write::kEngine});
  given_agency_ = what.agency.value_or(kNobody);
  commit(life_ == Life::kKnown ? Life::kKnown : Life::kStub, nullptr);
  return result(Outcome::kApplied);
}

Outcome Change::upsert(const ChangeEvent& event, SourceNumber source) {
  Draft& draft = state_.draft;
  const auto known = draft.mark_of(source);
  if (known && event.version <= draft.marks()[*known].version) {
    PATUH_MARK("event: an upsert that comes too late");
    return Outcome::kStale;
  }
  if (!may_write(event, source)) {
    PATUH_MARK("event: an upsert over what another source wrote");
    return Outcome::kNotPermitted;
  }
  open(event.kind, event.element_id);
  if (life_ == Life::kRemoved) revive();
  const std::uint16_t mark = draft.add_mark(source);
  said_all(draft.marks()[mark], event.version);
  set_flag(draft.marks()[mark], SourceMark::kHolds, true);
  bool suppressed = false;
  write_members(event, {mark}, suppressed);
  withdraw(mark);
  withdraw(Write::kStub);
  commit(Life::kKnown, &event);
  return Outcome::kApplied;
}

Outcome Change::patch(const ChangeEvent& event, SourceNumber source) {
  Draft& draft = state_.draft;
  const auto known = draft.mark_of(source);
  if (subject_ != kNobody && store_.slot(subject_).is(Slot::kTombstone)) {
    // Only who removed it may go on speaking of its parts.
    const bool own = known && draft.marks()[*known].is(SourceMark::kRemoved) &&
                     event.version > draft.marks()[*known].version;
    if (!own) {
      PATUH_MARK("event: a patch after the removal");
      return Outcome::kLate;
    }
    PATUH_MARK("event: a patch brings back");
  }
  if (!may_write(event, source)) return Outcome::kNotPermitted;
  open(event.kind, event.element_id);
  if (life_ == Life::kRemoved) revive();
  const std::uint16_t mark = draft.add_mark(source);
  SourceMark& theirs = draft.marks()[mark];
  theirs.version = known ? std::max(theirs.version, event.version) : event.version;
  bool suppressed = false;
  write_members(event, {mark, true, event.version}, suppressed);
  commit(life_ == Life::kKnown ? Life::kKnown : Life::kStub, &event);
  return suppressed ? Outcome::kLate : Outcome::kApplied;
}

Outcome Change::remove(const ChangeEvent& event, SourceNumber source) {
  Draft& draft = state_.draft;
  const auto known = draft.mark_of(source);
  if (known && event.version <= draft.marks()[*known].version) return Outcome::kStale;
  if (!may_remove(event, source)) return Outcome::kNotPermitted;
  const bool visible = is_visible(life_);
  const bool others_hold = std::ranges::any_of(draft.marks(), [&](const SourceMark& mark) {
    return mark.is(SourceMark::kHolds) && mark.source != source;
  });
  const std::string& kind_name = state_.layout.schema->kind(event.kind).name;
  const bool stays = visible && others_hold && !state_.sources.may_overwrite(source, kind_name);
  open(event.kind, event.element_id);
  const std::uint16_t mark = draft.add_mark(source);
  said_all(draft.marks()[mark], event.version);
  set_flag(draft.marks()[mark], SourceMark::kHolds, false);
  if (stays) {
    PATUH_MARK("event: removed by one of its sources");
    withdraw(mark);
    commit(life_, &event);
    return Outcome::kApplied;
  }
  for (SourceMark& each : draft.marks()) set_flag(each, SourceMark::kHolds, false);
  set_flag(draft.marks()[mark], SourceMark::kRemoved, true);
  draft.forget_all();
  commit(Life::kRemoved, &event);
  Slot& slot = store_.slot(subject_);
  state_.tombstone_count += slot.is(Slot::kTombstone) ? 0U : 1U;
  slot.set(Slot::kTombstone, true);
  slot.removal = ++state_.removals;
  state_.tombstones.push_back({now_, subject_, slot.removal});
  if (!visible) PATUH_MARK("event: removes what is not there");
  return visible ? Outcome::kApplied : Outcome::kUnknownRemoved;
}

void Change::begin(KindId kind, std::optional<ElementRef> subject) {
  kind_ = kind;
  if (!subject) return;
  subject_ = *subject;
  life_ = store_.slot(subject_).life;
}

void Change::load() {
  const KindPlan& plan = state_.layout.kind(kind_);
  if (subject_ == kNobody) {
    state_.draft.begin(plan);
  } else {
    state_.draft.load(*store_.slot(subject_).block, plan);
  }
}

void Change::open(KindId kind, std::string_view id) {
  if (subject_ == kNobody) subject_ = create(kind, id);
}

ElementRef Change::create(KindId kind, std::string_view id) {
  const ElementRef made = store_.create(kind, id);
  state_.touched.touch(made);
  const KindPlan& plan = state_.layout.kind(kind);
  state_.stub_draft.begin(plan);
  Slot& slot = store_.slot(made);
  slot.block = state_.packer.pack(state_.stub_draft, plan, id, nullptr);
  slot.set(Slot::kFresh, true);
  slot.changed_at = at_.time_since_epoch().count();
  fresh_.push_back(made);
  return made;
}

// Nobody removed it any longer.
void Change::revive() {
  PATUH_MARK("event: brings a removed element back");
  for (SourceMark& mark : state_.draft.marks()) set_flag(mark, SourceMark::kRemoved, false);
}

// ── Writing ──

// Whether its source wrote this after what arrives late now. What was cleared counts as written.
bool Change::newer_wrote(const Write& theirs, bool present, const Write& write) const {
  const SourceMark& mark = state_.draft.marks()[write.mark];
  if (mark.is(SourceMark::kUpserted) && mark.upserted > write.version) return true;
  if (!theirs.by_source()) return false;
  if (theirs.mark != write.mark) return present;
  return state_.draft.version_of(theirs) > write.version;
}

void Change::write_members(const ChangeEvent& event, const Write& write, bool& suppressed) {
  Draft& draft = state_.draft;
  const SourceNumber source = draft.marks()[write.mark].source;
  const bool whole = event.operation == Operation::kUpsert;
  const bool late = write.by_patch && draft.marks()[write.mark].version > write.version;
  for (const FieldChange& change : event.fields) {
    const FieldPlan& plan = state_.layout.field(kind_, change.field);
    const bool empty = is_empty(plan, change);
    if (plan.derived) ++delta_.unknown_attributes;
    if (plan.derived || (whole && empty)) continue;
    const Cell& cell = draft[change.field];
    if (cell.present() && is_others(cell.write, source) && says_the_same(cell, change)) continue;
    if (late && newer_wrote(cell.write, cell.present(), write)) {
      PATUH_MARK("event: a member that something newer wrote");
      suppressed = true;
    } else if (empty) {
      draft.clear(change.field, write);
    } else if (cell.write == write && stands(cell, change)) {
      draft.say_again(change.field);
    } else if (plan.relation) {
      draft.set_ends(change.field, ends_for(kind_, change), write);
    } else {
      draft.set_value(change.field, patched(change, event.operation), write);
    }
  }
  for (const auto& [name, json] : event.unknown) {
    const UnknownCell* const there = draft.find_unknown(name);
    if (whole && json == "null") continue;
    if (there != nullptr && is_others(there->write, source) && there->json == json) continue;
    if (late && newer_wrote(there == nullptr ? Write{} : there->write,
                            there != nullptr && !there->cleared(), write)) {
      suppressed = true;
    } else {
      draft.set_unknown(name, json, write);
    }
  }
}

// Whether the event says of a cell what it holds. An empty map among the reasons to doubt it: a
// merge may leave out members.
bool Change::stands(const Cell& cell, const FieldChange& change) const {
  if (cell.is == Cell::Is::kEnds) return names_the_same(cell.ends, change);
  return cell.is == Cell::Is::kValue && identical(cell.value(), change.value);
}

// What the writer wrote before and has not said again.
void Change::withdraw(std::uint16_t mark) {
  Draft& draft = state_.draft;
  const std::span<Cell> cells = draft.cells();
  for (std::uint16_t field = 0; field < cells.size(); ++field) {
    const Cell& cell = cells[field];
    if (cell.is != Cell::Is::kAbsent && !cell.touched && cell.write.mark == mark) {
      PATUH_MARK("event: an upsert withdraws");
      draft.forget(FieldId(field));
    }
  }
  std::erase_if(draft.unknown(), [&](const UnknownCell& member) {
    return !member.touched && member.write.mark == mark;
  });
}

expr::Value Change::patched(const FieldChange& change, Operation operation) const {
  const Cell& cell = state_.draft[change.field];
  const bool over = operation == Operation::kPatch && cell.is == Cell::Is::kValue;
  return merged(over ? cell.value() : expr::Value(), change.value, state_.arena);
}

KindId Change::kind_of_end(KindId kind, FieldId field, const model::NamedElement& end) const {
  const model::Schema& schema = *state_.layout.schema;
  const model::Relation& relation = schema.field(kind, field).relation();
  if (end.kind.empty()) {
    PATUH_ASSERT(relation.to.size() == 1);
    return relation.to.front();
  }
  const auto named = schema.kind_of(end.kind);
  PATUH_ASSERT(named && (relation.to.empty() ||
                         std::ranges::find(relation.to, *named) != relation.to.end()));
  return *named;
}

std::optional<ElementRef> Change::known_end(KindId kind, FieldId field,
                                            const model::NamedElement& end) const {
  return store_.find(kind_of_end(kind, field, end), end.id);
}

std::span<const ElementRef> Change::ends_for(KindId kind, const FieldChange& change) {
  const auto ends = state_.arena.make_array<ElementRef>(change.ends.size());
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const model::NamedElement& name = change.ends[i];
    const auto there = known_end(kind, change.field, name);
    ends[i] = there ? *there : create(kind_of_end(kind, change.field, name), name.id);
    if (!there || is_forgotten(*there)) stubs_.push_back(ends[i]);
  }
  std::ranges::sort(ends);
  const auto repeated = std::ranges::unique(ends);
  return ends.first(ends.size() - repeated.size());
}

// Removed, and its tombstone has expired: as good as never heard of.
bool Change::is_forgotten(ElementRef element) const {
  const Slot& slot = store_.slot(element);
  return element != subject_ && slot.life == Life::kRemoved && !slot.is(Slot::kTombstone);
}

// ── The end ──

void Change::commit(Life after, const ChangeEvent* event) {
  const bool moved = rewrite(subject_, state_.draft, after);
  if (moved || after == Life::kRemoved || (after == Life::kKnown && life_ != Life::kKnown)) {
    move_changed_at(subject_);
  }
  adopt(subject_, given_agency_);
  bring_stubs(event);
  agenda_.push_back(subject_);
  settle_all();
  for (const ElementRef stub : revived_) adopt_from_referrers(stub);
  for (const ElementRef lender : lenders_) adopt_ends(lender);
  for (const auto& [relation, end] : gained_) adopt(end, lends(subject_, relation));
  settle_all();
  let_go();
  settle_all();
  tell_agencies();
}

Applied Change::result(Outcome outcome) {
  for (const ElementRef made : fresh_) store_.slot(made).set(Slot::kFresh, false);
  unique_keys(delta_.changed);
  Applied applied;
  applied.outcome = outcome;
  if (outcome == Outcome::kApplied && delta_.changed.empty() && delta_.created.empty() &&
      delta_.removed.empty()) {
    applied.outcome = Outcome::kNoChange;
  }
  if (subject_ != kNobody) applied.element = subject_;
  applied.message = std::move(message_);
  applied.delta = std::move(delta_);
  return applied;
}

}  // namespace patuh::registry
