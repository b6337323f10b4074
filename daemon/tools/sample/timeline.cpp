#include "tools/sample/timeline.h"

#include <algorithm>
#include <array>

#include "json/json.h"

namespace patuh::sample {

std::string_view name_of(EventType type) {
  constexpr std::array<std::string_view, 7> kNames = {
      "id.patuh.element.upserted.v1", "id.patuh.element.patched.v1", "id.patuh.element.removed.v1",
      "id.patuh.deployment.v1",       "id.patuh.attestation.v1",     "id.patuh.waiver.granted.v1",
      "id.patuh.heartbeat.v1"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string cloud_event(const Event& event, const Source& source, std::string_view id,
                        std::uint64_t revision) {
  json::Writer out;
  out.begin_object().member("specversion", "1.0").member("id", id).member("source", source.name);
  out.member("type", name_of(event.type)).member("time", base::to_rfc3339(event.at));
  if (!event.subject.empty()) out.member("subject", event.subject);
  if (revision != 0) out.member("patuhversion", std::to_string(revision));
  if (!event.data.empty()) {
    out.member("datacontenttype", "application/json").key("data").raw(event.data);
  }
  out.end_object();
  return out.take();
}

std::uint32_t Timeline::add_source(Source source) {
  sources_.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

bool Timeline::add(Event event) {
  if (event.at < begin_ || event.at >= end_) return false;
  const Day silent = sources_[event.source].silent_from;
  if (silent != kNoDay && event.at >= at(silent, {})) return false;
  events_.push_back(std::move(event));
  return true;
}

void Timeline::sort() { std::ranges::stable_sort(events_, {}, &Event::at); }

std::string Numbering::line(const Event& event) {
  const Source& source = timeline_->sources()[event.source];
  std::string id = std::to_string(++ids_[event.source]);
  id.insert(0, id.size() < 6 ? 6 - id.size() : 0, '0');
  std::uint64_t revision = 0;
  if (event.type != EventType::kHeartbeat) {
    const auto [at, fresh] = revisions_.try_emplace(event.subject, 0);
    if (fresh) ++by_kind_[event.subject.substr(0, event.subject.find('/'))];
    revision = ++at->second;
  }
  const bool of_element = event.type == EventType::kUpsert || event.type == EventType::kPatch ||
                          event.type == EventType::kRemove;
  return cloud_event(event, source, id, source.counts && of_element ? revision : 0);
}

}  // namespace patuh::sample
