// *.test.toml: what rule authors expect of their rules.
#include <algorithm>
#include <array>

#include "rulebook/drafts.h"
#include "rulebook/names.h"
#include "rulebook/sources.h"

namespace patuh::rulebook {
namespace {

using toml::Need;

constexpr auto kStates = std::to_array<std::string_view>(
    {"not_applicable", "compliant", "violating", "undetermined", "waived"});

class TestReader {
 public:
  TestReader(const RuleBook& book, toml::Report& report) : book_(book), report_(report) {}

  void read(const toml::Node& root) {
    toml::Fields fields(root, report_, "a file of tests");
    for (const toml::Node* const table : fields.tables("test")) read_test(*table);
    fields.finish();
  }

  std::vector<TestCase> take() { return std::move(cases_); }

 private:
  void read_test(const toml::Node& table) {
    toml::Fields fields(table, report_, "a test");
    TestCase test;
    test.name = fields.string("name", Need::kRequired).value_or("");
    test.place = table.at().place();
    next_ = 1;
    for (const toml::Node* const step : fields.tables("step")) read_step(*step, test);
    if (test.steps.empty()) {
      report_.error(table.at(), "TEST", "test " + in_quotes(test.name) + " has no step",
                    "[[test.step]] with now, events and expect");
    }
    fields.finish();
    cases_.push_back(std::move(test));
  }

  void read_step(const toml::Node& table, TestCase& test) {
    toml::Fields fields(table, report_, "a step");
    TestStep step;
    if (const toml::Node* const now =
            fields.of_type("now", toml::Node::Type::kInstant, Need::kRequired)) {
      step.now = now->instant();
      if (!test.steps.empty() && step.now < test.steps.back().now) {
        report_.error(now->at(), "TEST", "'now' goes back: steps follow each other in time");
      }
    }
    for (const toml::Node* const event : fields.tables("events")) read_event(*event, step);
    for (const toml::Node* const expect : fields.tables("expect")) read_expectation(*expect, step);
    fields.finish();
    test.steps.push_back(std::move(step));
  }

  // What is not written is given: source "test", ascending ids and versions, the step's time.
  void read_event(const toml::Node& table, TestStep& step) {
    toml::Fields fields(table, report_, "an event");
    const std::int64_t number = next_++;
    model::Envelope event;
    event.type = fields.string("type", Need::kRequired).value_or("");
    event.source = fields.string("source").value_or("test");
    event.id = fields.string("id").value_or(std::to_string(number));
    event.version = fields.integer("version").value_or(number);
    event.time = step.now;
    if (const toml::Node* const time = fields.of_type("time", toml::Node::Type::kInstant)) {
      event.time = time->instant();
    }
    event.subject = fields.string("subject").value_or("");
    if (!event.subject.empty()) check_key(event.subject, fields.at("subject"));
    if (const toml::Node* const data = fields.table("data")) event.data = toml::to_json(*data);
    event.position = {"test", table.at().place().file, 0, table.at().line()};
    fields.finish();
    step.events.push_back(std::move(event));
  }

  void read_expectation(const toml::Node& table, TestStep& step) {
    toml::Fields fields(table, report_, "an expectation");
    Expectation expectation;
    expectation.place = table.at().place();
    expectation.rule = fields.string("rule", Need::kRequired).value_or("");
    expectation.element = fields.string("element", Need::kRequired).value_or("");
    if (const auto state = fields.choice("state", kStates, Need::kRequired)) {
      expectation.state = *model::verdict_state_of(kStates[*state]);
    }
    fields.finish();
    const bool known = check_rule(expectation.rule, fields.at("rule"));
    const auto kind = expectation.element.empty()
                          ? std::nullopt
                          : check_key(expectation.element, fields.at("element"));
    if (known && kind && book_.rule(expectation.rule)->kind != *kind) {
      report_.error(fields.at("element"), "TEST",
                    expectation.rule + " judges " +
                        book_.schema->kind(book_.rule(expectation.rule)->kind).name + ", not " +
                        book_.schema->kind(*kind).name);
    }
    step.expect.push_back(std::move(expectation));
  }

  bool check_rule(const std::string& id, toml::At at) {
    if (id.empty()) return false;
    if (book_.rule(id) != nullptr) return true;
    std::vector<std::string_view> ids;
    for (const Rule& rule : book_.rules) ids.push_back(rule.id);
    report_.error(at, "UNKNOWN-RULE", "there is no rule " + in_quotes(id),
                  toml::suggestion(id, ids));
    return false;
  }

  std::optional<KindId> check_key(const std::string& text, toml::At at) {
    const auto key = model::element_key_of(text);
    if (!key) {
      report_.error(at, "TEST", in_quotes(text) + " names no element", "write \"kind/id\"");
      return std::nullopt;
    }
    const auto kind = book_.schema->kind_of(key->kind);
    if (!kind) {
      report_.error(at, "UNKNOWN-KIND", "there is no kind " + in_quotes(key->kind),
                    toml::suggestion(key->kind, kind_names(*book_.schema)));
    }
    return kind;
  }

  const RuleBook& book_;
  toml::Report& report_;
  std::int64_t next_ = 1;
  std::vector<TestCase> cases_;
};

std::expected<std::vector<TestCase>, base::Diagnostics> read_tests(
    const std::vector<SourceFile>& files, const RuleBook& book, base::Diagnostics found) {
  toml::Report report(found, "PACK");
  TestReader reader(book, report);
  for (const SourceFile& file : files) {
    if (!is_test_file(file.name)) continue;
    const auto document = toml::Document::parse(file.shown, file.text, report);
    if (document) reader.read(document->root());
  }
  found.sort();
  if (found.has_errors()) return std::unexpected(std::move(found));
  return reader.take();
}

}  // namespace

std::expected<std::vector<TestCase>, base::Diagnostics> load_tests(
    const std::filesystem::path& pack, const RuleBook& book) {
  base::Diagnostics found;
  toml::Report report(found, "PACK");
  const std::vector<SourceFile> files = read_folders(std::span(&pack, 1), report);
  return read_tests(files, book, std::move(found));
}

std::expected<std::vector<TestCase>, base::Diagnostics> load_tests(std::span<const PackFile> files,
                                                                   const RuleBook& book) {
  std::vector<SourceFile> sources;
  for (const PackFile& file : files) sources.push_back(from_pack_file(file));
  sort_files(sources);
  return read_tests(sources, book, {});
}

}  // namespace patuh::rulebook
