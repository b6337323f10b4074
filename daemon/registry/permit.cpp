// Who may write or remove what.
#include <algorithm>

#include "registry/change.h"
#include "registry/values.h"

namespace patuh::registry {

using model::ChangeEvent;
using model::FieldChange;
using model::Operation;

bool Change::is_others(const Write& write, SourceNumber source) const {
  return write.by_source() && state_.draft.marks()[write.mark].source != source;
}

bool Change::says_the_same(const Cell& cell, const FieldChange& change) const {
  if (cell.is == Cell::Is::kValue) return identical(cell.value(), change.value);
  if (change.ends.empty()) return false;
  std::vector<ElementRef> named;
  for (const model::NamedElement& name : change.ends) {
    const auto end = known_end(kind_, change.field, name);
    if (!end || !std::ranges::binary_search(cell.ends, *end)) return false;
    if (std::ranges::find(named, *end) == named.end()) named.push_back(*end);
  }
  return named.size() == cell.ends.size();
}

bool Change::refuse(std::string_view member, const Write& write, SourceNumber source) {
  message_ = member;
  message_ += " was written by ";
  message_ += state_.sources.name_of(state_.draft.marks()[write.mark].source);
  message_ += "; ";
  message_ += state_.sources.name_of(source);
  message_ += " has no grant to write it";
  return false;
}

bool Change::may_write(const ChangeEvent& event, SourceNumber source) {
  const Draft& draft = state_.draft;
  const model::Kind& kind = state_.layout.schema->kind(kind_);
  if (draft.marks().size() >= kSourcesPerElementMax && !draft.mark_of(source)) {
    message_ = "more sources write to this element than it can hold";
    return false;
  }
  if (state_.sources.may_overwrite(source, kind.name)) return true;
  const bool whole = event.operation == Operation::kUpsert;
  for (const FieldChange& change : event.fields) {
    const FieldPlan& plan = state_.layout.field(kind_, change.field);
    const Cell& cell = draft[change.field];
    if (plan.derived || !cell.present() || !is_others(cell.write, source)) continue;
    if ((whole && is_empty(plan, change)) || says_the_same(cell, change)) continue;
    return refuse(kind.fields[change.field.value].name, cell.write, source);
  }
  for (const auto& [name, json] : event.unknown) {
    const UnknownCell* const there = draft.find_unknown(name);
    if (there == nullptr || there->cleared() || !is_others(there->write, source)) continue;
    if ((whole && json == "null") || json == there->json) continue;
    return refuse(name, there->write, source);
  }
  return true;
}

bool Change::may_remove(const ChangeEvent& event, SourceNumber source) {
  const Draft& draft = state_.draft;
  const auto mark = draft.mark_of(source);
  if (!mark && draft.marks().size() >= kSourcesPerElementMax) {
    message_ = "more sources write to this element than it can hold";
    return false;
  }
  if (!is_visible(life_) || (mark && draft.marks()[*mark].is(SourceMark::kHolds))) return true;
  if (state_.sources.may_overwrite(source, state_.layout.schema->kind(kind_).name)) return true;
  for (std::uint16_t i = 0; i < draft.marks().size(); ++i) {
    if (draft.marks()[i].is(SourceMark::kHolds)) return refuse(event.element_id, {i}, source);
  }
  for (const Cell& cell : draft.cells()) {
    if (cell.present() && is_others(cell.write, source)) {
      return refuse(event.element_id, cell.write, source);
    }
  }
  for (const UnknownCell& member : draft.unknown()) {
    if (!member.cleared() && is_others(member.write, source)) {
      return refuse(event.element_id, member.write, source);
    }
  }
  return true;
}

}  // namespace patuh::registry
