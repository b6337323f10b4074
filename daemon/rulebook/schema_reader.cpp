#include "rulebook/schema_reader.h"

#include <algorithm>
#include <map>
#include <set>

#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using model::FieldId;
using model::KindId;

constexpr std::size_t kKindsMax = 1000;
constexpr std::size_t kFieldsMax = 1000;

// The fields of a kind in the order in which they get numbers.
struct KindDecl {
  const toml::Member* member = nullptr;
  std::vector<FieldDecl> fields;
  std::set<std::string, std::less<>> without;
};

class SchemaReader {
 public:
  SchemaReader(const toml::Node& root, toml::Report& report)
      : root_(root, report, "schema.toml"), report_(report) {
    draft_.schema = std::make_shared<model::Schema>();
    draft_.schema->arena = std::make_shared<expr::Arena>();
  }

  SchemaDraft read() {
    read_pack();
    read_domains();
    read_common();
    read_kinds();
    order_fields();
    number_fields();
    connect_inverses(draft_, report_);
    read_roles(root_.node(), draft_, report_);
    check_agencies(draft_, report_);
    root_.table("roles");
    root_.finish();
    return std::move(draft_);
  }

 private:
  model::Schema& schema() { return *draft_.schema; }

  void read_pack() {
    const toml::Node* const node = root_.table("pack", toml::Need::kRequired);
    if (node == nullptr) return;
    toml::Fields pack(*node, report_, "[pack]");
    schema().pack = pack.string("id", toml::Need::kRequired).value_or("");
    schema().version = pack.string("version", toml::Need::kRequired).value_or("");
    schema().time_zone = pack.string("time_zone").value_or("UTC");
    read_text(pack, "title");
    base::Result<text::Zone> zone = text::zone(schema().time_zone);
    if (zone) {
      draft_.zone = std::move(*zone);
    } else {
      report_.error(pack.at("time_zone"), "TIME-ZONE", zone.error().message);
    }
    pack.finish();
  }

  void read_domains() {
    const toml::Node* const node = root_.table("domains");
    if (node == nullptr) return;
    for (const toml::Member& member : node->members()) {
      if (!check_name(member, "a domain", report_)) continue;
      schema().domains.push_back(member.key);
      if (!member.value.is(toml::Node::Type::kTable)) {
        report_.error(member.value.at(), "WRONG-TYPE",
                      "domain " + in_quotes(member.key) + " must be a table with a title");
        continue;
      }
      toml::Fields domain(member.value, report_, "domain " + in_quotes(member.key));
      schema().domain_titles[member.key] = read_text(domain, "title", toml::Need::kRequired);
      domain.finish();
    }
  }

  void read_common() {
    const toml::Node* const node = root_.table("common");
    if (node == nullptr) return;
    toml::Fields common(*node, report_, "[common]");
    collect_fields(common, common_);
    common.finish();
  }

  // Appends the declared fields in the order of the file, attributes before relations.
  void collect_fields(toml::Fields& owner, std::vector<FieldDecl>& out) {
    std::map<std::string, bool, std::less<>> seen;  // whether as a relation
    for (const bool relation : {false, true}) {
      const toml::Node* const node = owner.table(relation ? "relations" : "attributes");
      if (node == nullptr) continue;
      for (const toml::Member& member : node->members()) {
        if (!check_field_name(member, relation)) continue;
        if (!seen.emplace(member.key, relation).second) {
          report_.error(
              member.at, "DUPLICATE",
              in_quotes(member.key) + " is an attribute and a relation of " + owner.what());
          continue;
        }
        out.push_back({&member, relation});
      }
    }
  }

  bool check_field_name(const toml::Member& member, bool relation) {
    if (member.key == "id" || member.key == "kind") {
      report_.error(member.at, "RESERVED-NAME",
                    in_quotes(member.key) + " is built in: every element has it",
                    "choose another name");
      return false;
    }
    return check_name(member, relation ? "a relation" : "an attribute", report_);
  }

  void read_kinds() {
    const toml::Node* const node = root_.table("kinds", toml::Need::kRequired);
    if (node == nullptr) return;
    for (const toml::Member& member : node->members()) {
      if (!check_name(member, "a kind", report_)) continue;
      if (!member.value.is(toml::Node::Type::kTable)) {
        report_.error(member.value.at(), "WRONG-TYPE",
                      "kind " + in_quotes(member.key) + " must be a table");
        continue;
      }
      read_kind(member);
    }
    if (schema().kinds.size() > kKindsMax) {
      report_.error(node->at(), "LIMIT", "a schema has at most 1,000 kinds");
    }
  }

