#include <sys/prctl.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "collectors/kafka/in_flight.h"
#include "collectors/kafka/kafka.h"

namespace patuh::collectors {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPollWait{100};
constexpr milliseconds kPollWaitFull{5};  // while the intake has no room
constexpr milliseconds kCommitEvery{1000};
constexpr milliseconds kCommitWait{2000};
constexpr milliseconds kMembersEvery{30'000};
constexpr milliseconds kMembersWait{2000};
constexpr milliseconds kDrainWait{10'000};
constexpr milliseconds kTroubleEvery{60'000};  // the same one is logged again after this time
// Of messages handed on and not durable yet; beyond it the intake counts as full.
constexpr std::size_t kBytesInFlightMax = std::size_t{64} * 1024 * 1024;

using HeaderPairs = std::vector<std::pair<std::string_view, std::string_view>>;

model::Position position_of(const kafka::TopicPartition& at, kafka::Offset offset) {
  return {"kafka", at.topic.value, at.partition.value, offset.value};
}

void add(const kafka::Record& record, const decode::Limits& limits, HeaderPairs& headers,
         decode::Delivery& delivery) {
  headers.clear();
  decode::Message message;
  for (const kafka::Header& header : record.headers()) {
    headers.emplace_back(header.name, header.value);
    if (base::equal_without_case(header.name, "content-type")) message.content_type = header.value;
  }
  message.body = record.payload;
  message.headers = headers;
  message.position = {"kafka", std::string(record.topic), record.partition.value,
                      record.offset.value};
  decode::decode_into(message, limits, delivery);
}

// Who is in the group besides us; empty when nobody is.
std::string strangers(const std::vector<kafka::Member>& members, std::string_view own) {
  std::string out;
  std::size_t ours = 0;
  for (const kafka::Member& member : members) {
    if (member.instance_id == own && ++ours == 1) continue;
    if (!out.empty()) out += ", ";
    out += member.instance_id.empty() ? member.id : member.instance_id;
    out += " at " + member.host;
  }
  return out;
}

}  // namespace

struct KafkaCollector::Impl {
  Impl(KafkaOptions with, decode::Intake& into) : options(std::move(with)), intake(into) {}

  base::Status open();
  void run(const std::stop_token& stop);
  void finish();

  // Reading and handing on.
  void take(kafka::Polled polled);
  void hand_on();
  bool has_room() const;
  void commit_durable(bool now);
  void before_revoke(const kafka::Revoked& revoked);
  void leave_out(const kafka::TopicPartition& at);

  // What happened besides.
  void on(const kafka::Assigned& assigned);
  void on(const kafka::Revoked& revoked);
  void on(const kafka::Trouble& trouble);
  void on(const kafka::Fault& fault);
  void look_for_strangers();
  void show_stopped();

  KafkaOptions options;
  decode::Intake& intake;
  std::string instance_id;
  std::string group;
  std::unique_ptr<kafka::Consumer> consumer;
  std::shared_ptr<InFlight> in_flight = std::make_shared<InFlight>();

  std::optional<decode::Delivery> waiting;  // decoded, the intake had no room for it
  std::size_t waiting_bytes = 0;
  std::vector<kafka::Position> waiting_next;
  HeaderPairs headers;

  std::string fault;     // for good
  std::string stranger;  // until it has left
  Clock::time_point members_asked{};
  Clock::time_point committed{};
  Clock::time_point trouble_told{};
  std::string last_trouble;

  base::Published<std::string> stopped{std::make_shared<const std::string>()};
  std::atomic<std::uint64_t> deliveries{0};
  std::jthread thread;
};

// ── Reading and handing on ──────────────────────────────────────────────────────────────────────

base::Status KafkaCollector::Impl::open() {
  kafka::ConsumerOptions with;
  with.properties = options.properties;
  with.topics = options.topics;
  with.start_at = [this](const kafka::TopicPartition& at) -> std::optional<kafka::Offset> {
    const auto next = options.next_offset(at.topic.value, at.partition.value);
    if (!next) return std::nullopt;
    return kafka::Offset(*next);
  };
  with.before_revoke = [this](const kafka::Revoked& revoked) { before_revoke(revoked); };
  instance_id = options.properties.get("group.instance.id").value_or("");
  group = options.properties.get("group.id").value_or("");
  auto opened = kafka::Consumer::open(std::move(with));
  if (!opened) return std::unexpected(opened.error());
  consumer = std::move(*opened);
  return {};
}

void KafkaCollector::Impl::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "kafka");
  while (!stop.stop_requested() && !intake.closed() && !in_flight->refused()) {
    take(consumer->poll(options.poll_records, waiting ? kPollWaitFull : kPollWait));
    hand_on();
    commit_durable(false);
    if (Clock::now() - members_asked >= kMembersEvery) look_for_strangers();
    const bool standing = waiting || !fault.empty() || !stranger.empty();
    if (standing) {
      consumer->pause();
    } else {
      consumer->resume();
    }
  }
  finish();
}

// A delivery that still waits for room is dropped: the store's offsets are before it.
void KafkaCollector::Impl::finish() {
  waiting.reset();
  if (!in_flight->drain(kDrainWait)) {
    base::log(base::LogLevel::kWarning, "kafka: stopping before everything read is durable");
  }
  commit_durable(true);
  consumer->close();
}

void KafkaCollector::Impl::take(kafka::Polled polled) {
  if (!polled.batch.empty()) {
    decode::Delivery delivery;
    if (options.schema) delivery.schema = options.schema();
    delivery.items.reserve(polled.batch.records().size());
    if (delivery.schema) delivery.changes.reserve(polled.batch.records().size());
    std::size_t bytes = 0;
    for (const kafka::Record& record : polled.batch.records()) {
      add(record, options.limits, headers, delivery);
      bytes += record.payload.size();
    }
    for (const kafka::Position& position : polled.batch.next()) {
      delivery.next.push_back(position_of(position.at, position.next));
    }
    PATUH_ASSERT(!waiting);  // a paused consumer gives no records
    waiting = std::move(delivery);
    waiting_bytes = bytes;
    waiting_next = polled.batch.next();
  }
  for (const kafka::Event& event : polled.events) {
    std::visit([this](const auto& happened) { on(happened); }, event);
  }
}

bool KafkaCollector::Impl::has_room() const {
  return in_flight->bytes() == 0 || in_flight->bytes() + waiting_bytes <= kBytesInFlightMax;
}

void KafkaCollector::Impl::hand_on() {
  if (!waiting || !has_room()) return;
  InFlight::track(in_flight, *waiting, waiting_next, waiting_bytes);
  if (intake.try_push(*waiting)) {
    waiting.reset();
    ++deliveries;
  } else {
    in_flight->forget(waiting_bytes);
  }
}

void KafkaCollector::Impl::commit_durable(bool now) {
  if (!now && Clock::now() - committed < kCommitEvery) return;
  committed = Clock::now();
  const auto durable = in_flight->take_durable();
  if (!now) return consumer->commit(durable);
  if (auto status = consumer->commit_now(durable, kCommitWait); !status) {
    base::log(base::LogLevel::kWarning, status.error().message);
  }
}

// Whoever reads these partitions next, this process included, starts where the store is: so the
// store first takes what is on its way.
void KafkaCollector::Impl::before_revoke(const kafka::Revoked& revoked) {
  for (const kafka::TopicPartition& at : revoked.partitions) leave_out(at);
  static_cast<void>(in_flight->drain(kDrainWait));
  if (!revoked.lost) commit_durable(true);
}

// Of the delivery that waits for room: whoever has the partition next reads its records.
void KafkaCollector::Impl::leave_out(const kafka::TopicPartition& at) {
  if (!waiting) return;
  const auto there = [&](const model::Position& position) {
    return position.partition == at.partition.value && position.topic == at.topic.value;
  };
  waiting->changes.clear();
  std::erase_if(waiting->items, [&](const decode::Item& item) {
    return std::visit([&](const auto& alternative) { return there(alternative.position); }, item);
  });
  std::erase_if(waiting->next, there);
  std::erase_if(waiting_next, [&](const kafka::Position& position) { return position.at == at; });
  if (waiting->next.empty()) waiting.reset();
}

// ── What happened besides ───────────────────────────────────────────────────────────────────────

void KafkaCollector::Impl::on(const kafka::Assigned& assigned) {
  for (const kafka::TopicPartition& at : assigned.partitions) {
    base::log(base::LogLevel::kInfo, "kafka: reading", {{"partition", to_string(at)}});
  }
  look_for_strangers();
}

void KafkaCollector::Impl::on(const kafka::Revoked& revoked) {
  for (const kafka::TopicPartition& at : revoked.partitions) {
    base::log(base::LogLevel::kInfo, "kafka: no longer reading",
              {{"partition", to_string(at)}, {"lost", revoked.lost ? "yes" : "no"}});
  }
  look_for_strangers();
}

void KafkaCollector::Impl::on(const kafka::Trouble& trouble) {
  const auto now = Clock::now();
  if (trouble.error.message == last_trouble && now - trouble_told < kTroubleEvery) return;
  last_trouble = trouble.error.message;
  trouble_told = now;
  base::log(base::LogLevel::kWarning, "kafka: trouble, retrying",
            {{"code", std::string(name_of(trouble.error.code))}, {"reason", last_trouble}});
}

void KafkaCollector::Impl::on(const kafka::Fault& found) {
  fault = found.message;
  if (found.kind == kafka::Fault::Kind::kOffsetOutOfRange) {
    fault += "; events may be lost: see the topic's retention, and decide where to go on";
  } else if (found.kind == kafka::Fault::Kind::kFenced) {
    fault += "; another process runs with the same group.instance.id (a copied data folder?)";
  }
  show_stopped();
}

void KafkaCollector::Impl::look_for_strangers() {
  members_asked = Clock::now();
  const auto members = consumer->members(kMembersWait);
  if (!members) return on(kafka::Trouble{members.error()});
  const std::string found = strangers(*members, instance_id);
  const std::string says =
      found.empty() ? ""
                    : "another member is in the consumer group \"" + group + "\": " + found +
                          "; each would see only a part of the events, so reading stops until it "
                          "has left";
  if (says == stranger) return;
  stranger = says;
  show_stopped();
}

void KafkaCollector::Impl::show_stopped() {
  const std::string& reason = fault.empty() ? stranger : fault;
  stopped.store(std::make_shared<const std::string>(reason));
  if (reason.empty()) {
    base::log(base::LogLevel::kInfo, "kafka: reading goes on");
  } else {
    base::log(base::LogLevel::kError, "kafka: reading stopped", {{"reason", reason}});
  }
}

// ── KafkaCollector ──────────────────────────────────────────────────────────────────────────────

KafkaCollector::KafkaCollector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaCollector::~KafkaCollector() { stop(); }

base::Result<std::unique_ptr<KafkaCollector>> KafkaCollector::start(KafkaOptions options,
                                                                    decode::Intake& intake) {
  PATUH_ASSERT(options.next_offset);
  auto impl = std::make_unique<Impl>(std::move(options), intake);
  if (auto opened = impl->open(); !opened) return std::unexpected(opened.error());
  impl->thread =
      std::jthread([&running = *impl](const std::stop_token& stop) { running.run(stop); });
  return std::unique_ptr<KafkaCollector>(new KafkaCollector(std::move(impl)));
}

void KafkaCollector::stop() {
  impl_->thread.request_stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

KafkaStats KafkaCollector::stats() const {
  return {*impl_->consumer->stats(), *impl_->stopped.load(), impl_->deliveries};
}

}  // namespace patuh::collectors
