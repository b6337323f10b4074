#include <algorithm>
#include <string>
#include <thread>

#include "kafka/assignment.h"
#include "kafka/batch.h"
#include "kafka/native.h"

namespace patuh::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kStatsPeriod = Milliseconds(250);
// The library throws away what it has fetched when a partition is paused, and after resuming takes
// up to a second to fetch again. A shorter stall is therefore sat out without asking it for
// anything.
constexpr auto kShortPause = Milliseconds(2000);
constexpr auto kEndQueryWait = Milliseconds(500);

bool is_corrupt(rd_kafka_resp_err_t err) {
  return code_of(err) == base::Code::kCorrupt || err == RD_KAFKA_RESP_ERR__UNDERFLOW ||
         err == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

bool is_out_of_range(rd_kafka_resp_err_t err) {
  return err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
         err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
}

bool is_cooperative(rd_kafka_t* native) {
  const char* protocol = rd_kafka_rebalance_protocol(native);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

}  // namespace

struct Consumer::Impl final : Listener {
  Impl(ConsumerOptions with, std::shared_ptr<Handle> opened, std::string group_id)
      : options(std::move(with)), handle(std::move(opened)), group(std::move(group_id)) {}

  rd_kafka_t* native() const { return handle->native; }
  void event(Event happened);
  void publish(bool now);

  // What comes out of consumer_poll.
  void gather(std::size_t most, SteadyClock::time_point deadline);
  void take(NativeMessage message);
  void take_record(NativeMessage message);
  void take_end(const rd_kafka_message_t& message);
  void take_error(const rd_kafka_message_t& message);
  void stop_at(const rd_kafka_message_t& message, Fault::Kind kind);

  // Rebalancing.
  void assign(rd_kafka_topic_partition_list_t& list);
  void revoke(rd_kafka_topic_partition_list_t& list);
  void forget(const Revoked& revoked);

  // Back-pressure.
  void pause_or_resume(bool pause, rd_kafka_topic_partition_list_t* list);
  void pause_or_resume(bool pause);
  bool sit_out(SteadyClock::time_point deadline);
  void query_an_end();

  void on_error(rd_kafka_resp_err_t err, const std::string& reason) override;
  void on_rebalance(rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* list) override;
  void on_commit(rd_kafka_resp_err_t err) override;
  void on_delivery(const rd_kafka_message_t&) override {}

  ConsumerOptions options;
  std::shared_ptr<Handle> handle;
  std::string group;
  Assignment assignment;
  ConsumerStats stats;  // all but the partitions
  base::Published<ConsumerStats> published{std::make_shared<const ConsumerStats>()};
  SteadyClock::time_point published_at{};
  SteadyClock::time_point end_queried_at{};
  std::size_t end_queried = 0;
  SteadyClock::time_point paused_at{};
  bool library_paused = false;
  bool fatal_seen = false;
  bool closed = false;

  // What the running poll() has gathered; null outside of it.
  Batch::Held* held = nullptr;
  std::vector<Event>* events = nullptr;
};

// ── Records and errors ──────────────────────────────────────────────────────────────────────────

void Consumer::Impl::event(Event happened) {
  if (std::holds_alternative<Trouble>(happened)) ++stats.troubles;
  if (std::holds_alternative<Fault>(happened)) ++stats.faults;
  if (events != nullptr) events->push_back(std::move(happened));
  rd_kafka_yield(native());  // back to poll() at once
}

// One message after the other: the library's call for many mixes those from before and after a
// rebalance.
void Consumer::Impl::gather(std::size_t most, SteadyClock::time_point deadline) {
  while (held->records.size() < most && events->empty()) {
    const auto left = held->records.empty() ? deadline - SteadyClock::now() : Milliseconds(0);
    const int wait = to_ms(std::chrono::ceil<Milliseconds>(left));
    NativeMessage message(rd_kafka_consumer_poll(native(), wait));
    if (message == nullptr) break;
    take(std::move(message));
  }
}

void Consumer::Impl::take(NativeMessage message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_record(std::move(message));
  } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    take_end(*message);
  } else {
    take_error(*message);
  }
}

