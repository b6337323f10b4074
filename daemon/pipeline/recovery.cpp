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
  Replay(store::Store& store, const Options& options) : store_(store), options_(options) {}

  base::Result<Recovered> run() {
    const auto all = store_.tail().seq.value;
    store::Cursor cursor = store_.read().records();
    while (true) {
      auto record = cursor.next();
      if (!record) return base::fail(record, "reading the log");
      if (!record->has_value()) break;
      if (auto status = apply(**record); !status) {
        return base::fail(status, "record " + std::to_string((*record)->seq.value));
      }
      if (options_.progress && (*record)->seq.value % kProgressEvery == 0) {
        options_.progress((*record)->seq.value, all);
      }
    }
    if (options_.progress && all > 0) options_.progress(all, all);
    return std::move(out_);
  }

 private:
  base::Status apply(const store::StoredRecord& stored) {
    if (stored.body_deleted) {
      return base::fail(Code::kCorrupt, "its body was deleted and no snapshot stands before it");
    }
    const store::Record& record = stored.record;
    if (record.kind == RecordKind::kPackActivated) return activate(stored);
    if (record.kind == RecordKind::kOperatorAction) return action(stored);
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
    if (action->name != "clock") return {};
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
    for (const model::Envelope& envelope : stored.record.events) {
      auto event = decode::interpret(envelope, schema);
      if (!event) {
        return base::fail(Code::kCorrupt, "an event that was taken is not understood any more: " +
                                              event.error().message);
      }
      events.push_back(std::move(*event));
    }
    return compare(stored, out_.driver->events(stored.record.now, events));
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
    return store_.read().transitions(filter);
  }

  store::Store& store_;
  const Options& options_;
  ClockMode clock_ = ClockMode::kWall;
  Recovered out_;
};

}  // namespace

base::Result<Recovered> recover(store::Store& store, const Options& options) {
  return Replay(store, options).run();
}

}  // namespace patuh::pipeline
