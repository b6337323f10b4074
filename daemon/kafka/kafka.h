// kafka: the one door to Apache Kafka; the only includer of librdkafka.
//
// A consumer that starts where the caller's store says, a producer that does not lose or repeat,
// and the few administrative calls that Patuh needs. It knows bytes, topics, partitions and
// offsets; it knows no event, no store and no rule. Each object belongs to whoever opened it.
//
//   kafka::ConsumerOptions options;
//   options.properties.set("bootstrap.servers", "127.0.0.1:9092");
//   options.properties.set("group.id", "patuh");
//   options.topics = {kafka::Topic("patuh.changes")};
//   options.start_at = [&](const kafka::TopicPartition& at) { return store.next_offset(at); };
//   auto consumer = kafka::Consumer::open(std::move(options));
//   while (running) {
//     kafka::Polled polled = (*consumer)->poll(1000, 100ms);
//     for (const kafka::Record& record : polled.batch.records()) handle(record);
//     save(polled.batch.next());              // in the transaction that makes the records durable
//     (*consumer)->commit(polled.batch.next());  // afterwards; only for lag tools
//   }
//
// Threads: librdkafka has its own; nothing of ours is called on them but base::log. Each class says
// its rule. Errors: kInvalid names the property at fault; kUnavailable = the broker is away, and
// librdkafka goes on trying by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/base.h"

