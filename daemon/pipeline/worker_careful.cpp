// One input a batch, after an unclean end; and what holds up intake for the clock's sake.
#include <algorithm>

#include "pipeline/worker.h"

namespace patuh::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{20};  // while intake is held up; tasks are answered between

// Where to go on reading behind one input of a delivery that says so for its last.
std::vector<model::Position> next_behind(const decode::Item& item,
                                         const std::vector<model::Position>& next) {
  const model::Position& at =
      std::visit([](const auto& either) -> const auto& { return either.position; }, item);
  for (const model::Position& part : next) {
    if (part.channel == at.channel && part.topic == at.topic && part.partition == at.partition &&
        at.offset + 1 < part.offset) {
      return {{at.channel, at.topic, at.partition, at.offset + 1}};
    }
  }
  return {};
}

std::string hours_and_minutes(base::Duration span) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

}  // namespace

void Worker::begin_run() {
  const base::Status begun = careful_.begin(*store_);
  if (!begun) {
    base::log(base::LogLevel::kWarning, "an unclean end of this run will not be noticed",
              {{"error", begun.error().message}});
  }
  if (careful_.on()) {
    base::log(base::LogLevel::kWarning, "the run before ended uncleanly: one event a batch");
  }
}

// So that the next run knows how far to take care, should this one end uncleanly.
void Worker::note_on_the_way(std::size_t inputs, const std::stop_token& stop) {
  for (const InHand& batch : in_hand_) inputs += batch.receipts.size();
  if (careful_.is_noted(inputs) || !settle(stop)) return;
  if (const base::Status noted = careful_.note(*store_, inputs); !noted) {
    base::log(base::LogLevel::kWarning, "care after an unclean end of this run may end too soon",
              {{"error", noted.error().message}});
  }
}

bool Worker::is_to_take_care(std::span<const decode::Delivery> deliveries) const {
  return std::ranges::any_of(deliveries, [&](const decode::Delivery& delivery) {
    return !delivery.items.empty() && careful_.on(channel_of(delivery.items.front()));
  });
}

void Worker::end_run() {
  if (adrift_) return;
  if (const base::Status ended = careful_.end(*store_); !ended) {
    base::log(base::LogLevel::kWarning, "the next start will take this end for an unclean one",
              {{"error", ended.error().message}});
  }
}

bool Worker::clock_holds_up() {
  if (clock() == ClockMode::kEvent) return false;
  const base::Instant wall = options_.wall->now();
  state_.clock_behind_by = wall < last_now_ ? last_now_ - wall : base::Duration(0);
  clock_watch_.look(wall, ClockWatch::passed_now());
  const bool held = state_.clock_jump > base::Duration(0);
  state_.clock_jump = clock_watch_.jump();
  const bool holds = state_.clock_jump > base::Duration(0);
  if (holds == held) return holds;
  if (holds) {
    state_.trouble = "the wall clock leapt ahead by " + hours_and_minutes(state_.clock_jump) +
                     ": intake waits until it has stayed there for " +
                     hours_and_minutes(options_.jump_stays) + "; `patuhctl clock accept` goes on";
    base::log(base::LogLevel::kError, "intake stands still: " + state_.trouble);
    publish_trouble();
  } else {
    state_.trouble.clear();
    base::log(base::LogLevel::kInfo, "the wall clock is taken as it is: intake goes on");
    publish_now();
  }
  return holds;
}

void Worker::wait_for_clock() {
  on_beat_();
  std::this_thread::sleep_for(kLookAgain);
}

base::Status Worker::clock_accept(const Action& action) {
  if (state_.clock_jump == base::Duration(0)) {
    return base::fail(base::Code::kConflict, "no leap of the wall clock holds up intake");
  }
  clock_watch_.accept();
  if (driver_ == nullptr) return {};
  return note(action);
}

base::Status Worker::note(const Action& action) {
  if (driver_ == nullptr) return base::fail(base::Code::kUnavailable, "no event has come yet");
  return write_action(action, {});
}

