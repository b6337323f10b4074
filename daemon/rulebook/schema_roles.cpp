// [roles.*]: which kinds and fields play the parts that the engine knows.
#include <algorithm>
#include <array>

#include "rulebook/names.h"
#include "rulebook/schema_reader.h"

namespace patuh::rulebook {
namespace {

using model::AttributeType;
using model::FieldId;
using model::KindId;
using toml::Need;

// What a field must be to play its part.
enum class Part { kText, kBool, kMoment, kReference, kOne, kAny };

std::string_view wanted_of(Part part) {
  switch (part) {
    case Part::kText:
      return "a string or an enumeration";
    case Part::kBool:
      return "a bool";
    case Part::kMoment:
      return "a timestamp, a date or a deadline";
    case Part::kReference:
      return "a relation";
    case Part::kOne:
      return "a single relation to one kind";
    case Part::kAny:
      return "a field";
  }
  return "a field";
}

bool plays(const model::Field& field, Part part) {
  if (part == Part::kAny) return true;
  if (field.is_relation()) {
    const model::Relation& relation = field.relation();
    return part == Part::kReference ||
           (part == Part::kOne && !relation.many && relation.to.size() == 1);
  }
  const AttributeType type = field.attribute().type;
  switch (part) {
    case Part::kText:
      return type == AttributeType::kString || type == AttributeType::kEnum ||
             type == AttributeType::kText;
    case Part::kBool:
      return type == AttributeType::kBool;
    case Part::kMoment:
      return type == AttributeType::kTimestamp || type == AttributeType::kDate ||
             type == AttributeType::kDeadline;
    default:
      return false;
  }
}

// One role's table. Answers are defaults where something is wrong: it was reported.
class Role {
 public:
  Role(const toml::Node& table, const std::string& name, const SchemaDraft& draft,
       toml::Report& report)
      : fields_(table, report, "[roles." + name + "]"), report_(report) {
    const auto kind = fields_.string("kind", Need::kRequired);
    if (!kind) return;
    const auto found = draft.schema->kind_of(*kind);
    if (!found) {
      report.error(fields_.at("kind"), "UNKNOWN-KIND", "there is no kind " + in_quotes(*kind),
                   toml::suggestion(*kind, kind_names(*draft.schema)));
      return;
    }
    kind_ = &draft.schema->kind(*found);
  }

  // Whether the kind exists, so that fields can be looked up.
  bool stands() const { return kind_ != nullptr; }
  KindId kind() const { return kind_->id; }

  std::optional<FieldId> optional(std::string_view key, Part part) {
    return field(key, part, Need::kOptional);
  }
  FieldId required(std::string_view key, Part part) {
    return field(key, part, Need::kRequired).value_or(FieldId());
  }
  // A value that the enumeration `of` must know.
  std::string value_of(std::string_view key, FieldId of) {
    const auto value = fields_.string(key, Need::kRequired);
    if (!value) return "";
    check_value(of, *value, fields_.at(key));
    return *value;
  }
  void check_value(FieldId of, const std::string& value, toml::At at) {
    if (of.value >= kind_->fields.size()) return;
    const model::Field& field = kind_->fields[of.value];
    if (field.is_relation() || field.attribute().values.empty()) return;
    const std::vector<std::string>& values = field.attribute().values;
    if (std::ranges::find(values, value) != values.end()) return;
    report_.error(
        at, "ROLE-VALUE", in_quotes(value) + " is no value of " + in_quotes(field.name),
        toml::suggestion(value, std::vector<std::string_view>(values.begin(), values.end())));
  }

  toml::Fields& fields() { return fields_; }
  const model::Kind& kind_read() const { return *kind_; }

