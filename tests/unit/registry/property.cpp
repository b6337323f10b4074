#include "property.h"

#include <algorithm>
#include <utility>

namespace patuh::registry::test {

namespace {

std::string exact_text(const Value& value) {
  return std::string(expr::name_of(value.kind())) + " " + expr::to_text(value);
}

}  // namespace

Architecture::Architecture(std::uint64_t seed) : dice_(seed), schema_dice_(seed), seed_(seed) {
  schema_ = make_schema();
  Options options;
  options.duplicate_window = 1 + dice_.below(6);
  options.tombstone_age = std::chrono::seconds(100);
  if (dice_.chance(50)) options.grants.push_back({"s2", dice_.chance(50) ? "*" : "app"});
  registry_ = std::make_unique<Registry>(schema_, options);
  naive_.schema = schema_;
  naive_.options = options;
}

// ── Steps ──

std::string Architecture::step() {
  now_ += std::chrono::seconds(dice_.below(4));
  const std::uint64_t roll = dice_.below(100);
  if (roll < 90) return apply_event();
  if (roll < 94) return put_heard();
  if (roll < 98) return pass_time();
  return dice_.chance(50) ? change_schema() : grow_schema();
}

std::string Architecture::apply_event() {
  const ChangeEvent event = random_event();
  last_ = event.source + " " + std::string(model::name_of(event.operation)) + " " +
          schema_->kind(event.kind).name + "/" + event.element_id + " v" +
          std::to_string(event.version) + (event.through_deployment ? " (deployment)" : "");
  for (const model::FieldChange& change : event.fields) {
    last_ += " " + schema_->field(event.kind, change.field).name + "=";
    for (const model::NamedElement& end : change.ends) {
      last_.append(end.kind).append("/").append(end.id) += ",";
    }
    last_ += expr::to_text(change.value);
  }
  const std::set<std::string> before = visible();
  const std::set<ElementRef> refs = reachable();
  const Facts facts_before = facts(refs);
  const Applied applied = registry_->apply(event, now_);
  Outcome wanted = naive_.apply(event, now_);
  const bool same = applied.delta.changed.empty() && applied.delta.created.empty() &&
                    applied.delta.removed.empty();
  if (wanted == Outcome::kApplied && same) wanted = Outcome::kNoChange;
  last_ += " -> " + std::string(name_of(applied.outcome));
  if (applied.outcome != wanted) return "outcome should be " + std::string(name_of(wanted));
  if (applied.outcome == Outcome::kNotPermitted && applied.message.empty()) return "no message";
  std::string fault = check_delta(applied, before, refs, facts_before);
  return fault.empty() ? compare() : fault;
}

std::string Architecture::put_heard() {
  const std::string id = random_id("note");
  const auto agency = registry_->find(KindId(0), "a");
  const Value value = Value::timestamp(at_second(static_cast<std::int64_t>(dice_.below(3))));
  last_ = "put note/" + id;
  const std::set<std::string> before = visible();
  const std::set<ElementRef> refs = reachable();
  const Facts facts_before = facts(refs);
  const FieldId heard = *schema_->kinds[4].field_of("heard");
  const Applied applied = registry_->put(KindId(4), id, heard, value, agency, now_);
  naive_.put("note", id, "heard", value, agency ? "agency/a" : "", now_);
  std::string fault = check_delta(applied, before, refs, facts_before);
  return fault.empty() ? compare() : fault;
}

std::string Architecture::pass_time() {
  last_ = "time passes";
  now_ += std::chrono::seconds(dice_.below(150));
  const std::set<ElementRef> refs = reachable();
  const Facts before = facts(refs);
  registry_->expire(now_);
  naive_.expire(now_);
  if (facts(refs) != before) return "expiry changed something that can be read";
  return compare();
}

std::string Architecture::change_schema() {
  last_ = "the same schema again";
  const std::set<ElementRef> refs = reachable();
  const Facts before = facts(refs);
  if (registry_->change_schema(schema_, naive_.options) != 0) return "values were dropped";
  if (facts(refs) != before) return "the change of schema changed something";
  return compare();
}

// An attribute more in front of a kind's others: all numbers behind it move.
std::string Architecture::grow_schema() {
  more_.push_back(kKinds[dice_.below(kKinds.size())]);
  last_ = more_.back() + " gets an attribute more";
  const auto& before = schemas_.emplace_back(std::exchange(schema_, make_schema()));
  if (!registry_->recast_schema(schema_, naive_.options)) return "it was not taken in place";
  naive_.schema = schema_;
  for (auto& [name, event] : said_) {
    for (model::FieldChange& change : event.fields) {
      const std::string& field = before->field(event.kind, change.field).name;
      change.field = *schema_->kind(event.kind).field_of(field);
    }
  }
  return compare();
}

// ── Comparing with the naive model ──

std::string Architecture::key_text(ElementRef ref) const { return registry_->key_of(ref).text(); }

template <class Set>
std::string Architecture::differs(const std::string& what, const std::set<std::string>& wanted,
                                  const Set& found) const {
  std::set<std::string> keys;
  ElementRef before;
  std::uint32_t count = 0;
  for (const ElementRef ref : found) {
    if (count++ > 0 && ref <= before) return what + " is not in ascending order";
    before = ref;
    keys.insert(key_text(ref));
  }
  if (count != found.size()) return what + " has another size than it says";
  if (keys == wanted) return "";
  std::string text = what + ": found";
  for (const std::string& key : keys) text += " " + key;
  text += ", should be";
  for (const std::string& key : wanted) text += " " + key;
  return text;
}

std::string Architecture::compare() {
  for (const char* kind : kKinds) {
    for (const char* id : kIds) {
      const std::string key = std::string(kind) + "/" + id;
      const auto found = registry_->find(*schema_->kind_of(kind), id);
      const auto wanted = naive_.elements.find(key);
      const bool there = wanted != naive_.elements.end() && wanted->second.visible();
      if (found.has_value() != there) return key + (there ? " is missing" : " should not be");
    }
  }
  for (const ElementRef ref : reachable()) {
    if (std::string fault = compare_element(key_text(ref), ref); !fault.empty()) return fault;
  }
  if (std::string fault = compare_indexes(); !fault.empty()) return fault;
  return compare_stats();
}

std::string Architecture::compare_element(const std::string& key, ElementRef ref) {
  const auto found = naive_.elements.find(key);
  if (found == naive_.elements.end()) return key + " should be forgotten";
  const Naive::Element& element = found->second;
  if (registry_->exists(ref) != element.visible()) return key + " exists wrongly";
  if (registry_->is_stub(ref) != (element.life == Naive::Life::kStub)) return key + " stub wrongly";
  const auto agency = registry_->agency_of(ref);
  const std::string owner = agency ? key_text(*agency) : "";
  if (owner != naive_.agency(key)) {
    return key + " belongs to " + owner + ", should to " + naive_.agency(key);
  }
  if (registry_->agency_code(ref) != naive_.code(key)) return key + " has another agency code";
  if (registry_->changed_at(ref) != element.changed_at) {
    return key + " changed at " + base::to_rfc3339(registry_->changed_at(ref)) + ", should at " +
           base::to_rfc3339(element.changed_at);
  }
  std::map<std::string, std::string> unknown;
  for (const auto& [name, member] : element.unknown) {
    if (!member.cleared) unknown[name] = member.json;
  }
  const auto kept = registry_->unknown_of(ref);
  if (std::map<std::string, std::string>(kept.begin(), kept.end()) != unknown) {
    return key + " keeps other unknown members";
  }
  std::string fault = compare_fields(element, ref);
  return fault.empty() ? compare_sets(key, ref) : fault;
}

std::string Architecture::compare_fields(const Naive::Element& element, ElementRef ref) {
  const model::Kind& kind = naive_.kind_of(element);
  for (const model::Field& field : kind.fields) {
    const FieldId number = *kind.field_of(field.name);
    const std::string name = element.key() + "." + field.name;
    const auto written = element.fields.find(field.name);
    const bool by_sender = written != element.fields.end() && !written->second.cleared &&
                           written->second.source[0] != '@';
    if (registry_->writer_of(ref, number) != (by_sender ? written->second.source : "")) {
      return name + " was written by " + std::string(registry_->writer_of(ref, number));
    }
    if (field.is_relation()) {
      const auto wanted = naive_.related(element, field.name);
      if (registry_->has(ref, number) == wanted.empty()) return name + ": has";
      const Refs found = registry_->related(ref, number);
      if (std::string fault = differs(name, wanted, found); !fault.empty()) return fault;
      if (field.relation().many) continue;
      const Value end = registry_->value(ref, number);
      const std::string to = end.is_null() ? "" : key_text(ElementRef(end.object_index()));
      if (to != naive_.end(element, field.name)) return name + " is " + to;
      if (end.is_null() && end.origin() != expr::Origin{kind.id.value, ref.value, number.value}) {
        return name + ": origin";
      }
      continue;
    }
    const Value wanted = naive_.value(element, field.name);
    const Value found = registry_->value(ref, number);
    if (exact_text(found) != exact_text(wanted)) {
      return name + " is " + exact_text(found) + ", should be " + exact_text(wanted);
    }
    if (registry_->has(ref, number) != naive_.held(element, field.name).has_value()) {
      return name + ": has";
    }
  }
  return "";
}

std::string Architecture::compare_sets(const std::string& key, ElementRef ref) {
  for (const model::Kind& kind : schema_->kinds) {
    std::set<std::string> members;
    for (const auto& [other, element] : naive_.elements) {
      if (element.kind == kind.name && element.visible() && naive_.agency(other) == key) {
        members.insert(other);
      }
    }
    const Refs found = registry_->members(ref, kind.id);
    if (std::string fault = differs("members of " + key, members, found); !fault.empty()) {
      return fault;
    }
    for (const model::Field& field : kind.fields) {
      if (!field.is_relation()) continue;
      const Refs referrers = registry_->referrers(ref, kind.id, *kind.field_of(field.name));
      std::string fault = differs("referrers of " + key + " by " + kind.name + "." + field.name,
                                  naive_.referrers(key, kind.name, field.name), referrers);
      if (!fault.empty()) return fault;
    }
  }
  return "";
}

std::string Architecture::compare_indexes() {
  for (const model::Kind& kind : schema_->kinds) {
    for (const model::Field& field : kind.fields) {
      if (field.is_relation() || !field.attribute().indexed) continue;
      auto& met = indexed_[{kind.name, field.name}];
      std::map<std::string, Value> values;
      for (const auto& [key, element] : naive_.elements) {
        if (element.kind != kind.name || !element.visible()) continue;
        const Value value = values[key] = naive_.value(element, field.name);
        met.try_emplace(exact_text(value), expr::deep_copy(value, *naive_.arena));
      }
      for (const auto& [text, candidate] : met) {
        std::set<std::string> wanted;
        for (const auto& [key, value] : values) {
          if (!value.is_null() && expr::equals(value, candidate)) wanted.insert(key);
        }
        const Refs found = registry_->with_value(kind.id, *kind.field_of(field.name), candidate);
        std::string fault = differs("index of " + field.name + " = " + text, wanted, found);
        if (!fault.empty()) return fault;
      }
    }
  }
  return "";
}

std::string Architecture::compare_stats() {
  std::uint64_t known = 0;
  std::uint64_t stubs = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t entries = 0;
  for (const auto& [key, element] : naive_.elements) {
    known += element.life == Naive::Life::kKnown ? 1U : 0U;
    stubs += element.life == Naive::Life::kStub ? 1U : 0U;
    tombstones += element.tombstone ? 1U : 0U;
    for (const model::Field& field : naive_.kind_of(element).fields) {
      if (!element.visible() || field.is_relation() || !field.attribute().indexed) continue;
      entries += naive_.value(element, field.name).is_null() ? 0U : 1U;
    }
  }
  const Stats stats = registry_->stats();
  if (stats.elements != known || stats.stubs != stubs) return "elements are counted wrongly";
  if (stats.tombstones != tombstones) return "tombstones are counted wrongly";
  if (stats.edges != naive_.edges()) return "edges are counted wrongly";
  if (stats.index_entries != entries) return "index entries are counted wrongly";
  return "";
}

// ── The delta ──

std::set<std::string> Architecture::visible() const {
  std::set<std::string> keys;
  registry_->for_each(std::nullopt, [&](ElementRef ref) { keys.insert(key_text(ref)); });
  return keys;
}

// What a reader could hold: visible elements and the ends of their relations, removed ones too.
std::set<ElementRef> Architecture::reachable() const {
  std::set<ElementRef> refs;
  std::vector<ElementRef> open;
  const auto meet = [&](ElementRef ref) {
    if (refs.insert(ref).second) open.push_back(ref);
  };
  registry_->for_each(std::nullopt, meet);
  while (!open.empty()) {
    const ElementRef ref = open.back();
    open.pop_back();
    if (const auto agency = registry_->agency_of(ref)) meet(*agency);
    const model::Kind& kind = schema_->kind(registry_->kind_of(ref));
    for (const model::Field& field : kind.fields) {
      if (!field.is_relation()) continue;
      for (const ElementRef end : registry_->related(ref, *kind.field_of(field.name))) meet(end);
    }
  }
  return refs;
}

void Architecture::facts_of(ElementRef ref, Facts& facts) {
  const auto text = [](const Refs& refs) {
    std::string out;
    for (const ElementRef each : refs) out += std::to_string(each.value) + " ";
    return out;
  };
  facts[life_key(ref)] = std::to_string(registry_->exists(ref) ? 1 : 0) +
                         std::to_string(registry_->is_stub(ref) ? 1 : 0);
  const auto agency = registry_->agency_of(ref);
  facts[agency_key(ref)] = agency ? std::to_string(agency->value) : "";
  facts[changed_at_key(ref)] = base::to_rfc3339(registry_->changed_at(ref));
  const model::Kind& own = schema_->kind(registry_->kind_of(ref));
  for (const model::Field& field : own.fields) {
    const FieldId number = *own.field_of(field.name);
    std::string& fact = facts[field_key(ref, number)];
    fact = registry_->has(ref, number) ? "has " : "";
    if (field.is_relation()) fact += text(registry_->related(ref, number));
    if (!field.is_relation() || !field.relation().many) {
      fact += exact_text(registry_->value(ref, number));
    }
  }
  for (const model::Kind& kind : schema_->kinds) {
    facts[members_key(ref, kind.id)] = text(registry_->members(ref, kind.id));
    for (const model::Field& field : kind.fields) {
      if (!field.is_relation()) continue;
      const FieldId number = *kind.field_of(field.name);
      facts[referrers_key(ref, kind.id, number)] = text(registry_->referrers(ref, kind.id, number));
    }
  }
}

Facts Architecture::facts(const std::set<ElementRef>& refs) {
  Facts facts;
  for (const ElementRef ref : refs) facts_of(ref, facts);
  for (const char* kind : kKinds) {
    for (const char* id : kIds) {
      const KindId number = *schema_->kind_of(kind);
      facts[name_key(number, id)] = registry_->find(number, id) ? "some" : "none";
    }
  }
  for (const auto& [field, values] : indexed_) {
    const KindId kind = *schema_->kind_of(field.first);
    const FieldId number = *schema_->kind(kind).field_of(field.second);
    for (const auto& [text, value] : values) {
      std::string& fact = facts[index_key(kind, number, value)];
      fact.clear();
      for (const ElementRef ref : registry_->with_value(kind, number, value)) {
        fact += std::to_string(ref.value) + " ";
      }
    }
  }
  return facts;
}

std::string Architecture::check_delta(const Applied& applied,
                                      const std::set<std::string>& visible_before,
                                      const std::set<ElementRef>& refs, const Facts& before) {
  const std::vector<Key>& changed = applied.delta.changed;
  const std::set<Key> named(changed.begin(), changed.end());
  if (named.size() != changed.size()) return "a key is named twice: " + text_of(changed);
  const Facts after = facts(refs);
  for (const auto& [key, text] : before) {
    const std::string& now = after.at(key);
    const bool gone = key.of == Key::Of::kName && now == "none";  // life_key says that
    const bool differs = now != text && !gone;
    if (differs && !named.contains(key)) return "not named: " + text_of(key) + " was " + text;
    if (!differs && named.contains(key)) return "named in vain: " + text_of(key);
  }
  std::set<std::string> created;
  std::set<std::string> removed;
  for (const ElementRef ref : applied.delta.created) created.insert(key_text(ref));
  for (const ElementRef ref : applied.delta.removed) removed.insert(key_text(ref));
  const std::set<std::string> visible_after = visible();
  for (const std::string& key : visible_after) {
    if (created.contains(key) == visible_before.contains(key)) return "created: " + key;
  }
  for (const std::string& key : visible_before) {
    if (removed.contains(key) == visible_after.contains(key)) return "removed: " + key;
  }
  return "";
}

}  // namespace patuh::registry::test
