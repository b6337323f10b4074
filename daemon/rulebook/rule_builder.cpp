// Drafts → rules: stamped out, compiled.
#include <map>

#include "rulebook/compile.h"
#include "rulebook/drafts.h"
#include "rulebook/names.h"
#include "rulebook/template.h"

namespace patuh::rulebook {
namespace {

class RuleBuilder {
 public:
  RuleBuilder(const std::shared_ptr<const SchemaTypes>& types,
              std::span<const Parameter> parameters, toml::Report& report)
      : types_(types),
        parameters_(parameters),
        compiler_(types->schema(), report),
        report_(report) {}

  void build(const RuleDraft& draft) {
    for (const KindId kind : draft.kinds) {
      std::string id = draft.id;
      Each each;
      if (draft.by_kind) {
        const std::string& name = types_->schema().kind(kind).name;
        id += "." + name;
        each.emplace_back("kind", name);
      }
      if (draft.each_name.empty()) {
        stamp(draft, kind, id, each);
        continue;
      }
      for (const std::string& value : draft.each_values) {
        Each with = each;
        with.emplace_back(draft.each_name, value);
        stamp(draft, kind, id + "." + value, with);
      }
    }
  }

  std::vector<Rule> take() {
    std::vector<Rule> out;
    for (auto& [id, rule] : rules_) out.push_back(std::move(rule));
    return out;
  }

 private:
  void stamp(const RuleDraft& draft, KindId kind, const std::string& id, const Each& each) {
    const auto [at, fresh] = rules_.try_emplace(id, draft.shared);
    if (!fresh) {
      const base::Place& first = at->second.place;
      report_.error(draft.at, "DUPLICATE",
                    "rule " + in_quotes(id) + " stands in " + first.file + ":" +
                        std::to_string(first.line) + " already");
      return;
    }
    Rule& rule = at->second;
    rule.id = id;
    rule.kind = kind;
    const expr::Environment environment = environment_of(kind, each);
    rule.require = compiler_.compile_condition(environment, whole(*draft.require));
    if (draft.when != nullptr) {
      rule.when = compiler_.compile_condition(environment, whole(*draft.when));
    }
    if (draft.occurrence != nullptr) {
      rule.occurrence =
          compiler_.compile(environment, whole(*draft.occurrence), expr::Type::string());
    }
    rule.title = filled(draft.title, each);
    rule.remedy = filled(draft.remedy, each);
    if (draft.message.id != nullptr) {
      rule.message.id = read_template(*draft.message.id, environment, compiler_);
    }
    if (draft.message.en != nullptr) {
      rule.message.en = read_template(*draft.message.en, environment, compiler_);
    }
  }

  model::Text filled(const TextNodes& nodes, const Each& each) {
    model::Text text;
    if (nodes.id != nullptr) text.id = fill_each(*nodes.id, each, report_);
    if (nodes.en != nullptr) text.en = fill_each(*nodes.en, each, report_);
    return text;
  }

  expr::Environment make(KindId kind, const Each& each) const {
    return make_environment(types_, types_.get(), kind, parameters_, each);
  }

  // Rules of one kind that are not stamped out share one.
  expr::Environment environment_of(KindId kind, const Each& each) {
    if (!each.empty()) return make(kind, each);
    const auto found = environments_.find(kind);
    if (found != environments_.end()) return found->second;
    return environments_.emplace(kind, make(kind, each)).first->second;
  }

  std::shared_ptr<const SchemaTypes> types_;
  std::span<const Parameter> parameters_;
  Compiler compiler_;
  toml::Report& report_;
  std::map<KindId, expr::Environment> environments_;
  std::map<std::string, Rule> rules_;
};

}  // namespace

std::vector<Rule> build_rules(std::span<const RuleDraft> drafts,
                              const std::shared_ptr<const SchemaTypes>& types,
                              std::span<const Parameter> parameters, toml::Report& report) {
  RuleBuilder builder(types, parameters, report);
  for (const RuleDraft& draft : drafts) builder.build(draft);
  return builder.take();
}

}  // namespace patuh::rulebook
