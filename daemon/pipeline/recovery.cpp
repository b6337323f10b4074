#include "pipeline/recovery.h"

#include <algorithm>

#include "pipeline/ahead.h"

namespace patuh::pipeline {
namespace {

using base::Code;
using store::RecordKind;

constexpr std::uint64_t kProgressEvery = 64;  // records
constexpr std::size_t kRecordsAhead = 8;

bool same(const model::Transition& a, const model::Transition& b) {
  return a.rule == b.rule && a.element == b.element && a.from == b.from && a.to == b.to &&
         a.closing == b.closing && a.since == b.since && a.recorded == b.recorded &&
         a.occurrence == b.occurrence && a.agency == b.agency;
}

// A record, with what can be made of it before the engine comes to it.
struct ReadRecord {
  store::StoredRecord stored;
  std::shared_ptr<const rulebook::RuleBook> book;  // of a pack
  std::vector<model::ChangeEvent> events;          // but erased ones; those before a fault
  std::vector<store::StoredTransition> transitions;
  std::optional<base::Error> fault;  // that stops whoever needs what is missing here
};

// Reads the log behind a record and interprets its events.
class Reading {
 public:
  Reading(store::Reader& reader, model::Seq behind, std::shared_ptr<const model::Schema> schema)
      : reader_(reader),
        cursor_(reader.records(model::Seq(behind.value + 1))),
        schema_(std::move(schema)) {}

  std::optional<base::Result<ReadRecord>> next() {
    if (over_) return std::nullopt;
    auto stored = cursor_.next();
    over_ = !stored || !stored->has_value();
    if (!stored) return base::Result<ReadRecord>(base::fail(stored, "reading the log"));
    if (!stored->has_value()) return std::nullopt;
    ReadRecord out{};
    out.stored = std::move(**stored);
    if (!out.stored.body_deleted) look_into(out);
    return out;
  }

 private:
  void look_into(ReadRecord& out) {
    const store::Record& record = out.stored.record;
    if (record.kind == RecordKind::kPackActivated) {
      auto book = decode_pack(record.payload);
      if (book) {
        out.book = std::move(*book);
        schema_ = out.book->schema;
      } else {
        out.fault = book.error();
      }
    }
    // Before the first pack nobody asks for events.
    if (schema_ != nullptr) interpret(out);
    // Nor, of a record of which something is erased, for what came of it.
    if (out.fault || !out.stored.erased.empty()) return;
    auto recorded = transitions_of(out.stored);
    if (recorded) {
      out.transitions = std::move(*recorded);
    } else {
      out.fault = recorded.error();
    }
  }

  void interpret(ReadRecord& out) const {
    const std::vector<model::Envelope>& envelopes = out.stored.record.events;
    out.events.reserve(envelopes.size());
    for (std::uint32_t i = 0; i < envelopes.size(); ++i) {
      // What is gone cannot be applied: its transitions stand all the same.
      const auto& erased = out.stored.erased;
      if (std::ranges::find(erased, i, &store::ErasedEvent::place) != erased.end()) continue;
      auto event = decode::interpret(envelopes[i], *schema_);
      if (!event) {
        out.fault =
            base::Error{Code::kCorrupt, "an event that was taken is not understood any more: " +
                                            event.error().message};
        return;
      }
      out.events.push_back(std::move(*event));
    }
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
  store::Cursor cursor_;
  std::shared_ptr<const model::Schema> schema_;
  bool over_ = false;
};

class Replay {
 public:
  Replay(store::Reader& reader, const Options& options, base::Instant until = base::kNever)
      : reader_(reader), options_(options), until_(until) {}

  base::Result<Recovered> run() {
    const auto tail = reader_.tail();
    if (!tail) return base::fail(tail, "reading the log");
    const auto all = tail->seq.value;
    if (auto status = load_newest(); !status) return std::unexpected(status.error());
    if (auto status = go_on(all); !status) return std::unexpected(status.error());
    if (options_.progress && all > 0) options_.progress(all, all);
    return std::move(out_);
  }

