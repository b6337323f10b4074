#include "pipeline/worker.h"

#include <algorithm>

namespace patuh::pipeline {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kPatience{100};  // between looks at the time when nothing comes
constexpr milliseconds kPublishEvery{50};
constexpr milliseconds kRetryFirst{100};
constexpr milliseconds kRetryMost{5000};
constexpr std::chrono::seconds kIdleAfter{1};

void add_sources(const engine::Engine& engine, View& view) {
  const auto& role = engine.book().schema->roles.source;
  if (!role) return;
  const registry::Registry& registry = engine.registry();
  registry.for_each(role->kind, [&](model::ElementRef source) {
    const expr::Value heard = registry.value(source, role->last_heard);
    if (!heard.is_null()) view.last_heard.emplace(registry.id_of(source), heard.as_instant());
  });
}

std::string text_of(const registry::Registry& registry, model::ElementRef element,
                    std::optional<model::FieldId> field) {
  if (!field) return {};
  const expr::Value value = registry.value(element, *field);
  return value.kind() == expr::Kind::kString ? std::string(value.as_string()) : std::string();
}

AgencyName agency_of(const registry::Registry& registry, model::ElementRef agency,
                     const model::Roles::Agency& role) {
  const model::Schema& schema = registry.schema();
  AgencyName out;
  out.id = registry.id_of(agency);
  out.name = text_of(registry, agency, schema.kind(role.kind).title_field);
  const std::string kind = text_of(registry, agency, role.owes);
  out.owes_domains = std::ranges::find(role.owing, kind) != role.owing.end();
  out.reporting = std::ranges::all_of(role.domains, [&](const std::string& domain) {
    return std::ranges::any_of(schema.kinds, [&](const model::Kind& candidate) {
      return candidate.domain == domain && !registry.members(agency, candidate.id).empty();
    });
  });
  return out;
}

void add_agencies(const engine::Engine& engine, View& view) {
  const auto& role = engine.book().schema->roles.agency;
  if (!role) return;
  const registry::Registry& registry = engine.registry();
  registry.for_each(role->kind, [&](model::ElementRef agency) {
    const std::string_view code = registry.agency_code(agency);
    if (!code.empty()) view.agencies.emplace(code, agency_of(registry, agency, *role));
  });
}

}  // namespace

Worker::Worker(std::unique_ptr<store::Store> store, std::shared_ptr<const rulebook::RuleBook> book,
               Options options, Recovered recovered)
    : store_(std::move(store)),
      book_(std::move(book)),
      options_(std::move(options)),
      driver_(std::move(recovered.driver)),
      intake_(options_.queue_deliveries) {
  state_.replay_disagreements = recovered.disagreements;
}

base::Status Worker::prepare() {
  auto rows = store_->read().offsets();
  if (!rows) return base::fail(rows, "reading offsets");
  for (const store::OffsetRow& row : *rows) {
    offsets_now_[{row.channel, row.topic, row.partition}] = row.next;
  }
  offsets_.store(std::make_shared<const Offsets>(offsets_now_));
  if (driver_ && driver_->clock() == ClockMode::kWall && options_.clock == ClockMode::kEvent) {
    return base::fail(base::Code::kConflict,
                      "event clock works only before a store's first wall-time record; start "
                      "without it, or on an empty data folder");
  }
  publish(true);
  return {};
}

void Worker::run(const std::stop_token& stop) {
  stop_ = stop;
  last_input_ = Steady::now();
  while (!stop.stop_requested()) {
    run_tasks();
    std::vector<decode::Delivery> deliveries = gather(stop);
    if (deliveries.empty()) {
      pass_time(stop);
    } else {
      write_events(std::move(deliveries), stop);
    }
    publish(false);
    on_beat_();
  }
  // What was taken in but not written is the sender's still: nobody is told otherwise.
  for (decode::Delivery& left : intake_.pop_some(intake_.capacity(), milliseconds(0))) {
    if (left.done) left.done({});
  }
  tasks_.close();
  run_tasks();
  publish(true);
}

