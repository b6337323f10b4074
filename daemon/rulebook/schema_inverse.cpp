// What relations say of each other: inverses, and which of them leads to the agency.
#include <algorithm>

#include "rulebook/names.h"
#include "rulebook/schema_reader.h"

namespace patuh::rulebook {
namespace {

using model::FieldId;
using model::KindId;
using End = std::pair<KindId, FieldId>;

class Inverses {
 public:
  Inverses(SchemaDraft& draft, toml::Report& report) : draft_(draft), report_(report) {}

  void connect() {
    model::Schema& schema = *draft_.schema;
    for (model::Kind& kind : schema.kinds) {
      for (std::size_t i = 0; i < kind.fields.size(); ++i) {
        if (!kind.fields[i].is_relation()) continue;
        const End here{kind.id, FieldId(static_cast<std::uint16_t>(i))};
        if (const toml::Node* const name = written(here)) connect(here, *name);
      }
    }
  }

 private:
  const toml::Node* written(const End& end) const {
    const toml::Node* const name = draft_.member(end.first, end.second).value.find("inverse");
    return name != nullptr && name->is(toml::Node::Type::kString) ? name : nullptr;
  }

  model::Relation& relation(const End& end) {
    return std::get<model::Relation>(
        draft_.schema->kinds[end.first.value].fields[end.second.value].is);
  }

  std::string name(const End& end) const {
    const model::Kind& kind = draft_.schema->kind(end.first);
    return kind.name + "." + kind.fields[end.second.value].name;
  }

  void connect(const End& here, const toml::Node& node) {
    const std::optional<End> there = resolve(node);
    if (!there) return;
    const std::string both = name(here) + " and " + node.string();
    if (*there == here) {
      report_.error(node.at(), "INVERSE", name(here) + " cannot be its own inverse");
    } else if (!points_only_at(relation(here), there->first)) {
      report_.error(node.at(), "INVERSE",
                    both + " cannot be inverse: " + name(here) + " must point at " +
                        draft_.schema->kind(there->first).name + " only");
    } else if (!points_only_at(relation(*there), here.first)) {
      report_.error(node.at(), "INVERSE",
                    both + " cannot be inverse: " + node.string() + " must point at " +
                        draft_.schema->kind(here.first).name + " only");
    } else if (const toml::Node* const back = written(*there);
               back != nullptr && back->string() != name(here)) {
      report_.error(node.at(), "INVERSE",
                    node.string() + " names " + in_quotes(back->string()) +
                        " as its inverse, not " + in_quotes(name(here)));
    } else if (relation(*there).inverse && *relation(*there).inverse != here) {
      report_.error(
          node.at(), "INVERSE",
          node.string() + " is the inverse of " + name(*relation(*there).inverse) + " already");
    } else {
      relation(here).inverse = *there;
      relation(*there).inverse = here;
    }
  }

  static bool points_only_at(const model::Relation& relation, KindId kind) {
    return relation.to.size() == 1 && relation.to[0] == kind;
  }

  std::optional<End> resolve(const toml::Node& node) {
    const std::string& text = node.string();
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) {
      report_.error(node.at(), "INVERSE", in_quotes(text) + " names no relation",
                    "write \"kind.relation\"");
      return std::nullopt;
    }
    const std::string kind_name = text.substr(0, dot);
    const auto kind = draft_.schema->kind_of(kind_name);
    if (!kind) {
      report_.error(node.at(), "UNKNOWN-KIND", "there is no kind " + in_quotes(kind_name),
                    toml::suggestion(kind_name, kind_names(*draft_.schema)));
      return std::nullopt;
    }
    const model::Kind& of = draft_.schema->kind(*kind);
    const auto field = of.field_of(text.substr(dot + 1));
    if (!field || !of.fields[field->value].is_relation()) {
      report_.error(node.at(), "UNKNOWN-FIELD",
                    kind_name + " has no relation " + in_quotes(text.substr(dot + 1)),
                    toml::suggestion(text.substr(dot + 1), field_names(of)));
      return std::nullopt;
    }
    return End{*kind, *field};
  }

  SchemaDraft& draft_;
  toml::Report& report_;
};

void check_agency(SchemaDraft& draft, model::Kind& kind, FieldId id, toml::Report& report) {
  const model::Relation& relation = kind.fields[id.value].relation();
  const toml::Member& member = draft.member(kind.id, id);
  const auto& role = draft.schema->roles.agency;
  if (!role) {
    report.error(member.at, "AGENCY", "an agency relation needs [roles.agency] in the schema");
  } else if (relation.many || relation.to != std::vector<KindId>{role->kind}) {
    report.error(member.at, "AGENCY",
                 in_quotes(member.key) + " must be a single relation to " +
                     draft.schema->kind(role->kind).name + " to be the agency's");
  } else if (kind.agency_field) {
    report.error(member.at, "AGENCY",
                 kind.name + " has two relations to its agency: " +
                     in_quotes(kind.fields[kind.agency_field->value].name) + " and " +
                     in_quotes(member.key));
  } else {
    kind.agency_field = id;
  }
}

// Whose agency comes from elsewhere: the agency itself, and a deployment.
bool needs_no_agency(const model::Roles& roles, KindId kind) {
  return roles.agency->kind == kind || (roles.deployment && roles.deployment->kind == kind);
}

}  // namespace

void connect_inverses(SchemaDraft& draft, toml::Report& report) {
  Inverses(draft, report).connect();
}

void check_agencies(SchemaDraft& draft, toml::Report& report) {
  for (model::Kind& kind : draft.schema->kinds) {
    for (std::size_t i = 0; i < kind.fields.size(); ++i) {
      if (!kind.fields[i].is_relation() || !kind.fields[i].relation().agency) continue;
      check_agency(draft, kind, FieldId(static_cast<std::uint16_t>(i)), report);
    }
    const model::Roles& roles = draft.schema->roles;
    if (!roles.agency || kind.agency_field || needs_no_agency(roles, kind.id)) continue;
    if (kind.domain.empty()) continue;
    report.warning(draft.kinds[kind.id.value]->at, "NO-AGENCY",
                   kind.name + " counts in a domain but has no relation to an agency",
                   "declare a relation with agency = true");
  }
}

}  // namespace patuh::rulebook
