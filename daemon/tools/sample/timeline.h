// Everything that happens, in any order while it is made, in order of time when it is written.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sample/calendar.h"
#include "tools/sample/data.h"

namespace patuh::sample {

enum class EventType : std::uint8_t {
  kUpsert,
  kPatch,
  kRemove,
  kDeployment,
  kAttestation,
  kWaiver,
  kHeartbeat,
};
std::string_view name_of(EventType type);

// A system that sends.
struct Source {
  std::string name;          // "//dinkes.lumajangkab.go.id/registri"
  Day silent_from = kNoDay;  // nothing is heard from this day on
  bool counts = false;       // tells the revision of what it sends (patuhversion)
};

struct Event {
  Instant at{};
  EventType type = EventType::kUpsert;
  std::uint32_t source = 0;
  std::string subject;  // kind/id
  std::string data;     // one JSON object, or empty
};

// One CloudEvent in structured mode, without a line end. `revision` 0: none is told.
std::string cloud_event(const Event& event, const Source& source, std::string_view id,
                        std::uint64_t revision);

class Timeline {
 public:
  // Events outside [begin, end) are not taken, nor those of a source that is silent by then.
  Timeline(Instant begin, Instant end) : begin_(begin), end_(end) {}

  std::uint32_t add_source(Source source);
  const std::vector<Source>& sources() const { return sources_; }
  void silence(std::uint32_t source, Day from) { sources_[source].silent_from = from; }
  // True when it was taken.
  bool add(Event event);

  // By time; of equal times the one added first.
  void sort();
  const std::vector<Event>& events() const { return events_; }
  Instant begin() const { return begin_; }
  Instant end() const { return end_; }

 private:
  Instant begin_, end_;
  std::vector<Source> sources_;
  std::vector<Event> events_;
};

// Numbers what a timeline holds, event by event in its order: ids count a source's events,
// revisions an element's.
class Numbering {
 public:
  explicit Numbering(const Timeline& timeline) : timeline_(&timeline) {}
  std::string line(const Event& event);
  // Elements seen so far: how many, by kind.
  const std::map<std::string, std::uint64_t>& by_kind() const { return by_kind_; }
  std::uint64_t elements() const { return revisions_.size(); }

 private:
  const Timeline* timeline_;
  std::map<std::uint32_t, std::uint64_t> ids_;
  std::map<std::string, std::uint64_t, std::less<>> revisions_;
  std::map<std::string, std::uint64_t> by_kind_;
};

}  // namespace patuh::sample