  std::optional<FieldId> field(std::string_view key, Part part, Need need) {
    const auto name = fields_.string(key, need);
    if (!name || kind_ == nullptr) return std::nullopt;
    const auto found = kind_->field_of(*name);
    if (!found) {
      report_.error(fields_.at(key), "UNKNOWN-FIELD",
                    kind_->name + " has no field " + in_quotes(*name),
                    toml::suggestion(*name, field_names(*kind_)));
      return std::nullopt;
    }
    const model::Field& candidate = kind_->fields[found->value];
    if (!plays(candidate, part)) {
      report_.error(fields_.at(key), "ROLE-FIELD",
                    kind_->name + "." + *name + " must be " + std::string(wanted_of(part)) +
                        " to be " + in_quotes(key) + " of " + fields_.what());
      return std::nullopt;
    }
    if (!candidate.is_relation() && candidate.attribute().is_derived()) {
      report_.error(fields_.at(key), "ROLE-FIELD",
                    kind_->name + "." + *name + " is derived and cannot be " + in_quotes(key) +
                        " of " + fields_.what());
      return std::nullopt;
    }
    return found;
  }

 private:
  toml::Fields fields_;
  toml::Report& report_;
  const model::Kind* kind_ = nullptr;
};

class Roles {
 public:
  Roles(const toml::Node& table, SchemaDraft& draft, toml::Report& report)
      : roles_(table, report, "[roles]"), draft_(draft), report_(report) {}

  void read() {
    model::Roles& out = draft_.schema->roles;
    with("agency", [&](Role& role) { out.agency = agency(role); });
    with("source", [&](Role& role) { out.source = source(role); });
    with("deployment", [&](Role& role) { out.deployment = deployment(role); });
    with("attestation", [&](Role& role) { out.attestation = attestation(role); });
    with("waiver", [&](Role& role) { out.waiver = waiver(role); });
    with("follow_up", [&](Role& role) { out.follow_up = follow_up(role); });
    roles_.finish();
  }

 private:
  template <class Read>
  void with(const std::string& name, Read read) {
    const toml::Node* const table = roles_.table(name);
    if (table == nullptr) return;
    Role role(*table, name, draft_, report_);
    if (!role.stands()) return;
    read(role);
    role.fields().finish();
  }

  model::Roles::Agency agency(Role& role) {
    model::Roles::Agency out;
    out.kind = role.kind();
    out.code = role.required("code", Part::kText);
    out.parent = role.optional("parent", Part::kOne);
    out.whole = role.optional("whole", Part::kBool);
    if (out.parent && role.kind_read().fields[out.parent->value].relation().to[0] != out.kind) {
      report_.error(role.fields().at("parent"), "ROLE-FIELD",
                    "the parent of an agency must be an agency");
    }
    if (const toml::Node* const owes = role.fields().table("owes")) read_owes(*owes, role, out);
    return out;
  }

  void read_owes(const toml::Node& node, Role& role, model::Roles::Agency& out) {
    toml::Fields owes(node, report_, "'owes'");
    out.domains = owes.strings("domains", Need::kRequired).value_or(std::vector<std::string>());
    const std::vector<std::string>& known = draft_.schema->domains;
    for (const std::string& domain : out.domains) {
      if (std::ranges::find(known, domain) != known.end()) continue;
      report_.error(
          owes.at("domains"), "UNKNOWN-DOMAIN", "there is no domain " + in_quotes(domain),
          toml::suggestion(domain, std::vector<std::string_view>(known.begin(), known.end())));
    }
    if (const auto name = owes.string("attribute")) {
      out.owes = role.kind_read().field_of(*name);
      const bool fits = out.owes && plays(role.kind_read().fields[out.owes->value], Part::kText);
      if (!fits) {
        report_.error(
            owes.at("attribute"), "ROLE-FIELD",
            in_quotes(*name) + " must be a string or an enumeration of " + role.kind_read().name);
        out.owes.reset();
      }
      out.owing = owes.strings("values", Need::kRequired).value_or(std::vector<std::string>());
    }
    if (out.owes) {
      for (const std::string& value : out.owing)
        role.check_value(*out.owes, value, owes.at("values"));
    }
    owes.finish();
  }

