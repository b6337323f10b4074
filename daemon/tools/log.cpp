// The log for people: its records, its events to play again, its chain.
#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "tools/offline.h"
#include "tools/online.h"

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

struct Span {
  base::Instant since = base::Instant::min(), until = base::kNever;
};

base::Result<Span> span_of(const LogOptions& options) {
  Span out;
  if (!options.since.empty()) {
    const auto since = base::from_rfc3339(options.since);
    if (!since) return base::fail(since, "--since");
    out.since = *since;
  }
  if (!options.until.empty()) {
    const auto until = base::from_rfc3339(options.until);
    if (!until) return base::fail(until, "--until");
    out.until = *until;
  }
  return out;
}

int truncated(std::size_t limit) {
  std::fprintf(stderr, "patuhctl: cut after %zu records; --limit N shows more\n", limit);
  return kUndetermined;
}

// Visits the records that the options let through, until `visit` answers a status to leave with;
// kUndetermined when there are more than the limit.
template <class Visit>
int for_each_record(store::Reader& reader, const LogOptions& options, const Visit& visit) {
  const auto span = span_of(options);
  if (!span) return complain(span.error());
  store::Cursor cursor = reader.records(model::Seq(std::max<std::uint64_t>(options.from, 1)));
  std::size_t visited = 0;
  while (true) {
    const auto record = cursor.next();
    if (!record) return complain(record.error());
    if (!*record || (*record)->seq.value > options.to) return kDone;
    const store::StoredRecord& stored = **record;
    const bool of_kind = options.kind.empty() || store::name_of(stored.record.kind) == options.kind;
    if (stored.record.now > span->until) return kDone;
    if (!of_kind || stored.record.now < span->since) continue;
    if (visited++ == options.limit) return truncated(options.limit);
    if (const int status = visit(stored); status != kDone) return status;
  }
}

pipeline::Action action_of(const store::StoredRecord& stored) {
  const bool has_one = stored.record.kind == store::RecordKind::kOperatorAction ||
                       stored.record.kind == store::RecordKind::kSkip;
  if (!has_one) return {};
  return pipeline::decode_action(stored.record.payload).value_or(pipeline::Action{});
}

// A whole event, not one that was erased.
bool is_whole(const store::StoredRecord& stored, std::size_t place) {
  return std::ranges::find(stored.erased, place, &store::ErasedEvent::place) == stored.erased.end();
}

int export_transitions(store::Reader& reader) {
  store::TransitionFilter filter;
  filter.limit = 10'000;
  while (true) {
    const auto rows = reader.transitions(filter);
    if (!rows) return complain(rows.error());
    for (const store::StoredTransition& row : *rows) {
      std::puts(transition_json(row).c_str());
      filter.after = row.number;
    }
    if (rows->size() < filter.limit) return kDone;
  }
}

std::string place_text(model::Seq seq, const std::optional<std::uint32_t>& event) {
  return "record " + std::to_string(seq.value) +
         (event ? " event " + std::to_string(*event) : std::string());
}

// What was erased must be named by the action that is said to have done it.
int check_erasures(store::Reader& reader, const store::Verification& found) {
  int status = kDone;
  for (const store::Verification::Erasure& erasure : found.erasures) {
    const auto record = reader.record(erasure.by);
    if (!record) return complain(record.error());
    const pipeline::Action action = *record ? action_of(**record) : pipeline::Action{};
    const auto named = pipeline::event_places_of(action.detail);
    const bool agrees =
        action.name == "erase" && named &&
        std::ranges::count(*named, store::EventPlace{erasure.seq, erasure.event}) == 1;
    const std::string place = place_text(erasure.seq, erasure.event);
    if (agrees) {
      std::printf("%s: erased by %s in record %llu: %s\n", place.c_str(), action.principal.c_str(),
                  static_cast<unsigned long long>(erasure.by.value), action.reason.c_str());
    } else {
      std::printf("%s: an event is gone, and record %llu does not say that it erased it\n",
                  place.c_str(), static_cast<unsigned long long>(erasure.by.value));
      status = kFinding;
    }
  }
  return status;
}

base::Result<std::optional<base::Digest>> digest_of(const std::string& hex) {
  if (hex.empty()) return std::optional<base::Digest>();
  const auto bytes = base::from_hex(hex);
  base::Digest out{};
  if (!bytes || bytes->size() != out.size()) {
    return base::fail(base::Code::kInvalid, "--head: a head is 64 hexadecimal digits");
  }
  std::ranges::copy(*bytes, out.begin());
  return std::optional<base::Digest>(out);
}

}  // namespace

