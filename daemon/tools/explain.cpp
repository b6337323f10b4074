// patuhctl explain: the same words from a running daemon's answer and from the folder.
#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "text/text.h"
#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

// What is told, in the language that was asked for.
struct Told {
  struct Line {
    std::string place, text, value;
  };
  std::string state, since, message, reason;
  bool pending = false;  // waits to be judged again
  std::vector<Line> decided;
  std::vector<std::string> changes;
  std::string search;  // what came of the search for the smallest change; empty: there was none
};

model::Language language_of(text::Lang lang) {
  return lang == text::Lang::kEnglish ? model::Language::kEnglish : model::Language::kIndonesian;
}

// "require 17": the expression and where in it, counted from 1.
std::string place_of(std::string_view part, std::uint64_t begin) {
  return std::string(part) + " " + std::to_string(begin + 1);
}

// ── From the folder ──

Told told_of(const engine::Explanation& why, text::Lang lang) {
  const model::Language language = language_of(lang);
  Told out;
  out.state = model::name_of(why.verdict.state);
  out.since = base::to_rfc3339(why.verdict.since);
  out.pending = why.verdict.pending;
  out.message = model::Text{why.message_id, why.message_en}.in(language);
  out.reason = why.reason;
  for (const engine::DecidingStep& decided : why.decided) {
    out.decided.push_back({place_of(decided.step.part, decided.step.begin), decided.step.text,
                           decided.value.in(language)});
  }
  for (const engine::SmallestChange::Change& change : why.smallest_change.changes) {
    out.changes.push_back(change.told.in(language));
  }
  out.search = why.smallest_change.told.in(language);
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
// Of {"id": …, "en": …}.
std::string words_of(const json::Node* node, text::Lang lang) {
  const std::string words = string_of(member(node, text::name_of(lang)));
  return words.empty() ? string_of(member(node, "id")) : words;
}

Told told_of(const json::Node& answer, text::Lang lang) {
  Told out;
  const json::Node* const verdict = member(&answer, "verdict");
  out.state = string_of(member(verdict, "state"));
  out.since = string_of(member(verdict, "since"));
  const json::Node* const pending = member(verdict, "pending");
  out.pending = pending != nullptr && pending->is(json::Of::kBool) && pending->boolean();
  out.message = words_of(member(&answer, "message"), lang);
  out.reason = string_of(member(&answer, "reason"));
  for (const json::Node& step : items_of(member(&answer, "decided"))) {
    const json::Node* const begin = member(&step, "begin");
    const bool placed = begin != nullptr && begin->is(json::Of::kInt) && begin->integer() >= 0;
    out.decided.push_back({place_of(string_of(member(&step, "part")),
                                    placed ? static_cast<std::uint64_t>(begin->integer()) : 0),
                           string_of(member(&step, "text")),
                           words_of(member(&step, "told"), lang)});
  }
  const json::Node* const smallest = member(&answer, "smallest_change");
  for (const json::Node& change : items_of(member(smallest, "changes"))) {
    out.changes.push_back(words_of(member(&change, "told"), lang));
  }
  out.search = words_of(member(smallest, "told"), lang);
  return out;
}

base::Result<Told> explain_online(const Place& place, const ExplainOptions& options,
                                  text::Lang lang) {
  if (!options.at.empty()) {
    return base::fail(base::Code::kInvalid,
                      "the past is explained from the folder: --data-dir in place of --url");
  }
  const auto answer = ask(
      place, "GET",
      "/api/v1/verdicts/" + percent_encoded(options.rule) + "/" + percent_encoded(options.element),
      {});
  if (!answer) return std::unexpected(answer.error());
  const auto parsed = json::parse(*answer, {});
  if (!parsed || string_of(member(member(&parsed->root(), "verdict"), "state")).empty()) {
    return base::fail(base::Code::kUnavailable, place.url + " gives no answer of Patuh's");
  }
  return told_of(parsed->root(), lang);
}

// ── Printing ──

// Senders' words reach a terminal: what would steer it is left out.
void print_line(std::string line) {
  std::ranges::replace_if(line, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  std::printf("%s\n", line.c_str());
}

void print(const Told& told, const ExplainOptions& options, text::Lang lang) {
  const std::string state = text::of(lang, "state." + told.state);
  print_line(options.rule + " · " + options.element + " · " +
             (told.pending ? text::of(lang, "console.pending", {state}) : state) + " · " +
             text::of(lang, "console.since", {told.since}));
  if (!told.message.empty()) print_line(told.message);
  if (!told.reason.empty()) print_line(text::of(lang, "console.reason") + ": " + told.reason);
  if (!told.decided.empty()) print_line(text::of(lang, "explain.decided") + ":");
  for (const Told::Line& line : told.decided) {
    print_line("  " + line.text + "  →  " + line.value + "  (" + line.place + ")");
  }
  if (told.search.empty()) return;
  print_line(text::of(lang, "explain.smallest") + ":");
  for (const std::string& change : told.changes) print_line("  " + change);
  print_line("  " + told.search);
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
  print(*told, options, lang);
  return status_of_state(told->state);
}

}  // namespace patuh::tools
