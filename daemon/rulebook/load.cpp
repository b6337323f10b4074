#include <algorithm>
#include <set>
#include <tuple>

#include "rulebook/derive.h"
#include "rulebook/drafts.h"
#include "rulebook/names.h"
#include "rulebook/sources.h"

namespace patuh::rulebook {
namespace {

constexpr std::size_t kRulesMax = 10'000;
constexpr auto kSchemaTables =
    std::to_array<std::string_view>({"pack", "domains", "common", "kinds", "roles"});

// A fault of what many kinds share is found once a kind.
base::Diagnostics without_repeats(const base::Diagnostics& all) {
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string, std::string>> seen;
  base::Diagnostics out;
  for (const base::Diagnostic& each : all.list()) {
    const base::Place& at = each.place;
    if (seen.emplace(at.file, at.line, at.column, each.code, each.message).second) out.add(each);
  }
  out.sort();
  return out;
}

class Loader {
 public:
  // `where` names the pack in a fault that has no file.
  Loader(std::vector<SourceFile> files, std::string where, base::Diagnostics& out)
      : files_(std::move(files)), where_(std::move(where)), report_(out, "PACK") {
    book_ = std::make_shared<RuleBook>();
    book_->arena = std::make_shared<expr::Arena>();
  }

  std::shared_ptr<const RuleBook> load() {
    parse();
    if (schema_root_ == nullptr) return nullptr;
    schema_ = read_schema(*schema_root_, report_);
    const bool compilable = !report_.out().has_errors();
    book_->schema = schema_.schema;
    book_->parameters = read_parameters(parsed_, schema_.zone, *book_->arena, report_);
    book_->laws = read_laws(parsed_, schema_.zone, report_);
    book_->grants = read_grants(parsed_, *schema_.schema, report_);
    const std::vector<OverrideDraft> overrides = read_overrides(parsed_, report_);
    const std::vector<RuleDraft> drafts = read_rules();
    if (!compilable) return nullptr;
    build(drafts, overrides);
    if (report_.out().has_errors()) return nullptr;
    finish();
    return book_;
  }

 private:
  // Test files are left to load_tests. A file that is no TOML was reported, and is left out.
  void parse() {
    for (const SourceFile& file : files_) {
      if (is_test_file(file.name)) continue;
      std::optional<toml::Document> document =
          toml::Document::parse(file.shown, file.text, report_);
      const bool schema = file.name == kSchemaFile && file.layer == 0;
      found_schema_ = found_schema_ || schema;
      if (!document) continue;
      documents_.push_back(std::move(*document));
      const toml::Node& root = documents_.back().root();
      if (schema) {
        schema_root_ = &root;
      } else {
        check_root(file, root);
        parsed_.push_back({file.layer, file.shown, &root});
      }
    }
    // What could not be read was said; the schema may be in it.
    const bool unread =
        std::ranges::count(report_.out().list(), "PACK-READ", &base::Diagnostic::code) > 0;
    if (found_schema_ || unread) return;
    report_.out().add({base::Diagnostic::Level::kError,
                       "PACK-NO-SCHEMA",
                       {where_, 0, 0},
                       "",
                       "the pack has no schema.toml",
                       ""});
  }

  void check_root(const SourceFile& file, const toml::Node& root) {
    toml::Fields fields(root, report_, "a file of rules");
    for (const std::string_view table : kSchemaTables) {
      if (fields.any(table) == nullptr) continue;
      const auto member = std::ranges::find(root.members(), table, &toml::Member::key);
      report_.error(
          member->at, "SCHEMA-PLACE",
          in_quotes(table) + " belongs into the pack's schema.toml, not into " + file.name);
    }
    fields.table("params");
    fields.table("laws");
    for (const std::string_view array : {"rule", "override", "grant"}) fields.tables(array);
    fields.finish();
  }

  std::vector<RuleDraft> read_rules() {
    std::vector<RuleDraft> drafts;
    const Reading reading{schema_, book_->laws, report_};
    for (const ParsedFile& file : parsed_) {
      const toml::Node* const array = file.root->find("rule");
      if (array == nullptr || !array->is(toml::Node::Type::kArray)) continue;
      for (const toml::Node& item : array->items()) {
        if (!item.is(toml::Node::Type::kTable)) continue;
        if (auto draft = read_rule(item, reading)) drafts.push_back(std::move(*draft));
      }
    }
    return drafts;
  }