namespace patuh::kafka {

using Milliseconds = std::chrono::milliseconds;

// The largest message that a consumer takes and a producer sends, unless properties say otherwise.
inline constexpr std::uint32_t kMessageBytesMax = 32U * 1024 * 1024;

// ── Where a record is ───────────────────────────────────────────────────────────────────────────

using Topic = base::StrongId<struct TopicTag, std::string>;
using Partition = base::StrongId<struct PartitionTag, std::int32_t>;
// Counts from 0. As a position: the offset of the next record to read.
using Offset = base::StrongId<struct OffsetTag, std::int64_t>;

struct TopicPartition {
  Topic topic;
  Partition partition;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct Position {
  TopicPartition at;
  Offset next;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// "topic[3]", for messages.
std::string to_string(const TopicPartition& at);

// ── Settings ────────────────────────────────────────────────────────────────────────────────────

// librdkafka's settings by their own names, passed through. NAME.file = PATH takes the value of
// NAME from that file (without the newline at its end) when a consumer, producer or admin is
// opened, so that no secret stands in a configuration. Setting a name again replaces its value.
class Properties {
 public:
  void set(std::string name, std::string value);
  // Nothing when not set here (defaults are librdkafka's).
  std::optional<std::string_view> get(std::string_view name) const;

  // For logs: the values of secrets as "***". Ordered by name.
  std::vector<std::pair<std::string, std::string>> masked() const;
  // True for passwords, secrets, private keys, tokens and the like, by the name of the setting.
  static bool is_secret(std::string_view name);

  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

struct PropertyFault {
  std::string name;
  std::string message;  // says what is wrong and, if one is near, which name was meant
};
// Every fault that can be found without a broker: unknown names, bad values, unreadable files,
// names that Patuh sets itself. For checking a configuration; opening reports only the first.
std::vector<PropertyFault> check_consumer(const Properties& properties);
std::vector<PropertyFault> check_producer(const Properties& properties);

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────

struct Header {
  std::string_view name;
  std::string_view value;
};

// One message. Views live as long as the batch that it came in.
struct Record {
  std::string_view topic;
  Partition partition;
  Offset offset;
  std::string_view key;               // data() is null when the message has none
  std::string_view payload;           // likewise: a message without a value
  base::Instant time = base::kNever;  // the producer's or the broker's, as the topic is configured

  // Parsed at each call, in the message's order; names may repeat. One thread at a time per batch.
  std::vector<Header> headers() const;

  const void* message = nullptr;  // private to the module
};

// Messages as librdkafka received them, not copied. May outlive its consumer and be destroyed on
// any thread. It holds the memory of whole fetches (about a megabyte each): do not keep many.
class Batch {
 public:
  Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();

  // In order within a partition.
  std::span<const Record> records() const;
  bool empty() const { return records().empty(); }
  // For each partition with records here, the position after its last one.
  const std::vector<Position>& next() const;

 private:
  friend class Consumer;
  struct Held;
  std::unique_ptr<Held> held_;
};

// What else happened. The records of the same poll were read before; none of a revoked partition
// are among them.
struct Assigned {
  std::vector<TopicPartition> partitions;  // what came on top of what there was
};
struct Revoked {
  std::vector<TopicPartition> partitions;
  bool lost = false;  // another member may have them already: too late to commit
};
// Something fails but librdkafka goes on by itself: a broker away, a topic that is not there yet,
// access denied, polled too late.
struct Trouble {
  base::Error error;
};
// Reading on would lose data or is impossible: intake must stop until somebody has decided. No more
// records come from the partition named, if one is.
struct Fault {
  enum class Kind : std::uint8_t {
    kOffsetOutOfRange,  // the position is no longer, or not yet, in the partition
    kCorrupt,           // bytes that fail their checksum or do not unpack
    kFenced,            // another process joined with the same group.instance.id
    kFatal,             // librdkafka gave up
  };
  Kind kind = Kind::kFatal;
  std::optional<TopicPartition> at;
  std::string message;
};
using Event = std::variant<Assigned, Revoked, Trouble, Fault>;

struct Polled {
  Batch batch;
  std::vector<Event> events;  // in order
};

struct PartitionStats {
  TopicPartition at;
  std::optional<Offset> next;              // where reading goes on; nothing before it is known
  std::optional<Offset> end;               // one past the newest record that the broker told of
  base::Instant last_time = base::kNever;  // time of the last record read; never: none yet

  // Messages not read yet.
  std::optional<std::int64_t> lag() const;
  // How far reading is behind, by the time of the last record read; zero when nothing is waiting.
  std::optional<base::Duration> lag_time(base::Instant now) const;
};

struct ConsumerStats {
  std::vector<PartitionStats> partitions;  // the assigned ones, ordered
  bool paused = false;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of keys and payloads
  std::uint64_t rebalances = 0;
  std::uint64_t troubles = 0;
  std::uint64_t faults = 0;
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
};

struct Member {
  std::string id;           // given by the broker
  std::string instance_id;  // group.instance.id; empty for a dynamic member
  std::string client_id;
  std::string host;
};

struct ConsumerOptions {
  // bootstrap.servers and group.id are needed; group.instance.id makes the membership static, so
  // that a restart takes its own place at once.
  Properties properties;
  std::vector<Topic> topics;
  // Asked for each partition that is assigned, during poll(): the next offset to read, from the
  // store. Nothing: the partition is new to the store. What was read but not stored is read again.
  std::function<std::optional<Offset>(const TopicPartition&)> start_at;
  // Where to start in a partition that is new to the store.
  enum class WhenNew : std::uint8_t { kBeginning, kEnd };
  WhenNew when_new = WhenNew::kBeginning;
  // Called during poll() or close() before partitions are given away, the last chance to commit
  // what is stored. `lost`: they are gone already. May be empty.
  std::function<void(const Revoked&)> before_revoke;
};

// A member of a consumer group. Offsets are the caller's: nothing is committed or skipped by
// itself, and a position that the broker does not have is a Fault, never a silent jump.
//
// Threads: all calls from one thread, but stats() and commit() from any. A call to poll() must come
// within max.poll.interval.ms (5 minutes), also while paused, or the partitions are lost.
class Consumer {
 public:
  // Does not wait for the broker. kInvalid: a property or file, by name.
  static base::Result<std::unique_ptr<Consumer>> open(ConsumerOptions options);
  ~Consumer();  // close(), if it was not called
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Waits up to `wait` for the first message, then takes what has already arrived, up to `most`.
  // Returns early on any event. While paused only events come.
  Polled poll(std::size_t most, Milliseconds wait);

  // Back-pressure: no more records from the next poll() on, also of partitions assigned meanwhile;
  // membership goes on as long as poll() is called. Up to two seconds of pause cost nothing, but
  // events wait for them; after a longer one reading starts again within about a second.
  void pause();
  void resume();
  bool paused() const;

  // Tells the broker, for lag tools only, without waiting; failures are counted and logged. Call it
  // after the positions are stored.
  void commit(std::span<const Position> positions);
  // Waits for the broker's answer, up to `wait`.
  base::Status commit_now(std::span<const Position> positions, Milliseconds wait);

  // As of the last poll(), at most a quarter of a second before it.
  std::shared_ptr<const ConsumerStats> stats() const;

  // Who is in the group, this consumer included. Blocks up to `wait`; kUnavailable, kDenied.
  base::Result<std::vector<Member>> members(Milliseconds wait) const;

  // Gives the partitions back, leaves the group (a static member keeps its place for
  // session.timeout.ms). Only stats() may be called afterwards.
  void close();

 private:
  struct Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────

// All views need to live only during send().
struct Message {
  std::string_view topic;
  std::optional<Partition> partition;  // nothing: by the key's hash, as Java clients place it
  std::string_view key;
  std::string_view payload;  // data() null: a message without a value (a tombstone)
  std::span<const Header> headers;
  std::optional<base::Instant> time;  // nothing: now
  std::uint64_t tag = 0;              // handed back with the delivery report
};

struct ProducerStats {
  std::uint64_t sent = 0;       // taken by send()
  std::uint64_t delivered = 0;  // acknowledged by all in-sync replicas
  std::uint64_t failed = 0;
  std::uint64_t waiting = 0;  // neither yet
};

struct ProducerOptions {
  Properties properties;  // bootstrap.servers is needed
  // Called for each message once its fate is known, on the thread that is in send(), poll() or
  // flush(). May be empty: failures are then counted and logged.
  std::function<void(std::uint64_t tag, const base::Status& delivered)> on_delivery;
};

// Idempotent, acks=all: each message arrives once and in order within its partition, or its
// delivery is reported as failed (message.timeout.ms, 5 minutes). Threads: one thread.
class Producer {
 public:
  static base::Result<std::unique_ptr<Producer>> open(ProducerOptions options);
  // Messages that were not flushed are dropped, and reported as failed.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Copies the message into the local queue; waits up to `wait` for room in it. kExhausted: still
  // full. kInvalid: too large. kNotFound: the topic or partition is known not to exist.
  base::Status send(const Message& message, Milliseconds wait = Milliseconds(10'000));
  // Serves delivery reports for up to `wait`.
  void poll(Milliseconds wait);
  // Waits until every message's fate is known. kUnavailable: some are still waiting after `wait`,
  // or some failed since the last flush.
  base::Status flush(Milliseconds wait);

  ProducerStats stats() const;

 private:
  struct Impl;
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// ── Administration ──────────────────────────────────────────────────────────────────────────────

struct NewTopic {
  Topic name;
  std::int32_t partitions = 1;
  std::int32_t replicas = 1;
  std::map<std::string, std::string> config;  // e.g. retention.ms
};

struct PartitionRange {
  Partition partition;
  Offset begin;  // the oldest record kept
  Offset end;    // one past the newest
};

// Blocking calls, each waiting up to `wait` for the broker. Threads: one thread at a time.
class Admin {
 public:
  // Takes the same properties as a producer.
  static base::Result<std::unique_ptr<Admin>> open(const Properties& properties);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // Returns when the topic can be written to. kExists; kInvalid: the broker refused, and why.
  base::Status create(const NewTopic& topic, Milliseconds wait);
  base::Status remove(const Topic& topic, Milliseconds wait);
  // kNotFound when there is no such topic.
  base::Result<std::vector<PartitionRange>> describe(const Topic& topic, Milliseconds wait);
  // Removes the records before a position, as retention would.
  base::Status trim(const Position& position, Milliseconds wait);
  base::Result<std::vector<Member>> members(const std::string& group, Milliseconds wait) const;
  // The positions committed by a group, of the partitions asked for; those without are left out.
  base::Result<std::vector<Position>> committed(const std::string& group,
                                                std::span<const TopicPartition> partitions,
                                                Milliseconds wait) const;

 private:
  struct Impl;
  explicit Admin(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::kafka
