#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "pipeline/pipeline.h"
#include "tools/offline.h"

namespace patuh::tools {
namespace {

std::string element_json(const registry::Registry& registry, model::ElementRef element) {
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  json::Writer out;
  out.begin_object().member("element", registry.key_of(element).text());
  out.member("agency", registry.agency_code(element))
      .key("stub")
      .boolean(registry.is_stub(element));
  out.key("fields").begin_object();
  for (std::size_t i = 0; i < kind.fields.size(); ++i) {
    const model::FieldId field(static_cast<std::uint16_t>(i));
    if (!registry.has(element, field)) continue;
    out.key(kind.fields[i].name);
    if (!kind.fields[i].is_relation()) {
      out.string(expr::to_text(registry.value(element, field)));
      continue;
    }
    std::vector<std::string> ends;
    for (const model::ElementRef end : registry.related(element, field)) {
      ends.push_back(registry.key_of(end).text());
    }
    std::ranges::sort(ends);
    out.begin_array();
    for (const std::string& end : ends) out.string(end);
    out.end_array();
  }
  return out.end_object().end_object().take();
}

std::string verdict_json(const engine::Engine& engine, const engine::Verdict& verdict) {
  json::Writer out;
  out.begin_object().member("rule", engine.book().rules[verdict.rule.value].id);
  out.member("element", engine.registry().key_of(verdict.element).text());
  out.member("state", model::name_of(verdict.state));
  if (verdict.pending) out.key("pending").boolean(true);
  out.member("since", base::to_rfc3339(verdict.since));
  return out.member("occurrence", verdict.occurrence).end_object().take();
}

// The engine as it stood at `at` (RFC 3339; empty: at the log's end), telling how far it is.
base::Result<std::unique_ptr<engine::Engine>> engine_at(store::Reader& reader,
                                                        const std::string& at) {
  base::Instant until = base::kNever;
  if (!at.empty()) {
    const auto instant = base::from_rfc3339(at);
    if (!instant) return base::fail(instant, "--at");
    until = *instant;
  }
  ProgressLine progress("applying the log");
  pipeline::ReplayOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
  auto engine = pipeline::replay(reader, until, options);
  if (engine || engine.error().code != base::Code::kNotFound) return engine;
  const auto kept = reader.kept();
  if (!kept || kept->seq.value <= 1) return engine;
  return base::fail(base::Code::kNotFound, "the oldest instant that is kept is " +
                                               base::to_rfc3339(kept->from) + ": " +
                                               engine.error().message);
}

}  // namespace

int state(const Place& place, const std::string& at) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto engine = engine_at(*opened.reader, at);
  if (!engine) return complain(engine.error());
  std::vector<std::string> lines;
  const registry::Registry& registry = (*engine)->registry();
  registry.for_each(std::nullopt, [&](model::ElementRef element) {
    lines.push_back(element_json(registry, element));
  });
  (*engine)->for_each_verdict(
      [&](const engine::Verdict& verdict) { lines.push_back(verdict_json(**engine, verdict)); });
  // An order that does not hang on which element came first.
  std::ranges::sort(lines);
  for (const std::string& line : lines) std::puts(line.c_str());
  return kDone;
}

int explain(const Place& place, const std::string& rule_id, const std::string& subject,
            const std::string& at) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto engine = engine_at(*opened.reader, at);
  if (!engine) return complain(engine.error());
  const rulebook::RuleBook& book = (*engine)->book();
  const rulebook::Rule* const rule = book.rule(rule_id);
  const auto key = model::element_key_of(subject);
  const auto kind = key ? book.schema->kind_of(key->kind) : std::nullopt;
  if (rule == nullptr || !kind) {
    return complain(
        {base::Code::kNotFound, "there is no such rule, or the element is not kind/id"});
  }
  const auto element = (*engine)->registry().find(*kind, key->id);
  const auto why = element ? (*engine)->explain(rule->number, *element) : std::nullopt;
  if (!why) return complain({base::Code::kNotFound, "nothing is known of " + subject});
  std::printf("%s of %s: %s since %s%s\n", rule_id.c_str(), subject.c_str(),
              std::string(model::name_of(why->verdict.state)).c_str(),
              base::to_rfc3339(why->verdict.since).c_str(),
              why->verdict.pending ? " (waits to be judged again)" : "");
  if (!why->message_id.empty()) std::printf("%s\n", why->message_id.c_str());
  if (!why->reason.empty()) std::printf("reason: %s\n", why->reason.c_str());
  for (const engine::ExplainedStep& step : why->steps) {
    std::printf("  %s  →  %s\n", step.text.c_str(), step.value.c_str());
  }
  switch (why->verdict.state) {
    case model::VerdictState::kViolating:
      return kFinding;
    case model::VerdictState::kUndetermined:
      return kUndetermined;
    default:
      return kDone;
  }
}

}  // namespace patuh::tools