base::Status Worker::erase(const std::vector<store::EventPlace>& events, const Action& action) {
  // What the store would refuse must not be handed to it: a batch is tried until it is taken.
  for (const store::EventPlace& place : events) {
    const auto record = store_->read().record(place.seq);
    if (!record) return std::unexpected(record.error());
    const bool there =
        *record && !(*record)->body_deleted && place.event < (*record)->record.events.size() &&
        std::ranges::count(events, place) == 1 &&
        std::ranges::find((*record)->erased, place.event, &store::ErasedEvent::place) ==
            (*record)->erased.end();
    if (!there) {
      return base::fail(base::Code::kNotFound,
                        "event " + text_of(std::span(&place, 1)) +
                            " is not in the log, is named twice, or is erased already");
    }
  }
  if (auto done = write_action(action, events); !done) return done;
  // The old bytes leave the WAL; where they cannot now, they do at the next idle moment.
  if (const base::Status left = store_->idle(); !left) {
    base::log(base::LogLevel::kWarning, "erased bytes may stand in the WAL for a while",
              {{"error", left.error().message}});
  }
  return {};
}

base::Status Worker::write_action(const Action& action, std::vector<store::EventPlace> erased) {
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now =
      clock() == ClockMode::kEvent ? std::max(driver_->now(), last_now_) : wall_now();
  batch.record.payload = encode_action(action);
  batch.erased = std::move(erased);
  if (!write(std::move(batch), stop_)) {
    return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  }
  publish_now();
  return {};
}

void Worker::take_carefully(std::vector<decode::Delivery> deliveries, const std::stop_token& stop) {
  for (decode::Delivery& delivery : deliveries) {
    if (delivery.items.empty() || !careful_.on(channel_of(delivery.items.front()))) {
      std::vector<decode::Delivery> at_once;
      at_once.push_back(std::move(delivery));
      take_events(std::move(at_once), stop);
      continue;
    }
    std::vector<decode::Receipt> receipts;
    const std::size_t count = delivery.items.size();
    const bool interpreted = delivery.changes.size() == count;
    bool whole = true;
    for (std::size_t i = 0; i < count && whole; ++i) {
      decode::Delivery one;
      one.next =
          i + 1 == count ? std::move(delivery.next) : next_behind(delivery.items[i], delivery.next);
      one.items.push_back(std::move(delivery.items[i]));
      if (interpreted) one.changes.push_back(std::move(delivery.changes[i]));
      one.schema = delivery.schema;
      one.done = [&](std::span<const decode::Receipt> got) {
        whole = !got.empty();
        receipts.insert(receipts.end(), got.begin(), got.end());
      };
      take_one(std::move(one), stop);
    }
    if (!whole) receipts.clear();
    if (delivery.done) delivery.done(receipts);
  }
}

// Durable, or given back, when it returns.
void Worker::take_one(decode::Delivery one, const std::stop_token& stop) {
  const auto settled = settle(stop);
  const std::string channel = channel_of(one.items.front());
  base::Result<bool> skip = false;
  while (settled && careful_.on(channel)) {
    skip = careful_.attempt(*store_, one.items.front());
    if (skip || stop.stop_requested()) break;
    complain(skip.error());
    on_beat_();
    std::this_thread::sleep_for(options_.retry_first);
  }
  if (!settled || !skip) return one.done({});
  std::vector<decode::Delivery> alone;
  alone.push_back(std::move(one));
  if (*skip) {
    skip_input(std::move(alone), stop);
  } else {
    take_events(std::move(alone), stop);
  }
  if (settle(stop)) careful_.past(channel);
}

void Worker::skip_input(std::vector<decode::Delivery> alone, const std::stop_token& stop) {
  const base::Instant now = now_for(alone);
  begin_log(now, stop);
  InHand next;
  next.deliveries = std::move(alone);
  decode::Delivery& delivery = next.deliveries.front();
  store::Batch& batch = next.batch;
  batch.quarantined.push_back(quarantined_for_crash(delivery.items.front()));
  const store::Quarantined& row = batch.quarantined.back();
  batch.record.kind = store::RecordKind::kSkip;
  batch.record.now = now;
  batch.record.payload = encode_action({"skip", "patuh", row.message, base::to_hex(row.sha256)});
  for (const model::Position& at : delivery.next) {
    batch.offsets.push_back({at.channel, at.topic, at.partition, at.offset});
  }
  next.receipts.push_back({decode::Taken::kSetAside, row.reason, row.message});
  ++state_.received;
  ++state_.skipped;
  static_cast<void>(hand_over(std::move(next), stop));
}

}  // namespace patuh::pipeline