void Consumer::Impl::take_record(NativeMessage message) {
  Holding* holding =
      assignment.find(rd_kafka_topic_name(message->rkt), Partition(message->partition));
  if (holding == nullptr || holding->stopped) return;
  // librdkafka hands out nothing before the position it was given; this is what that rests on.
  if (holding->stats.next && message->offset < holding->stats.next->value) return;
  stats.records += 1;
  stats.bytes += message->len + message->key_len;
  held->add(std::move(message));
  holding->stats.next = Offset(held->records.back().offset.value + 1);
  holding->stats.last_time = held->records.back().time;
}

// Tells the position where reading began at an end of the partition and nothing was there.
void Consumer::Impl::take_end(const rd_kafka_message_t& message) {
  Holding* holding =
      assignment.find(rd_kafka_topic_name(message.rkt), Partition(message.partition));
  if (holding == nullptr) return;
  const Offset end(message.offset);
  if (!holding->stats.next) holding->stats.next = end;
  if (!holding->stats.end || *holding->stats.end < end) holding->stats.end = end;
}

void Consumer::Impl::take_error(const rd_kafka_message_t& message) {
  if (is_out_of_range(message.err)) {
    stop_at(message, Fault::Kind::kOffsetOutOfRange);
  } else if (is_corrupt(message.err)) {
    stop_at(message, Fault::Kind::kCorrupt);
  } else {
    on_error(message.err, handle->secrets.scrub(rd_kafka_message_errstr(&message)));
  }
}

void Consumer::Impl::stop_at(const rd_kafka_message_t& message, Fault::Kind kind) {
  Fault fault{kind, std::nullopt, rd_kafka_message_errstr(&message)};
  if (message.rkt != nullptr) {
    fault.at = {Topic(rd_kafka_topic_name(message.rkt)), Partition(message.partition)};
    Holding* holding = assignment.find(fault.at->topic.value, fault.at->partition);
    if (holding == nullptr || holding->stopped) return;  // no longer ours, or known already
    holding->stopped = true;
    const std::string at = holding->stats.next ? std::to_string(holding->stats.next->value) : "?";
    fault.message = "cannot read " + to_string(*fault.at) + " at offset " + at + ": " +
                    std::move(fault.message);
  }
  event(std::move(fault));
}

void Consumer::Impl::on_error(rd_kafka_resp_err_t err, const std::string& reason) {
  std::array<char, 512> why{};
  const auto fatal = rd_kafka_fatal_error(native(), why.data(), why.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) {
    event(Trouble{{code_of(err), reason}});
  } else if (!fatal_seen) {
    fatal_seen = true;
    const bool fenced = fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    event(Fault{fenced ? Fault::Kind::kFenced : Fault::Kind::kFatal, std::nullopt,
                handle->secrets.scrub(why.data())});
  }
}

void Consumer::Impl::on_commit(rd_kafka_resp_err_t err) {
  ++stats.commits;
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  ++stats.commits_failed;
  base::log(base::LogLevel::kWarning, "kafka: offsets were not committed",
            {{"reason", rd_kafka_err2str(err)}});
}

// ── Rebalancing ─────────────────────────────────────────────────────────────────────────────────

void Consumer::Impl::on_rebalance(rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* list) {
  if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    assign(*list);
  } else if (err == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    revoke(*list);
  } else {
    rd_kafka_assign(native(), nullptr);
    event(Trouble{{code_of(err), std::string("rebalance failed: ") + rd_kafka_err2str(err)}});
  }
}

// Nothing may be asked of partitions right behind this: what begins to read them is on its way
// then, and the library drops it for the newer word (confluentinc/librdkafka issues 2190, 5591). So
// a pause begins anew: it is sat out, and reaches these, too, if it lasts. The event keeps poll()
// from reading on.
void Consumer::Impl::assign(rd_kafka_topic_partition_list_t& list) {
  ++stats.rebalances;
  if (list.cnt > 0) {
    pause_or_resume(false);
    paused_at = SteadyClock::now();
  }
  const std::int64_t when_new = options.when_new == ConsumerOptions::WhenNew::kBeginning
                                    ? RD_KAFKA_OFFSET_BEGINNING
                                    : RD_KAFKA_OFFSET_END;
  Assigned assigned;
  for (rd_kafka_topic_partition_t& element : elements(list)) {
    const TopicPartition at = place_of(element);
    const auto next = options.start_at ? options.start_at(at) : std::nullopt;
    element.offset = next ? next->value : when_new;
    assignment.add(at, next);
    assigned.partitions.push_back(at);
  }
  const auto status =
      is_cooperative(native())
          ? status_of(NativeError(rd_kafka_incremental_assign(native(), &list)), "assign")
          : status_of(rd_kafka_assign(native(), &list), "assign");
  if (!status) event(Fault{Fault::Kind::kFatal, std::nullopt, status.error().message});
  std::ranges::sort(assigned.partitions);
  if (!assigned.partitions.empty()) event(std::move(assigned));
}

