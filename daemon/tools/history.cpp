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

}  // namespace patuh::tools
