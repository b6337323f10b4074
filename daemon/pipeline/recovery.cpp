#include "pipeline/recovery.h"

#include <algorithm>

namespace patuh::pipeline {
namespace {

using base::Code;
using store::RecordKind;

constexpr std::uint64_t kProgressEvery = 64;  // records

bool same(const model::Transition& a, const model::Transition& b) {
  return a.rule == b.rule && a.element == b.element && a.from == b.from && a.to == b.to &&
         a.closing == b.closing && a.since == b.since && a.recorded == b.recorded &&
         a.occurrence == b.occurrence && a.agency == b.agency;
}

class Replay {
 public:
  Replay(store::Reader& reader, const Options& options, base::Instant until = base::kNever)
      : reader_(reader), options_(options), until_(until) {}

  base::Result<Recovered> run() {
    const auto tail = reader_.tail();
    if (!tail) return base::fail(tail, "reading the log");
    const auto all = tail->seq.value;
    if (auto status = load_newest(); !status) return std::unexpected(status.error());
    store::Cursor cursor = reader_.records(model::Seq(out_.snapshot.seq.value + 1));
    while (!over_) {
      auto record = cursor.next();
      if (!record) return base::fail(record, "reading the log");
      if (!record->has_value()) break;
      if (auto status = apply(**record); !status) {
        return base::fail(status, "record " + std::to_string((*record)->seq.value));
      }
      out_.tail += 1 + (*record)->record.events.size();
      if (options_.progress && (*record)->seq.value % kProgressEvery == 0) {
        options_.progress((*record)->seq.value, all);
      }
    }
    if (options_.progress && all > 0) options_.progress(all, all);
    return std::move(out_);
  }

 private:
  // The newest snapshot before `until_` that can be used; one that cannot is passed by and named.
  base::Status load_newest() {
    if (!options_.use_snapshots) return {};
    const auto snapshots = reader_.snapshots();
    if (!snapshots) return base::fail(snapshots, "reading snapshots");
    bool passed_by = false;
    for (const store::SnapshotInfo& info : *snapshots) {
      if (info.now > until_) continue;
      auto loaded = load_snapshot(reader_, info, options_.engine);
      if (loaded) {
        out_.driver = std::move(loaded->driver);
        out_.snapshot = std::move(loaded->state);
        out_.snapshot.is_foreign = out_.snapshot.is_foreign || passed_by || !loaded->packed;
        base::log(base::LogLevel::kInfo, "began at a snapshot",
                  {{"record", std::to_string(info.seq.value)},
                   {"now", base::to_rfc3339(info.now)},
                   {"form", loaded->packed ? "packed" : "portable"}});
        return {};
      }
      passed_by = true;
      base::log(base::LogLevel::kWarning,
                "a snapshot cannot be used: an older one or the log stands for it",
                {{"record", std::to_string(info.seq.value)}, {"error", loaded.error().message}});
    }
    out_.snapshot.is_foreign = passed_by;
    return {};
  }

  base::Status apply(const store::StoredRecord& stored) {
    if (stored.body_deleted) {
      return base::fail(
          until_ == base::kNever ? Code::kCorrupt : Code::kNotFound,
          "its body is not kept any more, and no usable snapshot stands between it and what was "
          "asked for");
    }
    const store::Record& record = stored.record;
    // Event clock: a record may begin before `until_` and end after it.
    if (record.now > until_ && !(in_event_clock() && record.kind == RecordKind::kEvents)) {
      over_ = true;
      return {};
    }
    if (record.kind == RecordKind::kPackActivated) return activate(stored);
    if (record.kind == RecordKind::kOperatorAction) return action(stored);
    if (record.kind == RecordKind::kSkip) return {};
    if (out_.driver == nullptr) {
      return base::fail(Code::kCorrupt, "it stands before the first pack");
    }
    switch (record.kind) {
      case RecordKind::kEvents:
        return events(stored);
      case RecordKind::kTimeStep:
        return compare(stored, out_.driver->time_step(record.now));
      default:
        return {};
    }
  }

  base::Status activate(const store::StoredRecord& stored) {
    auto book = decode_pack(stored.record.payload);
    if (!book) return std::unexpected(book.error());
    if (out_.driver == nullptr) {
      out_.driver = std::make_unique<Driver>(std::move(*book), options_.engine, clock_);
      return {};
    }
    return compare(stored, out_.driver->activate(stored.record.now, std::move(*book)));
  }