  void read_kind(const toml::Member& member) {
    toml::Fields fields(member.value, report_, "kind " + in_quotes(member.key));
    model::Kind kind;
    kind.id = KindId(static_cast<std::uint16_t>(schema().kinds.size()));
    kind.name = member.key;
    kind.title = read_text(fields, "title");
    if (kind.title.id.empty()) kind.title.id = kind.name;
    kind.domain = fields.string("domain").value_or("");
    const bool known = kind.domain.empty() ||
                       std::ranges::find(schema().domains, kind.domain) != schema().domains.end();
    if (!known) {
      const std::vector<std::string_view> names(schema().domains.begin(), schema().domains.end());
      report_.error(fields.at("domain"), "UNKNOWN-DOMAIN",
                    "there is no domain " + in_quotes(kind.domain),
                    toml::suggestion(kind.domain, names));
    }
    KindDecl decl{&member, {}, {}};
    collect_fields(fields, decl.fields);
    read_without(fields, decl);
    fields.string("name");  // looked up when the fields have numbers
    fields.finish();
    schema().by_name.add(kind.name, kind.id.value);
    schema().kinds.push_back(std::move(kind));
    draft_.kinds.push_back(&member);
    kinds_.push_back(std::move(decl));
  }

  void read_without(toml::Fields& fields, KindDecl& decl) {
    for (const std::string& name : fields.strings("without").value_or(std::vector<std::string>())) {
      const bool common = std::ranges::any_of(
          common_, [&](const FieldDecl& field) { return field.member->key == name; });
      if (common) {
        decl.without.insert(name);
        continue;
      }
      std::vector<std::string_view> names;
      names.reserve(common_.size());
      for (const FieldDecl& field : common_) names.push_back(field.member->key);
      report_.error(fields.at("without"), "UNKNOWN-FIELD",
                    "'without' names " + in_quotes(name) + ", which is no common field",
                    toml::suggestion(name, names));
    }
  }

  // Common fields that every kind has come first, so that they have one number in all kinds; then
  // the other common ones, then the kind's own. A redeclared field takes the common one's turn.
  void order_fields() {
    std::vector<FieldDecl> everywhere;
    std::vector<FieldDecl> elsewhere;
    for (const FieldDecl& field : common_) {
      const bool all = std::ranges::none_of(
          kinds_, [&](const KindDecl& kind) { return kind.without.contains(field.member->key); });
      (all ? everywhere : elsewhere).push_back(field);
    }
    everywhere.insert(everywhere.end(), elsewhere.begin(), elsewhere.end());
    for (KindDecl& kind : kinds_) kind.fields = merged(everywhere, kind);
  }

  static std::vector<FieldDecl> merged(const std::vector<FieldDecl>& common, const KindDecl& kind) {
    std::vector<FieldDecl> fields;
    std::set<std::string_view> taken;
    for (const FieldDecl& field : common) {
      const auto own = std::ranges::find_if(kind.fields, [&](const FieldDecl& candidate) {
        return candidate.member->key == field.member->key;
      });
      if (own == kind.fields.end() && kind.without.contains(field.member->key)) continue;
      fields.push_back(own == kind.fields.end() ? field : *own);
      taken.insert(field.member->key);
    }
    for (const FieldDecl& field : kind.fields) {
      if (!taken.contains(field.member->key)) fields.push_back(field);
    }
    return fields;
  }

  void number_fields() {
    const ValueContext context{schema().arena.get(), &draft_.zone, &report_};
    std::map<const toml::Member*, std::optional<model::Field>> read;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      model::Kind& kind = schema().kinds[i];
      std::vector<const toml::Member*>& places = draft_.fields.emplace_back();
      for (const FieldDecl& decl : kinds_[i].fields) {
        const auto [at, fresh] = read.try_emplace(decl.member);
        if (fresh) at->second = read_field(decl, schema(), context);
        if (!at->second) continue;
        kind.by_name.add(decl.member->key, static_cast<std::uint16_t>(kind.fields.size()));
        kind.fields.push_back(*at->second);
        places.push_back(decl.member);
      }
      finish_kind(kind, *kinds_[i].member);
    }
  }

  void finish_kind(model::Kind& kind, const toml::Member& member) {
    if (kind.fields.size() > kFieldsMax) {
      report_.error(member.at, "LIMIT", "a kind has at most 1,000 fields");
    }
    const toml::Node* const name = member.value.find("name");
    if (name == nullptr || !name->is(toml::Node::Type::kString)) {
      const auto usual = kind.field_of("nama");
      if (usual && is_name_field(kind, *usual)) kind.title_field = usual;
      return;
    }
    const auto field = kind.field_of(name->string());
    if (!field) {
      report_.error(name->at(), "UNKNOWN-FIELD",
                    kind.name + " has no attribute " + in_quotes(name->string()),
                    toml::suggestion(name->string(), field_names(kind)));
    } else if (!is_name_field(kind, *field)) {
      report_.error(
          name->at(), "FIELD-TYPE",
          in_quotes(name->string()) + " must be a string to be what people call a " + kind.name);
    } else {
      kind.title_field = field;
    }
  }

  static bool is_name_field(const model::Kind& kind, FieldId id) {
    const model::Field& field = kind.fields[id.value];
    return !field.is_relation() && (field.attribute().type == model::AttributeType::kString ||
                                    field.attribute().type == model::AttributeType::kText);
  }

  toml::Fields root_;
  toml::Report& report_;
  SchemaDraft draft_;
  std::vector<FieldDecl> common_;
  std::vector<KindDecl> kinds_;
};

}  // namespace

SchemaDraft read_schema(const toml::Node& root, toml::Report& report) {
  return SchemaReader(root, report).read();
}

}  // namespace patuh::rulebook
