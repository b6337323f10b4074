// From deliveries to a judged batch.
#include <algorithm>

#include "pipeline/redrive.h"
#include "pipeline/worker.h"

namespace patuh::pipeline {
namespace {

using Steady = std::chrono::steady_clock;

std::size_t items_of(std::span<const decode::Delivery> deliveries) {
  std::size_t out = 0;
  for (const decode::Delivery& delivery : deliveries) out += delivery.items.size();
  return out;
}

void set_aside(store::Quarantined row, const model::Fault& fault, InHand& next) {
  next.batch.quarantined.push_back(std::move(row));
  next.receipts.push_back(receipt_of(fault));
}

}  // namespace

void Worker::take_events(std::vector<decode::Delivery> deliveries, const std::stop_token& stop) {
  last_input_ = Steady::now();
  idle_done_ = false;
  InHand next;
  next.deliveries = std::move(deliveries);
  note_on_the_way(items_of(next.deliveries), stop);
  const base::Instant now = now_for(next.deliveries);
  begin_log(now, stop);
  if (driver_ != nullptr) {  // without one the log could not begin: hand_over() gives it back
    std::vector<Mark> marks = marks_of(next.deliveries);
    const std::vector<model::ChangeEvent> events = read(next, now);
    judge(next, events, now);
    add_marks(std::move(marks), next.receipts, next.batch);
    if (snapshotter_.has_step() && !snapshotter_.retains()) {
      next.batch.snapshot = snapshotter_.next(*driver_);
    }
  }
  static_cast<void>(hand_over(std::move(next), stop));
}

base::Instant Worker::now_for(std::span<const decode::Delivery> deliveries) {
  if (clock() == ClockMode::kWall) return wall_now();
  return driver_ ? std::max(driver_->now(), last_now_) : first_time_of(deliveries);
}

// While the wall clock stands behind the log's time, what is not ahead of the log is no event of
// the future: those without a time are given the log's. Under event clock the log's time follows
// the events and has no say.
bool Worker::is_ahead(base::Instant time) const {
  const base::Instant wall = options_.wall->now();
  return time > (clock() == ClockMode::kWall ? std::max(wall, last_now_) : wall) + kFutureMax;
}

// When a log by event clock begins. An event that will be set aside for its time has no say in it:
// time never goes back.
base::Instant Worker::first_time_of(std::span<const decode::Delivery> deliveries) const {
  for (const decode::Delivery& delivery : deliveries) {
    for (const decode::Item& item : delivery.items) {
      const auto* const event = std::get_if<decode::Event>(&item);
      if (event != nullptr && event->time && !is_ahead(*event->time)) return *event->time;
    }
  }
  return base::Instant{};
}

// Moves what is understood into the record, and what is not into quarantine.
std::vector<model::ChangeEvent> Worker::read(InHand& next, base::Instant now) {
  const std::size_t items = items_of(next.deliveries);
  std::vector<model::ChangeEvent> events;
  events.reserve(items);
  next.batch.record.events.reserve(items);
  next.receipts.reserve(items);
  next.receipt_of.reserve(items);
  next.bytes.reserve(items);
  state_.received += items;
  for (decode::Delivery& delivery : next.deliveries) {
    const bool ahead =
        delivery.schema == book_->schema && delivery.changes.size() == delivery.items.size();
    for (std::size_t i = 0; i < delivery.items.size(); ++i) {
      read_item(delivery.items[i], ahead ? &delivery.changes[i] : nullptr, now, next, events);
    }
    for (const model::Position& at : delivery.next) {
      next.batch.offsets.push_back({at.channel, at.topic, at.partition, at.offset});
    }
  }
  return events;
}

// `change`: what a collector has made of the item already, or null.
void Worker::read_item(decode::Item& item, decode::Change* change, base::Instant now, InHand& next,
                       std::vector<model::ChangeEvent>& events) {
  if (auto* const rejected = std::get_if<decode::Rejected>(&item)) {
    next.size += rejected->bytes.size();
    return set_aside(quarantined(*rejected, rejected->position), rejected->fault, next);
  }
  auto& came = std::get<decode::Event>(item);
  next.size += came.bytes.size();
  auto event = admit(came, change, now);
  if (!event) return set_aside(quarantined(came, came.bytes, event.error()), event.error(), next);
  next.receipt_of.push_back(next.receipts.size());
  next.receipts.emplace_back();
  events.push_back(std::move(*event));
  next.bytes.emplace_back(came.bytes);
  next.batch.record.events.push_back(std::move(static_cast<model::Envelope&>(came)));
}

model::Decoded<model::ChangeEvent> Worker::admit(model::Envelope& envelope, decode::Change* change,
                                                 base::Instant now) {
  if (!envelope.time) {
    given_ = std::max(now, given_ + base::Duration(1));
    envelope.time = given_;
  }
  if (is_ahead(*envelope.time)) {
    return std::unexpected(model::Fault{
        model::FaultReason::kFutureTime,
        "the event's time " + base::to_rfc3339(*envelope.time) + " lies in the future"});
  }
  if (change != nullptr && *change) return std::move(**change);
  return decode::interpret(envelope, *book_->schema);
}

void Worker::judge(InHand& next, std::span<const model::ChangeEvent> events, base::Instant now) {
  auto began = Steady::now();
  Applied applied = driver_->events(now, events, &outliner_, [&] {
    const auto paused = Steady::now();
    snapshotter_.between(*driver_);
    began += Steady::now() - paused;
  });
  state_.engine_seconds += std::chrono::duration<double>(Steady::now() - began).count();
  store::Batch& batch = next.batch;
  const model::Schema& schema = *book_->schema;
  batch.marks.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    next.receipts[next.receipt_of[i]] = receipt_of(applied.outcomes[i], applied.messages[i]);
    const bool has_effect = applied.outcomes[i] != registry::Outcome::kDuplicate &&
                            applied.outcomes[i] != registry::Outcome::kNotPermitted;
    const std::string& kind = schema.kind(events[i].kind).name;
    batch.marks.push_back(has_effect ? store::element_mark(kind, events[i].element_id) : 0);
    if (applied.outcomes[i] == registry::Outcome::kNotPermitted) {
      batch.quarantined.push_back(
          quarantined(batch.record.events[i], next.bytes[i],
                      {model::FaultReason::kNotPermitted, applied.messages[i]}));
    }
  }
  state_.unknown_attributes += applied.unknown_attributes;
  batch.record.kind = store::RecordKind::kEvents;
  batch.record.now = driver_->now();
  add_rows(std::move(applied), options_.sinks, batch);
}

}  // namespace patuh::pipeline