 private:
  // Applies the records behind the snapshot, which another thread reads.
  base::Status go_on(std::uint64_t all) {
    Reading reading(reader_, out_.snapshot.seq,
                    out_.driver ? out_.driver->engine().book().schema : nullptr);
    Ahead<base::Result<ReadRecord>> ahead(kRecordsAhead, [&] { return reading.next(); });
    while (!over_) {
      auto record = ahead.next();
      if (!record) break;
      if (!*record) return std::unexpected(record->error());
      const store::StoredRecord& stored = (*record)->stored;
      if (auto status = apply(**record); !status) {
        return base::fail(status, "record " + std::to_string(stored.seq.value));
      }
      out_.tail += 1 + stored.record.events.size();
      if (options_.progress && stored.seq.value % kProgressEvery == 0) {
        options_.progress(stored.seq.value, all);
      }
    }
    return {};
  }

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

  base::Status apply(const ReadRecord& read) {
    const store::StoredRecord& stored = read.stored;
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
    if (record.kind == RecordKind::kPackActivated) return activate(read);
    if (record.kind == RecordKind::kOperatorAction) return action(read);
    if (record.kind == RecordKind::kSkip) return {};
    if (out_.driver == nullptr) {
      return base::fail(Code::kCorrupt, "it stands before the first pack");
    }
    switch (record.kind) {
      case RecordKind::kEvents:
        return events(read);
      case RecordKind::kTimeStep:
        return compare(read, out_.driver->time_step(record.now));
      default:
        return {};
    }
  }

  base::Status activate(const ReadRecord& read) {
    if (read.book == nullptr) return std::unexpected(*read.fault);
    if (out_.driver == nullptr) {
      out_.driver = std::make_unique<Driver>(read.book, options_.engine, clock_);
      return {};
    }
    return compare(read, out_.driver->activate(read.stored.record.now, read.book));
  }

  base::Status action(const ReadRecord& read) {
    const store::Record& record = read.stored.record;
    auto action = decode_action(record.payload);
    if (!action) return std::unexpected(action.error());
    if (action->name == "baseline") {
      if (out_.driver == nullptr) return base::fail(Code::kCorrupt, "a baseline of nothing");
      return compare(read, out_.driver->baseline(record.now, action->detail == kDraw));
    }
    if (action->name != "clock" || action->detail == "accept") return {};
    if (action->detail == name_of(ClockMode::kEvent)) {
      clock_ = ClockMode::kEvent;
      return {};
    }
    return compare(read, out_.driver->clock_wall(record.now));
  }

  base::Status events(const ReadRecord& read) {
    std::span<const model::ChangeEvent> events = read.events;
    if (in_event_clock()) {
      const auto beyond = std::ranges::find_if(events, [this](const model::ChangeEvent& event) {
        return std::max(out_.driver->now(), event.time) > until_;
      });
      over_ = beyond != events.end();
      events = events.first(static_cast<std::size_t>(beyond - events.begin()));
    }
    if (!over_ && read.fault) return std::unexpected(*read.fault);
    if (over_) {
      const base::Instant now = events.empty() ? out_.driver->now() : events.back().time;
      static_cast<void>(out_.driver->events(std::max(out_.driver->now(), now), events));
      return {};
    }
    const Applied applied = out_.driver->events(read.stored.record.now, events);
    // Without what was erased the record's verdicts cannot come out as they did.
    return read.stored.erased.empty() ? compare(read, applied) : base::Status();
  }

  bool in_event_clock() const {
    return (out_.driver ? out_.driver->clock() : clock_) == ClockMode::kEvent;
  }

  // Recorded verdicts are never changed: a difference is counted and the rows stay.
  base::Status compare(const ReadRecord& read, const Applied& applied) {
    if (read.fault) return std::unexpected(*read.fault);
    const bool equal =
        std::ranges::equal(applied.transitions, read.transitions,
                           [](const model::Transition& a, const store::StoredTransition& b) {
                             return same(a, b.transition);
                           });
    if (equal) return {};
    ++out_.disagreements;
    base::log(base::LogLevel::kError, "replay disagrees with the recorded verdicts, which stand",
              {{"record", std::to_string(read.stored.seq.value)},
               {"recorded", std::to_string(read.transitions.size())},
               {"replayed", std::to_string(applied.transitions.size())}});
    if (!options_.stop_at_disagreement) return {};
    return base::fail(Code::kCorrupt, "replay disagrees with the recorded verdicts");
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
