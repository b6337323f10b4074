#include <algorithm>
#include <map>

#include "config/options.h"
#include "toml/toml.h"

namespace patuh::config {
namespace {

using base::Diagnostic;

void add_fault(base::Diagnostics& out, std::string code, std::string message, std::string hint) {
  out.add({Diagnostic::Level::kError,
           std::move(code),
           {"--set", 0, 0},
           "",
           std::move(message),
           std::move(hint)});
}

std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const std::size_t dot = key.find('.');
  return {key.substr(0, dot), key.substr(dot + 1)};
}

// Reads one option out of its section's table.
struct FileReader {
  Config& config;
  toml::Fields& fields;
  toml::Report& report;
  const Option& option;
  std::string_view key;

  void operator()(std::string Config::* member) const {
    if (auto value = fields.string(key)) config.*member = std::move(*value);
  }
  void operator()(std::int64_t Config::* member) const {
    if (auto value = fields.integer(key, {option.min, option.max})) config.*member = *value;
  }
  void operator()(base::Duration Config::* member) const {
    const auto text = fields.string(key);
    if (!text) return;
    if (const auto value = parse_duration(*text)) {
      config.*member = *value;
    } else {
      report.error(fields.at(key), "WRONG-VALUE",
                   std::string(option.doc.key) + ": " + value.error().message,
                   std::string(option.doc.meaning));
    }
  }
  void operator()(std::vector<std::string> Config::* member) const {
    if (auto value = fields.strings(key)) config.*member = std::move(*value);
  }
  void operator()(Properties Config::* member) const {
    const toml::Node* const table = fields.table(key);
    if (table == nullptr) return;
    for (const toml::Member& entry : table->members()) read_property(entry, config.*member);
  }
  void read_property(const toml::Member& entry, Properties& into) const {
    using NodeType = toml::Node::Type;
    switch (entry.value.type()) {
      case NodeType::kString:
        into.emplace_back(entry.key, entry.value.string());
        return;
      case NodeType::kInteger:
        into.emplace_back(entry.key, std::to_string(entry.value.integer()));
        return;
      case NodeType::kBoolean:
        into.emplace_back(entry.key, entry.value.boolean() ? "true" : "false");
        return;
      default:
        report.error(
            entry.at, "WRONG-TYPE",
            "the Kafka setting " + entry.key + " must be a text, a number or true or false",
            "write dotted names in quotes: \"security.protocol\" = \"ssl\"");
    }
  }
};

void read_section(Config& config, toml::Fields& root, toml::Report& report,
                  std::string_view section, std::span<const Option* const> rows) {
  const toml::Node* const table = root.table(section);
  if (table == nullptr) return;
  toml::Fields fields(*table, report, "section [" + std::string(section) + "]");
  for (const Option* const option : rows) {
    const std::string_view key = split_key(option->doc.key).second;
    std::visit(FileReader{config, fields, report, *option, key}, option->member);
    if (const auto status = check(config, *option); !status && fields.any(key) != nullptr) {
      report.error(fields.at(key), "WRONG-VALUE",
                   std::string(option->doc.key) + " " + status.error().message,
                   std::string(option->doc.meaning));
    }
  }
  fields.finish();
}

void read_from(const std::filesystem::path& path, Config& config, base::Diagnostics& out) {
  auto text = base::read_file(path.string());
  if (!text) {
    out.add({Diagnostic::Level::kError,
             "CONFIG-NO-FILE",
             {path.string(), 0, 0},
             "",
             "the configuration file cannot be read",
             "check the path and its permissions: a file is wanted, not a folder"});
    return;
  }
  toml::Report report(out, "CONFIG");
  const auto document = toml::Document::parse(path.string(), std::move(*text), report);
  if (!document) return;
  toml::Fields root(document->root(), report, "the configuration");
  std::map<std::string_view, std::vector<const Option*>> sections;
  for (const Option& option : options()) {
    sections[split_key(option.doc.key).first].push_back(&option);
  }
  for (const auto& [section, rows] : sections) read_section(config, root, report, section, rows);
  root.finish();
}

void unknown_set(std::string_view key, base::Diagnostics& out) {
  std::vector<std::string_view> names;
  for (const Option& option : options()) names.push_back(option.doc.key);
  const std::string_view near = base::nearest(key, names);
  add_fault(out, "CONFIG-UNKNOWN-KEY", "there is no option " + std::string(key),
            near.empty() ? "`patuhctl config docs` lists all options"
                         : "did you mean " + std::string(near) + "?");
}

void apply_set(std::string_view text, Config& config, base::Diagnostics& out) {
  static constexpr std::string_view kProperties = "kafka.properties.";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    add_fault(out, "CONFIG-BAD-SET",
              "\"" + std::string(text) + "\" has no =", "write --set section.key=value");
    return;
  }
  const std::string_view key = text.substr(0, equals);
  const std::string_view value = text.substr(equals + 1);
  if (key.starts_with(kProperties)) {
    config.kafka_properties.emplace_back(key.substr(kProperties.size()), value);
    return;
  }
  const auto option =
      std::ranges::find(options(), key, [](const Option& row) { return row.doc.key; });
  if (option == options().end()) return unknown_set(key, out);
  auto status = set_from_text(config, *option, value);
  if (status) status = check(config, *option);
  if (!status) {
    add_fault(out, "CONFIG-WRONG-VALUE", std::string(key) + ": " + status.error().message,
              std::string(option->doc.meaning));
  }
}

}  // namespace

Config defaults() {
  Config out;
  for (const Option& option : options()) {
    PATUH_ASSERT(set_from_text(out, option, option.doc.default_text).has_value());
  }
  return out;
}

std::expected<Config, base::Diagnostics> load(const Input& input) {
  Config config = defaults();
  base::Diagnostics faults;
  if (input.file) read_from(*input.file, config, faults);
  for (const std::string& set : input.sets) apply_set(set, config, faults);
  if (faults.has_errors()) return std::unexpected(std::move(faults));
  return config;
}

std::vector<std::string_view> differing(const Config& a, const Config& b) {
  std::vector<std::string_view> out;
  for (const Option& option : options()) {
    const bool same =
        std::visit([&](auto member) { return a.*member == b.*member; }, option.member);
    if (!same) out.push_back(option.doc.key);
  }
  return out;
}

}  // namespace patuh::config
