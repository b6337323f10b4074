// [[rule]] without its expressions.
#include <algorithm>
#include <array>

#include "rulebook/drafts.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

using toml::Need;

constexpr auto kFamilies = std::to_array<std::string_view>(
    {"completeness", "accuracy", "consistency", "commitment", "timeliness", "security"});
constexpr auto kModes = std::to_array<std::string_view>({"enforced", "shadow"});
constexpr auto kSeverityNames =
    std::to_array<std::string_view>({"low", "medium", "high", "critical"});
constexpr auto kConfidences =
    std::to_array<std::string_view>({"article", "law", "known", "uncertain", "proposed"});

class RuleReader {
 public:
  RuleReader(const toml::Node& table, const Reading& reading)
      : fields_(table, reading.report, "a rule"), reading_(reading), report_(reading.report) {}

  std::optional<RuleDraft> read() {
    read_id();
    read_kinds();
    read_for_each();
    read_grades();
    read_effective();
    read_basis();
    read_expressions();
    draft_.shared.indicators = fields_.strings("indicators").value_or(std::vector<std::string>());
    draft_.shared.place = fields_.node().at().place();
    draft_.at = fields_.node().at();
    fields_.finish();
    if (draft_.id.empty() || draft_.kinds.empty() || draft_.require == nullptr) return std::nullopt;
    return std::move(draft_);
  }

 private:
  void read_id() {
    const auto id = fields_.string("id", Need::kRequired);
    if (!id) return;
    if (is_code(*id)) {
      draft_.id = *id;
      return;
    }
    report_.error(fields_.at("id"), "BAD-NAME", in_quotes(*id) + " cannot be the id of a rule",
                  "letters, digits, '-' and '_', at most 64");
  }

  void read_kinds() {
    const toml::Node* const many = fields_.array("kinds");
    const auto one = fields_.string("kind", many == nullptr ? Need::kRequired : Need::kOptional);
    if (one && many != nullptr) {
      report_.error(fields_.at("kinds"), "KIND", "a rule has 'kind' or 'kinds', not both");
    }
    if (one) add_kind(*one, fields_.at("kind"));
    if (many == nullptr) return;
    draft_.by_kind = true;
    const std::vector<std::string> names =
        fields_.strings("kinds").value_or(std::vector<std::string>());
    for (const std::string& name : names) add_kind(name, fields_.at("kinds"));
    if (names.empty()) report_.error(many->at(), "KIND", "'kinds' names no kind");
  }

  void add_kind(const std::string& name, toml::At at) {
    const model::Schema& schema = *reading_.schema.schema;
    const auto kind = schema.kind_of(name);
    if (!kind) {
      report_.error(at, "UNKNOWN-KIND", "there is no kind " + in_quotes(name),
                    toml::suggestion(name, kind_names(schema)));
    } else if (std::ranges::find(draft_.kinds, *kind) != draft_.kinds.end()) {
      report_.error(at, "DUPLICATE", "kind " + in_quotes(name) + " stands twice");
    } else {
      draft_.kinds.push_back(*kind);
    }
  }

  void read_for_each() {
    const toml::Node* const node = fields_.table("for_each");
    if (node == nullptr) return;
    if (node->members().size() != 1 || !node->members()[0].value.is(toml::Node::Type::kArray)) {
      report_.error(node->at(), "FOR-EACH", "'for_each' holds one name with a list of values",
                    R"(for_each = { topic = ["a", "b"] })");
      return;
    }
    const toml::Member& member = node->members()[0];
    if (!check_name(member, "a value of for_each", report_)) return;
    draft_.each_name = member.key;
    for (const toml::Node& item : member.value.items()) add_value(item);
    if (member.value.items().empty()) {
      report_.error(member.value.at(), "FOR-EACH", "'for_each' has no values");
    }
  }

  void add_value(const toml::Node& item) {
    if (!item.is(toml::Node::Type::kString) || !is_code(item.string())) {
      report_.error(item.at(), "FOR-EACH", "a value of 'for_each' becomes part of the rule's id",
                    "a string of letters, digits, '-' and '_', at most 64");
    } else if (std::ranges::find(draft_.each_values, item.string()) != draft_.each_values.end()) {
      report_.error(item.at(), "DUPLICATE", "value " + in_quotes(item.string()) + " stands twice");
    } else {
      draft_.each_values.push_back(item.string());
    }
  }

  void read_grades() {
    Rule& rule = draft_.shared;
    rule.mode = read_mode(fields_).value_or(Mode::kEnforced);
    rule.severity = read_severity(fields_, Need::kRequired).value_or(model::Severity::kLow);
    rule.grace = read_grace(fields_).value_or(base::Duration(0));
    rule.owner = fields_.string("owner").value_or("");
    if (const auto family = fields_.choice("family", kFamilies)) rule.family = kFamilies[*family];
  }