void Consumer::Impl::revoke(rd_kafka_topic_partition_list_t& list) {
  ++stats.rebalances;
  Revoked revoked;
  for (const auto& element : elements(list)) revoked.partitions.push_back(place_of(element));
  std::ranges::sort(revoked.partitions);
  revoked.lost = rd_kafka_assignment_lost(native()) != 0;
  if (options.before_revoke && list.cnt > 0) options.before_revoke(revoked);
  // A pause sticks to the partition, also over a revocation: only ours counts.
  if (library_paused) pause_or_resume(false, &list);
  const auto status =
      is_cooperative(native())
          ? status_of(NativeError(rd_kafka_incremental_unassign(native(), &list)), "unassign")
          : status_of(rd_kafka_assign(native(), nullptr), "unassign");
  if (!status) event(Trouble{status.error()});
  forget(revoked);
  if (!revoked.partitions.empty()) event(std::move(revoked));
}

void Consumer::Impl::forget(const Revoked& revoked) {
  for (const TopicPartition& at : revoked.partitions) {
    assignment.remove(at);
    if (held != nullptr) held->drop(at);
  }
}

// ── Back-pressure ───────────────────────────────────────────────────────────────────────────────

void Consumer::Impl::pause_or_resume(bool pause, rd_kafka_topic_partition_list_t* list) {
  if (list->cnt == 0) return;
  const auto err = pause ? rd_kafka_pause_partitions(native(), list)
                         : rd_kafka_resume_partitions(native(), list);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) event(Trouble{{code_of(err), rd_kafka_err2str(err)}});
}

void Consumer::Impl::pause_or_resume(bool pause) {
  if (library_paused == pause) return;
  library_paused = pause;
  std::vector<TopicPartition> all;
  for (const Holding& holding : assignment.list()) all.push_back(holding.stats.at);
  const NativeList list = list_of(all);
  pause_or_resume(pause, list.get());
}

// True while a pause is short: waits, and the library is not to be asked. Then it is paused too.
bool Consumer::Impl::sit_out(SteadyClock::time_point deadline) {
  const auto patience_ends = paused_at + kShortPause;
  if (SteadyClock::now() < patience_ends) {
    std::this_thread::sleep_until(std::min(deadline, patience_ends));
    return true;
  }
  pause_or_resume(true);
  return false;
}

// ── Stats ───────────────────────────────────────────────────────────────────────────────────────

// Nothing is fetched while paused, so nothing tells of new records, and the lag would seem to stand
// still just when it matters. Ask for one partition after the other.
void Consumer::Impl::query_an_end() {
  const auto holdings = assignment.list();
  const auto now = SteadyClock::now();
  if (holdings.empty() || now - end_queried_at < kStatsPeriod) return;
  end_queried_at = now;
  PartitionStats& asked = holdings[++end_queried % holdings.size()].stats;
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto err =
      rd_kafka_query_watermark_offsets(native(), asked.at.topic.value.c_str(),
                                       asked.at.partition.value, &low, &high, to_ms(kEndQueryWait));
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) asked.end = Offset(high);
}

void Consumer::Impl::publish(bool now) {
  const auto at = SteadyClock::now();
  if (!now && at - published_at < kStatsPeriod) return;
  published_at = at;
  auto next = std::make_shared<ConsumerStats>(stats);
  for (Holding& holding : assignment.list()) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_get_watermark_offsets(native(), holding.stats.at.topic.value.c_str(),
                                   holding.stats.at.partition.value, &low, &high);
    if (high >= 0 && (!holding.stats.end || holding.stats.end->value < high)) {
      holding.stats.end = Offset(high);
    }
    next->partitions.push_back(holding.stats);
  }
  published.store(std::move(next));
}