int log_show(const Place& place, const LogOptions& options, Format format) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  Table table({"record", "kind", "now", "events", "transitions", "erased", "action", "principal",
               "reason", "detail", "entry"});
  const int status = for_each_record(*opened.reader, options, [&](const auto& stored) {
    const pipeline::Action action = action_of(stored);
    table.add({std::to_string(stored.seq.value), std::string(store::name_of(stored.record.kind)),
               base::to_rfc3339(stored.record.now), std::to_string(stored.event_count),
               std::to_string(stored.transition_count), std::to_string(stored.erased.size()),
               action.name, action.principal, action.reason, action.detail,
               base::to_hex(stored.entry)});
    return kDone;
  });
  std::fputs(table.render(format).c_str(), stdout);
  return status;
}

int log_events(const Place& place, const LogOptions& options, Format format) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  Table table({"record", "place", "now", "type", "source", "id", "time", "subject", "data"});
  const int status = for_each_record(*opened.reader, options, [&](const auto& stored) {
    for (std::size_t i = 0; i < stored.record.events.size(); ++i) {
      const model::Envelope& event = stored.record.events[i];
      table.add({std::to_string(stored.seq.value), std::to_string(i),
                 base::to_rfc3339(stored.record.now), is_whole(stored, i) ? event.type : "erased",
                 event.source, event.id, event.time ? base::to_rfc3339(*event.time) : "",
                 event.subject, event.data});
    }
    return kDone;
  });
  std::fputs(table.render(format).c_str(), stdout);
  return status;
}

int log_export(const Place& place, const LogOptions& options, bool transitions) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  if (transitions) return export_transitions(*opened.reader);
  std::uint64_t erased = 0;
  std::uint64_t deleted = 0;
  const int status = for_each_record(*opened.reader, options, [&](const auto& stored) {
    if (stored.body_deleted) deleted += stored.event_count;
    for (std::size_t i = 0; i < stored.record.events.size(); ++i) {
      if (!is_whole(stored, i)) {
        ++erased;
        continue;
      }
      std::puts(pipeline::structured_form(stored.record.events[i]).c_str());
    }
    return kDone;
  });
  if (erased + deleted > 0) {
    std::fprintf(stderr, "patuhctl: not in it: %llu erased events, %llu whose bodies are deleted\n",
                 static_cast<unsigned long long>(erased), static_cast<unsigned long long>(deleted));
  }
  return status;
}

int log_erase(const Place& place, const std::vector<std::string>& events, const std::string& reason,
              const std::string& by) {
  std::string all;
  for (const std::string& event : events) all += (all.empty() ? "" : " ") + event;
  auto places = pipeline::event_places_of(all);
  if (!places) return complain(places.error());
  const std::string who = by.empty() ? principal() : by;
  if (!place.url.empty()) {
    const auto answer =
        ask(place, "POST", "/-/log/erase", {{"events", all}, {"by", who}, {"reason", reason}});
    if (!answer) return complain(answer.error());
  } else {
    Opened opened = open_existing(place);
    if (opened.status != kDone) return opened.status;
    opened.pipeline->start();
    const auto done = opened.pipeline->erase(std::move(*places), {"erase", who, reason, all});
    opened.pipeline->stop();
    if (!done) return complain(done.error());
  }
  std::printf("erased: %s\n", all.c_str());
  return kDone;
}

int audit_verify(const Place& place, const std::string& head) {
  const auto expected = digest_of(head);
  if (!expected) return complain(expected.error());
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto found = opened.reader->verify_chain(*expected);
  if (!found) return complain(found.error());
  for (const store::Verification::Injury& injury : found->injuries) {
    std::printf("%s: %s\n", place_text(injury.seq, injury.event).c_str(), injury.message.c_str());
  }
  const int erasures = check_erasures(*opened.reader, *found);
  std::printf(
      "%llu records, %llu events, %llu transitions; %llu events erased, the bodies of "
      "%llu records deleted; head %s\n",
      static_cast<unsigned long long>(found->records),
      static_cast<unsigned long long>(found->events),
      static_cast<unsigned long long>(found->transitions),
      static_cast<unsigned long long>(found->erased),
      static_cast<unsigned long long>(found->deleted_bodies),
      base::to_hex(found->head.entry).c_str());
  if (found->expected_at) {
    std::printf("the head given is the entry of record %llu\n",
                static_cast<unsigned long long>(found->expected_at->value));
  }
  return found->injuries.empty() ? erasures : kFinding;
}

}  // namespace patuh::tools