  base::Status action(const store::StoredRecord& stored) {
    auto action = decode_action(stored.record.payload);
    if (!action) return std::unexpected(action.error());
    if (action->name == "baseline") {
      if (out_.driver == nullptr) return base::fail(Code::kCorrupt, "a baseline of nothing");
      return compare(stored, out_.driver->baseline(stored.record.now, action->detail == kDraw));
    }
    if (action->name != "clock" || action->detail == "accept") return {};
    if (action->detail == name_of(ClockMode::kEvent)) {
      clock_ = ClockMode::kEvent;
      return {};
    }
    return compare(stored, out_.driver->clock_wall(stored.record.now));
  }

  base::Status events(const store::StoredRecord& stored) {
    std::vector<model::ChangeEvent> events;
    events.reserve(stored.record.events.size());
    const model::Schema& schema = *out_.driver->engine().book().schema;
    for (std::uint32_t i = 0; i < stored.record.events.size(); ++i) {
      // What is gone cannot be applied: its transitions stand all the same.
      if (std::ranges::find(stored.erased, i, &store::ErasedEvent::place) != stored.erased.end()) {
        continue;
      }
      const model::Envelope& envelope = stored.record.events[i];
      if (in_event_clock() && std::max(out_.driver->now(), *envelope.time) > until_) {
        over_ = true;
        break;
      }
      auto event = decode::interpret(envelope, schema);
      if (!event) {
        return base::fail(Code::kCorrupt, "an event that was taken is not understood any more: " +
                                              event.error().message);
      }
      events.push_back(std::move(*event));
    }
    if (over_) {
      const base::Instant now = events.empty() ? out_.driver->now() : events.back().time;
      static_cast<void>(out_.driver->events(std::max(out_.driver->now(), now), events));
      return {};
    }
    const Applied applied = out_.driver->events(stored.record.now, events);
    // Without what was erased the record's verdicts cannot come out as they did.
    return stored.erased.empty() ? compare(stored, applied) : base::Status();
  }

  bool in_event_clock() const {
    return (out_.driver ? out_.driver->clock() : clock_) == ClockMode::kEvent;
  }

  // Recorded verdicts are never changed: a difference is counted and the rows stay.
  base::Status compare(const store::StoredRecord& stored, const Applied& applied) {
    auto recorded = transitions_of(stored);
    if (!recorded) return std::unexpected(recorded.error());
    const bool equal =
        std::ranges::equal(applied.transitions, *recorded,
                           [](const model::Transition& a, const store::StoredTransition& b) {
                             return same(a, b.transition);
                           });
    if (equal) return {};
    ++out_.disagreements;
    base::log(base::LogLevel::kError, "replay disagrees with the recorded verdicts, which stand",
              {{"record", std::to_string(stored.seq.value)},
               {"recorded", std::to_string(recorded->size())},
               {"replayed", std::to_string(applied.transitions.size())}});
    if (!options_.stop_at_disagreement) return {};
    return base::fail(Code::kCorrupt, "replay disagrees with the recorded verdicts");
  }

  base::Result<std::vector<store::StoredTransition>> transitions_of(
      const store::StoredRecord& stored) {
    if (stored.transition_count == 0) return std::vector<store::StoredTransition>{};
    store::TransitionFilter filter;
    filter.after = store::TransitionNumber(stored.first_transition.value - 1);
    filter.before =
        store::TransitionNumber(stored.first_transition.value + stored.transition_count);
    filter.limit = stored.transition_count;
    return reader_.transitions(filter);
  }

  store::Reader& reader_;
  const Options& options_;
  const base::Instant until_;
  bool over_ = false;
  ClockMode clock_ = ClockMode::kWall;
  Recovered out_;
};

}  // namespace

base::Result<Recovered> recover(store::Store& store, const Options& options) {
  return Replay(store.read(), options).run();
}

base::Result<std::unique_ptr<engine::Engine>> replay(store::Reader& reader, base::Instant until,
                                                     const ReplayOptions& options) {
  Options replay_options;
  replay_options.engine = options.engine;
  replay_options.use_snapshots = !options.from_the_beginning;
  replay_options.progress = options.progress;
  auto recovered = Replay(reader, replay_options, until).run();
  if (!recovered) return std::unexpected(recovered.error());
  if (recovered->driver == nullptr) {
    return base::fail(Code::kNotFound, "the log begins after " + base::to_rfc3339(until));
  }
  if (until > recovered->driver->now() && until != base::kNever) {
    static_cast<void>(recovered->driver->time_step(until));
  }
  return std::make_unique<engine::Engine>(std::move(*recovered->driver).release());
}

}  // namespace patuh::pipeline