  model::Roles::Source source(Role& role) {
    model::Roles::Source out;
    out.kind = role.kind();
    out.channel = role.optional("channel", Part::kText);
    const auto heard = role.field("last_heard", Part::kMoment, Need::kRequired);
    if (!heard) return out;
    out.last_heard = *heard;
    const model::Field& field = role.kind_read().fields[heard->value];
    if (!field.attribute().telemetry) {
      report_.error(
          role.fields().at("last_heard"), "ROLE-FIELD",
          in_quotes(field.name) + " must have telemetry = true: it moves with every event");
    }
    return out;
  }

  model::Roles::Deployment deployment(Role& role) {
    model::Roles::Deployment out;
    out.kind = role.kind();
    const auto of = role.field("of", Part::kOne, Need::kRequired);
    out.of = of.value_or(FieldId());
    out.environment = role.required("environment", Part::kText);
    out.occurrence = role.required("occurrence", Part::kText);
    out.at = role.required("at", Part::kMoment);
    out.artifact = role.optional("artifact", Part::kText);
    if (const toml::Node* const names = role.fields().table("environments")) {
      read_environments(*names, role, out);
    }
    const toml::Node* const stub = role.fields().table("stub");
    if (stub != nullptr && of) {
      read_stub(*stub, role.kind_read().fields[of->value].relation().to[0], out);
    }
    return out;
  }

  void read_environments(const toml::Node& table, Role& role, model::Roles::Deployment& out) {
    toml::Fields names(table, report_, "'environments'");
    for (const toml::Member& member : table.members()) {
      const auto value = names.string(member.key);
      if (!value) continue;
      role.check_value(out.environment, *value, names.at(member.key));
      out.environments.emplace_back(member.key, *value);
    }
    names.finish();
  }

  void read_stub(const toml::Node& stub, KindId target, model::Roles::Deployment& out) {
    const model::Kind& kind = draft_.schema->kind(target);
    const ValueContext context{draft_.schema->arena.get(), &draft_.zone, &report_};
    for (const toml::Member& member : stub.members()) {
      const auto field = kind.field_of(member.key);
      const bool sent = field && !kind.fields[field->value].is_relation() &&
                        !kind.fields[field->value].attribute().is_derived();
      if (!sent) {
        report_.error(
            member.at, "UNKNOWN-FIELD",
            kind.name + " has no attribute " + in_quotes(member.key) + " that a stub can get",
            toml::suggestion(member.key, field_names(kind)));
        continue;
      }
      const auto value = attribute_value(kind.fields[field->value].attribute(), member.value,
                                         context, in_quotes(member.key) + " of a stub");
      if (value) out.stub_values.emplace_back(*field, *value);
    }
  }

  model::Roles::Attestation attestation(Role& role) {
    return {role.kind(), role.required("about", Part::kReference), role.required("by", Part::kAny),
            role.required("at", Part::kMoment)};
  }

  model::Roles::Waiver waiver(Role& role) {
    model::Roles::Waiver out;
    out.kind = role.kind();
    out.about = role.required("about", Part::kReference);
    out.rule = role.required("rule", Part::kText);
    out.from = role.required("from", Part::kMoment);
    out.until = role.required("until", Part::kMoment);
    out.status = role.required("status", Part::kText);
    out.condition = role.required("condition", Part::kText);
    out.granted = role.value_of("granted", out.status);
    out.revoked = role.value_of("revoked", out.status);
    return out;
  }

  model::Roles::FollowUp follow_up(Role& role) {
    return {role.kind(), role.required("about", Part::kReference),
            role.required("rule", Part::kText), role.required("status", Part::kText),
            role.required("promised", Part::kMoment)};
  }

  toml::Fields roles_;
  SchemaDraft& draft_;
  toml::Report& report_;
};

}  // namespace

void read_roles(const toml::Node& root, SchemaDraft& draft, toml::Report& report) {
  const toml::Node* const table = root.find("roles");
  if (table == nullptr || !table->is(toml::Node::Type::kTable)) return;
  Roles(*table, draft, report).read();
}

}  // namespace patuh::rulebook