  void read_effective() {
    const toml::Node* const node = fields_.table("effective");
    if (node == nullptr) return;
    toml::Fields fields(*node, report_, "'effective'");
    Rule& rule = draft_.shared;
    for (const auto& [key, out] :
         {std::pair("from", &rule.effective_from), std::pair("until", &rule.effective_until)}) {
      const toml::Node* const date = fields.any(key);
      if (date == nullptr) continue;
      *out = instant_of(*date, reading_.schema.zone);
      if (!*out) report_.error(date->at(), "WRONG-TYPE", in_quotes(key) + " must be a date");
    }
    if (rule.effective_from && rule.effective_until &&
        *rule.effective_from >= *rule.effective_until) {
      report_.error(fields.at("until"), "EFFECTIVE", "'until' is not after 'from'");
    }
    fields.finish();
  }

  void read_basis() {
    for (const toml::Node* const node : fields_.tables("basis")) {
      toml::Fields fields(*node, report_, "a basis");
      Basis basis;
      basis.law = fields.string("law", Need::kRequired).value_or("");
      basis.article = fields.string("article").value_or("");
      const auto confidence = fields.choice("confidence", kConfidences, Need::kRequired);
      if (confidence) basis.confidence = static_cast<Confidence>(*confidence);
      check_law(basis, fields);
      if (confidence && basis.confidence == Confidence::kArticle && basis.article.empty()) {
        report_.error(fields.at("confidence"), "BASIS",
                      "confidence 'article' means that the article was seen: name it",
                      "without an article, 'law' is the highest confidence");
      }
      fields.finish();
      draft_.shared.basis.push_back(std::move(basis));
    }
  }

  void check_law(const Basis& basis, const toml::Fields& fields) {
    if (basis.law.empty()) return;
    const bool known =
        std::ranges::any_of(reading_.laws, [&](const Law& law) { return law.key == basis.law; });
    if (known) return;
    std::vector<std::string_view> keys;
    keys.reserve(reading_.laws.size());
    for (const Law& law : reading_.laws) keys.push_back(law.key);
    report_.error(fields.at("law"), "UNKNOWN-LAW", "there is no law " + in_quotes(basis.law),
                  toml::suggestion(basis.law, keys));
  }

  const toml::Node* expression(std::string_view key, Need need) {
    const toml::Node* const node = fields_.of_type(key, toml::Node::Type::kString, need);
    return node;
  }

  void read_expressions() {
    draft_.when = expression("when", Need::kOptional);
    draft_.require = expression("require", Need::kRequired);
    draft_.occurrence = expression("occurrence", Need::kOptional);
    draft_.title = texts("title", Need::kRequired);
    draft_.remedy = texts("remedy", Need::kOptional);
    draft_.message = texts("message", Need::kOptional);
  }

  TextNodes texts(std::string_view key, Need need) {
    const toml::Node* const node = fields_.table(key, need);
    if (node == nullptr) return {};
    toml::Fields languages(*node, report_, in_quotes(key));
    const TextNodes nodes{languages.of_type("id", toml::Node::Type::kString, Need::kRequired),
                          languages.of_type("en", toml::Node::Type::kString)};
    languages.finish();
    return nodes;
  }

  toml::Fields fields_;
  const Reading& reading_;
  toml::Report& report_;
  RuleDraft draft_;
};

}  // namespace

std::optional<base::Duration> read_grace(toml::Fields& fields) {
  const auto text = fields.string("grace");
  if (!text) return std::nullopt;
  const std::optional<base::Duration> grace = duration_of(*text);
  if (!grace) {
    fields.report().error(fields.at("grace"), "DURATION", in_quotes(*text) + " is no duration",
                          R"(days, hours, minutes, seconds: "30d", "72h", "1h30m")");
  }
  return grace;
}

std::optional<model::Severity> read_severity(toml::Fields& fields, toml::Need need) {
  const auto found = fields.choice("severity", kSeverityNames, need);
  if (!found) return std::nullopt;
  return static_cast<model::Severity>(*found);
}

std::optional<Mode> read_mode(toml::Fields& fields) {
  const auto found = fields.choice("mode", kModes);
  if (!found) return std::nullopt;
  return *found == 0 ? Mode::kEnforced : Mode::kShadow;
}

std::optional<RuleDraft> read_rule(const toml::Node& table, const Reading& reading) {
  return RuleReader(table, reading).read();
}

}  // namespace patuh::rulebook
