#include "rulebook/derive.h"

#include <algorithm>
#include <map>
#include <set>

#include "rulebook/compile.h"
#include "rulebook/environment.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using End = std::pair<std::uint16_t, std::uint16_t>;  // kind, field

// Answers as the schema does, and notes which fields were asked for.
class NotingTypes final : public expr::ObjectTypes {
 public:
  explicit NotingTypes(const SchemaTypes& types) : types_(types) {}

  bool has_type(std::string_view object) const override { return types_.has_type(object); }
  std::optional<Field> field(std::string_view object, std::string_view name) const override {
    const auto found = types_.field(object, name);
    if (found) note(object, found->number);
    return found;
  }
  std::vector<std::string_view> field_names(std::string_view object) const override {
    return types_.field_names(object);
  }

  std::set<End> take() { return std::exchange(asked_, {}); }

 private:
  void note(std::string_view object, std::uint16_t field) const {
    for (const model::Kind& kind : types_.schema().kinds) {
      if (object == kAnyKind || object == kind.name) asked_.emplace(kind.id.value, field);
    }
  }
  const SchemaTypes& types_;
  mutable std::set<End> asked_;  // one thread loads a pack
};

class Deriver {
 public:
  Deriver(SchemaDraft& draft, const std::shared_ptr<const SchemaTypes>& types, toml::Report& report)
      : draft_(draft),
        types_(types),
        noting_(*types),
        compiler_(*draft.schema, report),
        report_(report) {}

  void compile(std::span<const Parameter> parameters) {
    for (const model::Kind& kind : draft_.schema->kinds) {
      const bool any = std::ranges::any_of(kind.fields, [](const model::Field& f) {
        return !f.is_relation() && f.attribute().is_derived();
      });
      if (!any) continue;
      const expr::Environment environment =
          make_environment(types_, &noting_, kind.id, parameters, {});
      for (std::size_t i = 0; i < kind.fields.size(); ++i) {
        if (kind.fields[i].is_relation() || !kind.fields[i].attribute().is_derived()) continue;
        compile(environment, {kind.id.value, static_cast<std::uint16_t>(i)});
      }
    }
  }

  // Whatever leads back to itself has no value.
  void refuse_cycles() {
    for (const auto& [end, reads] : reads_) {
      if (!reaches(end, end)) continue;
      report_.error(draft_.member(model::KindId(end.first), model::FieldId(end.second)).at,
                    "DERIVE-CYCLE", "derived attribute " + name(end) + " reads itself" + by(end));
    }
  }

  // After refuse_cycles() found none.
  void classify() {
    for (const auto& [end, reads] : reads_) attribute(end).derived_on_read = is_on_read(end);
    for (const auto& [end, reads] : reads_) {
      if (!attribute(end).derived_on_read) {
        order(end);
      } else if (attribute(end).indexed) {
        report_.error(draft_.member(model::KindId(end.first), model::FieldId(end.second)).at,
                      "INDEX-ON-READ",
                      name(end) + " cannot be indexed: it is evaluated where it is read",
                      "only an expression over self's own attributes can be indexed");
      }
    }
  }

 private:
  void compile(const expr::Environment& environment, const End& end) {
    const toml::Node* const node =
        draft_.member(model::KindId(end.first), model::FieldId(end.second)).value.find("derive");
    const model::Field& field =
        draft_.schema->field(model::KindId(end.first), model::FieldId(end.second));
    auto program = compiler_.compile(environment, whole(*node), type_of(*draft_.schema, field));
    const std::set<End> asked = noting_.take();
    if (!program) return;
    attribute(end).program = std::move(program);
    std::set<End>& reads = reads_[end];
    for (const End& one : asked) {
      if (is_derived(one)) reads.insert(one);
    }
  }

  bool is_derived(const End& end) const {
    if (end.second >= draft_.schema->kinds[end.first].fields.size()) return false;  // id, kind
    const model::Field& field = draft_.schema->kinds[end.first].fields[end.second];
    return !field.is_relation() && field.attribute().is_derived();
  }

  model::Attribute& attribute(const End& end) {
    return std::get<model::Attribute>(draft_.schema->kinds[end.first].fields[end.second].is);
  }

  const expr::Facts& facts_of(const End& end) {
    const std::optional<expr::Program>& program = attribute(end).program;
    PATUH_ASSERT(program.has_value());
    return program->facts();
  }

  std::string name(const End& end) const {
    const model::Kind& kind = draft_.schema->kinds[end.first];
    return kind.name + "." + kind.fields[end.second].name;
  }

  bool reaches(const End& from, const End& to) const {
    std::set<End> seen;
    std::vector<End> open(reads_.at(from).begin(), reads_.at(from).end());
    while (!open.empty()) {
      const End at = open.back();
      open.pop_back();
      if (at == to) return true;
      const auto next = reads_.find(at);
      if (next == reads_.end() || !seen.insert(at).second) continue;
      open.insert(open.end(), next->second.begin(), next->second.end());
    }
    return false;
  }

  // The first step of the way back, for the message.
  std::string by(const End& end) const {
    const std::set<End>& reads = reads_.at(end);
    if (reads.contains(end)) return "";
    for (const End& step : reads) {
      if (reads_.contains(step) && reaches(step, end)) return " by way of " + name(step);
    }
    return "";
  }

  // Everything but own attributes (sent, or derived from such) makes it one that is evaluated where
  // it is read.
  bool is_on_read(const End& end) {
    const expr::Facts& facts = facts_of(end);
    if (!facts.only_variable_fields || facts.reads_now) return true;
    const model::Kind& kind = draft_.schema->kinds[end.first];
    return std::ranges::any_of(facts.variable_fields, [&](std::uint16_t field) {
      if (field >= kind.fields.size()) return false;
      if (kind.fields[field].is_relation()) return true;
      const End read{end.first, field};
      return is_derived(read) && (!reads_.contains(read) || is_on_read(read));
    });
  }

  void order(const End& end) {
    std::vector<model::FieldId>& derived = draft_.schema->kinds[end.first].derived;
    const model::FieldId field(end.second);
    if (std::ranges::find(derived, field) != derived.end()) return;
    for (const std::uint16_t read : facts_of(end).variable_fields) {
      if (reads_.contains({end.first, read})) order({end.first, read});
    }
    derived.push_back(field);
  }

  SchemaDraft& draft_;
  std::shared_ptr<const SchemaTypes> types_;
  NotingTypes noting_;
  Compiler compiler_;
  toml::Report& report_;
  std::map<End, std::set<End>>
      reads_;  // compiled derived attributes, and the derived ones they read
};

}  // namespace

void compile_derived(SchemaDraft& draft, const std::shared_ptr<const SchemaTypes>& types,
                     std::span<const Parameter> parameters, toml::Report& report) {
  Deriver deriver(draft, types, report);
  deriver.compile(parameters);
  const std::size_t before = report.out().list().size();
  deriver.refuse_cycles();
  if (report.out().list().size() == before) deriver.classify();
}

}  // namespace patuh::rulebook
