#include <algorithm>

#include "naive.h"

namespace patuh::registry::test {

using expr::Value;

const model::Kind& Naive::kind_of(const Element& element) const {
  return schema->kind(*schema->kind_of(element.kind));
}

std::optional<Value> Naive::held(const Element& element, const std::string& field) const {
  if (const auto found = derive.find(element.kind + "." + field); found != derive.end()) {
    return element.visible() ? found->second(*this, element) : std::nullopt;
  }
  const auto found = element.fields.find(field);
  if (found == element.fields.end() || found->second.cleared) return std::nullopt;
  return found->second.value;
}

Value Naive::value(const Element& element, const std::string& field) const {
  const model::Kind& kind = kind_of(element);
  return held(element, field)
      .value_or(kind.fields[kind.field_of(field)->value].attribute().default_value);
}

std::set<std::string> Naive::own_ends(const Element& element, const std::string& relation) const {
  const auto found = element.fields.find(relation);
  return found == element.fields.end() ? std::set<std::string>() : found->second.ends;
}

std::set<std::string> Naive::related(const Element& element, const std::string& relation) const {
  std::set<std::string> ends = own_ends(element, relation);
  const model::Kind& kind = kind_of(element);
  const auto& inverse = kind.fields[kind.field_of(relation)->value].relation().inverse;
  if (!inverse) return ends;
  const model::Kind& theirs = schema->kind(inverse->first);
  for (const auto& [key, other] : elements) {
    if (other.kind != theirs.name) continue;
    if (own_ends(other, theirs.fields[inverse->second.value].name).contains(element.key())) {
      ends.insert(key);
    }
  }
  return ends;
}

std::string Naive::end(const Element& element, const std::string& relation) const {
  std::set<std::string> ends = own_ends(element, relation);
  if (ends.empty()) ends = related(element, relation);
  const auto id = [&](const std::string& key) { return elements.at(key).id; };
  const auto least = std::ranges::min_element(ends, {}, id);
  return least == ends.end() ? "" : *least;
}

std::set<std::string> Naive::referrers(const std::string& to, const std::string& kind,
                                       const std::string& relation) const {
  std::set<std::string> found;
  for (const auto& [key, element] : elements) {
    if (element.kind == kind && related(element, relation).contains(to)) found.insert(key);
  }
  return found;
}

std::string Naive::whole() const {
  const auto& role = schema->roles.agency;
  if (!role || !role->whole) return "";
  std::string least;
  for (const auto& [key, element] : elements) {
    if (!element.visible() || *schema->kind_of(element.kind) != role->kind) continue;
    const std::string& name = schema->field(role->kind, *role->whole).name;
    if (!value(element, name).is_true()) continue;
    if (least.empty() || element.id < elements.at(least).id) least = key;
  }
  return least;
}

std::string Naive::agency(const std::string& key) const {
  const Element& element = elements.at(key);
  const model::Kind& kind = kind_of(element);
  if (schema->roles.agency && schema->roles.agency->kind == kind.id) return key;
  if (!element.visible()) return element.sticky;
  if (kind.agency_field) {
    const std::string own = end(element, kind.fields[kind.agency_field->value].name);
    if (!own.empty()) return own;
  }
  const auto& deployment = schema->roles.deployment;
  if (deployment && deployment->kind == kind.id) {
    const std::string of = end(element, kind.fields[deployment->of.value].name);
    if (!of.empty() && elements.at(of).kind != element.kind && !agency(of).empty()) {
      return agency(of);
    }
  }
  if (element.life != Life::kStub) return "";
  const auto lender = elements.find(element.fallback);
  const bool lent = lender != elements.end() && lender->second.visible();
  const bool bereft = !element.fallback.empty() && !lent;
  if ((element.whole_owned || bereft) && !whole().empty()) return whole();
  return lent ? element.fallback : "";
}

std::string Naive::code(const std::string& key) const {
  const std::string owner = agency(key);
  if (owner.empty()) return "";
  const Element& element = elements.at(owner);
  const auto& role = schema->roles.agency;
  if (role && schema->kind(role->kind).name == element.kind) {
    const auto sent = held(element, schema->field(role->kind, role->code).name);
    if (sent && sent->kind() == expr::Kind::kString && !sent->as_string().empty()) {
      return std::string(sent->as_string());
    }
  }
  return element.id;
}

std::uint64_t Naive::edges() const {
  std::set<std::set<std::pair<std::string, std::string>>> met;
  for (const auto& [key, element] : elements) {
    for (const model::Field& field : kind_of(element).fields) {
      if (!field.is_relation()) continue;
      for (const std::string& to : related(element, field.name)) {
        std::set<std::pair<std::string, std::string>> edge{{key + " " + field.name, to}};
        if (const auto& inverse = field.relation().inverse) {
          edge.insert({to + " " + schema->field(inverse->first, inverse->second).name, key});
        }
        met.insert(edge);
      }
    }
  }
  return met.size();
}

}  // namespace patuh::registry::test
