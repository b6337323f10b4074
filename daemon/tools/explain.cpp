// patuhctl explain: the same words from a running daemon's answer and from the folder.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "json/json.h"
#include "text/text.h"
#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

// What is told, in the language that was asked for.
struct Told {
  std::string state;
  std::vector<std::string> lines;
};

model::Language language_of(text::Lang lang) {
  return lang == text::Lang::kEnglish ? model::Language::kEnglish : model::Language::kIndonesian;
}

// ── From the folder ──

Told told_of(const engine::Explanation& why, text::Lang lang) {
  Told out{std::string(model::name_of(why.verdict.state)), {}};
  for (const model::Text& line : why.lines) out.lines.push_back(line.in(language_of(lang)));
  return out;
}

base::Result<Told> explain_offline(store::Reader& reader, const ExplainOptions& options,
                                   text::Lang lang) {
  const auto engine = engine_at(reader, options.at);
  if (!engine) return std::unexpected(engine.error());
  const rulebook::RuleBook& book = (*engine)->book();
  const rulebook::Rule* const rule = book.rule(options.rule);
  const auto key = model::element_key_of(options.element);
  const auto kind = key ? book.schema->kind_of(key->kind) : std::nullopt;
  if (rule == nullptr || !kind) {
    return base::fail(base::Code::kNotFound,
                      "there is no such rule, or the element is not kind/id");
  }
  const auto element = (*engine)->registry().find(*kind, key->id);
  const auto why = element ? (*engine)->explain(rule->number, *element) : std::nullopt;
  if (!why) return base::fail(base::Code::kNotFound, "nothing is known of " + options.element);
  return told_of(*why, lang);
}

// ── From a running daemon ──

const json::Node* member(const json::Node* node, std::string_view key) {
  return node != nullptr && node->is(json::Of::kObject) ? node->find(key) : nullptr;
}
std::string string_of(const json::Node* node) {
  return node != nullptr && node->is(json::Of::kString) ? std::string(node->string())
                                                        : std::string();
}
std::span<const json::Node> items_of(const json::Node* node) {
  return node != nullptr && node->is(json::Of::kArray) ? node->items()
                                                       : std::span<const json::Node>();
}
Told told_of(const json::Node& answer, text::Lang lang) {
  Told out{string_of(member(member(&answer, "verdict"), "state")), {}};
  const json::Node* const lines = member(&answer, "lines");
  for (const json::Node& line : items_of(member(lines, text::name_of(lang)))) {
    out.lines.push_back(string_of(&line));
  }
  return out;
}

base::Result<Told> explain_online(const Place& place, const ExplainOptions& options,
                                  text::Lang lang) {
  if (!options.at.empty()) {
    return base::fail(base::Code::kInvalid,
                      "the past is explained from the folder: --data-dir in place of --url");
  }
  const auto answer = ask(place, "GET",
                          "/api/v1/verdicts/" + base::percent_encoded(options.rule) + "/" +
                              base::percent_encoded(options.element, "/"),
                          {});
  if (!answer) return std::unexpected(answer.error());
  const auto parsed = json::parse(*answer, {});
  if (!parsed || string_of(member(member(&parsed->root(), "verdict"), "state")).empty()) {
    return base::fail(base::Code::kUnavailable, place.url + " gives no answer of Patuh's");
  }
  return told_of(parsed->root(), lang);
}

// ── Printing ──

// A daemon's words reach a terminal.
void print_line(const std::string& line) {
  std::printf("%s\n", base::printable(line, " ").c_str());
}

void print(const Told& told, const ExplainOptions& options) {
  std::string before = options.rule + " · " + options.element + " · ";
  for (const std::string& line : told.lines) print_line(std::exchange(before, {}) + line);
}

int status_of_state(const std::string& state) {
  if (state == model::name_of(model::VerdictState::kViolating)) return kFinding;
  return state == model::name_of(model::VerdictState::kUndetermined) ? kUndetermined : kDone;
}

}  // namespace

int explain(const Place& place, const ExplainOptions& options) {
  const text::Lang lang = text::lang_of(options.lang).value_or(text::Lang::kIndonesian);
  base::Result<Told> told;
  if (place.url.empty()) {
    OpenedReader opened = open_reader(place);
    if (opened.status != kDone) return opened.status;
    told = explain_offline(*opened.reader, options, lang);
  } else {
    told = explain_online(place, options, lang);
  }
  if (!told) return complain(told.error());
  // A state that the catalogue does not know would be a newer daemon's.
  if (text::find("state." + told->state) == nullptr) {
    return complain({base::Code::kUnavailable, "the daemon says an unknown state: " + told->state});
  }
  print(*told, options);
  return status_of_state(told->state);
}

}  // namespace patuh::tools
