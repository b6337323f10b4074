#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "pipeline/pipeline.h"
#include "tools/offline.h"

namespace patuh::tools {
namespace {

std::string transition_json(const store::StoredTransition& row) {
  const model::Transition& t = row.transition;
  json::Writer out;
  out.begin_object().key("number").unsigned_integer(row.number.value);
  out.key("record").unsigned_integer(row.seq.value);
  out.member("rule", t.rule).member("element", t.element.text()).member("agency", t.agency);
  out.member("from", model::name_of(t.from)).member("to", model::name_of(t.to));
  out.member("closing", model::name_of(t.closing)).member("severity", model::name_of(t.severity));
  out.member("since", base::to_rfc3339(t.since)).member("recorded", base::to_rfc3339(t.recorded));
  out.member("occurrence", t.occurrence).member("reason", t.reason);
  out.member("cause_source", t.cause_source).member("cause_id", t.cause_id);
  out.member("cause_type", t.cause_type).key("rule_version").unsigned_integer(t.rule_version);
  out.key("evidence").begin_array();
  for (const model::Fact& fact : t.evidence) {
    out.begin_object().member("element", fact.element).member("field", fact.field);
    out.key("value").raw(fact.value).end_object();
  }
  return out.end_array().end_object().take();
}

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

int log_show(const Place& place, std::uint64_t from, std::size_t limit, Format format) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  store::Cursor cursor = opened.reader->records(model::Seq(from));
  Table table({"record", "kind", "now", "events", "transitions"});
  while (table.size() < limit) {
    const auto record = cursor.next();
    if (!record) return complain(record.error());
    if (!*record) break;
    const store::StoredRecord& stored = **record;
    table.add({std::to_string(stored.seq.value), std::string(store::name_of(stored.record.kind)),
               base::to_rfc3339(stored.record.now), std::to_string(stored.event_count),
               std::to_string(stored.transition_count)});
  }
  std::fputs(table.render(format).c_str(), stdout);
  return kDone;
}

int log_export(const Place& place) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  store::TransitionFilter filter;
  filter.limit = 10'000;
  while (true) {
    const auto rows = opened.reader->transitions(filter);
    if (!rows) return complain(rows.error());
    for (const store::StoredTransition& row : *rows) {
      std::puts(transition_json(row).c_str());
      filter.after = row.number;
    }
    if (rows->size() < filter.limit) return kDone;
  }
}

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

int audit_verify(const Place& place, const std::string& head) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto found = opened.reader->verify_chain();
  if (!found) return complain(found.error());
  for (const store::Verification::Injury& injury : found->injuries) {
    std::printf("record %llu%s: %s\n", static_cast<unsigned long long>(injury.seq.value),
                injury.event ? (" event " + std::to_string(*injury.event)).c_str() : "",
                injury.message.c_str());
  }
  const std::string reached = base::to_hex(found->head.entry);
  std::printf("%llu records, %llu events, %llu transitions; head %s\n",
              static_cast<unsigned long long>(found->records),
              static_cast<unsigned long long>(found->events),
              static_cast<unsigned long long>(found->transitions), reached.c_str());
  if (!head.empty() && head != reached) {
    std::printf("the head given is another one: %s\n", head.c_str());
    return kFinding;
  }
  return found->injuries.empty() ? kDone : kFinding;
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
  std::printf("%s of %s: %s since %s\n", rule_id.c_str(), subject.c_str(),
              std::string(model::name_of(why->verdict.state)).c_str(),
              base::to_rfc3339(why->verdict.since).c_str());
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
