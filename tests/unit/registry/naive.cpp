#include "naive.h"

#include <algorithm>

#include "registry/values.h"

namespace patuh::registry::test {

using expr::Value;
using model::ChangeEvent;
using model::FieldChange;
using model::Operation;

namespace {

bool is_empty(const model::Field& field, const FieldChange& change) {
  return field.is_relation() ? change.ends.empty() : change.value.is_null();
}

// RFC 7396, member by member.
Value merge(const Value& target, const Value& patch, expr::Arena& arena) {
  if (patch.kind() != expr::Kind::kMap) return patch;
  std::map<std::string, Value> members;
  const auto read = [](const Value& map, const auto& visit) {
    if (map.kind() != expr::Kind::kMap) return;
    for (std::uint32_t i = 0; i < map.as_map().size; ++i) {
      const expr::MapEntry& entry = map.as_map().entries[i];
      visit(std::string(entry.key.as_string()), entry.value);
    }
  };
  read(target, [&](const std::string& name, const Value& value) { members[name] = value; });
  read(patch, [&](const std::string& name, const Value& value) {
    if (value.is_null()) {
      members.erase(name);
    } else {
      const auto there = members.find(name);
      members[name] = merge(there == members.end() ? Value() : there->second, value, arena);
    }
  });
  std::vector<expr::MapEntry> entries;
  for (const auto& [name, value] : members) {
    entries.push_back({Value::string(arena.copy(name)), value});
  }
  return expr::make_map(arena, entries);
}

bool is_sender(const std::string& source) { return !source.empty() && source[0] != '@'; }

}  // namespace

// ── Changing ──

bool Naive::granted(const std::string& source, const std::string& kind) const {
  return std::ranges::any_of(options.grants, [&](const Grant& grant) {
    return grant.source == source && (grant.kind == "*" || grant.kind == kind);
  });
}

std::set<std::string> Naive::ends_of(const ChangeEvent& event, const FieldChange& change) const {
  std::set<std::string> ends;
  const model::Relation& relation = schema->field(event.kind, change.field).relation();
  for (const model::NamedElement& end : change.ends) {
    const std::string kind(end.kind.empty() ? schema->kind(relation.to.front()).name : end.kind);
    ends.insert(kind + "/" + std::string(end.id));
  }
  return ends;
}

bool Naive::permitted(const ChangeEvent& event, const Element& element) const {
  if (granted(event.source, element.kind)) return true;
  const bool upsert = event.operation == Operation::kUpsert;
  for (const FieldChange& change : event.fields) {
    const model::Field& field = schema->field(event.kind, change.field);
    const auto there = element.fields.find(field.name);
    if (there == element.fields.end() || there->second.cleared) continue;
    if (!is_sender(there->second.source) || there->second.source == event.source) continue;
    if (upsert && is_empty(field, change)) continue;
    if (field.is_relation() && ends_of(event, change) == there->second.ends) continue;
    if (!field.is_relation() && identical(*there->second.value, change.value)) continue;
    return false;
  }
  for (const auto& [name, json] : event.unknown) {
    const auto there = element.unknown.find(name);
    if (there == element.unknown.end() || there->second.cleared) continue;
    if (there->second.source == event.source || there->second.json == json) continue;
    if (!(upsert && json == "null")) return false;
  }
  return true;
}

// Whether something newer keeps a late patch from this member.
bool Naive::late(const ChangeEvent& event, const Element& element, const Written* there) const {
  const Mark& mark = element.marks.at(event.source);
  if (event.operation == Operation::kUpsert || mark.version <= event.version) return false;
  if (mark.upserted && *mark.upserted > event.version) return true;
  if (there == nullptr || !is_sender(there->source)) return false;
  if (there->source != event.source) return !there->cleared;
  return there->version > event.version;
}

std::optional<Value> Naive::laid_over(const Written* there, const Value& value, bool patch) const {
  const bool over = patch && there != nullptr && there->value;
  return expr::deep_copy(merge(over ? *there->value : Value(), value, *arena), *arena);
}

// True when a member was kept out by something newer.
bool Naive::write(const ChangeEvent& event, Element& element) {
  const bool upsert = event.operation == Operation::kUpsert;
  bool suppressed = false;
  for (const FieldChange& change : event.fields) {
    const model::Field& field = schema->field(event.kind, change.field);
    const bool empty = is_empty(field, change);
    if (derive.contains(element.kind + "." + field.name) || (upsert && empty)) continue;
    const auto found = element.fields.find(field.name);
    const Written* there = found == element.fields.end() ? nullptr : &found->second;
    const bool others = there != nullptr && !there->cleared && is_sender(there->source) &&
                        there->source != event.source;
    if (others && (field.is_relation() ? ends_of(event, change) == there->ends
                                       : identical(*there->value, change.value))) {
      continue;
    }
    if (late(event, element, there)) {
      suppressed = true;
      continue;
    }
    Written next{event.source, event.version, empty, {}, {}, {}};
    if (!empty && field.is_relation()) next.ends = ends_of(event, change);
    if (!empty && !field.is_relation()) next.value = laid_over(there, change.value, !upsert);
    element.fields[field.name] = next;
    said_.insert(field.name);
  }
  for (const auto& [name, json] : event.unknown) {
    if (upsert && json == "null") continue;
    const auto found = element.unknown.find(name);
    const Written* there = found == element.unknown.end() ? nullptr : &found->second;
    if (there != nullptr && there->source != event.source && there->json == json) continue;
    if (late(event, element, there)) {
      suppressed = true;
      continue;
    }
    element.unknown[name] = {event.source, event.version, json == "null", {}, {}, json};
  }
  return suppressed;
}

// Takes away what the source wrote before `version`.
void Naive::withdraw(Element& element, const std::string& source, std::int64_t version) {
  const auto is_old = [&](const auto& member) {
    return member.second.source == source && member.second.version != version;
  };
  std::erase_if(element.fields, is_old);
  std::erase_if(element.unknown, is_old);
}

Outcome Naive::upsert(const ChangeEvent& event, Element& element) {
  const auto mark = element.marks.find(event.source);
  if (mark != element.marks.end() && event.version <= mark->second.version) return Outcome::kStale;
  if (!permitted(event, element)) return Outcome::kNotPermitted;
  if (!element.visible()) {
    for (auto& [source, theirs] : element.marks) theirs.removed = false;
  }
  element.marks[event.source] = {event.version, event.version, true, false};
  write(event, element);
  withdraw(element, event.source, event.version);
  std::erase_if(element.fields, [](const auto& f) { return f.second.source == "@stub"; });
  element.life = Life::kKnown;
  return Outcome::kApplied;
}

Outcome Naive::patch(const ChangeEvent& event, Element& element) {
  const auto known = element.marks.find(event.source);
  if (element.tombstone) {
    if (known == element.marks.end() || !known->second.removed ||
        event.version <= known->second.version) {
      return Outcome::kLate;
    }
  }
  if (!permitted(event, element)) return Outcome::kNotPermitted;
  if (!element.visible()) {
    for (auto& [source, theirs] : element.marks) theirs.removed = false;
    element.life = Life::kStub;
    element.revived = true;
  }
  const bool is_new = !element.marks.contains(event.source);
  Mark& mark = element.marks[event.source];
  mark.version = is_new ? event.version : std::max(mark.version, event.version);
  return write(event, element) ? Outcome::kLate : Outcome::kApplied;
}

Outcome Naive::remove(const ChangeEvent& event, Element& element, base::Instant now) {
  const auto known = element.marks.find(event.source);
  const bool has_mark = known != element.marks.end();
  if (has_mark && event.version <= known->second.version) return Outcome::kStale;
  const bool was_visible = element.visible();
  const bool holds = has_mark && known->second.holds;
  const bool free = granted(event.source, element.kind);
  const bool others_hold = std::ranges::any_of(element.marks, [&](const auto& mark) {
    return mark.second.holds && mark.first != event.source;
  });
  const auto by_others = [&](const auto& member) {
    return !member.second.cleared && is_sender(member.second.source) &&
           member.second.source != event.source;
  };
  if (was_visible && !holds && !free) {
    if (others_hold || std::ranges::any_of(element.fields, by_others) ||
        std::ranges::any_of(element.unknown, by_others)) {
      return Outcome::kNotPermitted;
    }
  }
  Mark& mark = element.marks[event.source];
  mark = {event.version, event.version, false, mark.removed};
  if (was_visible && others_hold && !free) {
    withdraw(element, event.source, event.version);
    return Outcome::kApplied;
  }
  for (auto& [source, theirs] : element.marks) theirs.holds = false;
  mark.removed = true;
  element.sticky = agency(element.key());
  element.fields.clear();
  element.unknown.clear();
  element.life = Life::kRemoved;
  element.whole_owned = false;
  element.fallback.clear();
  element.tombstone = now;
  return was_visible ? Outcome::kApplied : Outcome::kUnknownRemoved;
}

Naive::Facts Naive::facts(const std::string& subject) const {
  Facts out;
  for (const auto& [key, element] : elements) out.agencies[key] = agency(key);
  const auto found = elements.find(subject);
  Element nothing;
  nothing.kind = subject.substr(0, subject.find('/'));
  const Element& element = found == elements.end() ? nothing : found->second;
  for (const model::Field& field : kind_of(element).fields) {
    std::string& text = out.of_subject[field.name];
    if (field.is_relation()) {
      for (const std::string& to : related(element, field.name)) text += to + " ";
      if (!field.relation().many) text += "-> " + end(element, field.name);
    } else if (!field.attribute().telemetry && !field.attribute().is_derived()) {
      const auto value = held(element, field.name);
      text = value ? std::string(expr::name_of(value->kind())) + expr::to_text(*value) : "absent";
    }
  }
  return out;
}

void Naive::make_stub(Element& element, base::Instant at) {
  element.life = Life::kStub;
  element.changed_at = at;
  element.revived = true;
}

// The ends that the event names, and what the deployment role says of them.
void Naive::refer(const ChangeEvent& event, Element& element) {
  const base::Instant at = event.time;
  for (const auto& [name, written] : element.fields) {
    if (!said_.contains(name)) continue;
    for (const std::string& to : written.ends) {
      const auto slash = to.find('/');
      Element& end = elements.try_emplace(to).first->second;
      if (end.kind.empty()) {
        end.kind = to.substr(0, slash);
        end.id = to.substr(slash + 1);
      }
      if (!end.visible() && !end.tombstone && to != element.key()) make_stub(end, at);
    }
  }
  const auto& role = schema->roles.deployment;
  if (!event.through_deployment || !role || role->kind != event.kind) return;
  const model::Relation& of = schema->field(role->kind, role->of).relation();
  for (const std::string& to : own_ends(element, schema->field(role->kind, role->of).name)) {
    Element& end = elements.at(to);
    if (end.life != Life::kStub) continue;
    end.whole_owned = true;
    if (of.to.size() != 1 || of.to.front() != *schema->kind_of(end.kind)) continue;
    for (const auto& [field, value] : role->stub_values) {
      const std::string& name = schema->field(of.to.front(), field).name;
      end.fields.try_emplace(name, Written{"@stub", 0, false, value, {}, {}});
    }
  }
}

// Whether it has its agency from what this relation names: then it has none to give.
bool Naive::only_follows(const Element& element, const std::string& relation) const {
  const model::Kind& kind = kind_of(element);
  const auto& role = schema->roles.deployment;
  if (!role || role->kind != kind.id || kind.fields[role->of.value].name != relation) return false;
  return !kind.agency_field || end(element, kind.fields[kind.agency_field->value].name).empty();
}

void Naive::adopt(const Facts& before) {
  const auto moved = [&](const std::string& key) {
    const auto old = before.agencies.find(key);
    return agency(key) != (old == before.agencies.end() ? "" : old->second);
  };
  const auto first_of = [&](const Element& stub) {
    std::string best;
    std::tuple<bool, KindId, std::string> best_rank;
    for (const auto& [key, other] : elements) {
      bool names = false;
      for (const auto& [name, written] : other.fields) {
        names |= written.ends.contains(stub.key()) && !only_follows(other, name);
      }
      if (!names || agency(key).empty()) continue;
      const std::tuple rank(!moved(key), *schema->kind_of(other.kind), other.id);
      if (best.empty() || rank < best_rank) {
        best = key;
        best_rank = rank;
      }
    }
    return best;
  };
  bool again = true;
  while (again) {
    again = false;
    for (auto& [key, stub] : elements) {
      if (stub.life != Life::kStub || !stub.fallback.empty()) continue;
      if (*schema->kind_of(stub.kind) == schema->roles.agency->kind) continue;
      const std::string first = first_of(stub);
      if (first.empty()) continue;
      stub.fallback = agency(first);
      again = true;
    }
  }
}

bool Naive::is_needed(const Element& stub) const {
  if (!stub.marks.empty() || !stub.unknown.empty()) return true;
  for (const auto& [name, written] : stub.fields) {
    if (written.source == "@engine") return true;
  }
  for (const auto& [key, other] : elements) {
    if (other.fallback == stub.key()) return true;
    if (other.visible() && key != stub.key() && agency(key) == stub.key()) return true;
    for (const auto& [name, written] : other.fields) {
      if (written.ends.contains(stub.key())) return true;
    }
  }
  return false;
}

void Naive::let_go() {
  bool again = true;
  while (again) {
    again = false;
    for (auto& [key, stub] : elements) {
      if (stub.life != Life::kStub || is_needed(stub)) continue;
      stub.sticky = agency(key);
      stub.fields.clear();
      stub.life = Life::kRemoved;
      stub.whole_owned = false;
      stub.fallback.clear();
      again = true;
    }
  }
  forget_needless();
}

// Removed, without a tombstone, and nobody names it: as if it had never been.
void Naive::forget_needless() {
  std::set<std::string> named;
  for (const auto& [key, element] : elements) {
    for (const auto& [name, written] : element.fields) {
      named.insert(written.ends.begin(), written.ends.end());
    }
    if (!element.visible()) named.insert(element.sticky);
  }
  std::erase_if(elements, [&](const auto& each) {
    return !each.second.visible() && !each.second.tombstone && !named.contains(each.first);
  });
}

void Naive::finish(const std::string& subject, const Facts& before, const Element& old,
                   base::Instant at) {
  Element& element = elements.at(subject);
  if (element.visible() && !old.visible() && !old.tombstone) element.changed_at = at;
  if (element.visible()) element.tombstone.reset();
  for (auto& [key, each] : elements) {
    if (each.revived && each.life == Life::kStub && each.fallback.empty() &&
        *schema->kind_of(each.kind) != schema->roles.agency->kind) {
      each.fallback = each.sticky;
    }
    each.revived = false;
    if (each.life == Life::kKnown) {
      each.whole_owned = false;
      each.fallback.clear();
    }
  }
  const Facts now = facts(subject);
  const bool is_known = element.life == Life::kKnown && old.life != Life::kKnown;
  if (now.of_subject != before.of_subject || is_known || !element.visible()) {
    element.changed_at = element.moved ? std::max(element.changed_at, at) : at;
    element.moved = true;
  }
  adopt(before);
  let_go();
}

Outcome Naive::apply(const ChangeEvent& event, base::Instant now) {
  auto& ids = seen[event.source];
  if (!event.id.empty() && std::ranges::find(ids, event.id) != ids.end()) {
    return Outcome::kDuplicate;
  }
  said_.clear();
  const model::Kind& kind = schema->kind(event.kind);
  const std::string subject = kind.name + "/" + event.element_id;
  const Facts before = facts(subject);
  const bool is_new = !elements.contains(subject);
  Element& element = elements[subject];
  if (is_new) {
    element.kind = kind.name;
    element.id = event.element_id;
    element.changed_at = event.time;
  }
  const Element old = element;
  Outcome outcome = Outcome::kApplied;
  if (event.operation == Operation::kUpsert) outcome = upsert(event, element);
  if (event.operation == Operation::kPatch) outcome = patch(event, element);
  if (event.operation == Operation::kRemove) outcome = remove(event, element, now);
  if (outcome != Outcome::kNotPermitted && !event.id.empty()) {
    ids.push_back(event.id);
    if (ids.size() > options.duplicate_window) ids.erase(ids.begin());
  }
  const bool touched = outcome == Outcome::kApplied || outcome == Outcome::kUnknownRemoved ||
                       (outcome == Outcome::kLate && !old.tombstone);
  if (!touched) {
    if (is_new) elements.erase(subject);
    return outcome;
  }
  refer(event, element);
  finish(subject, before, old, event.time);
  return outcome;
}

void Naive::put(const std::string& kind, const std::string& id, const std::string& field,
                const Value& value, const std::string& agency_key, base::Instant now) {
  const std::string subject = kind + "/" + id;
  const Facts before = facts(subject);
  const bool is_new = !elements.contains(subject);
  Element& element = elements[subject];
  if (is_new) {
    element.kind = kind;
    element.id = id;
    element.changed_at = now;
  }
  const auto there = element.fields.find(field);
  if (element.visible() && there != element.fields.end() && there->second.source == "@engine" &&
      identical(*there->second.value, value)) {
    return;
  }
  const Element old = element;
  if (!element.visible()) {
    for (auto& [source, mark] : element.marks) mark.removed = false;
    element.life = Life::kStub;
    element.fallback = element.sticky;
  }
  element.fields[field] = {"@engine", 0, false, expr::deep_copy(value, *arena), {}, {}};
  if (element.life == Life::kStub && element.fallback.empty() &&
      *schema->kind_of(kind) != schema->roles.agency->kind) {
    element.fallback = agency_key;
  }
  finish(subject, before, old, now);
}

void Naive::expire(base::Instant now) {
  for (auto& [key, element] : elements) {
    if (!element.tombstone || now - *element.tombstone < options.tombstone_age) continue;
    element.tombstone.reset();
    element.marks.clear();
    element.moved = false;
  }
  forget_needless();
}

}  // namespace patuh::registry::test