milliseconds Worker::patience() const {
  if (driver_ == nullptr || driver_->clock() == ClockMode::kEvent) return kPatience;
  const base::Instant wake = driver_->engine().next_wake();
  if (wake == base::kNever) return kPatience;
  const auto left = std::chrono::ceil<milliseconds>(wake - options_.wall->now());
  return std::clamp(left, milliseconds(0), kPatience);
}

std::vector<decode::Delivery> Worker::gather(const std::stop_token& stop) {
  std::vector<decode::Delivery> out;
  std::size_t events = 0;
  milliseconds wait = patience();
  while (events < options_.batch_events) {
    auto next = intake_.pop_some(1, wait, stop);
    if (next.empty()) break;
    wait = milliseconds(0);
    events += next.front().items.size();
    // A delivery of nothing only woke this thread.
    if (!next.front().items.empty() || next.front().done || !next.front().next.empty()) {
      out.push_back(std::move(next.front()));
    } else if (out.empty()) {
      break;
    }
  }
  return out;
}

base::Status Worker::run_task(Task task, milliseconds wait) {
  auto done = std::make_shared<std::promise<base::Status>>();
  std::future<base::Status> answer = done->get_future();
  Waiting waiting{std::move(task), done};
  if (!tasks_.try_push(waiting)) {
    return base::fail(base::Code::kUnavailable, "the pipeline is busy or has stopped");
  }
  decode::Delivery nudge;
  static_cast<void>(intake_.try_push(nudge));  // a full queue keeps the worker awake anyway
  if (answer.wait_for(wait) != std::future_status::ready) {
    return base::fail(base::Code::kUnavailable, "the pipeline did not answer in time");
  }
  return answer.get();
}

void Worker::run_tasks() {
  for (Waiting& waiting : tasks_.pop_some(tasks_.capacity(), milliseconds(0))) {
    waiting.done->set_value(waiting.task(*this));
  }
}

base::Instant Worker::wall_now() {
  const base::Instant wall = options_.wall->now();
  const base::Instant last = store_->tail().now;
  if (wall < last) ++state_.clock_behind;
  return std::max(wall, last);
}

base::Instant Worker::first_now(std::span<const decode::Delivery> deliveries) const {
  for (const decode::Delivery& delivery : deliveries) {
    for (const decode::Item& item : delivery.items) {
      const auto* const envelope = std::get_if<model::Envelope>(&item);
      if (envelope != nullptr && envelope->time) return *envelope->time;
    }
  }
  return base::Instant{};
}

model::Decoded<model::ChangeEvent> Worker::admit(model::Envelope& envelope,
                                                 base::Instant now) const {
  if (!envelope.time) envelope.time = now;
  if (*envelope.time > options_.wall->now() + kFutureMax) {
    return std::unexpected(model::Fault{
        model::FaultReason::kFutureTime,
        "the event's time " + base::to_rfc3339(*envelope.time) + " lies in the future"});
  }
  return decode::interpret(envelope, *book_->schema);
}

