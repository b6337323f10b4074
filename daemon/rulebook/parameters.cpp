#include <map>

#include "rulebook/drafts.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

class ParameterReader {
 public:
  ParameterReader(const text::Zone& zone, expr::Arena& arena, toml::Report& report)
      : context_{&arena, &zone, &report}, report_(report) {}

  void read(const ParsedFile& file) {
    const toml::Node* const table = file.root->find("params");
    if (table == nullptr || !table->is(toml::Node::Type::kTable)) return;
    for (const toml::Member& member : table->members()) read(file, member);
  }

  std::vector<Parameter> take() {
    std::vector<Parameter> out;
    for (auto& [name, known] : known_) out.push_back(std::move(known.parameter));
    return out;
  }

 private:
  struct Known {
    Parameter parameter;
    std::size_t layer = 0;
  };

  void read(const ParsedFile& file, const toml::Member& member) {
    if (!check_name(member, "a parameter", report_)) return;
    if (!member.value.is(toml::Node::Type::kTable)) {
      report_.error(member.value.at(), "WRONG-TYPE",
                    "parameter " + in_quotes(member.key) + " must be a table",
                    member.key + " = { value = … }");
      return;
    }
    toml::Fields fields(member.value, report_, "parameter " + in_quotes(member.key));
    Parameter parameter;
    parameter.name = member.key;
    parameter.set_by = file.shown;
    parameter.title = read_text(fields, "title");
    const toml::Node* const value = fields.any("value", toml::Need::kRequired);
    fields.finish();
    if (value == nullptr) return;
    const std::optional<Typed> typed = constant_value(*value, context_);
    if (!typed) return;
    parameter.value = typed->value;
    parameter.type = typed->type;
    file.layer == 0 ? declare(member, std::move(parameter))
                    : change(file.layer, member, *value, std::move(parameter));
  }

  void declare(const toml::Member& member, Parameter parameter) {
    const auto [at, fresh] = known_.try_emplace(member.key);
    if (!fresh) {
      report_.error(member.at, "DUPLICATE",
                    "parameter " + in_quotes(member.key) + " stands in " +
                        at->second.parameter.set_by + " already");
      return;
    }
    at->second.parameter = std::move(parameter);
  }

  void change(std::size_t layer, const toml::Member& member, const toml::Node& node,
              Parameter parameter) {
    const auto at = known_.find(member.key);
    if (at == known_.end()) {
      std::vector<std::string_view> names;
      for (const auto& [name, known] : known_) names.push_back(name);
      report_.error(member.at, "UNKNOWN-PARAMETER",
                    "the pack has no parameter " + in_quotes(member.key),
                    toml::suggestion(member.key, names));
      return;
    }
    Known& known = at->second;
    if (known.layer == layer) {
      report_.error(member.at, "DUPLICATE",
                    "parameter " + in_quotes(member.key) + " is set in " + known.parameter.set_by +
                        " already");
      return;
    }
    widen(known.parameter.type, parameter);
    if (!fits(known.parameter.type, parameter.type)) {
      report_.error(node.at(), "PARAMETER-TYPE",
                    "parameter " + in_quotes(member.key) + " is of type " +
                        known.parameter.type.text() + ", not " + parameter.type.text());
      return;
    }
    parameter.type = known.parameter.type;
    if (parameter.title.id.empty()) parameter.title = known.parameter.title;
    known = {std::move(parameter), layer};
  }

  // A whole number stands for a number.
  static void widen(const expr::Type& wanted, Parameter& parameter) {
    if (wanted == expr::Type::number() && parameter.type == expr::Type::integer()) {
      parameter.value = expr::Value::number(static_cast<double>(parameter.value.as_int()));
      parameter.type = expr::Type::number();
    }
  }

  // The same type; an empty list or map fits any other.
  static bool fits(const expr::Type& wanted, const expr::Type& given) {
    using Of = expr::Type::Of;
    if (wanted == given || wanted.of() == Of::kDyn || given.of() == Of::kDyn) return true;
    if (wanted.of() != given.of()) return false;
    if (wanted.of() == Of::kList) return fits(wanted.parameter(0), given.parameter(0));
    if (wanted.of() == Of::kMap) return fits(wanted.parameter(1), given.parameter(1));
    return false;
  }

  ValueContext context_;
  toml::Report& report_;
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace

std::vector<Parameter> read_parameters(std::span<const ParsedFile> files, const text::Zone& zone,
                                       expr::Arena& arena, toml::Report& report) {
  ParameterReader reader(zone, arena, report);
  for (const ParsedFile& file : files) reader.read(file);
  return reader.take();
}

}  // namespace patuh::rulebook
