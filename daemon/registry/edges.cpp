// Relations: what an element names, and what follows for the elements at the other end.
#include <algorithm>

#include "marks/marks.h"
#include "registry/change.h"

namespace patuh::registry {
namespace {

bool has_end(const Block& block, FieldId relation, ElementRef end) {
  return std::ranges::binary_search(block.ends_of(relation), end);
}

}  // namespace

// True when what can be read of the relation changed.
bool Change::diff_relation(ElementRef element, FieldId field, const Block& old) {
  const FieldPlan& plan = state_.plan_of(element).fields[field.value];
  const std::span<const ElementRef> before = old.ends_of(field);
  const std::span<const ElementRef> after = store_.slot(element).block->ends_of(field);
  const bool one_of_several = plan.inverse && !plan.many;
  const ElementRef end_before = one_of_several ? state_.end_of(element, field, before) : kNobody;
  bool changed = false;
  auto gone = before.begin();
  auto come = after.begin();
  while (gone != before.end() || come != after.end()) {
    if (come == after.end() || (gone != before.end() && *gone < *come)) {
      changed |= drop_edge(element, field, *gone);
      state_.loose.push_back(*gone++);
    } else if (gone == before.end() || *come < *gone) {
      changed |= add_edge(element, field, *come, old);
      gained_.emplace_back(field, *come++);
    } else {
      ++gone;
      ++come;
    }
  }
  if (one_of_several && state_.end_of(element, field, after) != end_before) {
    PATUH_MARK("edge: another of several is read");
    changed = true;
  }
  if (changed) key_of(element, field_key(element, field));
  if (changed && state_.plan_of(element).agency == field) lenders_.push_back(element);
  return changed;
}

// An edge with two names stands while either end names it; `old` is what `from` named before.
bool Change::add_edge(ElementRef from, FieldId field, ElementRef to, const Block& old) {
  const auto& inverse = state_.plan_of(from).fields[field.value].inverse;
  if (inverse) {
    const Block& theirs = to == from ? old : *store_.slot(to).block;
    if (has_end(theirs, inverse->second, from)) {
      PATUH_MARK("edge: the other end names it already");
      return false;
    }
  }
  return turn_edge(from, field, to, true);
}

bool Change::drop_edge(ElementRef from, FieldId field, ElementRef to) {
  const auto& inverse = state_.plan_of(from).fields[field.value].inverse;
  if (inverse && has_end(*store_.slot(to).block, inverse->second, from)) {
    PATUH_MARK("edge: the other end keeps it");
    return false;
  }
  if (PATUH_DEFECT("edge stays in its end")) return true;
  return turn_edge(from, field, to, false);
}

bool Change::turn_edge(ElementRef from, FieldId field, ElementRef to, bool on) {
  const KindId kind = state_.kind_of(from);
  const auto& inverse = state_.layout.field(kind, field).inverse;
  const auto turn = [&](ElementRef element, std::uint32_t label, ElementRef member) {
    return on ? store_.insert(element, label, member) : store_.erase(element, label, member);
  };
  if (!inverse) {
    if (!turn(to, label_of(kind, field), from)) return false;
  } else {
    const auto [other_kind, other_field] = *inverse;
    if (!turn(from, label_of(kind, field), to)) return false;
    turn(to, label_of(other_kind, other_field), from);
    if (!PATUH_DEFECT("inverse end not told")) key_of(to, field_key(to, other_field));
    key_of(from, referrers_key(from, other_kind, other_field));
    const KindPlan& theirs = state_.plan_of(to);
    if (theirs.agency == other_field) lenders_.push_back(to);
    if (theirs.agency == other_field || theirs.follows == other_field) agenda_.push_back(to);
  }
  if (!PATUH_DEFECT("reverse edge not told")) key_of(to, referrers_key(to, kind, field));
  state_.edges = on ? state_.edges + 1 : state_.edges - 1;
  return true;
}

}  // namespace patuh::registry