void Worker::write_events(std::vector<decode::Delivery> deliveries, const std::stop_token& stop) {
  last_input_ = Steady::now();
  idle_done_ = false;
  const bool event_clock = (driver_ ? driver_->clock() : options_.clock) == ClockMode::kEvent;
  const base::Instant now = !event_clock ? wall_now()
                            : driver_    ? std::max(driver_->now(), store_->tail().now)
                                         : first_now(deliveries);
  begin_log(now, stop);
  if (stop.stop_requested() && driver_ == nullptr) return;

  store::Batch batch;
  std::vector<model::ChangeEvent> events;
  std::vector<decode::Receipt> receipts;
  std::vector<std::size_t> receipt_of_event;  // place in receipts of each event
  for (decode::Delivery& delivery : deliveries) {
    for (decode::Item& item : delivery.items) {
      ++state_.received;
      if (auto* const rejected = std::get_if<decode::Rejected>(&item)) {
        batch.quarantined.push_back(quarantined(*rejected, rejected->position));
        receipts.push_back(receipt_of(rejected->fault));
        continue;
      }
      auto& envelope = std::get<model::Envelope>(item);
      auto event = admit(envelope, now);
      if (!event) {
        batch.quarantined.push_back(quarantined(envelope, event.error()));
        receipts.push_back(receipt_of(event.error()));
        continue;
      }
      receipt_of_event.push_back(receipts.size());
      receipts.emplace_back();
      events.push_back(std::move(*event));
      batch.record.events.push_back(std::move(envelope));
    }
    for (const model::Position& next : delivery.next) {
      offsets_now_[{next.channel, next.topic, next.partition}] = next.offset;
      batch.offsets.push_back({next.channel, next.topic, next.partition, next.offset});
    }
  }

  const auto began = Steady::now();
  Applied applied = driver_->events(now, events);
  state_.engine_seconds += std::chrono::duration<double>(Steady::now() - began).count();
  for (std::size_t i = 0; i < events.size(); ++i) {
    receipts[receipt_of_event[i]] = receipt_of(applied.outcomes[i], applied.messages[i]);
    if (applied.outcomes[i] == registry::Outcome::kNotPermitted) {
      batch.quarantined.push_back(quarantined(
          batch.record.events[i], {model::FaultReason::kNotPermitted, applied.messages[i]}));
    }
  }
  state_.unknown_attributes += applied.unknown_attributes;
  batch.record.kind = store::RecordKind::kEvents;
  batch.record.now = driver_->now();
  add_rows(std::move(applied), options_.sinks, batch);
  if (!append(batch, stop)) {
    for (decode::Delivery& delivery : deliveries) {
      if (delivery.done) delivery.done({});
    }
    return;
  }
  for (const decode::Receipt& receipt : receipts) {
    ++state_.taken[std::string(decode::name_of(receipt.taken))];
  }
  if (!batch.offsets.empty()) offsets_.store(std::make_shared<const Offsets>(offsets_now_));
  std::size_t at = 0;
  for (decode::Delivery& delivery : deliveries) {
    const std::span all(receipts);
    if (delivery.done) delivery.done(all.subspan(at, delivery.items.size()));
    at += delivery.items.size();
  }
}

void Worker::pass_time(const std::stop_token& stop) {
  if (driver_ == nullptr) return;
  if (!idle_done_ && Steady::now() - last_input_ > kIdleAfter) {
    idle_done_ = store_->idle().has_value();
  }
  if (driver_->clock() == ClockMode::kEvent) return;
  const bool book_waits = book_->hash != driver_->engine().book().hash;
  const base::Instant now = wall_now();
  if (book_waits) begin_log(now, stop);
  if (driver_->engine().next_wake() > now) return;
  store::Batch batch;
  batch.record.kind = store::RecordKind::kTimeStep;
  batch.record.now = now;
  add_rows(driver_->time_step(now), options_.sinks, batch);
  static_cast<void>(append(batch, stop));  // false only when stopping: recovery steps again
}

void Worker::begin_log(base::Instant now, const std::stop_token& stop) {
  if (driver_ != nullptr && book_->hash == driver_->engine().book().hash) return;
  store::Batch batch;
  batch.record.now = now;
  if (driver_ == nullptr && options_.clock == ClockMode::kEvent) {
    batch.record.kind = store::RecordKind::kOperatorAction;
    batch.record.payload = encode_action({"clock", "start", "event clock asked for", "event"});
    if (!append(batch, stop)) return;
  }
  store::Batch pack;
  pack.record.now = now;
  pack.record.kind = store::RecordKind::kPackActivated;
  pack.record.payload = encode_pack(*book_);
  if (driver_ == nullptr) {
    if (!append(pack, stop)) return;
    driver_ = std::make_unique<Driver>(book_, options_.engine, options_.clock);
    return;
  }
  add_rows(driver_->activate(now, book_), options_.sinks, pack);
  static_cast<void>(append(pack, stop));
}

