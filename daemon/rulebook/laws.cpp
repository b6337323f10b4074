#include <map>

#include "rulebook/drafts.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

Law read_law(const toml::Member& member, const text::Zone& zone, toml::Report& report) {
  toml::Fields fields(member.value, report, "law " + in_quotes(member.key));
  Law law;
  law.key = member.key;
  law.title = read_text(fields, "title", toml::Need::kRequired);
  for (const auto& [key, out] : {std::pair("from", &law.from), std::pair("until", &law.until)}) {
    const toml::Node* const node = fields.any(key);
    if (node == nullptr) continue;
    *out = instant_of(*node, zone);
    if (!*out) report.error(node->at(), "WRONG-TYPE", in_quotes(key) + " must be a date");
  }
  if (law.from && law.until && *law.from >= *law.until) {
    report.error(fields.at("until"), "EFFECTIVE", "'until' is not after 'from'");
  }
  fields.finish();
  return law;
}

}  // namespace

std::vector<Law> read_laws(std::span<const ParsedFile> files, const text::Zone& zone,
                           toml::Report& report) {
  std::map<std::string, Law> laws;
  for (const ParsedFile& file : files) {
    const toml::Node* const table = file.root->find("laws");
    if (table == nullptr || !table->is(toml::Node::Type::kTable)) continue;
    for (const toml::Member& member : table->members()) {
      if (!is_code(member.key)) {
        report.error(member.at, "BAD-NAME", in_quotes(member.key) + " cannot be the key of a law",
                     "letters, digits, '-' and '_', at most 64");
      } else if (!member.value.is(toml::Node::Type::kTable)) {
        report.error(member.value.at(), "WRONG-TYPE", "a law must be a table");
      } else if (laws.contains(member.key)) {
        report.error(member.at, "DUPLICATE", "law " + in_quotes(member.key) + " stands twice");
      } else {
        laws.emplace(member.key, read_law(member, zone, report));
      }
    }
  }
  std::vector<Law> out;
  for (auto& [key, law] : laws) out.push_back(std::move(law));
  return out;
}

}  // namespace patuh::rulebook