// ── Consumer ────────────────────────────────────────────────────────────────────────────────────

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consumer::~Consumer() { close(); }

base::Result<std::unique_ptr<Consumer>> Consumer::open(ConsumerOptions options) {
  if (options.topics.empty()) {
    return base::fail(base::Code::kInvalid, "kafka: no topic to read from");
  }
  auto configured = configure(options.properties, Role::kConsumer);
  if (!configured) return std::unexpected(configured.error());
  std::string group = configured->group;
  auto handle = open_handle(std::move(*configured), Role::kConsumer);
  if (!handle) return std::unexpected(handle.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*handle), std::move(group));
  impl->handle->listener = impl.get();
  rd_kafka_poll_set_consumer(impl->native());

  std::vector<TopicPartition> topics;
  for (const Topic& topic : impl->options.topics) {
    topics.push_back({topic, Partition(RD_KAFKA_PARTITION_UA)});
  }
  const NativeList list = list_of(topics);
  auto subscribed = status_of(rd_kafka_subscribe(impl->native(), list.get()), "kafka: subscribe");
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(impl)));
  if (!subscribed) return std::unexpected(subscribed.error());
  return consumer;
}

Polled Consumer::poll(std::size_t most, Milliseconds wait) {
  Impl& impl = *impl_;
  PATUH_ASSERT(!impl.closed);
  Polled out;
  out.batch.held_ = std::make_unique<Batch::Held>();
  out.batch.held_->handle = impl.handle;
  impl.held = out.batch.held_.get();
  impl.events = &out.events;
  const auto deadline = SteadyClock::now() + wait;
  if (!impl.stats.paused || !impl.sit_out(deadline)) impl.gather(most, deadline);
  impl.held = nullptr;
  impl.events = nullptr;
  if (impl.stats.paused) impl.query_an_end();
  impl.publish(!out.events.empty());
  return out;
}

void Consumer::pause() {
  if (impl_->stats.paused) return;
  impl_->stats.paused = true;
  impl_->paused_at = SteadyClock::now();
}

void Consumer::resume() {
  impl_->stats.paused = false;
  impl_->pause_or_resume(false);
}

bool Consumer::paused() const { return impl_->stats.paused; }

void Consumer::commit(std::span<const Position> positions) {
  if (positions.empty()) return;
  const NativeList list = list_of(positions);
  const auto err = rd_kafka_commit(impl_->native(), list.get(), 1);
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  base::log(base::LogLevel::kWarning, "kafka: offsets were not committed",
            {{"reason", rd_kafka_err2str(err)}});
}

// By a queue of its own: the library's blocking call waits for a broker that is away without an
// end.
base::Status Consumer::commit_now(std::span<const Position> positions, Milliseconds wait) {
  if (positions.empty()) return {};
  constexpr std::string_view kDoing = "kafka: commit";
  const NativeList list = list_of(positions);
  const NativeQueue queue(rd_kafka_queue_new(impl_->native()));
  const auto err =
      rd_kafka_commit_queue(impl_->native(), list.get(), queue.get(), nullptr, nullptr);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(err, kDoing);
  const NativeEvent answer(rd_kafka_queue_poll(queue.get(), to_ms(wait)));
  if (answer == nullptr) return fail(RD_KAFKA_RESP_ERR__TIMED_OUT, kDoing);
  return status_of(rd_kafka_event_error(answer.get()), kDoing);
}

std::shared_ptr<const ConsumerStats> Consumer::stats() const { return impl_->published.load(); }

base::Result<std::vector<Member>> Consumer::members(Milliseconds wait) const {
  return members_of(impl_->native(), impl_->group, wait);
}

void Consumer::close() {
  if (impl_->closed) return;
  impl_->closed = true;
  const auto err = rd_kafka_consumer_close(impl_->native());
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    base::log(base::LogLevel::kWarning, "kafka: the consumer did not close cleanly",
              {{"reason", rd_kafka_err2str(err)}});
  }
  impl_->publish(true);
  impl_->handle->listener = nullptr;
}

}  // namespace patuh::kafka