base::Status Worker::activate(std::shared_ptr<const rulebook::RuleBook> book,
                              const Action& action) {
  book_ = std::move(book);
  if (driver_ == nullptr) return {};
  const base::Instant now = driver_->clock() == ClockMode::kEvent ? driver_->now() : wall_now();
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now = now;
  batch.record.payload = encode_action(action);
  if (!append(batch, stop_)) return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  begin_log(now, stop_);
  publish(true);
  return {};
}

base::Status Worker::clock_wall(const Action& action) {
  if (driver_ == nullptr) {
    options_.clock = ClockMode::kWall;
    return {};
  }
  if (driver_->clock() == ClockMode::kWall) {
    return base::fail(base::Code::kConflict, "the store runs on wall time already");
  }
  store::Batch batch;
  batch.record.kind = store::RecordKind::kOperatorAction;
  batch.record.now = std::max(options_.wall->now(), driver_->now());
  batch.record.payload = encode_action(action);
  add_rows(driver_->clock_wall(batch.record.now), options_.sinks, batch);
  if (!append(batch, stop_)) return base::fail(base::Code::kCancelled, "the pipeline is stopping");
  publish(true);
  return {};
}

bool Worker::append(const store::Batch& batch, const std::stop_token& stop) {
  milliseconds wait = kRetryFirst;
  while (true) {
    const auto seq = store_->append(batch);
    if (seq) break;
    // Anything but a disk that is away means that what the engine did cannot be kept: stop, and be
    // recovered from what is durable.
    if (seq.error().code != base::Code::kUnavailable) {
      base::log(base::LogLevel::kError, "the store refuses a batch",
                {{"error", seq.error().message}});
    }
    PATUH_ASSERT(seq.error().code == base::Code::kUnavailable);
    state_.trouble = "the store cannot write: " + seq.error().message;
    base::log(base::LogLevel::kError, "intake stands still: the store cannot write",
              {{"error", seq.error().message}});
    publish(true);
    on_beat_();
    if (stop.stop_requested()) return false;
    std::this_thread::sleep_for(wait);
    wait = std::min(wait * 2, kRetryMost);
  }
  state_.trouble.clear();
  count(batch);
  if (!batch.outbox.empty()) on_outbox_();
  return true;
}

void Worker::count(const store::Batch& batch) {
  ++state_.batches;
  for (const store::Quarantined& row : batch.quarantined) ++state_.set_aside[row.reason];
  for (const model::Transition& row : batch.transitions) {
    ++state_.transitions[std::string(model::name_of(row.to))];
  }
  for (const store::AlertRow& row : batch.alerts) {
    ++(row.phase == store::Phase::kFiring ? state_.alerts_fired : state_.alerts_resolved);
  }
}

void Worker::publish(bool always) {
  const auto at = Steady::now();
  if (!always && at - published_ < kPublishEvery && intake_.size() > 0) return;
  published_ = at;
  auto view = std::make_shared<View>(state_);
  view->wall = options_.wall->now();
  view->now = store_->tail().now;
  view->clock = driver_ ? driver_->clock() : options_.clock;
  view->importing = view->clock == ClockMode::kEvent;
  view->book = book_;
  view->store = store_->stats();
  view->tail = store_->tail();
  view->chain = store_->chain_head();
  view->store_id = store_->store_id();
  view->queue_length = intake_.size();
  view->queue_capacity = intake_.capacity();
  view->tallies = std::make_shared<const engine::Tallies>();
  if (driver_) {
    const engine::Engine& engine = driver_->engine();
    view->tallies = std::make_shared<const engine::Tallies>(engine.tallies());
    view->engine = engine.stats();
    add_sources(engine, *view);
    add_agencies(engine, *view);
  }
  view_.store(std::move(view));
}

}  // namespace patuh::pipeline