  void build(std::span<const RuleDraft> drafts, std::span<const OverrideDraft> overrides) {
    const auto types = std::make_shared<const SchemaTypes>(*book_->schema);
    compile_derived(schema_, types, book_->parameters, report_);
    book_->rules = build_rules(drafts, types, book_->parameters, report_);
    apply_overrides(overrides, book_->rules, report_);
    if (book_->rules.size() > kRulesMax) {
      report_.error(schema_root_->at(), "LIMIT", "a pack has at most 10,000 rules");
    }
  }

  void finish() {
    RuleBook& book = *book_;
    set_versions(book.rules, *book.schema, book.parameters);
    book.by_kind.resize(book.schema->kinds.size());
    for (std::size_t i = 0; i < book.rules.size(); ++i) {
      book.rules[i].number = model::RuleId(static_cast<std::uint16_t>(i));
      book.by_kind[book.rules[i].kind.value].push_back(book.rules[i].number);
    }
    std::vector<std::string> parts;
    for (const SourceFile& file : files_) {
      if (is_test_file(file.name)) continue;
      book.files.push_back(to_pack_file(file));
      parts.push_back(std::to_string(book.files.back().name.size()) + ":" + book.files.back().name +
                      std::to_string(file.text.size()) + ":");
      parts.push_back(file.text);
    }
    book.hash = base::sha256(std::vector<std::string_view>(parts.begin(), parts.end()));
    warn_of_unused();
  }

  void warn_of_unused() {
    std::set<std::string, std::less<>> used;
    const auto use = [&](std::string_view text) {
      for (const std::string_view word : words_of(text)) used.emplace(word);
    };
    for (const Rule& rule : book_->rules) {
      for (const auto* const program : {&rule.when, &rule.require, &rule.occurrence}) {
        if (*program) use((*program)->text());
      }
      for (const Template* const text : {&rule.message.id, &rule.message.en}) {
        for (const Template::Part& part : text->parts) {
          if (part.program) use(part.program->text());
        }
      }
    }
    for (const model::Kind& kind : book_->schema->kinds) {
      for (const model::Field& field : kind.fields) {
        if (!field.is_relation()) use(field.attribute().derive);
      }
    }
    for (const ParsedFile& file : parsed_) warn_of_unused(file, used);
  }

  void warn_of_unused(const ParsedFile& file, const std::set<std::string, std::less<>>& used) {
    const toml::Node* const table = file.root->find("params");
    if (table == nullptr || file.layer != 0) return;
    for (const toml::Member& member : table->members()) {
      if (used.contains(member.key)) continue;
      report_.warning(member.at, "UNUSED-PARAMETER",
                      "no expression uses parameter " + in_quotes(member.key));
    }
  }

  std::vector<SourceFile> files_;
  std::string where_;
  toml::Report report_;
  std::vector<toml::Document> documents_;
  bool found_schema_ = false;
  const toml::Node* schema_root_ = nullptr;
  std::vector<ParsedFile> parsed_;
  SchemaDraft schema_;
  std::shared_ptr<RuleBook> book_;
};

Loaded load_files(std::vector<SourceFile> files, std::string where, base::Diagnostics found,
                  base::Diagnostics* warnings) {
  std::shared_ptr<const RuleBook> book = Loader(std::move(files), std::move(where), found).load();
  found = without_repeats(found);
  if (book == nullptr || found.has_errors()) return std::unexpected(std::move(found));
  if (warnings != nullptr) *warnings = std::move(found);
  return book;
}

}  // namespace

Loaded load(std::span<const std::filesystem::path> layers, base::Diagnostics* warnings) {
  base::Diagnostics found;
  toml::Report report(found, "PACK");
  std::vector<SourceFile> files = read_folders(layers, report);
  std::string where = layers.empty() ? "" : layers.front().string();
  return load_files(std::move(files), std::move(where), std::move(found), warnings);
}

Loaded load(std::span<const PackFile> files, base::Diagnostics* warnings) {
  std::vector<SourceFile> sources;
  for (const PackFile& file : files) sources.push_back(from_pack_file(file));
  sort_files(sources);
  base::Diagnostics found;
  for (std::size_t i = 1; i < sources.size(); ++i) {
    if (sources[i].layer != sources[i - 1].layer || sources[i].name != sources[i - 1].name)
      continue;
    found.add({base::Diagnostic::Level::kError,
               "PACK-READ",
               {sources[i].shown, 0, 0},
               "",
               "the pack has two files of this name",
               ""});
  }
  std::string where = sources.empty() ? std::string(kSchemaFile) : sources.front().shown;
  return load_files(std::move(sources), std::move(where), std::move(found), warnings);
}

const Rule* RuleBook::rule(std::string_view id) const {
  const auto found = std::ranges::lower_bound(rules, id, {}, &Rule::id);
  return found != rules.end() && found->id == id ? &*found : nullptr;
}

}  // namespace patuh::rulebook
